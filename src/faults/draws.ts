/**
 * Chance that can be repeated: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011), which computes its numbers from a key and a counter and keeps nothing. Here the key is the seed, and the counter
 * says for what something is drawn: the flow, the direction, the fault, the unit. So what is drawn for a unit depends on
 * neither what other flows do, nor on what became of the units before it, nor on what other faults there are behind this one.
 */

/** For what is drawn. */
export interface DrawPlace {
  /** Of the unit in its direction of its flow. */
  readonly ordinal: number;
  readonly flow: number;
  readonly pair: number;
  readonly from: 'client' | 'server';
}

/** Largest seed: what a double holds exactly. */
export const LARGEST_SEED = Number.MAX_SAFE_INTEGER;

/** Different numbers of 32 bits for one unit and one fault. */
const MOST_DRAWS = 1024;

const WORDS = 2 ** 32;
const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The numbers of one unit and one fault, by their place; reused. */
export class Draws {
  readonly #counter = new Uint32Array(4);
  readonly #key = new Uint32Array(2);
  readonly #block = new Uint32Array(4);
  /** Number of the first block for the fault in hand. */
  #first = 0;
  /** Block that is in hand; -1 for none. */
  #at = -1;

  /**
   * @param seed a whole number from 0 to `LARGEST_SEED`
   * @param fault number of the fault, from 0
   */
  show(seed: number, fault: number, { ordinal, flow, pair, from }: DrawPlace): this {
    this.#key[0] = seed % WORDS;
    this.#key[1] = Math.floor(seed / WORDS);
    this.#counter[0] = ordinal % WORDS;
    this.#counter[1] = flow;
    this.#counter[2] = pair * 2 + (from === 'client' ? 0 : 1);
    this.#first = fault * (MOST_DRAWS / 4);
    this.#at = -1;
    return this;
  }

  /** The number at a place from 0 to 1023, of 32 bits. */
  word(place: number): number {
    const block = place >>> 2;
    if (block !== this.#at) {
      this.#counter[3] = this.#first + block;
      philox(this.#counter, this.#key, this.#block);
      this.#at = block;
    }
    return this.#block[place & 3];
  }

  /** The same, from 0 to below 1. */
  fraction(place: number): number {
    return this.word(place) / WORDS;
  }

  /** The same, a whole number from 0 to below `count`. */
  below(place: number, count: number): number {
    return Math.floor(this.fraction(place) * count);
  }

  /** Whether something happens that does so with this probability: never with 0, always with 1. */
  happens(place: number, probability: number): boolean {
    return this.fraction(place) < probability;
  }
}

/** One block of four numbers. */
export function philox(counter: ArrayLike<number>, key: ArrayLike<number>, block: Uint32Array): void {
  let a = counter[0] >>> 0;
  let b = counter[1] >>> 0;
  let c = counter[2] >>> 0;
  let d = counter[3] >>> 0;
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highOf(MULTIPLIER_0, a);
    const low0 = Math.imul(MULTIPLIER_0, a);
    const high1 = highOf(MULTIPLIER_1, c);
    const low1 = Math.imul(MULTIPLIER_1, c);
    a = (high1 ^ b ^ k0) >>> 0;
    b = low1;
    c = (high0 ^ d ^ k1) >>> 0;
    d = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  block[0] = a;
  block[1] = b;
  block[2] = c;
  block[3] = d;
}

/** The upper 32 bits of a product of 64. */
function highOf(x: number, y: number): number {
  const xh = x >>> 16;
  const xl = x & 0xffff;
  const yh = y >>> 16;
  const yl = y & 0xffff;
  const low = xl * yl;
  const left = xh * yl;
  const right = xl * yh;
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff);
  return xh * yh + (left >>> 16) + (right >>> 16) + (middle >>> 16);
}
