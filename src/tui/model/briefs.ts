/**
 * The few fields that matter of the messages in sight, for the rows that show them. They are read from the capture within
 * a budget of time and kept, so that scrolling waits for no file: a row is there at once, its fields a moment later.
 */
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import { brief } from '../../report/brief.ts';
import { fieldTree } from '../../wire/tree.ts';

const MOST_KEPT = 4096;
/** Of longer messages only the length is shown: reading one may take longer than a user waits for a row. */
const LONGEST = 256 * 1024;

export class Briefs {
  readonly #kept = new Map<number, string>();

  get(message: number): string | undefined {
    return this.#kept.get(message);
  }

  clear(): void {
    this.#kept.clear();
  }

  /**
   * Reads those of rows [from, to) that were not read yet, until `until`; at least one.
   * @returns how many were read
   */
  read(
    history: History,
    bytes: CaptureBytes,
    rows: ArrayLike<number>,
    [from, to]: readonly [number, number],
    until: number,
    now: () => number,
  ): number {
    let count = 0;
    for (let row = from; row < Math.min(to, rows.length); row++) {
      if (this.#kept.has(rows[row])) continue;
      this.#keep(rows[row], briefOf(history, bytes, rows[row]));
      count++;
      if (now() >= until) break;
    }
    return count;
  }

  #keep(message: number, text: string): void {
    if (this.#kept.size === MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(message, text);
  }
}

function briefOf(history: History, bytes: CaptureBytes, message: number): string {
  const length = history.messages.length(message);
  if (length > LONGEST) return `${length} bytes`;
  const seen = history.recall(message, bytes);
  return brief(seen.layout ? fieldTree(seen.message, seen.layout) : [], seen);
}
