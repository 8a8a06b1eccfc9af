/**
 * The law of a connection: who may send what, when. One state a connection, not one a side: the carrier keeps the order
 * and loses nothing, so what an end may send follows from what it has sent itself and from what the other end has been
 * seen to send; nothing changes on arrival.
 *
 * What crosses on the wire decides two cells. DATA after the other end's CLOSE may have been sent before that arrived, and
 * breaks nothing (`data-crossing-close` is an info); CLOSE after the other end's CLOSE ends the connection. All else an
 * end can know when it sends: the server has seen the SYN, the client the ACK, and each knows what it sent itself.
 *
 * `NONE` is before the SYN: an id that names no connection is looked up in its row. The state to go on in there is for
 * connections that were met in the middle.
 */
import { breaks, ifPeerSent, ifSelfSent, Machine, stay, to } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';

export const STATES = ['NONE', 'SYN-SENT', 'OPEN', 'CLIENT-CLOSED', 'SERVER-CLOSED', 'CLOSED', 'REFUSED'] as const;
export type State = (typeof STATES)[number];
export const ROLES = ['client', 'server'] as const;
const EVENTS = ['DATA (client)', 'SYN', 'CLOSE (client)', 'DATA (server)', 'ACK', 'CLOSE (server)'] as const;
type Event = (typeof EVENTS)[number];

const wrong = breaks('ministreaming/wrong-direction');
const notClients = { 'DATA (server)': wrong, ACK: wrong, 'CLOSE (server)': wrong } as const;
const notServers = { 'DATA (client)': wrong, SYN: wrong, 'CLOSE (client)': wrong } as const;

const unknownData = (next?: State) => breaks<State>('ministreaming/data-unknown-id', next);
const unknownClose = (next?: State) => breaks<State>('ministreaming/close-unknown-id', next);
const inUse = (next?: State) => breaks<State>('ministreaming/syn-id-in-use', next);
const crossing = breaks('ministreaming/data-crossing-close');
const dataAfterClose = breaks('ministreaming/data-after-close');
const closedTwice = breaks('ministreaming/close-duplicate');
const ackTwice = breaks('ministreaming/ack-duplicate');
const ackTooLate = breaks('ministreaming/ack-after-close');

/** No server id was given yet, so none can be named. */
const notOpen = { ...notClients, 'DATA (client)': unknownData(), 'CLOSE (client)': unknownClose() } as const;
/** A SYN with a free id begins another connection. */
const free = { ...notClients, SYN: stay } as const;
const closedByServer = {
  ...notServers,
  'DATA (server)': dataAfterClose,
  ACK: ackTooLate,
  'CLOSE (server)': closedTwice,
} as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED', 'REFUSED'],
  events: EVENTS,
  send: {
    client: {
      NONE: {
        ...notClients,
        SYN: to('SYN-SENT'),
        'DATA (client)': unknownData('OPEN'),
        'CLOSE (client)': unknownClose('CLIENT-CLOSED'),
      },
      'SYN-SENT': { ...notOpen, SYN: inUse() },
      OPEN: { ...notClients, SYN: inUse(), 'DATA (client)': stay, 'CLOSE (client)': to('CLIENT-CLOSED') },
      'CLIENT-CLOSED': {
        ...notClients,
        SYN: inUse('SYN-SENT'),
        'DATA (client)': dataAfterClose,
        'CLOSE (client)': closedTwice,
      },
      'SERVER-CLOSED': {
        ...notClients,
        SYN: inUse('SYN-SENT'),
        'DATA (client)': crossing,
        'CLOSE (client)': to('CLOSED'),
      },
      CLOSED: { ...free, 'DATA (client)': dataAfterClose, 'CLOSE (client)': closedTwice },
      // An ACK that came too late has given the client an id, which it cannot be blamed for using.
      REFUSED: {
        ...free,
        'DATA (client)': ifPeerSent<State, Event>('ACK', stay, unknownData()),
        'CLOSE (client)': ifPeerSent<State, Event>('ACK', stay, unknownClose()),
      },
    },
    server: {
      NONE: {
        ...notServers,
        'DATA (server)': unknownData('OPEN'),
        ACK: breaks<State>('ministreaming/ack-unexpected', 'OPEN'),
        'CLOSE (server)': unknownClose('SERVER-CLOSED'),
      },
      'SYN-SENT': {
        ...notServers,
        // Said once: after it the server evidently takes the connection for open.
        'DATA (server)': ifSelfSent<State, Event>('DATA (server)', stay, breaks('ministreaming/data-before-ack')),
        ACK: to('OPEN'),
        'CLOSE (server)': to('REFUSED'),
      },
      OPEN: { ...notServers, 'DATA (server)': stay, ACK: ackTwice, 'CLOSE (server)': to('SERVER-CLOSED') },
      'CLIENT-CLOSED': { ...notServers, 'DATA (server)': crossing, ACK: ackTwice, 'CLOSE (server)': to('CLOSED') },
      'SERVER-CLOSED': closedByServer,
      CLOSED: closedByServer,
      REFUSED: {
        ...notServers,
        'DATA (server)': ifSelfSent<State, Event>('ACK', stay, breaks('ministreaming/data-after-refusal')),
        ACK: ackTooLate,
        'CLOSE (server)': ifSelfSent<State, Event>('ACK', stay, closedTwice),
      },
    },
  },
  receive: { client: unchanged(), server: unchanged() },
  rulesOfStates: [
    'ministreaming/data-after-close',
    'ministreaming/data-after-refusal',
    'ministreaming/ack-after-close',
    'ministreaming/data-crossing-close',
  ],
});

/** The state is the connection's: sending has changed it already. */
function unchanged(): Record<State, { others: typeof stay }> {
  return Object.fromEntries(STATES.map(state => [state, { others: stay }])) as Record<State, { others: typeof stay }>;
}

export const stateNumber = (name: State): number => STATES.indexOf(name);
/** From this state on nobody may send any more. */
const FIRST_FINAL = stateNumber('CLOSED');
export const isFinal = (state: number): boolean => state >= FIRST_FINAL;

if (LAYOUTS.some(({ name }, type) => EVENTS[type] !== name)) {
  throw new Error('the events of the machine must be the messages, in the order of their type numbers');
}
