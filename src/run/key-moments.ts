/**
 * When something came up under each of many keys, which are hashes of 53 bits. In typed arrays: a `Map` of that many numbers
 * is an object for each of them, which the garbage collector copies about and goes through.
 */

const FIRST_ROOM = 64;
/** Of the room, as a fraction: above it there is twice as much. */
const FULL = 1 / 2;
/** In place of 0, which says that a place is free. */
const ZERO = 2 ** 53;

export class KeyMoments {
  size = 0;
  /** Key and moment in turn. */
  #table = new Float64Array(FIRST_ROOM * 2);
  readonly #seed: number;

  /** @param seed any 32-bit number that the peers cannot know */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Sets the moment of a key, whatever it was before. */
  set(key: number, moment: number): void {
    this.#table[this.#enter(key || ZERO, moment) + 1] = moment;
  }

  /** Sets the moment of a key that has none. */
  setFirst(key: number, moment: number): void {
    this.#enter(key || ZERO, moment);
  }

  /** Plain data: key and moment in turn, of all keys. */
  pairs(): Float64Array {
    const pairs = new Float64Array(this.size * 2);
    let to = 0;
    for (let at = 0; at < this.#table.length; at += 2) {
      const key = this.#table[at];
      if (key === 0) continue;
      pairs[to++] = key === ZERO ? 0 : key;
      pairs[to++] = this.#table[at + 1];
    }
    return pairs;
  }

  /** @returns the place of the key, with its moment or, if it is new, with the given one */
  #enter(key: number, moment: number): number {
    const at = this.#placeOf(key);
    const table = this.#table;
    if (table[at] !== 0) return at;
    table[at] = key;
    table[at + 1] = moment;
    if (++this.size * 2 <= table.length * FULL) return at;
    this.#grow();
    return this.#placeOf(key);
  }

  /** Where the key is, or would be. */
  #placeOf(key: number): number {
    const table = this.#table;
    const last = table.length - 2;
    const high = (key / 2 ** 32) | 0;
    let hash = Math.imul((key | 0) ^ this.#seed, 0x6c8e9cf5);
    hash = Math.imul(hash ^ (hash >>> 15) ^ high, 0x2c1b3c6d);
    let at = ((hash ^ (hash >>> 13)) << 1) & last;
    while (table[at] !== 0 && table[at] !== key) at = (at + 2) & last;
    return at;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Float64Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      const to = this.#placeOf(old[at]);
      this.#table[to] = old[at];
      this.#table[to + 1] = old[at + 1];
    }
  }
}
