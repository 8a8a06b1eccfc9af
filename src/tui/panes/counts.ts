/**
 * The pane of messages by the values of a field: a row a value, the value last, since it may be long and is what one reads.
 * What has no row of its own stands behind the others.
 */
import type { Timestamp } from '../../lint/finding.ts';
import { grouped } from '../../report/numbers.ts';
import type { ValueCount } from '../../report/value-counts.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Size, span } from '../text/line.ts';
import type { TimeContext } from '../text/time-format.ts';
import { type ColumnOf, chosenColumns, tableLines } from './columns.ts';
import { type Cell, rowTime, WHOLE_TIME } from './table.ts';

/** Lines above the first row. */
export const HEADER_LINES = 1;

/** What is counted together: the messages of a value, or those that have no row of their own. */
export interface CountRow {
  readonly of: 'value' | 'other values' | 'no value';
  readonly value: string;
  readonly count: ValueCount;
}

export interface CountsInput {
  /** As it was named. */
  readonly field: string;
  readonly rows: readonly CountRow[];
  /** Places in `rows`: of the first one in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly time: TimeContext;
  /** Names of the columns that somebody chose. */
  readonly columns?: readonly string[] | undefined;
  /** Stands there when there are none. */
  readonly empty: string;
}

interface CountCells {
  readonly input: CountsInput;
  readonly row: CountRow;
  /** Cells of the pane. */
  readonly width: number;
}

export const COUNT_COLUMNS: readonly ColumnOf<CountCells>[] = [
  {
    id: 'messages',
    title: 'messages',
    least: 11,
    keeps: 'end',
    cell: ({ row }) => span(grouped(row.count.messages), 'strong'),
  },
  { id: 'bytes', title: 'bytes', least: 15, keeps: 'end', rank: 2, cell: ({ row }) => span(grouped(row.count.bytes)) },
  {
    id: 'findings',
    title: 'findings',
    least: 11,
    keeps: 'end',
    rank: 2,
    cell: ({ row: { count } }) => span(grouped(count.findings), count.findings > 0 ? 'warning' : 'dim'),
  },
  {
    id: 'first',
    title: 'first',
    least: WHOLE_TIME,
    keeps: 'end',
    rank: 1,
    cell: ({ row, ...cells }) => timeCell(cells, row.count.first),
  },
  {
    id: 'last',
    title: 'last',
    least: WHOLE_TIME,
    keeps: 'end',
    rank: 1,
    cell: ({ row, ...cells }) => timeCell(cells, row.count.last),
  },
  { id: 'value', title: 'value', least: 20, grows: true, cell: valueCell },
];

export function countsPane(input: CountsInput, size: Size): Line[] {
  const { top, selected, focused, field, empty } = input;
  const columns = (input.columns ? chosenColumns(COUNT_COLUMNS, input.columns) : COUNT_COLUMNS).map(column =>
    column.id === 'value' ? { ...column, title: shown(field) } : column,
  );
  const rows = input.rows
    .slice(top, top + Math.max(0, size.height - HEADER_LINES))
    .map(row => ({ input, row, width: size.width }));
  return tableLines({ columns, rows, top, selected, focused, empty }, size);
}

function timeCell({ input, width }: Omit<CountCells, 'row'>, moment: Timestamp): Cell {
  return span(rowTime(moment, input.time, width), 'dim');
}

function valueCell({ input, row: { of, value } }: CountCells): Cell {
  if (of !== 'value') return span(unvalued(of, input.field), 'dim');
  return span(value === '' ? '""' : shown(value));
}

function unvalued(of: 'other values' | 'no value', field: string): string {
  return of === 'no value' ? `(without ${shown(field)})` : '(other values, more than are counted)';
}
