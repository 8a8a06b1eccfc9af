/**
 * The pane of connections: a row each, in the order that it is given, with who talks to whom, how it went, and the worst
 * that was found. Its columns say how connections are sorted by them.
 */
import type { History } from '../../history/history.ts';
import type { Timestamp } from '../../lint/finding.ts';
import type { Verdict } from '../../lint/verdict.ts';
import { grouped } from '../../report/numbers.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Role, type Size, type Span, span } from '../text/line.ts';
import { formatElapsed, type TimeFormat } from '../text/time-format.ts';
import { named, worstOf } from './severity.ts';
import { type Cell, type Column, emptyLine, rowTime, Table } from './table.ts';

export type ConnectionColumn =
  | 'number'
  | 'protocol'
  | 'client'
  | 'server'
  | 'start'
  | 'duration'
  | 'state'
  | 'messages'
  | 'verdict'
  | 'finding';

export interface ConnectionColumnDocument extends Column {
  readonly id: ConnectionColumn;
  /** What connections are sorted by: ascending, all numbers or all strings. */
  key(history: History, connection: number): number | string;
}

/** What one looks for comes first. */
const VERDICTS: readonly Verdict[] = ['violations', 'inconclusive', 'conformant'];
const VERDICT_ROLES: Readonly<Record<Verdict, Role>> = {
  conformant: 'good',
  inconclusive: 'warning',
  violations: 'error',
};

export const CONNECTION_COLUMNS: readonly ConnectionColumnDocument[] = [
  { id: 'number', title: '#', least: 3, keeps: 'end', key: (_, connection) => connection },
  { id: 'protocol', title: 'proto', least: 6, rank: 5, key: (history, c) => history.connections.protocol(c).id },
  {
    id: 'client',
    title: 'client',
    least: 15,
    keeps: 'both',
    key: (history, c) => endpointKey(history.connections.client(c)),
  },
  {
    id: 'server',
    title: 'server',
    least: 15,
    rank: 7,
    keeps: 'both',
    key: (history, c) => endpointKey(history.connections.server(c)),
  },
  {
    id: 'start',
    title: 'start',
    least: 9,
    rank: 2,
    keeps: 'end',
    key: (history, c) => seconds(history.origin(0), history.connections.start(c)),
  },
  {
    id: 'duration',
    title: 'duration',
    least: 8,
    rank: 1,
    keeps: 'end',
    key: ({ connections }, c) => seconds(connections.start(c), connections.end(c)),
  },
  { id: 'state', title: 'state', least: 11, rank: 3, key: ({ connections }, c) => connections.state(c) },
  {
    id: 'messages',
    title: 'msgs',
    least: 5,
    rank: 4,
    keeps: 'end',
    key: ({ connections }, c) => connections.messages(c),
  },
  {
    id: 'verdict',
    title: 'verdict',
    least: 10,
    rank: 6,
    key: ({ connections }, c) => VERDICTS.indexOf(connections.verdict(c)),
  },
  {
    id: 'finding',
    title: 'worst finding',
    least: 14,
    grows: true,
    // The worst first.
    key: ({ connections }, c) => -(connections.severity(c) * FINDINGS_OF_ONE + connections.findings(c)),
  },
];

/** More findings than a connection can have. */
const FINDINGS_OF_ONE = 2 ** 32;

/** Lines above the first connection. */
export const HEADER_LINES = 1;

export interface ConnectionsInput {
  readonly history: History;
  /** Numbers of the connections, in the order to show them. */
  readonly order: ArrayLike<number>;
  /** Places in `order`: of the first row in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly sort: ConnectionColumn;
  readonly reverse: boolean;
  readonly time: TimeFormat;
  /** Connections that the user marked. */
  readonly marked: ReadonlySet<number>;
  /** Stands there when there are none. */
  readonly empty: string;
}

export function connectionsPane(input: ConnectionsInput, { width, height }: Size): Line[] {
  const { order, top, selected, focused, sort, reverse } = input;
  const end = Math.min(order.length, top + height - HEADER_LINES);
  const rows: Cell[][] = [];
  for (let place = top; place < end; place++) rows.push(cells(input, place, width));
  const table = new Table(CONNECTION_COLUMNS, rows, width);
  const sorted = CONNECTION_COLUMNS.findIndex(({ id }) => id === sort);
  const lines = [table.header(sorted, reverse ? 'v' : '^')];
  rows.forEach((row, index) => {
    const line = table.row(row);
    lines.push(top + index === selected ? { ...line, selected: focused ? 'focus' : 'other' } : line);
  });
  if (order.length === 0) lines.push(emptyLine(input.empty, width));
  return lines.slice(0, height);
}

function cells(input: ConnectionsInput, place: number, width: number): Cell[] {
  const { history, order, time, marked } = input;
  const { connections } = history;
  const connection = order[place];
  const capture = connections.capture(connection);
  const digits = history.digits(capture);
  const start = connections.start(connection);
  const verdict = connections.verdict(connection);
  const previous = place > 0 ? connections.start(order[place - 1]) : undefined;
  const origin = history.origin(capture);
  const isMarked = marked.has(connection);
  return [
    span(`${isMarked ? '*' : ''}${connection}`, isMarked ? 'key' : 'dim'),
    span(shown(connections.protocol(connection).id)),
    span(connections.client(connection), 'client'),
    span(connections.server(connection), 'server'),
    span(rowTime(start, { format: time, origin, previous, digits }, width), 'dim'),
    span(formatElapsed(start, connections.end(connection), digits)),
    span(shown(connections.state(connection)), connections.isOpen(connection) ? 'plain' : 'dim'),
    span(grouped(connections.messages(connection))),
    span(verdict, VERDICT_ROLES[verdict]),
    worst(history, connection),
  ];
}

/**
 * The first of its worst findings, without the protocol's name, which stands beside it, and how many others it has; why
 * it is inconclusive where there is none.
 */
function worst(history: History, connection: number): Span[] {
  const { connections, findings } = history;
  const finding = worstOf(history, findings.ofConnection(connection));
  if (!finding)
    return connections
      .reasons(connection)
      .map(({ because }) => span(because, 'dim'))
      .slice(0, 1);
  const { severity, ruleId } = finding;
  const own = `${connections.protocol(connection).id}/`;
  const rule = ruleId.startsWith(own) ? ruleId.slice(own.length) : ruleId;
  return named({ severity, ruleId: rule }, connections.findings(connection) - 1);
}

function seconds(from: Timestamp, to: Timestamp): number {
  return to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) * 1e-9;
}

/** Sorts `10.0.0.9:80` before `10.0.0.10:80`. */
function endpointKey(endpoint: string): string {
  return endpoint.replace(/\d+/g, digits => digits.padStart(5, '0'));
}
