/** A set of Packet Identifiers (1 to 65,535): bits in chunks that exist once they are used, as identifiers mostly count up. */

const BITS = 1024;
const WORDS = BITS / 32;

export class IdSet {
  readonly #chunks: (Uint32Array | undefined)[] = [];

  has(id: number): boolean {
    const chunk = this.#chunks[id >>> 10];
    return chunk !== undefined && (chunk[(id >>> 5) % WORDS] & (1 << (id & 31))) !== 0;
  }

  add(id: number): void {
    const place = id >>> 10;
    while (this.#chunks.length <= place) this.#chunks.push(undefined);
    this.#chunks[place] ??= new Uint32Array(WORDS);
    this.#chunks[place][(id >>> 5) % WORDS] |= 1 << (id & 31);
  }

  delete(id: number): void {
    const chunk = this.#chunks[id >>> 10];
    if (chunk) chunk[(id >>> 5) % WORDS] &= ~(1 << (id & 31));
  }
}
