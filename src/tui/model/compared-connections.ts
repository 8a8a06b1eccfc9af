/**
 * Two connections compared: their ends and outcomes, how many messages of each type, their findings by rule, and their
 * messages in a line: by sender and type, in order, as far as both have the same.
 */
import type { History } from '../../history/history.ts';
import { counted, grouped } from '../../report/numbers.ts';
import type { Pair, Part } from '../panes/compared.ts';
import { formatElapsed } from '../text/time-format.ts';
import { align } from './alignment.ts';
import { factPair } from './compared-messages.ts';
import type { Compared, Entry } from './comparison.ts';

/** Messages of a connection that are compared. */
const MOST_MESSAGES = 20_000;
/** Waits that differ by more than this many seconds, and by this factor, are marked. */
const LONGER_BY = 0.1;
const LONGER_TIMES = 2;
const DIGITS = 6;

interface Side {
  readonly connection: number;
  readonly messages: Uint32Array;
}

/** @param dialectOf what is in force for a protocol, in words */
export function compareConnections(
  history: History,
  left: number,
  right: number,
  dialectOf: (protocol: string) => string,
): Compared {
  const { connections } = history;
  const sides = [left, right].map((connection): Side => ({ connection, messages: connections.messagesOf(connection) }));
  const first = [connections.first(left), connections.first(right)] as const;
  const fact = (label: string, of: (side: Side) => string) => factPair(label, sides.map(of) as [string, string], first);
  const entries: Entry[] = [
    fact('protocol', ({ connection }) => connections.protocol(connection).id),
    fact('dialect', ({ connection }) => dialectOf(connections.protocol(connection).id) || 'none'),
    fact('byte order', side => byteOrder(history, side)),
    fact('client', ({ connection }) => connections.client(connection)),
    fact('server', ({ connection }) => connections.server(connection)),
    fact('state', ({ connection }) => connections.state(connection)),
    fact('verdict', ({ connection }) => connections.standing(connection)),
    fact(
      'duration',
      ({ connection }) => `${formatElapsed(connections.start(connection), connections.end(connection), DIGITS)} s`,
    ),
    fact('messages', ({ connection }) => grouped(connections.messages(connection))),
    { kind: 'heading', text: 'Findings' },
    ...tallied(sides, first, side => rulesOf(history, side)),
    { kind: 'heading', text: 'Messages by type' },
    ...tallied(sides, first, side => typesOf(history, side)),
    ...conversation(history, sides),
  ];
  const title = (connection: number) => `connection ${connection}`;
  return {
    of: 'connection',
    titles: [title(left), title(right)],
    entries,
    bytes: [new Uint8Array(0), new Uint8Array(0)],
    messages: first,
  };
}

function byteOrder({ messages }: History, { messages: own }: Side): string {
  const little = own.filter(message => messages.littleEndian(message)).length;
  if (little === 0) return 'big-endian';
  return little === own.length ? 'little-endian' : 'both';
}

function rulesOf({ findings }: History, { connection }: Side): string[] {
  return findings.ofConnection(connection).map(index => findings.list[index].ruleId);
}

function* typesOf(history: History, { messages }: Side): Iterable<string> {
  for (const message of messages) yield `${senderOf(history, message)} ${history.messages.name(message)}`;
}

function senderOf(history: History, message: number): string {
  return history.fromClient(message) ? 'client' : 'server';
}

/** A row for each of what there is on either side, with how often. */
function tallied(
  sides: readonly Side[],
  messages: readonly [number, number],
  of: (side: Side) => Iterable<string>,
): Pair[] {
  const counts = sides.map(side => {
    const own = new Map<string, number>();
    for (const name of of(side)) own.set(name, (own.get(name) ?? 0) + 1);
    return own;
  });
  const names = new Set(counts.flatMap(own => [...own.keys()]));
  if (names.size === 0) return [factPair('none', ['', ''], messages)];
  return [...names].sort().map(name => {
    const [left, right] = counts.map(own => grouped(own.get(name) ?? 0));
    return factPair(name, [left, right], messages);
  });
}

function conversation(history: History, sides: readonly Side[]): Entry[] {
  const kinds = new Map<string, number>();
  const codes = sides.map(({ messages }) =>
    Uint32Array.from(messages.subarray(0, MOST_MESSAGES), message => {
      const kind = `${senderOf(history, message)} ${history.messages.name(message)}`;
      const code = kinds.get(kind) ?? kinds.size;
      kinds.set(kind, code);
      return code;
    }),
  );
  const [left, right] = sides;
  const rows = align(codes[0], codes[1]).map(([l, r]) => messagePair(history, left, l, right, r));
  const rest = sides.reduce((sum, { messages }) => sum + Math.max(0, messages.length - MOST_MESSAGES), 0);
  const cut = rest > 0 ? `, without ${counted(rest, 'message')} after the first ${grouped(MOST_MESSAGES)}` : '';
  return [{ kind: 'heading', text: `Conversation${cut}` }, ...rows];
}

function messagePair(history: History, left: Side, l: number, right: Side, r: number): Pair {
  const one = l < 0 ? undefined : factsOf(history, left, l);
  const other = r < 0 ? undefined : factsOf(history, right, r);
  const isLonger = one !== undefined && other !== undefined && differsInWait(one.wait, other.wait);
  const differs = one?.state !== other?.state || one?.rules !== other?.rules || one?.again !== other?.again || isLonger;
  const partsOf = (own: MessageFacts | undefined, its: MessageFacts | undefined): Part[] | undefined =>
    own && [
      { text: own.frame, differs: false },
      { text: own.wait, differs: isLonger },
      { text: own.arrow, differs: false },
      { text: own.name, differs: its === undefined },
      { text: own.again, differs: its !== undefined && own.again !== its.again },
      { text: own.state, differs: its !== undefined && own.state !== its.state },
      { text: own.rules, differs: its !== undefined && own.rules !== its.rules },
    ];
  return {
    kind: 'pair',
    label: '',
    left: partsOf(one, other),
    right: partsOf(other, one),
    differs: differs || !one || !other,
    messages: [l < 0 ? -1 : left.messages[l], r < 0 ? -1 : right.messages[r]],
  };
}

/** Parts of a message's cell, with the blanks between them. */
interface MessageFacts {
  readonly frame: string;
  readonly wait: string;
  readonly arrow: string;
  readonly name: string;
  readonly again: string;
  readonly state: string;
  readonly rules: string;
}

function factsOf(history: History, { messages: own }: Side, place: number): MessageFacts {
  const { messages, findings } = history;
  const message = own[place];
  const at = (other: number) => ({ seconds: messages.seconds(other), nanoseconds: messages.nanoseconds(other) });
  const wait =
    place === 0
      ? formatElapsed(at(message), at(message), DIGITS)
      : formatElapsed(at(own[place - 1]), at(message), DIGITS);
  const rules = [...new Set(findings.ofMessage(message).map(index => findings.list[index].ruleId))];
  return {
    frame: String(messages.frame(message)).padStart(6),
    wait: ` +${wait}`,
    arrow: history.fromClient(message) ? ' ─► ' : ' ◄─ ',
    name: messages.name(message),
    again: messages.repeated(message) ? ' (again)' : '',
    state: `  ${history.stateAfter(message)}`,
    rules: rules.length === 0 ? '' : `  ${rules.join(', ')}`,
  };
}

function differsInWait(one: string, other: string): boolean {
  const [shorter, longer] = [Number(one), Number(other)].sort((a, b) => a - b);
  return longer - shorter > LONGER_BY && longer > shorter * LONGER_TIMES;
}
