/** Lines that were printed recently: what happens a thousand times a second is printed once. */

/** Milliseconds in which the same line is printed once. */
const WHILE = 10_000;
/** Different lines that are remembered. */
const MOST = 100;

export class RecentLines {
  readonly #at = new Map<string, number>();

  /** Whether to print it; it then counts as printed. @param now milliseconds of any clock */
  isNew(line: string, now: number): boolean {
    if (now - (this.#at.get(line) ?? Number.NEGATIVE_INFINITY) < WHILE) return false;
    if (this.#at.size >= MOST) this.#at.clear();
    this.#at.set(line, now);
    return true;
  }
}
