/**
 * Ids that peers have used on connections that are alive: message ids of requests, and ids of chunks that were answered
 * Ok. One seeded table for all connections, because a connection may use two, or hundreds of thousands of them; those
 * of one connection are a chain, so that they can go when it is gone: once their room is needed, which mostly it never is.
 * The table is bounded: beyond that no id is added, and look-ups say that a missing id may have been forgotten.
 */
import { KeyTable, type TrackerHost } from '../../src/sdk.ts';
import { BITS_WORDS, type Bits } from './bits.ts';
import { type ConnectionRow, MARK } from './row.ts';

/** What the id is one of. */
export const MESSAGE = 0;
export const CHUNK = 1;
export type IdentifierUse = typeof MESSAGE | typeof CHUNK;

/** What a table of all connections needs to know of its bound. */
export type Bounds = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit'>;

/** Key: whose it is and its use, then the id. The owner's words: the next one of the connection + 1, and the frame. */
const KEY_WORDS = 1 + BITS_WORDS;
const NEXT = KEY_WORDS;
const FRAME = KEY_WORDS + 1;
/** Connections with ids until their numbers begin again; a key has a word for twice as many. */
const MOST_OWNERS = 2 ** 31 - 1;

export class Identifiers {
  /** 28 bytes an id, and its share of the index. */
  readonly #table: KeyTable;
  readonly #bounds: Bounds;
  /** The last number given to a connection. Its slot would be given to another one, too. */
  #owners = 0;
  /** Newest ids, as connections have them, of those that are gone. */
  readonly #gone: number[] = [];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#table = new KeyTable(KEY_WORDS, bounds.seed, bounds.limits['message-ids'], 2);
  }

  /** Frame in which the connection used this id, or 0. */
  frameOf(connection: ConnectionRow, use: IdentifierUse, id: Bits): number {
    if (connection.identifiers === 0) return 0;
    this.#writeKey(connection, use, id);
    const entry = this.#table.find();
    return entry < 0 ? 0 : this.#table.read(entry, FRAME);
  }

  /**
   * Takes in an id, or marks the connection when there is no room.
   * @returns the frame in which the connection used it before, which stays; 0 for none
   */
  add(connection: ConnectionRow, use: IdentifierUse, id: Bits, frame: number): number {
    this.#prepare(connection, use, id);
    const entry = this.#table.insert();
    if (entry < 0) {
      connection.mark(MARK.FORGOT_IDENTIFIERS);
      this.#bounds.limitHit('message-ids');
      return 0;
    }
    const earlier = this.#table.read(entry, FRAME);
    if (earlier === 0) this.#link(connection, entry, frame);
    return earlier;
  }

  /** Takes in an id that the connection has not used before. False where it has, or there is no room: nothing is done then. */
  addNew(connection: ConnectionRow, use: IdentifierUse, id: Bits, frame: number): boolean {
    this.#prepare(connection, use, id);
    if (this.#table.find() >= 0) return false;
    const entry = this.#table.add();
    if (entry < 0) return false;
    this.#link(connection, entry, frame);
    return true;
  }

  /** Forgets all ids of a connection. */
  forget(connection: ConnectionRow): void {
    if (connection.identifiers > 0) this.#gone.push(connection.identifiers);
    connection.identifiers = 0;
  }

  /** Makes room, and writes the key of an id that may be added. */
  #prepare(connection: ConnectionRow, use: IdentifierUse, id: Bits): void {
    if (this.#table.isFull) this.#removeGone();
    if (connection.identifiers === 0) {
      this.#owners = (this.#owners % MOST_OWNERS) + 1;
      connection.identifierOwner = this.#owners;
    }
    this.#writeKey(connection, use, id);
  }

  #removeGone(): void {
    for (const newest of this.#gone) {
      for (let entry = newest - 1; entry >= 0; ) {
        const next = this.#table.read(entry, NEXT) - 1;
        this.#table.remove(entry);
        entry = next;
      }
    }
    this.#gone.length = 0;
  }

  #link(connection: ConnectionRow, entry: number, frame: number): void {
    const { records, stride } = this.#table;
    const record = entry * stride;
    records[record + NEXT] = connection.identifiers;
    records[record + FRAME] = frame;
    connection.identifiers = entry + 1;
  }

  #writeKey({ identifierOwner }: ConnectionRow, use: IdentifierUse, id: Bits): void {
    const { key } = this.#table;
    key[0] = identifierOwner * 2 + use;
    for (let word = 0; word < BITS_WORDS; word++) key[1 + word] = id[word];
  }
}
