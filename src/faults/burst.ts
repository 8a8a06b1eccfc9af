/**
 * Losses in bursts, by Gilbert and Elliott's channel: it is good and loses nothing, or bad and loses much, and each unit may
 * turn it. Bursts last 1/leave units on average, and enter/(enter + leave) of all units meet a bad channel. The channel turns
 * before the unit passes, as with netem.
 */
import type { Draws } from './draws.ts';
import type { Action } from './fault.ts';
import { Recent } from './recent.ts';

/** Directions that are remembered: far more than flows are open at once. A forgotten one is good again. */
const MOST_DIRECTIONS = 65_536;

export class Bursts {
  readonly #action: Action & { readonly kind: 'burst' };
  /** Whether the channel is bad, by direction. */
  readonly #bad = new Recent<boolean>(MOST_DIRECTIONS);

  constructor(action: Action & { readonly kind: 'burst' }) {
    this.#action = action;
  }

  /** The next unit of a direction. @returns whether it is lost */
  loses(direction: number, draws: Draws): boolean {
    const { enter, leave, loss } = this.#action;
    const wasBad = this.#bad.get(direction) ?? false;
    const isBad = wasBad ? !draws.happens(0, leave) : draws.happens(0, enter);
    this.#bad.set(direction, isBad);
    return isBad && draws.happens(1, loss);
  }
}
