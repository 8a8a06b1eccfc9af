/**
 * The reports of one run on their way: every file is opened before anything is read, so that what cannot be written is
 * reported at once; and written when the run has ended. A report with a companion writes that beside it. GitHub's summary of
 * a step, where the environment names its file, is appended to beside the annotations.
 */
import { stat } from 'node:fs/promises';
import type { FormatInput, Render } from '../report/format.ts';
import { loadFormat } from '../report/formats.ts';
import { MOST_MARKDOWN, markdownReport } from '../report/markdown.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { type OutputArguments, pageOptions } from './options.ts';
import { isSameFile, type Output, openOutput } from './output.ts';
import { writePieces } from './pieces.ts';
import type { Target } from './report-targets.ts';

/** What is not a matter of where a report goes. */
export type ReportInput = Omit<FormatInput, 'page' | 'file'>;

/** Where GitHub Actions wants the summary of a step. */
const STEP_SUMMARY = 'GITHUB_STEP_SUMMARY';
/** They say what was found in captures, and nothing where none could be read. */
const SILENT = ['text', 'json', 'ndjson'];

/** One file, or standard output, and what goes there. */
interface Part {
  readonly target: Target;
  readonly output: Output;
  readonly render: Render;
}

export class Reports {
  readonly #parts: readonly Part[];
  readonly #args: OutputArguments;
  readonly #host: Host;

  constructor(parts: readonly Part[], args: OutputArguments, host: Host) {
    this.#parts = parts;
    this.#args = args;
    this.#host = host;
  }

  /**
   * @param captures that are about to be read, none of which is written over. Throws a `UsageError` where two reports would
   * go to one file, an `OutputError` where one cannot be written
   */
  static async open(
    targets: readonly Target[],
    captures: readonly string[],
    args: OutputArguments,
    host: Host,
  ): Promise<Reports> {
    const files = new OpenFiles(captures, host);
    const parts: Part[] = [];
    try {
      for (const target of targets) {
        for await (const part of opened(target, files, host)) parts.push(part);
      }
    } catch (error) {
      for (const { output } of parts) await output.end();
      throw error;
    }
    return new Reports(parts, args, host);
  }

  /** Writes all of them, each to its end. Rejects with an `OutputError`. */
  async write(outcome: ReportInput): Promise<void> {
    const isRead = outcome.report.captures.length > 0;
    for (const { target, output, render } of this.#parts) {
      const page = pageOptions({ ...this.#args, output: target.path }, this.#host);
      const input = { ...outcome, page, file: target.path };
      if (isRead || !SILENT.includes(target.format)) await writePieces(output, render(input));
      await output.end();
    }
  }
}

/** What one target is written to. */
async function* opened(target: Target, files: OpenFiles, host: Host): AsyncGenerator<Part> {
  const { format, path, option } = target;
  const { render, companion } = await loadFormat(format);
  yield { target, output: await files.open(path, option), render };
  if (companion && path !== undefined) {
    yield { target, output: await files.open(path + companion.suffix, option), render: companion.render };
  }
  const summary = format === 'github' ? host.environment[STEP_SUMMARY] : undefined;
  if (summary) yield { target, output: await files.append(summary), render: await summaryUpTo(summary) };
}

/** What earlier commands of the step have written counts, too. */
async function summaryUpTo(path: string): Promise<Render> {
  const { size } = await stat(path);
  return input => markdownReport(input, MOST_MARKDOWN - size);
}

/** Files that are opened for one command line, no two of them the same. */
class OpenFiles {
  readonly #captures: readonly string[];
  readonly #host: Host;
  readonly #opened: { readonly path: string; readonly option: string }[] = [];

  constructor(captures: readonly string[], host: Host) {
    this.#captures = captures;
    this.#host = host;
  }

  async open(path: string | undefined, option: string): Promise<Output> {
    for (const other of path === undefined ? [] : this.#opened) {
      if (!(await isSameFile(path!, other.path))) continue;
      throw new UsageError(`${other.option} and ${option} write to the same file, ${path}`);
    }
    const output = await openOutput(path, this.#host.stdout, this.#captures, option.split(' ', 1)[0]);
    if (path !== undefined) this.#opened.push({ path, option });
    return output;
  }

  append(path: string): Promise<Output> {
    return openOutput(path, this.#host.stdout, this.#captures, STEP_SUMMARY, 'a');
  }
}
