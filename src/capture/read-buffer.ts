/**
 * The memory that a capture is read through, from its first read to its last: what has been read and not yet consumed
 * stands in `bytes[start, end)`, and before it what its user still wants of what was consumed. It grows only when that
 * fills it, and doubles then, as far as bytes really come.
 */

import type { ByteInput } from './input.ts';

const MIN_LENGTH = 4096;

export class ReadBuffer {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  readonly input: ByteInput;
  /** Read at once, at most. */
  readonly #chunk: number;

  /** @param room bytes in all: beyond a chunk, what may be wanted again; more of it means less moving */
  constructor(input: ByteInput, chunk: number, room = chunk) {
    this.input = input;
    this.#chunk = chunk;
    // One byte more than a small file has, so that its end is seen without growing; a live one will not stay small.
    const total = input.live ? room : (input.total ?? room);
    this.bytes = new Uint8Array(Math.min(room, Math.max(total, MIN_LENGTH) + 1));
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
    this.makeRoom(this.start);
    return this.fill();
  }

  /**
   * Makes room behind what is there, with all from index `wanted` on kept; `wanted` is `start` or less.
   * @returns by how much everything has moved towards the front
   */
  makeRoom(wanted: number): number {
    if (this.bytes.length - this.end >= Math.min(this.#chunk, this.bytes.length / 2)) return 0;
    if (wanted > 0) {
      this.bytes.copyWithin(0, wanted, this.end);
      this.start -= wanted;
      this.end -= wanted;
    }
    if (this.end === this.bytes.length) this.#grow();
    return wanted;
  }

  /** Reads once into the room there is. Returns false at the end of the input. */
  async fill(): Promise<boolean> {
    const to = Math.min(this.bytes.length, this.end + this.#chunk);
    const length = await this.input.read(this.bytes, this.end, to);
    this.end += length;
    return length > 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
