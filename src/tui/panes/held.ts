/** The pane of what the proxy holds back: a row a message, with how long it has waited, who said it, and what it breaks. */

import { severityNumber } from '../../history/findings.ts';
import type { Finding } from '../../lint/finding.ts';
import { counted } from '../../report/numbers.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Size, type Span, span } from '../text/line.ts';
import { named } from './severity.ts';
import { type Cell, type Column, emptyLine, Table } from './table.ts';

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
  /** Stands there when there are none. */
  readonly empty: string;
}

const COLUMNS: readonly Column[] = [
  { title: '#', least: 3, keeps: 'end' },
  { title: 'held for', least: 8, keeps: 'end' },
  { title: 'from', least: 15, keeps: 'both', rank: 4 },
  { title: 'to', least: 15, keeps: 'both', rank: 3 },
  { title: 'proto', least: 6, rank: 2 },
  { title: 'message', least: 12 },
  { title: 'state', least: 11, rank: 1 },
  { title: 'why', least: 14, grows: true },
];

export function heldPane({ rows, top, selected, focused, empty }: HeldInput, { width, height }: Size): Line[] {
  const cells = rows.map(cellsOf);
  const table = new Table(COLUMNS, cells, width);
  const lines = [table.header()];
  cells.forEach((row, index) => {
    const line = table.row(row);
    lines.push(top + index === selected ? { ...line, selected: focused ? 'focus' : 'other' } : line);
  });
  if (rows.length === 0) lines.push(emptyLine(empty, width));
  return lines.slice(0, height);
}

function cellsOf({ id, waited, from, client, server, length, message, isEdited, cause }: HeldMessageRow): Cell[] {
  const ends = [span(shown(client), 'client'), span(shown(server), 'server')];
  const [sender, receiver] = from === 'client' ? ends : ends.toReversed();
  const name = message?.name ?? counted(length, 'byte');
  return [
    span(String(id), 'dim'),
    span(waitedText(waited)),
    sender,
    receiver,
    span(shown(message?.protocol ?? '')),
    [span(isEdited ? '*' : '', 'key'), span(shown(name), 'strong')],
    span(shown(message?.state ?? ''), 'dim'),
    why(message?.findings ?? [], cause),
  ];
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
