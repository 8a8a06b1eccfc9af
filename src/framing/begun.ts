/** Where a message of a stream begins, and what TCP shows of that: kept for trackers that watch it, and for no others. */
import type { Origin } from '../net/moment.ts';

/** The first byte of a message: its frame and time, and what the segment says that brought it. */
export interface Begun extends Readonly<Origin> {
  /** Bytes of its direction up to the end of the message, uncaptured ones included; -1 where that is not known. */
  readonly end: number;
}

/** The reused one. */
export class BegunMessage implements Begun {
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  isResent = false;
  acknowledged = -1;
  at = -1;
  end = -1;

  /** A message of `length` bytes begins `offset` bytes after the first one that came so. */
  set(origin: Readonly<Origin>, offset: number, length: number): void {
    this.frame = origin.frame;
    this.seconds = origin.seconds;
    this.nanoseconds = origin.nanoseconds;
    this.isResent = origin.isResent;
    this.acknowledged = origin.acknowledged;
    this.at = origin.at + offset;
    this.end = this.at + length;
  }

  /** A message of which no more is known than when it came. */
  setUnknown({ frame, seconds, nanoseconds }: Pick<Origin, 'frame' | 'seconds' | 'nanoseconds'>): void {
    this.frame = frame;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.isResent = false;
    this.acknowledged = -1;
    this.at = -1;
    this.end = -1;
  }
}
