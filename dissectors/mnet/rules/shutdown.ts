/** Rules about SHUTDOWN, SHUTDOWN-ACK, SHUTDOWN-COMPLETE and ABORT: how a connection ends. */
import type { Rule } from '../../../src/sdk.ts';
import { type Exchange, frames } from '../exchange.ts';

export const dataAfterShutdown: Rule<Exchange> = {
  id: 'mnet/data-after-shutdown',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'SHUTDOWN',
  summary: 'DATA with new bytes comes from a side that has sent SHUTDOWN',
  why: 'SHUTDOWN says that no new DATA follows. The peer may have counted the stream as finished and loses the rest. (Bare acknowledgements and retransmissions are allowed.)',
  example: 'SHUTDOWN, then DATA with a higher OutgoingSequence from the same side',
  describe: ({ sender, senderDetail, sequence }) => ({
    message: 'DATA with new bytes from a side that has sent SHUTDOWN',
    expected: `nothing beyond byte ${sender.highest}`,
    actual: `bytes up to ${sequence}`,
    bytes: { offset: 4, length: 4 },
    relatedFrames: frames(senderDetail.endFrame),
  }),
};

export const shutdownBeforeEstablished: Rule<Exchange> = {
  id: 'mnet/shutdown-before-established',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'SHUTDOWN',
  summary: 'SHUTDOWN comes before the handshake is complete',
  why: 'There is no connection yet that could be shut down; ABORT is the way to give up a handshake.',
  example: 'INIT, COOKIE, SHUTDOWN',
  describe: ({ detail, senderState }) => ({
    message: 'SHUTDOWN before the handshake is complete',
    expected: 'COOKIE-ACK first',
    actual: `SHUTDOWN in state ${senderState}`,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.initFrame, detail.echoFrame),
  }),
};

/** An answer that nothing asked for. */
function unsolicited(answer: string, question: string) {
  return ({ receiverState }: Exchange) => ({
    message: `${answer} though the other side has sent no ${question}`,
    expected: `${answer} in answer to ${question} only`,
    actual: `the other side is ${receiverState}`,
    bytes: { offset: 0, length: 1 },
  });
}

export const shutdownAckUnsolicited: Rule<Exchange> = {
  id: 'mnet/shutdown-ack-unsolicited',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'SHUTDOWN-ACK',
  summary: 'SHUTDOWN-ACK comes though the other side sent no SHUTDOWN',
  why: 'It acknowledges what was never said; the peer may take its connection for closing.',
  example: 'an established connection, then SHUTDOWN-ACK',
  describe: unsolicited('SHUTDOWN-ACK', 'SHUTDOWN'),
};

export const shutdownCompleteUnsolicited: Rule<Exchange> = {
  id: 'mnet/shutdown-complete-unsolicited',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'SHUTDOWN-COMPLETE',
  summary: 'SHUTDOWN-COMPLETE comes though the other side sent no SHUTDOWN-ACK',
  why: 'It ends the connection before the peer has agreed: what the peer still had to send is lost.',
  example: 'SHUTDOWN, then SHUTDOWN-COMPLETE from the same side',
  describe: unsolicited('SHUTDOWN-COMPLETE', 'SHUTDOWN-ACK'),
};

export const afterClose: Rule<Exchange> = {
  id: 'mnet/after-close',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'SHUTDOWN-COMPLETE',
  summary: 'a message comes after SHUTDOWN-COMPLETE from the side that sent it, or DATA or SHUTDOWN from the other',
  why: 'The connection is over on both sides: such a message reaches nobody, or another connection. (Older datagrams, and SHUTDOWN-ACK and SHUTDOWN-COMPLETE sent again, are allowed.)',
  example: 'SHUTDOWN, SHUTDOWN-ACK, SHUTDOWN-COMPLETE, DATA',
  describe: ({ messageName, senderDetail, receiverDetail }) => ({
    message: `${messageName} after the connection was closed`,
    expected: 'nothing after SHUTDOWN-COMPLETE',
    actual: messageName,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(senderDetail.endFrame, receiverDetail.endFrame),
  }),
};

export const afterAbort: Rule<Exchange> = {
  id: 'mnet/after-abort',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: 'ABORT',
  summary: 'a message comes from the side that has sent ABORT',
  why: 'ABORT says that nothing further will be delivered. (Older datagrams, and what crosses from the other side, are not reported.)',
  example: 'ABORT, then DATA with new bytes from the same side',
  describe: ({ messageName, senderDetail }) => ({
    message: `${messageName} from the side that has sent ABORT`,
    expected: 'nothing after ABORT',
    actual: messageName,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(senderDetail.endFrame),
  }),
};
