/**
 * Writes what `inspect` takes out of a capture: a connection or a message, as pcapng with the findings in it or as JSON, or
 * the content of a conversation (stream-writing.ts).
 * JSON is what `dissect --format json --hex` prints: an export goes where the capture is not, so the bytes go with it.
 * A file that is there is overwritten only when the user has said so, and a capture that is being looked at never.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { CaptureError } from '../capture/source.ts';
import { connectionSelection, exportFrames, messageSelection } from '../history/export.ts';
import { MessageJson } from '../report/message-json.ts';
import { counted } from '../report/numbers.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';
import type { Exported } from '../tui/app.ts';
import type { ExportEffect, FramesScope } from '../tui/model/effects.ts';
import type { Run } from '../tui/run.ts';
import { isSameFile } from './output.ts';
import { writeStream } from './stream-writing.ts';

/** Characters that are gathered before they are written. */
const CHUNK = 64 * 1024;

/** Never rejects for what a user or a file system may do. */
export async function exportFile(effect: ExportEffect, run: Run): Promise<Exported> {
  const { path, overwrite } = effect;
  for (const capture of run.captures) {
    if (await isSameFile(path, capture.path)) return failed(`${path} is the capture that is being looked at`);
  }
  let file: FileHandle;
  try {
    file = await open(path, overwrite ? 'w' : 'wx');
  } catch (error) {
    if (isPresent(error)) return { kind: 'exists' };
    return failed(`cannot write to ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
  try {
    const written = await write(effect, run, file);
    return { kind: 'done', line: `${path}: ${written} written` };
  } catch (error) {
    if (!(error instanceof CaptureError) && !isSystemError(error)) throw error;
    return failed(`${path} is not complete: ${reasonOf(error, TO_WRITE)}`);
  } finally {
    await file.close();
  }
}

function write(effect: ExportEffect, run: Run, file: FileHandle): Promise<string> {
  switch (effect.format) {
    case 'json':
      return writeJson(effect.scope, run, file);
    case 'pcapng':
      return writeFrames(effect.scope, run, file);
    default:
      return writeStream(effect.scope, effect.format, file);
  }
}

async function writeFrames(scope: FramesScope, { history, captures }: Run, file: FileHandle): Promise<string> {
  const connection = connectionOf(scope, history.messages);
  const capture = captures[history.connections.capture(connection)]!;
  const selection =
    scope.kind === 'message' ? messageSelection(history, scope.message) : connectionSelection(history, connection);
  const frames = await exportFrames(
    order => capture.open(undefined, order),
    selection,
    async bytes => {
      await file.writeFile(bytes);
    },
  );
  return counted(frames, 'frame');
}

async function writeJson(scope: FramesScope, { history, bytes }: Run, file: FileHandle): Promise<string> {
  const messages = scope.kind === 'message' ? [scope.message] : history.connections.messagesOf(scope.connection);
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

function connectionOf(scope: FramesScope, messages: Run['history']['messages']): number {
  return scope.kind === 'message' ? messages.connection(scope.message) : scope.connection;
}

const failed = (line: string): Exported => ({ kind: 'failed', line });
const isPresent = (error: unknown) => isSystemError(error) && error.code === 'EEXIST';

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
