/**
 * Where a command's result goes: standard output or a file. Writing waits until the text is taken, so that what was
 * promised by an exit code has been written. A reader that went away (`| head`) is no error: the output is closed then,
 * and the command may stop early. Everything else that keeps the text from being written is one.
 */
import { open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UsageError } from '../config.ts';

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

  /** Resolves when the text has been taken; rejects with an `OutputError`. */
  write(text: string): Promise<void> {
    if (this.closed || text === '') return Promise.resolve();
    return this.#settle(done => this.#stream.write(text, done));
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
        if (!isClosedPipe(error)) return reject(new OutputError(`cannot write to ${this.#name}: ${reasonOf(error)}`));
        this.closed = true;
        resolve();
      });
    });
  }
}

/**
 * Opens what `-o` names; nothing or `-` is standard output.
 * @param captures paths that are about to be read: writing over one of them is refused
 */
export async function openOutput(
  path: string | undefined,
  stdout: Writable,
  captures: readonly string[],
): Promise<Output> {
  if (path === undefined || path === '-') return new Output(stdout, 'standard output');
  for (const capture of captures) {
    if (await isSameFile(path, capture))
      throw new UsageError(`--output ${path}: this is the capture that is to be read`);
  }
  try {
    const handle = await open(path, 'w');
    return new Output(handle.createWriteStream(), path, true);
  } catch (error) {
    throw new OutputError(`cannot write to ${path}: ${reasonOf(error)}`);
  }
}

export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(path => stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'is a directory'],
  ['ENOENT', 'no such directory'],
  ['ENOTDIR', 'not a directory'],
  ['EIO', 'input/output error'],
]);

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return REASONS.get('code' in error ? String(error.code) : '') ?? error.message;
}
