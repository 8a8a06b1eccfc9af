/**
 * The chunk that is reused from the first read of a capture to the last: what has been read and not yet consumed stands
 * in `bytes[start, end)`. It grows only when a single record fills it, and doubles then, as far as bytes really come.
 */

import type { ByteInput } from './input.ts';

const MIN_LENGTH = 4096;

export class ReadBuffer {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  readonly input: ByteInput;

  constructor(input: ByteInput, length: number) {
    this.input = input;
    // One byte more than a small file has, so that its end is seen without growing; a live one will not stay small.
    const total = input.live ? length : (input.total ?? length);
    this.bytes = new Uint8Array(Math.min(length, Math.max(total, MIN_LENGTH) + 1));
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Reads until `length` bytes are there; returns false when the input ends before. */
  async ensure(length: number): Promise<boolean> {
    while (this.length < length) {
      if (!(await this.more())) return false;
    }
    return true;
  }

  /** Reads once, behind what is left. Returns false at the end of the input. */
  async more(): Promise<boolean> {
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    if (this.end === this.bytes.length) this.#grow();
    const length = await this.input.read(this.bytes, this.end, this.bytes.length);
    this.end += length;
    return length > 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
