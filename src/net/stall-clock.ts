/**
 * How long the sides of TCP connections could not be expected to speak: bytes of either side waited for their
 * acknowledgement, as they do while the way between them is out, or the other side took none. Runs only while that holds, in
 * capture time, and never backwards.
 */

import { type Direction, STALLED } from './tcp-connection.ts';

const FIRST_ROOM = 128;

export class StallClock {
  /** By the direction's key, two numbers: seconds that are over, and when those that are not began. */
  #times = new Float64Array(2 * FIRST_ROOM);

  /** From `now` on the side is stalled, or not. Its row remembers which. */
  set(direction: Direction, isStalled: boolean, now: number): void {
    if (direction.has(STALLED) === isStalled) return;
    direction.flags ^= STALLED;
    this.turn(direction.key, isStalled, now);
  }

  /** The side with this key is stalled from `now` on, or not any more. */
  turn(key: number, isStalled: boolean, now: number): void {
    const at = 2 * key;
    if (isStalled) {
      this.#makeRoom(at);
      this.#times[at + 1] = now;
    } else if (at < this.#times.length) this.#times[at] += Math.max(0, now - this.#times[at + 1]);
  }

  /** Seconds up to `now`. */
  seconds(direction: Direction, now: number): number {
    const at = 2 * direction.key;
    if (at >= this.#times.length) return 0;
    return this.#times[at] + (direction.has(STALLED) ? Math.max(0, now - this.#times[at + 1]) : 0);
  }

  /** Both sides begin again. */
  forget(flow: number): void {
    const at = 4 * flow;
    if (at >= this.#times.length) return;
    this.#times[at] = 0;
    this.#times[at + 2] = 0;
  }

  #makeRoom(at: number): void {
    if (at < this.#times.length) return;
    const longer = new Float64Array(Math.max(this.#times.length * 2, at + 4));
    longer.set(this.#times);
    this.#times = longer;
  }
}
