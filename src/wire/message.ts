/**
 * The reused view of one message: where its bytes lie and when it was seen. Fields are read in place, through the
 * layout's table; nothing is copied and nothing is built until somebody looks (tree.ts).
 *
 * `length` is what the carrier states, `captured` what the capture holds of it. They differ when the snap length cut
 * the packet, or when the carrier keeps no more of so long a message (`skipped`); call `has` before reading a field, unless the layout's fixed part was checked as a whole.
 */
import { type Field, LITTLE, OF_MESSAGE } from './layout.ts';
import { readUint, readWide } from './read.ts';

export class Message {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the message's first byte in `bytes`. */
  start = 0;
  /** Length the carrier states, in bytes. */
  length = 0;
  /** Bytes of it that were captured; at most `length`. */
  captured = 0;
  /** The bytes behind the captured ones were there, and the carrier keeps no more of a message (`Carrier.keep`). */
  skipped = false;
  /** Byte order of the integers, as far as it is settled; network order otherwise. */
  littleEndian = false;
  /**
   * Where the captured bytes lie in the capture (net/extents.ts): the offset of the first one, or a virtual one where
   * they are spread over several packets; -1 where that is not known.
   */
  position = -1;
  /** Frame in which the message was complete, and its time. */
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** What somebody noted on that frame in the capture (pcapng); empty for most. Untrusted text. */
  comment = '';

  /** True when all bytes of the field were captured (for `rest`: all to the end of the message). */
  has(field: Field): boolean {
    return field.offset + field.size <= this.captured && (!field.rest || this.captured === this.length);
  }

  /** The value of an integer field; `has` must hold. Rounded beyond 2^53, where `wide` is exact. */
  uint(field: Field): number {
    const { order } = field;
    const littleEndian = order === OF_MESSAGE ? this.littleEndian : order === LITTLE;
    return readUint(this.bytes, this.start + field.offset, field.size, littleEndian);
  }

  /** The same of any size; beyond 2^53 as decimal text. */
  wide(field: Field): number | string {
    if (field.size <= 4) return this.uint(field);
    const { order } = field;
    const littleEndian = order === OF_MESSAGE ? this.littleEndian : order === LITTLE;
    return readWide(this.bytes, this.start + field.offset, field.size, littleEndian);
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
  }
}
