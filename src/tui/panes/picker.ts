/**
 * Something to choose from, over the whole screen: a line in which one types to narrow the choice, and under it the rows.
 * Names of files and texts of filters may hold anything.
 */
import { grouped } from '../../report/numbers.ts';
import { shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Role, type Size, span } from '../text/line.ts';
import { fittedLine } from '../text/spans.ts';
import { type Cell, type Column, emptyLine, Table } from './table.ts';

/** Lines above the first row. */
export const HEADER_LINES = 1;
/** Stands before what is typed. */
const PROMPT = '> ';

export interface PickerRow {
  /** A word for what it is: `recent`, `folder`, `capture`. */
  readonly kind: string;
  readonly name: string;
  /** What else there is to know, cut where there is no room: the folder, the filter. */
  readonly detail: string;
  /** Bytes; absent where there are none to speak of. */
  readonly size?: number | undefined;
  /** `3 d ago`; empty for nothing. */
  readonly age?: string | undefined;
  readonly role?: Role;
}

export interface PickerInput {
  /** As many as are in sight. */
  readonly rows: readonly PickerRow[];
  /** Place in `rows` of the selected one. */
  readonly selected: number;
  readonly typed: string;
  /** Stands where something is to be typed. */
  readonly hint: string;
  readonly empty: string;
}

const KIND: Column = { title: 'kind', least: 7 };
const NAME: Column = { title: 'name', least: 16, keeps: 'both' };
const DETAIL: Column = { title: 'about', least: 16, rank: 2, keeps: 'both', grows: true };
const SIZE: Column = { title: 'size', least: 8, keeps: 'end', rank: 3 };
const AGE: Column = { title: 'age', least: 10, keeps: 'end', rank: 1 };

export function pickerPane({ rows, selected, typed, hint, empty }: PickerInput, { width, height }: Size): Line[] {
  const first =
    typed === ''
      ? line(span(PROMPT, 'heading'), span(hint, 'faded'))
      : line(span(PROMPT, 'heading'), span(shown(typed)));
  const head = fittedLine(first.spans, width);
  if (rows.length === 0) return [head, emptyLine(empty, width)].slice(0, height);
  const isOfFiles = rows.some(({ size, age }) => size !== undefined || age);
  const columns = isOfFiles ? [KIND, NAME, SIZE, AGE, DETAIL] : [KIND, NAME, DETAIL];
  const cells = rows.map(row => cellsOf(row, isOfFiles));
  const table = new Table(columns, cells, width);
  const lines = cells.map((row, index) => {
    const made = table.row(row);
    return index === selected ? { ...made, selected: 'focus' as const } : made;
  });
  return [head, ...lines].slice(0, height);
}

/** Cells before the cursor in the line that is typed. */
export function typedWidth(typed: string): number {
  return widthOf(PROMPT) + widthOf(shown(typed));
}

function cellsOf({ kind, name, detail, size, age = '', role = 'plain' }: PickerRow, isOfFiles: boolean): Cell[] {
  const [first, about] = [[span(shown(kind), 'dim'), span(shown(name), role)], span(shown(detail), 'dim')];
  if (!isOfFiles) return [...first, about];
  return [...first, span(size === undefined ? '' : bytesInWords(size), 'dim'), span(shown(age), 'dim'), about];
}

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** `312 B`, `1.2 kB`, `48 MB`. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  // 999.9 kB would be printed as 1000 kB.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : grouped(Math.round(value))} ${UNITS[unit]}`;
}

const STEPS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['y', 365.25 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
];

/** `3 d ago`, `now`; empty for a time that is still to come. */
export function ageInWords(then: number, now: number): string {
  const age = now - then;
  if (age < 0) return '';
  const [unit, length] = STEPS.find(([, milliseconds]) => age >= milliseconds) ?? ['', 0];
  return unit === '' ? 'now' : `${Math.floor(age / length)} ${unit} ago`;
}
