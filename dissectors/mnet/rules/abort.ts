/** Rules about ABORT, and about what follows it. */
import { frames, type Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { factsOfLateMessage, laterOfLateMessage, silenceAboutLateMessage } from './later.ts';

export const afterAbort: Rule<Exchange> = {
  id: 'mnet/after-abort',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'ABORT',
  says: 'ABORT ends the session, and its receiver should assume that no further packet reaches the application.',
  summary: 'a message comes from the side that has sent ABORT',
  why: 'ABORT says that nothing further will be delivered. (Older datagrams, and what crosses from the other side, are not reported.)',
  example: 'ABORT, then DATA with new bytes from the same side',
  later: laterOfLateMessage,
  atEnd: silenceAboutLateMessage,
  excuse: 'may be a late copy of a message that was not captured',
  describe: exchange => ({
    message: `${exchange.messageName} from the side that has sent ABORT`,
    expected: 'nothing after ABORT',
    actual: exchange.messageName,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(exchange.senderDetail.endFrame),
    facts: factsOfLateMessage(exchange),
  }),
};
