/** Lines that were said of late: what happens a thousand times a second is told once. */

/** Milliseconds in which the same line is said once. */
const WHILE = 10_000;
/** Different lines that are remembered. */
const MOST = 100;

export class Said {
  readonly #at = new Map<string, number>();

  /** Whether it is to be said, and then was. @param now milliseconds of any clock */
  isNew(line: string, now: number): boolean {
    if (now - (this.#at.get(line) ?? Number.NEGATIVE_INFINITY) < WHILE) return false;
    if (this.#at.size >= MOST) this.#at.clear();
    this.#at.set(line, now);
    return true;
  }
}
