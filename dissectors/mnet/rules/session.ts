/** Rules that the tracker watches: what never came, and what had to be inferred. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { laterOfEchoWait, laterOfShutdownWait } from './later.ts';

export const handshakeIncomplete: Rule<Exchange> = {
  id: 'mnet/handshake-incomplete',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: 'INIT, COOKIE-ECHO',
  summary: 'INIT or COOKIE-ECHO has no answer for answerTimeout',
  why: 'The listener is down, unreachable or ignores the connector; reported on the frame left waiting, the first of them when it was sent again.',
  example: 'INIT, and nothing for 5 s of capture time',
  later: laterOfEchoWait,
  excuse: 'was answered by a message that was not captured',
};

export const shutdownIncomplete: Rule<Exchange> = {
  id: 'mnet/shutdown-incomplete',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: 'SHUTDOWN, SHUTDOWN-ACK',
  summary: 'SHUTDOWN or SHUTDOWN-ACK has no answer for answerTimeout',
  why: 'The side that waits keeps the connection and its memory; it cannot know whether its last bytes arrived.',
  example: 'SHUTDOWN, and nothing for 5 s of capture time',
  later: laterOfShutdownWait,
  excuse: 'was answered by a message that was not captured',
};

export const unknownConnection: Rule<Exchange> = {
  id: 'mnet/unknown-connection',
  severity: 'info',
  atFault: 'none',
  restsOn: 'unseen',
  midstream: true,
  clause: 'INIT',
  summary: 'a message other than INIT comes on a pair never seen before: the connection is taken up midstream',
  why: 'The capture began later than the connection. What needs its beginning is inconclusive from here on.',
  example: 'a capture whose first frame is DATA',
};

export const ambiguousReading: Rule<Exchange> = {
  id: 'mnet/ambiguous-reading',
  severity: 'info',
  atFault: 'none',
  restsOn: 'unseen',
  midstream: true,
  clause: 'integers; PeerConnectionTag',
  summary: 'the byte order, or whose tag the messages carry, was inferred',
  why: 'The specification leaves both open, so this run settled them from the traffic. --dialect mnet.byteOrder=... and mnet.tags=... settle them for good.',
  example: 'a DATA whose DataLength fits its datagram in little-endian only',
};
