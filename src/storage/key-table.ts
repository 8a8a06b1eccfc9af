/**
 * A hash table from keys of a fixed number of 32-bit words to small dense integer ids, for state kept per flow, host or
 * datagram: the owner keeps that state in arrays indexed by the id, or in a few words of its own behind the key. A `Map`
 * would want a string for each key, which costs several times as much a look-up.
 *
 * Keys come from the wire, so an attacker can choose them. The hash is MurmurHash3's, but its two multipliers are drawn
 * from the seed as well: with the published ones there are collisions that hold for every seed (Aumasson and Bernstein,
 * 2012).
 *
 * What a look-up costs in a large table is its cache misses, so a slot is four bytes (the index then stays in the second
 * level cache at 100,000 entries) and all that belongs to an id lies together, but for the words of a key that nearly all
 * keys have 0: these stand apart, and only once there is a key that has them. Open addressing with linear probing, at
 * most three quarters full; a removal shifts the entries behind it back, so there are no tombstones to clear.
 */

import { grownLength, wordsFromLine } from './growth.ts';

const SMALLEST_IDS = 16;
const NO_ID = -1;
const NO_TAILS = new Uint32Array(0);
/** A slot is 0 when free, else id + 1 under eight bits of the hash, which spare most of the comparisons with other keys. */
const ENTRY_MASK = 0x00ff_ffff;
const TAG_MASK = 0xff00_0000;
export const MOST_ENTRIES = ENTRY_MASK;

export class KeyTable {
  /** The key that `find` and `insert` look for: the caller writes all of its words first. */
  readonly key: Uint32Array;
  /** The record of an id is the `stride` words from `id * stride` on: head of the key, owner's words. Replaced as the table grows. */
  records: Uint32Array<ArrayBuffer>;
  readonly stride: number;
  readonly #words: number;
  /** Words of a key that stand in its record, and those behind them, which stand in `#tails`. */
  readonly #headWords: number;
  readonly #tailWords: number;
  /** By id; empty while all of them are 0. */
  #tails: Uint32Array<ArrayBuffer> = NO_TAILS;
  readonly #limit: number;
  readonly #seed: number;
  readonly #multiplierA: number;
  readonly #multiplierB: number;
  #slots: Uint32Array;
  #slotMask: number;
  /** The first free id + 1, 0 when there is none; the first word of a free record holds the next. */
  #free = 0;
  #size = 0;
  #idsUsed = 0;
  /** Ids that there are slots for; records may be there for more. */
  #ids: number;

  /**
   * @param words in a key, 1 or more
   * @param seed any number
   * @param limit the most entries to hold, 1..2^24 - 1
   * @param ownWords per id, for the owner
   * @param tailWords at the end of a key, fewer than there are, that nearly all keys have 0
   */
  constructor(words: number, seed: number, limit: number, ownWords = 0, tailWords = 0) {
    if (limit < 1 || limit > MOST_ENTRIES)
      throw new RangeError(`key table: limit ${limit} is not in 1..${MOST_ENTRIES}`);
    this.key = new Uint32Array(words);
    this.#words = words;
    this.#headWords = words - tailWords;
    this.#tailWords = tailWords;
    this.stride = this.#headWords + ownWords;
    this.#limit = limit;
    this.#seed = finalise(seed);
    this.#multiplierA = finalise(seed ^ 0xcc9e2d51) | 1;
    this.#multiplierB = finalise(seed ^ 0x1b873593) | 1;
    const ids = Math.min(SMALLEST_IDS, limit);
    this.#ids = ids;
    this.records = new Uint32Array(ids * this.stride);
    this.#slotMask = slotsFor(ids) - 1;
    this.#slots = new Uint32Array(slotsFor(ids));
  }

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  get limit(): number {
    return this.#limit;
  }

  /** No id is free: with the next one the table grows, or refuses it. */
  get isFull(): boolean {
    return this.#free === 0 && this.#idsUsed === this.#ids;
  }

  /** One more than the largest id ever given out: the length that an owner's arrays need. */
  get idsUsed(): number {
    return this.#idsUsed;
  }

  /** Bytes that the table's own arrays take. */
  get byteLength(): number {
    return this.#slots.byteLength + this.records.byteLength + this.#tails.byteLength;
  }

  /** A 32-bit number that `key` alone decides, seeded as the table is. */
  hashOfKey(): number {
    return this.#hash(this.key) >>> 0;
  }

  /** Id of `key`, or -1. */
  find(): number {
    const slots = this.#slots;
    const mask = this.#slotMask;
    const hash = this.#hash(this.key);
    let slot = hash & mask;
    for (;;) {
      const entry = slots[slot];
      if (entry === 0) return NO_ID;
      if (((entry ^ hash) & TAG_MASK) === 0) {
        const id = (entry & ENTRY_MASK) - 1;
        if (this.#holdsKey(id)) return id;
      }
      slot = (slot + 1) & mask;
    }
  }

  /**
   * The same of the key that these four words begin and zeros complete, which need not be written first; the last of the
   * four is not 0. For keys of which no two begin with the same four words.
   */
  findFour(first: number, second: number, third: number, fourth: number): number {
    const slots = this.#slots;
    const mask = this.#slotMask;
    const hash = this.hashOfFour(first, second, third, fourth);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot];
      if (entry === 0) return NO_ID;
      if (((entry ^ hash) & TAG_MASK) !== 0) continue;
      const id = (entry & ENTRY_MASK) - 1;
      if (this.beginsWith(id, first, second, third, fourth)) return id;
    }
  }

  /** Does the record of an id, held or not, begin with these words? */
  beginsWith(id: number, first: number, second: number, third: number, fourth: number): boolean {
    const { records, stride } = this;
    const at = id * stride;
    // As signed integers: an unsigned one may not fit the machine's small ones.
    return (
      ((records[at] ^ first) | (records[at + 1] ^ second) | (records[at + 2] ^ third) | (records[at + 3] ^ fourth)) ===
      0
    );
  }

  /** The hash of a key as `findFour` takes it. */
  hashOfFour(first: number, second: number, third: number, fourth: number): number {
    const multiplierA = this.#multiplierA;
    const multiplierB = this.#multiplierB;
    let hash = mixed(this.#seed, first, multiplierA, multiplierB);
    hash = mixed(hash, second, multiplierA, multiplierB);
    hash = mixed(hash, third, multiplierA, multiplierB);
    return finalise(mixed(hash, fourth, multiplierA, multiplierB));
  }

  /**
   * What `find` would for keys with these hashes, by the hashes alone: now and then another id, or one where a key has none.
   * Reads no record, and all first slots before it looks at one, so that the processor waits for many at the same time.
   * @param hashes in their place the ids are put, one behind the other without those keys that have none
   * @returns how many ids there are
   */
  guessAll(hashes: Int32Array, count: number): number {
    const slots = this.#slots;
    const mask = this.#slotMask;
    let any = 0;
    for (let i = 0; i < count; i++) any |= slots[hashes[i] & mask];
    if (any === 0) return 0;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const entry = slots[slot];
        if (entry === 0) break;
        if (((entry ^ hash) & TAG_MASK) !== 0) continue;
        hashes[found++] = (entry & ENTRY_MASK) - 1;
        break;
      }
    }
    return found;
  }

  /** Id of the key that two words begin and zeros complete, or -1. The second is not 0; no two keys begin with the same two. */
  findTwo(first: number, second: number): number {
    const { records, stride } = this;
    const slots = this.#slots;
    const mask = this.#slotMask;
    const multiplierA = this.#multiplierA;
    const multiplierB = this.#multiplierB;
    const hash = finalise(mixed(mixed(this.#seed, first, multiplierA, multiplierB), second, multiplierA, multiplierB));
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot];
      if (entry === 0) return NO_ID;
      if (((entry ^ hash) & TAG_MASK) !== 0) continue;
      const id = (entry & ENTRY_MASK) - 1;
      const at = id * stride;
      if (((records[at] ^ first) | (records[at + 1] ^ second)) === 0) return id;
    }
  }

  /** Id of `key`, added if it was absent, with the owner's words 0; -1 when it is absent and the table is at its limit. */
  insert(): number {
    const present = this.find();
    return present === NO_ID ? this.add() : present;
  }

  /** The same of a key that was looked for and is absent. */
  add(): number {
    if (this.#size >= this.#limit) return NO_ID;
    const id = this.#takeId();
    const start = id * this.stride;
    // Loops: for a few words the built-in set and fill cost more than the look-up.
    const { records, key, stride } = this;
    const words = this.#headWords;
    for (let word = 0; word < words; word++) records[start + word] = key[word];
    for (let word = words; word < stride; word++) records[start + word] = 0;
    if (this.#tailWords > 0) this.#storeTail(id);
    this.#occupy(id);
    this.#size++;
    return id;
  }

  /** Forgets an id that is held. The id may come back for another key. */
  remove(id: number): void {
    this.#vacate(this.#slotOf(id));
    this.records[id * this.stride] = this.#free;
    this.#free = id + 1;
    this.#size--;
  }

  /** Word 0..stride-1 of the record of an id that is held. */
  read(id: number, word: number): number {
    return this.records[id * this.stride + word];
  }

  /** Sets a word of the owner's, words..stride-1 of the record of an id that is held. */
  write(id: number, word: number, value: number): void {
    this.records[id * this.stride + word] = value;
  }

  /** Word 0..tailWords-1 of the end of the key of an id that is held. */
  readTail(id: number, word: number): number {
    return this.#tails.length === 0 ? 0 : this.#tails[id * this.#tailWords + word];
  }

  #holdsKey(id: number): boolean {
    const records = this.records;
    const key = this.key;
    const words = this.#headWords;
    const start = id * this.stride;
    for (let word = 0; word < words; word++) {
      if (records[start + word] !== key[word]) return false;
    }
    for (let word = 0; word < this.#tailWords; word++) {
      if (this.readTail(id, word) !== key[words + word]) return false;
    }
    return true;
  }

  /** Of the key that was just added. */
  #storeTail(id: number): void {
    const { key } = this;
    const head = this.#headWords;
    const words = this.#tailWords;
    if (this.#tails.length === 0) {
      let anything = 0;
      for (let word = 0; word < words; word++) anything |= key[head + word];
      if (anything === 0) return;
      this.#tails = new Uint32Array(this.#ids * words);
    }
    for (let word = 0; word < words; word++) this.#tails[id * words + word] = key[head + word];
  }

  /** Trailing zero words are left out: an IPv4 key, in words that have room for IPv6, then costs no more than its own. */
  #hash(key: Uint32Array): number {
    let end = this.#words;
    while (end > 0 && key[end - 1] === 0) end--;
    const multiplierA = this.#multiplierA;
    const multiplierB = this.#multiplierB;
    let hash = this.#seed;
    for (let at = 0; at < end; at++) hash = mixed(hash, key[at], multiplierA, multiplierB);
    return finalise(hash);
  }

  /** The same of the key of an id. */
  #hashOf(id: number): number {
    let tail = this.#tails.length === 0 ? 0 : this.#tailWords;
    while (tail > 0 && this.readTail(id, tail - 1) === 0) tail--;
    const { records } = this;
    const start = id * this.stride;
    let end = start + this.#headWords;
    if (tail === 0) while (end > start && records[end - 1] === 0) end--;
    const multiplierA = this.#multiplierA;
    const multiplierB = this.#multiplierB;
    let hash = this.#seed;
    for (let at = start; at < end; at++) hash = mixed(hash, records[at], multiplierA, multiplierB);
    for (let word = 0; word < tail; word++) hash = mixed(hash, this.readTail(id, word), multiplierA, multiplierB);
    return finalise(hash);
  }

  #takeId(): number {
    if (this.#free !== 0) {
      const id = this.#free - 1;
      this.#free = this.records[id * this.stride];
      return id;
    }
    if (this.#idsUsed === this.#ids) this.#grow();
    return this.#idsUsed++;
  }

  /** Only when every id is in use, so all of them are entered again. */
  #grow(): void {
    const ids = Math.min(this.#ids * 2, this.#limit);
    this.records = this.#roomFor(this.records, ids, this.stride);
    this.#tails = this.#roomFor(this.#tails, ids, this.#tails.length > 0 ? this.#tailWords : 0);
    this.#ids = ids;
    this.#slotMask = slotsFor(ids) - 1;
    this.#slots = new Uint32Array(slotsFor(ids));
    for (let id = 0; id < this.#idsUsed; id++) this.#occupy(id);
  }

  /** So many words for each id: the array, or a longer copy. */
  #roomFor(words: Uint32Array<ArrayBuffer>, ids: number, each: number): Uint32Array<ArrayBuffer> {
    const { length } = words;
    if (ids * each <= length) return words;
    const grown = wordsFromLine(grownLength(length, ids * each, this.#limit * each));
    grown.set(words);
    return grown;
  }

  #occupy(id: number): void {
    const slots = this.#slots;
    const hash = this.#hashOf(id);
    let slot = hash & this.#slotMask;
    while (slots[slot] !== 0) slot = (slot + 1) & this.#slotMask;
    slots[slot] = (hash & TAG_MASK) | (id + 1);
  }

  #slotOf(id: number): number {
    let slot = this.#hashOf(id) & this.#slotMask;
    while ((this.#slots[slot] & ENTRY_MASK) !== id + 1) {
      if (this.#slots[slot] === 0) throw new Error(`key table: id ${id} is not held`);
      slot = (slot + 1) & this.#slotMask;
    }
    return slot;
  }

  /** Frees a slot, then moves back whatever probed past it (Knuth, volume 3, 6.4, algorithm R). */
  #vacate(hole: number): void {
    const slots = this.#slots;
    const mask = this.#slotMask;
    let free = hole;
    for (let slot = (free + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#hashOf((slots[slot] & ENTRY_MASK) - 1) & mask;
      const probedPastFree = ((slot - home) & mask) >= ((slot - free) & mask);
      if (!probedPastFree) continue;
      slots[free] = slots[slot];
      free = slot;
    }
    slots[free] = 0;
  }
}

/** A power of two that leaves at least a quarter of the slots free. */
function slotsFor(ids: number): number {
  return 2 ** Math.ceil(Math.log2((ids * 4) / 3 + 1));
}

/** MurmurHash3's step: the hash with one more word in it. */
function mixed(hash: number, word: number, multiplierA: number, multiplierB: number): number {
  let part = Math.imul(word, multiplierA);
  part = (part << 15) | (part >>> 17);
  const sum = hash ^ Math.imul(part, multiplierB);
  return (Math.imul((sum << 13) | (sum >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finaliser: every bit of the input changes every bit of the result with a chance of one half. */
function finalise(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
