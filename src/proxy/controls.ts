/**
 * What may be changed at a proxy while it runs, and what those learn of it who change it: the terminal UI and the control
 * socket have the same few words. Who runs the proxy fulfils them.
 */
import type { PairNames } from '../report/live-json.ts';
import { UsageError } from '../settings/words.ts';
import type { WatchedHolds } from './watched-holds.ts';

export interface Controls {
  readonly holds: WatchedHolds;
  /**
   * Holds what this filter matches, from now on; undefined: nothing. What is held already stays held.
   * @throws FilterError or UsageError, of one line; what was in force then stays
   */
  setBreak(filter: string | undefined): void;
  /**
   * Injects these faults from now on, as `--fault` spells them, and no others.
   * @throws UsageError of one line; what was in force then stays
   */
  setFaults(texts: readonly string[]): void;
  status(): ControlStatus;
}

export interface ControlStatus {
  /** Where it listens and whom it speaks to, with the ports that were chosen. */
  readonly pairs: readonly PairNames[];
  readonly breakOn: string | undefined;
  readonly faults: readonly string[];
  /** That have passed. */
  readonly packets: number;
}

/** Complaints about numbers that are none, or none any more. */
export function notHeld(id: number): UsageError {
  return new UsageError(`hold ${id} is not held; list shows what is`);
}

export function noFlow(flow: number): UsageError {
  return new UsageError(`flow ${flow} is not open; flows says which are`);
}
