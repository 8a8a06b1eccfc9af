/**
 * Remembers which flows have been seen and forgotten, in a fixed megabyte: a bit a flow, by the flow's hash. It loses
 * none and may take a flow for one that it has seen (one in a hundred when 80,000 were), so it serves only where taking
 * a stranger for an acquaintance makes a judgement more careful.
 */

const BITS = 2 ** 23;

export class Strangers {
  /** Made when there is something to remember. */
  #words = new Uint32Array(0);

  add(hash: number): void {
    if (this.#words.length === 0) this.#words = new Uint32Array(BITS / 32);
    const bit = hash & (BITS - 1);
    this.#words[bit >>> 5] |= 1 << (bit & 31);
  }

  /** May the flow with this hash have been added? False is certain. */
  mayHave(hash: number): boolean {
    if (this.#words.length === 0) return false;
    const bit = hash & (BITS - 1);
    return (this.#words[bit >>> 5] & (1 << (bit & 31))) !== 0;
  }
}
