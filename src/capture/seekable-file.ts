/**
 * An open file that several read at any place at once: sources asynchronously, views synchronously, nobody moving an
 * offset that another relies on. Its descriptor is closed only when no read or write is under way on it, as its number
 * may belong to another file a moment later.
 *
 * A view asks for message after message, so synchronous reads go through one window of the file. Bytes that stand in
 * a capture are not written again, so what the window has stays true while the file grows behind it.
 */

import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { closeDescriptor } from './input.ts';

const read = promisify(fs.read);
const write = promisify(fs.write);

const WINDOW_LENGTH = 256 * 1024;
/** A window begins at a multiple of this, so that going backwards through the file needs few of them, too. */
const WINDOW_STEP = WINDOW_LENGTH / 2;

const NOTHING = new Uint8Array(0);

export interface FileStatus {
  /** In bytes. */
  readonly size: number;
  /** When its content was last changed, in milliseconds since the Unix epoch. */
  readonly modified: number;
  /** Whether no name leads to it any more. */
  readonly nameless: boolean;
}

const GONE: FileStatus = { size: 0, modified: 0, nameless: true };

export class SeekableFile {
  readonly #descriptor: number;
  /** Made by the first read that goes through it. */
  #window = NOTHING;
  #windowStart = 0;
  #windowEnd = 0;
  #underWay = 0;
  #closed = false;
  #idle: () => void = () => {};

  /** Takes over the descriptor. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** As it is now; that of an empty file when it is closed, or gone with the disk it was on. */
  status(): FileStatus {
    if (this.#closed) return GONE;
    try {
      const { size, mtimeMs, nlink } = fs.fstatSync(this.#descriptor);
      return { size, modified: mtimeMs, nameless: nlink === 0 };
    } catch {
      return GONE;
    }
  }

  /** The caller's own copy of the bytes [position, position + length): fewer where there are no more, or no reading. */
  read(position: number, length: number): Uint8Array {
    if (this.#closed || position < 0 || length <= 0) return NOTHING;
    if (length > WINDOW_STEP) return this.#readLong(position, length);
    if (position < this.#windowStart || position + length > this.#windowEnd) this.#moveWindow(position);
    const start = position - this.#windowStart;
    const end = Math.min(start + length, this.#windowEnd - this.#windowStart);
    return this.#window.slice(start, end);
  }

  /** Puts what stands at `position` into `buffer[from, to)`; resolves to how much: 0 at the end, or when closed. */
  async fill(buffer: Uint8Array, from: number, to: number, position: number): Promise<number> {
    if (this.#closed) return 0;
    return this.#keepOpen(async () => (await read(this.#descriptor, buffer, from, to - from, position)).bytesRead);
  }

  /** Writes from `bytes[from, to)` at `position`; resolves to how much: perhaps less, and 0 when closed. */
  async write(bytes: Uint8Array, from: number, to: number, position: number): Promise<number> {
    if (this.#closed) return 0;
    return this.#keepOpen(async () => (await write(this.#descriptor, bytes, from, to - from, position)).bytesWritten);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#window = NOTHING;
    if (this.#underWay > 0) {
      await new Promise<void>(resolve => {
        this.#idle = resolve;
      });
    }
    await closeDescriptor(this.#descriptor);
  }

  async #keepOpen(action: () => Promise<number>): Promise<number> {
    this.#underWay++;
    try {
      return await action();
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#idle();
    }
  }

  #readLong(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.status().size - position)));
    return bytes.subarray(0, this.#readInto(bytes, position));
  }

  #moveWindow(position: number): void {
    if (this.#window.length === 0) this.#window = new Uint8Array(WINDOW_LENGTH);
    this.#windowStart = position - (position % WINDOW_STEP);
    this.#windowEnd = this.#windowStart + this.#readInto(this.#window, this.#windowStart);
  }

  /** Bytes that the disk fails to read are left out; reading the whole capture reports why. */
  #readInto(buffer: Uint8Array, position: number): number {
    let length = 0;
    try {
      while (length < buffer.length) {
        const more = fs.readSync(this.#descriptor, buffer, length, buffer.length - length, position + length);
        if (more === 0) break;
        length += more;
      }
    } catch {
      return length;
    }
    return length;
  }
}
