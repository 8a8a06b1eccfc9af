/**
 * A capture that a server has, read from its first byte to its last with one GET.
 *
 * A connection that breaks on the way is made again, and goes on where it stopped: with a range, or where the server
 * knows none, past the bytes that are there already. Either way only if the server still has the same version, by its
 * validator (RFC 9110 section 8.8): what was changed meanwhile is damage, never a mixture of both. A body without a
 * length may be endless, and is taken for what a pipe is.
 */

import type { IncomingMessage } from 'node:http';
import { HttpBody } from './http-body.ts';
import { failure, get, HttpError, type Network, SILENCE_LIMIT, statusError } from './http-request.ts';
import { type ByteInput, captureError } from './input.ts';

/** What is written as it happens may keep silent for longer: as many milliseconds. */
const LIVE_SILENCE_LIMIT = 600_000;
/** Tries in a row to go on, none of which brings a byte, and all tries of one reading. */
const MOST_TRIES = 5;
const MOST_TRIES_IN_ALL = 1000;
/** Milliseconds before the first of them; each further one waits twice as long. */
const FIRST_PAUSE = 250;

export const CHANGED = 'the file was changed on the server while it was read: read it again';
const NOTHING = new Uint8Array(0);

/** Opens a URL. Throws `CaptureError` when the server does not give it. */
export async function openHttp(location: string, network: Network): Promise<ByteInput> {
  try {
    if (!URL.canParse(location)) throw new HttpError('this is no URL that can be read', { isFinal: true });
    const url = new URL(location);
    return new HttpInput(url, await get(url, undefined, network), network);
  } catch (error) {
    throw captureError(location, failure(error).message);
  }
}

export class HttpInput implements ByteInput {
  readonly total: number | undefined;
  taken = 0;
  damage: string | undefined;
  readonly #url: URL;
  readonly #network: Network;
  /** By which the server distinguishes versions of the file, where it does so strictly enough. */
  readonly #validator: string | undefined;
  readonly #closing = new AbortController();
  #body: HttpBody;
  /** What has come and is not taken is `piece[start, )`. */
  #piece: Uint8Array = NOTHING;
  #start = 0;
  /** Bytes that come once more, and are not wanted. */
  #again = 0;
  #ended = false;
  #tries = 0;
  #triesInAll = 0;

  /** @param answer to a GET of the whole file. Throws `HttpError` for one that is not the file. */
  constructor(url: URL, answer: IncomingMessage, network: Network) {
    this.#url = url;
    this.#network = network;
    this.#body = new HttpBody(answer);
    if (answer.statusCode !== 200) throw this.#refused(statusError(answer));
    const coding = answer.headers['content-encoding']?.toLowerCase();
    if (coding !== undefined && !['identity', 'gzip', 'x-gzip'].includes(coding))
      throw this.#refused(
        new HttpError('the server packs the file in a way that was not asked for', { isFinal: true }),
      );
    this.total = lengthOf(answer);
    this.#validator = validatorOf(answer);
  }

  get live(): boolean {
    return this.total === undefined;
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    let at = from;
    do {
      if (!(await this.#ensure())) break;
      const length = Math.min(to - at, this.#piece.length - this.#start);
      buffer.set(this.#piece.subarray(this.#start, this.#start + length), at);
      this.#start += length;
      this.taken += length;
      at += length;
    } while (at < to && this.#body.isReady);
    return at - from;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#body.destroy();
  }

  /** Waits for a byte, whatever it takes. @returns false where none comes any more */
  async #ensure(): Promise<boolean> {
    while (this.#start === this.#piece.length) {
      if (this.#ended || this.#closing.signal.aborted) return false;
      try {
        await this.#nextPiece();
      } catch (error) {
        if (!(await this.#goOn(failure(error)))) return false;
      }
    }
    return true;
  }

  #refused(error: HttpError): HttpError {
    this.#body.destroy();
    return error;
  }

  async #nextPiece(): Promise<void> {
    const piece = await this.#body.next(this.live ? LIVE_SILENCE_LIMIT : SILENCE_LIMIT, this.#network);
    if (!piece) return this.#end();
    const again = Math.min(this.#again, piece.length);
    if (this.total !== undefined && this.taken + piece.length - again > this.total)
      throw new HttpError('the server sends another part than was asked for', { isFinal: true });
    this.#again -= again;
    this.#piece = piece;
    this.#start = again;
    if (again < piece.length) this.#tries = 0;
  }

  /** The answer is over; of a range it may be less than was asked for. */
  #end(): void {
    if (this.total !== undefined && this.taken < this.total) throw new HttpError('the answer was too short');
    this.#ended = true;
  }

  /** @returns whether there is something to read again; `damage` says why not, unless it was closed */
  async #goOn(reason: HttpError): Promise<boolean> {
    const { signal } = this.#closing;
    let last = reason;
    this.#body.destroy();
    while (!signal.aborted) {
      if (this.#validator === undefined || last.isFinal || this.#tries === MOST_TRIES || this.#isTired) {
        this.damage = this.#damageBy(last);
        this.#ended = true;
        return false;
      }
      await this.#network.clock.sleep(FIRST_PAUSE * 2 ** this.#tries, signal);
      this.#tries++;
      this.#triesInAll++;
      if (signal.aborted) break;
      try {
        const range = { from: this.taken, ifRange: this.#validator };
        this.#continueWith(await get(this.#url, range, this.#network, signal));
        return true;
      } catch (error) {
        last = failure(error);
      }
    }
    return false;
  }

  get #isTired(): boolean {
    return this.#triesInAll === MOST_TRIES_IN_ALL;
  }

  #damageBy({ message }: HttpError): string {
    if (message === CHANGED) return message;
    const read = this.total === undefined ? `${this.taken} bytes` : `${this.taken} of ${this.total} bytes`;
    const lacking = this.#validator === undefined ? ' (the server has no ETag by which to go on there)' : '';
    return `the download broke off after ${read}${lacking}: ${message}`;
  }

  /** @throws HttpError for an answer that does not go on with the same file */
  #continueWith(answer: IncomingMessage): void {
    this.#body = new HttpBody(answer);
    const { statusCode: status } = answer;
    if (status === 206) {
      const range = contentRange(answer);
      if (range === undefined || range.from !== this.taken)
        throw this.#refused(new HttpError('the server sends another part than was asked for', { isFinal: true }));
      if (isOther(range.size, this.total) || isOther(validatorOf(answer), this.#validator))
        throw this.#refused(new HttpError(CHANGED, { isFinal: true }));
      this.#again = 0;
      return;
    }
    // The whole file: of another version, or from a server that knows no ranges.
    if (status === 416 || (status === 200 && validatorOf(answer) !== this.#validator))
      throw this.#refused(new HttpError(CHANGED, { isFinal: true }));
    if (status !== 200) throw this.#refused(statusError(answer));
    this.#again = this.taken;
  }
}

/** Which bytes [from, to) an answer with status 206 has, of how many; nothing where it does not say. */
export function contentRange({
  headers,
}: IncomingMessage): { readonly from: number; readonly to: number; readonly size: number | undefined } | undefined {
  const [, from, last, size] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  if (from === undefined) return undefined;
  return { from: Number(from), to: Number(last) + 1, size: size === '*' ? undefined : Number(size) };
}

/**
 * What strictly distinguishes this version from all others (RFC 9110 section 8.8): a strong entity tag, or a time that was
 * over when the answer was made, so that the file cannot have changed twice within its second.
 */
export function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag, date, 'last-modified': modified } = headers;
  if (etag !== undefined) return etag.startsWith('"') ? etag : undefined;
  if (modified === undefined || date === undefined) return undefined;
  return Date.parse(date) - Date.parse(modified) >= 1000 ? modified : undefined;
}

/** Both are known, and differ. */
function isOther<T>(one: T | undefined, other: T | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const { 'content-length': length, 'transfer-encoding': transfer } = headers;
  return length === undefined || transfer !== undefined ? undefined : Number(length);
}
