/**
 * What a client has announced on a connection, and how much of it was sent. In the first edition a chunk names no file,
 * so that only the sum of all announced bytes can be held against what is sent; in the second it names the file by digest.
 *
 * Two counts of what was sent: `sent` takes every chunk, and tells a transfer that was left incomplete. `held` takes only
 * those that may have been stored, because a chunk that was refused may be sent again; it tells one that goes too far.
 */
import { createHash } from 'node:crypto';
import type { AnnouncedFile as Announcement } from './content.ts';

/** Files remembered over all connections. */
export const MOST_FILES = 262_144;

/** How many more files can be remembered. */
export class FileRoom {
  #left: number;

  constructor(files = MOST_FILES) {
    this.#left = files;
  }

  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  give(files: number): void {
    this.#left += files;
  }
}

/** Sizes go to 2^64-1; what is sent is counted in numbers that cannot reach this far. */
export const toCount = (size: bigint): number =>
  size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);

/** A file, or all files of a connection together. */
export class ExpectedFile {
  /** Bytes announced: all that may be sent. */
  announced = 0;
  held = 0;
  /** Chunks as announced, -1 where that is not known or announced in two ways. */
  chunks = -1;
  /** More was sent than announced, and that was reported. */
  exceeded = false;
  /** Frame of the announcement. */
  readonly frame: number;

  constructor(frame: number) {
    this.frame = frame;
  }
}

export class Announcements {
  /** All files together. */
  readonly total: ExpectedFile;
  readonly #room: FileRoom;
  readonly #files = new Map<string, ExpectedFile>();
  /** Bytes that a client sends which sends each file once. */
  expected = 0;
  /** Every announcement could be understood. */
  understood = true;
  /** There were more files than are remembered. */
  forgotSome = false;

  /** @param frame of the first announcement */
  constructor(frame: number, room: FileRoom) {
    this.total = new ExpectedFile(frame);
    this.#room = room;
  }

  /** @param byDigest chunks will name the file by its digest */
  add(file: Announcement, byDigest: boolean, frame: number): void {
    if (file.size === undefined || (byDigest && file.digest === undefined)) {
      this.understood = false;
      return;
    }
    const bytes = toCount(file.size);
    this.total.announced += bytes;
    if (!byDigest || file.digest === undefined) {
      this.expected += bytes;
      return;
    }
    const key = keyOf(file.digest);
    const present = this.#files.get(key);
    if (!present) this.expected += bytes;
    if (!present && !this.#room.take()) {
      this.forgotSome = true;
      return;
    }
    const known = present ?? new ExpectedFile(frame);
    const chunks = file.chunks ?? -1;
    known.chunks = present && present.chunks !== chunks ? -1 : chunks;
    known.announced += bytes;
    this.#files.set(key, known);
  }

  withDigest(digest: string): ExpectedFile | undefined {
    return this.#files.get(keyOf(digest));
  }

  /** The connection is over: its files make room for others. */
  forget(): void {
    this.#room.give(this.#files.size);
    this.#files.clear();
  }
}

/** Hex digits of a SHA-256. */
const DIGEST_LENGTH = 64;

/** Digests are the same in upper and lower case; what is none may be of any length, and is not kept as it is. */
function keyOf(digest: string): string {
  if (digest.length === DIGEST_LENGTH) return digest.toLowerCase();
  return createHash('sha256').update(digest.toLowerCase()).digest('base64');
}
