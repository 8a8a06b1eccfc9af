/** Bytes of one direction of a stream in the order in which they came, taken in other pieces than they came in. */
export class ByteQueue {
  length = 0;
  /** How many have ever been taken. */
  taken = 0;
  readonly #pieces: Uint8Array[] = [];

  /** @param bytes are kept, and not copied */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.length += bytes.length;
  }

  /** The next bytes, at most as many as there are; without a copy where they came in one piece. */
  take(count: number): Uint8Array {
    const wanted = Math.min(count, this.length);
    this.length -= wanted;
    this.taken += wanted;
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= wanted) return this.#cut(wanted);
    const whole = new Uint8Array(wanted);
    for (let at = 0; at < wanted; ) {
      const part = this.#cut(Math.min(wanted - at, this.#pieces[0].length));
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** So many bytes went past it. */
  skip(count: number): void {
    this.taken += count;
  }

  /** Bytes of the first piece. */
  #cut(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first.length === count) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(count);
    return first.subarray(0, count);
  }
}
