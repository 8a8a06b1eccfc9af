import { expect, test } from 'vitest';
import { count, covering, list, oneOf, orNull, record, ShapeError, text } from '../../src/blob/shape.ts';

const shape = record(
  { name: text, rows: list(record({ frame: count, ends: orNull(text) })) },
  { kind: oneOf('a', 'b') },
);

function problemOf(value: unknown): string {
  try {
    shape(value);
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
  return 'fits';
}

const ROW = { frame: 1, ends: null };

test('what fits is taken, without what nobody knows', () => {
  const given = { name: 'x', rows: [{ ...ROW, more: 1 }], kind: 'a', other: true };
  expect(shape(given)).toEqual({ name: 'x', rows: [ROW], kind: 'a' });
});

test.each([
  [null, 'no object'],
  [[], 'no object'],
  [{ rows: [] }, 'name: missing'],
  [{ name: 1, rows: [] }, 'name: no text'],
  [{ name: 'x', rows: {} }, 'rows: no list'],
  [{ name: 'x', rows: [ROW, { frame: -1, ends: null }] }, 'rows[1].frame: no whole number'],
  [{ name: 'x', rows: [{ frame: 1.5, ends: null }] }, 'rows[0].frame: no whole number'],
  [{ name: 'x', rows: [{ frame: 1, ends: 2 }] }, 'rows[0].ends: no text'],
  [{ name: 'x', rows: [], kind: 'c' }, 'kind: none of a, b'],
])('%j: %s', (value, problem) => {
  expect(problemOf(value)).toBe(problem);
});

test('what an object inherits is not there', () => {
  expect(() => record({ toString: text })({})).toThrow('toString: missing');
});

test('the shape of a type knows all of its members, those that may be absent too', () => {
  interface Row {
    readonly frame: number;
    readonly end?: string;
  }
  const row = covering<Row>()(record({ frame: count }, { end: text }));
  expect(row({ frame: 1, end: 'x' })).toEqual({ frame: 1, end: 'x' });
  // @ts-expect-error It lacks `end`: the compiler says so.
  expect(covering<Row>()(record({ frame: count }))({ frame: 1, end: 'x' })).toEqual({ frame: 1 });
});
