/**
 * Findings as they come on live traffic: how many since somebody pressed a key, and the last of them. What is read of the
 * past before the run has caught up is no news. The bell rings for them at most once a second, where it is switched on.
 */
import type { Finding } from '../../lint/finding.ts';
import type { RunLike } from './model-options.ts';

/** Milliseconds between two rings. */
const LEAST_PAUSE = 1000;

export interface Arrived {
  readonly count: number;
  readonly last: Finding;
}

export class Arrivals {
  /** Whether the bell rings. */
  bell: boolean;
  arrived: Arrived | undefined = undefined;
  /** Findings that are no news any more; undefined until the run has caught up. */
  #known: number | undefined = undefined;
  #rungAt = Number.NEGATIVE_INFINITY;

  constructor(bell: boolean) {
    this.bell = bell;
  }

  /** @param now in milliseconds @returns whether the bell is to ring */
  look({ history, live, state }: RunLike, now: number): boolean {
    const { list } = history.findings;
    if (!live || (this.#known === undefined && state !== 'waiting')) return false;
    const known = this.#known ?? list.length;
    this.#known = list.length;
    const count = list.length - known;
    if (count <= 0) return false;
    this.arrived = { count: (this.arrived?.count ?? 0) + count, last: list[list.length - 1] };
    if (!this.bell || now - this.#rungAt < LEAST_PAUSE) return false;
    this.#rungAt = now;
    return true;
  }

  /** Somebody is there, and has seen them. */
  clear(): void {
    this.arrived = undefined;
  }

  /** Another run is looked at. */
  begin(): void {
    this.arrived = undefined;
    this.#known = undefined;
  }
}
