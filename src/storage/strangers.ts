/**
 * Remembers which flows have been seen and forgotten, in a megabyte at most: a bit a flow, by the flow's hash. It loses
 * none and may take a flow for one that it has seen (one in a hundred when 80,000 were), so it serves only where taking
 * a stranger for an acquaintance makes a judgement more careful. Flows of different classes are never taken for each other, so
 * that each class may be looked at by itself.
 */

const BITS = 2 ** 23;
const MOST_FEW = 512;

export class Strangers {
  /** Places of the bits that are set, as long as there are few: most captures are small. */
  readonly #few = new Set<number>();
  /** Empty as long as there are few. */
  #words = new Uint32Array(0);
  readonly #classBits: number;

  /** @param bits of the class, the lowest of the place */
  constructor(bits = 0) {
    this.#classBits = bits;
  }

  add(hash: number, kind = 0): void {
    const bit = this.#placeOf(hash, kind);
    if (this.#words.length > 0) this.#words[bit >>> 5] |= 1 << (bit & 31);
    else if (this.#few.add(bit).size > MOST_FEW) this.#spread();
  }

  /** May the flow with this hash have been added? False is certain. */
  mayHave(hash: number, kind = 0): boolean {
    const bit = this.#placeOf(hash, kind);
    if (this.#words.length === 0) return this.#few.has(bit);
    return (this.#words[bit >>> 5] & (1 << (bit & 31))) !== 0;
  }

  #placeOf(hash: number, kind: number): number {
    return ((hash << this.#classBits) | kind) & (BITS - 1);
  }

  #spread(): void {
    this.#words = new Uint32Array(BITS / 32);
    for (const bit of this.#few) this.#words[bit >>> 5] |= 1 << (bit & 31);
    this.#few.clear();
  }
}
