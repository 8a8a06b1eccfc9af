/**
 * What outlives a flow, by a key of the protocol's: sessions that a client takes up again over another connection, facts
 * about a server or a host. Bounded: beyond `most` the entry goes that was not asked for longest and may go.
 */

export interface KeyedStoreOptions<Value> {
  /** Entries at most. */
  readonly most: number;
  /** May this entry be forgotten now? All may, if absent. */
  mayGo?(value: Value): boolean;
  /** Called when the bound is hit, with what is forgotten; without it where nothing could be. */
  onFull(forgotten: Value | undefined): void;
}

/** Entries that are looked at, at most, for one that may go. */
const LOOKED_AT = 16;

export class KeyedStore<Value> {
  readonly #options: KeyedStoreOptions<Value>;
  /** In the order of use, the last one last. */
  readonly #values = new Map<string, Value>();

  constructor(options: KeyedStoreOptions<Value>) {
    this.#options = options;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The entry of a key, which counts as a use. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** @returns false where there is no room */
  set(key: string, value: Value): boolean {
    if (this.#values.size >= this.#options.most && !this.#values.has(key) && !this.#makeRoom()) return false;
    this.#values.delete(key);
    this.#values.set(key, value);
    return true;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  #makeRoom(): boolean {
    const { mayGo, onFull } = this.#options;
    let looked = 0;
    for (const [key, value] of this.#values) {
      if (looked++ >= LOOKED_AT) break;
      if (mayGo && !mayGo(value)) continue;
      this.#values.delete(key);
      onFull(value);
      return true;
    }
    onFull(undefined);
    return false;
  }
}
