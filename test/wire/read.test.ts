import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUint, readUint32be, readUint32le } from '../../src/wire/read.ts';

const BYTES = Uint8Array.of(0xee, 0x81, 0x92, 0xa3, 0xb4, 0xee);

describe('an unsigned integer, the highest bit set', () => {
  test.each([
    [1, false, 0x81],
    [2, false, 0x8192],
    [3, false, 0x8192a3],
    [4, false, 0x8192a3b4],
    [1, true, 0x81],
    [2, true, 0x9281],
    [3, true, 0xa39281],
    [4, true, 0xb4a39281],
  ])('of %d bytes, little-endian %s', (size, littleEndian, value) => {
    expect(readUint(BYTES, 1, size, littleEndian)).toBe(value);
  });

  test('of four bytes by either name', () => {
    expect(readUint32be(BYTES, 1)).toBe(0x8192a3b4);
    expect(readUint32le(BYTES, 1)).toBe(0xb4a39281);
  });
});

test('any integer at any offset is what a DataView says', () => {
  const input = fc.record({
    bytes: fc.uint8Array({ minLength: 4, maxLength: 12 }),
    at: fc.nat(8),
    littleEndian: fc.boolean(),
  });
  fc.assert(
    fc.property(input, ({ bytes, at, littleEndian }) => {
      fc.pre(at + 4 <= bytes.length);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      expect(readUint(bytes, at, 1, littleEndian)).toBe(view.getUint8(at));
      expect(readUint(bytes, at, 2, littleEndian)).toBe(view.getUint16(at, littleEndian));
      expect(readUint(bytes, at, 4, littleEndian)).toBe(view.getUint32(at, littleEndian));
      const three = littleEndian
        ? view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
        : view.getUint16(at) * 0x100 + view.getUint8(at + 2);
      expect(readUint(bytes, at, 3, littleEndian)).toBe(three);
    }),
  );
});

test('outside the array the result is no exception', () => {
  for (const size of [1, 2, 3, 4]) expect(() => readUint(BYTES, 100, size, false)).not.toThrow();
});
