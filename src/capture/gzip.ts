/**
 * Unzips another input (RFC 1952, members one after the other too), so that the parsers see a plain capture.
 *
 * zlib gets only what is deflated; headers, check sums and lengths are read here. Node's own gunzip cannot say where a
 * member ends: with zeros behind it, as tapes and block devices leave them, it never answers the last write, and with
 * any other bytes it throws away what it has just unpacked. Here the end is exact: zeros behind it mean nothing,
 * another member goes on with the capture, and anything else is counted and reported in `note`.
 *
 * All that was packed before a cut or a fault is handed out first, and `damage` says what happened. zlib throws away the
 * output of the call in which it meets a fault, so it is fed small pieces. They also bound what a bomb unfolds at once.
 */

import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { ByteInput } from './input.ts';
import { read16, read32 } from './words.ts';

const READ_LENGTH = 256 * 1024;
/** Fed at once. Deflate packs at most 1032 to 1: a piece unfolds to 17 MiB at the worst. */
const PIECE_LENGTH = 16 * 1024;
const OUTPUT_LENGTH = 64 * 1024;

/** RFC 1952 section 2.3: two bytes of identification and the method, deflate. */
const MAGIC = [0x1f, 0x8b, 0x08];
const FLAGS_OFFSET = 3;
/** Identification, method, flags, time (4), extra flags and system. */
const FIXED_HEADER_LENGTH = 10;
const FLAG_HEADER_CHECK = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;
/** Extra fields take 64 KiB at the most; a name or a comment, which nothing bounds, is not believed to take as much. */
const MAX_HEADER_LENGTH = 128 * 1024;
/** CRC-32 and length at the end of a member (section 2.3.1). */
const TRAILER_LENGTH = 8;

const CUT = 'the gzip data are cut';

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC[0] && bytes[1] === MAGIC[1];
}

export class GzipInput implements ByteInput {
  readonly live: boolean;
  readonly unpacked = true;
  damage: string | undefined;
  note: string | undefined;
  readonly #packed: ByteInput;
  /** Packed bytes not yet taken, in [start, end). */
  readonly #pending: Uint8Array;
  #start = 0;
  #end: number;
  #ended = false;
  /** What is expected next. */
  #part: 'header' | 'data' | 'trailer' | 'next member' = 'header';
  #inflate: InflateRaw | undefined;
  /** Of the member in hand, so far. */
  #checkSum = 0;
  #memberLength = 0;
  #unpacked: Uint8Array[] = [];
  /** Bytes of `unpacked[0]` that are taken. */
  #unpackedStart = 0;

  /** `begin` are the bytes that have been read of `packed` already. */
  constructor(packed: ByteInput, begin: Uint8Array) {
    this.#packed = packed;
    this.live = packed.live;
    this.#pending = new Uint8Array(Math.max(begin.length, READ_LENGTH));
    this.#pending.set(begin);
    this.#end = begin.length;
  }

  get total(): number | undefined {
    return this.#packed.total;
  }

  get taken(): number {
    return this.#packed.taken;
  }

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    while (this.#unpacked.length === 0 && !this.#ended) await this.#step();
    let at = from;
    while (at < to && this.#unpacked.length > 0) at += this.#take(buffer, at, to);
    return at - from;
  }

  async close(): Promise<void> {
    this.#inflate?.destroy();
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

  get #left(): number {
    return this.#end - this.#start;
  }

  async #step(): Promise<void> {
    switch (this.#part) {
      case 'header':
        return this.#header();
      case 'data':
        return this.#data();
      case 'trailer':
        return this.#trailer();
      case 'next member':
        return this.#nextMember();
    }
  }

  async #header(): Promise<void> {
    const header = this.#pending.subarray(this.#start, this.#end);
    const length = headerLength(header);
    if (length === undefined && this.#left <= MAX_HEADER_LENGTH) {
      if (!(await this.#more())) this.#fail(CUT);
    } else if (typeof length === 'string' || length === undefined) {
      this.#fail(`the gzip data are damaged: ${length ?? 'endless header'}`);
    } else {
      this.#start += length;
      this.#checkSum = 0;
      this.#memberLength = 0;
      this.#inflate = this.#newInflate();
      this.#part = 'data';
    }
  }

  #newInflate(): InflateRaw {
    const inflate = createInflateRaw({ chunkSize: OUTPUT_LENGTH });
    inflate.on('data', (bytes: Uint8Array) => {
      this.#checkSum = crc32(bytes, this.#checkSum);
      this.#memberLength = (this.#memberLength + bytes.length) >>> 0;
      this.#unpacked.push(bytes);
    });
    inflate.on('end', () => {
      this.#part = 'trailer';
    });
    // Each step hears of its own failure; without a listener the stream would throw it as well.
    inflate.on('error', () => {});
    return inflate;
  }

  /** One piece, as much of it as is deflated: what stands behind the member is left for the parts to come. */
  async #data(): Promise<void> {
    const inflate = this.#inflate!;
    const fed = inflate.bytesWritten;
    if (this.#left > 0 || (await this.#more())) {
      const piece = this.#pending.subarray(this.#start, this.#start + Math.min(this.#left, PIECE_LENGTH));
      await this.#settled(done => inflate.write(piece, done));
      this.#start += inflate.bytesWritten - fed;
    } else {
      await this.#settled(() => inflate.end());
    }
    if (this.#part !== 'data') inflate.destroy();
  }

  /** Waits until zlib has taken a piece, has come to the end of the member, or has failed: it says one of them. */
  #settled(step: (taken: (error?: Error | null) => void) => void): Promise<void> {
    const inflate = this.#inflate!;
    return new Promise(resolve => {
      const fail = (error: NodeJS.ErrnoException) => {
        this.#fail(error.code === 'Z_BUF_ERROR' ? CUT : `the gzip data are damaged: ${error.message}`);
        settle();
      };
      const settle = () => {
        inflate.off('end', settle).off('error', fail);
        resolve();
      };
      inflate.once('end', settle).once('error', fail);
      step(error => {
        if (!error) settle();
      });
    });
  }

  async #trailer(): Promise<void> {
    if (this.#left < TRAILER_LENGTH) {
      if (!(await this.#more())) this.#fail(CUT);
      return;
    }
    const checkSum = read32(this.#pending, this.#start, false);
    const length = read32(this.#pending, this.#start + 4, false);
    this.#start += TRAILER_LENGTH;
    this.#part = 'next member';
    if (checkSum !== this.#checkSum) this.#fail('the gzip data are damaged: incorrect data check');
    else if (length !== this.#memberLength) this.#fail('the gzip data are damaged: incorrect length check');
  }

  /** Passes over zeros, to another member, to the end, or to what is neither. */
  async #nextMember(): Promise<void> {
    while (this.#left > 0 && this.#pending[this.#start] === 0) this.#start++;
    const behind = this.#pending.subarray(this.#start, Math.min(this.#end, this.#start + MAGIC.length));
    const mayBegin = behind.every((byte, index) => byte === MAGIC[index]);
    if (mayBegin && behind.length === MAGIC.length) {
      this.#part = 'header';
    } else if (!mayBegin) {
      await this.#passOver();
    } else if (!(await this.#more())) {
      if (behind.length > 0) this.#fail(CUT);
      else this.#finish();
    }
  }

  async #passOver(): Promise<void> {
    let bytes = 0;
    do {
      bytes += this.#left;
      this.#start = this.#end;
    } while (await this.#more());
    this.note = `bytes after the gzip data were skipped (${bytes})`;
    this.#finish();
  }

  /** Reads once, behind what is left. False at the end of what is packed. */
  async #more(): Promise<boolean> {
    this.#pending.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const length = await this.#packed.read(this.#pending, this.#end, this.#pending.length);
    this.#end += length;
    return length > 0;
  }

  #fail(damage: string): void {
    this.damage ??= damage;
    this.#finish();
  }

  /** Damage of what is packed is the cause, that of its data a consequence. */
  #finish(): void {
    this.damage = this.#packed.damage ?? this.damage;
    this.#ended = true;
  }
}

/** Length of the member's header that begins here; nothing while it is not whole, and what is wrong with one that is none. */
function headerLength(bytes: Uint8Array): number | string | undefined {
  if (bytes.length < FIXED_HEADER_LENGTH) return undefined;
  if (bytes[2] !== MAGIC[2]) return 'unknown compression method';
  const flags = bytes[FLAGS_OFFSET];
  if (flags & RESERVED_FLAGS) return 'unknown header flags set';
  let length = FIXED_HEADER_LENGTH;
  if (flags & FLAG_EXTRA) {
    if (bytes.length < length + 2) return undefined;
    length += 2 + read16(bytes, length, false);
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if (!(flags & flag)) continue;
    const end = length < bytes.length ? bytes.indexOf(0, length) : -1;
    if (end < 0) return undefined;
    length = end + 1;
  }
  if (flags & FLAG_HEADER_CHECK) {
    if (bytes.length < length + 2) return undefined;
    const checkSum = crc32(bytes.subarray(0, length)) & 0xffff;
    if (read16(bytes, length, false) !== checkSum) return 'header crc mismatch';
    length += 2;
  }
  return length <= bytes.length ? length : undefined;
}
