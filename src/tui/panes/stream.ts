/**
 * The pane of a followed conversation: rows in the order of the capture, each behind `>` for the client or `<` for the
 * server, in that side's colour; `+` where a row goes on with the line above it.
 */
import type { StreamRow } from '../../history/stream-rows.ts';
import { clip, widthOf } from '../text/cells.ts';
import { type Line, line, type Size, span } from '../text/line.ts';
import { emptyLine } from './table.ts';

export interface StreamInput {
  /** Those in sight. */
  readonly rows: readonly StreamRow[];
  /** Place of the chosen one among them. */
  readonly selected: number;
  readonly focused: boolean;
  /** Stands there when there are none. */
  readonly empty: string;
}

export function streamPane({ rows, selected, focused, empty }: StreamInput, { width, height }: Size): Line[] {
  if (rows.length === 0) return [emptyLine(empty, width)].slice(0, height);
  return rows.slice(0, height).map((row, index) => {
    const drawn = rowLine(row, width);
    return index === selected ? { ...drawn, selected: focused ? 'focus' : 'other' } : drawn;
  });
}

function rowLine({ side, continues, isMissing, lead, text }: StreamRow, width: number): Line {
  const role = side === 0 ? 'client' : 'server';
  const mark = `${side === 0 ? '>' : '<'}${continues && lead === '' ? '+' : ' '}`;
  const offset = clip(lead, width - mark.length);
  const room = width - mark.length - widthOf(offset);
  return line(
    span(mark.slice(0, width), role),
    span(offset, 'dim'),
    span(clip(text, room), isMissing ? 'warning' : role),
  );
}
