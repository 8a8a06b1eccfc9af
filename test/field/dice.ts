/** Decisions that are the same in every run: a generator of numbers (mulberry32) whose seed is made of a text. */
export class Dice {
  #state: number;

  constructor(seed: string) {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    this.#state = hash;
  }

  /** 0..sides - 1. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)];
  }

  /** `count` numbers below `sides`. */
  numbers(count: number, sides: number): number[] {
    return Array.from({ length: count }, () => this.roll(sides));
  }

  /** At most `most` of the numbers from 0 to `count` - 1, in order. */
  some(count: number, most: number): number[] {
    const all = Array.from({ length: count }, (_, index) => index);
    while (all.length > most) all.splice(this.roll(all.length), 1);
    return all;
  }
}
