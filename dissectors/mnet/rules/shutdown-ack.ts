/** Rules about SHUTDOWN-ACK. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { laterOfShutdownAck, rememberingSides, silenceAfterEnding } from './later.ts';

export const shutdownAckUnsolicited: Rule<Exchange> = {
  id: 'mnet/shutdown-ack-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'SHUTDOWN-ACK',
  says: 'SHUTDOWN-ACK acknowledges that a SHUTDOWN was received.',
  summary: 'SHUTDOWN-ACK comes though the other side sent no SHUTDOWN',
  why: 'It acknowledges what was never said; the peer may take its connection for closing.',
  example: 'an established connection, then SHUTDOWN-ACK',
  later: laterOfShutdownAck,
  atEnd: silenceAfterEnding,
  excuse: 'acknowledges a SHUTDOWN that was not captured',
  describe: rememberingSides(({ receiverState, isTagStrange }) => ({
    message: 'SHUTDOWN-ACK though the other side has sent no SHUTDOWN',
    expected: 'SHUTDOWN-ACK in answer to SHUTDOWN only',
    actual: `the other side is ${receiverState}`,
    bytes: { offset: 0, length: 1 },
    facts: [Number(isTagStrange)],
  })),
};
