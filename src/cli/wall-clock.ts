/** The system's clock, for what waits on files that others write (src/capture/store.ts). */
import { setTimeout as delay } from 'node:timers/promises';
import type { WallClock } from '../capture/store.ts';

export const WALL_CLOCK: WallClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => {}),
};
