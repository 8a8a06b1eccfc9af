/** The hex pane: where each byte stands, how marks, faults and the cursor show, and that no byte reaches the terminal as it is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteAt, bytesPerRow, type HexInput, hexHeight, hexPane, hexRows } from '../../../src/tui/panes/hex.ts';
import { misfits, withRole } from './drawn.ts';
import { textOf, textsOf } from './lines.ts';

const BYTES = Uint8Array.from({ length: 20 }, (_, at) => 0x41 + at);
const input = (given: Partial<HexInput> = {}): HexInput => ({
  bytes: BYTES,
  length: given.bytes?.length ?? BYTES.length,
  top: 0,
  cursor: -1,
  mark: undefined,
  faults: [],
  focused: true,
  ...given,
});
const WIDE = { width: 78, height: 20 };
const HALF = { width: 38, height: 20 };

describe('bytes in a row', () => {
  test('are 16 on a whole screen of 80 columns, 8 on half of it, 4 below', () => {
    expect([78, 70, 69, 38, 37, 10].map(width => bytesPerRow(width, 100))).toEqual([16, 16, 8, 8, 4, 4]);
  });

  test('are fewer where the offsets take more room', () => {
    expect(bytesPerRow(38, 0x10000)).toBe(8);
    expect(bytesPerRow(38, 0x10001)).toBe(4);
  });
});

test('a row holds offset, bytes and text', () => {
  expect(textsOf(hexPane(input(), WIDE))).toEqual([
    '0000 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP',
    '0010 51 52 53 54                                      QRST',
  ]);
  expect(textsOf(hexPane(input(), HALF))[1]).toBe('0008 49 4a 4b 4c 4d 4e 4f 50  IJKLMNOP');
});

test('rows begin at the top of the window and end at its bottom', () => {
  const lines = textsOf(hexPane(input({ top: 1 }), { width: 38, height: 1 }));
  expect(lines).toEqual(['0008 49 4a 4b 4c 4d 4e 4f 50  IJKLMNOP']);
  expect(hexRows(38, 20)).toBe(3);
});

describe('the cursor', () => {
  test('stands in brackets, which change nothing else', () => {
    const at = (cursor: number) => textsOf(hexPane(input({ cursor }), HALF));
    expect(at(0)[0]).toBe('0000[41]42 43 44 45 46 47 48  ABCDEFGH');
    expect(at(3)[0]).toBe('0000 41 42 43[44]45 46 47 48  ABCDEFGH');
    expect(at(7)[0]).toBe('0000 41 42 43 44 45 46 47[48] ABCDEFGH');
    expect(at(7)[1]).toBe('0008 49 4a 4b 4c 4d 4e 4f 50  IJKLMNOP');
    expect(at(19)[2]).toBe('0010 51 52 53[54]             QRST');
  });
});

describe('marks', () => {
  test('show the bytes of a field, and what lies between them', () => {
    const lines = hexPane(input({ mark: { offset: 6, length: 3 } }), HALF);
    expect(withRole(lines, 'match')).toEqual(['47', '', '48', 'G', 'H', '49', 'I']);
  });

  test('show faulty bytes in the colour of the finding, within the field on its ground', () => {
    const faults = [{ offset: 1, length: 4, severity: 'warning' }] as const;
    const lines = hexPane(input({ mark: { offset: 0, length: 4 }, faults }), HALF);
    expect(withRole(lines, 'match-warning')).toEqual(['42', '43', '44', 'B', 'C', 'D']);
    expect(withRole(lines, 'warning')).toEqual(['45', 'E']);
    expect(withRole(lines, 'match').filter(text => text !== '')).toEqual(['41', 'A']);
  });
});

describe('bytes that the capture does not hold', () => {
  const cut = input({ length: 30 });

  test('are dots under their offsets', () => {
    const lines = textsOf(hexPane(cut, HALF));
    expect(lines.slice(2)).toEqual([
      '0010 51 52 53 54 .. .. .. ..  QRST',
      '0018 .. .. .. .. .. ..',
      'the capture holds 20 of 30 bytes',
    ]);
  });

  test('are mentioned in the last line of a full window', () => {
    const lines = textsOf(hexPane(cut, { width: 38, height: 2 }));
    expect(lines).toEqual(['0000 41 42 43 44 45 46 47 48  ABCDEFGH', 'the capture holds 20 of 30 bytes']);
    expect([hexHeight(2, cut), hexHeight(2, input())]).toEqual([1, 2]);
  });
});

describe('a click', () => {
  test('finds the byte it shows, in both columns', () => {
    const lines = textsOf(hexPane(input(), HALF));
    const at = (x: number, y: number) => byteAt(x, y, input(), 38);
    expect(at(lines[1].indexOf('4b'), 1)).toBe(10);
    expect(at(lines[1].indexOf('4b') + 1, 1)).toBe(10);
    expect(at(lines[1].indexOf('K'), 1)).toBe(10);
    expect(byteAt(5, 0, input({ top: 2 }), 38)).toBe(16);
  });

  test('beside the bytes finds none', () => {
    const at = (x: number, y: number) => byteAt(x, y, input(), 38);
    expect([at(0, 0), at(38, 0), at(20, 2), at(0, 9)]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

test('all of it is ASCII and fits, whatever the bytes are', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.nat(200_000),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(40),
      (bytes, missing, width, height, cursor) => {
        const length = bytes.length + missing;
        const given = input({ bytes, length, cursor, mark: { offset: 3, length: 9 } });
        const lines = hexPane(given, { width, height });
        expect(misfits(lines, { width, height })).toEqual([]);
        expect(lines.map(textOf).filter(text => !/^[\x20-\x7e]*$/.test(text))).toEqual([]);
      },
    ),
  );
});
