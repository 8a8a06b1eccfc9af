/**
 * Lines that are edited: the filter, commands, decode-as, dialect, the file of an export. What completes them, what is
 * wrong with them while they are written, and what is done when they are accepted. A line that cannot be taken stays, with
 * the reason under it.
 */
import type { FieldCatalogue } from '../../filter/catalogue.ts';
import { completeField, complete as completeFilter, type SeenMembers } from '../../filter/complete.ts';
import { notAmong } from '../../filter/words.ts';
import { CONNECTION_COLUMNS } from '../panes/connections.ts';
import { commentLines } from '../panes/fields.ts';
import { TIME_FORMATS } from '../text/time-format.ts';
import { NUMBERED_VIEWS } from '../views.ts';
import { openCaptures } from './capture-picker.ts';
import { completeColumns, setColumns } from './columns.ts';
import { type Candidates, type Completer, EditedLine, type LineOutcome } from './command-line.ts';
import { type Command, type CommandName, completeCommand, parseCommand } from './commands.ts';
import { countingProblem } from './counting.ts';
import { exportByCommand, exportLabel, exportPrompt, exportTo, usualName, writeTo } from './exporting.ts';
import { filterProblem } from './filtering.ts';
import { acceptFind } from './find.ts';
import { acceptBreakOn, acceptBytes, acceptEdit, acceptFaults, acceptSend, changeIn } from './hold-lines.ts';
import { goToConnection, goToFrame, markAs } from './jumping.ts';
import type { LineMode, LinePurpose } from './mode.ts';
import { noticeColumns } from './notice.ts';
import { quit } from './quitting.ts';
import { completeSaved, enterFilter, forgetFilter, meantProblem, savedNames, saveFilter } from './saved-filters.ts';
import { seenMembers } from './seen-members.ts';
import {
  completeDecodeAs,
  completeDialect,
  decodeAsHint,
  dialectHint,
  isWholeSetting,
  type SettingKind,
  settingIn,
  settingInWords,
  withDecodeAs,
  withDialect,
} from './settings.ts';
import { setForm, setTheme, setTime, sortBy } from './showing.ts';
import { completeSought, problemIn, soughtHint } from './sought.ts';
import { splitAt } from './splits.ts';
import type { ModelState } from './state.ts';
import { followCommand, WRITE_HINT } from './stream-lines.ts';

/** What is wrong with the line as it stands, and under which of its columns (from 1) to say so. */
export interface LineProblem {
  readonly column: number | undefined;
  readonly reason: string;
}

export function openLine(model: ModelState, purpose: LinePurpose, text: string, label: string): void {
  const line = new EditedLine(text, model.lineHistory(purpose), completerOf(model, purpose));
  model.mode = { kind: 'line', purpose, label, start: text, line, complaint: undefined };
}

/** The line for the name of the file that `x` writes, once it is clear what to write. */
export function openExport(model: ModelState): void {
  exportPrompt(model, kind => openLine(model, `export-${kind}`, usualName(model, kind), exportLabel(kind)));
}

/** What a line begins with is there for who types the rest: a whole setting that is pasted takes its place. */
export function pasteInto({ purpose, start, line }: LineMode, text: string): LineOutcome {
  const isSetting = purpose === 'dialect' || purpose === 'decode-as';
  if (isSetting && line.text === start && isWholeSetting(purpose, text)) line.press('C-u');
  return line.paste(isSetting ? text.trim() : text);
}

function completerOf(model: ModelState, purpose: LinePurpose): Completer {
  const { history, themes } = model;
  const { protocols } = history;
  const seen: SeenMembers = field => seenMembers(model, field);
  switch (purpose) {
    case 'find':
      return (text, cursor) => completeSought(text, cursor, model.catalogue, seen);
    case 'filter':
      return (text, cursor) => completeSaved(savedNames(model), text, cursor, model.catalogue, seen);
    case 'break-on':
      return (text, cursor) => completeFilter(text, cursor, model.catalogue, seen);
    case 'command': {
      const { catalogue } = model;
      const saved = savedNames(model);
      const columns: Completer = (names, at) => completeColumns(model, names, at);
      return (text, cursor) => completeCommand(text, cursor, { catalogue, seen, protocols, themes, saved, columns });
    }
    case 'decode-as':
      return (text, cursor) => completeDecodeAs(text, cursor, protocols);
    case 'dialect':
      return (text, cursor) => completeDialect(text, cursor, protocols);
    case 'count':
      return (text, cursor) => completeField(text, cursor, model.catalogue, seen);
    case 'export-connection':
    case 'export-message':
    case 'export-filtered':
      return completeEnding;
    case 'edit':
      return (text, cursor) => completeAssignment(text, cursor, model.catalogue);
    case 'export-stream':
    case 'edit-bytes':
      return () => ({ from: 0, candidates: [] });
  }
}

/** The field of the assignment that the cursor is in; a `!` that begins the line belongs to none. */
function completeAssignment(text: string, cursor: number, catalogue: FieldCatalogue): Candidates {
  const before = text.slice(0, cursor);
  const start = /[^,]*$/.exec(before)?.index ?? 0;
  const from = start + (/^[\s!]*/.exec(before.slice(start))?.[0].length ?? 0);
  const own = completeField(text.slice(from), cursor - from, catalogue);
  return { from: from + own.from, candidates: own.candidates };
}

/** A file's name may end in what it is to hold; the rest of it is nobody else's affair. */
function completeEnding(text: string, cursor: number): Candidates {
  const dot = text.lastIndexOf('.', cursor - 1);
  const begun = dot < 0 ? undefined : text.slice(dot, cursor);
  const endings = ['.pcapng', '.json'].filter(ending => begun !== undefined && ending.startsWith(begun));
  return { from: Math.max(0, dot), candidates: endings };
}

export function problemOf(model: ModelState, { purpose, line, complaint }: LineMode): LineProblem | undefined {
  if (complaint !== undefined) return { column: undefined, reason: complaint };
  const { text } = line;
  if (purpose === 'break-on' && text.trim() === '') return undefined;
  if (purpose === 'filter') return meantProblem(model, text);
  if (purpose === 'break-on') return filterProblem(text, model.catalogue);
  if (purpose === 'find') return problemIn(text, model.catalogue);
  if (purpose === 'count') return countingProblem(text, model.catalogue);
  const behind = purpose === 'command' ? /^\s*filter\s+/.exec(text)?.[0].length : undefined;
  if (behind === undefined) return undefined;
  const problem = meantProblem(model, text.slice(behind));
  return problem && { column: problem.column + behind, reason: problem.reason };
}

/** What the words of the line stand for, where that is worth a line. */
export function hintFor(model: ModelState, { purpose, start, line }: LineMode): string | undefined {
  const { protocols } = model.history;
  switch (purpose) {
    case 'dialect':
      return dialectHint(settingIn('dialect', line.text, start), model.settings, protocols);
    case 'decode-as':
      return decodeAsHint(model.settings, protocols);
    case 'find':
      return soughtHint(line.text, model.catalogue);
    case 'break-on':
      return 'messages that match are held from now on; an empty line: none';
    case 'edit':
      return `FIELD = VALUE, ...; ${followingIn(line.text)}; then a forwards it`;
    case 'edit-bytes':
      return `the message in hex; ${followingIn(line.text)}; then a forwards it`;
    case 'export-stream':
      return WRITE_HINT;
    case 'export-connection':
    case 'export-message':
    case 'export-filtered':
      return 'frames as .pcapng, with the findings as comments; messages as .json';
    default:
      return undefined;
  }
}

function followingIn(text: string): string {
  return changeIn(text).mend ? 'lengths follow (not after a !)' : 'lengths and checksums stay as they are';
}

/** Does what the line says, and takes it away; or keeps it and says why not. */
export function acceptLine(model: ModelState, mode: LineMode): void {
  const complaint = attempt(model, mode, mode.line.text);
  if (complaint !== undefined) mode.complaint = complaint;
  else if (model.mode === mode) model.closeMode();
}

/** Returns one line that says what is wrong, or nothing when it was done. */
function attempt(model: ModelState, mode: LineMode, text: string): string | undefined {
  switch (mode.purpose) {
    case 'filter':
      return enterFilter(model, text);
    case 'find':
      return acceptFind(model, text);
    case 'decode-as':
    case 'dialect':
      return text.trim() === '' ? undefined : rejudge(model, mode.purpose, text, mode.start);
    case 'export-connection':
      return exportTo(model, text, 'connection');
    case 'export-message':
      return exportTo(model, text, 'message');
    case 'export-filtered':
      return exportTo(model, text, 'filtered');
    case 'export-stream':
      return exportTo(model, text, 'stream');
    case 'count':
      return countBy(model, text);
    case 'break-on':
      return acceptBreakOn(model, text);
    case 'edit':
      return text.trim() === '' ? undefined : acceptEdit(model, text);
    case 'edit-bytes':
      return acceptBytes(model, text);
    case 'command': {
      const command = parseCommand(text);
      return typeof command === 'object' ? COMMANDS[command.name](model, command.argument) : command;
    }
  }
}

const COMMANDS: Readonly<
  Record<CommandName, (model: ModelState, argument: Command['argument']) => string | undefined>
> = {
  filter: enterFilter,
  save: saveFilter,
  forget: forgetFilter,
  find: acceptFind,
  goto: goToFrame,
  connection: goToConnection,
  count: countBy,
  view: (model, argument) => {
    const name = NUMBERED_VIEWS.find(known => known === argument);
    if (!name) return notAmong('view', argument, NUMBERED_VIEWS);
    model.goTo(name);
    return undefined;
  },
  sort: (model, argument) => {
    const reverse = argument.startsWith('-');
    const name = reverse ? argument.slice(1) : argument;
    const column = CONNECTION_COLUMNS.find(({ id }) => id === name);
    if (!column)
      return notAmong(
        'column',
        name,
        CONNECTION_COLUMNS.map(({ id }) => id),
      );
    sortBy(model, column.id, reverse);
    return undefined;
  },
  columns: setColumns,
  split: splitAt,
  time: (model, argument) => {
    const format = TIME_FORMATS.find(known => known === argument);
    if (!format) return notAmong('time format', argument, TIME_FORMATS);
    setTime(model, format);
    return undefined;
  },
  form: (model, argument) => {
    if (argument !== 'ladder' && argument !== 'list') return notAmong('form', argument, ['ladder', 'list']);
    setForm(model, argument);
    return undefined;
  },
  theme: (model, argument) => {
    if (!model.themes.includes(argument)) return notAmong('theme', argument, model.themes);
    setTheme(model, argument);
    return undefined;
  },
  decode: (model, argument) => rejudge(model, 'decode-as', argument),
  dialect: (model, argument) => rejudge(model, 'dialect', argument),
  export: exportByCommand,
  write: (model, argument) =>
    model.view === 'stream' ? exportTo(model, argument, 'stream') : writeTo(model, argument),
  follow: followCommand,
  open: (model, argument) => {
    if (argument === '') model.closeMode();
    if (argument === '') openCaptures(model);
    else if (model.proxy) return 'this screen shows a proxy: open captures with another wirelint inspect';
    else model.emit({ kind: 'open', path: argument });
    return undefined;
  },
  'break-on': acceptBreakOn,
  faults: acceptFaults,
  send: acceptSend,
  mark: markAs,
  note: showComment,
  help: model => {
    model.goTo('help');
    return undefined;
  },
  quit: model => {
    model.closeMode();
    quit(model);
    return undefined;
  },
};

function countBy(model: ModelState, text: string): string | undefined {
  const problem = countingProblem(text, model.catalogue);
  if (problem) return `column ${problem.column}: ${problem.reason}`;
  model.countBy(text);
  model.goTo('counts');
  return undefined;
}

export function rejudge(model: ModelState, what: SettingKind, text: string, start = ''): string | undefined {
  const { settings, history } = model;
  const change = what === 'dialect' ? withDialect : withDecodeAs;
  const written = settingIn(what, text, start);
  const changed = change(settings, written, history.protocols);
  if (typeof changed === 'string') return changed;
  const setting = settingInWords(written, history.protocols);
  if (changed === settings) model.say(`${setting}: already set, nothing changes`);
  else model.emit({ kind: 'rejudge', settings: changed, setting });
  return undefined;
}

/** What there was no room for under the fields. */
function showComment(model: ModelState): string | undefined {
  const { opened, history, width } = model;
  if (!opened || opened.comment === '') return 'the frame has no comment';
  const lines = commentLines(opened.comment, noticeColumns(width), Number.POSITIVE_INFINITY);
  model.showNotice(`Comment on frame ${history.messages.frame(opened.number)}`, lines);
  return undefined;
}
