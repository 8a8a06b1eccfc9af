/**
 * Does what `check` costs grow with what it is given, and no faster? Connections that are alive at the same time or one after
 * the other, frames, captures and findings, from one size to ten times as many: what each costs, and how far the last is from
 * what the first would let expect.
 */

import { rmSync, statSync } from 'node:fs';
import type { MadeCapture } from './capture.ts';
import { checkContestant, contest } from './contest.ts';
import { partFromLinear, type Size } from './linear.ts';
import { mnetCapture } from './mnet.ts';
import { ALL_FINDINGS, connectionsOf, faulty, made, smallCaptures, TOGETHER } from './scenarios.ts';

/** Something of which there is more from size to size. */
interface Growth {
  readonly title: string;
  /** What is counted. */
  readonly unit: string;
  readonly sizes: readonly number[];
  readonly capture: (size: number) => MadeCapture;
  /** For the command line, where a bound would be hit that is there for such sizes. */
  readonly words: readonly string[];
}

export interface GrowthRow extends Size {
  readonly title: string;
  readonly unit: string;
  readonly wallSeconds: number;
  /** Bytes above those of a run on next to nothing, for each unit. */
  readonly bytesEach: number | undefined;
  /** How many times what the first size would let expect; undefined for the first. */
  readonly fromLinear: number | undefined;
}

/** A capture that is larger is deleted when it was measured. */
const LARGE = 500_000_000;

/**
 * Measures all of it; a row is handed over as soon as it is known.
 * @param divisor by how much all sizes are smaller
 */
export async function growth(divisor: number, runs: number, each: (row: GrowthRow) => void): Promise<void> {
  const [nothing] = await contest([checkContestant(1)], smallCaptures(1), 1);
  for (const { title, unit, sizes, capture, words } of growths(divisor)) {
    let first: Size | undefined;
    for (const size of sizes) {
      const made = capture(size);
      const [cost] = await contest([checkContestant(runs, { warmUp: false, words })], made, runs);
      const { cpuSeconds = cost.wallSeconds, wallSeconds, peakMemory } = cost;
      const own = Math.max(0, cpuSeconds - (nothing.cpuSeconds ?? nothing.wallSeconds));
      const above = peakMemory === undefined ? undefined : Math.max(0, peakMemory - (nothing.peakMemory ?? 0));
      const row = { size, cpuSeconds: own, peakMemory };
      const bytesEach = above === undefined ? undefined : above / size;
      each({ ...row, title, unit, wallSeconds, bytesEach, fromLinear: first && partFromLinear(first, row) });
      first ??= row;
      if (statSync(made.path).isFile() && statSync(made.path).size > LARGE) discard(made);
    }
  }
}

function growths(divisor: number): readonly Growth[] {
  const sizesOf = (...sizes: readonly number[]) => sizes.map(size => size / divisor);
  return [
    {
      title: 'MNET connections, all at once',
      unit: 'connection',
      sizes: sizesOf(100_000, 300_000, 1_000_000),
      capture: size => made(connectionsOf(size, size)),
      words: ['--limit', 'flows=1048576', '--limit', 'hosts=262144'],
    },
    {
      title: 'MNET connections, 1,000 at once',
      unit: 'connection',
      sizes: sizesOf(100_000, 300_000, 1_000_000),
      capture: size => made(connectionsOf(size, TOGETHER)),
      words: [],
    },
    {
      title: 'frames of 1,000 MNET connections',
      unit: 'frame',
      sizes: sizesOf(1_000_000, 10_000_000),
      capture: size => made(mnetCapture({ connections: TOGETHER, packets: size, live: false })),
      words: [],
    },
    {
      title: 'captures of 28 packets in one run',
      unit: 'capture',
      sizes: sizesOf(1_000, 10_000),
      capture: smallCaptures,
      words: [],
    },
    {
      title: 'findings, one a connection, in a JSON report',
      unit: 'finding',
      sizes: sizesOf(10_000, 100_000),
      capture: size => made(faulty(size)),
      words: ALL_FINDINGS,
    },
  ];
}

function discard({ path }: MadeCapture): void {
  rmSync(path);
  rmSync(`${path}.json`);
}
