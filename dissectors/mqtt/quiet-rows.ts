/**
 * What is remembered of quiet connections (`quiet.ts`): a row of numbers each, by slot, in which lies all that their packets
 * look at and change. An object's fields would be spread over dozens of cache lines, and of a thousand connections that take
 * turns each would have to be fetched for every packet.
 */

/** Fields of a row. */
export const ROW = {
  /** 1 while the connection is quiet; only then does the row hold anything. */
  QUIET: 0,
  /** 4 or 5. */
  LEVEL: 1,
  CLIENT_SIDE: 2,
  /** Of the packet in hand, from 1. */
  ORDINAL: 3,
  /** Offset behind the CONNACK, and when it came, in seconds. */
  CONNACK_END: 4,
  CONNACK_SECONDS: 5,
  /** In force once the client knows the CONNACK, in seconds; 0 for none. */
  KEEP_ALIVE: 6,
  /** Seconds before which nothing can have waited too long. */
  DUE: 7,
} as const;

/** Fields of a side, from where it begins in the row. */
export const SIDE = {
  /** As `Side` has them. */
  LAST_OFFSET: 0,
  LAST_HEARD: 1,
  LAST_END: 2,
  LAST_FRAME: 3,
  MOST_SIZE: 4,
  /** The same of what it has sent since the connection is quiet. */
  SENT: 5,
  /** Identifiers of its PUBLISHes since then, the first and the last of a range; 0 for none. */
  FIRST_ID: 6,
  LAST_ID: 7,
  /** The last one waits for its PUBACK. */
  IS_OPEN: 8,
  /** That PUBLISH: as `Flow` and `Wait` have it. */
  ORDINAL: 9,
  FRAME: 10,
  SECONDS: 11,
  NANOSECONDS: 12,
  LENGTH: 13,
  DIGEST: 14,
  END: 15,
  SINCE: 16,
} as const;

const HEAD = 8;
const SIDE_WIDTH = 17;
const WIDTH = HEAD + 2 * SIDE_WIDTH;

export class QuietRows {
  /** Replaced when it grows. */
  numbers: Float64Array<ArrayBuffer> = new Float64Array(4 * WIDTH);

  /** Where the row of a slot begins. */
  rowOf(slot: number): number {
    return slot * WIDTH;
  }

  /** Where a side begins in a row. */
  sideOf(row: number, role: 0 | 1): number {
    return row + HEAD + role * SIDE_WIDTH;
  }

  isQuiet(slot: number): boolean {
    const row = slot * WIDTH;
    return row < this.numbers.length && this.numbers[row] === 1;
  }

  /** A row of zeros. */
  begin(slot: number): number {
    const row = slot * WIDTH;
    if (row + WIDTH > this.numbers.length) {
      const grown = new Float64Array(Math.max(this.numbers.length * 2, row + WIDTH));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers.fill(0, row, row + WIDTH);
    return row;
  }
}
