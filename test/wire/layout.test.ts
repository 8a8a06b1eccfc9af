import { describe, expect, test } from 'vitest';
import {
  bitField,
  bits,
  bytes,
  type FieldKind,
  type FieldSpec,
  flag,
  group,
  id,
  optional,
  repeated,
  text,
  tlvs,
  uint,
  when,
} from '../../src/wire/fields.ts';
import { defineLayout, type FieldRow, type FieldSize, layoutOf as laidOut, OF_MESSAGE } from '../../src/wire/layout.ts';

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

describe('fields that do not fit together are refused at load, with the place', () => {
  const n = uint('n', 1);
  const endless = group('g', [text('a', 'rest')]);
  const deep = (levels: number): FieldSpec =>
    levels === 0 ? n : repeated(`list${levels}`, [deep(levels - 1)], { size: { prefix: 1 } });
  test.each<[situation: string, fields: readonly FieldSpec[], problem: string]>([
    ['a field behind the rest', [text('a', 'rest'), n], 'field n comes after one that takes the rest'],
    ['a field behind a group that takes the rest', [endless, n], 'field n comes after one that takes the rest'],
    [
      'a field behind a list to the end',
      [repeated('l', [n]), uint('m', 1)],
      'field m comes after one that takes the rest',
    ],
    [
      'a field behind one that may be the rest',
      [optional(bytes('a', 'rest')), n],
      'field n comes after one that takes the rest',
    ],
    [
      'a length that comes later',
      [bytes('a', { lengthIn: 'n' }), n],
      'field a depends on n, and no field before it is called so',
    ],
    [
      'a length that is no integer',
      [id('n', 2), bytes('a', { lengthIn: 'n' })],
      'field a depends on n, which is no integer',
    ],
    [
      'a count that is not there',
      [repeated('l', [n], { countIn: 'm' })],
      'field l depends on m, and no field before it is called so',
    ],
    [
      'a condition on what comes later',
      [when('n', 1, uint('a', 1)), n],
      'field a depends on n, and no field before it is called so',
    ],
    [
      'a condition of an item on the message',
      [n, repeated('l', [when('n', 1, uint('a', 1))])],
      'list l: field a depends on n, and no field before it is called so',
    ],
    ['a name twice, once in a group', [n, group('g', [n])], 'field n stands there twice'],
    ['a name twice, once among bits', [n, bits('b', 1, [flag('n', 0)])], 'field n stands there twice'],
    ['a bit that the integer has not', [bits('b', 1, [flag('f', 8)])], 'field f is bits 8 to 8 of b, which has 0 to 7'],
    ['no bits at all', [bits('b', 1, [bitField('f', 0, 0)])], 'field f is bits 0 to -1 of b, which has 0 to 7'],
    ['bits in eight bytes', [bits('b', 8, [flag('f', 0)])], 'field b has bits in 8 bytes, 4 are the most'],
    [
      'a length of three bytes',
      [text('a', { prefix: 3 as 2 })],
      'field a has its length in a prefix of 3; it is one of 1, 2, 4, varint, leb128',
    ],
    [
      'a mark without a character',
      [text('a', { until: '' })],
      'field a ends with what is not 1 to 8 characters of ASCII',
    ],
    ['items without fields', [repeated('l', [])], 'field l has items without fields'],
    [
      'items of which none can follow',
      [repeated('l', [n, bytes('a', 'rest')])],
      'field l has items whose field a takes the rest, so that none can follow',
    ],
    [
      'a choice by what items have not',
      [repeated('l', [n], { by: 'm', table: {} })],
      'field l chooses by m, which is no integer of its items',
    ],
    [
      'a wrong table in a list',
      [tlvs('l', { type: 1, length: 1, table: { 7: uint('a', 9) } })],
      'list l: 7: field a is an integer of 9 bytes, 1 to 8 can be read',
    ],
    [
      'lists without end',
      [deep(12)],
      `list list12: list list11: list list10: list list9: list list8: list list7: list list6: list list5: list list4: fields stand more than 8 deep in each other`,
    ],
  ])('%s', (_situation, fields, problem) => {
    const make = () => laidOut('M', { code: 1, meaning: 'm', clause: '1' }, fields);
    expect(make).toThrow(new Error(`layout M: ${problem}`));
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
      'layout GREETING: field tag comes after one that takes the rest',
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
