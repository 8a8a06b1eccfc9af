/**
 * What `check` and `proxy` share: how the outcome of a run is listed, filtered, printed and made an exit code, and how
 * findings are shown while the traffic runs.
 */
import type { InferredOptionTypes, Options } from 'yargs';
import type { Engine } from '../engine.ts';
import type { Predicate } from '../filter/compile.ts';
import { FindingSubject } from '../filter/finding-subject.ts';
import { type Exchange, excerptOf, exchangeOf } from '../history/excerpt.ts';
import { History } from '../history/history.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import { cappedAt, findingFilter, narrowed } from '../narrowing.ts';
import { catalogues } from '../protocol/carrier.ts';
import { stateGraphs } from '../protocol/diagram.ts';
import { type Demand, shortfalls } from '../report/coverage.ts';
import { type CatalogueRule, GRANULARITIES, SARIF_RESULTS } from '../report/format.ts';
import { FORMAT_NAMES, type FormatName } from '../report/formats.ts';
import { LiveJson } from '../report/live-json.ts';
import { LiveText } from '../report/live-text.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Threshold } from '../report/threshold.ts';
import type { EngineOptions } from '../run/options.ts';
import { parseCount, parseCoverage } from '../settings/words.ts';
import { BaselineFile } from './baseline-file.ts';
import type { Program } from './command.ts';
import { FILTER_OPTION, OUTPUT_OPTIONS, pageOptions } from './options.ts';
import { type NamedFile, requireApart } from './output.ts';
import { type Target, targetsOf, withoutBlob } from './report-targets.ts';
import { Reports } from './reports.ts';

export const REPORT_OPTIONS = {
  format: {
    alias: 'f',
    type: 'string',
    requiresArg: true,
    describe: `Format of the report, text by default: ${FORMAT_NAMES.join(', ')}`,
  },
  ...OUTPUT_OPTIONS,
  report: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Another report, FORMAT=FILE: junit=report.xml; - as FILE is standard output (repeatable)',
  },
  'junit-granularity': {
    choices: GRANULARITIES,
    default: 'rule',
    requiresArg: true,
    describe: 'What is a test case of junit and tap: a rule in a capture, or a connection',
  },
  'sarif-results': {
    choices: SARIF_RESULTS,
    default: 'failing',
    requiresArg: true,
    describe:
      'Results in sarif: broken rules, or what passed and could not be judged too (GitHub makes alerts of them)',
  },
  quiet: {
    alias: 'q',
    type: 'boolean',
    default: false,
    describe: 'Text report: only what makes the run fail, and the summary',
  },
  'fail-on': {
    choices: ['error', 'warning', 'info', 'never'],
    default: 'error',
    requiresArg: true,
    describe: 'Least severity that makes the exit code 1',
  },
  'max-warnings': { type: 'string', requiresArg: true, describe: 'More warnings than this make the exit code 1' },
  coverage: {
    type: 'boolean',
    default: false,
    describe: 'Text report: each rule, state and transition too, and how often it was exercised',
  },
  statements: {
    type: 'boolean',
    default: false,
    describe: 'Text, json, html and markdown: each numbered statement of the specification, and what became of it',
  },
  'min-coverage': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'Percent of the rules that must have been exercised, else exit code 1: mnet=80, mnet.transitions=50 (repeatable)',
  },
  'max-findings': {
    type: 'string',
    default: '100',
    requiresArg: true,
    describe: 'List at most this many findings of a rule in a connection; counts stay exact',
  },
  baseline: {
    type: 'string',
    requiresArg: true,
    describe: 'Do not count findings that this file accepts; name its entries that match nothing',
  },
  'write-baseline': {
    type: 'string',
    requiresArg: true,
    describe: 'Accept all errors and warnings of this run in this file, and keep the reasons in it',
  },
  ...FILTER_OPTION,
  'all-connections': { type: 'boolean', default: false, describe: 'List conformant connections too' },
} as const satisfies Record<string, Options>;

export type ReportArguments = InferredOptionTypes<typeof REPORT_OPTIONS>;

/** The report options of one command line, checked. Throws a `UsageError`. */
export class Reporting {
  readonly threshold: Threshold;
  /** What the engine is to keep for it. */
  readonly listing: Pick<EngineOptions, 'maxFindings' | 'allConnections' | 'statements'>;
  /** What is asked for, if not everything. */
  readonly matches: Predicate | undefined;
  /** The file for `merge` to read, if one is asked for. */
  readonly blob: string | undefined;
  readonly #args: ReportArguments;
  readonly #program: Program;
  readonly #maxFindings: number;
  readonly #targets: readonly Target[];
  readonly #baseline: BaselineFile | undefined;
  readonly #demands: readonly Demand[];
  /** What was said, where a report draws it. */
  #history: History | undefined = undefined;
  /** The same of captures that were judged elsewhere, by connection. */
  readonly #exchanges = new Map<number, Exchange>();

  constructor(args: ReportArguments, program: Program) {
    this.#args = args;
    this.#program = program;
    this.threshold = {
      failOn: args['fail-on'],
      maxWarnings:
        args['max-warnings'] === undefined ? undefined : parseCount('--max-warnings', args['max-warnings'], 0),
    };
    const { blob, report } = withoutBlob(args.report);
    this.blob = blob;
    this.#targets = targetsOf({ ...args, report });
    this.#maxFindings = parseCount('--max-findings', args['max-findings'], 1);
    this.matches = args.filter === undefined ? undefined : findingFilter(args.filter, program.protocols);
    requireApart(this.files);
    this.#baseline = BaselineFile.of(args);
    this.#demands = (args['min-coverage'] ?? []).map(text => parseCoverage(text, program.protocols));
    this.listing = {
      // Which findings a listing has room for is known only when the filter and the baseline were asked about all of them.
      maxFindings: this.matches || this.#baseline ? Number.MAX_SAFE_INTEGER : this.#maxFindings,
      allConnections: args['all-connections'] || this.#countsConnections,
      statements: args.statements,
    };
  }

  /** Whether connections are test cases: then those that passed are cases, too. */
  get #countsConnections(): boolean {
    const isCounted = ({ format }: Target) => format === 'junit' || format === 'tap';
    return this.#args['junit-granularity'] === 'connection' && this.#targets.some(isCounted);
  }

  /** To be called before anything is judged: keeps what was said for the reports that show it (32 bytes a message). */
  watch(engine: Engine): void {
    if (!this.showsConversations) return;
    this.#history = new History(engine.protocols);
    engine.history = this.#history;
  }

  /** Whether a report shows what was said around a finding, now or when blobs are put together. */
  get showsConversations(): boolean {
    return this.blob !== undefined || this.#targets.some(({ format }) => format === 'html');
  }

  /** What was said, as far as it is kept here. */
  get history(): History | undefined {
    return this.#history;
  }

  /** Whether all findings are kept, as a filter or a baseline must be asked about each. */
  get keepsAll(): boolean {
    return this.listing.maxFindings !== this.#maxFindings;
  }

  /** Findings of a rule in a connection that are listed. */
  get maxFindings(): number {
    return this.#maxFindings;
  }

  /** What was said in a connection of a capture that was judged elsewhere. */
  addExchange(connection: number, exchange: Exchange): void {
    this.#exchanges.set(connection, exchange);
  }

  /** The report with what the baseline does not accept, and the filter asks for. */
  narrow(given: RunReport): RunReport {
    const { matches, listing } = this;
    const report = this.#baseline?.apply(given, listing.allConnections) ?? given;
    if (!matches) return this.#baseline ? cappedAt(report, this.#maxFindings) : report;
    const { allConnections } = listing;
    const text = this.#args.filter ?? '';
    return narrowed(report, { text, matches, maxFindings: this.#maxFindings, allConnections });
  }

  /** Coverage that was asked for and not reached, a line each. */
  shortfalls(report: RunReport): string[] {
    return shortfalls(report, this.#demands);
  }

  /** Files that are written when the run has ended. */
  get files(): readonly NamedFile[] {
    return [
      ...this.#targets,
      { option: `--report blob=${this.blob}`, path: this.blob },
      { option: '--write-baseline', path: this.#args['write-baseline'] },
    ];
  }

  /** Opens all that is to be written. @param captures that are about to be read */
  open(captures: readonly string[]): Promise<Reports> {
    return Reports.open(this.#targets, captures, this.#args, this.#program.host);
  }

  /** @param report narrowed already; @param troubles why the run is no verdict, a line each */
  async write(reports: Reports, report: RunReport, troubles: readonly string[]): Promise<void> {
    const { tool, protocols } = this.#program;
    const { quiet, coverage, 'junit-granularity': granularity, 'sarif-results': sarifResults } = this.#args;
    const { threshold } = this;
    const rules = rulesOf(protocols);
    const exchangesOf = (connection: number, frames: ReadonlySet<number>, most: number) => {
      const kept = this.#exchanges.get(connection);
      const exchange = kept ?? (this.#history && exchangeOf(this.#history, connection, frames));
      return exchange ? excerptOf(exchange, frames, most) : [];
    };
    const graphsOf = (id: string) =>
      protocols.filter(one => one.id === id).flatMap(one => stateGraphs(one.machine.table));
    await reports.write({
      ...{ report, tool, rules, graphsOf, exchangesOf, threshold, troubles },
      ...{ quiet, coverage, granularity, sarifResults },
    });
    await this.#baseline?.write();
  }

  /** Whether a finding is asked for. @param origin time of the capture's first frame */
  asksFor(finding: Finding, origin: Timestamp): boolean {
    if (this.#baseline?.accepts(finding)) return false;
    return this.matches?.(new FindingSubject(finding, origin)) ?? true;
  }

  /** Whether a report stands behind what is shown as it comes up. */
  get goesToStandardOutput(): boolean {
    return this.#printed !== undefined;
  }

  /** Whether people read the report on standard output. */
  get isTextPrinted(): boolean {
    return this.#printed === 'text';
  }

  /** Whether people read the report. */
  get isText(): boolean {
    return this.#targets.some(({ format }) => format === 'text');
  }

  /** What shows findings as they come up, on standard output; nothing where that holds one document alone. */
  live(): LiveText | LiveJson | undefined {
    if (this.#printed === 'ndjson') return new LiveJson();
    // A document that goes to a file leaves standard output to those who watch.
    if (this.#printed !== undefined && this.#printed !== 'text') return undefined;
    const { quiet } = this.#args;
    return new LiveText({ ...pageOptions({ ...this.#args, output: undefined }, this.#program.host), quiet });
  }

  /** What standard output holds. */
  get #printed(): FormatName | undefined {
    if (this.#args.format === 'ndjson') return 'ndjson';
    return this.#targets.find(({ path }) => path === undefined)?.format;
  }
}

function rulesOf(protocols: Program['protocols']): ReadonlyMap<string, CatalogueRule> {
  const entries = catalogues(protocols).flatMap(({ rules, specification }) =>
    rules.map(rule => ({ rule, specification: rule.specification ?? specification })),
  );
  return new Map(entries.map(entry => [entry.rule.id, entry]));
}

export type Live = LiveText | LiveJson;
