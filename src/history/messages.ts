/**
 * Every message of a run as 32 bytes in typed arrays: where its bytes lie, when it came, whose it is, what it was,
 * where it left both sides of its connection, and how bad the worst finding on it is. No text and no byte of a message
 * is kept: to look at one, read it again (recall.ts).
 *
 * A message is a number, counted from 0 in the order in which messages were handed to their trackers. That is the order
 * of frames, except for messages that waited until their protocol was known. Blocks are added as they are needed and
 * never copied, so that growing takes neither time nor twice the memory.
 */
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { Kinds } from './kinds.ts';

/** 65,536 messages of 8 words: 2 MiB a block. */
const BLOCK_BITS = 16;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
const WIDTH_BITS = 3;
const BLOCK_WORDS = 1 << (BLOCK_BITS + WIDTH_BITS);

/** Words of a message. */
const FRAME = 0;
const CONNECTION = 1;
const SECONDS = 2;
/** 30 bits of nanoseconds, then two marks. */
const NANOSECONDS = 3;
/** 48 bits of position; above the high ones the kind, then two marks and the severity. */
const POSITION_LOW = 4;
const POSITION_HIGH = 5;
/** A byte each: ends 0 and 1 before, ends 0 and 1 after. */
const STATES = 6;
const LENGTH = 7;

const NANOSECONDS_MASK = 0x3fff_ffff;
const FROM_SECOND_END = 0x4000_0000;
const REPEATED = 0x8000_0000;
const HIGH_MASK = 0xffff;
const KIND_SHIFT = 16;
const KIND_MASK = 0xfff;
const LITTLE_ENDIAN = 0x1000_0000;
const CUT = 0x2000_0000;
const SEVERITY_SHIFT = 30;
const TWO_32 = 2 ** 32;

/** Messages whose lowest and highest frame are kept together, for finding a frame. */
const GROUP_BITS = 12;

/** What is kept of a message besides what its view has. */
export interface MessageFacts {
  connection: number;
  side: number;
  kind: number;
  /** States of ends 0 and 1 before and after, a byte each from the lowest. */
  states: number;
  repeated: boolean;
}

export class MessageIndex {
  count = 0;
  readonly kinds = new Kinds();
  readonly #blocks: Uint32Array[] = [];
  /** Messages of which not all was captured, ascending, and how much of each was. */
  readonly #cuts: number[] = [];
  readonly #captured: number[] = [];
  /** Those of them of which no more is kept, though more was captured. */
  readonly #skipped = new Set<number>();
  /** Lowest and highest frame of each group. */
  readonly #lowest: number[] = [];
  readonly #highest: number[] = [];

  /** Adds the message in hand; returns its number. */
  add(message: Message, facts: Readonly<MessageFacts>): number {
    const index = this.count++;
    const block = this.#blocks[index >>> BLOCK_BITS] ?? this.#grow();
    const base = (index & BLOCK_MASK) << WIDTH_BITS;
    const { position, length, captured, frame } = message;
    // An unknown position, -1, comes out as all ones.
    const low = position >>> 0;
    let high = ((position - low) / TWO_32) & HIGH_MASK;
    high |= facts.kind << KIND_SHIFT;
    if (message.littleEndian) high |= LITTLE_ENDIAN;
    if (captured < length) {
      high |= CUT;
      this.#cuts.push(index);
      this.#captured.push(captured);
      if (message.skipped) this.#skipped.add(index);
    }
    block[base + FRAME] = frame;
    block[base + CONNECTION] = facts.connection;
    block[base + SECONDS] = message.seconds;
    block[base + NANOSECONDS] =
      message.nanoseconds | (facts.side === 0 ? 0 : FROM_SECOND_END) | (facts.repeated ? REPEATED : 0);
    block[base + POSITION_LOW] = low;
    block[base + POSITION_HIGH] = high;
    block[base + STATES] = facts.states;
    block[base + LENGTH] = length;
    this.#noteFrame(index >>> GROUP_BITS, frame);
    return index;
  }

  frame(message: number): number {
    return this.#word(message, FRAME);
  }

  /** Number of its connection in the run, from 1. */
  connection(message: number): number {
    return this.#word(message, CONNECTION);
  }

  seconds(message: number): number {
    return this.#word(message, SECONDS);
  }

  nanoseconds(message: number): number {
    return this.#word(message, NANOSECONDS) & NANOSECONDS_MASK;
  }

  /** End of the flow that sent it. */
  side(message: number): 0 | 1 {
    return this.#word(message, NANOSECONDS) & FROM_SECOND_END ? 1 : 0;
  }

  /** Sent before: a retransmission, or a doubled or late datagram. */
  repeated(message: number): boolean {
    return (this.#word(message, NANOSECONDS) & REPEATED) !== 0;
  }

  /** Where its first byte lies, see `Message.position`. */
  position(message: number): number {
    const high = this.#word(message, POSITION_HIGH) & HIGH_MASK;
    return high === HIGH_MASK ? -1 : high * TWO_32 + this.#word(message, POSITION_LOW);
  }

  /** Bytes on the wire. */
  length(message: number): number {
    return this.#word(message, LENGTH);
  }

  /** Bytes of it that the capture holds. */
  captured(message: number): number {
    if ((this.#word(message, POSITION_HIGH) & CUT) === 0) return this.length(message);
    return this.#captured[placeOf(this.#cuts, message)];
  }

  /** See `Message.skipped`. */
  skipped(message: number): boolean {
    return this.#skipped.has(message);
  }

  littleEndian(message: number): boolean {
    return (this.#word(message, POSITION_HIGH) & LITTLE_ENDIAN) !== 0;
  }

  name(message: number): string {
    return this.kinds.name(this.#kind(message));
  }

  layout(message: number): Layout | undefined {
    return this.kinds.layout(this.#kind(message));
  }

  /** Where an end of its flow stood before it, as an index into the machine's states; 255 where that was not seen. */
  stateBefore(message: number, side: 0 | 1): number {
    return (this.#word(message, STATES) >>> (side * 8)) & 0xff;
  }

  stateAfter(message: number, side: 0 | 1): number {
    return (this.#word(message, STATES) >>> (16 + side * 8)) & 0xff;
  }

  /** Of the worst finding on it: 0 for none, 1 info, 2 warning, 3 error. */
  severity(message: number): number {
    return this.#word(message, POSITION_HIGH) >>> SEVERITY_SHIFT;
  }

  setSeverity(message: number, severity: number): void {
    const block = this.#blocks[message >>> BLOCK_BITS];
    const at = ((message & BLOCK_MASK) << WIDTH_BITS) + POSITION_HIGH;
    block[at] = (block[at] & ~(3 << SEVERITY_SHIFT)) | (severity << SEVERITY_SHIFT);
  }

  /** Messages [from, to) that are complete in a frame and belong to a connection, in order. */
  inFrame(frame: number, from: number, to: number, connection: number): number[] {
    const found: number[] = [];
    for (let group = from >>> GROUP_BITS; group << GROUP_BITS < to; group++) {
      if (frame < this.#lowest[group] || frame > this.#highest[group]) continue;
      const end = Math.min(to, (group + 1) << GROUP_BITS);
      for (let message = Math.max(from, group << GROUP_BITS); message < end; message++) {
        if (this.frame(message) === frame && this.connection(message) === connection) found.push(message);
      }
    }
    return found;
  }

  /** The first message in [from, to) of this frame, or of the first frame behind it; -1 when there is none. */
  atFrame(frame: number, from = 0, to = this.count): number {
    let best = -1;
    for (let group = from >>> GROUP_BITS; group << GROUP_BITS < to; group++) {
      if (this.#highest[group] < frame || (best >= 0 && this.#lowest[group] >= this.frame(best))) continue;
      const end = Math.min(to, (group + 1) << GROUP_BITS);
      for (let message = Math.max(from, group << GROUP_BITS); message < end; message++) {
        const own = this.frame(message);
        if (own >= frame && (best < 0 || own < this.frame(best))) best = message;
      }
    }
    return best;
  }

  #kind(message: number): number {
    return (this.#word(message, POSITION_HIGH) >>> KIND_SHIFT) & KIND_MASK;
  }

  #word(message: number, word: number): number {
    return this.#blocks[message >>> BLOCK_BITS][((message & BLOCK_MASK) << WIDTH_BITS) + word];
  }

  #grow(): Uint32Array {
    const block = new Uint32Array(BLOCK_WORDS);
    this.#blocks.push(block);
    return block;
  }

  #noteFrame(group: number, frame: number): void {
    if (group === this.#lowest.length) {
      this.#lowest.push(frame);
      this.#highest.push(frame);
      return;
    }
    if (frame < this.#lowest[group]) this.#lowest[group] = frame;
    if (frame > this.#highest[group]) this.#highest[group] = frame;
  }
}

/** Place of a number in an ascending list that holds it. */
function placeOf(list: readonly number[], wanted: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
