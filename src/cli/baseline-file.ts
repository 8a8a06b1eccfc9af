/** The files that `--baseline` and `--write-baseline` name: read before anything else, written when the run has ended. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Baseline, withBaseline } from '../baseline.ts';
import type { Finding } from '../lint/finding.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import { codeOf, reasonOf, TO_WRITE } from '../system-errors.ts';
import { OutputError } from './output.ts';

export interface BaselineArguments {
  readonly baseline?: string | undefined;
  readonly 'write-baseline'?: string | undefined;
}

export class BaselineFile {
  readonly #path: string;
  readonly #isWritten: boolean;
  #baseline: Baseline;

  private constructor(path: string, baseline: Baseline, isWritten: boolean) {
    this.#path = path;
    this.#baseline = baseline;
    this.#isWritten = isWritten;
  }

  /** Undefined where none is asked for. @throws UsageError */
  static of({ baseline, 'write-baseline': written }: BaselineArguments): BaselineFile | undefined {
    if (baseline !== undefined && written !== undefined && baseline !== written)
      throw new UsageError('--baseline and --write-baseline: name one file, which is read and then written');
    const path = written ?? baseline;
    if (path === undefined) return undefined;
    return new BaselineFile(path, read(path, written !== undefined), written !== undefined);
  }

  accepts(finding: Finding): boolean {
    return !this.#isWritten && this.#baseline.accepts(finding);
  }

  /** The report without what is accepted. Where the file is to be written, all errors and warnings are, from here on. */
  apply(report: RunReport, allConnections: boolean): RunReport {
    if (this.#isWritten)
      this.#baseline = this.#baseline.with(report.findings.filter(({ severity }) => severity !== 'info'));
    return withBaseline(report, this.#baseline, { name: this.#path, allConnections });
  }

  /** Writes the file, if that was asked for. Rejects with an `OutputError`. */
  async write(): Promise<void> {
    if (!this.#isWritten) return;
    try {
      await writeFile(this.#path, this.#baseline.toString());
    } catch (error) {
      throw new OutputError(`cannot write to ${this.#path}: ${reasonOf(error, TO_WRITE)}`);
    }
  }
}

function read(path: string, mayBeMissing: boolean): Baseline {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (mayBeMissing && codeOf(error) === 'ENOENT') return new Baseline([]);
    throw new UsageError(`--baseline ${path}: ${reasonOf(error)}`);
  }
  return Baseline.parse(text, path);
}
