/**
 * Puts frames that a parser hands out into the order of time, and hands each on when nothing that may still come can
 * belong before it. Hosts with several queues, devices or processors write frames some places late; that must not be
 * mistaken for what the peers did.
 *
 * A frame waits until one is there that is a second later, or until so much of the capture lies behind it that nothing is
 * put before it any more: never on the pieces in which the capture comes, so that these change no order. Waiting costs no
 * copy, as the bytes stay where they are in the reader's buffer. A pcap has no need of this before its first frame that is
 * out of order (scout.ts).
 *
 * What is later than that stays where the capture has it, and the facts say so. They also say where time, which has never
 * run back before, runs back to where the capture began and goes on from there: such a capture is two, one behind the
 * other, and each may lack what the other has.
 */

import { type CaptureFacts, Frame, MOST_UPCOMING } from './source.ts';

/** Seconds, frames, and bytes of the capture that a frame may be late and is still put in its place. */
export const LATE_SECONDS = 1;
export const LATE_FRAMES = 4096;
export const LATE_BYTES = 256 * 1024;

/** Frames in order, all but the last earlier than what the capture had before, that are taken for a capture of their own. */
const SECOND_FRAMES = 3;

/** Words of a frame that waits. Of its position the low 32 bits: the buffer is shorter than that. */
const SECONDS = 0;
const FRACTION = 1;
const POSITION = 2;
const LENGTH = 3;
const WIRE_LENGTH = 4;
const NUMBER = 5;
const LINK_TYPE = 6;
/** Above it the high bits of the seconds. */
const INTERFACE = 7;
const INTERFACE_BITS = 24;
const INTERFACE_MASK = (1 << INTERFACE_BITS) - 1;
const WIDTH_BITS = 3;
const WIDTH = 1 << WIDTH_BITS;
/** Frames there is room for at first: a run may have many small captures. */
const FIRST_ROOM = 64;

/** What is known of the records in order, before the first that is not. */
export interface Ordered {
  readonly records: number;
  /** Time of the second record. */
  readonly secondSeconds: number;
  readonly secondNanoseconds: number;
  /** Time of the last record that was handed on. */
  readonly outSeconds: number;
  readonly outNanoseconds: number;
}
const TWO_32 = 2 ** 32;

/** Bytes of a frame that stand in a buffer of their own. */
interface OwnBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly position: number;
}

export class Sequence {
  readonly #facts: CaptureFacts;
  readonly #frame = new Frame();
  #waiting = new Uint32Array(FIRST_ROOM * WIDTH);
  /** Those that wait are [head, tail), in order of time from `fixed` on; nothing is put before it any more. */
  #head = 0;
  #tail = 0;
  #fixed = 0;
  /** Whether some that wait are not in the order in which they came. */
  #moved = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #origin = 0;
  #lastPosition = 0;
  /** The latest time since it last ran back too far, and that of the frame handed out last. */
  #seconds = 0;
  #nanoseconds = 0;
  #outSeconds = 0;
  #outNanoseconds = 0;
  /** A frame with which a second capture may begin, by how much it is earlier, and how many have gone on from it. */
  #second = 0;
  #secondBack = 0;
  #secondFrames = 0;
  #lateFrames = 0;
  /** Time of the frame that was late last. */
  #lateSeconds = 0;
  #lateNanoseconds = 0;
  /** Time of the second frame of the capture. */
  #secondSeconds = -1;
  #secondNanoseconds = 0;
  /** Of the frames that wait, by number, where they have any. */
  readonly #comments = new Map<number, string>();
  readonly #own = new Map<number, OwnBytes>();

  constructor(facts: CaptureFacts) {
    this.#facts = facts;
    this.#frame.starts = new Int32Array(MOST_UPCOMING);
  }

  /** Takes over where a scout has found the first frame out of order; what it held back comes next. */
  takeOver({ records, outSeconds, outNanoseconds, secondSeconds, secondNanoseconds }: Ordered): void {
    if (records >= 2) {
      this.#secondSeconds = secondSeconds;
      this.#secondNanoseconds = secondNanoseconds;
    }
    this.#seconds = outSeconds;
    this.#nanoseconds = outNanoseconds;
    this.#outSeconds = outSeconds;
    this.#outNanoseconds = outNanoseconds;
  }

  /** Frames that wait. */
  get length(): number {
    return this.#tail - this.#head;
  }

  /** @param origin offset in the capture of the byte at index 0 of the buffer, in which the frames' bytes stand */
  place(bytes: Uint8Array, origin: number): void {
    this.#bytes = bytes;
    this.#origin = origin;
  }

  /** The lowest index of the buffer at which a frame stands that waits; `otherwise` when there is none below that. */
  firstWanted(otherwise: number): number {
    let first = otherwise;
    const to = this.#moved ? this.#tail : Math.min(this.#tail, this.#head + 1);
    for (let at = this.#head; at < to; at++) {
      if (this.#own.size > 0 && this.#own.has(this.#waiting[(at << WIDTH_BITS) + NUMBER])) continue;
      first = Math.min(first, this.#indexOf(this.#waiting[(at << WIDTH_BITS) + POSITION]));
    }
    return first;
  }

  /** Takes a frame. Its bytes are to stay in the buffer until it is handed out. */
  readonly add = (frame: Frame): void => {
    if (this.#tail << WIDTH_BITS === this.#waiting.length) this.#makeRoom();
    const waiting = this.#waiting;
    const { seconds, nanoseconds, position, number } = frame;
    const base = this.#tail << WIDTH_BITS;
    waiting[base + SECONDS] = seconds;
    waiting[base + FRACTION] = nanoseconds;
    waiting[base + POSITION] = position;
    waiting[base + LENGTH] = frame.end - frame.start;
    waiting[base + WIRE_LENGTH] = frame.wireLength;
    waiting[base + NUMBER] = number;
    waiting[base + LINK_TYPE] = frame.linkType;
    waiting[base + INTERFACE] = frame.interfaceId;
    if (seconds >= TWO_32) waiting[base + INTERFACE] |= Math.floor(seconds / TWO_32) << INTERFACE_BITS;
    if (frame.comment !== '') this.#comments.set(number, frame.comment);
    if (frame.bytes !== this.#bytes) this.#own.set(number, { bytes: frame.bytes, start: frame.start, position });
    this.#tail++;
    this.#lastPosition = position >>> 0;
    if (seconds > this.#seconds || (seconds === this.#seconds && nanoseconds >= this.#nanoseconds)) {
      this.#seconds = seconds;
      this.#nanoseconds = nanoseconds;
      if (this.#second > 0) this.#overtake();
    } else this.#late(seconds, nanoseconds, number);
    if (number === 2) {
      this.#secondSeconds = seconds;
      this.#secondNanoseconds = nanoseconds;
    }
  };

  /** So far the capture was read, with or without frames: one may be far behind what is none, and waits no longer. */
  reach(position: number): void {
    this.#lastPosition = position >>> 0;
  }

  /** Hands out what nothing can come before any more; with `all`, whatever waits. */
  deliver(onFrame: (frame: Frame) => void, all: boolean): void {
    const frame = this.#frame;
    const waiting = this.#waiting;
    const bytes = this.#bytes;
    const origin = this.#origin;
    const tail = this.#tail;
    const sure = all ? tail : Math.max(this.#fixed, tail - LATE_FRAMES);
    let at = this.#head;
    let knownTo = at;
    while (at < tail) {
      const base = at << WIDTH_BITS;
      const high = waiting[base + INTERFACE] >>> INTERFACE_BITS;
      const seconds = high === 0 ? waiting[base + SECONDS] : waiting[base + SECONDS] + high * TWO_32;
      const nanoseconds = waiting[base + FRACTION];
      const position = waiting[base + POSITION];
      if (at >= sure && !this.#isOld(seconds, nanoseconds) && !this.#isFar(position)) break;
      if (frame.wantsUpcoming) {
        if (at >= knownTo) knownTo = this.#findUpcoming(at);
        else frame.upcoming = 0;
      }
      at++;
      const start = this.#indexOf(position);
      frame.bytes = bytes;
      frame.start = start;
      frame.end = start + waiting[base + LENGTH];
      frame.position = origin + start;
      frame.seconds = seconds;
      frame.nanoseconds = nanoseconds;
      frame.wireLength = waiting[base + WIRE_LENGTH];
      frame.number = waiting[base + NUMBER];
      frame.linkType = waiting[base + LINK_TYPE];
      frame.interfaceId = waiting[base + INTERFACE] & INTERFACE_MASK;
      if (this.#comments.size > 0 || this.#own.size > 0) this.#complete(frame);
      onFrame(frame);
      frame.comment = '';
    }
    if (at === this.#head) return;
    const last = (at - 1) << WIDTH_BITS;
    this.#outSeconds = frame.seconds;
    this.#outNanoseconds = waiting[last + FRACTION];
    this.#head = at;
    if (at === tail) this.#clear();
  }

  /** Fills in where those of the next batch that wait begin; returns the place after them. None where some are not in the buffer. */
  #findUpcoming(from: number): number {
    const to = Math.min(this.#tail, from + MOST_UPCOMING);
    const { starts } = this.#frame;
    this.#frame.upcoming = this.#own.size > 0 ? 0 : to - from;
    for (let at = from; at < to; at++) starts[at - from] = this.#indexOf(this.#positionOf(at));
    return to;
  }

  /** It stands in no place of the buffer, or is commented. */
  #complete(frame: Frame): void {
    const { number } = frame;
    const own = this.#own.get(number);
    if (own) {
      const length = frame.end - frame.start;
      frame.bytes = own.bytes;
      frame.start = own.start;
      frame.end = own.start + length;
      frame.position = own.position;
      this.#own.delete(number);
    }
    frame.comment = this.#comments.get(number) ?? '';
    if (frame.comment !== '') this.#comments.delete(number);
  }

  /** The frame that came last is earlier than one before it: puts it in its place, or says that it has none. */
  #late(seconds: number, nanoseconds: number, number: number): void {
    const back = this.#seconds - seconds + (this.#nanoseconds - nanoseconds) * 1e-9;
    const from = this.#tail - 1;
    if (back > LATE_SECONDS) {
      this.#report(number, back);
      this.#fixed = from;
      this.#seconds = seconds;
      this.#nanoseconds = nanoseconds;
      return;
    }
    const floor = Math.max(this.#head, this.#fixed, from - LATE_FRAMES);
    let to = from;
    while (to > floor && this.#isLater(to - 1, seconds, nanoseconds) && !this.#isFar(this.#positionOf(to - 1))) to--;
    if (to < from) this.#move(from, to);
    const isMisplaced =
      to > this.#head ? this.#isLater(to - 1, seconds, nanoseconds) : this.#isOver(seconds, nanoseconds);
    if (isMisplaced) this.#report(number, back);
    else this.#lookForSecond(seconds, nanoseconds, number, back, from - to > 1);
  }

  /** The frame is later than all before it: so may be the last ones of the other capture. */
  #overtake(): void {
    if (this.#secondFrames < SECOND_FRAMES - 1) this.#second = 0;
    else if (++this.#secondFrames === SECOND_FRAMES) this.#report(this.#second, this.#secondBack);
  }

  /** Does another capture begin with the frame, or go on with it? @param isFar it is earlier than more than the last one */
  #lookForSecond(seconds: number, nanoseconds: number, number: number, back: number, isFar: boolean): void {
    const goesOn =
      seconds > this.#lateSeconds || (seconds === this.#lateSeconds && nanoseconds >= this.#lateNanoseconds);
    this.#lateSeconds = seconds;
    this.#lateNanoseconds = nanoseconds;
    if (++this.#lateFrames === 1 && isFar && this.#isBeforeSecond(seconds, nanoseconds)) {
      this.#second = number;
      this.#secondBack = back;
      this.#secondFrames = 1;
    } else if (!goesOn) this.#second = 0;
    else if (this.#second > 0 && ++this.#secondFrames === SECOND_FRAMES) this.#report(this.#second, this.#secondBack);
  }

  /** Was a later frame handed out already? */
  #isOver(seconds: number, nanoseconds: number): boolean {
    return this.#outSeconds > seconds || (this.#outSeconds === seconds && this.#outNanoseconds > nanoseconds);
  }

  #move(from: number, to: number): void {
    const waiting = this.#waiting;
    const late = waiting.slice(from << WIDTH_BITS, (from + 1) << WIDTH_BITS);
    waiting.copyWithin((to + 1) << WIDTH_BITS, to << WIDTH_BITS, from << WIDTH_BITS);
    waiting.set(late, to << WIDTH_BITS);
    this.#moved = true;
  }

  #report(frame: number, seconds: number): void {
    this.#facts.disorder ??= { frame, seconds };
  }

  #isBeforeSecond(seconds: number, nanoseconds: number): boolean {
    if (seconds !== this.#secondSeconds) return seconds < this.#secondSeconds;
    return nanoseconds < this.#secondNanoseconds;
  }

  #isLater(at: number, seconds: number, nanoseconds: number): boolean {
    const base = at << WIDTH_BITS;
    const high = this.#waiting[base + INTERFACE] >>> INTERFACE_BITS;
    const its = this.#waiting[base + SECONDS] + high * TWO_32;
    return its > seconds || (its === seconds && this.#waiting[base + FRACTION] > nanoseconds);
  }

  /** So old that what comes now would be more than a second late. */
  #isOld(seconds: number, nanoseconds: number): boolean {
    const whole = this.#seconds - LATE_SECONDS;
    return seconds < whole || (seconds === whole && nanoseconds < this.#nanoseconds);
  }

  #isFar(position: number): boolean {
    return (this.#lastPosition - position) >>> 0 > LATE_BYTES;
  }

  #positionOf(at: number): number {
    return this.#waiting[(at << WIDTH_BITS) + POSITION];
  }

  #indexOf(position: number): number {
    return (position - this.#origin) >>> 0;
  }

  #clear(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#fixed = 0;
    this.#moved = false;
  }

  /** Moves those that wait to the front, or to a larger place. */
  #makeRoom(): void {
    const { length } = this;
    const old = this.#waiting;
    if (length << WIDTH_BITS > old.length / 2) this.#waiting = new Uint32Array(old.length * 2);
    this.#waiting.set(old.subarray(this.#head << WIDTH_BITS, this.#tail << WIDTH_BITS));
    this.#fixed = Math.max(0, this.#fixed - this.#head);
    this.#tail = length;
    this.#head = 0;
  }
}
