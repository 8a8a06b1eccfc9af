/** The system's clock, for what waits on files that others write (src/capture/store.ts). */
import { setTimeout as delay } from 'node:timers/promises';
import type { WallClock } from '../capture/store.ts';

export const WALL_CLOCK: WallClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => {}),
};

/** For whom every file has long been written: its end is the end, and nobody waits for more. */
export const LONG_AFTER: WallClock = { now: () => Number.POSITIVE_INFINITY, sleep: async () => {} };
