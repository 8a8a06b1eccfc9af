/**
 * Where the bytes of a capture come from: a file, a pipe, or memory (and http-input.ts, a server; gzip.ts, which unzips
 * any of these; spool.ts and followed-file.ts, which can be read again and again).
 *
 * An input fills a buffer that the caller owns and says how much came; it waits for the first byte, never for a full
 * buffer, so that a live pipe is read as it is written. Pipes go through libuv's streams, not through fs.read: a read
 * that blocks a thread of the pool would keep the process from exiting until the writer speaks.
 */

import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { reasonOf as systemReason } from '../system-errors.ts';
import { captureName } from './location.ts';
import { CaptureError } from './source.ts';

const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const fstat = promisify(fs.fstat);
const stat = promisify(fs.stat);

const STANDARD_INPUT = 0;

export interface ByteInput {
  /** Bytes in all, where that is known beforehand; of a file that grows, those there are now. */
  readonly total: number | undefined;
  /** Bytes taken from the file so far (compressed ones, if it is). */
  readonly taken: number;
  /** Whether the data may still be in the making: nothing may be waited for that is not needed. */
  readonly live: boolean;
  /** Why the data ended early, once `read` has returned 0; absent when that was the end in order. */
  readonly damage: string | undefined;
  /**
   * What else the user should know of the data, once `read` has returned 0: a clause, of something that is no damage.
   */
  readonly note?: string | undefined;
  /** Whether gzip has been taken off the data. */
  readonly unpacked?: boolean;
  /** Whether all that is there has been taken, so that the next `read` will wait for more. Absent where nobody knows. */
  readonly waiting?: boolean;
  /** Whether `read` returned 0 because nobody wants more: neither the end nor damage. */
  readonly stopped?: boolean;
  /** Puts at least one byte into `buffer[from, to)` and returns how many; 0 at the end. Never rejects. */
  read(buffer: Uint8Array, from: number, to: number): Promise<number>;
  close(): Promise<void>;
}

/** What a name leads to, open for reading. */
export interface OpenedFile {
  readonly descriptor: number;
  /** A device is what is neither a regular file nor a pipe (or socket). */
  readonly kind: 'regular file' | 'pipe' | 'device';
  /** Bytes in it now; 0 for what has no size. */
  readonly size: number;
}

/** Opens a file, a FIFO, or standard input for `-`. Throws `CaptureError` when there is nothing to read from. */
export async function openInput(path: string): Promise<ByteInput> {
  return sequentialInput(await openFile(path));
}

/** The same, not yet committed to a way of reading. Throws `CaptureError`. */
export async function openFile(path: string): Promise<OpenedFile> {
  try {
    return path === '-' ? await openStandardInput() : await openPath(path);
  } catch (error) {
    throw captureError(path, error instanceof CaptureError ? error.message : reasonOf(error));
  }
}

/** Reads it from where it stands to its end, and closes it then. */
export function sequentialInput({ descriptor, kind, size }: OpenedFile): ByteInput {
  if (kind === 'pipe') return new PipeInput(descriptor);
  return new FileInput(descriptor, kind === 'regular file' ? size : undefined);
}

/** Closes a descriptor that was opened here; standard input is not ours to close. */
export async function closeDescriptor(descriptor: number): Promise<void> {
  if (descriptor !== STANDARD_INPUT) await close(descriptor);
}

/** An error with the name of the capture in front of the reason. */
export function captureError(path: string, reason: string): CaptureError {
  return new CaptureError(`${path === '-' ? 'standard input' : captureName(path)}: ${reason}`);
}

async function openPath(path: string): Promise<OpenedFile> {
  const status = await stat(path);
  if (status.isDirectory()) throw new CaptureError('is a directory');
  // Without O_NONBLOCK the opening itself would wait, in a thread of the pool, for somebody at the other end.
  const flags = fs.constants.O_RDONLY | (status.isFIFO() ? fs.constants.O_NONBLOCK : 0);
  return openedFile(await open(path, flags), status);
}

async function openStandardInput(): Promise<OpenedFile> {
  if (isatty(STANDARD_INPUT)) throw new CaptureError('is a terminal: pipe a capture into it');
  const status = await fstat(STANDARD_INPUT);
  if (status.isDirectory()) throw new CaptureError('is a directory');
  return openedFile(STANDARD_INPUT, status);
}

function openedFile(descriptor: number, status: fs.Stats): OpenedFile {
  if (status.isFile()) return { descriptor, kind: 'regular file', size: status.size };
  return { descriptor, kind: status.isFIFO() || status.isSocket() ? 'pipe' : 'device', size: 0 };
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
    await closeDescriptor(this.#descriptor);
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

/** Why the system refused, in a few words; `failure` says what could not be done where there are none of ours. */
export function reasonOf(error: unknown, failure = 'cannot be read'): string {
  return error instanceof Error ? systemReason(error, { failure }) : failure;
}
