/**
 * Which messages belong together, by what their trackers said: a message names at most one earlier one, which it answers or
 * continues, and all that are tied so are an exchange (a request and its answers; the four messages of a delivery).
 *
 * Two words a message, in blocks that are there only where something is tied: the earlier message, and the next one of
 * the exchange, which stands in a ring. A new message comes into the ring behind the one that it names. Nothing bounds an
 * exchange (an upload may continue itself ten thousand times), so no more than a part of a ring is gone over.
 */

const BLOCK_BITS = 16;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
const WIDTH_BITS = 1;

/** Both are a message's number + 1; 0 for none. */
const EARLIER = 0;
const NEXT = 1;

/** Messages of an exchange that are looked at, from the one that is asked for on. */
export const MOST_OF_EXCHANGE = 1_000;

export class Pairs {
  readonly #blocks: (Uint32Array | undefined)[] = [];

  /** @param earlier a message that was entered before */
  add(message: number, earlier: number): void {
    const after = this.#get(earlier, NEXT);
    this.#set(message, EARLIER, earlier + 1);
    this.#set(message, NEXT, after === 0 ? earlier + 1 : after);
    this.#set(earlier, NEXT, message + 1);
  }

  /** The message that it answers or continues; -1 for none. */
  earlier(message: number): number {
    return this.#get(message, EARLIER) - 1;
  }

  /** The messages that answer or continue it, in order. */
  later(message: number): number[] {
    return this.exchange(message).filter(other => this.earlier(other) === message);
  }

  /** The messages of its exchange, itself among them, in order; of a long one those near it. Alone where it has none. */
  exchange(message: number): number[] {
    const found = [message];
    for (let next = this.#get(message, NEXT) - 1; next >= 0 && next !== message; next = this.#get(next, NEXT) - 1) {
      if (found.push(next) === MOST_OF_EXCHANGE) break;
    }
    return found.sort((a, b) => a - b);
  }

  #get(message: number, word: number): number {
    const block = this.#blocks[message >>> BLOCK_BITS];
    return block === undefined ? 0 : block[((message & BLOCK_MASK) << WIDTH_BITS) + word];
  }

  #set(message: number, word: number, value: number): void {
    const index = message >>> BLOCK_BITS;
    this.#blocks[index] ??= new Uint32Array(1 << (BLOCK_BITS + WIDTH_BITS));
    this.#blocks[index][((message & BLOCK_MASK) << WIDTH_BITS) + word] = value;
  }
}
