/**
 * What `check` and `proxy` share: how the outcome of a run is listed, filtered, printed and made an exit code, and how
 * findings are shown while the traffic runs.
 */
import type { InferredOptionTypes, Options } from 'yargs';
import { parseCount } from '../config.ts';
import type { Predicate } from '../filter/compile.ts';
import { FindingSubject } from '../filter/finding-subject.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import { findingFilter, narrowed } from '../narrowing.ts';
import { jsonReport } from '../report/json.ts';
import { LiveJson } from '../report/live-json.ts';
import { LiveText } from '../report/live-text.ts';
import type { RunReport } from '../report/run-report.ts';
import { textReport } from '../report/text.ts';
import type { Threshold } from '../report/threshold.ts';
import type { Program } from './command.ts';
import { FILTER_OPTION, OUTPUT_OPTIONS, pageOptions, toFile } from './options.ts';

export const REPORT_OPTIONS = {
  format: {
    alias: 'f',
    choices: ['text', 'json', 'ndjson'],
    default: 'text',
    requiresArg: true,
    describe: 'Form of the report; ndjson: a line for each thing as it happens, the report last',
  },
  ...OUTPUT_OPTIONS,
  quiet: { alias: 'q', type: 'boolean', default: false, describe: 'Text report: errors and the summary only' },
  'fail-on': {
    choices: ['error', 'warning', 'never'],
    default: 'error',
    requiresArg: true,
    describe: 'Least severity that makes the exit code 1',
  },
  'max-warnings': { type: 'string', requiresArg: true, describe: 'More warnings than this make the exit code 1' },
  'max-findings': {
    type: 'string',
    default: '100',
    requiresArg: true,
    describe: 'Findings listed for one rule in one connection; counts stay exact',
  },
  ...FILTER_OPTION,
  'all-connections': { type: 'boolean', default: false, describe: 'List conformant connections too' },
} as const satisfies Record<string, Options>;

export type ReportArguments = InferredOptionTypes<typeof REPORT_OPTIONS>;

/** The report options of one command line, checked. Throws a `UsageError`. */
export class Reporting {
  readonly threshold: Threshold;
  /** What the engine is to keep for it. */
  readonly listing: { readonly maxFindings: number; readonly allConnections: boolean };
  /** What is asked for, if not everything. */
  readonly matches: Predicate | undefined;
  readonly #args: ReportArguments;
  readonly #program: Program;
  readonly #maxFindings: number;

  constructor(args: ReportArguments, program: Program) {
    this.#args = args;
    this.#program = program;
    this.threshold = {
      failOn: args['fail-on'],
      maxWarnings:
        args['max-warnings'] === undefined ? undefined : parseCount('--max-warnings', args['max-warnings'], 0),
    };
    this.#maxFindings = parseCount('--max-findings', args['max-findings'], 1);
    this.matches = args.filter === undefined ? undefined : findingFilter(args.filter, program.protocols);
    this.listing = {
      // Which findings a listing has room for is known only when the filter was asked about all of them.
      maxFindings: this.matches ? Number.MAX_SAFE_INTEGER : this.#maxFindings,
      allConnections: args['all-connections'],
    };
  }

  /** The report with what the filter asks for. */
  narrow(report: RunReport): RunReport {
    const { filter, 'all-connections': allConnections } = this.#args;
    const { matches } = this;
    if (!matches) return report;
    return narrowed(report, { text: filter ?? '', matches, maxFindings: this.#maxFindings, allConnections });
  }

  render(report: RunReport): string {
    const { tool, host } = this.#program;
    const { format, quiet } = this.#args;
    if (format === 'json') return jsonReport(report, tool);
    if (format === 'ndjson') return new LiveJson().report(report, tool);
    return textReport(report, { ...pageOptions(this.#args, host), quiet });
  }

  /** Whether a finding is asked for. @param origin time of the capture's first frame */
  asksFor(finding: Finding, origin: Timestamp): boolean {
    return this.matches?.(new FindingSubject(finding, origin)) ?? true;
  }

  /** Whether the report stands behind what is shown as it comes up. */
  get goesToStandardOutput(): boolean {
    return !toFile(this.#args);
  }

  /** What shows findings as they come up, on standard output; nothing where that holds one JSON document alone. */
  live(): LiveText | LiveJson | undefined {
    const { format, quiet } = this.#args;
    if (format === 'ndjson') return new LiveJson();
    // A document that goes to a file leaves standard output to those who watch.
    if (format === 'json' && !toFile(this.#args)) return undefined;
    return new LiveText({ ...pageOptions({ ...this.#args, output: undefined }, this.#program.host), quiet });
  }
}

export type Live = LiveText | LiveJson;
