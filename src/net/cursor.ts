/**
 * Where decoding stands within a packet. Each layer reads its header at `at`, moves `at` behind it and narrows the two
 * ends to what its length field states. `end` is the only bound for reading; `wireEnd` tells a header that the snap
 * length cut (`end < wireEnd`) from one that its sender never completed. Always `at <= end <= wireEnd`.
 */

import type { Frame } from '../capture/source.ts';
import { UNPLACED } from './extents.ts';

/** What a layer returns in place of the next layer's number when there is none; the reason has been counted. */
export const DONE = -1;

export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Past the last captured byte that belongs to the current layer. */
  end = 0;
  /** Where the current layer ends as its headers state. */
  wireEnd = 0;
  /** Of `bytes`, as extents.ts has it. */
  base = UNPLACED;
  /** Capture time in whole seconds. */
  seconds = 0;
  /** And what is behind them. */
  nanoseconds = 0;
  /** Number of the frame. */
  frame = 0;

  /** Stands at the first byte of a frame. */
  load(frame: Frame): void {
    this.bytes = frame.bytes;
    this.at = frame.start;
    this.base = frame.position < 0 ? UNPLACED : frame.position - frame.start;
    this.end = frame.end;
    this.wireEnd = Math.max(frame.end, frame.start + frame.wireLength);
    this.seconds = frame.seconds;
    this.nanoseconds = frame.nanoseconds;
    this.frame = frame.number;
  }

  /** States that `length` bytes follow `at`; what was captured beyond is padding. */
  narrow(length: number): void {
    this.wireEnd = this.at + length;
    if (this.end > this.wireEnd) this.end = this.wireEnd;
  }

  uint16(at: number): number {
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  uint32(at: number): number {
    const bytes = this.bytes;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }
}
