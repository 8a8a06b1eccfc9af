/**
 * Texts and bytes side by side in larger pieces, outside the heap: a string of forty characters takes forty-two bytes here,
 * and nobody who collects garbage has to look at it. What is in stays in. What is entered again soon after is there once.
 */

/** Bytes of a piece. What is longer has a piece of its own. */
const PIECE = 65_536;
/** Places for texts that are known again, a power of two, and characters of the longest of them. */
const RECENT = 512;
const LONGEST_RECENT = 256;
/** A length takes at most so many bytes, seven bits in each. */
const LENGTH_BYTES = 5;
/** Pieces that there may be, so that a place fits into 32 bits. */
const MOST_PIECES = 65_536;
/** For what is entered before somebody asks again whether it is full. */
const SPARE_PIECES = 64;
const MORE = 0x80;

export class TextPool {
  readonly #pieces: Buffer[] = [];
  /** Where the next entry may begin in the last piece; behind its end where there is none. */
  #used = PIECE;
  /** Texts entered last, by a number that equal ones share; and their places. */
  readonly #recent: string[] = new Array(RECENT).fill('');
  readonly #places = new Float64Array(RECENT);
  /** Behind the length that was read last. */
  #at = 0;

  /** Is there no room for sixty more? From then on places are beyond 32 bits. */
  get isFull(): boolean {
    return this.#pieces.length > MOST_PIECES - SPARE_PIECES;
  }

  /** Enters a text, any text: lone surrogates come out as they went in. @returns its place, from 0 */
  add(text: string): number {
    if (text.length === 0 || text.length > LONGEST_RECENT) return this.#enter(text);
    const slot = slotOf(text);
    if (this.#recent[slot] !== text) {
      this.#recent[slot] = text;
      this.#places[slot] = this.#enter(text);
    }
    return this.#places[slot];
  }

  /** The text at a place. */
  text(place: number): string {
    const piece = this.#pieces[Math.floor(place / PIECE)];
    const size = this.#lengthIn(piece, place % PIECE);
    const isWide = (size & 1) === 1;
    return piece.toString(isWide ? 'utf16le' : 'latin1', this.#at, this.#at + Math.floor(size / 2));
  }

  /** Enters a copy of the bytes. @returns their place, from 0 */
  addBytes(bytes: Uint8Array): number {
    const place = this.#begin(bytes.length);
    const piece = this.#pieces[this.#pieces.length - 1];
    piece.set(bytes, this.#putLength(piece, bytes.length));
    this.#used += bytes.length;
    return place;
  }

  /** The bytes at a place, to be read only. */
  bytes(place: number): Uint8Array {
    const piece = this.#pieces[Math.floor(place / PIECE)];
    const length = this.#lengthIn(piece, place % PIECE);
    return new Uint8Array(piece.buffer, piece.byteOffset + this.#at, length);
  }

  /** Its length counts in half bytes: odd where a character takes two. */
  #enter(text: string): number {
    const { length } = text;
    const place = this.#begin(length);
    const piece = this.#pieces[this.#pieces.length - 1];
    const from = this.#used;
    const at = this.#putLength(piece, length * 2);
    // A native call to write it costs more than it saves for the few characters that most have.
    for (let i = 0; i < length; i++) {
      const character = text.charCodeAt(i);
      if (character > 0xff) {
        this.#used = from;
        return this.#enterWide(text);
      }
      piece[at + i] = character;
    }
    this.#used += length;
    return place;
  }

  #enterWide(text: string): number {
    const size = text.length * 2;
    const place = this.#begin(size);
    const piece = this.#pieces[this.#pieces.length - 1];
    piece.write(text, this.#putLength(piece, size * 2 + 1), 'utf16le');
    this.#used += size;
    return place;
  }

  /** Makes room behind what is there. @returns the place of what comes next */
  #begin(size: number): number {
    const needed = size + LENGTH_BYTES;
    if (this.#used + needed > (this.#pieces.at(-1)?.length ?? 0)) {
      this.#pieces.push(Buffer.alloc(Math.max(PIECE, needed)));
      this.#used = 0;
    }
    return (this.#pieces.length - 1) * PIECE + this.#used;
  }

  /** @returns where what is so long begins */
  #putLength(piece: Buffer, length: number): number {
    let left = length;
    for (; left >= MORE; left = Math.floor(left / MORE)) piece[this.#used++] = (left % MORE) | MORE;
    piece[this.#used++] = left;
    return this.#used;
  }

  #lengthIn(piece: Buffer, place: number): number {
    let length = 0;
    let at = place;
    for (let unit = 1; ; unit *= MORE) {
      const byte = piece[at++];
      length += (byte % MORE) * unit;
      if (byte < MORE) break;
    }
    this.#at = at;
    return length;
  }
}

/** By a few characters: a hash of all would cost more than to enter some texts twice. */
function slotOf(text: string): number {
  const last = text.length - 1;
  const middle = text.charCodeAt(last >> 1);
  return (text.length * 31 + middle * 37 + text.charCodeAt(last) * 101 + text.charCodeAt(last >> 2) * 7) & (RECENT - 1);
}
