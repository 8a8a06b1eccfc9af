/**
 * Where the bytes of a capture come from: a file, a pipe, or memory (and gzip.ts, which unzips any of these).
 *
 * An input fills a buffer that the caller owns and says how much came; it waits for the first byte, never for a full
 * buffer, so that a live pipe is read as it is written. Pipes go through libuv's streams, not through fs.read: a read
 * that blocks a thread of the pool would keep the process from exiting until the writer speaks.
 */

import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { CaptureError } from './source.ts';

const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const fstat = promisify(fs.fstat);
const stat = promisify(fs.stat);

const STANDARD_INPUT = 0;

export interface ByteInput {
  /** Bytes in all, where that is known beforehand. */
  readonly total: number | undefined;
  /** Bytes taken from the file so far (compressed ones, if it is). */
  readonly taken: number;
  /** Whether the data may still be in the making: nothing may be waited for that is not needed. */
  readonly live: boolean;
  /** Why the data ended early, once `read` has returned 0; absent when that was the end in order. */
  readonly damage: string | undefined;
  /** Puts at least one byte into `buffer[from, to)` and returns how many; 0 at the end. Never rejects. */
  read(buffer: Uint8Array, from: number, to: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a file, a FIFO, or standard input for `-`. Throws `CaptureError` when there is nothing to read from. */
export async function openInput(path: string): Promise<ByteInput> {
  try {
    return path === '-' ? await openStandardInput() : await openPath(path);
  } catch (error) {
    throw captureError(path, error instanceof CaptureError ? error.message : reasonOf(error));
  }
}

/** An error with the name of the capture in front of the reason. */
export function captureError(path: string, reason: string): CaptureError {
  return new CaptureError(`${path === '-' ? 'standard input' : path}: ${reason}`);
}

async function openPath(path: string): Promise<ByteInput> {
  const status = await stat(path);
  if (status.isDirectory()) throw new CaptureError('is a directory');
  if (!status.isFIFO()) return new FileInput(await open(path, 'r'), status.isFile() ? status.size : undefined);
  // Without O_NONBLOCK the opening itself would wait, in a thread of the pool, for somebody at the other end.
  return new PipeInput(await open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
}

async function openStandardInput(): Promise<ByteInput> {
  if (isatty(STANDARD_INPUT)) throw new CaptureError('is a terminal: pipe a capture into it');
  const status = await fstat(STANDARD_INPUT);
  if (status.isDirectory()) throw new CaptureError('is a directory');
  if (status.isFIFO() || status.isSocket()) return new PipeInput(STANDARD_INPUT);
  return new FileInput(STANDARD_INPUT, status.isFile() ? status.size : undefined);
}

/** A regular file, or a device that does not keep its reader waiting. */
class FileInput implements ByteInput {
  readonly live = false;
  readonly total: number | undefined;
  taken = 0;
  damage: string | undefined;
  readonly #descriptor: number;

  constructor(descriptor: number, total: number | undefined) {
    this.#descriptor = descriptor;
    this.total = total;
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    try {
      const { bytesRead } = await read(this.#descriptor, buffer, from, to - from, null);
      this.taken += bytesRead;
      return bytesRead;
    } catch (error) {
      this.damage = reasonOf(error);
      return 0;
    }
  }

  async close(): Promise<void> {
    if (this.#descriptor !== STANDARD_INPUT) await close(this.#descriptor);
  }
}

/** A pipe, FIFO or socket: paused whenever its last piece has not been taken in full. */
class PipeInput implements ByteInput {
  readonly live = true;
  readonly total = undefined;
  taken = 0;
  damage: string | undefined;
  readonly #socket: Socket;
  #piece: Uint8Array = new Uint8Array(0);
  #pieceStart = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(descriptor: number) {
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: false });
    this.#socket.pause();
    this.#socket.on('data', (piece: Uint8Array) => {
      this.#piece = piece;
      this.#pieceStart = 0;
      this.#socket.pause();
      this.#wake();
    });
    this.#socket.on('error', error => {
      this.damage = reasonOf(error);
    });
    this.#socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    if (this.#pieceStart === this.#piece.length && !this.#ended) await this.#nextPiece();
    const taken = Math.min(to - from, this.#piece.length - this.#pieceStart);
    buffer.set(this.#piece.subarray(this.#pieceStart, this.#pieceStart + taken), from);
    this.#pieceStart += taken;
    this.taken += taken;
    return taken;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  #nextPiece(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
      this.#socket.resume();
    });
  }
}

/** Bytes in memory, handed out in pieces of at most `pieceLength`. */
export class MemoryInput implements ByteInput {
  readonly live = false;
  readonly damage = undefined;
  readonly total: number;
  taken = 0;
  readonly #bytes: Uint8Array;
  readonly #pieceLength: number;

  constructor(bytes: Uint8Array, pieceLength: number) {
    this.#bytes = bytes;
    this.#pieceLength = pieceLength;
    this.total = bytes.length;
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    const length = Math.min(to - from, this.#pieceLength, this.total - this.taken);
    buffer.set(this.#bytes.subarray(this.taken, this.taken + length), from);
    this.taken += length;
    return length;
  }

  async close(): Promise<void> {}
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'is a directory'],
  ['EMFILE', 'too many open files'],
  ['EIO', 'input/output error'],
]);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot be read';
  const code = 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? `cannot be read: ${error.message}`;
}
