/**
 * Goes ahead of the parser through an ordered pcap, so that its frames need not wait in a sequence: it looks at nothing
 * but the records' headers, and tells how far they may be handed out as they stand. At the first record that is out of
 * order its work is done, and a sequence takes over from what has not been handed out yet.
 *
 * The rule is the sequence's own (sequence.ts): what it could still put a late frame before is held back. Places are
 * noted every few records only, so that somewhat more may be held back.
 */

import { LATE_BYTES, LATE_FRAMES, LATE_SECONDS } from './sequence.ts';

/** Records between two places that are noted; a power of two. */
export const RECORDS_PER_MARK = 64;

/** A place between two records: where, how many stand before it, and the time of the last of them. */
interface Mark {
  readonly position: number;
  readonly records: number;
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** What reads the headers of records, as the parser of pcap does. */
export interface RecordReader {
  /** Offset of the first record in the capture. */
  readonly firstRecord: number;
  /** Moves the scout over the whole records that lie ahead of it, in `bytes[0, end)` with `origin` as their offset. */
  lookAhead(bytes: Uint8Array, end: number, origin: number, scout: Scout): void;
}

/** What was seen ahead. Positions are offsets in the capture. */
export class Scout {
  /** `late`: the record at `position` is out of order. `unclear`: it is none, or one that only the parser can read. */
  state: 'ordered' | 'late' | 'unclear' = 'ordered';
  position = 0;
  records = 0;
  /** Of the last record before `position`. */
  seconds = 0;
  nanoseconds = 0;
  /** Time of the second record. */
  secondSeconds = -1;
  secondNanoseconds = 0;
  /** Time of the last record that was handed on. */
  outSeconds = 0;
  outNanoseconds = 0;
  readonly #parser: RecordReader;
  readonly #marks: Mark[] = [];

  constructor(parser: RecordReader) {
    this.#parser = parser;
    this.position = parser.firstRecord;
  }

  /**
   * Looks at what has come: the capture from `origin` on stands in `bytes[0, end)`.
   * @returns the offset in the capture up to which frames may be handed out
   */
  look(bytes: Uint8Array, end: number, origin: number): number {
    this.#parser.lookAhead(bytes, end, origin, this);
    return this.#letGo();
  }

  /** Everything is handed out that was looked at. */
  letAllGo(): void {
    this.#marks.length = 0;
    this.outSeconds = this.seconds;
    this.outNanoseconds = this.nanoseconds;
  }

  /** Called by the parser every `RECORDS_PER_MARK` records. */
  mark(position: number, records: number, seconds: number, nanoseconds: number): void {
    this.#marks.push({ position, records, seconds, nanoseconds });
  }

  /** The second record has this time. */
  noteSecond(seconds: number, nanoseconds: number): void {
    this.secondSeconds = seconds;
    this.secondNanoseconds = nanoseconds;
  }

  #letGo(): number {
    const marks = this.#marks;
    let sure = 0;
    while (sure < marks.length && this.#isSure(marks[sure])) sure++;
    if (sure === 0) return 0;
    const { position, seconds, nanoseconds } = marks[sure - 1];
    this.outSeconds = seconds;
    this.outNanoseconds = nanoseconds;
    marks.splice(0, sure);
    return position;
  }

  #isSure({ position, records, seconds, nanoseconds }: Mark): boolean {
    const whole = this.seconds - LATE_SECONDS;
    return (
      this.records - records > LATE_FRAMES ||
      this.position - position > LATE_BYTES ||
      seconds < whole ||
      (seconds === whole && nanoseconds < this.nanoseconds)
    );
  }
}
