/**
 * Blobs as files: lines of JSON, each a member of one gzip file. The first line says whose run it is, then there is one for
 * each capture, in the order of the command line, and the last one says that it is whole. Written and read a line at a time,
 * so that a run of any length needs the memory of one capture.
 */
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { type Captured, captureLine, readCaptureLine, type Unread, unreadLine } from '../blob/captured.ts';
import { type BlobRun, endLine, readEndLine, readRunLine, runLine } from '../blob/run.ts';
import { ShapeError } from '../blob/shape.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import { UsageError } from '../settings/words.ts';
import { reasonOf } from '../system-errors.ts';
import type { Output } from './output.ts';

const compressed = promisify(gzip);

/** Characters of one line: 25,000 findings and 10,000 connections of each kind are a tenth of it. */
const LONGEST_LINE = 256 * 1024 * 1024;

export class BlobWriter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(run: BlobRun): Promise<void> {
    return this.#write(runLine(run));
  }

  captured(captured: Captured): Promise<void> {
    return this.line(captureLine(captured));
  }

  /** A capture that is a line already. */
  line(line: string): Promise<void> {
    return this.#write(line);
  }

  unread(given: Unread): Promise<void> {
    return this.#write(unreadLine(given));
  }

  async end(isInterrupted: boolean): Promise<void> {
    await this.#write(endLine(isInterrupted));
    await this.#output.end();
  }

  async #write(line: string): Promise<void> {
    await this.#output.write(await compressed(`${line}\n`, { level: 6 }));
  }
}

/** One blob that is being read. What is wrong with it is a `UsageError` in one line. */
export class BlobReader {
  readonly path: string;
  readonly run: BlobRun;
  /** The last line: the user ended the run before its end. */
  isInterrupted = false;
  readonly #lines: AsyncGenerator<string>;
  readonly #protocols: readonly AnyProtocol[];
  #last = -1;

  private constructor(path: string, run: BlobRun, lines: AsyncGenerator<string>, protocols: readonly AnyProtocol[]) {
    this.path = path;
    this.run = run;
    this.#lines = lines;
    this.#protocols = protocols;
  }

  static async open(path: string, protocols: readonly AnyProtocol[], tool: Tool): Promise<BlobReader> {
    const lines = linesOf(path);
    const first = await lines.next();
    const run = checked(path, () => readRunLine(first.done ? undefined : parsed(first.value), protocols, tool));
    const own = run.protocols.flatMap(({ id }) => protocols.filter(protocol => protocol.id === id));
    return new BlobReader(path, run, lines, own);
  }

  /** The next capture, in the order of the run; undefined at the end. */
  async next(): Promise<Captured | Unread | undefined> {
    const line = await this.#lines.next();
    if (line.done) throw new UsageError(`${this.path}: cut: the run that wrote it has not ended`);
    const value = checked(this.path, () => parsed(line.value));
    const end = checked(this.path, () => readEndLine(value));
    if (end) {
      this.isInterrupted = end.interrupted;
      if (!(await this.#lines.next()).done) throw new UsageError(`${this.path}: damaged: it goes on behind its end`);
      return undefined;
    }
    return checked(this.path, () => {
      const given = readCaptureLine(value, this.#protocols);
      if (given.index <= this.#last || given.index >= this.run.captures.length)
        throw new ShapeError('captures that are not in the order of the run');
      this.#last = given.index;
      return given;
    });
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const text = createGunzip();
  file.on('error', error => text.destroy(error));
  file.pipe(text).setEncoding('utf8');
  let pieces: string[] = [];
  let length = 0;
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      let from = 0;
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
        yield pieces.join('') + chunk.slice(from, end);
        pieces = [];
        length = 0;
        from = end + 1;
      }
      pieces.push(chunk.slice(from));
      length += chunk.length - from;
      if (length > LONGEST_LINE) throw new UsageError(`${path}: a line of it is too long for a blob`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as { code?: unknown }).code;
    if (code === 'Z_BUF_ERROR') throw new UsageError(`${path}: cut: the run that wrote it has not ended`);
    if (typeof code === 'string' && code.startsWith('Z_'))
      throw new UsageError(`${path}: no blob of wirelint (check --report blob=FILE writes one)`);
    throw new UsageError(`${path}: cannot read it: ${reasonOf(error)}`);
  } finally {
    file.destroy();
    text.destroy();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ShapeError('damaged: a line of it is no JSON');
  }
}

function checked<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new UsageError(`${path}: ${error.message}`);
  }
}
