/**
 * What clients have announced, and how much of it was sent. In 2019-12 a chunk names no file, so that only the sum of all
 * announced bytes can be held against what is sent; in 2020-01 it names the file by digest. The sum stands in the table as
 * a file does, so that a chunk counts against one entry in either edition.
 *
 * Two counts of what was sent: that of the connection takes every chunk, and tells a transfer that was left incomplete.
 * `held` takes only those that may have been stored, because a chunk that was refused may be sent again; it tells one that
 * goes too far. One seeded table for the files of all connections; those of one are a chain, and go when it goes.
 */
import { KeyTable } from '../../src/sdk.ts';
import { BITS_WORDS, type Bits, bitsOfDigest } from './bits.ts';
import type { Bounds } from './identifiers.ts';
import { type ConnectionRow, MARK, TWO_32 } from './row.ts';
import type { AnnouncedFile } from './terms.ts';

/** An entry of the table; `NO_FILE` for none. */
export type FileEntry = number;
export const NO_FILE: FileEntry = 0;

/** Sizes go to 2^64-1; what is sent is counted in numbers that cannot reach this far. */
const toCount = (size: bigint): number =>
  size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);

/** Key: the connection, then the bits of the digest; zeros for all files of a connection together. */
const KEY_WORDS = 1 + BITS_WORDS;
/** The owner's words; counts take two, the high one first. */
const NEXT = KEY_WORDS;
const FRAME = KEY_WORDS + 1;
const EXCEEDED = KEY_WORDS + 2;
const ANNOUNCED = KEY_WORDS + 3;
const HELD = KEY_WORDS + 5;
/** Number of chunks + 1; 0 where it is not known, or was announced in two ways. */
const CHUNKS = KEY_WORDS + 7;
const OWN_WORDS = 9;

export class Files {
  readonly #table: KeyTable;
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#table = new KeyTable(KEY_WORDS, bounds.seed, bounds.limits['announced-files'], OWN_WORDS);
  }

  /** The file of a connection with this digest, or, without one, all of its files together. */
  find(slot: number, digest: Bits | undefined): FileEntry {
    this.#writeKey(slot, digest);
    return this.#table.find() + 1;
  }

  /** Takes in a file that is not there yet; `NO_FILE` when there is no room. */
  add(slot: number, digest: Bits | undefined, frame: number, next: FileEntry): FileEntry {
    this.#writeKey(slot, digest);
    const file = this.#table.insert() + 1;
    if (file === NO_FILE) {
      this.#bounds.limitHit('announced-files');
      return NO_FILE;
    }
    this.#write(file, NEXT, next);
    this.#write(file, FRAME, frame);
    return file;
  }

  /** Forgets a file and all that were taken in before it. */
  forget(newest: FileEntry): void {
    for (let file = newest; file !== NO_FILE; ) {
      const next = this.#read(file, NEXT);
      this.#table.remove(file - 1);
      file = next;
    }
  }

  /** Does a file of the connection have this digest? */
  hasDigest(file: FileEntry, digest: Bits): boolean {
    const { records, stride } = this.#table;
    const key = (file - 1) * stride;
    for (let word = 0; word < BITS_WORDS; word++) if (records[key + 1 + word] !== digest[word]) return false;
    return true;
  }

  /** Frame of the announcement. */
  frame(file: FileEntry): number {
    return this.#read(file, FRAME);
  }

  /** Bytes announced: all that may be sent. */
  announced(file: FileEntry): number {
    return this.#count(file, ANNOUNCED);
  }

  announce(file: FileEntry, bytes: number): void {
    this.#setCount(file, ANNOUNCED, Math.min(this.announced(file) + bytes, Number.MAX_SAFE_INTEGER));
  }

  held(file: FileEntry): number {
    return this.#count(file, HELD);
  }

  /** Counts bytes that were sent, or, below 0, that count no longer. */
  hold(file: FileEntry, bytes: number): void {
    this.#setCount(file, HELD, this.held(file) + bytes);
  }

  /** More was sent than announced, and that was reported. */
  isExceeded(file: FileEntry): boolean {
    return this.#read(file, EXCEEDED) !== 0;
  }

  setExceeded(file: FileEntry): void {
    this.#write(file, EXCEEDED, 1);
  }

  /** Chunks as announced, -1 where that is not known or announced in two ways. */
  chunks(file: FileEntry): number {
    return file === NO_FILE ? -1 : this.#count(file, CHUNKS) - 1;
  }

  setChunks(file: FileEntry, chunks: number): void {
    this.#setCount(file, CHUNKS, chunks + 1);
  }

  #count(file: FileEntry, word: number): number {
    return this.#read(file, word) * TWO_32 + this.#read(file, word + 1);
  }

  #setCount(file: FileEntry, word: number, count: number): void {
    this.#write(file, word, count / TWO_32);
    this.#write(file, word + 1, count);
  }

  #read(file: FileEntry, word: number): number {
    return this.#table.read(file - 1, word);
  }

  #write(file: FileEntry, word: number, value: number): void {
    this.#table.records[(file - 1) * this.#table.stride + word] = value;
  }

  #writeKey(slot: number, digest: Bits | undefined): void {
    const { key } = this.#table;
    key[0] = slot;
    for (let word = 0; word < BITS_WORDS; word++) key[1 + word] = digest === undefined ? 0 : digest[word];
  }
}

/** What the connection in hand has announced. */
export class Announcements {
  readonly #connection: ConnectionRow;
  readonly #files: Files;

  constructor(connection: ConnectionRow, files: Files) {
    this.#connection = connection;
    this.#files = files;
  }

  /** Frame of the first announcement; 0 where there was none. */
  get frame(): number {
    return this.#connection.announcementFrame;
  }

  /** Every announcement could be understood, and there was one. */
  get understood(): boolean {
    return this.frame !== 0 && !this.#connection.has(MARK.NOT_UNDERSTOOD);
  }

  /** There were more files than are remembered. */
  get forgotSome(): boolean {
    return this.#connection.has(MARK.FORGOT_FILES);
  }

  /** Bytes that a client sends which sends each file once. */
  get expected(): number {
    return this.#connection.expectedHigh * TWO_32 + this.#connection.expectedLow;
  }

  /** All files together, where chunks name none (2019-12). */
  get total(): FileEntry {
    return this.#files.find(this.#connection.slot, undefined);
  }

  /** Mostly it is the one that was named last. */
  withDigest(digest: Bits): FileEntry {
    const connection = this.#connection;
    const { lastFile } = connection;
    if (lastFile !== NO_FILE && this.#files.hasDigest(lastFile, digest)) return lastFile;
    const file = this.#files.find(connection.slot, digest);
    connection.lastFile = file;
    return file;
  }

  /**
   * A message announces files, or that there are none.
   * @param byDigest chunks will name the file by its digest
   */
  begin(byDigest: boolean, frame: number): void {
    if (this.frame === 0) this.#connection.announcementFrame = frame;
    if (!byDigest && this.total === NO_FILE) this.#take(undefined, frame);
  }

  misunderstood(): void {
    this.#connection.mark(MARK.NOT_UNDERSTOOD);
  }

  /** Takes in a file of a message that has begun. */
  add({ size, digest, chunks = -1 }: AnnouncedFile, byDigest: boolean, frame: number): void {
    if (size === undefined || (byDigest && digest === undefined)) this.misunderstood();
    else if (byDigest && digest !== undefined) this.#addFile(bitsOfDigest(digest), toCount(size), chunks, frame);
    else {
      this.#expect(toCount(size));
      if (this.total !== NO_FILE) this.#files.announce(this.total, toCount(size));
    }
  }

  /** The connection is over: its files make room for others. */
  forget(): void {
    const connection = this.#connection;
    this.#files.forget(connection.files);
    connection.files = NO_FILE;
    connection.lastFile = NO_FILE;
  }

  #addFile(digest: Bits, bytes: number, chunks: number, frame: number): void {
    const files = this.#files;
    const present = this.withDigest(digest);
    if (present === NO_FILE) this.#expect(bytes);
    const file = present || this.#take(digest, frame);
    if (file === NO_FILE) return;
    files.setChunks(file, present !== NO_FILE && files.chunks(present) !== chunks ? -1 : chunks);
    files.announce(file, bytes);
  }

  #expect(bytes: number): void {
    const expected = Math.min(this.expected + bytes, Number.MAX_SAFE_INTEGER);
    this.#connection.expectedHigh = expected / TWO_32;
    this.#connection.expectedLow = expected;
  }

  #take(digest: Bits | undefined, frame: number): FileEntry {
    const connection = this.#connection;
    const file = this.#files.add(connection.slot, digest, frame, connection.files);
    if (file === NO_FILE) connection.mark(MARK.FORGOT_FILES);
    else connection.files = file;
    return file;
  }
}
