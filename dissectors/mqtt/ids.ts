/**
 * A set of Packet Identifiers (1 to 65,535). They mostly count up: one range of them is two numbers. What lies beside it
 * goes into bits, in chunks that exist once they are used.
 */

const BITS = 1024;
const WORDS = BITS / 32;

export class IdSet {
  /** The range; empty while `#high` is below `#low`. */
  #low = 1;
  #high = 0;
  #chunks: (Uint32Array | undefined)[] | undefined = undefined;

  has(id: number): boolean {
    return (id >= this.#low && id <= this.#high) || this.#isBeside(id);
  }

  add(id: number): void {
    if (this.#high < this.#low) {
      this.#low = id;
      this.#high = id;
    } else if (id === this.#high + 1) this.#high = id;
    else if (id < this.#low || id > this.#high) this.#addBeside(id);
  }

  delete(id: number): void {
    const chunk = this.#chunks?.[id >>> 10];
    if (chunk) chunk[(id >>> 5) % WORDS] &= ~(1 << (id & 31));
    if (id < this.#low || id > this.#high) return;
    if (id === this.#low) {
      this.#low++;
      return;
    }
    for (let above = id + 1; above <= this.#high; above++) this.#addBeside(above);
    this.#high = id - 1;
  }

  #isBeside(id: number): boolean {
    const chunk = this.#chunks?.[id >>> 10];
    return chunk !== undefined && (chunk[(id >>> 5) % WORDS] & (1 << (id & 31))) !== 0;
  }

  #addBeside(id: number): void {
    this.#chunks ??= [];
    const chunks = this.#chunks;
    const place = id >>> 10;
    while (chunks.length <= place) chunks.push(undefined);
    chunks[place] ??= new Uint32Array(WORDS);
    chunks[place][(id >>> 5) % WORDS] |= 1 << (id & 31);
  }
}

/** Stands for a set that nothing was put into yet: see `including`. */
export const NO_IDS: IdSet = new IdSet();

/** The set with an identifier more, made now if there was none: most of those that a connection may need it never does. */
export function including(set: IdSet, id: number): IdSet {
  const own = set === NO_IDS ? new IdSet() : set;
  own.add(id);
  return own;
}
