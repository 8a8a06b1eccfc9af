/** Rules about the words of an answer. Whether it answers anything is a matter of the connection. */
import type { JsonValue } from '../../../src/sdk.ts';
import { quoted } from '../evidence.ts';
import { WORDS } from '../members.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';
import type { Edition } from '../terms.ts';

export const responseValue = contentRule({
  id: 'filestorage/response-value',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, response',
  summary: '"response" is a string other than the words of the edition',
  why: 'The client cannot tell whether it may go on.',
  example: '{"message-id":"...","response":"OK"}',
});

/** What the word says; undefined where it is none. */
export function judgeWord(
  value: JsonValue,
  path: string,
  edition: Edition,
  outcomes: Outcomes,
): 'ok' | 'failure' | undefined {
  outcomes.applies(responseValue.bit);
  const { success, failure } = WORDS[edition];
  if (success.includes(value.text)) return 'ok';
  if (failure.includes(value.text)) return 'failure';
  const words = [...success, ...failure].map(word => `"${word}"`).join(', ');
  outcomes.breaksBy(responseValue, value, `${quoted(path)} is ${quoted(value.text)}`, `one of ${words}`);
  return undefined;
}

export const errorWithoutReason = contentRule({
  id: 'filestorage/error-without-reason',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, reason',
  summary: 'a response "Error" does not say why',
  why: 'The client cannot tell its user what to do, nor whether another attempt makes sense.',
  example: '{"message-id":"...","response":"Error"}',
});

/** 2019-12: does an error say why? @param word of the answer */
export function judgeError(message: JsonValue, word: JsonValue, outcomes: Outcomes): void {
  outcomes.applies(errorWithoutReason.bit);
  if (message.members.some(({ name }) => name === 'reason')) return;
  outcomes.breaksBy(errorWithoutReason, word, 'the error has no reason', 'a "reason"', 'absent');
}

export const reasonWithOk = contentRule({
  id: 'filestorage/reason-with-ok',
  severity: 'info',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'RESPONSE, reason',
  summary: 'a response "Ok" gives a reason',
  why: 'A reason belongs to an error; perhaps the word is wrong.',
  example: '{"message-id":"...","response":"Ok","reason":"disk full"}',
});

/** @param reason that an answer of success gives, if it gives one */
export function judgeSuccess(reason: JsonValue | undefined, outcomes: Outcomes): void {
  outcomes.applies(reasonWithOk.bit);
  if (reason) outcomes.breaksBy(reasonWithOk, reason, 'a response of success gives a reason', 'no reason');
}
