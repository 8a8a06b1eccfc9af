/** Rules about the words of an answer. Whether it answers anything is a matter of the connection. */
import type { RuleDocument } from '../../../src/sdk.ts';

export const responseValue: RuleDocument = {
  id: 'filestorage/response-value',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, response',
  summary: '"response" is a string other than the words of the edition',
  why: 'The client cannot tell whether it may go on.',
  example: '{"message-id":"...","response":"OK"}',
};

export const errorWithoutReason: RuleDocument = {
  id: 'filestorage/error-without-reason',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, reason',
  summary: 'a response "Error" does not say why',
  why: 'The client cannot tell its user what to do, nor whether another attempt makes sense.',
  example: '{"message-id":"...","response":"Error"}',
};

export const reasonWithOk: RuleDocument = {
  id: 'filestorage/reason-with-ok',
  severity: 'info',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, reason',
  summary: 'a response "Ok" gives a reason',
  why: 'A reason belongs to an error; perhaps the word is wrong.',
  example: '{"message-id":"...","response":"Ok","reason":"disk full"}',
};
