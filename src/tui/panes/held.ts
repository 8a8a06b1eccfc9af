/** The pane of what the proxy holds: a row a message, with how long it has waited, who said it, and what it breaks. */

import { severityNumber } from '../../history/findings.ts';
import type { Finding } from '../../lint/finding.ts';
import { counted } from '../../report/numbers.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Size, type Span, span } from '../text/line.ts';
import { type ColumnOf, chosenColumns, tableLines } from './columns.ts';
import { named } from './severity.ts';
import type { Cell } from './table.ts';

/** Lines above the first row. */
export const HEADER_LINES = 1;

export interface HeldMessageRow {
  /** Number of the hold. */
  readonly id: number;
  /** Milliseconds. */
  readonly waited: number;
  readonly from: 'client' | 'server';
  readonly client: string;
  readonly server: string;
  /** Bytes of the hold. */
  readonly length: number;
  /** Undefined where nobody could cut it. */
  readonly message:
    | {
        readonly protocol: string;
        readonly name: string;
        readonly state: string;
        readonly findings: readonly Finding[];
      }
    | undefined;
  readonly isEdited: boolean;
  /** What made it be held. */
  readonly cause: string;
}

export interface HeldInput {
  /** Those in sight. */
  readonly rows: readonly HeldMessageRow[];
  /** Places among all: of the first one in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  /** Names of the columns that somebody chose. */
  readonly columns?: readonly string[] | undefined;
  /** Stands there when there are none. */
  readonly empty: string;
}

export const HELD_COLUMNS: readonly ColumnOf<HeldMessageRow>[] = [
  { id: 'number', title: '#', least: 9, keeps: 'end', cell: ({ id }) => span(String(id), 'dim') },
  { id: 'held', title: 'held for', least: 12, keeps: 'end', cell: ({ waited }) => span(waitedText(waited)) },
  { id: 'from', title: 'from', least: 15, keeps: 'both', rank: 3, cell: row => endOf(row, row.from) },
  {
    id: 'to',
    title: 'to',
    least: 15,
    keeps: 'both',
    rank: 2,
    cell: row => endOf(row, row.from === 'client' ? 'server' : 'client'),
  },
  {
    id: 'protocol',
    title: 'proto',
    least: 13,
    rank: 2,
    cell: ({ message }) => span(shown(message?.protocol ?? '')),
  },
  {
    id: 'message',
    title: 'message',
    least: 16,
    cell: ({ message, length, isEdited }) => [
      span(isEdited ? '*' : '', 'key'),
      span(shown(message?.name ?? counted(length, 'byte')), 'strong'),
    ],
  },
  { id: 'state', title: 'state', least: 13, rank: 1, cell: ({ message }) => span(shown(message?.state ?? ''), 'dim') },
  {
    id: 'why',
    title: 'why',
    least: 14,
    grows: true,
    cell: ({ message, cause }) => why(message?.findings ?? [], cause),
  },
];

export function heldPane(input: HeldInput, size: Size): Line[] {
  const columns = input.columns ? chosenColumns(HELD_COLUMNS, input.columns) : HELD_COLUMNS;
  return tableLines({ ...input, columns }, size);
}

function endOf(row: HeldMessageRow, end: 'client' | 'server'): Cell {
  return span(shown(row[end]), end);
}

/** The worst that its sender broke with it, else what it is held for. */
function why(findings: readonly Finding[], cause: string): readonly Span[] {
  const [worst] = findings.toSorted((one, other) => severityNumber(other.severity) - severityNumber(one.severity));
  return worst ? named(worst, findings.length - 1) : [span(shown(cause), 'dim')];
}

/** `12.3 s`, `2 min 5 s`. @param milliseconds */
export function waitedText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 100) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
