/**
 * Asks a framing, and holds it to its contract: what it answers is a length that makes sense, `MORE` or `MALFORMED`, or
 * the run ends with a FramingFault. Nothing behind it need check an answer again.
 */
import { answered, bytesAt, FramingFault, thrown } from './fault.ts';
import { type Framing, MALFORMED, MORE } from './framing.ts';

export class Answers {
  /** Most bytes that `lengthOf` is shown of a message. */
  readonly reach: number;
  /** What the framing noted of the message that was asked about from its beginning, last. */
  readonly notes: Float64Array;
  readonly #framing: Framing;
  readonly #protocol: string;

  /** @param protocol id of the one that is cut for @param longest message in bytes */
  constructor(framing: Framing, protocol: string, longest: number) {
    this.#framing = framing;
    this.#protocol = protocol;
    this.reach = Math.max(longest, framing.headLength);
    this.notes = new Float64Array(framing.notes ?? 0);
  }

  /** See `Framing.lengthOf`, asked about a message for the first time. */
  first(bytes: Uint8Array, at: number, to: number): number {
    if (this.notes.length > 0) this.notes.fill(0);
    return this.lengthOf(bytes, at, to, at, this.notes);
  }

  /** See `Framing.lengthOf`. Of the bytes before `to` it is shown no more than the longest message has. */
  lengthOf(bytes: Uint8Array, at: number, to: number, searchedTo: number, notes: Float64Array): number {
    const framing = this.#framing;
    const end = to - at > this.reach ? at + this.reach : to;
    let length: number;
    try {
      length = framing.lengthOf(bytes, at, end, searchedTo, notes);
    } catch (error) {
      throw this.#fault(`lengthOf throws ${thrown(error)}`, bytes, at, end, error);
    }
    if (Number.isSafeInteger(length) && length >= framing.headLength && length > searchedTo - at) return length;
    if (length === MORE) return MORE;
    if (length === MALFORMED && framing.malformed) return MALFORMED;
    throw this.#fault(`lengthOf answers ${this.#wrong(length, searchedTo - at)}`, bytes, at, end);
  }

  /**
   * The fewest bytes at `at` from which the framing can tell the length, or that there can be none; it can from those
   * before `to`. What is found wrong ends behind them, in however many segments it came.
   */
  decided(bytes: Uint8Array, at: number, to: number): number {
    const all = Math.min(to - at, this.reach);
    let least = Math.min(this.#framing.headLength, all);
    let most = least;
    // From the beginning on, so that the time goes with what is decided and not with what lies behind it.
    while (most < all && this.first(bytes, at, at + most) === MORE) {
      least = most + 1;
      most = Math.min(2 * most, all);
    }
    while (least < most) {
      const middle = (least + most) >>> 1;
      if (this.first(bytes, at, at + middle) === MORE) least = middle + 1;
      else most = middle;
    }
    return most;
  }

  /** See `Framing.beginning`; -1 where the framing knows none. */
  beginning(bytes: Uint8Array, at: number, end: number, previous: number): number {
    const framing = this.#framing;
    if (!framing.beginning) return -1;
    let found: number;
    try {
      found = framing.beginning(bytes, at, end, previous);
    } catch (error) {
      throw this.#fault(`beginning throws ${thrown(error)}`, bytes, at, end, error);
    }
    if (found === -1 || (Number.isSafeInteger(found) && found >= at && found <= end)) return found;
    throw this.#fault(`beginning answers ${answered(found)}, not -1 or an offset from ${at} to ${end}`, bytes, at, end);
  }

  #wrong(length: unknown, searched: number): string {
    const { headLength } = this.#framing;
    if (length === MALFORMED) return 'MALFORMED, and the framing has no rule `malformed`';
    if (!Number.isSafeInteger(length) || Number(length) < 0) {
      return `${answered(length)}, which is neither a length in whole bytes nor MORE nor MALFORMED`;
    }
    if (Number(length) < headLength) return `${length}, which is less than its headLength of ${headLength}`;
    return `${length}, and had asked for more with ${searched} bytes there`;
  }

  #fault(what: string, bytes: Uint8Array, at: number, end: number, cause?: unknown): FramingFault {
    return new FramingFault(this.#framing, this.#protocol, `${what}, at ${bytesAt(bytes, at, end)}`, cause);
  }
}
