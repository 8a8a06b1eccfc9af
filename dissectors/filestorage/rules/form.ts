/** Rules about the form of every message: that it is one JSON object. Its members are the affair of members.ts. */
import type { Evidence, JsonFault, JsonValue, RuleDocument } from '../../../src/sdk.ts';
import { KINDS, spanOf } from '../evidence.ts';
import { HEAD_LENGTH } from '../layouts.ts';

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

/** @param length of the message */
export function wordsOfFault({ reason, offset }: JsonFault, length: number): Evidence {
  const at = HEAD_LENGTH + offset;
  return {
    message: `the payload is not JSON: ${reason}`,
    expected: 'one JSON object',
    actual: `${reason}, at byte ${at}`,
    bytes: { offset: Math.min(at, length), length: at < length ? 1 : 0 },
  };
}

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

export const wordsOfOther = (json: JsonValue): Evidence => ({
  message: `the payload is JSON, but ${KINDS[json.kind]}`,
  expected: 'an object',
  actual: KINDS[json.kind],
  bytes: spanOf(json),
});
