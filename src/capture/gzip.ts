/**
 * Unzips another input (RFC 1952, members one after the other too), so that the parsers see a plain capture.
 *
 * All that was packed before a cut or a fault is handed out first, and `damage` says what happened. zlib throws away the
 * output of the call in which it meets a fault, hence two measures: it is fed small pieces, and the last bytes of the
 * data, which hold nothing but the check sum, by themselves. The small pieces also bound what a bomb can unfold at once.
 */

import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteInput } from './input.ts';

const READ_LENGTH = 256 * 1024;
/** Fed at once. Deflate packs at most 1032 to 1: a piece unfolds to 17 MiB at the worst. */
const PIECE_LENGTH = 16 * 1024;
/** CRC-32 and length at the end of a member (RFC 1952 section 2.3.1). */
const TRAILER_LENGTH = 8;
const OUTPUT_LENGTH = 64 * 1024;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export class GzipInput implements ByteInput {
  readonly live: boolean;
  readonly unpacked = true;
  damage: string | undefined;
  readonly #packed: ByteInput;
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_LENGTH });
  /** Packed bytes not yet fed, in [start, end). */
  readonly #pending: Uint8Array;
  #start = 0;
  #end: number;
  #ended = false;
  #unpacked: Uint8Array[] = [];
  /** Bytes of `unpacked[0]` that are taken. */
  #unpackedStart = 0;
  #wake: () => void = () => {};

  /** `begin` are the bytes that have been read of `packed` already. */
  constructor(packed: ByteInput, begin: Uint8Array) {
    this.#packed = packed;
    this.live = packed.live;
    this.#pending = new Uint8Array(Math.max(begin.length, READ_LENGTH));
    this.#pending.set(begin);
    this.#end = begin.length;
    this.#gunzip.on('data', (bytes: Uint8Array) => this.#unpacked.push(bytes));
    this.#gunzip.on('error', error => this.#fail(error));
  }

  get total(): number | undefined {
    return this.#packed.total;
  }

  get taken(): number {
    return this.#packed.taken;
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    while (this.#unpacked.length === 0 && !this.#ended) await this.#unpackMore();
    let at = from;
    while (at < to && this.#unpacked.length > 0) at += this.#take(buffer, at, to);
    return at - from;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#packed.close();
  }

  #take(buffer: Uint8Array, at: number, to: number): number {
    const [first] = this.#unpacked;
    const piece = first.subarray(this.#unpackedStart, this.#unpackedStart + to - at);
    buffer.set(piece, at);
    this.#unpackedStart += piece.length;
    if (this.#unpackedStart === first.length) {
      this.#unpacked.shift();
      this.#unpackedStart = 0;
    }
    return piece.length;
  }

  async #unpackMore(): Promise<void> {
    if (this.#end - this.#start > TRAILER_LENGTH) {
      await this.#feed(Math.min(PIECE_LENGTH, this.#end - this.#start - TRAILER_LENGTH));
    } else if (!(await this.#readPacked())) {
      await this.#feed(this.#end - this.#start);
      if (!this.#ended) await this.#settled(done => this.#gunzip.once('end', done).end());
      this.damage = this.#packed.damage ?? this.damage;
      this.#ended = true;
    }
  }

  async #readPacked(): Promise<boolean> {
    this.#pending.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const length = await this.#packed.read(this.#pending, this.#end, this.#pending.length);
    this.#end += length;
    return length > 0;
  }

  async #feed(length: number): Promise<void> {
    const piece = this.#pending.slice(this.#start, this.#start + length);
    this.#start += length;
    await this.#settled(done => this.#gunzip.write(piece, done));
  }

  /** Waits for a step of zlib to be done, or to fail. */
  #settled(step: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
      step(error => {
        if (error) this.#fail(error);
        resolve();
      });
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.damage ??=
      error.code === 'Z_BUF_ERROR' ? 'the gzip data are cut' : `the gzip data are damaged: ${error.message}`;
    this.#ended = true;
    this.#wake();
  }
}
