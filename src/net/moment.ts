/** Where and when something happened in a capture. */

export interface Moment {
  /** Number of the frame, counted from 1. */
  frame: number;
  /** Capture time. */
  seconds: number;
  nanoseconds: number;
}

/** What the segment that brought bytes says besides them. */
export interface Bearing {
  /** It lay behind what its side had sent before: a retransmission, or one that filled a hole. */
  isResent: boolean;
  /** Bytes of the other direction that it acknowledges, counted from the first one; -1 where that is not known. */
  acknowledged: number;
}

/** The frame that brought bytes of a watched stream, and what their segment says. */
export interface Delivered extends Moment, Bearing {}

/** The same of bytes that are handed out. */
export interface Origin extends Delivered {
  /** Bytes of their direction before the first of them, those that were not captured among them. */
  at: number;
}

/** The same of bytes, with the place in the capture of the buffer that they are in. */
export interface Arrival extends Moment {
  /** Base of the buffer, as extents.ts has it: the position of its byte at index 0, or `UNPLACED`. */
  base: number;
}
