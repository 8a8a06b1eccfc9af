/**
 * The law of a bare libipc connection, which is next to none: there is no handshake, either side may send whatever it
 * likes, and closing is closing the socket. SERVER_CLOSE announces nothing that could be held against anyone: what ends
 * a side is the end of its stream, `FIN` here.
 */
import { Machine, stay, to } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';

export const STATES = ['OPEN', 'CLOSED'] as const;
type State = (typeof STATES)[number];

export const ROLES = ['client', 'server'] as const;
const EVENTS = ['SERVER_CLOSE', 'ERR', 'DATA', 'NETWORK_LOOKUP', 'FIN'] as const;
type Event = (typeof EVENTS)[number];

/** Event of the end of a side's stream; the others have their message's code point. */
export const FIN = EVENTS.indexOf('FIN');
export const OPEN = STATES.indexOf('OPEN');
export const CLOSED = STATES.indexOf('CLOSED');

/** The connection is over once both sides have ended. */
export function stateOfBoth(client: number, server: number): number {
  return client === CLOSED && server === CLOSED ? CLOSED : OPEN;
}

const sends = { OPEN: { FIN: to('CLOSED'), others: stay }, CLOSED: { others: stay } } as const;
const receives = { OPEN: { others: stay }, CLOSED: { others: stay } } as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED'],
  events: EVENTS,
  send: { client: sends, server: sends },
  receive: { client: receives, server: receives },
  rulesOfStates: [],
});

if (LAYOUTS.some(({ name }, code) => EVENTS[code] !== name)) {
  throw new Error('the events of the machine must begin with the messages, in the order of their code points');
}
