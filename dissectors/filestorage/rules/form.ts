/** Rules about the form of every message: that it is one JSON object. Its members are the affair of members.ts. */
import type { RuleDocument } from '../../../src/sdk.ts';

export const notJson: RuleDocument = {
  id: 'filestorage/not-json',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'the payload is not UTF-8, or not one JSON value',
  why: 'Its receiver cannot read it and, as it has no message id that could be read, cannot even say so to the one who waits.',
  example: '{"message-id":"...","token":}',
};

export const notObject: RuleDocument = {
  id: 'filestorage/not-object',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'the payload is JSON but no object',
  why: 'Every message is an object with named members; nothing else can be understood.',
  example: '[{"message-id":"..."}]',
};
