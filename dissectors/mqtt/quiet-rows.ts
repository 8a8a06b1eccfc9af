/**
 * What is remembered of quiet connections (`quiet.ts`): a row each, by slot, in which lies all that their packets look at
 * and change. An object's fields would be spread over dozens of cache lines, and of a thousand connections that take
 * turns each would have to be fetched for every packet. A row is four lines: what all packets need, what those of the client
 * do, what belongs to a PUBLISH under way of either side, what those of the server need.
 */
import { Records } from '../../src/sdk.ts';

/** Fields of a row that are words of 32 bits, from its first word on. */
export const ROW = {
  /** 1 while the connection is quiet; only then does the row hold anything. */
  QUIET: 0,
  /** 4 or 5. */
  LEVEL: 1,
  CLIENT_SIDE: 2,
  /** Of the packet in hand, from 1. */
  ORDINAL: 3,
  /** In force once the client knows the CONNACK, in seconds; 0 for none. */
  KEEP_ALIVE: 4,
  /** Of its subscriptions, see `QuietTopics`. */
  STAMP: 5,
} as const;

/** Those that are doubles, from the first double of the row on. */
export const ROW_DOUBLE = {
  /** Offset behind the CONNACK, and when it came, in seconds. */
  CONNACK_END: 4,
  CONNACK_SECONDS: 5,
  /** Seconds before which nothing can have waited too long. */
  DUE: 6,
} as const;

/** The same of a side, from where that begins (`sideOf`). */
export const SIDE = {
  /** As `Side` has them. */
  LAST_FRAME: 10,
  MOST_SIZE: 11,
  /** The same of what it has sent since the connection is quiet. */
  SENT: 12,
  /** Identifiers of its PUBLISHes since then, the first and the last of a range; 0 for none. */
  FIRST_ID: 13,
  LAST_ID: 14,
  /** The last one waits for its PUBACK. */
  IS_OPEN: 15,
} as const;

export const SIDE_DOUBLE = {
  /** As `Side` has them. */
  LAST_OFFSET: 0,
  LAST_HEARD: 1,
  LAST_END: 2,
  /** Of the PUBLISH that waits: as `Wait` has them. */
  END: 3,
  SINCE: 4,
} as const;

/** The same of the PUBLISH that waits (`openOf`): as `Flow` has it. */
export const OPEN = { ORDINAL: 4, FRAME: 5, NANOSECONDS: 6, LENGTH: 7 } as const;
export const OPEN_DOUBLE = { DIGEST: 0, SECONDS: 1 } as const;

/** Words of a cache line, and of what a PUBLISH that waits takes. */
const LINE = 16;
const OPEN_WIDTH = 8;
const WIDTH = 4 * LINE;

export class QuietRows {
  /** All rows, and the same as doubles; both are replaced when a row begins that there is no room for. */
  words: Uint32Array;
  doubles: Float64Array;
  readonly #records = new Records(WIDTH);

  constructor() {
    this.words = this.#records.words;
    this.doubles = doublesOf(this.words);
  }

  /** Where the row of a slot begins, in words. */
  rowOf(slot: number): number {
    return slot * WIDTH;
  }

  /** Where a side begins in a row, in words; half of that in doubles. */
  sideOf(row: number, role: 0 | 1): number {
    return row + LINE + role * 2 * LINE;
  }

  /** The same of the PUBLISH of a side that waits. */
  openOf(row: number, role: 0 | 1): number {
    return row + 2 * LINE + role * OPEN_WIDTH;
  }

  isQuiet(slot: number): boolean {
    const row = slot * WIDTH;
    return row < this.words.length && this.words[row] === 1;
  }

  /** A row of zeros. */
  begin(slot: number): number {
    const row = this.#records.reset(slot);
    if (this.#records.words !== this.words) {
      this.words = this.#records.words;
      this.doubles = doublesOf(this.words);
    }
    return row;
  }
}

function doublesOf({ buffer, byteOffset, length }: Uint32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2);
}
