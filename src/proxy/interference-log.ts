/**
 * What was done on purpose to what passed, entered as it is done, and how the peers took it. Counts are exact; what is
 * listed is bounded, and so are the causes that are kept apart. Numbers of connections are those of the view of one side,
 * and become those of the report when it is made.
 */
import type { Decision, DeedKind, DeedRecord } from '../lint/deed.ts';
import {
  type DeedCount,
  type DoneDeed,
  type Interference,
  MOST_DEEDS,
  MOST_NAMED,
  MOST_REACTIONS,
  type Reaction,
} from '../report/interference.ts';
import type { Side } from './ends.ts';

/** Causes and kinds of deeds that are counted apart: users give a few, who holds messages by hand may give many. */
export const MOST_CAUSES = 1_000;
const FURTHER = 'further causes';

/** Number of a connection in the report. @param side in whose view it has this number */
export type ConnectionOf = (side: Side, connection: number) => number;

interface Noted<Item> {
  readonly item: Item;
  readonly side: Side;
}

/** What was done as reports have it. */
export function doneDeed(record: DeedRecord): DoneDeed {
  const { kind, cause, time, frame, from, to, unit, note, connection } = record;
  const seconds = Math.floor(time / MILLISECONDS);
  const nanoseconds = Math.round((time - seconds * MILLISECONDS) * NANOSECONDS);
  return {
    frame,
    time: { seconds, nanoseconds: Math.min(nanoseconds, LAST_NANOSECOND) },
    ...(connection !== undefined && { connection }),
    from,
    to,
    messageName: connection === undefined ? '' : unit,
    deed: kind,
    cause,
    note,
  };
}

const MILLISECONDS = 1_000;
/** In a millisecond. */
const NANOSECONDS = 1_000_000;
const LAST_NANOSECOND = 999_999_999;

export class InterferenceLog {
  readonly #counts = new Map<string, { readonly count: Omit<DeedCount, 'count'>; times: number }>();
  readonly #deeds: Noted<DoneDeed>[] = [];
  readonly #reactions: Noted<Reaction>[] = [];
  #done = 0;
  #reacted = 0;

  /** Was nothing done at all? */
  get isEmpty(): boolean {
    return this.#done + this.#reacted === 0;
  }

  /** @param side in whose view `connection` has its number: that of the sender */
  done(by: Decision['by'], deed: DoneDeed, side: Side): void {
    this.#done++;
    this.#count(by, deed.cause, deed.deed);
    if (this.#deeds.length < MOST_DEEDS) this.#deeds.push({ item: deed, side });
  }

  /** @param side who has reacted, and in whose view `connection` has its number */
  reacted(reaction: Reaction, side: Side): void {
    this.#reacted++;
    if (this.#reactions.length >= MOST_REACTIONS) return;
    this.#reactions.push({ item: { ...reaction, messages: reaction.messages.slice(0, MOST_NAMED) }, side });
  }

  /** @param seed of what was left to chance, if anything was */
  report(seed: number | undefined, connectionOf: ConnectionOf): Interference {
    return {
      ...(seed !== undefined && { seed }),
      faults: [...this.#counts.values()].map(({ count, times }) => ({ ...count, count: times })),
      deeds: this.#deeds.map(({ item, side }) =>
        item.connection === undefined ? item : { ...item, connection: connectionOf(side, item.connection) },
      ),
      reactions: this.#reactions.map(({ item, side }) => ({
        ...item,
        connection: connectionOf(side, item.connection),
      })),
      omitted: { deeds: this.#done - this.#deeds.length, reactions: this.#reacted - this.#reactions.length },
    };
  }

  #count(by: Decision['by'], cause: string, deed: DeedKind): void {
    const known = this.#counts.get(keyOf(by, cause, deed));
    const named = known || this.#counts.size < MOST_CAUSES ? cause : FURTHER;
    const key = keyOf(by, named, deed);
    const entry = this.#counts.get(key) ?? { count: { cause: named, by, deed }, times: 0 };
    entry.times++;
    this.#counts.set(key, entry);
  }
}

const keyOf = (by: string, cause: string, deed: string) => `${by} ${deed} ${cause}`;
