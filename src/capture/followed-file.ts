/**
 * A regular file that may still be written by somebody else, read while it grows.
 *
 * At its end a reader looks again every 200 ms. Watching the directory would be quicker, but misses growth on network
 * and shared file systems without a word, and says nothing about truncation: asking the file itself is surer, and costs
 * five system calls a second. A reader that follows waits for ever; any other gives up when the file has not grown for
 * two seconds, so that a capture just being written is read on for a while, and yet every capture ends.
 */

import { reasonOf } from './input.ts';
import type { FileStatus, SeekableFile } from './seekable-file.ts';
import type { StoppableInput, Store, WallClock } from './store.ts';

const POLL_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 2000;

export interface FollowOptions {
  /** Wait for growth for ever; otherwise only while the file grows. */
  readonly follow: boolean;
  readonly clock: WallClock;
}

export class FollowedFile implements Store {
  readonly #file: SeekableFile;
  readonly #options: FollowOptions;
  readonly #readers = new Set<StoppableInput>();
  #closed = false;

  /** Takes over the file. */
  constructor(file: SeekableFile, options: FollowOptions) {
    this.#file = file;
    this.#options = options;
  }

  get live(): boolean {
    const { follow, clock } = this.#options;
    return !this.#closed && (follow || clock.now() - growthOf(this.#file.status(), clock) < PATIENCE_MILLISECONDS);
  }

  get size(): number {
    return this.#file.status().size;
  }

  read(position: number, length: number): Uint8Array {
    return this.#file.read(position, length);
  }

  open(): StoppableInput {
    const input = new FollowedInput(this.#file, this.#options, this.live, async () => {
      this.#readers.delete(input);
    });
    this.#readers.add(input);
    return input;
  }

  /** For a single reader: what closes it closes the file. */
  openOnce(): StoppableInput {
    return new FollowedInput(this.#file, this.#options, this.live, () => this.close());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const reader of this.#readers) reader.stop();
    await this.#file.close();
  }
}

class FollowedInput implements StoppableInput {
  readonly live: boolean;
  /** Position in the file. */
  taken = 0;
  damage: string | undefined;
  readonly #file: SeekableFile;
  readonly #options: FollowOptions;
  readonly #onClose: () => Promise<void>;
  readonly #ending = new AbortController();
  /** A file that had no name to begin with (of a descriptor handed over) can lose none. */
  readonly #named: boolean;
  /** When the file grew last, as far as this reader has seen, by its clock; absent while it does not stand at the end. */
  #grown: number | undefined;

  constructor(file: SeekableFile, options: FollowOptions, live: boolean, onClose: () => Promise<void>) {
    this.#file = file;
    this.#options = options;
    this.live = live;
    this.#onClose = onClose;
    this.#named = !file.status().nameless;
  }

  get total(): number {
    return this.#file.status().size;
  }

  get stopped(): boolean {
    return this.#ending.signal.aborted;
  }

  get waiting(): boolean {
    if (this.stopped) return false;
    const status = this.#file.status();
    return this.taken === status.size && this.#mayGrow(status);
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    while (!this.stopped) {
      const length = await this.#take(buffer, from, to);
      if (length > 0) return length;
      if (this.damage !== undefined || !this.#isWorthWaiting()) return 0;
      await this.#options.clock.sleep(POLL_MILLISECONDS, this.#ending.signal);
    }
    return 0;
  }

  stop(): void {
    this.#ending.abort();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#onClose();
  }

  async #take(buffer: Uint8Array, from: number, to: number): Promise<number> {
    try {
      const length = await this.#file.fill(buffer, from, to, this.taken);
      this.taken += length;
      if (length > 0) this.#grown = undefined;
      return length;
    } catch (error) {
      this.damage = reasonOf(error);
      return 0;
    }
  }

  /** At the end of the file: whether there may be more in a moment; says in `damage` why not, unless it is the end. */
  #isWorthWaiting(): boolean {
    if (this.stopped) return false;
    const status = this.#file.status();
    if (status.size < this.taken) {
      this.damage = `the file was cut to ${status.size} bytes while it was read`;
      return false;
    }
    if (this.#mayGrow(status)) return true;
    if (this.#options.follow) this.damage = 'the file was removed or replaced while it was followed';
    return false;
  }

  #mayGrow(status: FileStatus): boolean {
    const { follow, clock } = this.#options;
    if (follow) return !(this.#named && status.nameless);
    this.#grown ??= growthOf(status, clock);
    return clock.now() - this.#grown < PATIENCE_MILLISECONDS;
  }
}

/** When a file was last seen to grow. Where its time stamp is ahead of our clock it says no more than `not long ago`. */
function growthOf({ modified }: FileStatus, clock: WallClock): number {
  return Math.min(modified, clock.now());
}
