/**
 * How long the sides of TCP connections could not be expected to speak: bytes of either side waited for their
 * acknowledgement, as they do while the way between them is out, or the other side took none. Runs only while that holds, in
 * capture time, and never backwards.
 */

import { type Direction, STALLED } from './tcp-connection.ts';

const FIRST_ROOM = 128;

export class StallClock {
  /** By the direction's key: seconds that are over, and when those that are not began. */
  #passed = new Float64Array(FIRST_ROOM);
  #since = new Float64Array(FIRST_ROOM);

  /** From `now` on the side is stalled, or not. Its row remembers which. */
  set(direction: Direction, isStalled: boolean, now: number): void {
    if (direction.has(STALLED) === isStalled) return;
    const { key } = direction;
    if (isStalled) {
      this.#makeRoom(key);
      this.#since[key] = now;
      direction.flags |= STALLED;
    } else {
      this.#passed[key] = this.seconds(direction, now);
      direction.flags &= ~STALLED;
    }
  }

  /** Seconds up to `now`. */
  seconds(direction: Direction, now: number): number {
    const { key } = direction;
    if (key >= this.#passed.length) return 0;
    return this.#passed[key] + (direction.has(STALLED) ? Math.max(0, now - this.#since[key]) : 0);
  }

  /** Both sides begin again. */
  forget(flow: number): void {
    if (flow * 2 >= this.#passed.length) return;
    this.#passed[flow * 2] = 0;
    this.#passed[flow * 2 + 1] = 0;
  }

  #makeRoom(key: number): void {
    if (key < this.#passed.length) return;
    this.#passed = grown(this.#passed, key);
    this.#since = grown(this.#since, key);
  }
}

function grown(numbers: Float64Array<ArrayBuffer>, key: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(Math.max(numbers.length * 2, key + 1));
  longer.set(numbers);
  return longer;
}
