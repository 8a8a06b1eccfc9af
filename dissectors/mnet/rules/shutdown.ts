/** Rules about SHUTDOWN. */
import { frames, type Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import {
  laterOfDataAfterShutdown,
  laterOfEarlyShutdown,
  rememberingSides,
  silenceAfterEnding,
  silenceAfterLateData,
} from './later.ts';

export const dataAfterShutdown: Rule<Exchange> = {
  id: 'mnet/data-after-shutdown',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'SHUTDOWN',
  says: 'A host that has sent SHUTDOWN can no longer send new DATA.',
  summary: 'DATA with new bytes comes from a side that has sent SHUTDOWN',
  why: 'SHUTDOWN says that no new DATA follows. The peer may have counted the stream as finished and loses the rest. (Bare acknowledgements and retransmissions are allowed.)',
  example: 'SHUTDOWN, then DATA with a higher OutgoingSequence from the same side',
  later: laterOfDataAfterShutdown,
  atEnd: silenceAfterLateData,
  excuse: 'counts bytes that were not captured',
  describe: ({ sender, senderDetail, sequence, gap }) => ({
    message: 'DATA with new bytes from a side that has sent SHUTDOWN',
    expected: `nothing beyond byte ${sender.highest}`,
    actual: `bytes up to ${sequence}`,
    bytes: { offset: 4, length: 4 },
    relatedFrames: frames(senderDetail.endFrame),
    facts: [Number(gap > 0)],
  }),
};

export const shutdownBeforeEstablished: Rule<Exchange> = {
  id: 'mnet/shutdown-before-established',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'SHUTDOWN',
  summary: 'SHUTDOWN comes before the handshake is complete',
  why: 'There is no connection yet that could be shut down; ABORT is the way to give up a handshake.',
  example: 'INIT, COOKIE, SHUTDOWN',
  later: laterOfEarlyShutdown,
  atEnd: silenceAfterEnding,
  excuse: 'follows on a COOKIE-ACK that was not captured',
  describe: rememberingSides(({ detail, senderState, now, isTagStrange, unsentAcknowledged }) => ({
    message: 'SHUTDOWN before the handshake is complete',
    expected: 'COOKIE-ACK first',
    actual: `SHUTDOWN in state ${senderState}`,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.initFrame, detail.echoFrame),
    // Bytes of the other side were missed, and so may its step of the handshake have been.
    facts: [Number(isTagStrange || unsentAcknowledged > 0), now],
  })),
};
