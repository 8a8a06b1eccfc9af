/** Rules about SHUTDOWN-COMPLETE, and about what follows it. */
import { frames, type Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import {
  factsOfLateMessage,
  laterOfLateMessage,
  laterOfShutdownComplete,
  silenceAboutLateMessage,
  silenceSaysYes,
} from './later.ts';

export const shutdownCompleteUnsolicited: Rule<Exchange> = {
  id: 'mnet/shutdown-complete-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'SHUTDOWN-COMPLETE',
  says: 'SHUTDOWN-COMPLETE acknowledges that a SHUTDOWN-ACK was received.',
  summary: 'SHUTDOWN-COMPLETE comes though the other side sent no SHUTDOWN-ACK',
  why: 'It ends the connection before the peer has agreed: what the peer still had to send is lost.',
  example: 'SHUTDOWN, then SHUTDOWN-COMPLETE from the same side',
  later: laterOfShutdownComplete,
  atEnd: silenceSaysYes,
  excuse: 'acknowledges a SHUTDOWN-ACK that was not captured',
  describe: ({ receiverState, isTagStrange }) => ({
    message: 'SHUTDOWN-COMPLETE though the other side has sent no SHUTDOWN-ACK',
    expected: 'SHUTDOWN-COMPLETE in answer to SHUTDOWN-ACK only',
    actual: `the other side is ${receiverState}`,
    bytes: { offset: 0, length: 1 },
    facts: [Number(isTagStrange)],
  }),
};

export const afterClose: Rule<Exchange> = {
  id: 'mnet/after-close',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'SHUTDOWN-COMPLETE',
  summary: 'a message comes after SHUTDOWN-COMPLETE from the side that sent it, or DATA or SHUTDOWN from the other',
  why: 'The connection is over on both sides: such a message reaches nobody, or another connection. (Older datagrams, and SHUTDOWN-ACK and SHUTDOWN-COMPLETE sent again, are allowed.)',
  example: 'SHUTDOWN, SHUTDOWN-ACK, SHUTDOWN-COMPLETE, DATA',
  later: laterOfLateMessage,
  atEnd: silenceAboutLateMessage,
  excuse: 'may be a late copy of a message that was not captured',
  describe: exchange => ({
    message: `${exchange.messageName} after the connection was closed`,
    expected: 'nothing after SHUTDOWN-COMPLETE',
    actual: exchange.messageName,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(exchange.senderDetail.endFrame, exchange.receiverDetail.endFrame),
    facts: factsOfLateMessage(exchange),
  }),
};
