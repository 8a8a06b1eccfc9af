/**
 * Lines of a table: columns that share a pane's width, and rows cut to it. Which columns there are depends on the width
 * alone, so that none comes or goes while one scrolls: the least important go first. Those that stay take what their
 * widest cell in sight needs, ends of connections in steps; where that is too much they give way by what they have above
 * their least width.
 */
import type { History } from '../../history/history.ts';
import type { Timestamp } from '../../lint/finding.ts';
import { clip, clipMiddle, filled, padStart, widthOf } from '../text/cells.ts';
import { type Line, type Span, span } from '../text/line.ts';
import { fitted, fittedLine, padded, spansWidth } from '../text/spans.ts';
import { formatTime, type TimeContext } from '../text/time-format.ts';

export interface Column {
  readonly title: string;
  /** Cells that it usually needs; its title may be cut. */
  readonly least: number;
  /** It stays while columns of a lower one are left out; absent: it always stays. */
  readonly rank?: number;
  /** Which part of a text that is too wide is seen. `end` also stands at the column's right side. */
  readonly keeps?: 'start' | 'end' | 'both';
  /** Takes all room that is left. */
  readonly grows?: boolean;
}

/** A cell's text is `shown` already. Several spans follow each other in one cell, which is cut as `start`. */
export type Cell = Span | readonly Span[];

/** Cells that the widest texts of a column are rounded up to a multiple of. */
const STEP = 4;
/** From this width on columns stand two blanks apart. */
const ROOMY = 100;

/** A table's columns in a width: which of them there is room for, and how wide they are. */
export class Table {
  readonly #columns: readonly Column[];
  readonly #widths: readonly number[];
  readonly #gap: string;
  readonly #width: number;

  /** @param rows all rows in sight, which the columns are to fit */
  constructor(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number) {
    this.#columns = columns;
    this.#width = width;
    this.#gap = ' '.repeat(width >= ROOMY ? 2 : 1);
    const wanted = columns.map((column, index) => wantedBy(column, rows, index));
    this.#widths = share(columns, wanted, width, this.#gap.length);
  }

  /** @param marked the column by which the table is sorted, and the sign of its direction */
  header(marked = -1, sign = ''): Line {
    return this.row(
      this.#columns.map(({ title }, index) =>
        index === marked ? span(`${title}${sign}`, 'key') : span(title, 'heading'),
      ),
    );
  }

  row(cells: readonly Cell[]): Line {
    const spans: Span[] = [];
    cells.forEach((cell, index) => {
      const width = this.#widths[index];
      if (width === 0) return;
      if (spans.length > 0) spans.push(span(this.#gap));
      spans.push(...cellSpans(cell, this.#columns[index], width));
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

/** One line that says why there is nothing to see. */
export function emptyLine(text: string, width: number): Line {
  return fittedLine([span(text, 'dim')], width);
}

function cellSpans(cell: Cell, { keeps, grows }: Column, width: number): Span[] {
  if (!('text' in cell)) return grows ? fitted(cell, width) : padded(cell, width);
  const { text, role } = cell;
  if (keeps === 'end') return [span(padStart(text, width), role)];
  const cut = keeps === 'both' ? clipMiddle(text, width) : clip(text, width);
  return [span(grows ? cut : filled(cut, width), role)];
}

function wantedBy(column: Column, rows: readonly (readonly Cell[])[], index: number): number {
  const { title, least, keeps, grows } = column;
  if (grows) return least;
  let widest = 0;
  for (const row of rows) {
    const cell = row[index];
    widest = Math.max(widest, 'text' in cell ? widthOf(cell.text) : spansWidth(cell));
  }
  const stepped = keeps === 'both' ? Math.ceil(widest / STEP) * STEP : widest;
  return Math.max(least, widthOf(title) + 1, stepped);
}

/** Widths of the columns; 0 for those left out. */
function share(columns: readonly Column[], wanted: readonly number[], room: number, gap: number): number[] {
  const kept = keptOf(columns, room, gap);
  const gaps = Math.max(0, kept.length - 1) * gap;
  const least = kept.reduce((sum, index) => sum + columns[index].least, 0);
  const slack = kept.reduce((sum, index) => sum + wanted[index] - columns[index].least, 0);
  const spare = Math.max(0, room - gaps - least);
  const widths = columns.map(() => 0);
  for (const index of kept) {
    const own = wanted[index] - columns[index].least;
    widths[index] = columns[index].least + (spare >= slack ? own : Math.floor((own * spare) / slack));
  }
  const used = widths.reduce((sum, width) => sum + width, gaps);
  const grower = kept.find(index => columns[index].grows) ?? kept.at(-1);
  if (grower !== undefined) widths[grower] += Math.max(0, room - used);
  return widths;
}

/** Indexes of the columns that stay: without the least important ones until the least widths fit. */
function keptOf(columns: readonly Column[], room: number, gap: number): number[] {
  let kept = columns.map((_, index) => index);
  const needed = () => kept.reduce((sum, index) => sum + columns[index].least + gap, -gap);
  const rankOf = (index: number) => columns[index].rank ?? Number.POSITIVE_INFINITY;
  while (needed() > room) {
    const lowest = Math.min(...kept.map(rankOf));
    if (lowest === Number.POSITIVE_INFINITY) break;
    kept = kept.filter(index => rankOf(index) !== lowest);
  }
  return kept;
}
