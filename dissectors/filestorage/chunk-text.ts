/**
 * The data of a chunk as an ordinary message has it (`ordinary.ts`): base64 in a JSON string, mostly in lines. It is checked and
 * put down as its sender made it in one pass over its bytes (`base64-scan.ts`); the digest of a chunk is that of this text.
 */
import { hash } from 'node:crypto';
import {
  type Base64Scan,
  base64Scan,
  END_WORD,
  INPUT,
  INPUT_ROOM,
  LONGEST_TEXT,
  PADDING_WORD,
  TEXT,
  TEXT_END_WORD,
} from './base64-scan.ts';
import { byteOfDigits, DIGEST_LENGTH } from './bits.ts';

export class ChunkText {
  /** Where the last string that was read ends, its quote included. */
  end = 0;
  /** Made when the first data is read. */
  #scan: Base64Scan | undefined = undefined;
  #isScanMade = false;
  /** The text of the data as its sender made it. Mostly all chunks have texts of one length. */
  #text: Uint8Array = new Uint8Array(0);

  /**
   * Reads a string of base64, from behind its first quote.
   * @param limit where the message ends
   * @returns the bytes that it stands for, -1 when it is something else, or cannot be read here
   */
  read(bytes: Uint8Array, start: number, limit: number): number {
    const scan = this.#scan ?? this.#makeScan();
    if (!scan) return -1;
    const length = Math.min(limit - start, LONGEST_TEXT);
    // A message of several segments is mostly alone in its buffer, which costs less than an object for a part of it.
    const isSmall = bytes.length <= INPUT_ROOM;
    scan.bytes.set(isSmall ? bytes : bytes.subarray(start, start + length), INPUT);
    const at = isSmall ? INPUT + start : INPUT;
    scan.bytes[at + length] = 0;
    const characters = scan.run(at);
    if (characters < 0) return -1;
    const { words } = scan;
    this.end = start + words[END_WORD] - at;
    const textLength = words[TEXT_END_WORD] - TEXT;
    if (this.#text.length !== textLength) this.#text = scan.bytes.subarray(TEXT, TEXT + textLength);
    const padding = words[PADDING_WORD];
    if (padding > 2 || (characters + padding) % 4 !== 0) return -1;
    return (characters * 3) >>> 2;
  }

  /** Do the hexadecimal digits at `at`, in either case, say the SHA-256 of the text? */
  hasDigest(bytes: Uint8Array, at: number): boolean {
    // A character a byte: shorter than its digits, and quicker made than a buffer.
    const digest = hash('sha256', this.#text, 'binary');
    for (let place = 0; place < DIGEST_LENGTH / 2; place++) {
      if (byteOfDigits(bytes, at + place * 2) !== digest.charCodeAt(place)) return false;
    }
    return true;
  }

  #makeScan(): Base64Scan | undefined {
    if (!this.#isScanMade) this.#scan = base64Scan();
    this.#isScanMade = true;
    return this.#scan;
  }
}
