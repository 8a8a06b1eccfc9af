/**
 * How much a stream memory was given, up to each of many places in the capture, and how far back it was asked. Where flows are
 * divided, each part has a memory of its own, which forgets later than one for all would: whether that has changed an answer is
 * told by what all of them were given meanwhile.
 */

/** What a ledger has noted, as plain data. */
export interface LedgerNotes {
  /** Words given up to each mark, the end included. */
  readonly given: readonly number[];
  /** Pairs of marks: something given behind the first one was found before the second. */
  readonly found: readonly number[];
  /** Words that the memory holds. */
  readonly capacity: number;
  /** Something was asked for that was forgotten. */
  readonly hasForgotten: boolean;
}

/** What is skipped at the end of a ring, and what is rounded, is less than this part of it. */
const MARGIN = 1 / 4;

export class StreamLedger {
  readonly #given: number[] = [0];
  readonly #found: number[] = [];
  #head: number;
  #hasForgotten = false;
  readonly #capacity: number;

  /** @param head of the ring @param capacity in words */
  constructor(head: number, capacity: number) {
    this.#head = head;
    this.#capacity = capacity;
  }

  /** A mark, in the same place of the capture for all memories. */
  mark(head: number): void {
    this.#given.push(this.#givenAt(head));
    this.#head = head;
  }

  /** A record was looked at that was given `age` words before the head. */
  found(head: number, age: number): void {
    const at = this.#givenAt(head) - age;
    const to = this.#given.length;
    let from = 0;
    // The last mark that lies before it.
    for (let end = to; end - from > 1; ) {
      const middle = (from + end) >>> 1;
      if (this.#given[middle] <= at) from = middle;
      else end = middle;
    }
    const last = this.#found.length - 2;
    if (last >= 0 && this.#found[last] === from && this.#found[last + 1] === to) return;
    this.#found.push(from, to);
  }

  forgot(): void {
    this.#hasForgotten = true;
  }

  /** @param head at the end */
  notes(head: number): LedgerNotes {
    const given = [...this.#given, this.#givenAt(head)];
    return { given, found: this.#found, capacity: this.#capacity, hasForgotten: this.#hasForgotten };
  }

  #givenAt(head: number): number {
    return this.#given[this.#given.length - 1] + ((head - this.#head) >>> 0);
  }
}

/** Has each memory answered what one memory would have, which all had been given to? */
export function answersAsOne(ledgers: readonly LedgerNotes[]): boolean {
  return ledgers.every(({ found, capacity, hasForgotten }) => {
    if (hasForgotten) return false;
    for (let i = 0; i < found.length; i += 2) {
      const [from, to] = [found[i], found[i + 1]];
      const given = ledgers.reduce((sum, other) => sum + other.given[to] - other.given[from], 0);
      if (given > capacity * (1 - MARGIN)) return false;
    }
    return true;
  });
}
