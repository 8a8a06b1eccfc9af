/** When a message came. Frames are judged in the order of their times, which need not be that of their numbers. */

export interface Moment {
  readonly frame: number;
  /** Seconds of capture time. */
  readonly time: number;
}

export const NEVER: Moment = { frame: Number.POSITIVE_INFINITY, time: Number.POSITIVE_INFINITY };

/** Frames of one time are in the order of their numbers. */
export function isBefore(one: Moment, other: Moment): boolean {
  return one.time === other.time ? one.frame < other.frame : one.time < other.time;
}
