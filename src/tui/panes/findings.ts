/**
 * The pane of findings: a row each, in the order that it is given. What is wrong and where come first; the sentence takes
 * the room that is left, and is whole in the pane of the finding (finding.ts).
 */
import { severityNumber } from '../../history/findings.ts';
import type { History } from '../../history/history.ts';
import type { Finding } from '../../lint/finding.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Size, span } from '../text/line.ts';
import type { TimeFormat } from '../text/time-format.ts';
import { type ColumnOf, chosenColumns, tableLines } from './columns.ts';
import { SEVERITY_WORDS, severityRole } from './severity.ts';
import { type Cell, frameText, rowTime, WHOLE_TIME } from './table.ts';

/** Lines above the first finding. */
export const HEADER_LINES = 1;

export interface FindingsInput {
  readonly history: History;
  /** Places in the history's list of findings. */
  readonly order: ArrayLike<number>;
  /** Places in `order`: of the first row in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly time: TimeFormat;
  /** Names of the columns that somebody chose. */
  readonly columns?: readonly string[] | undefined;
  /** Stands there when there are none. */
  readonly empty: string;
}

interface FindingRow {
  readonly input: FindingsInput;
  readonly finding: Finding;
  /** The one above it; undefined for the first. */
  readonly previous: Finding | undefined;
  /** Cells of the pane. */
  readonly width: number;
}

export const FINDING_COLUMNS: readonly ColumnOf<FindingRow>[] = [
  {
    id: 'level',
    title: 'level',
    least: 5,
    cell: ({ finding }) => {
      const severity = severityNumber(finding.severity);
      return span(SEVERITY_WORDS[severity], severityRole(severity));
    },
  },
  {
    id: 'frame',
    title: 'frame',
    least: 12,
    keeps: 'end',
    cell: ({ input: { history }, finding }) => span(frameText(history, finding.capture, finding.frame)),
  },
  { id: 'time', title: 'time', least: WHOLE_TIME, keeps: 'end', rank: 2, cell: timeCell },
  {
    id: 'connection',
    title: 'conn',
    least: 9,
    keeps: 'end',
    rank: 2,
    cell: ({ finding }) => span(String(finding.connection), 'dim'),
  },
  {
    id: 'at-fault',
    title: 'at fault',
    least: 15,
    keeps: 'both',
    rank: 1,
    cell: ({ finding: { atFault } }) => span(shown(atFault ?? 'nobody'), atFault === null ? 'dim' : 'plain'),
  },
  {
    id: 'rule',
    title: 'rule',
    least: 24,
    cell: ({ finding }) => span(shown(finding.ruleId), 'strong'),
  },
  {
    id: 'message',
    title: 'message',
    least: 16,
    grows: true,
    rank: 3,
    cell: ({ finding }) => span(shown(finding.message)),
  },
];

export function findingsPane(input: FindingsInput, size: Size): Line[] {
  const { history, order, top, selected, focused, empty } = input;
  const columns = input.columns ? chosenColumns(FINDING_COLUMNS, input.columns) : FINDING_COLUMNS;
  const { list } = history.findings;
  const end = Math.min(order.length, top + size.height - HEADER_LINES);
  const rows: FindingRow[] = [];
  for (let place = top; place < end; place++) {
    rows.push({ input, finding: list[order[place]], previous: list[order[place - 1]], width: size.width });
  }
  return tableLines({ columns, rows, top, selected, focused, empty }, size);
}

function timeCell({ input: { history, time }, finding, previous, width }: FindingRow): Cell {
  const { capture } = finding;
  const context = {
    format: time,
    origin: history.origin(capture),
    previous: previous?.time,
    digits: history.digits(capture),
  };
  return span(rowTime(finding.time, context, width), 'dim');
}
