/**
 * The pane of findings: a row each, in the order that it is given. What is wrong and where come first; the sentence takes
 * the room that is left, and is whole in the pane of the finding (finding.ts).
 */
import { severityNumber } from '../../history/findings.ts';
import type { History } from '../../history/history.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Size, span } from '../text/line.ts';
import type { TimeFormat } from '../text/time-format.ts';
import { SEVERITY_WORDS, severityRole } from './severity.ts';
import { type Cell, type Column, emptyLine, frameText, rowTime, Table } from './table.ts';

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
  /** Stands there when there are none. */
  readonly empty: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'level', least: 5 },
  { title: 'frame', least: 5, keeps: 'end' },
  { title: 'time', least: 9, keeps: 'end', rank: 2 },
  { title: 'conn', least: 4, keeps: 'end', rank: 3 },
  { title: 'at fault', least: 15, keeps: 'both', rank: 1 },
  { title: 'rule', least: 22 },
  { title: 'message', least: 32, grows: true, rank: 4 },
];

export function findingsPane(input: FindingsInput, { width, height }: Size): Line[] {
  const { order, top, selected, focused } = input;
  const end = Math.min(order.length, top + height - HEADER_LINES);
  const rows: Cell[][] = [];
  for (let place = top; place < end; place++) rows.push(cells(input, place, width));
  const table = new Table(COLUMNS, rows, width);
  const lines = [table.header()];
  rows.forEach((row, index) => {
    const line = table.row(row);
    lines.push(top + index === selected ? { ...line, selected: focused ? 'focus' : 'other' } : line);
  });
  if (order.length === 0) lines.push(emptyLine(input.empty, width));
  return lines.slice(0, height);
}

function cells({ history, order, time }: FindingsInput, place: number, width: number): Cell[] {
  const { list } = history.findings;
  const finding = list[order[place]];
  const { capture } = finding;
  const severity = severityNumber(finding.severity);
  const previous = place > 0 ? list[order[place - 1]].time : undefined;
  const origin = history.origin(capture);
  const digits = history.digits(capture);
  return [
    span(SEVERITY_WORDS[severity], severityRole(severity)),
    span(frameText(history, capture, finding.frame)),
    span(rowTime(finding.time, { format: time, origin, previous, digits }, width), 'dim'),
    span(String(finding.connection), 'dim'),
    span(shown(finding.atFault ?? 'nobody'), finding.atFault === null ? 'dim' : 'plain'),
    span(shown(finding.ruleId), 'strong'),
    span(shown(finding.message)),
  ];
}
