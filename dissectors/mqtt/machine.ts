/**
 * The law of a connection: who may send what, when, by packet type alone. What a Packet Identifier, a limit or a session
 * forbids is judged beside it (`standing.ts`, the rules of content).
 *
 * A client need not wait for CONNACK (§3.1.4), so nothing that it sends behind CONNECT is out of turn. A CONNACK is one of
 * two events: the one that accepts, and the one that refuses.
 */
import { breaks, type Cell, ifSelfSent, Machine, stay, to } from '../../src/sdk.ts';

export const ROLES = ['client', 'server'] as const;
export const STATES = [
  'NEW',
  'CONNECTING',
  'AUTHENTICATING',
  'CONNECTED',
  'REFUSED',
  'DISCONNECTING',
  'CLOSED',
] as const;
export type State = (typeof STATES)[number];

/** The packets in the order of their types, then what is distinguished beyond them. */
const EVENTS = [
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
  'CONNACK (refusal)',
  'FIN',
] as const;
type Event = (typeof EVENTS)[number];

/** Event of a packet type; of a CONNACK that refuses, and of the end of a side's stream. */
export const eventOf = (type: number): number => type - 1;
export const REFUSAL_EVENT = EVENTS.indexOf('CONNACK (refusal)');
export const FIN_EVENT = EVENTS.indexOf('FIN');

const wrong = breaks('mqtt/wrong-direction');
const notClients = {
  CONNACK: wrong,
  'CONNACK (refusal)': wrong,
  SUBACK: wrong,
  UNSUBACK: wrong,
  PINGRESP: wrong,
} as const;
const notServers = { CONNECT: wrong, SUBSCRIBE: wrong, UNSUBSCRIBE: wrong, PINGREQ: wrong } as const;

const notFirst = breaks<State>('mqtt/connect-not-first', 'CONNECTED');
const repeated = breaks('mqtt/connect-repeated');
const early = breaks<State>('mqtt/connack-not-first', 'CONNECTED');
const refused = breaks('mqtt/after-refusal');
const disconnected = breaks('mqtt/after-disconnect');
const closed = { FIN: to('CLOSED') } as const;

/** What a client may send behind its CONNECT. */
const clients = { ...notClients, ...closed, CONNECT: repeated, DISCONNECT: to('DISCONNECTING'), others: stay } as const;
/** Before the CONNACK that accepts, a server may send AUTH alone. */
const beforeConnack = {
  ...notServers,
  ...closed,
  CONNACK: to('CONNECTED'),
  'CONNACK (refusal)': to('REFUSED'),
  AUTH: to('AUTHENTICATING'),
  DISCONNECT: breaks<State>('mqtt/disconnect-before-connack', 'DISCONNECTING'),
  others: early,
} as const;

const over = { CLOSED: { others: stay } } as const;
const unchanged = { others: stay } as const;
const answered: Readonly<Partial<Record<Event, Cell<State, Event>>>> = {
  CONNACK: to('CONNECTED'),
  'CONNACK (refusal)': to('REFUSED'),
};

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED'],
  events: EVENTS,
  send: {
    client: {
      NEW: { ...notClients, ...closed, CONNECT: to('CONNECTING'), others: notFirst },
      CONNECTING: clients,
      AUTHENTICATING: clients,
      // Who began with another packet may still send its CONNECT: one fault, one finding.
      CONNECTED: { ...clients, CONNECT: ifSelfSent<State, Event>('CONNECT', repeated, stay) },
      REFUSED: clients,
      DISCONNECTING: { ...notClients, ...closed, others: disconnected },
      ...over,
    },
    server: {
      NEW: {
        ...beforeConnack,
        CONNACK: breaks<State>('mqtt/connack-unsolicited', 'CONNECTED'),
        'CONNACK (refusal)': breaks<State>('mqtt/connack-unsolicited', 'REFUSED'),
        AUTH: early,
      },
      CONNECTING: beforeConnack,
      AUTHENTICATING: { ...beforeConnack, AUTH: stay },
      CONNECTED: {
        ...notServers,
        ...closed,
        CONNACK: ifSelfSent<State, Event>('CONNACK', breaks('mqtt/connack-repeated'), stay),
        'CONNACK (refusal)': ifSelfSent<State, Event>('CONNACK', breaks('mqtt/connack-repeated'), to('REFUSED')),
        DISCONNECT: to('DISCONNECTING'),
        others: stay,
      },
      REFUSED: { ...notServers, ...closed, others: refused },
      DISCONNECTING: { ...notServers, ...closed, others: disconnected },
      ...over,
    },
  },
  receive: {
    client: {
      NEW: { ...answered, others: stay },
      CONNECTING: { ...answered, AUTH: to('AUTHENTICATING'), others: stay },
      AUTHENTICATING: { ...answered, others: stay },
      CONNECTED: unchanged,
      REFUSED: unchanged,
      DISCONNECTING: unchanged,
      ...over,
    },
    server: {
      NEW: { CONNECT: to('CONNECTING'), FIN: stay, others: to('CONNECTED') },
      CONNECTING: unchanged,
      AUTHENTICATING: unchanged,
      CONNECTED: unchanged,
      REFUSED: unchanged,
      DISCONNECTING: unchanged,
      ...over,
    },
  },
  rulesOfStates: ['mqtt/after-refusal', 'mqtt/after-disconnect'],
});
