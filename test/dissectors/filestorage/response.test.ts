import { describe, expect, test } from 'vitest';
import { broken, examined, ID, OTHER_ID, passed, pointed, RESPONSE } from './examining.ts';

const IN_2020 = { edition: '2020-01' } as const;
const answer2020 = (response: string, more: object = {}) => ({ mid: ID, response, ...more });
const answers = (...words: readonly string[]) => ({
  mid: ID,
  responses: words.map(response => ({ mid: OTHER_ID, response })),
  response: 'Ok',
});

describe('the words of 2019-12', () => {
  test('are Ok and Error', () => {
    expect(examined(RESPONSE, 'RESPONSE').response).toBe('ok');
    expect(examined({ ...RESPONSE, response: 'Error', reason: 'no' }, 'RESPONSE').response).toBe('failure');
  });

  test.each(['', 'OK', 'ok', 'error', 'Ok ', 'Not Ok', 'Upload OK'])('%j is none of them', response => {
    expect(pointed({ ...RESPONSE, response }, 'RESPONSE')).toEqual([['response-value', JSON.stringify(response)]]);
    expect(examined({ ...RESPONSE, response }, 'RESPONSE').response).toBeUndefined();
  });
});

describe('the words of 2020-01', () => {
  test.each<[word: string, response: string]>([
    ['Ok', 'ok'],
    ['Upload OK', 'ok'],
    ['Download OK', 'ok'],
    ['Not Ok', 'failure'],
    ['Not OK', 'failure'],
  ])('%s is %s', (word, response) => {
    expect(examined(answer2020(word), 'RESPONSE', IN_2020)).toMatchObject({ faults: [], response });
    expect(broken(answers(word), 'RESPONSES', IN_2020)).toEqual([]);
  });

  test.each(['Error', 'OK', 'upload ok'])('%j is none of them', word => {
    expect(broken(answer2020(word), 'RESPONSE', IN_2020)).toEqual(['response-value']);
  });

  test('each answer of a RESPONSES is judged, the outermost is taken', () => {
    expect(pointed(answers('Ok', 'Error', 'Fine'), 'RESPONSES', IN_2020)).toEqual([
      ['response-value', '"Error"'],
      ['response-value', '"Fine"'],
    ]);
    expect(examined(answers('Not Ok'), 'RESPONSES', IN_2020)).toMatchObject({ response: 'ok', messageId: ID });
  });
});

describe('the reason', () => {
  test('is missing from an Error', () => {
    expect(pointed({ ...RESPONSE, response: 'Error' }, 'RESPONSE')).toEqual([['error-without-reason', '"Error"']]);
  });

  test('stands with an Error, even an empty one', () => {
    const payload = { ...RESPONSE, response: 'Error', reason: '' };
    expect(broken(payload, 'RESPONSE')).toEqual([]);
    expect(passed(payload, 'RESPONSE')).toContain('error-without-reason');
  });

  test('of the wrong type is not also missing', () => {
    expect(broken({ ...RESPONSE, response: 'Error', reason: null }, 'RESPONSE')).toEqual(['field-type']);
  });

  test('may be missing in 2020-01', () => {
    expect(broken(answer2020('Not Ok'), 'RESPONSE', IN_2020)).toEqual([]);
    expect(passed(answer2020('Not Ok'), 'RESPONSE', IN_2020)).not.toContain('error-without-reason');
  });

  test('stands with an Ok', () => {
    expect(pointed({ ...RESPONSE, reason: 'why not' }, 'RESPONSE')).toEqual([['reason-with-ok', '"why not"']]);
    expect(broken(answer2020('Upload OK', { reason: 'x' }), 'RESPONSE', IN_2020)).toEqual(['reason-with-ok']);
  });

  test('stands with a word that is none', () => {
    expect(broken({ ...RESPONSE, response: 'OK', reason: 'x' }, 'RESPONSE')).toEqual(['response-value']);
  });

  test('is not asked of requests', () => {
    expect(passed({ mid: ID, reason: 'x' }, 'ERROR', IN_2020)).not.toContain('reason-with-ok');
  });
});
