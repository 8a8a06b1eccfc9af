/**
 * `npm run bench -- --gate`: has a scenario become slower by more than a twentieth since its last entry in the history?
 *
 * Each run of `check` is followed by one of the reference loop, and the cost is the median of their ratios, in CPU time:
 * a busy spell of the machine hits both. Where that says slower, the build of the last entry is made and run in turns with
 * this one, and the median of these ratios decides: the unit carries over between machines, but not to a twentieth.
 */

import type { MadeCapture } from './capture.ts';
import { type Contestant, checkContestant, DATA, progress, ROOT, referenceContestant, runOnce } from './contest.ts';
import { type Entry, History, olderProgram } from './history.ts';
import { median, pinning } from './measure.ts';

/** A scenario is slower above this part of what it took. */
const TOLERANCE = 1.05;
const HISTORY = `${ROOT}bench/history.json`;
const OLDER = `${DATA}older/`;

export interface Scenario {
  readonly title: string;
  readonly capture: MadeCapture;
}

export interface GateRow {
  readonly title: string;
  readonly units: number;
  /** As the history has them. */
  readonly before: number | undefined;
  /** CPU time as a part of the older build's, where that was run. */
  readonly beside: number | undefined;
  readonly isSlower: boolean;
}

/** Measures the scenarios and holds them against the history. @param record writes what was measured as its newest entry */
export async function gate(scenarios: readonly Scenario[], runs: number, record: boolean): Promise<readonly GateRow[]> {
  const history = new History(HISTORY);
  const rows: GateRow[] = [];
  for (const { title, capture } of scenarios) {
    const units = await ratio(checkContestant(runs), referenceContestant(runs), capture, runs);
    const last = history.last(title);
    const before = last?.units[title];
    const seemsSlower = before !== undefined && units > before * TOLERANCE;
    const beside = seemsSlower ? await besideOlder(last, capture, runs) : undefined;
    const isSlower = seemsSlower && (beside === undefined || beside > TOLERANCE);
    rows.push({ title, units, before, beside, isSlower });
  }
  if (record) history.record(Object.fromEntries(rows.map(({ title, units }) => [title, units])), ROOT);
  return rows;
}

/** CPU time as a part of that of the build that an entry measured; undefined where that cannot be had. */
async function besideOlder(entry: Entry | undefined, capture: MadeCapture, runs: number): Promise<number | undefined> {
  const program = entry?.commit && olderProgram(ROOT, OLDER, entry.commit);
  if (!program) {
    progress('the build of the last entry cannot be made: the unit alone decides');
    return undefined;
  }
  return ratio(checkContestant(runs), checkContestant(runs, true, program), capture, runs);
}

/** CPU time of one as a part of the other's: the median over runs in turns, after one that is not measured. */
async function ratio(one: Contestant, other: Contestant, capture: MadeCapture, runs: number): Promise<number> {
  const pin = pinning();
  await runOnce(one, capture, pin);
  await runOnce(other, capture, pin);
  const ratios: (number | undefined)[] = [];
  for (let turn = 0; turn < runs; turn++) {
    const { cpuSeconds } = await runOnce(one, capture, pin);
    const { cpuSeconds: unit } = await runOnce(other, capture, pin);
    if (cpuSeconds !== undefined && unit !== undefined) ratios.push(cpuSeconds / unit);
  }
  const middle = median(ratios);
  if (middle === undefined) throw new Error('the gate reads CPU time from /proc, which this system does not have');
  return middle;
}
