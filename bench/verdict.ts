/**
 * What the gate decides, from figures alone. Where the build of the last entry could be run beside this one, in turns, that
 * decides: both were hit alike by what else the machine did, and both ran on the same Node. The unit of the history
 * (reference-loop.ts) carries over from one machine to another, but moves by a tenth with the load of the machine and by more
 * with its caches, so that alone it shows coarse regressions only.
 */

import { median } from './measure.ts';

/** A scenario is slower above this part of the CPU time that the older build takes. */
export const TOLERANCE = 1.05;
/** By the unit alone: above this part of what the history has. */
export const UNIT_TOLERANCE = 1.25;

export interface Measured {
  /** CPU time in units of the reference loop. */
  readonly units: number;
  /** As the last entry has it; undefined where none has the scenario. */
  readonly before: number | undefined;
  /** CPU time as a part of the older build's, a number for each turn; empty where that could not be run. */
  readonly beside: readonly number[];
}

export type Verdict = 'slower' | 'faster' | 'as before' | 'no entry';

export function verdictOf({ units, before, beside }: Measured): Verdict {
  if (before === undefined) return 'no entry';
  const middle = median(beside);
  const [ratio, tolerance] = middle === undefined ? [units / before, UNIT_TOLERANCE] : [middle, TOLERANCE];
  if (ratio > tolerance) return 'slower';
  return ratio < 1 / tolerance ? 'faster' : 'as before';
}

/**
 * Whether these turns say on which side of the tolerance the median lies, so that more of them need not be run: with a
 * probability of 95 %, by the order statistics that enclose the median of any distribution.
 */
export function isSettled(beside: readonly number[]): boolean {
  const sorted = beside.toSorted((one, other) => one - other);
  const outside = mostOutside(sorted.length);
  if (outside < 0) return false;
  return sorted[outside] > TOLERANCE || sorted[sorted.length - 1 - outside] <= TOLERANCE;
}

/** How many of `count` values may be left out at either end so that the rest encloses the median; -1 if they are too few. */
function mostOutside(count: number): number {
  let term = 0.5 ** count;
  let below = term;
  let outside = -1;
  while (2 * below <= 0.05) {
    outside++;
    term *= (count - outside) / (outside + 1);
    below += term;
  }
  return outside;
}
