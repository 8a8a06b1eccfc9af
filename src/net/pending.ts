/**
 * Segments that came too early, of all streams: each a copy of its bytes, with the frame that brought it, until what
 * is missing before it comes or is given up. Memory is what a peer can make us spend here, so pieces and streams count with
 * what they cost beyond the bytes, and both the sum and the share of one stream are bounded; who adds looks at `isOverfull`.
 *
 * The pieces of a stream are sorted and never overlap: of bytes sent twice the first copy stays, and the second is held
 * against it. A piece without bytes marks a place: where a FIN stands, or a segment of which nothing was captured.
 */

import { DIFFERS, SAME, UNSEEN } from '../storage/stream-memory.ts';
import type { Arrival, Bearing } from './moment.ts';
import { ahead, type Direction, FIN_SEEN, WAITS } from './tcp-connection.ts';

/** Bytes that may wait for an earlier segment, over all streams and in one direction; a piece counts `PIECE_COST` more, a stream `STREAM_COST`. */
export interface StreamLimits {
  readonly bytes: number;
  readonly streamBytes: number;
}

/** Its base is that of `bytes`. */
export interface Piece extends Readonly<Arrival>, Readonly<Bearing> {
  /** Sequence number of the first byte. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** Sequence number up to which the sender has sent something that was not captured: the end of the bytes, or beyond. */
  sentTo: number;
}

/** What a piece takes besides its bytes: two objects, a buffer, a place in a list. Measured, as the next. */
export const PIECE_COST = 256;
/** What a stream of which something waits takes besides its pieces. */
export const STREAM_COST = 512;

interface Waiting {
  readonly pieces: Piece[];
  cost: number;
}

export class PendingSegments {
  /** The bound of all streams together was hit. */
  isCrowded = false;
  readonly #limits: StreamLimits;
  readonly #waiting = new Map<number, Waiting>();
  #cost = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** Bytes held for all streams, with what the pieces cost. */
  get cost(): number {
    return this.#cost;
  }

  /** The piece of a stream that lies lowest. */
  first(key: number): Piece | undefined {
    return this.#waiting.get(key)?.pieces[0];
  }

  /** Highest sequence number up to which something waits or is known to have been sent; `otherwise` when nothing waits. */
  reach(key: number, otherwise: number): number {
    const last = this.#waiting.get(key)?.pieces.at(-1);
    return last === undefined ? otherwise : last.sentTo;
  }

  /** One behind the highest sequence number that a direction is known to have sent. */
  sentTo(direction: Direction): number {
    if (!direction.has(WAITS)) return direction.next;
    const waiting = this.reach(direction.key, direction.next);
    return direction.has(FIN_SEEN) && waiting === direction.fin ? (waiting + 1) >>> 0 : waiting;
  }

  /** A bound is hit, and this stream is one that can be made shorter. */
  isOverfull(key: number): boolean {
    const waiting = this.#waiting.get(key);
    if (this.#cost > this.#limits.bytes) this.isCrowded = true;
    return waiting !== undefined && (this.#cost > this.#limits.bytes || waiting.cost > this.#limits.streamBytes);
  }

  /**
   * Keeps what is new of the bytes [from, to), whose first has sequence number `start`.
   * @param arrival of `bytes`, with what their segment says
   * @returns how the others stand to those that waited already: `SAME`, `DIFFERS`, or `UNSEEN` when there were none
   */
  add(
    key: number,
    start: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    sentTo: number,
    arrival: Readonly<Arrival>,
    bearing: Readonly<Bearing>,
  ): typeof SAME | typeof DIFFERS | typeof UNSEEN {
    const waiting = this.#open(key);
    const { pieces } = waiting;
    let outcome: typeof SAME | typeof DIFFERS | typeof UNSEEN = UNSEEN;
    let index = firstEndingBehind(pieces, start);
    let at = from;
    while (at < to) {
      const sequence = (start + at - from) >>> 0;
      const piece: Piece | undefined = pieces[index];
      const lead = piece === undefined ? to - at : ahead(piece.start, sequence);
      if (lead > 0) {
        const stop = Math.min(to, at + lead);
        this.#insert(waiting, index, sequence, bytes.slice(at, stop), arrival, at, bearing);
        at = stop;
      } else {
        const stop = Math.min(to, at + piece.bytes.length + lead);
        if (!sameBytes(piece.bytes, -lead, bytes, at, stop)) outcome = DIFFERS;
        else if (stop > at && outcome === UNSEEN) outcome = SAME;
        at = stop;
      }
      index++;
    }
    if (from === to && !covers(pieces[index], start))
      this.#insert(waiting, index, start, bytes.slice(0, 0), arrival, 0, bearing);
    const last = pieces[from === to ? index : index - 1];
    if (ahead(sentTo, last.sentTo) > 0) last.sentTo = sentTo;
    return outcome;
  }

  /** Takes the lowest piece out. */
  shift(key: number): void {
    const waiting = this.#waiting.get(key);
    const piece = waiting?.pieces.shift();
    if (waiting === undefined || piece === undefined) return;
    this.#count(waiting, -costOf(piece));
    if (waiting.pieces.length === 0) this.drop(key);
  }

  /** Forgets all that waits in a stream. */
  drop(key: number): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#count(waiting, -waiting.cost);
    this.#waiting.delete(key);
  }

  #open(key: number): Waiting {
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      waiting = { pieces: [], cost: 0 };
      this.#waiting.set(key, waiting);
      this.#count(waiting, STREAM_COST);
    }
    return waiting;
  }

  /** @param at where in the buffer that arrived the copied bytes stood */
  #insert(
    waiting: Waiting,
    index: number,
    start: number,
    bytes: Uint8Array,
    arrival: Readonly<Arrival>,
    at: number,
    { isResent, acknowledged }: Readonly<Bearing>,
  ): void {
    const { frame, seconds, nanoseconds } = arrival;
    const base = arrival.base + at;
    const sentTo = (start + bytes.length) >>> 0;
    const piece = { start, bytes, sentTo, frame, seconds, nanoseconds, base, isResent, acknowledged };
    waiting.pieces.splice(index, 0, piece);
    this.#count(waiting, costOf(piece));
  }

  #count(waiting: Waiting, cost: number): void {
    waiting.cost += cost;
    this.#cost += cost;
  }
}

function costOf(piece: Piece): number {
  return PIECE_COST + piece.bytes.length;
}

/** Index of the first piece that ends behind a sequence number; a binary search, because a peer can make them thousands. */
function firstEndingBehind(pieces: readonly Piece[], sequence: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const piece = pieces[middle];
    if (ahead(piece.start, sequence) + piece.bytes.length > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function covers(piece: Piece | undefined, sequence: number): boolean {
  return piece !== undefined && ahead(piece.start, sequence) <= 0;
}

/** Are the bytes [from, to) those of a piece from `at` on? */
function sameBytes(piece: Uint8Array, at: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (piece[at + i - from] !== bytes[i]) return false;
  return true;
}
