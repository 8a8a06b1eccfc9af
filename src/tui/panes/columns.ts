/**
 * Columns of a list by their names: which there are, those that somebody chose, in their order, and the lines of a pane that
 * is a table of them. A column knows how to make its cell of a row, so that whichever are shown, no other cell is made.
 */
import type { Line, Size } from '../text/line.ts';
import { type Cell, type Column, emptyLine, type SortMark, Table } from './table.ts';

/** The lists whose columns can be chosen, by the names that they are remembered by. */
const COLUMN_LISTS = ['connections', 'messages', 'all-messages', 'findings', 'counts', 'held'] as const;
export type ColumnList = (typeof COLUMN_LISTS)[number];

export interface ColumnOf<Row> extends Column {
  /** As `:columns` and the list of columns call it; a field has its own name. */
  readonly id: string;
  readonly cell: (row: Row) => Cell;
}

/**
 * The columns of these names, in this order: the first stays longest where there is no room for all. Unknown names are left
 * out: another version, or another protocol, may know them.
 *
 * @param other makes a column of a name that is not among the known ones
 */
export function chosenColumns<Row>(
  known: readonly ColumnOf<Row>[],
  names: readonly string[],
  other: (name: string) => ColumnOf<Row> | undefined = () => undefined,
): readonly ColumnOf<Row>[] {
  const found = names.flatMap(name => known.find(({ id }) => id === name) ?? other(name) ?? []);
  return found.map((column, place) => {
    const { rank: _, ...own } = column;
    return place === 0 ? own : { ...own, rank: found.length - place };
  });
}

export interface TableInput<Row> {
  readonly columns: readonly ColumnOf<Row>[];
  /** Those in sight. */
  readonly rows: readonly Row[];
  /** Places among all rows: of the first one in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  /** Stands there when there are none. */
  readonly empty: string;
  readonly sorted?: SortMark | undefined;
}

/** The header, and a line for each row. */
export function tableLines<Row>(input: TableInput<Row>, { width, height }: Size): Line[] {
  const { columns, rows, top, selected, focused, empty, sorted } = input;
  const cells = rows.map(row => columns.map(({ cell }) => cell(row)));
  const table = new Table(columns, cells, width, sorted);
  const lines = [table.header()];
  cells.forEach((row, index) => {
    const line = table.row(row);
    lines.push(top + index === selected ? { ...line, selected: focused ? 'focus' : 'other' } : line);
  });
  if (rows.length === 0) lines.push(emptyLine(empty, width));
  return lines.slice(0, height);
}
