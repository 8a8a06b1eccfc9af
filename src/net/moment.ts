/** Where and when something happened in a capture. */

export interface Moment {
  /** Number of the frame, counted from 1. */
  frame: number;
  /** Capture time. */
  seconds: number;
  nanoseconds: number;
}

/** The same of bytes, with the place in the capture of the buffer that they are in. */
export interface Arrival extends Moment {
  /** Base of the buffer, as extents.ts has it: the position of its byte at index 0, or `UNPLACED`. */
  base: number;
}
