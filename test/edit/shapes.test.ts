/** Fields of all shapes that tables have, in messages of no protocol: what tells of a field follows it wherever it stands. */
import { describe, expect, test } from 'vitest';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { composed } from '../../src/edit/composed.ts';
import { edited } from '../../src/edit/edited.ts';
import { withBytes } from '../../src/edit/raw.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import {
  bitField,
  bits,
  bytes,
  type FieldSpec,
  group,
  layoutOf,
  optional,
  repeated,
  text,
  tlvs,
  uint,
  unixTime,
  varint,
} from '../../src/sdk.ts';
import { toy } from '../kit/toy.ts';
import { complaint, hex, octets } from './editing.ts';

function shape(...fields: readonly FieldSpec[]) {
  const layout = layoutOf('SHAPE', { code: 1, meaning: 'a shape', clause: '1' }, fields);
  const protocol = { ...toy, id: 's', layouts: [layout], mended: undefined } as unknown as typeof toy;
  const catalogue = catalogueOf([protocol]);
  const of = (wire: string) => {
    const all = octets(wire);
    return {
      wire: all,
      framing: undefined,
      offset: 0,
      message: { length: all.length, littleEndian: false },
      layout,
      protocol,
    };
  };
  return {
    set: (wire: string, values: string, mend = true) => {
      return Buffer.from(edited(of(wire), parseAssignments(values, catalogue), { mend }).wire).toString('hex');
    },
    insert: (wire: string, at: number, more: string) => {
      return Buffer.from(withBytes(of(wire), at, octets(more), { over: 0 }).wire).toString('hex');
    },
    made: (values: string) => {
      return Buffer.from(
        composed(protocol, 'SHAPE', parseAssignments(values, catalogue), { framing: undefined }),
      ).toString('hex');
    },
  };
}

const told = shape(uint('size', 2), uint('other', 1), bytes('data', { lengthIn: 'size', minus: 3 }), uint('last', 1));
const varied = shape(varint('size'), text('name', { lengthIn: 'size' }), uint('last', 1));
const inBits = shape(
  bits('head', 2, [bitField('kind', 12, 4), bitField('size', 0, 12)]),
  text('name', { lengthIn: 'size' }),
);
const grouped = shape(
  uint('size', 1),
  group('body', [uint('id', 1), text('name', { prefix: 1 }), text('rest', 'rest')], { size: { lengthIn: 'size' } }),
  uint('last', 1),
);
/** The length of the group stands in a group whose length is told, too. */
const twice = shape(
  group('head', [varint('size')], { size: { prefix: 1 } }),
  bytes('data', { lengthIn: 'size' }),
  uint('last', 1),
);
const marked = shape(text('line', { until: '\r\n' }), text('rest', 'rest'));
const typed = shape(
  tlvs('options', {
    type: 1,
    length: 1,
    minus: 2,
    table: { 1: uint('mtu', 2), 2: text('name', 'rest') },
    size: { prefix: 2 },
  }),
  uint('last', 1),
);
const counted = shape(
  uint('count', 1),
  repeated('names', [text('name', { prefix: 'leb128' }), bits('flags', 1, [bitField('low', 0, 4)])], {
    countIn: 'count',
  }),
  uint('last', 1),
);
const nested = shape(
  repeated(
    'rows',
    [uint('size', 1), repeated('cells', [text('cell', { prefix: 1 })], { size: { lengthIn: 'size' } })],
    { size: { prefix: 2 } },
  ),
  uint('last', 1),
);
const wide = shape(
  uint('eight', 8),
  uint('five', 5, { littleEndian: true }),
  unixTime('when'),
  varint('more', { form: 'leb128' }),
  optional(uint('maybe', 1)),
);

/** Of the first three fields of `wide`. */
const ZEROS = '00'.repeat(17);

describe('set, all that tells of it follows:', () => {
  test.each<[string, ReturnType<typeof shape>, string, string, string]>([
    [
      'what an earlier field tells, less what it counts besides',
      told,
      '0005 ff aabb 09',
      's.data = 01:02:03:04',
      '0007 ff 01020304 09',
    ],
    ['to nothing', told, '0005 ff aabb 09', 's.data = ""', '0003 ff 09'],
    ['and what is set itself does not', told, '0005 ff aabb 09', 's.data = 01:02:03, s.size = 4', '0004 ff 010203 09'],
    ['a length of variable size', varied, '01 61 09', `s.name = "${'b'.repeat(128)}"`, `8001 ${'62'.repeat(128)} 09`],
    ['a length in some bits', inBits, 'a001 61', 's.name = "bcd", s.kind = 11', 'b003 626364'],
    ['a group', grouped, '05 07 01 61 6263 09', 's.name = "xyz"', '07 07 03 78797a 6263 09'],
    ['the rest of a group', grouped, '05 07 01 61 6263 09', 's.rest = ""', '03 07 01 61 09'],
    [
      'a group with the length of another',
      twice,
      '01 01 61 09',
      `s.data = 0x${'62'.repeat(128)}`,
      `02 8001 ${'62'.repeat(128)} 09`,
    ],
    ['up to a mark', marked, '6162 0d0a 63', 's.line = "xyz"', '78797a 0d0a 63'],
    [
      'in an entry of a type',
      typed,
      '0008 01 04 05dc 02 04 6162 09',
      's.options[1].name = "xyz"',
      '0009 01 04 05dc 02 05 78797a 09',
    ],
    ['of fixed size in an entry', typed, '0004 01 04 05dc 09', 's.options[0].mtu = 9000', '0004 01 04 2328 09'],
    [
      'in every item',
      counted,
      '02 01 61 f1 01 62 02 09',
      's.names[*].name = "xy", s.names[*].low = 0',
      '02 02 7879 f0 02 7879 00 09',
    ],
    [
      'in an item of an item',
      nested,
      '0007 02 01 61 03 02 6263 09',
      's.rows[1].cells[0].cell = "xyz"',
      '0008 02 01 61 04 03 78797a 09',
    ],
    [
      'in all items of all items',
      nested,
      '0007 02 01 61 03 02 6263 09',
      's.rows[*].cells[*].cell = ""',
      '0004 01 00 01 00 09',
    ],
    [
      'a number of 8 bytes',
      wide,
      `${ZEROS}01`,
      's.eight = 18446744073709551615, s.five = 1, s.when = 2001-09-09T01:46:40Z',
      `${'ff'.repeat(8)} 0100000000 3b9aca00 01`,
    ],
    ['a variable number', wide, `${ZEROS}01 07`, 's.more = 300', `${ZEROS} ac02 07`],
    [
      'the largest variable number',
      wide,
      `${ZEROS}01`,
      's.more = 18446744073709551615',
      `${ZEROS} ${'ff'.repeat(9)}01`,
    ],
  ])('%s', (_what, of, wire, values, after) => {
    expect(of.set(wire, values)).toBe(hex(after));
  });

  test.each<[string, ReturnType<typeof shape>, string, string, string]>([
    ['a field', told, '0005 ff aabb 09', 's.data = 01:02:03:04', '0005 ff 01020304 09'],
    ['all items', nested, '0007 02 01 61 03 02 6263 09', 's.rows[*].cells[*].cell = ""', '0007 02 01 03 02 09'],
    ['what may not stand there', marked, '6162 0d0a 63', 's.line = "x\\r\\n"', '780d0a 0d0a 63'],
  ])('or, with nothing mended, does not: %s', (_what, of, wire, values, after) => {
    expect(of.set(wire, values, false)).toBe(hex(after));
  });
});

test.each<[string, ReturnType<typeof shape>, string, number, string, string]>([
  ['a field that another tells', told, '0005 ff aabb 09', 4, '11', '0006 ff aa11bb 09'],
  ['an item of an item', nested, '0007 02 01 61 03 02 6263 09', 7, '11', '0008 02 01 61 04 03 116263 09'],
  ['a group', grouped, '05 07 01 61 6263 09', 5, '11', '06 07 01 61 62 11 63 09'],
])('bytes are put into %s', (_what, of, wire, at, more, after) => {
  expect(of.insert(wire, at, more)).toBe(hex(after));
});

test.each<[string, ReturnType<typeof shape>, string, string]>([
  ['a field that another tells', told, 's.data = 01:02', '0005 00 0102 00'],
  ['a length of variable size', varied, `s.name = "${'b'.repeat(128)}"`, `8001 ${'62'.repeat(128)} 00`],
  ['a length in some bits', inBits, 's.name = "bcd", s.kind = 11', 'b003 626364'],
  ['a group', grouped, 's.rest = "ab", s.last = 9', '04 00 00 6162 09'],
  ['a group with the length of another', twice, `s.data = 0x${'62'.repeat(128)}`, `02 8001 ${'62'.repeat(128)} 00`],
  ['a line', marked, 's.rest = "x"', '0d0a 78'],
  [
    'entries, of which the fields tell the types',
    typed,
    's.options[1].name = "xy", s.options[0].mtu = 1500',
    '0008 01 04 05dc 02 04 7879 00',
  ],
  [
    'an entry that the table does not have',
    typed,
    's.options[0].type = 7, s.options[0].value = 01:02',
    '0004 07 04 0102 00',
  ],
  ['items that are counted', counted, 's.names[1].name = "x"', '02 00 00 01 78 00 00'],
  ['items of items', nested, 's.rows[1].cells[0].cell = "xyz"', '0006 00 04 03 78797a 00'],
  ['what may be left out', wide, 's.maybe = 1', `${'00'.repeat(18)} 01`],
])('made is %s', (_what, of, values, wire) => {
  expect(of.made(values)).toBe(hex(wire));
});

test.each<[ReturnType<typeof shape>, string, string, string]>([
  [inBits, 'a001 61', `s.name = "${'b'.repeat(4096)}"`, 's.name: 4096 does not fit: it takes 0 to 4095'],
  [
    grouped,
    '05 07 01 61 6263 09',
    `s.name = "${'b'.repeat(256)}"`,
    's.name: 256 bytes do not fit: its length says up to 255',
  ],
  [grouped, '05 07 01 61 6263 09', `s.name = "${'b'.repeat(255)}"`, 's.name: 259 does not fit: it takes 0 to 255'],
  [marked, '6162 0d0a 63', 's.line = "x\\r\\n"', 's.line: it ends with "\\\\x0d\\\\x0a", which cannot stand in it'],
  [wide, `${ZEROS}01`, 's.five = 1099511627776', 's.five: 1099511627776 does not fit: it takes 0 to 1099511627775'],
])('what its length cannot say is refused: %#', (of, wire, values, line) => {
  expect(complaint(() => of.set(wire, values))).toBe(`EditError: ${line}`);
});
