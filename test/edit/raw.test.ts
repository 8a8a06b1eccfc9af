/** Bytes of a message written over, or put between the others. */
import { describe, expect, test } from 'vitest';
import { type RawOptions, withBytes } from '../../src/edit/raw.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { complaint, hex, octets, target } from './editing.ts';

const SHUTDOWN = target('mnet SHUTDOWN', '05 aabbcc 00000011');
const DATA = target('mnet DATA', '00 aabbcc 00000011 00000000 0003 616263');
const PUBLISH = target('mqtt PUBLISH 5.0', '30 0d 0003 612f62 06 26 0001 6b 0000 70');
const SYN = { ...target('ministreaming SYN', '0006 a1 010203 6b65', { offset: 2 }), framing: LENGTH_16 };

function write(of: typeof DATA, offset: number, bytes: string, options?: RawOptions) {
  const { wire, note } = withBytes(of, offset, octets(bytes), options);
  return { wire: Buffer.from(wire).toString('hex'), note };
}

describe('over what is there', () => {
  test.each([
    ['one byte', SHUTDOWN, 0, '06', '06 aabbcc 00000011', 'byte 0 = 06 (was 05)'],
    ['several', SHUTDOWN, 2, '0102', '05 aa0102 00000011', 'bytes 2 to 3 = 01:02 (was bb:cc)'],
    [
      'beyond the end',
      DATA,
      16,
      '636465',
      '00 aabbcc 00000011 00000000 0005 6162636465',
      'bytes 16 to 18 = 63:64:65 (was 63)',
    ],
    [
      'a length, which then is as it was written',
      DATA,
      12,
      '0009',
      '00 aabbcc 00000011 00000000 0009 616263',
      'bytes 12 to 13 = 00:09 (was 00:03)',
    ],
    [
      'a length before its content',
      PUBLISH,
      9,
      '0009',
      '30 0d 0003 612f62 06 26 0009 6b 0000 70',
      'bytes 9 to 10 = 00:09 (was 00:01)',
    ],
    ['behind a length of the framing', SYN, 4, '7a', '0006 a1 010203 7a65', 'byte 4 = 7a (was 6b)'],
  ])('%s', (_what, of, offset, bytes, wire, note) => {
    expect(write(of, offset, bytes)).toEqual({ wire: hex(wire), note });
  });
});

describe('between what is there, the lengths of all follow that it stands in:', () => {
  test.each([
    ['the message', DATA, 14, '7a', '00 aabbcc 00000011 00000000 0004 7a616263'],
    ['a text', PUBLISH, 5, '7a', '30 0e 0004 617a2f62 06 26 0001 6b 0000 70'],
    ['behind a text', PUBLISH, 7, '7a', '30 0e 0004 612f627a 06 26 0001 6b 0000 70'],
    ['a text in an item of a list', PUBLISH, 11, '7a', '30 0e 0003 612f62 07 26 0002 7a6b 0000 70'],
    ['a list, before its first item', PUBLISH, 8, '0101', '30 0f 0003 612f62 08 0101 26 0001 6b 0000 70'],
    ['the rest', PUBLISH, 15, '7a', '30 0e 0003 612f62 06 26 0001 6b 0000 707a'],
    ['the framing', SYN, 6, '7a', '0007 a1 010203 6b657a'],
  ])('%s', (_what, of, offset, bytes, wire) => {
    expect(write(of, offset, bytes, { over: 0 }).wire).toBe(hex(wire));
  });

  test('and none where nothing is to be mended', () => {
    expect(write(PUBLISH, 5, '7a', { over: 0, mend: false }).wire).toBe(
      hex('30 0d 0003 617a2f62 06 26 0001 6b 0000 70'),
    );
    expect(write(SYN, 6, '7a', { mend: false }).wire).toBe(hex('0006 a1 010203 6b657a'));
  });
});

test('bytes are taken out', () => {
  expect(write(PUBLISH, 4, '', { over: 2 })).toEqual({
    wire: hex('30 0b 0001 62 06 26 0001 6b 0000 70'),
    note: 'byte 4 = "" (was 61:2f)',
  });
});

test('a message of an unknown type has bytes, too', () => {
  const unknown = { ...SHUTDOWN, layout: undefined };
  expect(write(unknown, 0, '99').wire).toBe(hex('99 aabbcc 00000011'));
  expect(write({ ...SYN, layout: undefined }, 6, '7a').wire).toBe(hex('0007 a1 010203 6b657a'));
});

test('a place that the message does not have is refused in one line', () => {
  expect(complaint(() => write(SHUTDOWN, 9, '00'))).toBe('EditError: byte 9 is not in the message, which has 8 bytes');
  expect(complaint(() => write(SHUTDOWN, -1, '00'))).toBe(
    'EditError: byte -1 is not in the message, which has 8 bytes',
  );
  expect(complaint(() => write(SHUTDOWN, 1, '00', { over: 0.5 }))).toBe(
    'EditError: 0.5 is no number of bytes to take out',
  );
});
