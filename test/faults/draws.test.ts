/** Draws are those of the published generator, and depend on their place alone. */
import { describe, expect, test } from 'vitest';
import { Draws, LARGEST_SEED, philox } from '../../src/faults/draws.ts';

/** Known answers of philox4x32 with 10 rounds: Random123, tests/kat_vectors. */
test.each([
  [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('the block of %j under %j', (counter, key, expected) => {
  const block = new Uint32Array(4);
  philox(counter, key, block);
  expect([...block].map(word => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected);
});

describe('what is drawn', () => {
  const place = { ordinal: 5, flow: 1, pair: 0, from: 'client' } as const;
  const draws = new Draws();
  const first = (seed: number, fault: number, parts = {}) => draws.show(seed, fault, { ...place, ...parts }).word(0);

  test('is the same for the same place, in any order', () => {
    const forth = Array.from({ length: 12 }, (_, at) => draws.show(7, 2, place).word(at));
    const back = Array.from({ length: 12 }, (_, at) => draws.word(11 - at)).reverse();
    expect(back).toEqual(forth);
    expect(new Set(forth).size).toBe(12);
  });

  test('is another one for another seed, fault, unit, flow, pair or direction', () => {
    const all = [
      first(7, 0),
      first(8, 0),
      first(7 + 2 ** 32, 0),
      first(LARGEST_SEED, 0),
      first(7, 1),
      first(7, 0, { ordinal: 6 }),
      first(7, 0, { flow: 2 }),
      first(7, 0, { pair: 1 }),
      first(7, 0, { from: 'server' }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('happens never with 0, and always with 1', () => {
    const all = Array.from({ length: 1_000 }, (_, ordinal) => draws.show(1, 0, { ...place, ordinal }));
    expect(all.some(drawn => drawn.happens(0, 0))).toBe(false);
    expect(all.every(drawn => drawn.happens(0, 1))).toBe(true);
  });
});
