/**
 * Cuts the streams of one protocol into messages, and owns what is left over between segments. A message that lies
 * whole in one segment is handed on where it lies; only one that is spread over several is put together in a buffer,
 * which grows with the bytes that come and never with the length that a peer has claimed.
 *
 * Where bytes were lost the cutter keeps to what is certain. A loss inside a message whose length is known leaves a
 * message that is captured in part, and the next one is where it was. A loss that swallowed a boundary ends the
 * direction, unless the protocol knows a beginning when it sees one (`resync`).
 */
import { type Extents, positionOf, UNPLACED } from '../net/extents.ts';
import type { Arrival, Moment } from '../net/moment.ts';
import { withRoomFor } from '../storage/records.ts';
import type { Framing } from './framing.ts';

export interface CutterSink {
  /** A message of `length` bytes on the wire, of which the first `captured` are at `start`. `base` is that of `bytes`. */
  message(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
  ): void;
  /** The head at `start` claims a message beyond the bound; `captured` bytes of it are there. The direction is given up. */
  tooLong(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
  ): void;
  /** A boundary was lost: what comes next is not what followed the last message. */
  lost(flow: number, side: number): void;
  /** The stream ended in order inside this message; `length` is 0 where it ended inside the head. */
  truncated(flow: number, side: number, part: PartialMessage): void;
}

export interface CutterOptions {
  readonly framing: Framing;
  readonly longest: number;
  readonly resync: ((bytes: Uint8Array, at: number, end: number) => boolean) | undefined;
  /** Bytes of incomplete messages, over all cutters that share it. */
  readonly budget: Budget;
  /** The frame in hand, and where the bytes lie that are handed in. */
  readonly moment: Readonly<Arrival>;
  /** Where messages are entered that are spread over several segments, if their bytes must be found again. */
  readonly extents?: Extents | undefined;
}

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

const FIRST_ROOM = 4096;
/** Longest buffer that is kept for the next message. */
const LONGEST_SPARE = 65_536;
const NOTHING = new Uint8Array(0);

/** A message of which some bytes have come. */
export class PartialMessage {
  bytes: Uint8Array = NOTHING;
  /** Bytes held: the first ones of the message. */
  held = 0;
  /** Bytes that have come, or are known to be lost. */
  position = 0;
  /** Length on the wire, 0 until the head is complete. */
  length = 0;
  /** Position and length of the pieces of the bytes held, 16 bytes a segment; undefined if nobody wants to know. */
  readonly pieces: number[] | undefined;
  /** Where its last byte was seen. */
  readonly last: Moment = { frame: 0, seconds: 0, nanoseconds: 0 };

  constructor(pieces: number[] | undefined) {
    this.pieces = pieces;
  }
}

/** What a direction is doing. */
const CUTTING = 0;
/** A boundary was lost; looking for a beginning. */
const SEEKING = 1;
const GIVEN_UP = 2;

export class Cutter {
  readonly #sink: CutterSink;
  readonly #options: CutterOptions;
  /**
   * By `flow * 2 + side`, as all here. No map: one that every message enters and leaves rebuilds its table all the
   * time, and each table in the old generation of the garbage collector keeps the next one alive, with the messages in
   * it.
   */
  readonly #partials: (PartialMessage | undefined)[] = [];
  #modes: Uint8Array<ArrayBuffer> = new Uint8Array(128);
  /** The buffer of the last message that was put together: to make one takes longer than to fill it. */
  #spare: Uint8Array = NOTHING;

  constructor(sink: CutterSink, options: CutterOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** The next bytes [from, to) of a direction; they are not kept. */
  data(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    const key = flow * 2 + side;
    if (!this.#isCutting(key, bytes, from, to)) return;
    let at = from;
    const partial = this.#partials[key];
    if (partial) {
      at = this.#fill(flow, side, partial, bytes, from, to);
      if (at < 0) return;
    }
    const { framing, longest, moment } = this.#options;
    while (to - at >= framing.headLength) {
      const length = Math.max(framing.lengthOf(bytes, at), framing.headLength);
      if (length > longest) {
        this.#modes[key] = GIVEN_UP;
        this.#sink.tooLong(flow, side, bytes, at, length, to - at, moment.base);
        return;
      }
      if (to - at < length) break;
      this.#sink.message(flow, side, bytes, at, length, length, moment.base);
      at += length;
    }
    if (at < to) this.#begin(key, bytes, at, to);
  }

  /** `length` bytes of a direction were lost. */
  gap(flow: number, side: number, length: number): void {
    const key = flow * 2 + side;
    if ((this.#modes[key] ?? CUTTING) !== CUTTING) return;
    const partial = this.#partials[key];
    const rest = partial && partial.length > 0 ? partial.length - partial.position : 0;
    if (partial && length < rest) {
      partial.position += length;
      return;
    }
    if (partial) {
      this.#drop(key, partial);
      if (partial.length > 0) this.#hand(flow, side, partial);
    }
    if (rest > 0 && length === rest) return;
    this.loseBoundary(flow, side);
  }

  /** A direction ended in order. @returns whether that was inside a message */
  end(flow: number, side: number): boolean {
    const key = flow * 2 + side;
    const partial = this.#partials[key];
    if (!partial) return false;
    this.#drop(key, partial);
    this.#sink.truncated(flow, side, partial);
    return true;
  }

  /** Forgets both directions of a flow. */
  forget(flow: number): void {
    for (const key of [flow * 2, flow * 2 + 1]) {
      const partial = this.#partials[key];
      if (partial) this.#drop(key, partial);
      if (key < this.#modes.length) this.#modes[key] = CUTTING;
    }
  }

  /** Where the next message of a direction begins is not known: bytes were lost, or it is taken up in its middle. */
  loseBoundary(flow: number, side: number): void {
    const key = flow * 2 + side;
    this.#modes = withRoomFor(this.#modes, key);
    this.#modes[key] = this.#options.resync ? SEEKING : GIVEN_UP;
    this.#sink.lost(flow, side);
  }

  #isCutting(key: number, bytes: Uint8Array, from: number, to: number): boolean {
    this.#modes = withRoomFor(this.#modes, key);
    if (this.#modes[key] === SEEKING && this.#options.resync?.(bytes, from, to)) this.#modes[key] = CUTTING;
    return this.#modes[key] === CUTTING;
  }

  /** Goes on with a message; returns where the next one begins, or -1 when there are no bytes left for one. */
  #fill(flow: number, side: number, partial: PartialMessage, bytes: Uint8Array, from: number, to: number): number {
    const { framing, longest } = this.#options;
    const key = flow * 2 + side;
    let at = from;
    if (partial.length === 0) {
      at = Math.min(to, from + framing.headLength - partial.position);
      this.#add(partial, bytes, from, at);
      if (partial.position < framing.headLength) return -1;
      if (partial.held < framing.headLength) {
        this.#drop(key, partial);
        this.loseBoundary(flow, side);
        return -1;
      }
      partial.length = Math.max(framing.lengthOf(partial.bytes, 0), framing.headLength);
      if (partial.length > longest) {
        this.#drop(key, partial);
        this.#modes[key] = GIVEN_UP;
        this.#sink.tooLong(flow, side, partial.bytes, 0, partial.length, partial.held, this.#baseOf(partial));
        return -1;
      }
    }
    const end = Math.min(to, at + partial.length - partial.position);
    this.#add(partial, bytes, at, end);
    if (partial.position < partial.length) return -1;
    this.#drop(key, partial);
    this.#hand(flow, side, partial);
    return end;
  }

  #begin(key: number, bytes: Uint8Array, from: number, to: number): void {
    const { framing, extents } = this.#options;
    const partial = new PartialMessage(extents && []);
    if (to - from >= framing.headLength) partial.length = Math.max(framing.lengthOf(bytes, from), framing.headLength);
    // No holes: they would make a dictionary of the list.
    while (this.#partials.length <= key) this.#partials.push(undefined);
    this.#partials[key] = partial;
    this.#add(partial, bytes, from, to);
  }

  /** Takes bytes of a message; behind a hole, or beyond the budget, they are counted and not held. */
  #add(partial: PartialMessage, bytes: Uint8Array, from: number, to: number): void {
    const { frame, seconds, nanoseconds, base } = this.#options.moment;
    const count = to - from;
    if (partial.held === partial.position && this.#hasRoom(partial, count)) {
      partial.bytes.set(bytes.subarray(from, to), partial.held);
      partial.held += count;
      partial.pieces?.push(positionOf(base, from), count);
    }
    partial.position += count;
    partial.last.frame = frame;
    partial.last.seconds = seconds;
    partial.last.nanoseconds = nanoseconds;
  }

  #hasRoom(partial: PartialMessage, count: number): boolean {
    const { framing, budget } = this.#options;
    const need = partial.held + count;
    if (need <= partial.bytes.length) return true;
    const whole = partial.length || framing.headLength;
    const room = Math.min(Math.max(need, partial.bytes.length * 2, FIRST_ROOM), Math.max(whole, need));
    const reuses = partial.held === 0 && this.#spareFits(room);
    const grown = reuses ? this.#spare : new Uint8Array(room);
    if (!budget.take(grown.length - partial.bytes.length)) return false;
    if (reuses) this.#spare = NOTHING;
    else grown.set(partial.bytes.subarray(0, partial.held));
    partial.bytes = grown;
    return true;
  }

  /** One much larger than need be would be held, and count, for as long as the message takes. */
  #spareFits(room: number): boolean {
    const { length } = this.#spare;
    return room <= length && length <= room * 2;
  }

  #drop(key: number, partial: PartialMessage): void {
    this.#partials[key] = undefined;
    this.#options.budget.give(partial.bytes.length);
  }

  #hand(flow: number, side: number, partial: PartialMessage): void {
    const { bytes, length, held } = partial;
    this.#sink.message(flow, side, bytes, 0, length, held, this.#baseOf(partial));
    if (bytes.length <= LONGEST_SPARE) this.#spare = bytes;
  }

  #baseOf({ pieces }: PartialMessage): number {
    const { extents } = this.#options;
    return pieces === undefined || extents === undefined ? UNPLACED : extents.enter(pieces);
  }
}
