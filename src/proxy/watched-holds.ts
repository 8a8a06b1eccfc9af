/**
 * What is held, for several who look at it and act on it side by side: each learns what has come and what has gone, and by
 * what. All of them act through this.
 */
import type { HeldUnit, HoldChange, Holds, OpenFlow } from './holds.ts';

/** `gone`: nobody forwarded or dropped it; its flow is over. */
export type Release = 'forwarded' | 'dropped' | 'gone';

export type HoldNews =
  | { readonly kind: 'held'; readonly unit: HeldUnit }
  /** `note`: what was different from what its sender had sent. */
  | { readonly kind: 'released'; readonly unit: HeldUnit; readonly how: Release; readonly note: string };

export type HoldWatcher = (news: HoldNews) => void;

export class WatchedHolds implements Holds {
  onChange: ((change: HoldChange) => void) | undefined = undefined;
  readonly #holds: Holds;
  readonly #watchers = new Set<HoldWatcher>();
  /** What is being done to units that are on their way out. */
  readonly #leaving = new Map<number, { readonly how: Release; readonly note: string }>();

  /** @param holds whose `onChange` is taken from now on */
  constructor(holds: Holds) {
    this.#holds = holds;
    holds.onChange = change => this.#changed(change);
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

  unit(id: number): HeldUnit | undefined {
    return this.#holds.unit(id);
  }

  flows(): readonly OpenFlow[] {
    return this.#holds.flows();
  }

  forward(id: number, bytes?: Uint8Array, note = ''): boolean {
    return this.#release(id, 'forwarded', note, () => this.#holds.forward(id, bytes, note));
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

  #changed(change: HoldChange): void {
    const { kind, unit } = change;
    const { how, note } = this.#leaving.get(unit.id) ?? { how: 'gone', note: '' };
    const news: HoldNews = kind === 'held' ? { kind, unit } : { kind, unit, how, note };
    for (const watcher of [...this.#watchers]) watcher(news);
    this.onChange?.(change);
  }
}
