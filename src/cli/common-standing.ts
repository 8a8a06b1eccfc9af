/**
 * What the shares of a capture let each other know while they are judged at once, in the memory they share: since when one of
 * them lacks bytes, so that no other judges on as if nothing were missing, and what makes it certain that they cannot be put
 * together, so that they are not read to their ends. Each speaks and listens between two chunks; when all is read they wait for
 * each other, as what was waited for is judged then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '../protocol/limits.ts';
import type { FlowShare } from '../run/share.ts';
import { hasTooManyFindings, type ShareStanding, unseenSinceByNow } from '../run/whole-only.ts';
import { HAS_READ_ALL, STANDING, STANDINGS, USELESS } from './judging.ts';

/** Milliseconds between two looks at whether all have read all. */
const LOOK = 2;
/** Moments are counted from 1. */
const NEVER = 0n;

export class CommonStanding {
  readonly #counters: BigInt64Array;
  readonly #share: Pick<FlowShare, 'index' | 'of'>;
  readonly #limits: Limits;

  /** @param limits of the whole */
  constructor(counters: BigInt64Array, share: Pick<FlowShare, 'index' | 'of'>, limits: Limits) {
    this.#counters = counters;
    this.#share = share;
    this.#limits = limits;
  }

  /** @returns since when one of the shares lacks bytes, as far as they know by now; infinity for never */
  chunk({ moment, unseenSince, presumed, listed }: ShareStanding): number {
    const own = [
      BigInt(moment),
      Number.isFinite(unseenSince) ? BigInt(unseenSince) : NEVER,
      presumed < 0 ? NEVER : BigInt(presumed),
      BigInt(listed),
    ];
    for (const [place, value] of own.entries()) Atomics.store(this.#counters, this.#at + place, value);
    const all = standings(this.#counters, this.#share.of);
    if (hasTooManyFindings(all, this.#limits) || unseenSinceByNow(all) !== undefined)
      Atomics.store(this.#counters, USELESS, 1n);
    return Math.min(...all.map(each => each.unseenSince));
  }

  /** The same when all is read, or all that the user wanted: waits for the others. */
  async end(standing: ShareStanding): Promise<number> {
    this.chunk(standing);
    Atomics.add(this.#counters, HAS_READ_ALL, 1n);
    const { of } = this.#share;
    const hasAll = () =>
      Atomics.load(this.#counters, HAS_READ_ALL) >= of || Atomics.load(this.#counters, USELESS) !== 0n;
    while (!hasAll()) await delay(LOOK);
    return this.chunk(standing);
  }

  get #at(): number {
    return STANDINGS + this.#share.index * STANDING;
  }
}

/** @returns of as many shares, in their order */
export function standings(counters: BigInt64Array, of: number): ShareStanding[] {
  return Array.from({ length: of }, (_, share) => {
    const [moment, since, presumed, listed] = Array.from({ length: STANDING }, (__, place) =>
      Atomics.load(counters, STANDINGS + share * STANDING + place),
    );
    return {
      moment: Number(moment),
      unseenSince: since === NEVER ? Number.POSITIVE_INFINITY : Number(since),
      presumed: presumed === NEVER ? -1 : Number(presumed),
      listed: Number(listed),
    };
  });
}
