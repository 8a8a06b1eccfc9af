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
import { type Cell, type Column, emptyLine, rowTime, Table } from './table.ts';

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
  /** Stands there when there are none. */
  readonly empty: string;
}

const NUMBERS: readonly Column[] = [
  { title: 'messages', least: 8, keeps: 'end' },
  { title: 'bytes', least: 9, keeps: 'end', rank: 3 },
  { title: 'findings', least: 8, keeps: 'end', rank: 4 },
  { title: 'first', least: 9, keeps: 'end', rank: 2 },
  { title: 'last', least: 9, keeps: 'end', rank: 1 },
];

export function countsPane(input: CountsInput, { width, height }: Size): Line[] {
  const { rows, top, selected, focused, field } = input;
  const cells = rows.slice(top, top + Math.max(0, height - HEADER_LINES)).map(row => cellsOf(input, row, width));
  const table = new Table([...NUMBERS, { title: shown(field), least: 20, grows: true }], cells, width);
  const lines = [table.header()];
  cells.forEach((row, index) => {
    const line = table.row(row);
    lines.push(top + index === selected ? { ...line, selected: focused ? 'focus' : 'other' } : line);
  });
  if (rows.length === 0) lines.push(emptyLine(input.empty, width));
  return lines.slice(0, height);
}

function cellsOf({ time, field }: CountsInput, { of, value, count }: CountRow, width: number): Cell[] {
  const { messages, bytes, findings, first, last } = count;
  const at = (moment: Timestamp) => span(rowTime(moment, time, width), 'dim');
  return [
    span(grouped(messages), 'strong'),
    span(grouped(bytes)),
    span(grouped(findings), findings > 0 ? 'warning' : 'dim'),
    at(first),
    at(last),
    of === 'value' ? span(value === '' ? '""' : shown(value)) : span(unvalued(of, field), 'dim'),
  ];
}

function unvalued(of: 'other values' | 'no value', field: string): string {
  return of === 'no value' ? `(without ${shown(field)})` : '(other values, for which there is no room)';
}
