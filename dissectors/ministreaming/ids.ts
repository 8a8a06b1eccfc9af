/**
 * Which connection an identifier names. Each end of a session has two tables: the ids it chose for connections it opened,
 * and for those it accepted; a message is looked up in one of its receiver's. All tables of all sessions are one, keyed
 * by flow, end, table and id. The peers choose the ids, so the table is seeded.
 */
import { KeyTable } from '../../src/sdk.ts';
import { RESERVED_ID } from './layouts.ts';

/** Ids that an end chose as a client, and as a server. */
export const OPENED = 0;
export const ACCEPTED = 1;

/**
 * Seconds after which the id of a connection that one side has closed may be used again. The peers count them from when
 * they know of the CLOSE, and what they send then may travel faster than the CLOSE did: half a second is allowed for it.
 */
export const REUSE_AFTER = 30;
export const JITTER = 0.5;

const KEY_WORDS = 2;
const OWNER = KEY_WORDS;

export class IdTable {
  readonly #table: KeyTable;

  constructor(seed: number, limit: number) {
    this.#table = new KeyTable(KEY_WORDS, seed, limit, 1);
  }

  /** Entry of an id; -1 where it names nothing. */
  find(flow: number, side: number, table: number, id: number): number {
    if (id !== RESERVED_ID) return this.#table.findTwo(keyOf(flow, side, table), id);
    this.#seek(flow, side, table, id);
    return this.#table.find();
  }

  /** Slot of the connection that an id names; -1 for none. */
  slotOf(flow: number, side: number, table: number, id: number): number {
    const entry = this.find(flow, side, table, id);
    return entry < 0 ? -1 : this.owner(entry);
  }

  /** Slot of the connection that an entry names. */
  owner(entry: number): number {
    return this.#table.read(entry, OWNER);
  }

  /** Has an id name a connection; returns its entry, or -1 when there is no room. */
  assign(flow: number, side: number, table: number, id: number, slot: number): number {
    this.#seek(flow, side, table, id);
    const entry = this.#table.insert();
    if (entry >= 0) this.#table.records[entry * this.#table.stride + OWNER] = slot;
    return entry;
  }

  remove(entry: number): void {
    this.#table.remove(entry);
  }

  /** The id of an entry. */
  id(entry: number): number {
    return this.#table.read(entry, 1);
  }

  /** Does an entry stand in this table of this end? */
  isIn(entry: number, flow: number, side: number, table: number): boolean {
    return this.#table.read(entry, 0) === keyOf(flow, side, table);
  }

  #seek(flow: number, side: number, table: number, id: number): void {
    const { key } = this.#table;
    key[0] = keyOf(flow, side, table);
    key[1] = id;
  }
}

const keyOf = (flow: number, side: number, table: number): number => flow * 4 + side * 2 + table;
