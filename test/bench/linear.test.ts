/** `npm run bench -- growth`: how far a size is from linear, from figures. */
import { expect, test } from 'vitest';
import { MOST_FROM_LINEAR, partFromLinear } from '../../bench/linear.ts';

const size = (units: number, cpuSeconds: number) => ({ size: units, cpuSeconds, peakMemory: undefined });

test.each([
  ['ten times the CPU time at ten times the size', size(100, 2), size(1_000, 20), 1, false],
  ['half as much again for tables that no cache holds', size(100, 2), size(1_000, 30), 1.5, false],
  ['a hundred times the CPU time', size(100, 2), size(1_000, 200), 10, true],
  ['less than in proportion', size(100, 2), size(300, 3), 0.5, false],
] as const)('%s', (_, smaller, larger, part, isFar) => {
  expect(partFromLinear(smaller, larger)).toBeCloseTo(part);
  expect(partFromLinear(smaller, larger) > MOST_FROM_LINEAR).toBe(isFar);
});
