/**
 * Values that must be another one each time: from a seed, so that a run can be had again. They need not be hard to guess, as
 * the peer gets to see them anyway.
 */

export class Chance {
  #state: number;

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Bytes of which not all are zero: that often means none. */
  bytes(length: number): Uint8Array {
    const bytes = Uint8Array.from({ length }, () => this.#next() & 0xff);
    if (length > 0 && bytes.every(byte => byte === 0)) bytes[length - 1] = 1;
    return bytes;
  }

  /** A step of mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 8;
  }
}
