/** Rules about sessions and connections as a whole, which the tracker watches. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';

export const leftOpen: Rule<Exchange> = {
  id: 'ministreaming/left-open',
  severity: 'info',
  offByDefault: true,
  atFault: 'none',
  restsOn: 'unseen',
  clause: 'Close',
  summary: 'a connection is still open where the capture, or its flow, ends',
  why: 'Most often the capture was ended first. Where it was not, a connection that nobody closes is memory that nobody frees.',
  example: 'SYN, ACK, DATA, and the end of the capture',
};

export const unknownSession: Rule<Exchange> = {
  id: 'ministreaming/unknown-session',
  severity: 'info',
  atFault: 'none',
  restsOn: 'unseen',
  midstream: true,
  clause: 'SYN',
  summary: 'the first message of a session is no SYN: it is taken up midstream',
  why: 'The capture began later than the session. What needs to know all its ids is inconclusive from here on.',
  example: 'a capture whose first message is DATA',
};
