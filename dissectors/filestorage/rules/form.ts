/** Rules about the form of every message: that it is one JSON object. Its members are the affair of members.ts. */
import { type Evidence, isJsonFault, type JsonFault, type JsonValue } from '../../../src/sdk.ts';
import { KINDS, spanOf } from '../evidence.ts';
import { HEAD_LENGTH } from '../layouts.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';
import { MEMBER_BITS } from './members.ts';

export const notJson = contentRule({
  id: 'filestorage/not-json',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'the payload is not UTF-8, or not one JSON value',
  why: 'Its receiver cannot read it and, as it has no message id that could be read, cannot even say so to the one who waits.',
  example: '{"message-id":"...","token":}',
});

/** @param length of the message */
function wordsOfFault({ reason, offset }: JsonFault, length: number): Evidence {
  const at = HEAD_LENGTH + offset;
  return {
    message: `the payload is not JSON: ${reason}`,
    expected: 'one JSON object',
    actual: `${reason}, at byte ${at}`,
    bytes: { offset: Math.min(at, length), length: at < length ? 1 : 0 },
  };
}

export const notObject = contentRule({
  id: 'filestorage/not-object',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'the payload is JSON but no object',
  why: 'Every message is an object with named members; nothing else can be understood.',
  example: '[{"message-id":"..."}]',
});

const wordsOfOther = (json: JsonValue): Evidence => ({
  message: `the payload is JSON, but ${KINDS[json.kind]}`,
  expected: 'an object',
  actual: KINDS[json.kind],
  bytes: spanOf(json),
});

/** What cannot be judged where the JSON cannot be read. */
const FORM_BITS = notJson.bit | notObject.bit | MEMBER_BITS;

/** Is the payload one JSON object? @param length of the message */
export function judgeForm(
  json: JsonValue | JsonFault | undefined,
  length: number,
  outcomes: Outcomes,
): json is JsonValue {
  if (json === undefined || (isJsonFault(json) && !json.judged)) {
    outcomes.withholds(FORM_BITS);
    return false;
  }
  outcomes.applies(notJson.bit);
  if (isJsonFault(json)) {
    outcomes.breaks(notJson, wordsOfFault(json, length));
    return false;
  }
  outcomes.applies(notObject.bit);
  if (json.kind === 'object') return true;
  outcomes.breaks(notObject, wordsOfOther(json));
  return false;
}
