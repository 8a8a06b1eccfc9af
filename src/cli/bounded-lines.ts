/**
 * Lines of which there may be as many as there are messages, for a reader who may be slower than the traffic, or gone: beyond
 * so much that waits for them lines are left out and counted, and the count has a line of its own.
 */

/** Bytes that may wait to be read. */
const MOST_WAITING = 1_048_576;

export interface LineSink {
  /** Bytes that wait to be read. */
  readonly waiting: () => number;
  readonly write: (line: string) => void;
  /** The line that says how many were left out. */
  readonly left: (count: number) => string;
}

export class BoundedLines {
  readonly #sink: LineSink;
  #left = 0;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  write(line: string): void {
    if (this.#sink.waiting() > MOST_WAITING) {
      this.#left++;
      return;
    }
    this.end();
    this.#sink.write(line);
  }

  /** Says what was left out since the last line. */
  end(): void {
    if (this.#left === 0) return;
    const count = this.#left;
    this.#left = 0;
    this.#sink.write(this.#sink.left(count));
  }
}
