/**
 * What leaves the screen: `x` and `:export` write a connection, a message, or all that the filter and
 * the switches beside it show; `y` copies what is
 * selected, and `:write` writes the same to a file. What is asked for is emitted; the app does it and reports.
 */
import { counted } from '../../report/numbers.ts';
import { copiesOf } from './copying.ts';
import type { FramesScope } from './effects.ts';
import { narrowingOf, narrows } from './narrowing.ts';
import type { ModelState } from './state.ts';
import { streamName } from './stream-keys.ts';
import { writeStream } from './stream-lines.ts';

export type ExportKind = FramesScope['kind'] | 'stream';

const KINDS: readonly FramesScope['kind'][] = ['connection', 'message', 'filtered'];

/** What the view is about: the stream, the message in the view of one message, else the connection. */
function usualKind({ view, message }: ModelState): ExportKind {
  if (view === 'stream') return 'stream';
  return view === 'message' && message >= 0 ? 'message' : 'connection';
}

/** Asks what to write where there is a choice. @param open begins the line for the file's name */
export function exportPrompt(model: ModelState, open: (kind: ExportKind) => void): void {
  const { filter, only, connection, message, view } = model;
  if (view === 'stream') {
    open('stream');
    return;
  }
  if (connection === 0) {
    model.say('no connection to export', 'dim');
    return;
  }
  if (!filter && !narrows(only)) {
    open(usualKind(model));
    return;
  }
  const shown = !filter || filter.isDone ? counted(matching(model).length, 'message') : 'all messages';
  model.ask('export', [
    { key: 'c', label: `connection ${connection}`, run: () => open('connection') },
    ...(message >= 0 ? [{ key: 'm', label: 'message', run: () => open('message') }] : []),
    { key: 'f', label: `${shown} that ${letThroughBy(model)}`, run: () => open('filtered') },
  ]);
}

/** What chooses the messages of an export of all that is shown. */
function letThroughBy({ filter, only }: ModelState): string {
  const switches = [...(only.findings ? ['have findings'] : []), ...(only.marked ? ['are marked'] : [])];
  return [...(filter ? ['the filter matches'] : []), ...switches].join(' and ');
}

/** The name that a file has if nobody gives it another one. */
export function usualName(model: ModelState, kind: ExportKind): string {
  const { history, connection, message } = model;
  switch (kind) {
    case 'stream':
      return streamName(model);
    case 'message':
      return `frame-${history.messages.frame(message)}.pcapng`;
    case 'connection':
      return `connection-${connection}.pcapng`;
    case 'filtered':
      return 'filtered.pcapng';
  }
}

export function exportLabel(kind: ExportKind): string {
  if (kind === 'stream') return 'write the stream to: ';
  return kind === 'filtered' ? 'export what matches to: ' : `export the ${kind} to: `;
}

/** `:export FILE`, `:export FILE filtered`. @returns why it cannot be done */
export function exportByCommand(model: ModelState, argument: string): string | undefined {
  const [, path, word] = /^(.*\S)\s+(\S+)$/s.exec(argument.trim()) ?? [];
  const kind = KINDS.find(known => known === word);
  return path !== undefined && kind ? exportTo(model, path, kind) : exportTo(model, argument, usualKind(model));
}

/** @returns why it cannot be done */
export function exportTo(model: ModelState, text: string, kind: ExportKind): string | undefined {
  const path = text.trim();
  if (kind === 'stream') return writeStream(model, path);
  const format = /\.json$/i.test(path) ? 'json' : /\.pcapng$/i.test(path) ? 'pcapng' : undefined;
  if (path === '') return 'a file needs a name';
  if (!format) return 'a file ends in .pcapng or in .json';
  const scope = scopeOf(model, kind);
  if (typeof scope === 'string') return scope;
  model.emit({ kind: 'export', path, format, scope, overwrite: false });
  return undefined;
}

function scopeOf(model: ModelState, kind: FramesScope['kind']): FramesScope | string {
  const { message, connection, filter } = model;
  switch (kind) {
    case 'message':
      return message < 0 ? 'no message to export' : { kind, message };
    case 'connection':
      return connection > 0 ? { kind, connection } : 'no connection to export';
    case 'filtered': {
      if (filter && !filter.isDone) return 'the filter is still running; try again when it is done';
      const messages = matching(model);
      return messages.length > 0 ? { kind, messages } : nothingShown(model);
    }
  }
}

function nothingShown({ only, keys }: ModelState): string {
  const switches = `${keys.print('only-findings')} and ${keys.print('only-marked')}`;
  return narrows(only) ? `the filter and the switches ${switches} hide every message` : 'no message matches the filter';
}

/** Messages of all connections that the filter and the switches let through, ascending; all where there are none. */
function matching({ history, filter, only, marks }: ModelState): Uint32Array {
  const narrowing = narrowingOf(only, marks, history);
  const found = new Uint32Array(filter ? filter.matched : history.messages.count);
  let count = 0;
  for (let message = 0; message < history.messages.count && count < found.length; message++) {
    const isShown = (!filter || filter.isMatch(message)) && (!narrowing || narrowing.message(message));
    if (isShown) found[count++] = message;
  }
  return found.subarray(0, count);
}

/** Asks what of the selection to copy. */
export function copy(model: ModelState): void {
  const copies = copiesOf(model);
  if (copies.length === 0) {
    model.say('nothing here to copy', 'dim');
    return;
  }
  const choices = copies.map(({ key, what, text }) => ({
    key,
    label: what,
    run: () => model.emit({ kind: 'copy', text: text(), what }),
  }));
  model.ask('copy', choices);
}

/** `:write FILE`: asks the same, and writes it. @returns why it cannot be done */
export function writeTo(model: ModelState, path: string): string | undefined {
  if (path === '') return 'a file needs a name';
  const copies = copiesOf(model);
  if (copies.length === 0) return 'nothing here to write';
  const choices = copies.map(({ key, what, text }) => ({
    key,
    label: what,
    run: () => model.emit({ kind: 'write', path, text: text(), what, overwrite: false }),
  }));
  model.ask(`write to ${path}`, choices);
  return undefined;
}
