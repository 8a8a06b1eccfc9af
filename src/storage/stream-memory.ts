/**
 * Remembers the bytes that streams carried lately, so that a retransmission can be held against what was sent first.
 *
 * One ring for all streams bounds the memory whatever the number of streams: a few hundred bytes each when a hundred
 * thousand are alive, megabytes each when there are few. A record is `[previous, owner, start, length]` in 32-bit words,
 * then the bytes; the records of one stream are a chain from the newest back, whose head the owner keeps. Only bytes
 * beyond all earlier ones are appended, so the chain ends ever lower. What the ring has overwritten is forgotten, and the
 * answer is then `UNKNOWN`, never a guess.
 *
 * Stream offsets count bytes modulo 2^32 and are compared as in RFC 1982.
 */

import { grownLength } from './growth.ts';
import { StreamLedger } from './stream-ledger.ts';

const HEADER_WORDS = 4;
const PREVIOUS = 0;
const OWNER = 1;
const START = 2;
const LENGTH = 3;
/** Words of the ring when it begins: 4 KiB, as much as a small capture needs. */
const FIRST_LENGTH = 1_024;
/** Records looked at for one comparison: bounds the work a peer can cause with streams of one-byte messages. */
const MAX_CHAIN = 1024;
/** Bytes up to which a loop over words is faster than `set`, which needs an object for the part. Measured. */
const MOST_BY_WORD = 160;
/** In which order this machine has the bytes of a word. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** All of the bytes were sent before, and they are the same. */
export const SAME = 0;
export const DIFFERS = 1;
/** Nothing differs; some of the bytes were never seen before. */
export const UNSEEN = 2;
/** Nothing differs; some of the bytes may have been seen, but are forgotten. */
export const UNKNOWN = 3;

export class StreamMemory {
  /** After `compare` answered `DIFFERS`: stream offset of the first differing byte. */
  differsAt = 0;
  /** The ring as far as it was used, and the same bytewise; empty until there is something to remember. */
  #words = new Uint32Array(0);
  #octets = new Uint8Array(0);
  /** The bytes that were appended last, and a view of them: most come out of one large buffer. */
  #source: Uint8Array = this.#octets;
  #sourceView: DataView = new DataView(this.#octets.buffer);
  readonly #capacity: number;
  readonly #mask: number;
  /** Word position of the next record, modulo 2^32; never 0, which ends a chain. */
  #head = 1;
  #ledger: StreamLedger | undefined = undefined;

  /** @param capacity bytes; rounded down to a power of two, at least 64 KiB */
  constructor(capacity: number) {
    this.#capacity = 2 ** Math.floor(Math.log2(Math.max(capacity, 65_536) / 4));
    this.#mask = this.#capacity - 1;
  }

  /**
   * Remembers `length` bytes of a stream from offset `start` on, which lies at or beyond the end of all that was appended.
   * @param owner tells streams apart; @param previous head of the stream's chain, 0 if none
   * @returns the chain's new head; of bytes too many to be remembered one that leads nowhere, so that they count as
   * forgotten, like all before them
   */
  append(owner: number, previous: number, start: number, bytes: Uint8Array, from: number, length: number): number {
    const need = HEADER_WORDS + ((length + 3) >>> 2);
    if (length === 0) return previous;
    if (need > this.#capacity >>> 2) return this.#forgotten();
    const place = this.#head & this.#mask;
    if (place + need > this.#capacity) this.#head = (this.#head + this.#capacity - place) >>> 0;
    if (this.#head === 0) this.#head = this.#capacity;
    const position = this.#head;
    const index = position & this.#mask;
    if (index + need > this.#words.length) this.#grow(index + need);
    const words = this.#words;
    words[index + PREVIOUS] = previous;
    words[index + OWNER] = owner;
    words[index + START] = start;
    words[index + LENGTH] = length;
    const target = index + HEADER_WORDS;
    if (length > MOST_BY_WORD) this.#octets.set(bytes.subarray(from, from + length), target << 2);
    else this.#copy(bytes, from, length, target);
    this.#head = (position + need) >>> 0;
    return position;
  }

  /** Holds bytes of a stream against what is remembered of it. */
  compare(
    owner: number,
    newest: number,
    start: number,
    bytes: Uint8Array,
    from: number,
    length: number,
  ): 0 | 1 | 2 | 3 {
    let result: 0 | 1 | 2 | 3 = SAME;
    let differs = false;
    let covered = 0;
    let position = newest;
    let oldest = 0;
    for (let steps = 0; covered < length; steps++) {
      if (position === 0) {
        result = UNSEEN;
        break;
      }
      if (steps === MAX_CHAIN || !this.#holds(position, owner)) {
        result = UNKNOWN;
        if (steps < MAX_CHAIN) this.#ledger?.forgot();
        break;
      }
      oldest = position;
      const index = position & this.#mask;
      const lead = (this.#words[index + START] - start) | 0;
      const end = lead + this.#words[index + LENGTH];
      if (end <= 0) {
        result = UNSEEN;
        break;
      }
      const first = Math.max(lead, 0);
      const last = Math.min(end, length);
      if (first < last) {
        const at = this.#difference(index, lead, bytes, from, first, last);
        if (at >= 0) {
          // Older records lie lower: one of them may differ in an earlier byte.
          differs = true;
          this.differsAt = (start + at) >>> 0;
        }
        covered += last - first;
      }
      position = this.#words[index + PREVIOUS];
    }
    if (oldest !== 0) this.#ledger?.found(this.#head, (this.#head - oldest) >>> 0);
    return differs ? DIFFERS : result;
  }

  /** From now on it is noted how far back this memory is asked; the same one whenever it is called. */
  keepLedger(): { mark(): void; notes(): ReturnType<StreamLedger['notes']> } {
    const ledger = this.#ledger ?? new StreamLedger(this.#head, this.#capacity);
    this.#ledger = ledger;
    return { mark: () => ledger.mark(this.#head), notes: () => ledger.notes(this.#head) };
  }

  /** First of the bytes [first, last) of the message that is another one in the record that leads it by `lead`; or -1. */
  #difference(index: number, lead: number, bytes: Uint8Array, from: number, first: number, last: number): number {
    const octets = this.#octets;
    const target = ((index + HEADER_WORDS) << 2) - lead;
    for (let i = first; i < last; i++) if (octets[target + i] !== bytes[from + i]) return i;
    return -1;
  }

  /** A position that the ring has left behind. */
  #forgotten(): number {
    return (this.#head - this.#capacity - 1) >>> 0 || 0xffff_ffff;
  }

  /** Until it is used up for the first time the ring is hardly longer than what is in it: most captures are small. */
  #grow(least: number): void {
    let length = Math.max(this.#words.length, FIRST_LENGTH);
    while (length < least) length = grownLength(length, 0, this.#capacity);
    const grown = new Uint32Array(length);
    grown.set(this.#words);
    this.#words = grown;
    this.#octets = new Uint8Array(this.#words.buffer);
  }

  /** @param target word of the ring from which on they stand */
  #copy(bytes: Uint8Array, from: number, length: number, target: number): void {
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const words = this.#words;
    const source = this.#sourceView;
    const whole = length >>> 2;
    for (let word = 0; word < whole; word++) words[target + word] = source.getInt32(from + word * 4, IS_LITTLE_ENDIAN);
    const octets = this.#octets;
    for (let i = whole << 2; i < length; i++) octets[(target << 2) + i] = bytes[from + i];
  }

  /** Is the record at this position still there, and this stream's? */
  #holds(position: number, owner: number): boolean {
    if (position === 0 || (this.#head - position) >>> 0 > this.#capacity) return false;
    return this.#words[(position & this.#mask) + OWNER] === owner;
  }
}
