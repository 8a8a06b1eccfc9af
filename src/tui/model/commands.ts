/**
 * The command line (`:`): which commands there are, what stands behind each, and how a line is read. A command that is not
 * known is answered with what may have been meant.
 */

import type { FieldCatalogue } from '../../filter/catalogue.ts';
import { completeField, complete as completeFilter, type SeenMembers } from '../../filter/complete.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';
import { nearest } from '../../settings/nearest.ts';
import { CONNECTION_COLUMNS } from '../panes/connections.ts';
import { TIME_FORMATS } from '../text/time-format.ts';
import { NUMBERED_VIEWS } from '../views.ts';
import type { Candidates, Completer } from './command-line.ts';
import { completeSaved } from './saved-filters.ts';
import { completeDecodeAs, completeDialect } from './settings.ts';
import { completeSought } from './sought.ts';

export const COMMANDS = [
  { name: 'filter', argument: 'FILTER', help: 'show what matches; @NAME is a saved filter; alone, show all' },
  { name: 'save', argument: 'NAME', help: 'save the current filter; :filter @NAME applies it' },
  { name: 'forget', argument: 'NAME', help: 'forget a saved filter' },
  { name: 'find', argument: 'TEXT', help: 'find text, bytes (aa:bb) or what a filter matches; alone, again' },
  { name: 'goto', argument: 'FRAME', help: 'go to the message of a frame; :FRAME does the same' },
  { name: 'connection', argument: 'NUMBER', help: 'go to a connection; 0 lists the messages of all' },
  { name: 'view', argument: 'NAME', help: 'go to a view' },
  { name: 'count', argument: 'FIELD', help: 'count messages by the values of a field' },
  { name: 'follow', argument: 'NUMBER', help: 'follow the stream of a connection; alone, of the selected one' },
  { name: 'sort', argument: 'COLUMN', help: 'sort connections; -COLUMN in reverse' },
  { name: 'decode', argument: 'udp.port==PORT,PROTOCOL', help: 'decode a port as a protocol, and judge again' },
  { name: 'dialect', argument: 'PROTOCOL.OPTION=VALUE', help: 'set a dialect, and judge again' },
  {
    name: 'export',
    argument: 'FILE',
    help: 'write the connection or message, as .pcapng or .json; FILE filtered: all that matches',
  },
  {
    name: 'write',
    argument: 'FILE',
    help: 'write what y would copy, or the stream: .txt, .hex, .c, .h or .bin',
  },
  { name: 'open', argument: 'CAPTURE', help: 'open another capture; alone, choose one' },
  { name: 'break-on', argument: 'FILTER', help: 'hold what matches, from now on; alone, nothing' },
  {
    name: 'send',
    argument: 'NAME FIELD = VALUE, ...',
    help: 'send a message to the server; send client NAME ... to the client',
  },
  { name: 'faults', argument: 'FAULT; FAULT', help: 'inject these faults and no others; alone, none' },
  { name: 'columns', argument: 'NAME,NAME', help: 'columns of the list, in this order; default: those that fit' },
  {
    name: 'split',
    argument: 'PERCENT',
    help: 'size of the panes before the split; default: all splits as at the start',
  },
  { name: 'time', argument: 'FORMAT', help: 'relative, delta, utc or epoch' },
  { name: 'form', argument: 'ladder|list', help: 'how messages are shown' },
  { name: 'theme', argument: 'NAME', help: 'colours' },
  { name: 'mark', argument: 'LETTER', help: 'mark the connection or message' },
  { name: 'note', argument: '', help: 'the whole comment on the frame' },
  { name: 'help', argument: '', help: 'the keys and commands' },
  { name: 'quit', argument: '', help: 'quit; also :q and :q!' },
] as const;

export type CommandName = (typeof COMMANDS)[number]['name'];

export interface Command {
  readonly name: CommandName;
  /** What stands behind the name, without blanks around it. */
  readonly argument: string;
}

const NAMES: readonly CommandName[] = COMMANDS.map(({ name }) => name);
const SHORT: Readonly<Record<string, CommandName>> = {
  q: 'quit',
  'q!': 'quit',
  'quit!': 'quit',
  f: 'filter',
  w: 'write',
};

/** The command, nothing for an empty line, or one line that says what is wrong. */
export function parseCommand(text: string): Command | string | undefined {
  const line = text.trim();
  if (line === '') return undefined;
  if (/^\d+$/.test(line)) return { name: 'goto', argument: line };
  const [word, argument] = /^(\S+)\s*([\s\S]*)$/.exec(line)?.slice(1) ?? ['', ''];
  const name = NAMES.find(known => known === word) ?? (Object.hasOwn(SHORT, word) ? SHORT[word] : undefined);
  if (name) return { name, argument };
  const begun = NAMES.filter(known => known.startsWith(word));
  if (begun.length === 1) return { name: begun[0], argument };
  const near = begun.length > 1 ? begun.join(' or ') : nearest(word, NAMES);
  return `unknown command ${word}; ${near ? `did you mean ${near}?` : ':help lists them'}`;
}

export interface CompletionContext {
  readonly catalogue: FieldCatalogue;
  readonly seen: SeenMembers;
  readonly protocols: readonly AnyProtocol[];
  readonly themes: readonly string[];
  /** Names of saved filters. */
  readonly saved?: readonly string[];
  /** Of the list in focus. */
  readonly columns?: Completer;
}

/** Names of commands, and what may stand behind the one that is written. */
export function completeCommand(text: string, cursor: number, context: CompletionContext): Candidates {
  const before = text.slice(0, cursor);
  const [head, name] = /^\s*(\S+)\s+/.exec(before) ?? [];
  if (head === undefined || name === undefined) {
    const word = before.trimStart();
    return { from: cursor - word.length, candidates: NAMES.filter(known => known.startsWith(word)) };
  }
  const command = parseCommand(name);
  if (typeof command !== 'object') return { from: cursor, candidates: [] };
  const own = argumentsOf(command.name, text.slice(head.length), cursor - head.length, context);
  return { from: own.from + head.length, candidates: own.candidates };
}

function argumentsOf(name: CommandName, text: string, cursor: number, context: CompletionContext): Candidates {
  switch (name) {
    case 'filter':
      return completeSaved(context.saved ?? [], text, cursor, context.catalogue, context.seen);
    case 'save':
    case 'forget':
      return among(context.saved ?? [], text, cursor);
    case 'break-on':
      return completeFilter(text, cursor, context.catalogue, context.seen);
    case 'find':
      return completeSought(text, cursor, context.catalogue, context.seen);
    case 'count':
      return completeField(text, cursor, context.catalogue, context.seen);
    case 'view':
      return among(NUMBERED_VIEWS, text, cursor);
    case 'sort':
      return among(
        CONNECTION_COLUMNS.flatMap(({ id }) => [id, `-${id}`]),
        text,
        cursor,
      );
    case 'columns':
      return context.columns?.(text, cursor) ?? { from: cursor, candidates: [] };
    case 'split':
      return among(['default'], text, cursor);
    case 'time':
      return among(TIME_FORMATS, text, cursor);
    case 'form':
      return among(['ladder', 'list'], text, cursor);
    case 'theme':
      return among(context.themes, text, cursor);
    case 'decode':
      return completeDecodeAs(text, cursor, context.protocols);
    case 'dialect':
      return completeDialect(text, cursor, context.protocols);
    default:
      return { from: cursor, candidates: [] };
  }
}

function among(words: readonly string[], text: string, cursor: number): Candidates {
  const begun = text.slice(0, cursor);
  const all = begun.startsWith('-') ? words : words.filter(word => !word.startsWith('-'));
  return { from: 0, candidates: all.filter(word => word.startsWith(begun)) };
}
