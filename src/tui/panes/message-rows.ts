/** What both forms of a conversation are given, and a message as they show it. */
import type { History } from '../../history/history.ts';
import type { Finding, Timestamp } from '../../lint/finding.ts';
import { ELLIPSIS, shown } from '../text/cells.ts';
import { type Role, type Span, span } from '../text/line.ts';
import { delayBetween, type TimeFormat } from '../text/time-format.ts';
import { severityRole, WARNING, worstOf } from './severity.ts';
import { frameText, rowTime } from './table.ts';

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
  /** What a message has of a field; undefined while it was not read yet. Absent: there are no columns of fields. */
  readonly fieldOf?: (message: number, field: string) => string | undefined;
  /** Names of the columns that somebody chose for the list. */
  readonly columns?: readonly string[] | undefined;
  /** Stands there when there are none. */
  readonly empty: string;
}

/** At the frame of a message that belongs to the selected one. */
const PARTNER = '•';

/** A message as both forms show it. */
export interface MessageRow {
  readonly message: number;
  readonly frame: Span;
  readonly time: Span;
  /** Since the row above, for people; empty on the first. */
  readonly delay: string;
  readonly fromClient: boolean;
  readonly repeated: boolean;
  readonly name: Span;
  readonly brief: Span;
  /** The worst finding on it, and how many others there are; where there is none, the first that is held. */
  readonly finding: Finding | undefined;
  readonly others: number;
  readonly isHeld: boolean;
  /** Role of the finding, or of who sent it. */
  readonly role: Role;
}

export function rowOf(input: ConversationInput, place: number, width: number): MessageRow {
  const { history, rows, marked, partners } = input;
  const { messages, findings } = history;
  const message = rows[place];
  const severity = messages.severity(message);
  const fromClient = history.fromClient(message);
  const repeated = messages.repeated(message);
  const isMarked = marked.has(message);
  const isPartner = partners.has(message);
  const places = findings.ofMessage(message);
  const held = places.length === 0 ? history.held.ofMessage(message) : [];
  const isHeld = held.length > 0;
  const role = severity >= WARNING ? severityRole(severity) : repeated ? 'faded' : fromClient ? 'client' : 'server';
  const nameRole = severity >= WARNING || repeated ? role : 'strong';
  const brief = input.brief(message);
  return {
    message,
    // With room for the dot, so that nothing moves when another message is selected.
    frame: span(
      `${isPartner ? '' : ' '}${isMarked ? '*' : ''}${isPartner ? PARTNER : ''}${frame(input, message)}`,
      isPartner ? 'match' : isMarked ? 'key' : 'plain',
    ),
    time: span(timeOf(input, place, width), 'dim'),
    delay: place > 0 ? delayBetween(momentOf(history, rows[place - 1]), momentOf(history, message)) : '',
    fromClient,
    repeated,
    name: span(shown(messages.name(message)), nameRole),
    brief: span(brief === undefined ? ELLIPSIS : shown(brief), brief === undefined || repeated ? 'faded' : 'plain'),
    finding: isHeld ? held[0] : worstOf(history, places),
    others: (isHeld ? held : places).length - 1,
    isHeld,
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
  const message = rows[place];
  const capture = connections.capture(messages.connection(message));
  const previous = place > 0 ? momentOf(history, rows[place - 1]) : undefined;
  const context = { format: time, origin: history.origin(capture), previous, digits: history.digits(capture) };
  return rowTime(momentOf(history, message), context, width);
}

function momentOf({ messages }: History, message: number): Timestamp {
  return { seconds: messages.seconds(message), nanoseconds: messages.nanoseconds(message) };
}
