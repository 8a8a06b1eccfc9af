/**
 * What a capture that is opened again and again is kept in: the file itself (followed-file.ts) or a copy of what came
 * through a pipe (spool.ts). Either gives any number of inputs, each from the first byte, and any bytes at once.
 */

import type { ByteInput } from './input.ts';

/** Time for those who wait for a file to grow. Handed in: the program has one, a test need not wait. */
export interface WallClock {
  /** Milliseconds since the Unix epoch, by the clock that stamps files. */
  now(): number;
  /** Resolves after so many milliseconds, and at once when the signal is aborted; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** For files that were written long ago: the end is the end, and nobody waits for more. */
export const LONG_AFTER: WallClock = { now: () => Number.POSITIVE_INFINITY, sleep: async () => {} };

/** An input that somebody may have enough of while it waits. */
export interface StoppableInput extends ByteInput {
  readonly stopped: boolean;
  readonly waiting: boolean;
  /** Ends this reading, the one that waits now included: `read` gives 0 from here on. */
  stop(): void;
}

export interface Store {
  /** Whether it may still grow. */
  readonly live: boolean;
  /** Bytes there now. */
  readonly size: number;
  /** The caller's own copy of the bytes [position, position + length); fewer where there are no more. */
  read(position: number, length: number): Uint8Array;
  /** Reads it again from its first byte. */
  open(): StoppableInput;
  /** Stops all readers and frees the system's resources. */
  close(): Promise<void>;
}
