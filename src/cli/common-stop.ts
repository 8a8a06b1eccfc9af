/**
 * Where the shares of a capture stop when the user wants to: all at one place, so that together they give the report on the
 * capture up to there. Each says between two chunks how far it is, and waits until all have; then those behind read on to where
 * the furthest one is. Chunks of a file end in the same places for all. What a server sends does not, and such shares are found
 * not to have read the same.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Interruption } from '../reading.ts';
import { ARRIVED, FURTHEST, STOP, USELESS } from './judging.ts';

/** Milliseconds between two looks at whether the user wants to stop, while something is waited for. */
const LOOK = 100;
/** Milliseconds between two looks at whether all have said how far they are. */
const SHORT_LOOK = 5;
/** Milliseconds that a share may wait for its next chunk when the user wants to stop. */
const PATIENCE = 2_000;
/** Further than any: all of it was read. */
const ALL = 2n ** 62n;

/**
 * What the promise gives, or undefined when that is wanted no more: a server may keep its reader waiting. Looking is no work: where
 * nothing else is left to happen, none is done.
 */
export function orEnded<T>(promise: Promise<T>, isEnded: () => boolean): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (isEnded()) resolve(undefined);
    }, LOOK).unref();
    promise.then(resolve, reject).finally(() => clearInterval(timer));
  });
}

export class CommonStop implements Interruption {
  readonly #counters: BigInt64Array;
  readonly #of: number;
  #hasArrived = false;
  #isThere = false;
  /** When it was last seen to read on; undefined while it waits for the others. */
  #readAt: number | undefined = performance.now();

  /** @param of shares, which are judged at once */
  constructor(counters: BigInt64Array, of: number) {
    this.#counters = counters;
    this.#of = of;
  }

  /** It stops where the others do, or what it does is of no use. */
  get happened(): boolean {
    return this.#isThere || this.#isUseless;
  }

  orStop<T>(promise: Promise<T>): Promise<T | undefined> {
    return orEnded(promise, () => {
      if (this.#isStalled) Atomics.store(this.#counters, USELESS, 1n);
      return this.#isUseless;
    });
  }

  /** Between two chunks. @param read bytes of the file so far */
  async chunk(read: number): Promise<void> {
    this.#readAt = performance.now();
    if (!this.#isStopping) return;
    const place = BigInt(read);
    this.#arrive(place);
    this.#readAt = undefined;
    while (Number(Atomics.load(this.#counters, ARRIVED)) < this.#of && !this.#isUseless) await delay(SHORT_LOOK);
    this.#readAt = performance.now();
    this.#isThere = place >= Atomics.load(this.#counters, FURTHEST);
  }

  /** All was read: then the others read all, too. */
  end(): void {
    this.#arrive(ALL);
  }

  #arrive(place: bigint): void {
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    for (let furthest = Atomics.load(this.#counters, FURTHEST); place > furthest; ) {
      furthest = Atomics.compareExchange(this.#counters, FURTHEST, furthest, place);
    }
    Atomics.add(this.#counters, ARRIVED, 1n);
  }

  get #isStopping(): boolean {
    return Atomics.load(this.#counters, STOP) !== 0n;
  }

  get #isUseless(): boolean {
    return Atomics.load(this.#counters, USELESS) !== 0n;
  }

  get #isStalled(): boolean {
    return this.#isStopping && this.#readAt !== undefined && performance.now() - this.#readAt > PATIENCE;
  }
}
