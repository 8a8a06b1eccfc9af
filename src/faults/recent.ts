/**
 * What is remembered by a number, of those that were looked at last: a proxy runs for long, and its clients come and go. Kept
 * in two halves, of which the older one goes when the younger one is full: an order of use would be changed with every unit.
 */

export class Recent<T> {
  readonly #half: number;
  #young = new Map<number, T>();
  #old = new Map<number, T>();

  /** @param most at most so many are kept, and at least half of them; 2 or more */
  constructor(most: number) {
    this.#half = most >>> 1;
  }

  get(key: number): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** What is kept for the key, or what is made for it now. */
  of(key: number, make: () => T): T {
    const found = this.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.set(key, made);
    return made;
  }

  set(key: number, value: T): void {
    if (this.#young.size === this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
