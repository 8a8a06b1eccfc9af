/**
 * A copy of what cannot be read twice (a pipe, gzip), in a temporary file that has lost its name already.
 *
 * A pump takes the bytes as fast as they come, whether anybody looks or not, unpacks them and appends them; every reader
 * follows it from the first byte and waits while the pump runs. As the file has no name, nothing is left of it when the
 * process ends, in whatever way.
 */

import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GzipInput, isGzip } from './gzip.ts';
import { type ByteInput, reasonOf } from './input.ts';
import { ReadBuffer } from './read-buffer.ts';
import { SeekableFile } from './seekable-file.ts';
import { CaptureError } from './source.ts';
import type { StoppableInput, Store } from './store.ts';

const CHUNK_LENGTH = 256 * 1024;
const GZIP_MAGIC_LENGTH = 2;

/** Opens a new file in `folder` that nobody else can open. Throws `CaptureError` without the capture's name. */
export function namelessFile(folder = tmpdir()): SeekableFile {
  const path = join(folder, `wirelint-${randomUUID()}`);
  const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
  try {
    const descriptor = fs.openSync(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
    fs.unlinkSync(path);
    return new SeekableFile(descriptor);
  } catch (error) {
    throw new CaptureError(`cannot be kept in ${folder}: ${reasonOf(error, 'no file can be made there')}`);
  }
}

export class Spool implements Store {
  /** The pump has stopped: at the end, or because of `damage`. */
  ended = false;
  damage: string | undefined;
  note: string | undefined;
  size = 0;
  readonly #endless: boolean;
  readonly #file: SeekableFile;
  #input: ByteInput;
  readonly #readers = new Set<SpoolInput>();
  #closed = false;

  /**
   * Takes over both, and pumps from now on. `endless`: nobody knows when `input` will end, so that its readers are live;
   * otherwise all of it is there, and only takes its time.
   */
  constructor(input: ByteInput, file: SeekableFile, endless: boolean) {
    this.#input = input;
    this.#file = file;
    this.#endless = endless;
    void this.#pump();
  }

  get live(): boolean {
    return this.#endless && !this.ended && !this.#closed;
  }

  get unpacked(): boolean {
    return this.#input.unpacked === true;
  }

  read(position: number, length: number): Uint8Array {
    return this.#file.read(position, Math.min(length, this.size - position));
  }

  open(): StoppableInput {
    const reader = new SpoolInput(this, this.#endless, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    return reader;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const reader of this.#readers) reader.stop();
    if (!this.ended) await this.#input.close();
    await this.#file.close();
  }

  /** Puts kept bytes from `position` on into `buffer[from, to)`, and resolves to how many. Rejects as the disk does. */
  fill(buffer: Uint8Array, from: number, to: number, position: number): Promise<number> {
    return this.#file.fill(buffer, from, Math.min(to, from + this.size - position), position);
  }

  /** Bytes of what is pumped, as they were packed; absent where nobody knows them beforehand. */
  get total(): number | undefined {
    if (this.#endless) return undefined;
    return this.ended ? this.#input.taken : this.#input.total;
  }

  /** Where somebody at `position` is in the bytes that `total` counts: a guess while only a part of them is unpacked. */
  progress(position: number): number {
    if (this.total === undefined) return position;
    return Math.round((this.#input.taken * position) / this.size);
  }

  async #pump(): Promise<void> {
    try {
      const buffer = await this.#unpackedBuffer();
      do {
        await this.#keep(buffer);
      } while (!this.#closed && (await buffer.more()));
      this.damage = this.#input.damage;
      this.note = this.#input.note;
    } catch (error) {
      this.damage = `cannot be kept in a temporary file: ${reasonOf(error, 'cannot be written')}`;
    }
    this.ended = true;
    this.#wakeReaders();
    if (!this.#closed) await this.#input.close();
  }

  async #unpackedBuffer(): Promise<ReadBuffer> {
    const buffer = new ReadBuffer(this.#input, CHUNK_LENGTH);
    await buffer.ensure(GZIP_MAGIC_LENGTH);
    if (!isGzip(buffer.bytes)) return buffer;
    this.#input = new GzipInput(this.#input, buffer.bytes.subarray(0, buffer.end));
    return new ReadBuffer(this.#input, CHUNK_LENGTH);
  }

  async #keep(buffer: ReadBuffer): Promise<void> {
    while (buffer.length > 0 && !this.#closed) {
      const length = await this.#file.write(buffer.bytes, buffer.start, buffer.end, this.size);
      buffer.start += length;
      this.size += length;
      this.#wakeReaders();
    }
  }

  #wakeReaders(): void {
    for (const reader of this.#readers) reader.wake();
  }
}

class SpoolInput implements StoppableInput {
  readonly live: boolean;
  stopped = false;
  taken = 0;
  damage: string | undefined;
  readonly #spool: Spool;
  readonly #onClose: () => void;
  #position = 0;
  #continue: () => void = () => {};

  constructor(spool: Spool, live: boolean, onClose: () => void) {
    this.#spool = spool;
    this.live = live;
    this.#onClose = onClose;
  }

  get unpacked(): boolean {
    return this.#spool.unpacked;
  }

  get note(): string | undefined {
    return this.#spool.note;
  }

  get total(): number | undefined {
    return this.#spool.total;
  }

  get waiting(): boolean {
    return this.live && !this.stopped && this.#isDry();
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    while (!this.stopped && this.#isDry()) await this.#growth();
    if (this.stopped) return 0;
    if (this.#position === this.#spool.size) {
      this.damage = this.#spool.damage;
      return 0;
    }
    try {
      const length = await this.#spool.fill(buffer, from, to, this.#position);
      this.#position += length;
      this.taken = Math.max(this.taken, this.#spool.progress(this.#position));
      return length;
    } catch (error) {
      this.damage = reasonOf(error);
      return 0;
    }
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }

  /** Looks again whether there is more. */
  wake(): void {
    this.#continue();
  }

  async close(): Promise<void> {
    this.stop();
    this.#onClose();
  }

  #isDry(): boolean {
    return this.#position === this.#spool.size && !this.#spool.ended;
  }

  #growth(): Promise<void> {
    return new Promise(resolve => {
      this.#continue = resolve;
    });
  }
}
