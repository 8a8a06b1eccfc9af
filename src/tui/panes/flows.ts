/**
 * The panes of flows of no known protocol: the list, and one of them with the first bytes of each side. What a flow may be
 * is said only where its first bytes leave no doubt, and as what it looks like.
 */
import type { History } from '../../history/history.ts';
import type { UnknownFlow } from '../../history/unknown-flows.ts';
import { formatEndpoint } from '../../net/address.ts';
import { counted, grouped } from '../../report/numbers.ts';
import { visibleBytes } from '../../wire/escape.ts';
import { shown, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, span } from '../text/line.ts';
import { formatTime, type TimeFormat } from '../text/time-format.ts';
import { hexPane, hexRows } from './hex.ts';
import { type Cell, type Column, emptyLine, frameText, rowTime, Table } from './table.ts';

/** Lines above the first row. */
export const HEADER_LINES = 1;

export interface FlowsInput {
  readonly history: History;
  readonly rows: readonly UnknownFlow[];
  /** Places in `rows`: of the first one in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly time: TimeFormat;
  /** Stands there when there are none. */
  readonly empty: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'frame', least: 6, keeps: 'end', rank: 1 },
  { title: 'first', least: 9, keeps: 'end', rank: 3 },
  { title: 'last', least: 9, keeps: 'end', rank: 2 },
  { title: '', least: 3 },
  { title: 'from', least: 15, keeps: 'both' },
  { title: 'to', least: 15, keeps: 'both' },
  { title: 'packets', least: 7, keeps: 'end' },
  { title: 'bytes', least: 9, keeps: 'end', rank: 4 },
  { title: 'begins with', least: 12, grows: true },
];

export function flowsPane(input: FlowsInput, { width, height }: Size): Line[] {
  const { rows, top, selected, focused, empty } = input;
  const cells = rows.slice(top, top + Math.max(0, height - HEADER_LINES)).map(flow => cellsOf(input, flow, width));
  const table = new Table(COLUMNS, cells, width);
  const lines = [table.header()];
  cells.forEach((row, index) => {
    const drawn = table.row(row);
    lines.push(top + index === selected ? { ...drawn, selected: focused ? 'focus' : 'other' } : drawn);
  });
  if (rows.length === 0) lines.push(emptyLine(empty, width));
  return lines.slice(0, height);
}

function cellsOf({ history, time }: FlowsInput, flow: UnknownFlow, width: number): Cell[] {
  const { capture, frame, transport, ends, sent, begun, last } = flow;
  // There is no row before one.
  const format = time === 'delta' ? 'relative' : time;
  const context = { format, origin: history.origin(capture), digits: history.digits(capture) };
  const bytes = sent[0].first.length > 0 ? sent[0].first : sent[1].first;
  const guess = looksLike(flow);
  return [
    span(frameText(history, capture, frame), 'dim'),
    span(rowTime(begun, context, width), 'dim'),
    span(rowTime(last, context, width), 'dim'),
    span(transport),
    span(formatEndpoint(ends[0])),
    span(formatEndpoint(ends[1])),
    span(`${grouped(sent[0].packets)}/${grouped(sent[1].packets)}`),
    span(`${grouped(sent[0].bytes)}/${grouped(sent[1].bytes)}`),
    guess === undefined
      ? span(visibleBytes(bytes), 'dim')
      : [span(`looks like ${guess}  `), span(visibleBytes(bytes), 'dim')],
  ];
}

export interface FlowInput {
  readonly history: History;
  readonly flow: UnknownFlow | undefined;
  readonly time: TimeFormat;
  /** What `m` would decode: `tcp.port==22`. */
  readonly port: string;
  /** First line in sight. */
  readonly top: number;
}

export function flowPane(input: FlowInput, { width, height }: Size): Line[] {
  return flowLines(input, width).slice(input.top, input.top + height);
}

export function flowHeight(input: Omit<FlowInput, 'top'>, width: number): number {
  return flowLines(input, width).length;
}

function flowLines({ history, flow, time, port }: Omit<FlowInput, 'top'>, width: number): Line[] {
  if (!flow) return [];
  const { capture, frame, transport, ends, sent, begun, last } = flow;
  const format = time === 'delta' ? 'relative' : time;
  const context = { format, origin: history.origin(capture), digits: history.digits(capture) };
  const guess = looksLike(flow);
  const text = (words: string, role: Role = 'plain') =>
    wrap(words, Math.max(2, width)).map(part => line(span(part, role)));
  const path = history.captures.length > 1 ? `, ${shown(history.captures[capture]?.path ?? '')}` : '';
  return [
    ...text(`${transport} ${formatEndpoint(ends[0])} -> ${formatEndpoint(ends[1])}${path}`, 'strong'),
    ...(guess === undefined ? [] : text(`looks like ${guess}, which is not decoded`)),
    ...text(`from frame ${frame}, ${formatTime(begun, context)}, to ${formatTime(last, context)}`, 'dim'),
    ...([0, 1] as const).flatMap(side => {
      const { packets, bytes, first } = sent[side];
      const begins = first.length === 0 ? '' : bytes > first.length ? `; the first ${first.length}:` : ':';
      const words = `${formatEndpoint(ends[side])} sent ${counted(packets, 'packet')}, ${counted(bytes, 'byte')}${begins}`;
      const hex = {
        bytes: first,
        length: first.length,
        top: 0,
        cursor: -1,
        mark: undefined,
        faults: [],
        focused: false,
      };
      const height = hexRows(width, first.length);
      return [line(), ...text(words, 'heading'), ...(height === 0 ? [] : hexPane(hex, { width, height }))];
    }),
    line(),
    ...text(`m decodes ${port} as a protocol`, 'dim'),
  ];
}

const HTTP_REQUEST = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) [\x21-\x7e]/;

/** What one side begins with that nothing else does; of TCP alone. */
function looksLike({ transport, sent }: UnknownFlow): string | undefined {
  if (transport !== 'tcp') return undefined;
  for (const { first } of sent) {
    const text = String.fromCharCode(...first);
    if (text.startsWith('SSH-2.0-') || text.startsWith('SSH-1.')) return 'SSH';
    if (text.startsWith('PRI * HTTP/2.0\r\n')) return 'HTTP/2';
    if (text.startsWith('HTTP/1.') || (HTTP_REQUEST.test(text) && isHttpRequest(text))) return 'HTTP';
    // RFC 8446 5.1 and 4: a record of a handshake, which begins with a hello.
    const isHello = first[0] === 22 && first[1] === 3 && first[2] <= 4 && (first[5] === 1 || first[5] === 2);
    if (isHello && first.length > 5) return 'TLS';
  }
  return undefined;
}

/** The version stands behind the target, unless that is too long to be kept. */
function isHttpRequest(text: string): boolean {
  const end = text.indexOf('\r\n');
  return end < 0 ? text.length >= 64 : /HTTP\/1\.[01]$/.test(text.slice(0, end));
}
