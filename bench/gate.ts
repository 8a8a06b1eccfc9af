/**
 * `npm run bench -- --gate`: has a scenario become slower by more than a twentieth since its last entry in the history?
 *
 * Each run of `check` is followed by one of the reference loop, and the cost is the median of their ratios, in CPU time: that is
 * what the history keeps. Then the build of the last entry is made and run in turns with this one, first one and then the other,
 * until the median of these ratios is certain enough, and decides (verdict.ts).
 */

import type { MadeCapture } from './capture.ts';
import { type Contestant, checkContestant, DATA, progress, ROOT, referenceContestant, runOnce } from './contest.ts';
import { type Entry, History, MACHINE, olderProgram } from './history.ts';
import { type Cost, median, pinning } from './measure.ts';
import { isSettled, type Measured, type Verdict, verdictOf } from './verdict.ts';

const HISTORY = `${ROOT}bench/history.json`;
/** With a dot before its name, so that no tool takes its sources for this project's. */
const OLDER = `${DATA}.older/`;
/** Where it is not certain on which side of the tolerance a scenario is, up to so many times as many turns are run. */
const MOST_TIMES = 4;

export interface Scenario {
  readonly title: string;
  readonly capture: MadeCapture;
}

export interface GateRow extends Measured {
  readonly title: string;
  readonly cpuSeconds: number;
  /** What it is held against. */
  readonly last: Entry | undefined;
  readonly verdict: Verdict;
}

/** Measures the scenarios and holds them against the history. @param record writes what was measured as its newest entry */
export async function gate(scenarios: readonly Scenario[], runs: number, record: boolean): Promise<readonly GateRow[]> {
  const history = new History(HISTORY);
  const rows: GateRow[] = [];
  for (const { title, capture } of scenarios) {
    const turns = await inTurns(checkContestant(runs), referenceContestant(runs), capture, runs);
    const units = middleOf(turns.map(([check, loop]) => check / loop));
    const cpuSeconds = middleOf(turns.map(([check]) => check));
    const last = history.last(title);
    const before = last?.units[title];
    if (last) noteDifferences(title, last);
    const beside = last ? await besideOlder(last, capture, runs) : [];
    rows.push({ title, units, cpuSeconds, last, before, beside, verdict: verdictOf({ units, before, beside }) });
  }
  if (record) history.record(rows, ROOT);
  return rows;
}

/** The root of the newest build that the history knows, made now if need be; undefined where it cannot be had. */
export function lastBuild(): string | undefined {
  const commit = new History(HISTORY).entries.at(-1)?.commit;
  return commit !== undefined && olderProgram(ROOT, OLDER, commit) !== undefined ? OLDER : undefined;
}

/** What makes units differ besides what `check` costs. */
function noteDifferences(title: string, { node, machine }: Entry): void {
  if (node !== process.version) progress(`${title}: the entry is of Node ${node}, this is ${process.version}`);
  if (machine !== MACHINE) progress(`${title}: the entry is of another machine (${machine}), this is ${MACHINE}`);
}

/** CPU time as a part of that of the build that an entry measured, for each turn; none where that cannot be had. */
async function besideOlder({ commit }: Entry, capture: MadeCapture, runs: number): Promise<readonly number[]> {
  const program = commit && olderProgram(ROOT, OLDER, commit);
  if (!program) {
    progress('the build of the last entry cannot be made: the unit alone decides');
    return [];
  }
  const [newer, older] = [checkContestant(runs), checkContestant(runs, { program })];
  const ratios: number[] = [];
  do {
    const turns = await inTurns(newer, older, capture, runs);
    ratios.push(...turns.map(([one, other]) => one / other));
  } while (!isSettled(ratios) && ratios.length < runs * MOST_TIMES);
  return ratios;
}

/** CPU seconds of both in each turn, after a run of each that is not measured; who comes first takes turns, too. */
async function inTurns(
  one: Contestant,
  other: Contestant,
  capture: MadeCapture,
  runs: number,
): Promise<[number, number][]> {
  const pin = pinning();
  await runOnce(one, capture, pin);
  await runOnce(other, capture, pin);
  const turns: [number, number][] = [];
  for (let turn = 0; turn < runs; turn++) {
    const first = cpuSecondsOf(await runOnce(turn % 2 === 0 ? one : other, capture, pin));
    const second = cpuSecondsOf(await runOnce(turn % 2 === 0 ? other : one, capture, pin));
    turns.push(turn % 2 === 0 ? [first, second] : [second, first]);
  }
  return turns;
}

function cpuSecondsOf({ cpuSeconds }: Cost): number {
  if (cpuSeconds === undefined) throw new Error('the gate reads CPU time from /proc, which this system does not have');
  return cpuSeconds;
}

/** @param values at least one */
function middleOf(values: readonly number[]): number {
  return median(values) ?? Number.NaN;
}
