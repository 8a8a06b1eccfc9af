import { expect, test } from 'vitest';
import { keptBytes } from '../../src/lint/kept-bytes.ts';

test('copies that share memory stay as they were, whatever comes after them and whatever becomes of the original', () => {
  const original = new Uint8Array(1);
  const lengths = Array.from({ length: 600 }, (_, place) => (place * 7) % 129);
  const copies = lengths.map((length, place) => {
    const source = new Uint8Array(length).fill(place);
    const kept = keptBytes(source);
    source.fill(255);
    return kept;
  });
  const expected = lengths.map((length, place) => new Uint8Array(length).fill(place));
  expect(copies).toEqual(expected);
  expect(new Set(copies.map(({ buffer }) => buffer)).size).toBeLessThan(20);
  expect(keptBytes(original).buffer).not.toBe(original.buffer);
});

test('many bytes have memory of their own', () => {
  const kept = keptBytes(new Uint8Array(5_000).fill(3));
  expect([kept.length, kept.buffer.byteLength, kept.at(-1)]).toEqual([5_000, 5_000, 3]);
});

test('bytes of a Buffer are copied as an array of numbers', () => {
  expect(keptBytes(Buffer.from('abc'))).toEqual(new Uint8Array([97, 98, 99]));
});
