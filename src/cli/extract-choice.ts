/** What `extract` can be asked, which findings it was asked for, and the frames that they stand in. */
import type { InferredOptionTypes, Options } from 'yargs';
import { connectionSelection, type Selection } from '../history/export.ts';
import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import { findingFilter, type Narrowing, narrowed } from '../narrowing.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';
import type { EngineOptions } from '../run/options.ts';
import { parseCount, ruleIds, UsageError, unknownRule } from '../settings/words.ts';
import { ANALYSIS_OPTIONS, analysisOf, FILTER_OPTION } from './options.ts';
import { REPORT_OPTIONS } from './reporting.ts';

const { rule, 'allow-empty': _, ...UNDERSTANDING } = ANALYSIS_OPTIONS;

export const EXTRACT_OPTIONS = {
  finding: {
    type: 'string',
    requiresArg: true,
    describe: 'A finding, by its number (#3) in the report of check with the same options: 3',
  },
  connection: { type: 'string', requiresArg: true, describe: 'A connection, with all that was found in it: 7' },
  rule: {
    ...rule,
    describe: 'All that breaks a rule: mnet/tag-mismatch. With =SEVERITY its severity, as in check (repeatable)',
  },
  output: { alias: 'o', type: 'string', requiresArg: true, describe: 'File to write: evidence.pcapng' },
  minimize: { type: 'boolean', default: false, describe: 'Keep only the frames that the findings need' },
  redact: {
    type: 'boolean',
    default: false,
    describe: 'Replace addresses, and content that no finding needs: for files to share',
  },
  ...UNDERSTANDING,
  ...FILTER_OPTION,
  'max-findings': REPORT_OPTIONS['max-findings'],
} as const satisfies Record<string, Options>;

export type ExtractArguments = InferredOptionTypes<typeof EXTRACT_OPTIONS>;

export class Choice {
  readonly options: EngineOptions;
  /** What narrows the list of findings down, as in `check`. */
  readonly #narrowing: Narrowing | undefined;
  readonly #finding: number | undefined;
  readonly #connection: number | undefined;
  readonly #rules: readonly string[];

  /** @throws UsageError */
  constructor(args: ExtractArguments, capture: string, protocols: readonly AnyProtocol[]) {
    const { finding, connection, rule = [] } = args;
    // A rule alone is asked for; with a severity behind it, it is set.
    this.#rules = rule.filter(text => !text.includes('='));
    const settings = rule.filter(text => text.includes('='));
    const maxFindings = parseCount('--max-findings', args['max-findings'], 1);
    const { filter } = args;
    this.#narrowing =
      filter === undefined
        ? undefined
        : { text: filter, matches: findingFilter(filter, protocols), maxFindings, allConnections: true };
    const { optionsFor, ...analysis } = analysisOf({ ...args, rule: settings }, protocols);
    this.options = {
      ...analysis,
      // As settled for this capture: what is taken out of it has another name.
      ...optionsFor?.(capture),
      maxFindings: this.#narrowing ? Number.MAX_SAFE_INTEGER : maxFindings,
      allConnections: true,
    };
    const ids = ruleIds(protocols);
    for (const id of this.#rules) {
      if (!ids.includes(id)) throw new UsageError(`--rule: ${unknownRule(id, ids)}`);
    }
    this.#finding = finding === undefined ? undefined : parseCount('--finding', finding, 1);
    this.#connection = connection === undefined ? undefined : parseCount('--connection', connection, 1);
    const ways = [this.#finding, this.#connection, this.#rules[0]].filter(way => way !== undefined);
    if (ways.length !== 1)
      throw new UsageError('extract: say what is wanted, by one of --finding N, --connection N and --rule ID');
  }

  /** Why there is nothing, where `of` gives undefined. */
  get nothing(): string {
    return `nothing to extract: nothing breaks ${this.#rules.join(' or ')}`;
  }

  /** @throws UsageError for a number that the report does not have */
  of(report: RunReport, history: History): Selection | undefined {
    const connection = this.#connection;
    if (connection !== undefined) {
      requireNumber('--connection', connection, history.connections.count, 'connection');
      return connectionSelection(history, connection);
    }
    const findings = this.#findings(report);
    if (findings.length === 0) return undefined;
    const selections = [...new Set(findings.map(finding => finding.connection))].map(id =>
      connectionSelection(history, id),
    );
    return {
      flows: selections.flatMap(({ flows = [] }) => flows),
      until: Math.max(...selections.map(({ until }) => until)),
      findings,
    };
  }

  #findings(report: RunReport): readonly Finding[] {
    const { findings } = this.#narrowing ? narrowed(report, this.#narrowing) : report;
    if (this.#finding === undefined) return findings.filter(({ ruleId }) => this.#rules.includes(ruleId));
    requireNumber('--finding', this.#finding, findings.length, 'finding');
    return findings.slice(this.#finding - 1, this.#finding);
  }
}

function requireNumber(option: string, number: number, count: number, noun: string): void {
  if (number <= count) return;
  throw new UsageError(`${option} ${number}: there ${count === 1 ? 'is' : 'are'} ${counted(count, noun)}`);
}
