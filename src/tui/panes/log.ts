/** The pane of the proxy's log: an event each, newest last, with its time; what is longer than a line goes on under it. */
import type { Timestamp } from '../../lint/finding.ts';
import { padStart, shown, widthOf, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, span } from '../text/line.ts';
import type { TimeFormat } from '../text/time-format.ts';
import type { ProxyEvent, ProxyEventKind } from '../watched-proxy.ts';
import { rowTime } from './table.ts';

export interface LogInput {
  readonly events: readonly ProxyEvent[];
  readonly time: TimeFormat;
  /** From which `relative` counts. */
  readonly origin: Timestamp;
  /** First line in sight. */
  readonly top: number;
}

/** The clock of the events says no more of a second. */
const DIGITS = 6;
const GAP = 2;
const LEAST_TEXT = 20;

const ROLES: Readonly<Record<ProxyEventKind, Role>> = {
  state: 'strong',
  'client-came': 'plain',
  'client-gone': 'dim',
  output: 'plain',
  deed: 'info',
  refused: 'warning',
  limit: 'warning',
  dropped: 'warning',
  tls: 'warning',
  undone: 'warning',
  recording: 'error',
  failure: 'error',
};

export function logPane(input: LogInput, { width, height }: Size): Line[] {
  return logLines(input, width).slice(input.top, input.top + height);
}

export function logHeight(input: Omit<LogInput, 'top'>, width: number): number {
  return logLines(input, width).length;
}

function logLines({ events, time, origin }: Omit<LogInput, 'top'>, width: number): Line[] {
  const times = events.map((event, index) =>
    rowTime(event.time, { format: time, origin, previous: events[index - 1]?.time, digits: DIGITS }, width),
  );
  const widest = Math.max(0, ...times.map(widthOf));
  const left = Math.min(widest, Math.max(0, width - LEAST_TEXT - GAP));
  return events.flatMap(({ kind, text }, index) =>
    wrap(shown(text), Math.max(1, width - left - GAP)).map((words, part) =>
      line(
        span(part === 0 ? padStart(times[index], left) : ' '.repeat(left), 'dim'),
        span(' '.repeat(GAP)),
        span(words, ROLES[kind]),
      ),
    ),
  );
}
