import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fewest } from '../../src/evidence/fewest.ts';

const NUMBERS = Array.from({ length: 40 }, (_, index) => index);
const MUCH = 1_000_000;
const each = (items: number) => items;

describe('the fewest that are enough', () => {
  test('are those that are needed, wherever they stand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...NUMBERS), { maxLength: 8 }), async needed => {
        const isEnough = async (some: readonly number[]) => needed.every(number => some.includes(number));
        const { items, isCutShort } = await fewest(NUMBERS, isEnough, MUCH, each);
        expect(items).toEqual(needed.toSorted((a, b) => a - b));
        expect(isCutShort).toBe(false);
      }),
    );
  });

  test('cannot do without any one of them, where more can make it fail again', async () => {
    const sums = fc.record({ least: fc.integer({ min: 1, max: 200 }), odd: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(sums, async ({ least, odd }) => {
        // Not monotone: the number of items counts, too.
        const isEnough = async (some: readonly number[]) =>
          some.reduce((sum, number) => sum + number, 0) >= least && (!odd || some.length % 2 === 0);
        const { items } = await fewest(NUMBERS, isEnough, MUCH, each);
        expect(await isEnough(items)).toBe(true);
        for (const item of items) expect(await isEnough(items.filter(other => other !== item))).toBe(false);
      }),
    );
  });

  test('are none where nothing is needed', async () => {
    expect(await fewest(NUMBERS, async () => true, MUCH, each)).toEqual({ items: [], isCutShort: false });
  });

  test('are those that were found so far when the work is done', async () => {
    const isEnough = async (some: readonly number[]) => some.includes(3) && some.includes(30);
    const { items, isCutShort } = await fewest(NUMBERS, isEnough, 200, each);
    expect(isCutShort).toBe(true);
    expect(await isEnough(items)).toBe(true);
    expect(items.length).toBeLessThan(NUMBERS.length);
  });
});
