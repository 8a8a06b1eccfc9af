/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): one section, little-endian, the interfaces that are named or else one for each
 * link type, and enhanced packet blocks with nanoseconds, the length on the wire, and comments.
 *
 * It does no writing of its own: frames are put in, and what they make is taken out, so that the same code serves files,
 * pipes and memory. Bytes from the wire are data in it, never more; comments are written as they are given.
 */

import { COMPLETE_OPTION, completeMark } from './complete-mark.ts';
import type { Frame } from './source.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
/** Type, total length, and the total length again at the end. */
const BLOCK_OVERHEAD = 12;
const SECTION_LENGTH = BLOCK_OVERHEAD + 16;
const INTERFACE_LENGTH = BLOCK_OVERHEAD + 8;
const PACKET_LENGTH = BLOCK_OVERHEAD + 20;
const STATISTICS_LENGTH = 24;
/** Code and length of an option; an end of options is nothing else. */
const OPTION_HEADER = 4;
const OPTION_COMMENT = 1;
const OPTION_NAME = 2;
const OPTION_DESCRIPTION = 3;
const OPTION_TSRESOL = 9;
/** if_tsresol: 10^-9 seconds. */
const NANOSECONDS = 9;
const PER_SECOND = 1_000_000_000n;
/** What 64 bits hold of them ends in the year 2554. */
const LATEST = 0xffff_ffff_ffff_ffffn;
/** SnapLen: whatever cut the frames, it was not this writer. */
const NO_LIMIT = 0;

/** The length of an option takes 16 bits. */
export const MAX_COMMENT_LENGTH = 0xffff;
/** Bytes that all comments of a packet may take; readers bound the options of a block at twice 64 KiB. */
export const MAX_COMMENTS_LENGTH = 120 * 1024;

const FIRST_LENGTH = 64 * 1024;
const utf8 = new TextEncoder();

export interface WriterOptions {
  /**
   * Nothing is missing between the frames that will be written, and readers may rely on it (see complete-mark.ts). For
   * what saw everything itself, never for a part of another capture.
   */
  readonly complete?: boolean;
  /** The interfaces of all frames, which refer to them by their number. */
  readonly interfaces?: readonly NamedInterface[];
}

export interface NamedInterface {
  readonly linkType: number;
  /** if_name and if_description, cut to 65,535 bytes each. */
  readonly name: string;
  readonly description: string;
}

export class PcapngWriter {
  #buffer = new Uint8Array(FIRST_LENGTH);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;
  /** Number of the interface of each link type; empty where they are named. */
  readonly #interfaces = new Map<number, number>();
  readonly #areNamed: boolean;

  constructor({ complete = false, interfaces }: WriterOptions = {}) {
    this.#section(complete ? completeMark() : undefined);
    this.#areNamed = interfaces !== undefined;
    for (const named of interfaces ?? []) this.#interface(named.linkType, named);
  }

  /** Bytes that `take` would return. */
  get length(): number {
    return this.#length;
  }

  /**
   * Writes a packet. A time beyond the year 2554 is written as the last one that nanoseconds can say.
   *
   * @param comments an option each, cut to 65,535 bytes at a character; from where they take more than a block has
   *   room for, they are left out
   */
  frame(frame: Frame, comments: readonly string[] = []): void {
    const id = this.#areNamed ? frame.interfaceId : this.#interfaceOf(frame.linkType);
    const captured = frame.end - frame.start;
    const begin = this.#begin(ENHANCED_PACKET, PACKET_LENGTH + padded(captured) + roomFor(comments));
    const time = BigInt(frame.seconds) * PER_SECOND + BigInt(frame.nanoseconds);
    const written = time > LATEST ? LATEST : time;
    this.#word(id);
    this.#word(Number(written >> 32n));
    this.#word(Number(written & 0xffff_ffffn));
    this.#word(captured);
    this.#word(frame.wireLength);
    this.#buffer.set(frame.bytes.subarray(frame.start, frame.end), this.#length);
    this.#skip(captured);
    this.#comments(comments);
    this.#end(begin);
  }

  /**
   * Writes comments about an interface that belong to no packet: in a block of its statistics, which counts nothing.
   * @param seconds when, since the Unix epoch
   */
  remark(interfaceId: number, seconds: number, comments: readonly string[]): void {
    const begin = this.#begin(INTERFACE_STATISTICS, STATISTICS_LENGTH + roomFor(comments));
    const time = BigInt(Math.floor(seconds * 1e9));
    this.#word(interfaceId);
    this.#word(Number(time >> 32n));
    this.#word(Number(time & 0xffff_ffffn));
    this.#comments(comments);
    this.#end(begin);
  }

  /** What was written since it was last taken. */
  take(): Uint8Array {
    const taken = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /**
   * The same without a copy: what was written, in the writer's own buffer, which is the caller's from now on.
   * @param next the buffer to go on in, whose content is lost; a new one by default
   */
  handOver(next: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_LENGTH)): Uint8Array<ArrayBuffer> {
    const written = this.#buffer.subarray(0, this.#length);
    this.#buffer = next;
    this.#view = new DataView(next.buffer, next.byteOffset, next.length);
    this.#length = 0;
    return written;
  }

  #section(mark: Uint8Array | undefined): void {
    const most = mark ? 2 * OPTION_HEADER + padded(mark.length) : 0;
    const begin = this.#begin(SECTION_HEADER, SECTION_LENGTH + most);
    this.#word(BYTE_ORDER_MAGIC);
    this.#half(MAJOR_VERSION);
    this.#half(0);
    // The length of a section that is still being written is not known: -1 in 64 bits.
    this.#word(0xffff_ffff);
    this.#word(0xffff_ffff);
    if (mark) {
      this.#half(COMPLETE_OPTION);
      this.#half(mark.length);
      this.#buffer.set(mark, this.#length);
      this.#skip(mark.length);
      this.#endOfOptions();
    }
    this.#end(begin);
  }

  #interfaceOf(linkType: number): number {
    const present = this.#interfaces.get(linkType);
    if (present !== undefined) return present;
    const id = this.#interfaces.size;
    this.#interfaces.set(linkType, id);
    this.#interface(linkType);
    return id;
  }

  #interface(linkType: number, named?: NamedInterface): void {
    const room = named ? roomFor([named.name, named.description]) : 0;
    const begin = this.#begin(INTERFACE_DESCRIPTION, INTERFACE_LENGTH + 3 * OPTION_HEADER + room);
    this.#half(linkType);
    this.#half(0);
    this.#word(NO_LIMIT);
    if (named) {
      this.#text(OPTION_NAME, named.name, MAX_COMMENT_LENGTH);
      this.#text(OPTION_DESCRIPTION, named.description, MAX_COMMENT_LENGTH);
    }
    this.#half(OPTION_TSRESOL);
    this.#half(1);
    this.#buffer[this.#length] = NANOSECONDS;
    this.#skip(1);
    this.#endOfOptions();
    this.#end(begin);
  }

  #comments(comments: readonly string[]): void {
    const end = this.#length + MAX_COMMENTS_LENGTH;
    const before = this.#length;
    for (const comment of comments) {
      const value = this.#length + OPTION_HEADER;
      if (value >= end) break;
      this.#text(OPTION_COMMENT, comment, Math.min(MAX_COMMENT_LENGTH, end - value));
    }
    if (this.#length > before) this.#endOfOptions();
  }

  /** An option of text, cut to `room` bytes. */
  #text(option: number, text: string, room: number): void {
    const value = this.#length + OPTION_HEADER;
    // `encodeInto` stops before the character that would not fit whole.
    const { written } = utf8.encodeInto(text, this.#buffer.subarray(value, value + room));
    this.#half(option);
    this.#half(written);
    this.#skip(written);
  }

  #endOfOptions(): void {
    this.#word(0);
  }

  /** Begins a block for which `most` bytes are made room, and returns where. */
  #begin(type: number, most: number): number {
    const begin = this.#length;
    this.#grow(begin + most);
    this.#word(type);
    this.#word(0);
    return begin;
  }

  #end(begin: number): void {
    const total = this.#length + 4 - begin;
    this.#view.setUint32(begin + 4, total, true);
    this.#word(total);
  }

  #grow(length: number): void {
    if (length <= this.#buffer.length) return;
    const grown = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }

  #half(value: number): void {
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  #word(value: number): void {
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Moves behind `length` bytes that were put there, and the zeros that pad them to 32 bits. */
  #skip(length: number): void {
    this.#buffer.fill(0, this.#length + length, this.#length + padded(length));
    this.#length += padded(length);
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Bytes that these comments take at most: a UTF-16 unit makes three bytes of UTF-8 or fewer. */
function roomFor(comments: readonly string[]): number {
  const most = comments.reduce((sum, { length }) => sum + 2 * OPTION_HEADER + 3 * length, OPTION_HEADER);
  return Math.min(most, MAX_COMMENTS_LENGTH + 2 * OPTION_HEADER);
}
