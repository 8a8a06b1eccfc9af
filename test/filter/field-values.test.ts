/** All values of a field in a message, as people are shown them. */
import { describe, expect, test } from 'vitest';
import { FilterError } from '../../src/filter/error.ts';
import { fieldValues } from '../../src/filter/field-values.ts';
import { MessageSubject } from '../../src/filter/message-subject.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { catalogue, finding, letter, matches, parcel } from './post.ts';

const ORIGIN = { seconds: 1000, nanoseconds: 0 };

const valuesOf = (field: string, message: SeenMessage): readonly string[] => [
  ...fieldValues(field, catalogue).of(new MessageSubject(message, ORIGIN)),
];

function complaint(field: string): string {
  try {
    fieldValues(field, catalogue);
    return 'fine';
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

test.each([
  ['post.type', ['LETTER (1)']],
  ['post.weight', ['1000']],
  ['post.tag', ['0x0a0b0c']],
  ['post.sent', ['2023-11-14T22:13:20Z']],
  ['post.place', ['Oslo']],
  ['post.mark', ['x']],
  ['post.box', []],
  ['frame', ['7']],
  ['time', ['1.5']],
  ['type', ['LETTER']],
  ['addr', ['10.0.0.1:40000', '10.0.0.2:9000']],
  ['rule', []],
  ['comment', []],
])('%s of a letter', (field, values) => {
  expect(valuesOf(field, letter())).toEqual(values);
});

test('a field that differs in kind is shown as it is in each message', () => {
  expect([valuesOf('post.mark', letter()), valuesOf('post.mark', parcel('00ff'))]).toEqual([['x'], ['9']]);
  expect([valuesOf('post.box', parcel('00ff')), valuesOf('bytes', parcel('00ff'))]).toEqual([
    ['00ff'],
    ['0200050900ff'],
  ]);
});

test('what is said twice counts once', () => {
  const twice = letter('{}', { findings: [finding, finding, { ...finding, ruleId: 'toy/other' }] });
  expect(valuesOf('rule', twice)).toEqual(['toy/count', 'toy/other']);
  expect(valuesOf('severity', twice)).toEqual(['warning']);
});

describe('in JSON', () => {
  const json = '{"a":["x","y","x"],"n":18446744073709551615,"o":{"p":1},"t":true,"s":"a\\u0000b"}';
  test.each([
    ['post.content.a[*]', ['x', 'y']],
    ['post.content.a[1]', ['y']],
    ['post.content.a', ['[3 items]']],
    ['post.content.n', ['18446744073709551615']],
    ['post.content.o', ['{1 member}']],
    ['post.content.t', ['true']],
    ['post.content.s', ['a\0b']],
    ['post.content.nothing', []],
    ['post.content', [json]],
  ])('%s', (field, values) => {
    expect(valuesOf(field, letter(json))).toEqual(values);
  });
});

describe('a filter for a value', () => {
  const json = '{"a":["x \\"y","12",12,true,"\\u001b"]}';

  test.each(['post.type', 'post.weight', 'post.tag', 'post.place', 'post.content.a[*]', 'type', 'src', 'frame'])(
    'of %s finds the messages that have it, and no others',
    field => {
      const values = fieldValues(field, catalogue);
      const message = letter(json);
      const texts = [...values.of(new MessageSubject(message, ORIGIN))];
      expect(texts.length).toBeGreaterThan(0);
      const others = parcel('00', { name: 'PARCEL (big)', from: '10.0.0.3:1' });
      others.message.frame = 8;
      for (const text of texts) {
        const filter = values.filterFor(text) ?? 'none';
        expect([filter, matches(filter, message), matches(filter, others)]).toEqual([filter, true, false]);
      }
    },
  );

  test('of bytes, and of none', () => {
    const { filterFor } = fieldValues('post.box', catalogue);
    expect([filterFor('00ff'), matches('post.box == 0x00ff', parcel('00ff'))]).toEqual(['post.box == 0x00ff', true]);
    expect(filterFor('')).toBeUndefined();
  });

  test('of a time there is none, nor of what differs in kind', () => {
    expect(fieldValues('post.mark', catalogue).filterFor('x')).toBeUndefined();
    expect(fieldValues('time', catalogue).filterFor('1.5')).toBeUndefined();
    expect(fieldValues('post.sent', catalogue).filterFor('2023-11-14T22:13:20Z')).toBeUndefined();
  });
});

test.each([
  ['', 'expected a field'],
  ['post.weight > 1', 'a field alone'],
  ['post.weigth', 'did you mean post.weight'],
  ['finding', 'no values to count by'],
  ['post', 'no values to count by'],
  ['post.weight.x', 'has no members'],
])('%j is no field to count by', (field, says) => {
  expect(complaint(field)).toContain(says);
});
