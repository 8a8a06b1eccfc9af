/**
 * Rules about requests and their answers, which the message id ties together. Words of a finding come from functions of
 * their own, as in transfers.ts.
 */
import { BROKEN, type Evidence, INCONCLUSIVE, PASS, type Rule, type Subject } from '../../../src/sdk.ts';
import type { Connection } from '../connection.ts';
import type { Content } from '../content.ts';
import { NO_EVIDENCE, shortened } from '../evidence.ts';
import type { Court, Exchange } from '../exchange.ts';
import { atMember, ID_NAMES } from '../lookup.ts';
import type { Request } from '../requests.ts';
import { MARK } from '../row.ts';

export const messageIdReused: Rule<Exchange> = {
  id: 'filestorage/message-id-reused',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'Why message id?',
  summary: 'two requests on one connection have the same message id',
  why: 'The id is there to tell what the server really got. With two requests of one id, an answer may belong to either.',
  example: 'two TRANSFERs with "message-id": "0b1f1c6e-..."',
};

/** @param earlier frame of the request that has had this id; 0 for none that is known */
export function judgeMessageId(
  judge: Court,
  connection: Connection,
  content: Content,
  earlier: number,
  subject: Subject,
): void {
  if (earlier === 0) {
    const unsure = connection.has(MARK.PARTIAL | MARK.FORGOT_IDENTIFIERS);
    judge.enter(messageIdReused, unsure ? INCONCLUSIVE : PASS, subject, NO_EVIDENCE);
    return;
  }
  judge.enter(messageIdReused, BROKEN, subject, wordsOfReused(content, earlier, subject));
}

function wordsOfReused({ messageId = '' }: Content, earlier: number, { message }: Subject): () => Evidence {
  return () => ({
    message: `the request in frame ${earlier} has the same message id`,
    expected: 'an id of its own for each request',
    actual: shortened(messageId),
    ...atMember(message, ID_NAMES),
    relatedFrames: [earlier],
  });
}

export const responseUnsolicited: Rule<Exchange> = {
  id: 'filestorage/response-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'protocol overview',
  summary: 'an answer comes when no request is outstanding',
  why: 'The client may take it for the answer to its next request, and all later ones for those to the request before.',
  example: 'AUTHENTICATION, RESPONSE Ok, RESPONSE Ok',
};

/** @param request that an answer may be to, if there is one */
export function judgeUnsolicited(
  judge: Court,
  { outstanding }: Connection,
  request: Request | undefined,
  subject: Subject,
): void {
  const outcome = request ? PASS : outstanding.forgotSome ? INCONCLUSIVE : BROKEN;
  const words = () => ({
    message: `${subject.messageName} answers nothing: no request is outstanding`,
    expected: 'no answer',
    actual: subject.messageName,
  });
  judge.enter(responseUnsolicited, outcome, subject, outcome === BROKEN ? words : NO_EVIDENCE);
}

export const responseIdMismatch: Rule<Exchange> = {
  id: 'filestorage/response-id-mismatch',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'RESPONSE, message-id',
  summary: 'the message id of an answer is that of no outstanding request',
  why: 'The client cannot know which part the server has stored, and must send it again or give up.',
  example: 'a request with id 0b1f1c6e-..., answered with id 77aa02d1-...',
};

/** The id of an answer names nothing. @param oldest the request that is taken for the one that it answers */
export function judgeMismatch(
  judge: Court,
  { outstanding }: Connection,
  oldest: Request,
  content: Content,
  subject: Subject,
): void {
  const { frame, messageName } = oldest;
  const outcome = outstanding.forgotSome ? INCONCLUSIVE : BROKEN;
  const words = () => ({
    message: `the message id of this ${subject.messageName} is that of no outstanding request`,
    expected: `the id of the ${messageName} in frame ${frame}`,
    actual: shortened(content.messageId ?? ''),
    ...atMember(subject.message, ID_NAMES),
    relatedFrames: [frame],
  });
  judge.enter(responseIdMismatch, outcome, subject, outcome === BROKEN ? words : NO_EVIDENCE);
}

export const requestUnanswered: Rule<Exchange> = {
  id: 'filestorage/request-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: 'protocol overview',
  summary: 'a request has no answer when the connection closes in order, or for answerTimeout',
  why: 'The client does not know whether the server has what it sent. Reported on the frame that was left waiting.',
  example: 'TRANSFER, then FIN of the server',
};

/** @param seconds that were allowed; undefined where the server closed its side instead of answering */
export function wordsOfUnanswered(messageName: string, seconds: number | undefined): Evidence {
  const closed = seconds === undefined;
  return {
    message: `${messageName} has no answer ${closed ? 'when the server closes' : `for ${seconds} s`}`,
    expected: closed ? 'an answer first' : `an answer within ${seconds} s`,
    actual: 'none',
  };
}
