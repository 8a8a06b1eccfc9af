import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filler } from '../../src/evidence/filler.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytesOf = (content: string) => Buffer.from(content, 'latin1');

test('bytes become letters, as many as they were', () => {
  expect(text(filler(Uint8Array.of(0, 0xff, 0x41, 0x20), 'bytes', 0))).toBe('aaaa');
});

test('what is different stays different, and what is the same stays the same', () => {
  const fillers = Array.from({ length: 600 }, (_, ordinal) => text(filler(new Uint8Array(4), 'bytes', ordinal)));
  expect(new Set(fillers).size).toBe(600);
  expect(text(filler(bytesOf('abcd'), 'bytes', 7))).toBe(fillers[7]);
});

test('a string of JSON keeps what makes it a digest, a date or a token', () => {
  expect(text(filler(bytesOf('2026-11-28T07:04:05Z'), 'string', 0))).toBe('1111-11-11G11:11:11G');
  expect(text(filler(bytesOf('9f8eA0'), 'string', 0))).toMatch(/^[0-9a-fA-F]{6}$/);
  expect(text(filler(bytesOf('secret@example.org'), 'string', 0))).toMatch(/^[a-z]{6}@[a-z]{7}\.[a-z]{3}$/);
});

test('a string of JSON stays one, whatever is escaped in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(1000), (content, ordinal) => {
      const inner = Buffer.from(JSON.stringify(content)).subarray(1, -1);
      const filled = filler(inner, 'string', ordinal);
      expect(filled.length).toBe(inner.length);
      expect(typeof JSON.parse(`"${text(filled)}"`)).toBe('string');
    }),
  );
});

test('a number of JSON stays one', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(1000), (number, ordinal) => {
      const filled = text(filler(bytesOf(JSON.stringify(number)), 'number', ordinal));
      expect(typeof JSON.parse(filled)).toBe('number');
    }),
  );
});
