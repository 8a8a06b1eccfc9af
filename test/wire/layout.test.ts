import { describe, expect, test } from 'vitest';
import { defineLayout, type FieldKind, type FieldRow, type FieldSize, OF_MESSAGE } from '../../src/wire/layout.ts';

function row(name: string, offset: number, size: FieldSize, kind: FieldKind = 'bytes'): FieldRow {
  return { name, title: name, offset, size, kind, meaning: 'm', clause: 'c' };
}

function layoutOf(...fields: FieldRow[]) {
  return defineLayout({ name: 'GREETING', code: 7, meaning: 'm', clause: 'c', fields });
}

describe('a sound table', () => {
  test('knows its least length and whether a message may be longer', () => {
    const closed = layoutOf(row('type', 0, 1), row('tag', 1, 3));
    const open = layoutOf(row('type', 0, 1), row('data', 1, 'rest'));
    expect([closed.fixedLength, closed.open]).toEqual([4, false]);
    expect([open.fixedLength, open.open]).toEqual([1, true]);
  });

  test('gives every field under its name, with all of its properties', () => {
    const { fields, rows } = layoutOf(row('type', 0, 1, 'uint'), row('data', 1, 'rest'));
    expect(rows).toEqual([fields.type, fields.data]);
    expect(fields.type).toMatchObject({
      ...row('type', 0, 1, 'uint'),
      rest: false,
      order: OF_MESSAGE,
      labels: undefined,
      brief: true,
    });
    expect(fields.data).toMatchObject({ size: 0, rest: true });
  });

  test('leaves a field out of summaries only on request', () => {
    expect(layoutOf({ ...row('type', 0, 1), brief: false }).fields.type.brief).toBe(false);
  });

  test('may be empty', () => {
    expect(layoutOf()).toMatchObject({ rows: [], fixedLength: 0, open: false });
  });

  test('a field named like a property of every object is a field like others', () => {
    expect(layoutOf(row('constructor', 0, 1)).rows).toHaveLength(1);
  });
});

describe('a wrong table is refused at load, with the place', () => {
  test.each<[situation: string, rows: FieldRow[], problem: string]>([
    ['fields overlap', [row('type', 0, 2), row('tag', 1, 3)], 'layout GREETING: field tag is at 1, not at 2'],
    ['a hole is left', [row('type', 0, 1), row('tag', 2, 3)], 'layout GREETING: field tag is at 2, not at 1'],
    ['the first field is not at the start', [row('type', 1, 1)], 'layout GREETING: field type is at 1, not at 0'],
    ['a name stands twice', [row('tag', 0, 1), row('tag', 1, 1)], 'layout GREETING: field tag stands there twice'],
    [
      'a field stands behind the rest',
      [row('data', 0, 'rest'), row('tag', 0, 1)],
      'layout GREETING: field tag stands behind one that takes the rest',
    ],
    [
      'an integer has nine bytes',
      [row('count', 0, 9, 'uint')],
      'layout GREETING: field count is an integer of 9 bytes, 1 to 8 can be read',
    ],
    [
      'an identifier has no bytes',
      [row('tag', 0, 0, 'id')],
      'layout GREETING: field tag is an integer of 0 bytes, 1 to 8 can be read',
    ],
    [
      'a time takes the rest',
      [row('expiration', 0, 'rest', 'unixTime')],
      'layout GREETING: field expiration is an integer of rest bytes, 1 to 8 can be read',
    ],
    [
      'JSON of so many bytes',
      [row('payload', 0, 8, 'json')],
      'layout GREETING: field payload is JSON of 8 bytes, which has no fixed size',
    ],
  ])('%s', (_situation, rows, problem) => {
    expect(() => layoutOf(...rows)).toThrow(new Error(problem));
  });

  test.each<[kind: FieldKind, size: FieldSize]>([
    ['text', -1],
    ['bytes', 0],
    ['uint', 2.5],
  ])('a field of kind %s has %s bytes', (kind, size) => {
    expect(() => layoutOf(row('data', 0, size, kind))).toThrow('layout GREETING: field data');
  });
});
