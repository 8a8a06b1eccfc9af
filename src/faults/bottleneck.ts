/**
 * A line of so many bytes a second, for each direction of each flow by itself. A clock per direction says when the line is
 * free again: a unit begins when it comes or when the line is free, whichever is later, and is passed on when its last byte
 * would be there. Nothing is lost; what comes faster than that waits longer and longer.
 */
import { Recent } from './recent.ts';

/** Directions that are remembered: far more than flows are open at once. A forgotten one is free. */
const MOST_DIRECTIONS = 65_536;
/** Milliseconds that a unit waits at most: what a timer can. */
const LONGEST_WAIT = 2_147_483_647;

interface Line {
  /** When the last byte so far is through, and when it was last looked at; milliseconds since the Unix epoch. */
  free: number;
  seen: number;
}

export class Bottleneck {
  readonly #bytesPerSecond: number;
  readonly #lines = new Recent<Line>(MOST_DIRECTIONS);

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Milliseconds that a unit of so many bytes waits, which comes now. */
  wait(direction: number, bytes: number, now: number): number {
    const line = this.#lines.of(direction, () => ({ free: now, seen: now }));
    // A clock that was set back is no reason to wait until it has come there again.
    if (now < line.seen) line.free -= line.seen - now;
    line.seen = now;
    line.free = Math.max(line.free, now) + (bytes * 1_000) / this.#bytesPerSecond;
    return Math.min(line.free - now, LONGEST_WAIT);
  }
}
