/** A set of small whole numbers as bits, which grows with them. */
export class BitSet {
  #words = new Uint32Array(64);

  has(member: number): boolean {
    if (member < 0) return false;
    const word = member >>> 5;
    return word < this.#words.length && (this.#words[word] & (1 << (member & 31))) !== 0;
  }

  /** @param member at least 0, below 2^32 */
  add(member: number): void {
    const word = member >>> 5;
    if (word >= this.#words.length) this.#grow(word);
    this.#words[word] |= 1 << (member & 31);
  }

  delete(member: number): void {
    if (this.has(member)) this.#words[member >>> 5] &= ~(1 << (member & 31));
  }

  #grow(word: number): void {
    const words = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
    words.set(this.#words);
    this.#words = words;
  }
}
