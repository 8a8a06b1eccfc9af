/** Texts and bytes of a pool come out as they went in, at whatever place of whatever piece they lie. */
import { describe, expect, test } from 'vitest';
import { TextPool } from '../../src/storage/text-pool.ts';

describe('texts of a pool', () => {
  test('come out as they went in, at the ends of pieces, too', () => {
    const pool = new TextPool();
    const texts = Array.from(
      { length: 3_000 },
      (_, index) => `${index} ${'ab'.repeat(index % 90)}${index % 3 ? '' : 'ž'}`,
    );
    const places = texts.map(text => pool.add(text));
    expect(places.map(place => pool.text(place))).toEqual(texts);
  });

  test('are there once where they come again soon', () => {
    const pool = new TextPool();
    const [first, other] = [pool.add('the length is wrong'), pool.add('the length is short')];
    expect([pool.add('the length is wrong'), pool.add('the length is short')]).toEqual([first, other]);
  });

  test('are told apart where they look alike to who knows them again', () => {
    const pool = new TextPool();
    const texts = ['length 10 of 20', 'length 11 of 20', 'length 10 of 20', 'length 12 of 20'];
    const places = texts.map(text => pool.add(text));
    expect(places.map(place => pool.text(place))).toEqual(texts);
  });
});

test('bytes of a pool stand beside its texts, as they were when they came', () => {
  const pool = new TextPool();
  const bytes = Uint8Array.of(1, 2, 3);
  const places = [
    pool.addBytes(bytes),
    pool.add('text'),
    pool.addBytes(new Uint8Array(0)),
    pool.addBytes(new Uint8Array(200_000).fill(9)),
  ];
  const after = pool.add('after');
  bytes.fill(0);
  expect(pool.bytes(places[0])).toEqual(Uint8Array.of(1, 2, 3));
  expect(pool.text(places[1])).toBe('text');
  expect(pool.bytes(places[2])).toHaveLength(0);
  expect(Buffer.from(pool.bytes(places[3])).equals(Buffer.alloc(200_000, 9))).toBe(true);
  expect(pool.text(after)).toBe('after');
  expect(pool.isFull).toBe(false);
});
