/**
 * The reused view of one message: where its bytes lie and when it was seen. Fields are read in place, through the
 * layout's table; nothing is copied and nothing is built until it is looked at (tree.ts). Fields that have no offset of
 * their own are found by a walk over the layout (walk.ts), once a message and when the first of them is asked for.
 *
 * `length` is what the carrier states, `captured` what the capture holds of it. They differ when the snap length cut
 * the packet, or when the carrier keeps no more of so long a message (`skipped`); call `has` before reading a field, unless the layout's fixed part was checked as a whole.
 */
import { type Field, LITTLE, OF_MESSAGE, UNPLACED } from './layout.ts';
import { readUint, readUint16, readUint24, readUint32be, readUint32le, readWide } from './read.ts';
import { readValue } from './value.ts';
import {
  FieldPlace,
  hasWalked,
  type ItemVisitor,
  uintWalked,
  Walk,
  type WalkedView,
  walkItems,
  wideWalked,
} from './walk.ts';

/** Bytes of a message, from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const place = new FieldPlace();
const untold = { stop: () => -1 };

export class Message implements WalkedView {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the message's first byte in `bytes`. */
  start = 0;
  /** Length the carrier states, in bytes. */
  length = 0;
  /** Bytes of it that were captured; at most `length`. */
  captured = 0;
  /** The bytes after the captured ones were there, and the carrier keeps no more of a message (`Carrier.keep`). */
  skipped = false;
  /** Byte order of the integers, as far as it is settled; network order otherwise. */
  littleEndian = false;
  /** Of an item: offset in `bytes` of the first byte of the message that it stands in; else -1. */
  origin = -1;
  /** Whether `walk` is of these bytes. */
  isWalked = false;
  /**
   * Where the captured bytes lie in the capture (net/extents.ts): the offset of the first one, or a virtual one where
   * they are spread over several packets; -1 where that is not known.
   */
  position = -1;
  /** Frame in which the message was complete, and its time. */
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** The comment on that frame in the capture (pcapng); empty for most. Untrusted text. */
  comment = '';
  /**
   * Its place among the messages of the run, from 1: a tracker that keeps it can say later that this message is answered
   * (`Tracker.answers`). 0 for what was not handed on as a message.
   */
  ordinal = 0;
  /** Where its fields lie, as far as was asked (`walkOf`). */
  readonly walk: Walk = new Walk();

  /** True when the message has the field and all its bytes were captured (for `rest`: all to the end of the message). */
  has(field: Field): boolean {
    if (field.offset + field.size <= this.captured) return !field.rest || this.captured === this.length;
    return field.offset === UNPLACED && hasWalked(this, field);
  }

  /** The value of an integer field; `has` must hold. Rounded beyond 2^53, where `wide` is exact. */
  uint(field: Field): number {
    const { order, size } = field;
    const { bytes } = this;
    const at = this.start + field.offset;
    const littleEndian = order === OF_MESSAGE ? this.littleEndian : order === LITTLE;
    // The sizes of most fields first; those that a walk finds have none, so that none of these asks where it lies.
    if (size === 4) return littleEndian ? readUint32le(bytes, at) : readUint32be(bytes, at);
    if (size === 1) return bytes[at];
    if (size === 2) return readUint16(bytes, at, littleEndian);
    if (size === 3) return readUint24(bytes, at, littleEndian);
    return size === 0 ? uintWalked(this, field) : readUint(bytes, at, size, littleEndian);
  }

  /** The same of any size; beyond 2^53 as decimal text. */
  wide(field: Field): number | string {
    const { offset, order, size } = field;
    if (offset === UNPLACED) return wideWalked(this, field);
    if (size <= 4) return this.uint(field);
    const littleEndian = order === OF_MESSAGE ? this.littleEndian : order === LITTLE;
    return readWide(this.bytes, this.start + offset, size, littleEndian);
  }

  /**
   * What a field says: a number (decimal text beyond 2^53), characters, or hex of bytes and identifiers. Undefined when it
   * is not there or not all of it, and for groups and lists.
   */
  value(field: Field): number | string | undefined {
    return readValue(this, field);
  }

  /** The bytes of a field with those of its length, captured or not; undefined where it is not known to be there. */
  range(field: Field): ByteRange | undefined {
    const { standing, start, end } = place.find(this, field);
    return standing === 'there' ? { offset: start, length: end - start } : undefined;
  }

  /** The same without what tells its length or marks its end. */
  content(field: Field): ByteRange | undefined {
    const { standing, from, to } = place.find(this, field);
    return standing === 'there' ? { offset: from, length: to - from } : undefined;
  }

  /**
   * Goes over the items of a list, as far as they can be read. Each is a message within the message, by the fields of its
   * own scope; the view is reused, and right only while `visit` runs, which may go over other lists. True ends it.
   * @param faults is given the first that ends the reading, and of those within items
   */
  eachItem(list: Field, visit: ItemVisitor<Message>, faults: Pick<Walk, 'stop'> = untold): void {
    const { standing, from, to } = place.find(this, list);
    if (standing !== 'there' && standing !== 'over') return;
    const { measuredBy, extent } = list;
    const isCounted = extent.of === 'count' && measuredBy !== undefined && this.has(measuredBy);
    const count = isCounted ? this.uint(measuredBy) : -1;
    walkItems(this, list, { at: from, limit: Math.min(to, this.length), count }, visit, faults);
  }

  /** The byte at an offset from the message's start, or -1 where nothing was captured. */
  byte(offset: number): number {
    return offset < this.captured ? this.bytes[this.start + offset] : -1;
  }

  /** A copy of the captured bytes in [from, to), clamped to what was captured. */
  copy(from = 0, to = this.captured): Uint8Array {
    const { start, captured } = this;
    // Not `slice`, which makes no copy of a Buffer.
    return new Uint8Array(this.bytes.subarray(start + Math.min(from, captured), start + Math.min(to, captured)));
  }

  /** Points the view at other bytes; position, frame and time are set by the caller. */
  assign(bytes: Uint8Array, start: number, length: number, captured: number): void {
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.captured = Math.min(captured, length);
    this.skipped = false;
    this.littleEndian = false;
    this.isWalked = false;
  }

  /** A new view, of nothing yet. */
  another(): Message {
    return new Message();
  }
}
