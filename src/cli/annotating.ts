/** `check --annotate FILE`: the capture again as pcapng, what was found in it as packet comments. */
import { isUrl } from '../capture/location.ts';
import { LONG_AFTER } from '../capture/store.ts';
import { storeCapture } from '../capture/stored.ts';
import { annotateFrames } from '../history/export.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { type Output, openOutput } from './output.ts';
import { isPipe } from './reading.ts';

export interface AnnotateArguments {
  readonly annotate?: string | undefined;
  readonly reader: 'wirelint' | 'pcap-parser';
}

export class Annotation {
  readonly #capture: string;
  readonly #output: Output;
  readonly #reader: AnnotateArguments['reader'];

  private constructor(capture: string, output: Output, reader: AnnotateArguments['reader']) {
    this.#capture = capture;
    this.#output = output;
    this.#reader = reader;
  }

  /** Before any file is opened, and emptied. @throws UsageError for what cannot be annotated */
  static async requirePossible({ annotate: path }: AnnotateArguments, captures: readonly string[]): Promise<void> {
    if (path === undefined) return;
    const [capture] = captures;
    if (capture === undefined || captures.length > 1)
      throw new UsageError('--annotate: one capture at a time, as one file is written');
    if (path === '-') throw new UsageError('--annotate: name a file; standard output is for the report');
    if (isUrl(capture))
      throw new UsageError(
        '--annotate reads the capture a second time, when a URL may have another; download it first',
      );
    if (capture === '-' || (await isPipe(capture)))
      throw new UsageError('--annotate reads the capture a second time, which a pipe does not allow; save it first');
  }

  /** Opens the file before anything is read; undefined where none is asked for. @throws UsageError */
  static async open(
    { annotate: path, reader }: AnnotateArguments,
    captures: readonly string[],
    host: Host,
  ): Promise<Annotation | undefined> {
    const [capture] = captures;
    if (path === undefined || capture === undefined) return undefined;
    return new Annotation(capture, await openOutput(path, host.stdout, captures, '--annotate'), reader);
  }

  async write({ captures: [facts], findings }: RunReport): Promise<void> {
    if (facts) {
      const stored = await storeCapture(this.#capture, { reader: this.#reader, clock: LONG_AFTER });
      try {
        const open = (order: 'time' | 'capture') => stored.open(undefined, order);
        await annotateFrames(open, findings, facts.packets, bytes => this.#output.write(bytes));
      } finally {
        await stored.close();
      }
    }
    await this.#output.end();
  }
}
