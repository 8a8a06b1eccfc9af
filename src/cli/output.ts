/**
 * Where a command's result goes: standard output or a file. Writing waits until the text is taken, so that what was
 * promised by an exit code has been written. A reader that went away (`| head`) is no error: the output is closed then,
 * and the command may stop early. Everything else that keeps the text from being written is one.
 */
import { fstatSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { isUrl } from '../capture/location.ts';
import { UsageError } from '../settings/words.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';

/** The result could not be written; the message is one line for the user. Exit code 2, as tshark's. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

export class Output {
  /** Nobody reads any more. */
  closed = false;
  readonly #stream: Writable;
  readonly #name: string;
  readonly #owned: boolean;

  /** @param owned the stream was opened for this output, which ends it */
  constructor(stream: Writable, name: string, owned = false) {
    this.#stream = stream;
    this.#name = name;
    this.#owned = owned;
    // Each write hears of its own failure; without a listener the stream would throw it as well.
    stream.on('error', () => {});
  }

  /** Resolves when the text, or the bytes, have been taken; rejects with an `OutputError`. */
  write(data: string | Uint8Array): Promise<void> {
    if (this.closed || data.length === 0) return Promise.resolve();
    return this.#settle(done => this.#stream.write(data, done));
  }

  /** Call once, when all is written. */
  end(): Promise<void> {
    if (!this.#owned) return Promise.resolve();
    return this.#settle(done => this.#stream.end(done));
  }

  #settle(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      start(error => {
        if (!error) return resolve();
        if (!isClosedPipe(error))
          return reject(new OutputError(`cannot write to ${this.#name}: ${reasonOf(error, TO_WRITE)}`));
        this.closed = true;
        resolve();
      });
    });
  }
}

/**
 * Opens what `-o` names; nothing or `-` is standard output.
 * @param captures that are about to be read, `-` for standard input: to write over one of them, or at its end, is refused
 * @param option that names the path; @param flags `a` to write at the end of what is there
 */
export async function openOutput(
  path: string | undefined,
  stdout: Writable,
  captures: readonly string[],
  option = '--output',
  flags: 'w' | 'a' = 'w',
): Promise<Output> {
  const isStandard = path === undefined || path === '-';
  const target = isStandard ? statusOfDescriptor(descriptorOf(stdout)) : await statusOf(path);
  for (const capture of captures) {
    if (!(await isOfCapture(target, capture))) continue;
    throw new UsageError(`${isStandard ? 'standard output' : `${option} ${path}`}: this is the capture to read`);
  }
  if (isStandard) return new Output(stdout, 'standard output');
  try {
    const handle = await open(path, flags);
    return new Output(handle.createWriteStream(), path, true);
  } catch (error) {
    throw new OutputError(`cannot write to ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
}

/** A file that an option of the command line names, to be written. */
export interface NamedFile {
  readonly option: string;
  readonly path: string | undefined;
}

/** Before any is opened: what one would leave the other would overwrite. @throws UsageError where two name one file */
export function requireApart(files: readonly NamedFile[]): void {
  const seen = new Map<string, string>();
  for (const { option, path } of files) {
    if (path === undefined || path === '-') continue;
    const place = resolve(path);
    const other = seen.get(place);
    if (other !== undefined) throw new UsageError(`${other} and ${option} write to the same file, ${path}`);
    seen.set(place, option);
  }
}

/** Whether a path leads to the file that a capture, `-` for standard input, is read from. */
export async function isSameFile(path: string, capture: string): Promise<boolean> {
  return isOfCapture(await statusOf(path), capture);
}

export const STANDARD_INPUT = 0;

async function isOfCapture(target: Stats | undefined, capture: string): Promise<boolean> {
  if (!target?.isFile() || isUrl(capture)) return false;
  const source = capture === '-' ? statusOfDescriptor(STANDARD_INPUT) : await statusOf(capture);
  return source !== undefined && target.dev === source.dev && target.ino === source.ino;
}

function statusOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

function statusOfDescriptor(descriptor: number | undefined): Stats | undefined {
  try {
    return descriptor === undefined ? undefined : fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

/** Of a stream that has one, as the standard ones have. */
function descriptorOf(stream: Writable): number | undefined {
  return 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
