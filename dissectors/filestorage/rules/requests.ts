/** Rules about requests and their answers, which the message id ties together. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';

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
