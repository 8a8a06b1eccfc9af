/**
 * Ids that peers have used on connections that are alive: message ids of requests, and ids of chunks that were answered
 * Ok. One seeded table for all connections, because a connection may use two, or hundreds of thousands of them; those
 * of one connection are a chain, so that they go when it goes. The table is bounded: beyond that an id is not taken in,
 * and whoever asks learns that an id which is not there may have been forgotten.
 */
import { createHash } from 'node:crypto';
import { KeyTable } from '../../src/sdk.ts';

/** An id on the wire, as 128 bits: a UUID's own, of any other text those of a hash. */
export type Identifier = Uint32Array<ArrayBuffer>;
export const IDENTIFIER_WORDS = 4;

/** What the id is one of. */
export const MESSAGE = 0;
export const CHUNK = 1;
export type IdentifierUse = typeof MESSAGE | typeof CHUNK;

/** Ids held over all connections, at 28 bytes and their share of the index. */
export const MOST_IDENTIFIERS = 1 << 20;

const UUID_LENGTH = 36;
const HYPHEN = 0x2d;
const isHyphenPlace = (at: number) => at === 8 || at === 13 || at === 18 || at === 23;

/** Key: connection and use, then the id. The owner's words: the next one of the connection + 1, and the frame. */
const KEY_WORDS = 1 + IDENTIFIER_WORDS;
const NEXT = KEY_WORDS;
const FRAME = KEY_WORDS + 1;

export class Identifiers {
  readonly #table: KeyTable;

  /** @param seed of the table, whose keys peers choose */
  constructor(seed: number, most = MOST_IDENTIFIERS) {
    this.#table = new KeyTable(KEY_WORDS, seed, most, 2);
  }

  /** Frame in which the connection used this id, or 0. */
  frameOf(slot: number, use: IdentifierUse, id: Identifier): number {
    this.#writeKey(slot, use, id);
    const entry = this.#table.find();
    return entry < 0 ? 0 : this.#table.read(entry, FRAME);
  }

  /**
   * Takes in an id; one that is there already keeps its frame.
   * @param chain what the last call for this connection returned, 0 at first
   * @returns the connection's new chain, or -1 when the table is full
   */
  add(slot: number, use: IdentifierUse, id: Identifier, frame: number, chain: number): number {
    this.#writeKey(slot, use, id);
    if (this.#table.find() >= 0) return chain;
    const entry = this.#table.insert();
    if (entry < 0) return -1;
    const { records, stride } = this.#table;
    records[entry * stride + NEXT] = chain;
    records[entry * stride + FRAME] = frame;
    return entry + 1;
  }

  /** Forgets all ids of a connection. */
  forget(chain: number): void {
    for (let entry = chain - 1; entry >= 0; ) {
      const next = this.#table.read(entry, NEXT) - 1;
      this.#table.remove(entry);
      entry = next;
    }
  }

  #writeKey(slot: number, use: IdentifierUse, id: Identifier): void {
    const { key } = this.#table;
    key[0] = slot * 2 + use;
    for (let word = 0; word < IDENTIFIER_WORDS; word++) key[1 + word] = id[word];
  }
}

/** Writes the 128 bits of an id. UUIDs are the same in upper and lower case (RFC 9562, 4). */
export function writeIdentifier(text: string, into: Identifier): void {
  if (text.length === UUID_LENGTH && writeUuid(text, into)) return;
  const hash = createHash('sha256').update(text).digest();
  for (let word = 0; word < IDENTIFIER_WORDS; word++) into[word] = hash.readUInt32BE(word * 4);
}

export function sameIdentifier(one: Identifier, other: Identifier): boolean {
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3];
}

function writeUuid(text: string, into: Identifier): boolean {
  let digits = 0;
  let word = 0;
  for (let at = 0; at < UUID_LENGTH; at++) {
    const code = text.charCodeAt(at);
    if (isHyphenPlace(at)) {
      if (code !== HYPHEN) return false;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0) return false;
    word = (word << 4) | digit;
    digits++;
    if ((digits & 7) === 0) into[(digits >> 3) - 1] = word;
  }
  return true;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
