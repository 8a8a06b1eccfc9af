/**
 * Messages as a ladder between the two ends, the client left. An arrow carries the message's name, what was found on it, the
 * fields that matter, and how long after the message above it came; what belongs to the selected message (the answer of a
 * request) has a dot at its frame. Where there is room, the ladder shows in its margins the states that the ends come to, and
 * what was found stands behind the arrow in a sentence.
 */
import { clipMiddle, ELLIPSIS, filled, padStart, shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Span, span } from '../text/line.ts';
import { fitted, fittedLine, padded, spansWidth } from '../text/spans.ts';
import type { ConversationInput, MessageRow } from './message-rows.ts';
import { named, withSentence } from './severity.ts';

/** From this width on the ladder has margins. */
const WIDE = 120;
/** A string in the fields of a message, and as much of it as is seen in a narrow ladder. */
const LONG_STRING = /("[^"]{8})[^"]{3,}"/g;
/** Cells without which a ladder is none. */
const LEAST_LANE = 12;
/** Of an arrow that has a delay at its end. */
const LEAST_SHAFT = 2;
const LEAST_TIME = 8;
/** Cells of both rulers, and of the blanks beside frame and time. */
const RULERS = 4;
/** Findings whose sentences are measured. */
const MOST_MEASURED = 100;

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

export function ladderLines(input: ConversationInput, rows: readonly MessageRow[], width: number): Line[] {
  const places = placesOf(input, rows, width);
  const lines = [ladderHeader(input, places), ...rows.map((row, index) => rung(input, row, index === 0, places))];
  return lines.map(({ spans }) => fittedLine(spans, width));
}

function placesOf(input: ConversationInput, rows: readonly MessageRow[], width: number): Places {
  const { history, connection } = input;
  const widest = (cells: (row: MessageRow) => Span, least: number) =>
    rows.reduce((most, row) => Math.max(most, widthOf(cells(row).text)), least);
  const frame = widest(row => row.frame, 'frame'.length);
  const whole = widest(row => row.time, LEAST_TIME);
  // A part of a time is worth nothing.
  const time = width - frame - whole - RULERS >= LEAST_LANE ? whole : 0;
  const { states } = history.connections.protocol(connection).machine.table;
  const wide = width >= WIDE;
  const margin = wide ? Math.min(states.reduce((most, state) => Math.max(most, widthOf(shown(state))), 0) + 1, 20) : 0;
  const room = width - frame - time - RULERS - 2 * margin;
  const tail = wide ? Math.min(Math.floor(room * 0.45), findingsWidth(input)) : 0;
  return { frame, time, margin, lane: Math.max(LEAST_LANE, room - tail), tail };
}

/** Cells for the findings of the connection in words, whichever are in sight; 0 where there are none. */
function findingsWidth({ history, connection }: ConversationInput): number {
  const { findings } = history;
  const places = findings.ofConnection(connection).slice(0, MOST_MEASURED);
  const standing = places.map(place => {
    const others = findings.ofMessage(findings.messageOf(place)).length - 1;
    return withSentence(findings.list[place], others);
  });
  const held = history.held.ofConnection(connection).slice(0, MOST_MEASURED);
  const sentences = [...standing, ...held.map(finding => withSentence(finding, 0, true))];
  return sentences.reduce((most, spans) => Math.max(most, 1 + spansWidth(spans)), 0);
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
    span(`${padStart('frame', frame)} ${time === 0 ? '' : `${padStart('time', time)} `}`, 'heading'),
    span(filled('', margin)),
    span(client, 'client'),
    span(padStart(server, over - widthOf(client)), 'server'),
    span(filled('', margin)),
    span(tail > 0 ? ' finding' : '', 'heading'),
  );
}

function rung(input: ConversationInput, row: MessageRow, isFirst: boolean, places: Places): Line {
  const { frame, time, margin, lane, tail } = places;
  const client = input.history.connections.clientSide(input.connection);
  const state = (side: 0 | 1) => (margin === 0 ? '' : stateChange(input, row.message, side, isFirst));
  return line(
    span(padStart(row.frame.text, frame), row.frame.role),
    span(time === 0 ? ' ' : ` ${padStart(row.time.text, time)} `, row.time.role),
    span(margin === 0 ? '' : `${padStart(state(client), margin - 1)} `, 'dim'),
    ...arrow(row, lane, tail > 0, input.time !== 'delta'),
    ...padded(margin === 0 ? [] : [span(` ${state(client === 0 ? 1 : 0)}`, 'dim')], margin),
    ...(tail > 0 && row.finding ? [span(' '), ...withSentence(row.finding, row.others, row.isHeld)] : []),
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

/** Both rulers and what goes between them; at its end, where there is room, the delay. What was sent before goes in dashes. */
function arrow(row: MessageRow, lane: number, hasTail: boolean, withDelay: boolean): Span[] {
  const { role, fromClient, repeated } = row;
  const text = fitted([span(' '), ...labelIn(row, !hasTail, lane - 6), span(' ')], Math.max(0, lane - 4));
  const rest = Math.max(0, lane - 3 - spansWidth(text));
  const dash = repeated ? '-' : '─';
  const shaft = (cells: number) => (repeated ? '- '.repeat(cells).slice(0, cells) : '─'.repeat(cells));
  const delay = withDelay && row.delay !== '' ? ` ${row.delay} ` : '';
  const before = rest - widthOf(delay) - 1;
  const behind =
    delay !== '' && before >= LEAST_SHAFT
      ? [span(shaft(before), role), span(delay, 'dim'), span(dash, role)]
      : [span(shaft(rest), role)];
  if (fromClient) return [span(`├${dash}${dash}`, role), ...text, ...behind, span('►', role), span('│', 'dim')];
  return [span('│', 'dim'), span(`◄${dash}`, role), ...text, ...behind, span(`${dash}┤`, role)];
}

/** The label; where it has no room, with long strings cut: their beginning tells ids apart, and the next field is seen. */
function labelIn(row: MessageRow, withFinding: boolean, cells: number): Span[] {
  const whole = label(row, withFinding);
  if (spansWidth(whole) <= cells) return whole;
  return label(
    { ...row, brief: span(row.brief.text.replace(LONG_STRING, `$1${ELLIPSIS}"`), row.brief.role) },
    withFinding,
  );
}

/** Name, what was found, fields; what was found and is no fault stands last. */
export function label(row: MessageRow, withFinding: boolean): Span[] {
  const { name, brief, repeated, finding, others, isHeld, role } = row;
  const again = repeated ? [span(' (again)', 'faded')] : [];
  const fields = brief.text === '' ? [] : [span('  '), brief];
  if (!withFinding || !finding) return [name, ...again, ...fields];
  const found = [span('  '), ...named(finding, others, isHeld)];
  const isFault = isHeld || role === 'error' || role === 'warning';
  return isFault ? [name, ...again, ...found, ...fields] : [name, ...again, ...fields, ...found];
}
