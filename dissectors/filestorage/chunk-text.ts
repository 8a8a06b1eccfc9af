/**
 * The data of a chunk as an ordinary message has it (`ordinary.ts`): base64 in a JSON string, mostly in lines. It is checked and
 * put down as its sender made it in one pass over its bytes; the digest of a chunk is that of this text.
 */
import { hash } from 'node:crypto';
import { DIGEST_LENGTH } from './bits.ts';

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const PAD = 0x3d;
const ZERO = 0x30;
/** Of a letter; digits have it too. */
const LOWER_CASE = 0x20;
/** Line breaks, as they are and behind a backslash. */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ESCAPED_LINE_FEED = 0x6e;
const ESCAPED_CARRIAGE_RETURN = 0x72;

/** By byte: characters of base64 but for its padding. */
const IN_BASE64 = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  IN_BASE64[character.charCodeAt(0)] = 1;

/** The same of two bytes, in either order. */
const ARE_BASE64 = new Uint8Array(65_536);
for (let pair = 0; pair < ARE_BASE64.length; pair++) ARE_BASE64[pair] = IN_BASE64[pair >>> 8] & IN_BASE64[pair & 0xff];

/** Characters of base64 with its line breaks; a chunk of the most bytes takes half of it. */
const LONGEST_TEXT = 4096;

export class ChunkText {
  /** Where the last string that was read ends, its quote included. */
  end = 0;
  /** Of the bytes that data was read from last: most come out of one large buffer. */
  #viewed: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#viewed.buffer);
  /** The text of the data as its sender made it: with line breaks where JSON has their escapes. */
  readonly #text = new Uint8Array(LONGEST_TEXT);
  readonly #textView = new DataView(this.#text.buffer);
  /** As much of it as there is. Mostly all chunks have texts of one length. */
  #whole: Uint8Array = this.#text.subarray(0, 0);

  /**
   * Reads a string of base64, from behind its first quote.
   * @param limit where the message ends
   * @returns the bytes that it stands for, -1 when it is something else
   */
  read(bytes: Uint8Array, start: number, limit: number): number {
    const text = this.#text;
    const view = this.#viewOf(bytes);
    const end = Math.min(limit, start + LONGEST_TEXT);
    let at = start;
    let length = 0;
    // Line breaks and padding.
    let others = 0;
    let padding = 0;
    for (;;) {
      const begun = length - others;
      const next = copyTwelves(view, at, end, this.#textView, length, ARE_BASE64);
      length += next - at;
      at = next;
      while (at < end && IN_BASE64[bytes[at]] === 1) text[length++] = bytes[at++];
      if (length - others > begun && padding > 0) return -1;
      if (at >= end) return -1;
      const byte = bytes[at++];
      if (byte === QUOTE) break;
      if (byte === PAD) {
        padding++;
        others++;
        text[length++] = byte;
        continue;
      }
      if (byte !== ESCAPE || at >= end) return -1;
      const escaped = bytes[at++];
      if (escaped === ESCAPED_LINE_FEED) text[length++] = LINE_FEED;
      else if (escaped === ESCAPED_CARRIAGE_RETURN) text[length++] = CARRIAGE_RETURN;
      else return -1;
      others++;
    }
    this.end = at;
    if (this.#whole.length !== length) this.#whole = text.subarray(0, length);
    const characters = length - others;
    if (padding > 2 || (characters + padding) % 4 !== 0) return -1;
    return (characters * 3) >>> 2;
  }

  /** Do the hexadecimal digits at `at`, in either case, say the SHA-256 of the text? */
  hasDigest(bytes: Uint8Array, at: number): boolean {
    const digest = hash('sha256', this.#whole, 'hex');
    for (let place = 0; place < DIGEST_LENGTH; place++) {
      const byte = bytes[at + place];
      if (byte < ZERO || (byte | LOWER_CASE) !== digest.charCodeAt(place)) return false;
    }
    return true;
  }

  #viewOf(bytes: Uint8Array): DataView {
    if (bytes === this.#viewed) return this.#view;
    this.#viewed = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#view;
  }
}

/**
 * Copies characters of base64, twelve at a time: the data is nearly all of a message, and most lines of it are a multiple. A
 * function of its own, with all that it uses as its own, so that nothing is read again in every turn.
 * @returns where other characters begin, or fewer than twelve are left
 */
function copyTwelves(
  from: DataView,
  start: number,
  end: number,
  into: DataView,
  target: number,
  areBase64: Uint8Array,
): number {
  const last = end - 12;
  let at = start;
  let to = target;
  while (at <= last) {
    // In whichever order they are read, they are written in the same.
    const one = from.getInt32(at, true);
    const two = from.getInt32(at + 4, true);
    const three = from.getInt32(at + 8, true);
    const first = areBase64[one >>> 16] & areBase64[one & 0xffff];
    const second = areBase64[two >>> 16] & areBase64[two & 0xffff];
    const third = areBase64[three >>> 16] & areBase64[three & 0xffff];
    if ((first & second & third) === 0) break;
    into.setInt32(to, one, true);
    into.setInt32(to + 4, two, true);
    into.setInt32(to + 8, three, true);
    at += 12;
    to += 12;
  }
  return at;
}
