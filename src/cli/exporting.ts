/**
 * Writes what `inspect` takes out of captures: a connection, a message or all that a filter matches, as pcapng with the
 * findings in it or as JSON; the content of a conversation (stream-writing.ts); or a text that could have been copied.
 * JSON is what `dissect --format json --hex` prints: an export goes where the capture is not, so the bytes go with it.
 * A file that is there is overwritten only when the user has said so, and a capture that is being looked at never.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { CaptureError } from '../capture/source.ts';
import { PcapngWriter } from '../capture/writer.ts';
import {
  connectionSelection,
  exportFrames,
  messageSelection,
  messagesSelection,
  type Selection,
} from '../history/export.ts';
import { MessageJson } from '../report/message-json.ts';
import { counted } from '../report/numbers.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';
import type { Exported } from '../tui/errands.ts';
import type { ExportEffect, FramesScope, WriteEffect } from '../tui/model/effects.ts';
import type { Run } from '../tui/run.ts';
import { isSameFile } from './output.ts';
import { writeStream } from './stream-writing.ts';

/** Characters that are gathered before they are written. */
const CHUNK = 64 * 1024;

/** Never rejects for what a user or a file system may do. */
export async function exportFile(effect: ExportEffect | WriteEffect, run: Run): Promise<Exported> {
  const { path, overwrite } = effect;
  for (const capture of run.captures) {
    if (await isSameFile(path, capture.path)) return failed(`${path} is the capture that is open`);
  }
  let file: FileHandle;
  try {
    file = await open(path, overwrite ? 'w' : 'wx');
  } catch (error) {
    if (isPresent(error)) return { kind: 'exists' };
    return failed(`cannot write to ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
  try {
    return { kind: 'done', line: `${path}: ${await writeEffect(effect, run, file)} written` };
  } catch (error) {
    if (!(error instanceof CaptureError) && !isSystemError(error)) throw error;
    return failed(`${path} is not complete: ${reasonOf(error, TO_WRITE)}`);
  } finally {
    await file.close();
  }
}

/** @returns what was written, in words */
async function writeEffect(effect: ExportEffect | WriteEffect, run: Run, file: FileHandle): Promise<string> {
  if (effect.kind === 'write') {
    await file.writeFile(effect.text.endsWith('\n') ? effect.text : `${effect.text}\n`);
    return effect.what;
  }
  switch (effect.format) {
    case 'json':
      return writeJson(effect.scope, run, file);
    case 'pcapng':
      return writeFrames(effect.scope, run, file);
    default:
      return writeStream(effect.scope, effect.format, file);
  }
}

async function writeFrames(scope: FramesScope, run: Run, file: FileHandle): Promise<string> {
  const writer = new PcapngWriter();
  let frames = 0;
  for (const { capture, selection } of selectionsOf(scope, run)) {
    const stored = run.captures[capture]!;
    const write = async (bytes: Uint8Array) => {
      await file.writeFile(bytes);
    };
    frames += await exportFrames(order => stored.open(undefined, order), selection(), write, { writer, frames });
  }
  return counted(frames, 'frame');
}

interface CaptureSelection {
  readonly capture: number;
  /** Made when it is its turn. */
  readonly selection: () => Selection;
}

/** Of each capture what is wanted of it, in their order. */
function selectionsOf(scope: FramesScope, { history }: Run): readonly CaptureSelection[] {
  const { connections, messages } = history;
  const captureOf = (message: number) => connections.capture(messages.connection(message));
  switch (scope.kind) {
    case 'message':
      return [{ capture: captureOf(scope.message), selection: () => messageSelection(history, scope.message) }];
    case 'connection': {
      const { connection } = scope;
      return [{ capture: connections.capture(connection), selection: () => connectionSelection(history, connection) }];
    }
    case 'filtered': {
      const captures = new Set<number>();
      for (const message of scope.messages) captures.add(captureOf(message));
      return [...captures].map(capture => ({
        capture,
        selection: () => messagesSelection(history, capture, scope.messages),
      }));
    }
  }
}

async function writeJson(scope: FramesScope, { history, bytes }: Run, file: FileHandle): Promise<string> {
  const messages = messagesOf(scope, history);
  const json = new MessageJson({ format: 'json', hex: true });
  let text = '';
  for (const message of messages) {
    text += json.message(history.recall(message, bytes));
    if (text.length < CHUNK) continue;
    await file.writeFile(text);
    text = '';
  }
  await file.writeFile(text + json.end());
  return counted(messages.length, 'message');
}

function messagesOf(scope: FramesScope, { connections }: Run['history']): ArrayLike<number> & Iterable<number> {
  if (scope.kind === 'message') return [scope.message];
  return scope.kind === 'connection' ? connections.messagesOf(scope.connection) : scope.messages;
}

const failed = (line: string): Exported => ({ kind: 'failed', line });
const isPresent = (error: unknown) => isSystemError(error) && error.code === 'EEXIST';

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
