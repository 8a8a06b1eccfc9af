/**
 * The body of an answer, piece by piece as it comes, and read ahead a little. What has come is handed out even when the
 * connection breaks behind it, so that a cut download ends where the cut is.
 */

import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { failure, HttpError, type Network, withinSilence } from './http-request.ts';

/** Bytes that have come and are not taken, above which no more are asked of the connection. */
const READ_AHEAD = 1024 * 1024;

export class HttpBody {
  readonly #answer: IncomingMessage;
  readonly #pieces: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #error: HttpError | undefined;
  #wake: () => void = () => {};

  /** Takes the answer over. */
  constructor(answer: IncomingMessage) {
    this.#answer = answer;
    answer.on('data', (piece: Uint8Array) => {
      this.#pieces.push(piece);
      this.#held += piece.length;
      if (this.#held >= READ_AHEAD) answer.pause();
      this.#wake();
    });
    answer.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    answer.on('error', error => this.#fail(failure(error)));
    answer.on('close', () => this.#fail(new HttpError('connection closed')));
  }

  /** Whether `next` will not wait. */
  get isReady(): boolean {
    return this.#pieces.length > 0;
  }

  /** The next piece, which has a byte at least; undefined at the end. Throws `HttpError`, for silence of so many milliseconds, too. */
  async next(limit: number, { clock }: Network): Promise<Uint8Array | undefined> {
    if (!this.isReady && !this.#ended && !this.#error) {
      const change = new Promise<void>(resolve => {
        this.#wake = resolve;
      });
      await withinSilence(change, limit, clock, error => this.#answer.destroy(error));
      // What else the system has by now comes along: a piece at a time costs a fifth more.
      await turn();
    }
    const piece = this.#pieces.shift();
    if (piece) {
      this.#held -= piece.length;
      if (this.#held < READ_AHEAD) this.#answer.resume();
      return piece;
    }
    if (this.#error) throw this.#error;
    return undefined;
  }

  destroy(): void {
    this.#answer.destroy();
  }

  #fail(error: HttpError): void {
    if (!this.#ended) this.#error ??= error;
    this.#wake();
  }
}
