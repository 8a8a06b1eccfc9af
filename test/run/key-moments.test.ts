/** The table of keys and moments that a share notes: it is what two maps would be. */
import { expect, test } from 'vitest';
import { KeyMoments } from '../../src/run/key-moments.ts';
import { Dice } from '../field/dice.ts';

function pairsOf(moments: KeyMoments): number[][] {
  const pairs = moments.pairs();
  return Array.from({ length: pairs.length / 2 }, (_, pair) => [...pairs.subarray(pair * 2, pair * 2 + 2)]);
}

const inOrder = (pairs: readonly (readonly number[])[]) => pairs.toSorted(([one], [other]) => one - other);

test.each([1, 40, 5_000])('first and last moments of keys, of which there are up to %i', keys => {
  for (let run = 0; run < 10; run++) {
    const dice = new Dice(`${keys} ${run}`);
    const own = [0, 2 ** 53 - 1, ...Array.from({ length: keys }, () => dice.roll(2 ** 21) * 2 ** dice.roll(33))];
    const [first, last] = [new KeyMoments(dice.roll(2 ** 32)), new KeyMoments(dice.roll(2 ** 32))];
    const [expectedFirst, expectedLast] = [new Map<number, number>(), new Map<number, number>()];
    for (let moment = 0; moment < keys * 3; moment++) {
      const key = dice.pick(own);
      first.setFirst(key, moment);
      last.set(key, moment);
      if (!expectedFirst.has(key)) expectedFirst.set(key, moment);
      expectedLast.set(key, moment);
    }
    expect(inOrder(pairsOf(first))).toEqual(inOrder([...expectedFirst]));
    expect(inOrder(pairsOf(last))).toEqual(inOrder([...expectedLast]));
    expect(first.size).toBe(expectedFirst.size);
  }
});
