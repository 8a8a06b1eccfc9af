/**
 * The pane of a conversation: its messages as a ladder between the two ends, the client left, or as a list. An arrow
 * carries the message's name, what was found on it, and the fields that matter; what belongs to the selected message (the
 * answer of a request) has a dot at its frame. Where there is room, the ladder shows in
 * its margins the states that the ends come to, and what was found stands behind the arrow in a sentence.
 */
import type { History } from '../../history/history.ts';
import type { Finding } from '../../lint/finding.ts';
import { clipMiddle, ELLIPSIS, filled, padStart, shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';
import { fitted, fittedLine, padded, spansWidth } from '../text/spans.ts';
import type { TimeFormat } from '../text/time-format.ts';
import { named, severityRole, WARNING, worstOf } from './severity.ts';
import { type Cell, type Column, emptyLine, frameText, rowTime, Table } from './table.ts';

/** Lines above the first message. */
export const HEADER_LINES = 1;

export interface ConversationInput {
  readonly history: History;
  /** Number of the connection; 0 for all messages of the run, which are shown as a list. */
  readonly connection: number;
  /** The messages to show. */
  readonly rows: ArrayLike<number>;
  /** Places in `rows`: of the first one in sight, and of the selected one. */
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly form: 'ladder' | 'list';
  readonly time: TimeFormat;
  /** Messages that the user marked. */
  readonly marked: ReadonlySet<number>;
  /** Messages that the selected one answers, and that answer it. */
  readonly partners: ReadonlySet<number>;
  /** Two or three fields that matter; undefined while the message was not read yet. */
  readonly brief: (message: number) => string | undefined;
  /** Stands there when there are none. */
  readonly empty: string;
}

/** From this width on the ladder has margins, and the list a column for findings; with both ends in the list, from that. */
const WIDE = 120;
const WIDE_WITH_ENDS = 144;
/** A string in the fields of a message, and as much of it as is seen in a narrow ladder. */
const LONG_STRING = /("[^"]{8})[^"]{3,}"/g;
/** At the frame of a message that belongs to the selected one. */
const PARTNER = '•';
/** Cells without which a ladder is none. */
const LEAST_LANE = 12;

export function conversationPane(input: ConversationInput, { width, height }: Size): Line[] {
  const { rows, top, selected, focused, connection, form } = input;
  const end = Math.min(rows.length, top + height - HEADER_LINES);
  const seen: Row[] = [];
  for (let place = top; place < end; place++) seen.push(rowOf(input, place, width));
  const isLadder = connection !== 0 && form === 'ladder';
  const lines = isLadder ? ladder(input, seen, width) : list(input, seen, width);
  if (rows.length === 0) lines.push(emptyLine(input.empty, width));
  const place = selected - top + HEADER_LINES;
  return lines
    .slice(0, height)
    .map((each, index) => (index === place && place > 0 ? { ...each, selected: focused ? 'focus' : 'other' } : each));
}

/** A message as both forms show it. */
interface Row {
  readonly message: number;
  readonly frame: Span;
  readonly time: Span;
  readonly fromClient: boolean;
  readonly repeated: boolean;
  readonly name: Span;
  readonly brief: Span;
  /** The worst finding on it, and how many others there are. */
  readonly finding: Finding | undefined;
  readonly others: number;
  /** Role of the finding, or of who sent it. */
  readonly role: Role;
}

function rowOf(input: ConversationInput, place: number, width: number): Row {
  const { history, rows, marked, partners } = input;
  const { messages, findings } = history;
  const message = rows[place];
  const severity = messages.severity(message);
  const fromClient = history.fromClient(message);
  const repeated = messages.repeated(message);
  const isMarked = marked.has(message);
  const isPartner = partners.has(message);
  const places = findings.ofMessage(message);
  const role = severity >= WARNING ? severityRole(severity) : repeated ? 'faded' : fromClient ? 'client' : 'server';
  const nameRole = severity >= WARNING || repeated ? role : 'strong';
  const brief = input.brief(message);
  return {
    message,
    frame: span(
      `${isMarked ? '*' : ''}${isPartner ? PARTNER : ''}${frame(input, message)}`,
      isPartner ? 'match' : isMarked ? 'key' : 'plain',
    ),
    time: span(timeOf(input, place, width), 'dim'),
    fromClient,
    repeated,
    name: span(shown(messages.name(message)), nameRole),
    brief: span(brief === undefined ? ELLIPSIS : shown(brief), brief === undefined || repeated ? 'faded' : 'plain'),
    finding: worstOf(history, places),
    others: places.length - 1,
    role,
  };
}

/** In all messages of several captures a frame's number does not tell which. */
function frame({ history, connection }: ConversationInput, message: number): string {
  const { connections, messages } = history;
  const number = messages.frame(message);
  if (connection !== 0) return String(number);
  return frameText(history, connections.capture(messages.connection(message)), number);
}

function timeOf({ history, rows, time }: ConversationInput, place: number, width: number): string {
  const { connections, messages } = history;
  const at = (message: number) => ({ seconds: messages.seconds(message), nanoseconds: messages.nanoseconds(message) });
  const message = rows[place];
  const capture = connections.capture(messages.connection(message));
  const previous = place > 0 ? at(rows[place - 1]) : undefined;
  const context = { format: time, origin: history.origin(capture), previous, digits: history.digits(capture) };
  return rowTime(at(message), context, width);
}

// The ladder

/** Cells of its parts; a margin, or what stands behind the ladder, may have none. */
interface Places {
  readonly frame: number;
  readonly time: number;
  /** States of either end, beside its ruler. */
  readonly margin: number;
  /** Between the rulers. */
  readonly lane: number;
  readonly tail: number;
}

function ladder(input: ConversationInput, rows: readonly Row[], width: number): Line[] {
  const places = placesOf(input, rows, width);
  const lines = [ladderHeader(input, places), ...rows.map((row, index) => rung(input, row, index === 0, places))];
  return lines.map(({ spans }) => fittedLine(spans, width));
}

function placesOf({ history, connection }: ConversationInput, rows: readonly Row[], width: number): Places {
  const widest = (cells: (row: Row) => Span, least: number) =>
    rows.reduce((most, row) => Math.max(most, widthOf(cells(row).text)), least);
  // With room for the dot, so that nothing moves when another message is selected.
  const frame = widest(row => row.frame, Math.max(5, 1 + widest(row => span(row.frame.text.replace(PARTNER, '')), 0)));
  const time = Math.min(
    widest(row => row.time, 8),
    Math.max(8, Math.floor(width / 4)),
  );
  const { states } = history.connections.protocol(connection).machine.table;
  const wide = width >= WIDE;
  const margin = wide ? Math.min(states.reduce((most, state) => Math.max(most, widthOf(shown(state))), 0) + 1, 20) : 0;
  const room = width - frame - time - 2 - 2 - 2 * margin;
  const tail = wide ? Math.floor(room * 0.45) : 0;
  return { frame, time, margin, lane: Math.max(LEAST_LANE, room - tail), tail };
}

/** The ends over their rulers, as far as there is room for both. */
function ladderHeader({ history, connection }: ConversationInput, places: Places): Line {
  const { connections } = history;
  const { frame, time, margin, lane, tail } = places;
  const over = lane + 2;
  const most = Math.floor((over - 1) / 2);
  const client = clipMiddle(connections.client(connection), most);
  const server = clipMiddle(connections.server(connection), most);
  return line(
    span(`${padStart('frame', frame)} ${padStart('time', time)} `, 'heading'),
    span(filled('', margin)),
    span(client, 'client'),
    span(padStart(server, over - widthOf(client)), 'server'),
    span(filled('', margin)),
    span(tail > 0 ? ' finding' : '', 'heading'),
  );
}

function rung(input: ConversationInput, row: Row, isFirst: boolean, places: Places): Line {
  const { frame, time, margin, lane, tail } = places;
  const client = input.history.connections.clientSide(input.connection);
  const state = (side: 0 | 1) => (margin === 0 ? '' : stateChange(input, row.message, side, isFirst));
  return line(
    span(padStart(row.frame.text, frame), row.frame.role),
    span(` ${padStart(row.time.text, time)} `, row.time.role),
    span(margin === 0 ? '' : `${padStart(state(client), margin - 1)} `, 'dim'),
    ...arrow(row, lane, tail > 0),
    ...padded(margin === 0 ? [] : [span(` ${state(client === 0 ? 1 : 0)}`, 'dim')], margin),
    ...(tail > 0 && row.finding ? [span(' '), ...withSentence(row.finding, row.others)] : []),
  );
}

/** The state of an end after the message: shown on the first row, and where it has changed. */
function stateChange(
  { history, connection }: ConversationInput,
  message: number,
  side: 0 | 1,
  always: boolean,
): string {
  const { messages, connections } = history;
  const after = messages.stateAfter(message, side);
  if (!always && after === messages.stateBefore(message, side)) return '';
  return shown(connections.protocol(connection).machine.table.states[after] ?? '');
}

/** Both rulers and what goes between them. What was sent before goes in dashes. */
function arrow(row: Row, lane: number, hasTail: boolean): Span[] {
  const { role, fromClient, repeated } = row;
  const text = fitted([span(' '), ...labelIn(row, !hasTail, lane - 6), span(' ')], Math.max(0, lane - 4));
  const rest = Math.max(0, lane - 3 - spansWidth(text));
  const [dash, shaft] = repeated ? ['-', '- '.repeat(rest)] : ['─', '─'.repeat(rest)];
  const behind = shaft.slice(0, rest);
  if (fromClient) return [span(`├${dash}${dash}`, role), ...text, span(`${behind}►`, role), span('│', 'dim')];
  return [span('│', 'dim'), span(`◄${dash}`, role), ...text, span(`${behind}${dash}┤`, role)];
}

/** The label; where it has no room, with long strings cut: their beginning tells ids apart, and the next field is seen. */
function labelIn(row: Row, withFinding: boolean, cells: number): Span[] {
  const whole = label(row, withFinding);
  if (spansWidth(whole) <= cells) return whole;
  return label(
    { ...row, brief: span(row.brief.text.replace(LONG_STRING, `$1${ELLIPSIS}"`), row.brief.role) },
    withFinding,
  );
}

/** Name, what was found, fields; what was found and is no fault stands last. */
function label({ name, brief, repeated, finding, others, role }: Row, withFinding: boolean): Span[] {
  const again = repeated ? [span(' (again)', 'faded')] : [];
  const fields = brief.text === '' ? [] : [span('  '), brief];
  if (!withFinding || !finding) return [name, ...again, ...fields];
  const found = [span('  '), ...named(finding, others)];
  const isFault = role === 'error' || role === 'warning';
  return isFault ? [name, ...again, ...found, ...fields] : [name, ...again, ...fields, ...found];
}

/** The finding with its sentence. */
function withSentence(finding: Finding, others: number): Span[] {
  return [...named(finding, others), span(`: ${shown(finding.message)}`)];
}

// The list

const FRAME: Column = { title: 'frame', least: 5, keeps: 'end' };
const TIME: Column = { title: 'time', least: 8, keeps: 'end' };
const FROM: Column = { title: 'from', least: 14, keeps: 'both' };
const TO: Column = { title: 'to', least: 14, keeps: 'both' };
const CONNECTION: Column = { title: 'conn', least: 6 };
const DIRECTION: Column = { title: '', least: 3 };
const MESSAGE: Column = { title: 'message', least: 12 };
const FIELDS: Column = { title: 'fields', least: 24 };
const LABEL: Column = { title: 'message', least: 16, grows: true };
const FINDING: Column = { title: 'finding', least: 44, grows: true };

function list({ history, connection }: ConversationInput, rows: readonly Row[], width: number): Line[] {
  const wide = width >= (connection === 0 ? WIDE_WITH_ENDS : WIDE);
  const columns = [
    FRAME,
    TIME,
    ...(connection === 0 ? [FROM, TO, CONNECTION] : [DIRECTION]),
    ...(wide ? [MESSAGE, FIELDS, FINDING] : [LABEL]),
  ];
  const cells = rows.map((row): Cell[] => [
    row.frame,
    row.time,
    ...(connection === 0 ? whose(history, row) : [span(row.fromClient ? '──►' : '◄──', row.role)]),
    ...(wide ? apart(row) : [label(row, true)]),
  ]);
  const table = new Table(columns, cells, width);
  return [table.header(), ...cells.map(each => table.row(each))];
}

function whose({ messages, connections }: History, { message, fromClient }: Row): Cell[] {
  const connection = messages.connection(message);
  const client = span(connections.client(connection), 'client');
  const server = span(connections.server(connection), 'server');
  const number = span(`${connection} ${shown(connections.protocol(connection).id)}`, 'dim');
  return fromClient ? [client, server, number] : [server, client, number];
}

function apart(row: Row): Cell[] {
  const { name, repeated, brief, finding, others } = row;
  const again = repeated ? [span(' (again)', 'faded')] : [];
  return [[name, ...again], brief, finding ? withSentence(finding, others) : []];
}
