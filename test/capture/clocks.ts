/** Clocks for what waits on files: nobody has to wait for them. */

import { setImmediate as turn } from 'node:timers/promises';
import type { WallClock } from '../../src/capture/store.ts';

/** Stands still but for those who sleep, whose time passes at once. */
export class QuickClock implements WallClock {
  /** Called before each sleep ends: what happens in the world meanwhile. */
  meanwhile: () => void = () => {};
  slept = 0;
  #now: number;

  /** `now` in milliseconds since the Unix epoch. */
  constructor(now = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await turn();
    this.#now += milliseconds;
    this.slept += milliseconds;
    this.meanwhile();
  }
}

/** A clock for those who must not wait at all. */
export const NO_SLEEP: WallClock = {
  now: () => Date.now(),
  sleep: () => {
    throw new Error('somebody waits');
  },
};
