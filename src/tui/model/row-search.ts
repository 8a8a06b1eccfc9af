/**
 * A search over the rows of a followed stream or of a comparison, in slices: from the chosen row to the end and round to it.
 * In a stream a text is also looked for in the bytes, so that it is found where a row ends within it; a row has what begins in it.
 */
import type { Comparison } from './comparison.ts';
import { bytesAt, holdsText, type SoughtBytes, type SoughtText } from './sought.ts';
import type { StreamView } from './stream-view.ts';

export interface SearchableRows {
  readonly of: 'stream' | 'compare';
  readonly count: number;
  /** More rows may come, or others are shown by now. */
  isOpen(): boolean;
  /** Whether a row has it. */
  has(row: number): boolean;
}

/** Rows of a stream as they are shown now. */
export function streamRows(view: StreamView, sought: SoughtText | SoughtBytes): SearchableRows {
  const { rows } = view;
  return {
    of: 'stream',
    count: rows.count,
    isOpen: () => !view.isDone || view.rows !== rows,
    has: row => {
      if (view.rows !== rows) return false;
      if (sought.kind === 'text' && holdsText(sought, view.rowText(row))) return true;
      return bytesAt(sought, view.rowBytes(row, sought.bytes.length - 1)) >= 0;
    },
  };
}

export function comparedRows(comparison: Comparison, sought: SoughtText): SearchableRows {
  return {
    of: 'compare',
    count: comparison.count,
    isOpen: () => false,
    has: row => holdsText(sought, comparison.rowText(row)),
  };
}

export class RowSearch {
  readonly sought: SoughtText | SoughtBytes;
  readonly rows: SearchableRows;
  readonly step: 1 | -1;
  readonly #start: number;
  /** Rows that were asked, and the first of them: 0 for the one that one is on. */
  #asked: number;
  readonly #end: number;
  /** The row that has it; -1 for none so far. */
  hit = -1;

  /** @param start the chosen row @param withIt it is asked first, else last */
  constructor(sought: SoughtText | SoughtBytes, rows: SearchableRows, start: number, step: 1 | -1, withIt: boolean) {
    this.sought = sought;
    this.rows = rows;
    this.step = step;
    this.#start = start;
    this.#asked = withIt ? 0 : 1;
    this.#end = this.#asked + rows.count;
  }

  /** 0..1 */
  get progress(): number {
    return this.#end === 0 ? 1 : Math.min(1, this.#asked / this.#end);
  }

  /** The row lies beyond the last one, or the first, from where the search began. */
  get hasWrapped(): boolean {
    return this.step > 0 ? this.hit < this.#start : this.hit > this.#start;
  }

  /** Asks until `until`, at least one row. True when there is more to ask. */
  run(until: number, now: () => number): boolean {
    const { count } = this.rows;
    while (this.#asked < this.#end) {
      const place = this.#start + this.step * this.#asked++;
      const row = ((place % count) + count) % count;
      if (this.rows.has(row)) {
        this.hit = row;
        return false;
      }
      if (now() >= until) return this.#asked < this.#end;
    }
    return false;
  }
}
