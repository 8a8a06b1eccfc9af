/**
 * Cuts the streams of one protocol into messages, and owns what is left over between segments. A message that lies
 * whole in one segment is handed on where it lies; only one that is spread over several is put together in a buffer,
 * which grows with the bytes that come and never with the length that a peer has claimed. Of a message longer than `keep`
 * the rest is counted and let go.
 *
 * Where bytes were lost the cutter keeps to what is certain. A loss inside a message whose length is known leaves a
 * message that is captured in part, and the next one is where it was. A loss that swallowed a boundary ends the
 * direction, unless the framing or the protocol knows a beginning when it sees one (`Framing.beginning`, `resync`). The
 * same holds behind bytes that can be no message.
 *
 * A direction may be given another framing between two messages (`goOn`: HTTP that becomes WebSocket), or none until it is
 * known which: its bytes wait. What had come of a message by then is cut again by the new one. With several framings a lost
 * boundary ends both directions, since nobody knows any more by which framing they go on.
 */
import { type Extents, positionOf, UNPLACED } from '../net/extents.ts';
import type { Arrival, Origin } from '../net/moment.ts';
import { withRoomFor } from '../storage/records.ts';
import { BegunMessage } from './begun.ts';
import { HELD, MALFORMED, MORE } from './framing.ts';
import { type Budget, PartialMessage } from './partial-message.ts';
import { type Way, type WayOptions, waysOf } from './ways.ts';

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
  /**
   * The message at `start` is beyond the bound: its head claims so many bytes, or 0 where no end of it came within the
   * bound. `captured` bytes of it are there. The direction is given up, or its next beginning is looked for.
   */
  tooLong(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
  ): void;
  /** The `captured` bytes at `start` can be no message. The direction is given up, or its next beginning is looked for. */
  malformed(flow: number, side: number, bytes: Uint8Array, start: number, captured: number, base: number): void;
  /** A boundary was lost: what comes next is not what followed the last message. */
  lost(flow: number, side: number): void;
  /** The stream ended in order inside this message; `length` is 0 where its length was not clear yet. */
  truncated(flow: number, side: number, part: PartialMessage): void;
}

export interface CutterOptions extends WayOptions {
  /** Id of the protocol that it cuts for. */
  readonly protocol: string;
  /** Framings that a direction may go on with; none if absent. */
  readonly later?: readonly WayOptions[] | undefined;
  readonly resync: ((bytes: Uint8Array, at: number, end: number) => boolean) | undefined;
  /** Bytes of incomplete messages, over all cutters that share it. */
  readonly budget: Budget;
  /** The frame in hand, and where the bytes lie that are handed in. */
  readonly moment: Readonly<Arrival>;
  /** What brought the bytes that are handed in, if somebody wants to know where messages begin. */
  readonly origin?: Readonly<Origin> | undefined;
  /** Where messages are entered that are spread over several segments, if their bytes must be found again. */
  readonly extents?: Extents | undefined;
}

const FIRST_ROOM = 4096;
/** Bytes that are taken at once of a message whose length is not clear yet. */
const TAKEN_AT_ONCE = 1024;
/** Bytes of all buffers that are kept for the next messages, and what else of them is. */
const MOST_SPARE = 262_144;
const MOST_IDLE = 256;
const HELD_PLACE = 255;

/** What a direction is doing. */
const CUTTING = 0;
/** A boundary was lost; looking for a beginning. */
const SEEKING = 1;
const GIVEN_UP = 2;

export class Cutter {
  /** Where the message begins that the sink is given, if an origin was given. */
  readonly begun = new BegunMessage();
  readonly #sink: CutterSink;
  readonly #options: CutterOptions;
  /** How a direction is cut at first, and all ways in which one may be. */
  readonly #first: Way;
  readonly #ways: readonly Way[];
  /** By direction: the place of its way, where there are several; `HELD` as `HELD_PLACE`. */
  #places: Uint8Array<ArrayBuffer> = new Uint8Array(1);
  /**
   * By `flow * 2 + side`, as all here. No map: one that every message enters and leaves rebuilds its table all the
   * time, and each table in the old generation of the garbage collector keeps the next one alive, with the messages in
   * it.
   */
  readonly #partials: (PartialMessage | undefined)[] = [];
  #modes: Uint8Array<ArrayBuffer> = new Uint8Array(128);
  /** The last byte of a direction whose next beginning is looked for, where it was captured. */
  readonly #previous = new Map<number, number>();
  /** Buffers of messages that were put together: to make one takes longer than to fill it. */
  readonly #spares: Uint8Array[] = [];
  #spareBytes = 0;
  /** Those whose messages were handed on, as good as new. */
  readonly #idle: PartialMessage[] = [];
  readonly #isPlain: boolean;

  constructor(sink: CutterSink, options: CutterOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#ways = waysOf([options, ...(options.later ?? [])], options.protocol);
    this.#first = this.#ways[0];
    this.#isPlain = (options.later ?? []).length === 0;
  }

  /** A direction whose boundary was lost may be gone on with. */
  get knowsBeginnings(): boolean {
    return this.#isPlain && (this.#first.framing.beginning !== undefined || this.#options.resync !== undefined);
  }

  /** What cuts a direction now: 0 for the first framing, then those that may come later, `HELD`. */
  placeOf(flow: number, side: number): number {
    const place = this.#places[flow * 2 + side] ?? 0;
    return place === HELD_PLACE ? HELD : place;
  }

  /**
   * From the next message on a direction is cut in another way. Called between messages: at the end of `CutterSink.message`, or
   * when a stream has ended.
   * @param place as `placeOf` has it
   */
  goOn(flow: number, side: number, place: number): void {
    const key = flow * 2 + side;
    if (place === this.placeOf(flow, side)) return;
    this.#places = withRoomFor(this.#places, key);
    this.#places[key] = place === HELD ? HELD_PLACE : place;
    const partial = this.#partials[key];
    if (partial) this.#cutAgain(flow, side, partial);
  }

  /** The next bytes [from, to) of a direction; they are not kept. */
  data(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    const key = flow * 2 + side;
    let at = this.#beginningIn(key, bytes, from, to);
    if (at < 0) return;
    const partial = this.#partials[key];
    if (partial) {
      at = this.#fill(flow, side, partial, bytes, at, to);
      if (at < 0 || (!this.#isPlain && this.#modes[key] !== CUTTING)) return;
    }
    const { moment, origin } = this.#options;
    let way = this.#wayOf(key);
    let length = MORE;
    while (to - at >= way.framing.headLength) {
      length = way.answers.first(bytes, at, to);
      if (length > way.longest || length === MALFORMED || (length === MORE && to - at >= way.answers.reach)) {
        if (origin) this.begun.set(origin, at - from, length > 0 ? length : to - at);
        const refused = this.#refuse(flow, side, bytes, at, to, length, moment.base);
        if (refused < 0) return;
        at = this.#seek(key, bytes, at + refused, to);
        if (at < 0) return;
      } else {
        if (length === MORE || to - at < length) break;
        if (origin) this.begun.set(origin, at - from, length);
        this.#sink.message(flow, side, bytes, at, length, length, moment.base);
        at += length;
        if (!this.#isPlain) {
          if (this.#modes[key] !== CUTTING) return;
          way = this.#wayOf(key);
        }
      }
      length = MORE;
    }
    if (at < to) this.#begin(key, bytes, at, to, length, origin && { ...origin, at: origin.at + at - from });
  }

  /** `length` bytes of a direction were lost. */
  gap(flow: number, side: number, length: number): void {
    const key = flow * 2 + side;
    if ((this.#modes[key] ?? CUTTING) !== CUTTING) {
      this.#previous.delete(key);
      return;
    }
    if (!this.#isPlain) {
      this.loseBoundary(flow, side);
      return;
    }
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
    if (this.placeOf(flow, side) === HELD) {
      this.loseBoundary(flow, side);
      return true;
    }
    this.#setBegun(partial, partial.length || partial.position);
    this.#sink.truncated(flow, side, partial);
    return true;
  }

  /** Bytes that came of a message of a direction that is not whole yet; those too many to be held are counted, too. */
  unfinished(flow: number, side: number): number {
    return this.#partials[flow * 2 + side]?.position ?? 0;
  }

  /** Forgets both directions of a flow. */
  forget(flow: number): void {
    for (const key of [flow * 2, flow * 2 + 1]) {
      const partial = this.#partials[key];
      if (partial) this.#drop(key, partial);
      if (key < this.#modes.length) this.#modes[key] = CUTTING;
      if (key < this.#places.length) this.#places[key] = 0;
      this.#previous.delete(key);
    }
  }

  /** Where the next message of a direction begins is not known: bytes were lost, or it is taken up in its middle. */
  loseBoundary(flow: number, side: number): void {
    const key = flow * 2 + side;
    this.#modes = withRoomFor(this.#modes, key);
    this.#modes[key] = this.knowsBeginnings ? SEEKING : GIVEN_UP;
    this.#previous.delete(key);
    this.#sink.lost(flow, side);
    if (!this.#isPlain) this.#giveUpBoth(flow, side);
  }

  /** What was lost may have said by which framing the other direction goes on. @param lost the one whose loss was reported */
  #giveUpBoth(flow: number, lost: number): void {
    for (const side of [0, 1]) {
      const key = flow * 2 + side;
      const partial = this.#partials[key];
      if (partial) this.#drop(key, partial);
      this.#modes = withRoomFor(this.#modes, key);
      if (side !== lost && this.#modes[key] === CUTTING) {
        this.#modes[key] = GIVEN_UP;
        this.#sink.lost(flow, side);
      }
    }
  }

  #wayOf(key: number): Way {
    if (this.#isPlain) return this.#first;
    const place = this.#places[key] ?? 0;
    return this.#ways[place === HELD_PLACE ? this.#ways.length - 1 : place];
  }

  /** The bytes of a message that was under way, cut by the framing that the direction has now. */
  #cutAgain(flow: number, side: number, begun: PartialMessage): void {
    const key = flow * 2 + side;
    this.#drop(key, begun);
    const { bytes, held, pieces, origin } = begun;
    if (held < begun.position) {
      this.loseBoundary(flow, side);
      return;
    }
    let way = this.#wayOf(key);
    let at = 0;
    let length = MORE;
    while (held - at >= way.framing.headLength && this.#modes[key] === CUTTING) {
      length = way.answers.first(bytes, at, held);
      if (length > way.longest || length === MALFORMED || (length === MORE && held - at >= way.answers.reach)) {
        if (origin) this.begun.set(origin, at, length > 0 ? length : held - at);
        this.#refuse(flow, side, bytes, at, held, length, UNPLACED);
        return;
      }
      if (length === MORE || held - at < length) break;
      if (origin) this.begun.set(origin, at, length);
      const base = this.#baseOf({ pieces: pieces && piecesIn(pieces, at, at + length) });
      this.#sink.message(flow, side, bytes.subarray(at, at + length), 0, length, length, base);
      at += length;
      way = this.#wayOf(key);
      length = MORE;
    }
    if (at === held || this.#modes[key] !== CUTTING) return;
    this.#begin(key, bytes, at, held, length, origin && { ...origin, at: origin.at + at });
    const rest = this.#partials[key]?.pieces;
    if (rest && pieces) rest.splice(0, rest.length, ...piecesIn(pieces, at, held));
  }

  /** Where in a segment the direction goes on: at its start, unless a boundary was lost; -1 where it does not. */
  #beginningIn(key: number, bytes: Uint8Array, from: number, to: number): number {
    this.#modes = withRoomFor(this.#modes, key);
    if (this.#modes[key] === CUTTING) return from;
    if (this.#modes[key] === GIVEN_UP) return -1;
    if (!this.#options.resync?.(bytes, from, to)) return this.#seek(key, bytes, from, to);
    this.#modes[key] = CUTTING;
    return from;
  }

  /** Looks for the next beginning, as the framing knows one; -1 when it is not in these bytes. */
  #seek(key: number, bytes: Uint8Array, from: number, to: number): number {
    const { answers, framing } = this.#wayOf(key);
    const found = from === to ? -1 : answers.beginning(bytes, from, to, this.#previous.get(key) ?? -1);
    if (found >= 0) {
      this.#modes[key] = CUTTING;
      this.#previous.delete(key);
    } else if (from < to && framing.beginning) this.#previous.set(key, bytes[to - 1]);
    return found;
  }

  /**
   * The bytes [start, to) begin with what can be no message, or with one beyond the bound.
   * @param length as the framing has it
   * @returns how many of them are done with; -1 where nothing in this segment can be gone on with
   */
  #refuse(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    to: number,
    length: number,
    base: number,
  ): number {
    const { resync } = this.#options;
    const key = flow * 2 + side;
    if (this.placeOf(flow, side) === HELD) {
      // Nobody is to blame for what waits.
      this.loseBoundary(flow, side);
      return -1;
    }
    const { framing, answers } = this.#wayOf(key);
    const there = to - start;
    const goesOn = framing.beginning !== undefined;
    let refused = answers.reach;
    if (length === MALFORMED || (length !== MORE && goesOn)) refused = answers.decided(bytes, start, to);
    this.#modes[key] = goesOn || (length === MALFORMED && resync) ? SEEKING : GIVEN_UP;
    if (goesOn) this.#previous.set(key, bytes[start + refused - 1]);
    if (length === MALFORMED) this.#sink.malformed(flow, side, bytes, start, refused, base);
    else this.#sink.tooLong(flow, side, bytes, start, length, length === MORE ? refused : there, base);
    return goesOn ? refused : -1;
  }

  /** Goes on with a message; returns where the next one begins, or -1 when there are no bytes left for one. */
  #fill(flow: number, side: number, partial: PartialMessage, bytes: Uint8Array, from: number, to: number): number {
    const key = flow * 2 + side;
    let at = from;
    if (partial.length === 0) {
      at = this.#findLength(flow, side, partial, bytes, from, to);
      if (partial.length === 0) return at;
    }
    const end = Math.min(to, at + partial.length - partial.position);
    this.#add(key, partial, bytes, at, end);
    if (partial.position < partial.length) return -1;
    this.#drop(key, partial);
    this.#hand(flow, side, partial);
    return end;
  }

  /**
   * Takes bytes of a message until its length is known. @returns where the rest of the message begins; where its length is
   * not known, where the next one does, or -1
   */
  #findLength(
    flow: number,
    side: number,
    partial: PartialMessage,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): number {
    const key = flow * 2 + side;
    const { framing, longest, answers } = this.#wayOf(key);
    const { headLength } = framing;
    const { reach } = answers;
    let at = from;
    while (at < to) {
      const wanted = partial.position < headLength ? headLength - partial.position : TAKEN_AT_ONCE;
      const end = Math.min(to, at + Math.min(wanted, reach - partial.position));
      this.#add(key, partial, bytes, at, end);
      at = end;
      if (partial.position < headLength) return -1;
      if (partial.held < partial.position) {
        this.#drop(key, partial);
        this.loseBoundary(flow, side);
        return -1;
      }
      const { held } = partial;
      const length = answers.lengthOf(partial.bytes, 0, held, partial.searched, partial.notes);
      if (length > longest || length === MALFORMED || (length === MORE && held >= reach)) {
        this.#drop(key, partial);
        this.#setBegun(partial, length > 0 ? length : held);
        const refused = this.#refuse(flow, side, partial.bytes, 0, held, length, this.#baseOf(partial));
        return refused < 0 ? -1 : this.#seek(key, bytes, at - (held - refused), to);
      }
      if (length !== MORE) {
        partial.length = length;
        const surplus = Math.max(0, held - length);
        if (surplus > 0) partial.giveBack(surplus);
        return at - surplus;
      }
      partial.searched = held;
    }
    return -1;
  }

  /** @param length of the message, or MORE */
  #begin(key: number, bytes: Uint8Array, from: number, to: number, length: number, origin: Origin | undefined): void {
    const { framing, answers } = this.#wayOf(key);
    const partial = this.#newPartial(framing.notes ?? 0, origin);
    partial.length = length;
    if (to - from >= framing.headLength) {
      partial.searched = to - from;
      if (partial.notes.length > 0) partial.notes.set(answers.notes);
    }
    // No holes: they would make a dictionary of the list.
    while (this.#partials.length <= key) this.#partials.push(undefined);
    this.#partials[key] = partial;
    this.#add(key, partial, bytes, from, to);
  }

  #newPartial(notes: number, origin: Origin | undefined): PartialMessage {
    const idle = notes > 0 || origin ? undefined : this.#idle.pop();
    return idle ?? new PartialMessage(this.#options.extents && [], notes, origin);
  }

  /** Takes bytes of a message; behind a hole, beyond the budget or what is kept they are counted and not held. */
  #add(key: number, partial: PartialMessage, bytes: Uint8Array, from: number, to: number): void {
    const { frame, seconds, nanoseconds, base } = this.#options.moment;
    const way = this.#wayOf(key);
    const kept = partial.length === 0 ? to - from : Math.min(to - from, way.keep - partial.held);
    if (kept > 0 && partial.held === partial.position && this.#hasRoom(way, partial, kept)) {
      partial.bytes.set(bytes.subarray(from, from + kept), partial.held);
      partial.held += kept;
      partial.pieces?.push(positionOf(base, from), kept);
    }
    partial.position += to - from;
    partial.last.frame = frame;
    partial.last.seconds = seconds;
    partial.last.nanoseconds = nanoseconds;
  }

  #hasRoom(way: Way, partial: PartialMessage, count: number): boolean {
    const { budget } = this.#options;
    const need = partial.held + count;
    if (need <= partial.bytes.length) return true;
    const whole = partial.length === 0 ? mostOf(way, partial) : Math.min(partial.length, way.keep);
    const room = Math.min(Math.max(need, partial.bytes.length * 2, FIRST_ROOM), Math.max(whole, need));
    const spare = partial.held === 0 ? this.#takeSpare(room) : undefined;
    const grown = spare ?? new Uint8Array(room);
    if (!budget.take(grown.length - partial.bytes.length)) return false;
    if (!spare) grown.set(partial.bytes.subarray(0, partial.held));
    partial.bytes = grown;
    return true;
  }

  /** One much larger than need be would be held, and count, for as long as the message takes; it makes way for others. */
  #takeSpare(room: number): Uint8Array | undefined {
    const spare = this.#spares.pop();
    if (!spare) return undefined;
    this.#spareBytes -= spare.length;
    return room <= spare.length && spare.length <= room * 2 ? spare : undefined;
  }

  #keepSpare(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#spareBytes + bytes.length > MOST_SPARE) return;
    this.#spares.push(bytes);
    this.#spareBytes += bytes.length;
  }

  #drop(key: number, partial: PartialMessage): void {
    this.#partials[key] = undefined;
    this.#options.budget.give(partial.bytes.length);
  }

  #hand(flow: number, side: number, partial: PartialMessage): void {
    const { bytes, length, held } = partial;
    this.#setBegun(partial, length);
    this.#sink.message(flow, side, bytes, 0, length, held, this.#baseOf(partial));
    this.#keepSpare(bytes);
    if (partial.pieces || partial.origin || partial.notes.length > 0 || this.#idle.length === MOST_IDLE) return;
    partial.restart();
    this.#idle.push(partial);
  }

  #setBegun({ origin }: PartialMessage, length: number): void {
    if (origin) this.begun.set(origin, 0, length);
  }

  #baseOf({ pieces }: Pick<PartialMessage, 'pieces'>): number {
    const { extents } = this.#options;
    return pieces === undefined || extents === undefined ? UNPLACED : extents.enter(pieces);
  }
}

/** Bytes that may come before the length is known. */
function mostOf({ framing: { headLength }, answers }: Way, { position }: PartialMessage): number {
  return position < headLength ? headLength : answers.reach;
}

/** Position and length of the pieces, by twos, of the bytes [from, to) of those that all of them hold. */
function piecesIn(pieces: readonly number[], from: number, to: number): number[] {
  const within: number[] = [];
  let at = 0;
  for (let index = 0; index < pieces.length; index += 2) {
    const [position, length] = [pieces[index], pieces[index + 1]];
    const start = Math.max(from, at);
    const end = Math.min(to, at + length);
    if (start < end) within.push(position < 0 ? position : position + start - at, end - start);
    at += length;
  }
  return within;
}
