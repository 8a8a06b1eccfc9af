/** `check --report blob=FILE`: each capture is written when it has ended, and kept no longer than that. */
import type { Captured } from '../blob/captured.ts';
import { Recorder } from '../blob/recorder.ts';
import { type RunFacts, runOf } from '../blob/run.ts';
import type { Engine } from '../engine.ts';
import type { EngineOptions } from '../run/options.ts';
import { BlobWriter } from './blob-file.ts';
import type { Program } from './command.ts';
import { openOutput } from './output.ts';
import type { Reporting } from './reporting.ts';

export class BlobOutput {
  readonly #writer: BlobWriter;
  readonly #reporting: Reporting;
  /** Of the captures that are read, the one at hand. */
  #place = 0;
  #written: Promise<void> = Promise.resolve();

  private constructor(writer: BlobWriter, reporting: Reporting) {
    this.#writer = writer;
    this.#reporting = reporting;
  }

  /** Undefined where no blob is asked for. Rejects with an `OutputError`, or a `UsageError` for a file that is a capture. */
  static async open(
    reporting: Reporting,
    options: EngineOptions,
    facts: Omit<RunFacts, 'keepsAll' | 'maxFindings'>,
    { host, tool }: Program,
  ): Promise<BlobOutput | undefined> {
    if (reporting.blob === undefined) return undefined;
    const output = await openOutput(reporting.blob, host.stdout, facts.captures, '--report blob');
    const writer = new BlobWriter(output);
    const { captures, unreadable, notes, shard, hasConnections } = facts;
    const { keepsAll, maxFindings } = reporting;
    await writer.begin(
      runOf(options, { captures, unreadable, notes, shard, hasConnections, keepsAll, maxFindings }, tool),
    );
    return new BlobOutput(writer, reporting);
  }

  /** @param placeOf in the run, of one of the captures that are read */
  record(engine: Engine, placeOf: (index: number) => number): Recorder {
    const history = () => this.#reporting.history;
    return new Recorder(
      engine,
      history,
      () => placeOf(this.#place),
      captured => this.captured(captured),
    );
  }

  /** The capture at this place of those that are read begins. */
  begin(index: number): void {
    this.#place = index;
  }

  captured(captured: Captured): void {
    this.#enter(() => this.#writer.captured(captured));
  }

  /** A capture that is a line already. */
  line(line: string): void {
    this.#enter(() => this.#writer.line(line));
  }

  unread(index: number, unreadable: string): void {
    this.#enter(() => this.#writer.unread({ index, unreadable }));
  }

  /** Resolves when all is written; rejects with an `OutputError`. */
  written(): Promise<void> {
    return this.#written;
  }

  async end(isInterrupted: boolean): Promise<void> {
    await this.#written;
    await this.#writer.end(isInterrupted);
  }

  #enter(write: () => Promise<void>): void {
    this.#written = this.#written.then(write);
    // Keeps an early rejection from ending the process: `written` rejects with it.
    this.#written.catch(() => {});
  }
}
