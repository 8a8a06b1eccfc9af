/** Shares of a capture that stop at one place, whenever the user interrupts them and however far each of them is. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CommonStop } from '../../src/cli/common-stop.ts';
import { STOP, USELESS } from '../../src/cli/judging.ts';
import { sharedCounters } from '../../src/cli/judging-threads.ts';
import { Dice } from '../field/dice.ts';

const LENGTH = 12;

/** A share that reads a capture of some chunks, some milliseconds each. @returns what it has read in the end */
async function read(stop: CommonStop, pace: () => number): Promise<number> {
  for (let chunk = 1; chunk <= LENGTH; chunk++) {
    await delay(pace());
    await stop.chunk(chunk);
    if (stop.happened) return chunk;
  }
  stop.end();
  return Number.POSITIVE_INFINITY;
}

test('all of them have read the same, which is no less than the furthest one had when the user interrupted', async () => {
  const ends = await Promise.all(
    Array.from({ length: 100 }, async (_, run) => {
      const dice = new Dice(`common stop ${run}`);
      const of = 2 + dice.roll(3);
      const counters = new BigInt64Array(sharedCounters());
      const shares = Array.from({ length: of }, () => {
        const slowness = dice.pick([10, 10, 20]);
        return read(new CommonStop(counters, of), () => 1 + dice.roll(slowness));
      });
      await delay(dice.roll(300));
      Atomics.store(counters, STOP, 1n);
      const [end, ...others] = new Set(await Promise.all(shares));
      expect(others, `run ${run}`).toEqual([]);
      return end;
    }),
  );
  const cut = ends.filter(Number.isFinite).length;
  expect(cut).toBeGreaterThan(10);
  expect(cut).toBeLessThan(ends.length);
});

test('none waits for another that is of no use', async () => {
  const counters = new BigInt64Array(sharedCounters());
  const stop = new CommonStop(counters, 2);
  Atomics.store(counters, STOP, 1n);
  const waiting = stop.chunk(1);
  Atomics.store(counters, USELESS, 1n);
  await waiting;
  expect(stop.happened).toBe(true);
});

test('one to which nothing more comes gives up for all', async () => {
  const counters = new BigInt64Array(sharedCounters());
  const [silent, other] = [new CommonStop(counters, 2), new CommonStop(counters, 2)];
  const reading = silent.orStop(new Promise(resolve => setTimeout(resolve, 60_000).unref()));
  Atomics.store(counters, STOP, 1n);
  await Promise.all([other.chunk(1), reading]);
  expect([silent.happened, other.happened]).toEqual([true, true]);
});
