/** A message of which some bytes have come, and how many bytes of such messages may be held. */
import type { Moment, Origin } from '../net/moment.ts';

/** Bytes that may be held, and how often more were wanted. */
export class Budget {
  refused = 0;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) {
      this.refused++;
      return false;
    }
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

const NOTHING = new Uint8Array(0);
const NO_NOTES = new Float64Array(0);

export class PartialMessage {
  bytes: Uint8Array = NOTHING;
  /** Bytes held: the first ones of the message. */
  held = 0;
  /** Bytes that have come, or are known to be lost. */
  position = 0;
  /** Length on the wire, 0 until it is known. */
  length = 0;
  /** Bytes that the framing was asked about and could not tell the length from. */
  searched = 0;
  /** What the framing has noted of them, see `Framing.notes`. */
  readonly notes: Float64Array;
  /** Position and length of the pieces of the bytes held, 16 bytes a segment; undefined if nobody wants to know. */
  readonly pieces: number[] | undefined;
  /** What brought its first byte, where somebody watches; its `at` is the message's. */
  readonly origin: Origin | undefined;
  /** Where its last byte was seen. */
  readonly last: Moment = { frame: 0, seconds: 0, nanoseconds: 0 };

  constructor(pieces: number[] | undefined, notes: number, origin?: Origin) {
    this.origin = origin;
    this.pieces = pieces;
    this.notes = notes === 0 ? NO_NOTES : new Float64Array(notes);
  }

  /** Nothing of the next message has come. For one without notes, of whose pieces and beginning nobody wants to know. */
  restart(): void {
    this.bytes = NOTHING;
    this.held = 0;
    this.position = 0;
    this.length = 0;
    this.searched = 0;
  }

  /** The last `count` bytes that were taken are no part of it. */
  giveBack(count: number): void {
    this.held -= count;
    this.position -= count;
    const { pieces } = this;
    if (pieces !== undefined) pieces[pieces.length - 1] -= count;
  }
}
