/**
 * The size of a file that a server has, with its first and last bytes: two ranges, or the whole file from a server that
 * knows none.
 */

import type { IncomingMessage } from 'node:http';
import { HttpBody } from './http-body.ts';
import { CHANGED, contentRange, HttpInput, validatorOf } from './http-input.ts';
import { failure, get, HttpError, type Network, SILENCE_LIMIT } from './http-request.ts';
import { captureError } from './input.ts';
import type { CaptureError } from './source.ts';

export interface Ends {
  readonly size: number;
  /** The first bytes and the last ones; of a file that is not longer all in one. */
  readonly pieces: readonly Uint8Array[];
}

const READ_LENGTH = 256 * 1024;
const MOST_TRIES = 4;
/** Milliseconds before the second of them; each further one waits twice as long. */
const FIRST_PAUSE = 250;
const NEVER = new AbortController().signal;

/**
 * @param length bytes of each piece
 * @returns undefined where the server has no such file
 * @throws CaptureError
 */
export async function endsOf(location: string, length: number, network: Network): Promise<Ends | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      if (!URL.canParse(location)) return undefined;
      return await askForEnds(new URL(location), length, network);
    } catch (error) {
      const reason = failure(error);
      if (reason.isMissing) return undefined;
      if (reason.isFinal || tries === MOST_TRIES) throw refusal(location, reason);
      await network.clock.sleep(FIRST_PAUSE * 2 ** (tries - 1), NEVER);
    }
  }
}

function refusal(location: string, { message }: HttpError): CaptureError {
  return captureError(location, `which shard it belongs to cannot be found out: ${message}`);
}

async function askForEnds(url: URL, length: number, network: Network): Promise<Ends> {
  const first = await get(url, { from: 0, to: length }, network);
  if (first.statusCode === 416 && first.headers['content-range'] === 'bytes */0') {
    first.destroy();
    return { size: 0, pieces: [new Uint8Array(0)] };
  }
  if (first.statusCode !== 206) return endsOfWhole(new HttpInput(url, first, network), length);
  const { from, size } = contentRange(first) ?? {};
  if (from !== 0 || size === undefined) throw refused(first, 'the server does not say how large the file is');
  const begin = await bytesOf(first, Math.min(length, size), network);
  if (size <= length) return { size, pieces: [begin] };
  const start = size - length;
  const last = await get(url, { from: start, to: size, ifRange: validatorOf(first) }, network);
  const range = contentRange(last);
  if (last.statusCode !== 206 || range?.from !== start || range.size !== size) throw refused(last, CHANGED);
  return { size, pieces: [begin, await bytesOf(last, length, network)] };
}

function refused(answer: IncomingMessage, message: string): HttpError {
  answer.destroy();
  return new HttpError(message, { isFinal: true });
}

/** The body of an answer, which is to have so many bytes. */
async function bytesOf(answer: IncomingMessage, length: number, network: Network): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let taken = 0;
  const body = new HttpBody(answer);
  try {
    for (let piece = await body.next(SILENCE_LIMIT, network); piece; piece = await body.next(SILENCE_LIMIT, network)) {
      taken += piece.length;
      if (taken > length) break;
      bytes.set(piece, taken - piece.length);
    }
  } finally {
    body.destroy();
  }
  if (taken !== length) throw new HttpError('the server sends another part than was asked for');
  return bytes;
}

async function endsOfWhole(input: HttpInput, length: number): Promise<Ends> {
  const { total: size } = input;
  try {
    if (size === undefined) throw new HttpError('the server does not say how large the file is', { isFinal: true });
    const begin = new Uint8Array(Math.min(length, size));
    const end = new Uint8Array(Math.min(length, size));
    const buffer = new Uint8Array(READ_LENGTH);
    for (let position = 0; position < size; ) {
      const read = await input.read(buffer, 0, buffer.length);
      if (read === 0) throw new HttpError(input.damage ?? 'the answer was too short', { isFinal: true });
      const bytes = buffer.subarray(0, read);
      if (position < length) begin.set(bytes.subarray(0, length - position), position);
      const start = position - (size - end.length);
      if (start + read > 0) end.set(bytes.subarray(Math.max(0, -start)), Math.max(0, start));
      position += read;
    }
    return { size, pieces: size > length ? [begin, end] : [begin] };
  } finally {
    await input.close();
  }
}
