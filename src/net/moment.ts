/** Where and when something came to pass in a capture. */

export interface Moment {
  /** Number of the frame, counted from 1. */
  frame: number;
  /** Capture time. */
  seconds: number;
  nanoseconds: number;
}
