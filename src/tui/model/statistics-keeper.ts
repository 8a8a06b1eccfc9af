/** The run's numbers for the view of statistics, taken from a report so far; not oftener than its making allows. */

import { type StatisticsData, statisticsData } from '../panes/statistics.ts';
import type { RunLike } from './model-options.ts';

/** Making it may take this part of the time. */
const SHARE = 1 / 20;
/** Milliseconds; numbers that change faster cannot be read. */
const LEAST_PAUSE = 250;

export class StatisticsKeeper {
  #data: StatisticsData | undefined = undefined;
  #run: RunLike | undefined = undefined;
  #seen = '';
  #due = Number.NEGATIVE_INFINITY;

  of(run: RunLike): StatisticsData {
    if (!this.#data || this.#run !== run) this.#make(run);
    return this.#data!;
  }

  /** @returns whether it was rebuilt */
  update(run: RunLike, now: () => number): boolean {
    const begun = now();
    if (this.#run === run && (this.#seen === versionOf(run) || begun < this.#due)) return false;
    this.#make(run);
    this.#due = begun + Math.max(LEAST_PAUSE, (now() - begun) / SHARE);
    return true;
  }

  #make(run: RunLike): void {
    this.#run = run;
    this.#seen = versionOf(run);
    this.#data = statisticsData(run.history, run.report());
  }
}

function versionOf({ state, read, history }: RunLike): string {
  return `${state} ${read} ${history.version}`;
}
