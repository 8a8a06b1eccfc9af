/**
 * The pane of connections: a row each, in the order that it is given, with who talks to whom, how it went, and the worst
 * that was found. Its columns say how connections are sorted by them.
 */
import type { History } from '../../history/history.ts';
import type { Timestamp } from '../../lint/finding.ts';
import type { Standing } from '../../lint/verdict.ts';
import { grouped } from '../../report/numbers.ts';
import { shown } from '../text/cells.ts';
import { type Line, type Role, type Size, type Span, span } from '../text/line.ts';
import { formatElapsed, type TimeFormat } from '../text/time-format.ts';
import { type ColumnOf, chosenColumns, tableLines } from './columns.ts';
import { named, worstOf } from './severity.ts';
import { type Cell, rowTime, WHOLE_TIME } from './table.ts';

export type ConnectionColumn =
  | 'number'
  | 'capture'
  | 'protocol'
  | 'client'
  | 'server'
  | 'start'
  | 'duration'
  | 'state'
  | 'messages'
  | 'verdict'
  | 'finding'
  | 'file';

/** A row, and what its cells are made from. */
interface ConnectionRow {
  readonly input: ConnectionsInput;
  readonly connection: number;
  /** The one above it; undefined for the first. */
  readonly previous: number | undefined;
  /** Cells of the pane. */
  readonly width: number;
}

export interface ConnectionColumnDocument extends ColumnOf<ConnectionRow> {
  readonly id: ConnectionColumn;
  /** What connections are sorted by: ascending, all numbers or all strings. */
  key(history: History, connection: number): number | string;
}

/** What one looks for comes first. */
const VERDICTS: readonly Standing[] = ['violations', 'inconclusive', 'open', 'conformant'];
const VERDICT_ROLES: Readonly<Record<Standing, Role>> = {
  conformant: 'good',
  open: 'plain',
  inconclusive: 'warning',
  violations: 'error',
};

export const CONNECTION_COLUMNS: readonly ConnectionColumnDocument[] = [
  {
    id: 'number',
    title: '#',
    least: 9,
    keeps: 'end',
    key: (_, connection) => connection,
    cell: ({ input: { marked }, connection }) => {
      const isMarked = marked.has(connection);
      return span(`${isMarked ? '*' : ''}${connection}`, isMarked ? 'key' : 'dim');
    },
  },
  {
    id: 'capture',
    title: 'cap',
    least: 6,
    rank: 4,
    keeps: 'end',
    key: ({ connections }, c) => connections.capture(c),
    cell: ({ input: { history }, connection }) => span(String(history.connections.capture(connection) + 1), 'dim'),
  },
  {
    id: 'protocol',
    title: 'proto',
    least: 7,
    rank: 5,
    key: (history, c) => history.connections.protocol(c).id,
    cell: ({ input: { history }, connection }) => span(shown(history.connections.protocol(connection).id)),
  },
  {
    id: 'client',
    title: 'client',
    least: 15,
    keeps: 'both',
    key: (history, c) => endpointKey(history.connections.client(c)),
    cell: ({ input: { history }, connection }) => span(history.connections.client(connection), 'client'),
  },
  {
    id: 'server',
    title: 'server',
    least: 15,
    rank: 6,
    keeps: 'both',
    key: (history, c) => endpointKey(history.connections.server(c)),
    cell: ({ input: { history }, connection }) => span(history.connections.server(connection), 'server'),
  },
  {
    id: 'start',
    title: 'start',
    least: WHOLE_TIME,
    rank: 2,
    keeps: 'end',
    key: (history, c) => seconds(history.origin(0), history.connections.start(c)),
    cell: startCell,
  },
  {
    id: 'duration',
    title: 'duration',
    least: WHOLE_TIME,
    rank: 1,
    keeps: 'end',
    key: ({ connections }, c) => seconds(connections.start(c), connections.end(c)),
    cell: ({ input: { history }, connection }) => {
      const { connections } = history;
      const digits = history.digits(connections.capture(connection));
      return span(formatElapsed(connections.start(connection), connections.end(connection), digits));
    },
  },
  {
    id: 'state',
    title: 'state',
    least: 13,
    rank: 1,
    key: ({ connections }, c) => connections.state(c),
    cell: ({ input: { history }, connection }) => {
      const { connections } = history;
      return span(shown(connections.state(connection)), connections.isOpen(connection) ? 'plain' : 'dim');
    },
  },
  {
    id: 'messages',
    title: 'msgs',
    least: 9,
    rank: 3,
    keeps: 'end',
    key: ({ connections }, c) => connections.messages(c),
    cell: ({ input: { history }, connection }) => span(grouped(history.connections.messages(connection))),
  },
  {
    id: 'verdict',
    title: 'verdict',
    least: 12,
    rank: 6,
    key: ({ connections }, c) => VERDICTS.indexOf(connections.standing(c)),
    cell: ({ input: { history }, connection }) => {
      const verdict = history.connections.standing(connection);
      return span(verdict, VERDICT_ROLES[verdict]);
    },
  },
  {
    id: 'finding',
    title: 'worst finding',
    least: 13,
    grows: true,
    // The worst first.
    key: ({ connections }, c) => -(connections.severity(c) * FINDINGS_OF_ONE + connections.findings(c)),
    cell: ({ input: { history }, connection }) => worst(history, connection),
  },
  {
    id: 'file',
    title: 'file',
    least: 16,
    rank: 1,
    keeps: 'both',
    key: (history, c) => fileOf(history, c),
    cell: ({ input: { history }, connection }) => span(shown(fileOf(history, connection)), 'dim'),
  },
];

/** What only says something of several captures. */
const OF_SEVERAL: readonly ConnectionColumn[] = ['capture', 'file'];

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
  /** Names of the columns that somebody chose. */
  readonly columns?: readonly string[] | undefined;
  /** Connections that the user marked. */
  readonly marked: ReadonlySet<number>;
  /** Stands there when there are none. */
  readonly empty: string;
}

/** The columns that are shown where nobody chose any. */
export function connectionColumns({ captures }: Pick<History, 'captures'>): readonly ConnectionColumnDocument[] {
  return captures.length > 1 ? CONNECTION_COLUMNS : CONNECTION_COLUMNS.filter(({ id }) => !OF_SEVERAL.includes(id));
}

export function connectionsPane(input: ConnectionsInput, size: Size): Line[] {
  const { history, order, top, selected, focused, sort, reverse, empty } = input;
  const columns = input.columns ? chosenColumns(CONNECTION_COLUMNS, input.columns) : connectionColumns(history);
  const end = Math.min(order.length, top + size.height - HEADER_LINES);
  const rows: ConnectionRow[] = [];
  for (let place = top; place < end; place++) {
    rows.push({
      input,
      connection: order[place],
      previous: place > 0 ? order[place - 1] : undefined,
      width: size.width,
    });
  }
  const sorted = { index: columns.findIndex(({ id }) => id === sort), sign: reverse ? 'v' : '^' };
  return tableLines({ columns, rows, top, selected, focused, empty, sorted }, size);
}

function startCell({ input: { history, time }, connection, previous, width }: ConnectionRow): Cell {
  const { connections } = history;
  const capture = connections.capture(connection);
  const context = {
    format: time,
    origin: history.origin(capture),
    previous: previous === undefined ? undefined : connections.start(previous),
    digits: history.digits(capture),
  };
  return span(rowTime(connections.start(connection), context, width), 'dim');
}

/** The name of the file that it was captured in. */
function fileOf({ connections, captures }: History, connection: number): string {
  const { path = '' } = captures[connections.capture(connection)] ?? {};
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The first of its worst findings, without the protocol's name, which stands beside it, and how many others it has; where
 * there is none, the first that is held, or why it is inconclusive.
 */
function worst(history: History, connection: number): Span[] {
  const { connections, findings } = history;
  const places = findings.ofConnection(connection);
  const held = places.length === 0 ? history.held.ofConnection(connection) : [];
  const finding = held[0] ?? worstOf(history, places);
  if (!finding)
    return connections
      .reasons(connection)
      .map(({ because }) => span(because, 'dim'))
      .slice(0, 1);
  const { severity, ruleId } = finding;
  const own = `${connections.protocol(connection).id}/`;
  const rule = ruleId.startsWith(own) ? ruleId.slice(own.length) : ruleId;
  const others = held.length > 0 ? held.length : connections.findings(connection);
  return named({ severity, ruleId: rule }, others - 1, held.length > 0);
}

function seconds(from: Timestamp, to: Timestamp): number {
  return to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) * 1e-9;
}

/** Sorts `10.0.0.9:80` before `10.0.0.10:80`. */
function endpointKey(endpoint: string): string {
  return endpoint.replace(/\d+/g, digits => digits.padStart(5, '0'));
}
