/**
 * The law of a filestorage connection: who may send what, when. Both editions share one table, as their messages mean
 * the same where they have the same name. Which request an answer belongs to is not known to the table (requests.ts):
 * the answer to the AUTHENTICATION is an event of its own, `RESPONSE (Ok)` or `RESPONSE (failure)` whatever message
 * brings it; `RESPONSE (unreadable)` where its word cannot be read. All other answers change nothing.
 *
 * Both sides follow the same states, until the end of its stream (`FIN`) closes a side: a client that has sent all it
 * has may close and still read its answers.
 *
 * Where the client goes on as if it were authenticated, the machine goes on with it: after `auth-not-first` in READY, and
 * behind an answer that nobody could read.
 */
import { breaks, ifPeerSent, ifSelfSent, Machine, stay, to } from '../../src/sdk.ts';
import { authNotFirst, authRepeated, transferAfterRefusal, transferBeforeOk } from './rules/authentication.ts';
import { wrongDirection } from './rules/messages.ts';

export const STATES = ['NEW', 'AUTHENTICATING', 'READY', 'REFUSED', 'CLOSED'] as const;
export type State = (typeof STATES)[number];

const ROLES = ['client', 'server'] as const;

const EVENTS = [
  'AUTHENTICATION',
  'RESPONSE',
  'TRANSFER',
  'ERROR',
  'UPLOAD-REQUEST',
  'DOWNLOAD-REQUEST',
  'RESPONSES',
  'RESPONSE (Ok)',
  'RESPONSE (failure)',
  'RESPONSE (unreadable)',
  'FIN',
] as const;
type Event = (typeof EVENTS)[number];

const misplaced = breaks(wrongDirection);
const notFirst = breaks(authNotFirst, 'READY');
const repeated = breaks(authRepeated);
const closes = to('CLOSED');

/** The server's messages, in the client's rows. */
const notClients = {
  RESPONSE: misplaced,
  ERROR: misplaced,
  RESPONSES: misplaced,
  'RESPONSE (Ok)': misplaced,
  'RESPONSE (failure)': misplaced,
  'RESPONSE (unreadable)': misplaced,
} as const;
/** The client's messages, in the server's rows. */
const notServers = {
  AUTHENTICATION: misplaced,
  TRANSFER: misplaced,
  'UPLOAD-REQUEST': misplaced,
  'DOWNLOAD-REQUEST': misplaced,
} as const;
const unchanged = { others: stay } as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED'],
  events: EVENTS,
  send: {
    client: {
      NEW: {
        ...notClients,
        AUTHENTICATION: to('AUTHENTICATING'),
        TRANSFER: notFirst,
        'UPLOAD-REQUEST': notFirst,
        'DOWNLOAD-REQUEST': notFirst,
        FIN: closes,
      },
      AUTHENTICATING: {
        ...notClients,
        AUTHENTICATION: repeated,
        TRANSFER: ifPeerSent<State, Event>('RESPONSE (unreadable)', to('READY'), breaks(transferBeforeOk)),
        FIN: closes,
        others: stay,
      },
      READY: {
        ...notClients,
        AUTHENTICATION: ifSelfSent<State, Event>('AUTHENTICATION', repeated, to('AUTHENTICATING')),
        FIN: closes,
        others: stay,
      },
      REFUSED: {
        ...notClients,
        AUTHENTICATION: repeated,
        TRANSFER: breaks(transferAfterRefusal),
        FIN: closes,
        others: stay,
      },
      CLOSED: { ...notClients, others: stay },
    },
    server: {
      NEW: { ...notServers, FIN: closes, others: stay },
      AUTHENTICATING: {
        ...notServers,
        'RESPONSE (Ok)': to('READY'),
        'RESPONSE (failure)': to('REFUSED'),
        FIN: closes,
        others: stay,
      },
      // A second AUTHENTICATION, which breaks a rule of its own, may be refused: the first one holds.
      READY: { ...notServers, FIN: closes, others: stay },
      REFUSED: { ...notServers, 'RESPONSE (Ok)': to('READY'), FIN: closes, others: stay },
      CLOSED: { ...notServers, others: stay },
    },
  },
  receive: {
    client: {
      NEW: unchanged,
      AUTHENTICATING: { 'RESPONSE (Ok)': to('READY'), 'RESPONSE (failure)': to('REFUSED'), others: stay },
      READY: unchanged,
      REFUSED: { 'RESPONSE (Ok)': to('READY'), others: stay },
      CLOSED: unchanged,
    },
    server: {
      NEW: {
        AUTHENTICATION: to('AUTHENTICATING'),
        TRANSFER: to('READY'),
        'UPLOAD-REQUEST': to('READY'),
        'DOWNLOAD-REQUEST': to('READY'),
        others: stay,
      },
      AUTHENTICATING: {
        TRANSFER: ifSelfSent<State, Event>('RESPONSE (unreadable)', to('READY'), stay),
        others: stay,
      },
      READY: { AUTHENTICATION: ifPeerSent<State, Event>('AUTHENTICATION', stay, to('AUTHENTICATING')), others: stay },
      REFUSED: unchanged,
      CLOSED: unchanged,
    },
  },
  // In force once the server has refused.
  rulesOfStates: [transferAfterRefusal.id],
});

/** CLOSED once both sides have ended; until then the state of a side that has not. */
export function stateOfBoth(client: number, server: number): number {
  return STATES[client] === 'CLOSED' ? server : client;
}
