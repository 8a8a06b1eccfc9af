/**
 * What is held, for several who look at it and act on it side by side: the gate says only that something has changed, here
 * it becomes what has come and what has gone, and by what. All of them act through this.
 */
import type { HeldUnit, Holds, OpenFlow } from './holds.ts';

/** `gone`: nobody let it go; its flow is over. */
export type Release = 'forwarded' | 'dropped' | 'gone';

export type HoldNews =
  | { readonly kind: 'held'; readonly unit: HeldUnit }
  /** `note`: what was different from what its sender had sent. */
  | { readonly kind: 'released'; readonly unit: HeldUnit; readonly how: Release; readonly note: string };

/** Called with what has happened, in order. */
export type HoldWatcher = (news: readonly HoldNews[]) => void;

export class WatchedHolds implements Holds {
  onChange: (() => void) | undefined = undefined;
  readonly #holds: Holds;
  readonly #watchers = new Set<HoldWatcher>();
  /** What the watchers know to be held. */
  #known: ReadonlyMap<number, HeldUnit>;
  /** What is being done to units that are on their way out. */
  readonly #leaving = new Map<number, { readonly how: Release; readonly note: string }>();

  /** @param holds whose `onChange` is taken from now on */
  constructor(holds: Holds) {
    this.#holds = holds;
    this.#known = byId(holds.held());
    holds.onChange = () => this.#changed();
  }

  /** @returns what ends it */
  watch(watcher: HoldWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  held(): readonly HeldUnit[] {
    return this.#holds.held();
  }

  /** Nothing when it is not held (any more). */
  unit(id: number): HeldUnit | undefined {
    return this.held().find(unit => unit.id === id);
  }

  flows(): readonly OpenFlow[] {
    return this.#holds.flows();
  }

  forward(id: number, bytes?: Uint8Array, note = ''): boolean {
    return this.#release(id, 'forwarded', note, () => this.#holds.forward(id, bytes, note || undefined));
  }

  drop(id: number): boolean {
    return this.#release(id, 'dropped', '', () => this.#holds.drop(id));
  }

  repeat(id: number): number {
    return this.#release(id, 'forwarded', '', () => this.#holds.repeat(id));
  }

  send(flow: number, to: 'client' | 'server', bytes: Uint8Array, note: string): boolean {
    return this.#holds.send(flow, to, bytes, note);
  }

  abort(flow: number): boolean {
    return this.#holds.abort(flow);
  }

  #release<Result>(id: number, how: Release, note: string, act: () => Result): Result {
    this.#leaving.set(id, { how, note });
    try {
      return act();
    } finally {
      this.#leaving.delete(id);
    }
  }

  #changed(): void {
    const now = byId(this.#holds.held());
    const news: HoldNews[] = [];
    for (const [id, unit] of this.#known) {
      if (now.has(id)) continue;
      const { how, note } = this.#leaving.get(id) ?? { how: 'gone', note: '' };
      news.push({ kind: 'released', unit, how, note });
    }
    for (const [id, unit] of now) if (!this.#known.has(id)) news.push({ kind: 'held', unit });
    this.#known = now;
    if (news.length > 0) for (const watcher of [...this.#watchers]) watcher(news);
    this.onChange?.();
  }
}

function byId(units: readonly HeldUnit[]): ReadonlyMap<number, HeldUnit> {
  return new Map(units.map(unit => [unit.id, unit]));
}
