/**
 * Lines of a table: columns that share a pane's width, and rows cut to it. Each column needs what its widest cell in sight
 * takes. A column is left out only where there is no room for it: the least important go first, of those that are alike the
 * one that needs most, and what fits into the room that is left afterwards comes back. Of the room the columns that stay
 * first get what those need that lack least, so that short names are whole before a sentence is.
 */
import type { History } from '../../history/history.ts';
import type { Timestamp } from '../../lint/finding.ts';
import { clip, clipMiddle, filled, padStart, widthOf } from '../text/cells.ts';
import { type Line, type Span, span } from '../text/line.ts';
import { fitted, fittedLine, padded, spansWidth } from '../text/spans.ts';
import { formatTime, type TimeContext } from '../text/time-format.ts';

export interface Column {
  readonly title: string;
  /** Cells down to which it is cut before a column is left out; where all its cells need fewer, those. */
  readonly least: number;
  /** Columns of a lower rank are left out before it; absent: it always stays. */
  readonly rank?: number;
  /** Which part of a text that is too wide is seen. `end` also stands at the column's right side. */
  readonly keeps?: 'start' | 'end' | 'both';
  /** Takes all room that is left. */
  readonly grows?: boolean;
}

/** A cell's text is `shown` already. Several spans follow each other in one cell, which is cut as `start`. */
export type Cell = Span | readonly Span[];

/** The column by which a table is sorted, and the sign of its direction. */
export interface SortMark {
  readonly index: number;
  readonly sign: string;
}

/** Cells that the widest texts of a column are rounded up to a multiple of, where there is room. */
const STEP = 4;
/** From this width on columns stand two blanks apart, where there is room. */
const ROOMY = 100;

/** A table's columns in a width: which of them there is room for, and how wide they are. */
export class Table {
  readonly #columns: readonly Column[];
  readonly #titles: readonly Span[];
  readonly #widths: readonly number[];
  readonly #gap: string;
  readonly #width: number;

  /** @param rows all rows in sight, which the columns are to fit */
  constructor(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number, sorted?: SortMark) {
    this.#columns = columns;
    this.#width = width;
    this.#titles = columns.map(({ title }, index) =>
      index === sorted?.index ? span(`${title}${sorted.sign}`, 'key') : span(title, 'heading'),
    );
    const needs = this.#titles.map(({ text }, index) =>
      rows.reduce((most, row) => Math.max(most, cellWidth(row[index])), widthOf(text)),
    );
    const { widths, gap } = share(columns, needs, width);
    this.#widths = widths;
    this.#gap = ' '.repeat(gap);
  }

  header(): Line {
    return this.row(this.#titles);
  }

  row(cells: readonly Cell[]): Line {
    const spans: Span[] = [];
    const last = this.#widths.findLastIndex(width => width > 0);
    cells.forEach((cell, index) => {
      const width = this.#widths[index];
      if (width === 0) return;
      if (spans.length > 0) spans.push(span(this.#gap));
      spans.push(...cellSpans(cell, this.#columns[index], width, index === last));
    });
    return fittedLine(spans, this.#width);
  }
}

/** A frame's number; with that of its capture, from 1, where the run has several. */
export function frameText({ captures }: Pick<History, 'captures'>, capture: number, frame: number): string {
  return captures.length > 1 ? `${capture + 1}/${frame}` : String(frame);
}

/** The time of a row. In a narrow pane UTC is the time of day: of the date there would be a part only. */
export function rowTime(time: Timestamp, context: TimeContext, width: number): string {
  const text = formatTime(time, context);
  return context.format === 'utc' && width < ROOMY ? text.slice(text.indexOf('T') + 1) : text;
}

/** Cells that every form of a time fits into. */
export const WHOLE_TIME = 30;

/** One line that says why there is nothing to see. */
export function emptyLine(text: string, width: number): Line {
  return fittedLine([span(text, 'dim')], width);
}

function cellWidth(cell: Cell): number {
  return 'text' in cell ? widthOf(cell.text) : spansWidth(cell);
}

/** @param isLast no blanks stand behind it */
function cellSpans(cell: Cell, { keeps }: Column, width: number, isLast: boolean): Span[] {
  if (!('text' in cell)) return isLast ? fitted(cell, width) : padded(cell, width);
  const { text, role } = cell;
  if (keeps === 'end') return [span(padStart(text, width), role)];
  const cut = keeps === 'both' ? clipMiddle(text, width) : clip(text, width);
  return [span(isLast ? cut : filled(cut, width), role)];
}

/** Widths of the columns, 0 for those left out, and the blanks between them. */
function share(columns: readonly Column[], needs: readonly number[], room: number) {
  const least = columns.map((column, index) => Math.max(1, Math.min(column.least, needs[index])));
  const kept = keptOf(columns, least, room);
  const widths = columns.map((_, index) => (kept.includes(index) ? least[index] : 0));
  let spare = room - neededBy(kept, least);
  if (spare < 0) {
    shrink(widths, -spare);
    return { widths, gap: 1 };
  }
  const grow = (index: number, wanted: number) => {
    const more = Math.max(0, Math.min(spare, wanted - widths[index]));
    widths[index] += more;
    spare -= more;
  };
  const lacking = kept.toSorted((one, other) => needs[one] - least[one] - (needs[other] - least[other]));
  for (const index of lacking) grow(index, needs[index]);
  const gaps = Math.max(0, kept.length - 1);
  const gap = room >= ROOMY && spare >= gaps ? 2 : 1;
  if (gap === 2) spare -= gaps;
  // So that little moves while one scrolls.
  for (const index of kept) if (columns[index].keeps === 'both') grow(index, Math.ceil(needs[index] / STEP) * STEP);
  const last = kept.find(index => columns[index].grows) ?? kept.at(-1);
  if (last !== undefined) widths[last] += spare;
  return { widths, gap };
}

/** Takes cells off the widest columns; none of them is left out. */
function shrink(widths: number[], cells: number): void {
  for (let left = cells; left > 0; left--) {
    const widest = widths.reduce((most, width) => Math.max(most, width), 0);
    if (widest <= 1) return;
    widths[widths.indexOf(widest)]--;
  }
}

/** Indexes of the columns that stay. */
function keptOf(columns: readonly Column[], least: readonly number[], room: number): number[] {
  const all = columns.map((_, index) => index);
  const rankOf = (index: number) => columns[index].rank ?? Number.POSITIVE_INFINITY;
  const droppable = all
    .filter(index => columns[index].rank !== undefined)
    .sort((one, other) => rankOf(one) - rankOf(other) || least[other] - least[one] || other - one);
  const dropped: number[] = [];
  const kept = (without: readonly number[]) => all.filter(index => !without.includes(index));
  while (dropped.length < droppable.length && neededBy(kept(dropped), least) > room) {
    dropped.push(droppable[dropped.length]);
  }
  for (const index of dropped.toReversed()) {
    const others = dropped.filter(other => other !== index);
    if (neededBy(kept(others), least) <= room) dropped.splice(dropped.indexOf(index), 1);
  }
  return kept(dropped);
}

/** With a blank between each two. */
function neededBy(kept: readonly number[], cells: readonly number[]): number {
  return kept.reduce((sum, index) => sum + cells[index] + 1, -1);
}
