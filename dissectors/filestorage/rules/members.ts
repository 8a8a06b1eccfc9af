/** Rules about the members that each message has, in both editions. The tables are in ../members.ts. */
import type { RuleDocument } from '../../../src/sdk.ts';

export const missingField: RuleDocument = {
  id: 'filestorage/missing-field',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member that the message must have is absent',
  why: 'Its receiver refuses the message, or goes on with a value that it made up.',
  example: 'an AUTHENTICATION without "token"; in the edition 2019-12 also one with "mid" in place of "message-id"',
};

export const fieldType: RuleDocument = {
  id: 'filestorage/field-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member has the wrong JSON type',
  why: 'Programs that read JSON into typed records refuse the whole message.',
  example: '{"name":"hello.txt","size":"33"}',
};

export const duplicateField: RuleDocument = {
  id: 'filestorage/duplicate-field',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'a member appears twice in one object',
  why: 'Some programs take the first, some the last, some refuse the message: the two sides may act on different values. Here the last is judged.',
  example: '{"response":"Ok","response":"Error"}',
};

export const unknownField: RuleDocument = {
  id: 'filestorage/unknown-field',
  severity: 'info',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member that the specification does not have',
  why: 'It is ignored at best. Often it is a misspelt name of one that is missing.',
  example: '{"message-id":"...","token":"...","files":[],"tag":["holidays"]}',
};

export const messageIdFormat: RuleDocument = {
  id: 'filestorage/message-id-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, message-id',
  summary: "a request's message id is a string but no UUID",
  why: 'Ids that are not made as UUIDs collide, and then answers are taken for those to other requests.',
  example: '{"message-id":"42","token":"...","files":[]}',
};
