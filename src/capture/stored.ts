/**
 * A capture that can be opened again and again, and read at any place: what a view needs that `openCapture` cannot give.
 *
 * A regular file serves as it is, through one descriptor, so that another file under its name changes nothing. What
 * cannot seek, is packed, or comes from a server is copied to a temporary file as fast as it comes (spool.ts). All positions are those of the
 * uncompressed capture, which are the parsers' own.
 */

import { FollowedFile } from './followed-file.ts';
import { type FoundFrame, FrameFinder } from './frame-finder.ts';
import { isGzip } from './gzip.ts';
import { type ByteInput, captureError, closeDescriptor, type OpenedFile, openFile, sequentialInput } from './input.ts';
import { captureName, isUrl } from './location.ts';
import { openNamed } from './named-input.ts';
import { type OpenOptions, openFrom } from './open.ts';
import { SeekableFile } from './seekable-file.ts';
import { CaptureError, type CaptureSource } from './source.ts';
import { namelessFile, Spool } from './spool.ts';
import type { Store, WallClock } from './store.ts';

export interface StoreOptions extends OpenOptions {
  readonly clock: WallClock;
  /**
   * A regular file is waited on for ever at its end. Without this one that was written to a moment ago is waited on
   * while it grows, until it has not grown for 2 seconds, unless it is packed. Pipes are followed to their end in any case.
   */
  readonly follow?: boolean;
}

export interface StoredCapture {
  /** As the user named it; `-` for standard input, and of a URL what hides its secrets (see location.ts). */
  readonly path: string;
  /** Whether it may still grow: a pipe that is open, a file that is followed or was written to a moment ago. */
  readonly live: boolean;
  /** Bytes of the uncompressed capture that can be read now. */
  readonly size: number;
  /**
   * Opens it again from its first byte; resolves when its file header is there. Throws `CaptureError` for what is no
   * capture. When `signal` is aborted, or the capture closed, what waits ends: this call with a `CaptureError`, the
   * source's `read` as if `onChunk` had returned false. With the order `capture` all frames come as they stand.
   */
  open(signal?: AbortSignal, order?: 'time' | 'capture'): Promise<CaptureSource>;
  /**
   * The caller's own copy of the bytes [position, position + length) of the uncompressed capture; fewer where there are
   * no more, none for a negative position and once it is closed. Synchronous.
   */
  read(position: number, length: number): Uint8Array;
  /** The frame of this number, or the one that holds the byte at this position, of those that were read. Synchronous. */
  frame(number: number): FoundFrame | undefined;
  frameAt(position: number): FoundFrame | undefined;
  /** Ends whatever reads it, in order, and leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * Makes `path`, a URL, or standard input for `-`, a stored capture. Throws `CaptureError` when there is nothing to read from;
 * whether it is a capture only `open` tells, as the first bytes of a pipe may be long in coming.
 */
export async function storeCapture(path: string, options: StoreOptions): Promise<StoredCapture> {
  if (isUrl(path)) return storeRemote(path, options);
  const opened = await openFile(path);
  try {
    return new Stored(path, storeOf(opened, options), options);
  } catch (error) {
    await closeDescriptor(opened.descriptor);
    throw error instanceof CaptureError ? captureError(path, error.message) : error;
  }
}

/** What a server has is read forwards into a copy, by one GET: a view asks for bytes at once, and no network gives them so. */
async function storeRemote(url: string, options: OpenOptions): Promise<StoredCapture> {
  const input = await openNamed(url, options.network);
  try {
    return new Stored(captureName(url), new Spool(input, namelessFile(), input.live), options);
  } catch (error) {
    await input.close();
    throw error instanceof CaptureError ? captureError(url, error.message) : error;
  }
}

/**
 * Makes what comes through an input a stored capture, kept in a temporary file without a name; live for as long as the
 * input has not ended. Takes the input over. Throws `CaptureError` when no such file can be made.
 */
export function storeInput(path: string, input: ByteInput, options: OpenOptions): StoredCapture {
  return new Stored(path, new Spool(input, namelessFile(), true), options);
}

function storeOf(opened: OpenedFile, { clock, follow = false }: StoreOptions): Store {
  if (opened.kind !== 'regular file') return new Spool(sequentialInput(opened), namelessFile(), true);
  const followed = new FollowedFile(new SeekableFile(opened.descriptor), { clock, follow });
  if (!isGzip(followed.read(0, 2))) return followed;
  // Packed data tell how they end. To wait for more than that is only for those who ask for it: nothing could be said
  // of a small file before the wait is over.
  return new Spool(follow ? followed.openOnce() : sequentialInput(opened), namelessFile(), follow);
}

class Stored implements StoredCapture {
  readonly path: string;
  readonly #store: Store;
  readonly #options: OpenOptions;
  readonly #finder = new FrameFinder();
  #closed = false;

  constructor(path: string, store: Store, options: OpenOptions) {
    this.path = path;
    this.#store = store;
    this.#options = options;
  }

  get live(): boolean {
    return this.#store.live;
  }

  get size(): number {
    return this.#closed ? 0 : this.#store.size;
  }

  async open(signal?: AbortSignal, order?: 'time' | 'capture'): Promise<CaptureSource> {
    const input = this.#store.open();
    if (this.#closed || signal?.aborted) input.stop();
    signal?.addEventListener('abort', () => input.stop(), { once: true });
    return openFrom(input, this.path, {
      ...this.#options,
      finder: this.#finder,
      ...(order && { order }),
    });
  }

  read(position: number, length: number): Uint8Array {
    return this.#store.read(position, length);
  }

  frame(number: number): FoundFrame | undefined {
    return this.#closed ? undefined : this.#finder.numbered(number, (position, length) => this.read(position, length));
  }

  frameAt(position: number): FoundFrame | undefined {
    return this.#closed ? undefined : this.#finder.at(position, (from, length) => this.read(from, length));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#store.close();
  }
}
