/**
 * Findings that are accepted: what a team has looked at and lives with for now, so that its build fails for new faults
 * alone. An entry names a situation and not a place: a rule, a protocol, and the fingerprint (lint/fingerprint.ts), which
 * is the same whatever the ports, ids, tags and times. The file is JSON, sorted, an entry a few lines, so that a change of
 * it can be read in a review.
 */

import type { Finding } from './lint/finding.ts';
import { fingerprintOf, lasting } from './lint/fingerprint.ts';
import type { CaptureTally, RuleTally } from './lint/tally.ts';
import type { ConnectionReport } from './lint/verdict.ts';
import { countsOf } from './report/counts.ts';
import { groupBy } from './report/group-by.ts';
import { counted } from './report/numbers.ts';
import type { CaptureResult, ProtocolReport, RunReport } from './report/run-report.ts';
import { UsageError } from './settings/words.ts';

export const BASELINE_VERSION = 1;

export interface Accepted {
  readonly rule: string;
  readonly protocol: string;
  readonly fingerprint: string;
  /** What was found, in words, without what differs from run to run. */
  readonly finding: string;
  /** Why it is accepted; people write it. */
  readonly reason: string;
}

const KEYS = ['rule', 'protocol', 'fingerprint', 'finding', 'reason'] as const;
/** Unused entries that are named in a note. */
const MOST_NAMED = 5;

export class Baseline {
  readonly entries: readonly Accepted[];
  readonly #byFingerprint: ReadonlyMap<string, Accepted>;

  constructor(entries: readonly Accepted[]) {
    this.entries = entries;
    this.#byFingerprint = new Map(entries.map(entry => [keyOf(entry), entry]));
  }

  /** @param name of the file, for the message @throws UsageError for what is no baseline */
  static parse(text: string, name: string): Baseline {
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch (error) {
      throw new UsageError(`${name}: not JSON: ${error instanceof Error ? error.message : error}`);
    }
    if (!isObject(content) || !Array.isArray(content.accepted))
      throw new UsageError(`${name}: not a baseline (check --write-baseline FILE makes one)`);
    if (content.schemaVersion !== BASELINE_VERSION)
      throw new UsageError(`${name}: schemaVersion ${content.schemaVersion}: this program knows ${BASELINE_VERSION}`);
    return new Baseline(content.accepted.map((entry, index) => entryOf(entry, `${name}: accepted[${index}]`)));
  }

  accepts(finding: Finding): boolean {
    return this.#entryOf(finding) !== undefined;
  }

  /** Entries that none of these findings has needed. */
  unused(findings: readonly Finding[]): Accepted[] {
    const used = new Set(findings.map(finding => this.#entryOf(finding)));
    return this.entries.filter(entry => !used.has(entry));
  }

  /** The same, and entries for these findings where there are none. What is there stays: another capture may need it. */
  with(findings: readonly Finding[]): Baseline {
    const entries = new Map(this.#byFingerprint);
    for (const finding of findings) {
      const entry = newEntry(finding);
      const key = keyOf(entry);
      if (!entries.has(key)) entries.set(key, entry);
    }
    return new Baseline([...entries.values()]);
  }

  /** As it stands in a file. */
  toString(): string {
    const accepted = this.entries
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
      .map(entry => Object.fromEntries(KEYS.map(key => [key, entry[key]])));
    return `${JSON.stringify({ schemaVersion: BASELINE_VERSION, accepted }, null, 2)}\n`;
  }

  #entryOf(finding: Finding): Accepted | undefined {
    // Most findings are of rules that no entry names.
    return this.entries.length === 0 ? undefined : this.#byFingerprint.get(keyOf(newKey(finding)));
  }
}

type Key = Pick<Accepted, 'rule' | 'protocol' | 'fingerprint'>;

function newKey(finding: Finding): Key {
  return { rule: finding.ruleId, protocol: finding.protocol, fingerprint: fingerprintOf(finding) };
}

function newEntry(finding: Finding): Accepted {
  return { ...newKey(finding), finding: lasting(finding.message), reason: '' };
}

function keyOf({ rule, protocol, fingerprint }: Key): string {
  return `${protocol} ${rule} ${fingerprint}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf(value: unknown, where: string): Accepted {
  if (!isObject(value)) throw new UsageError(`${where}: expected an object`);
  const text = (key: (typeof KEYS)[number], isNeeded: boolean): string => {
    const found = value[key];
    if (typeof found === 'string') return found;
    if (found === undefined && !isNeeded) return '';
    throw new UsageError(`${where}.${key}: expected a string`);
  };
  return {
    rule: text('rule', true),
    protocol: text('protocol', true),
    fingerprint: text('fingerprint', true),
    finding: text('finding', false),
    reason: text('reason', false),
  };
}

export interface BaselineUse {
  /** Of the file. */
  readonly name: string;
  /** List connections that have nothing left, too. */
  readonly allConnections: boolean;
}

/**
 * The report as if what is accepted had not been found: neither in the listings nor in counts and verdicts. How many that
 * were stands in the summary; entries that nothing has needed are named in a note.
 * @param report with all findings listed: those beyond a bound cannot be accepted
 */
export function withBaseline(
  report: RunReport,
  baseline: Pick<Baseline, 'accepts' | 'unused'>,
  { name, allConnections }: BaselineUse,
): RunReport {
  const accepted = report.findings.filter(finding => baseline.accepts(finding));
  const notes = [...report.notes, ...notesOf(baseline.unused(accepted), name)];
  if (accepted.length === 0) return { ...report, notes };
  const gone = new Set(accepted);
  const findings = report.findings.filter(finding => !gone.has(finding));
  const without = new Without(accepted, report.tallies);
  const protocols = report.protocols.map(protocol => without.protocol(protocol));
  const connections = acceptedConnections(report.connections, accepted, findings);
  const { summary } = report;
  const counts = countsOf(protocols.flatMap(({ rules }) => rules));
  const tallies = report.tallies.map(tally => without.tally(tally));
  const left = new Set(findings.map(({ connection }) => connection));
  const isViolated =
    connections.some(({ verdict }) => verdict === 'violations') ||
    (report.omitted.connections > 0 && counts.errors > 0);
  const isDoubtful = summary.inconclusive > 0 || report.captures.some(({ complete }) => !complete);
  return {
    ...report,
    summary: {
      ...summary,
      ...counts,
      accepted: accepted.length,
      verdict: isViolated ? 'violations' : isDoubtful ? 'inconclusive' : 'conformant',
    },
    protocols,
    tallies,
    results: resultsOf(report, tallies, connections),
    connections: connections.filter(({ id, verdict }) => allConnections || verdict !== 'conformant' || left.has(id)),
    findings,
    notes,
  };
}

function notesOf(unused: readonly Accepted[], name: string): string[] {
  if (unused.length === 0) return [];
  const named = unused.slice(0, MOST_NAMED).map(({ rule, fingerprint }) => `${rule} ${fingerprint}`);
  const more = unused.length > MOST_NAMED ? [`${unused.length - MOST_NAMED} more`] : [];
  const entries = counted(unused.length, 'entry', 'entries');
  return [`${name}: ${entries} of the baseline match nothing here: ${[...named, ...more].join(', ')}`];
}

type Counts = readonly [all: number, warnings: number];

/** Takes what is accepted off the counts of the rules. */
class Without {
  /** By protocol, capture and rule. */
  readonly #inCaptures = new Map<string, Counts>();
  /** By protocol, rule and severity, which may be another one in some captures. */
  readonly #inAll = new Map<string, Counts>();

  constructor(accepted: readonly Finding[], tallies: readonly CaptureTally[]) {
    for (const { capture, protocol, ruleId, severity } of accepted)
      add(this.#inCaptures, `${protocol} ${capture} ${ruleId}`, [1, severity === 'warning' ? 1 : 0]);
    for (const { capture, protocol, rules } of tallies) {
      for (const { id, severity } of rules) {
        const counts = this.#inCaptures.get(`${protocol} ${capture} ${id}`);
        if (counts) add(this.#inAll, `${protocol} ${id} ${severity}`, counts);
      }
    }
  }

  protocol(protocol: ProtocolReport): ProtocolReport {
    const rules = protocol.rules.map(rule => {
      return { ...rule, ...rest(rule, this.#inAll.get(`${protocol.id} ${rule.id} ${rule.severity}`)) };
    });
    return { ...protocol, rules };
  }

  tally(tally: CaptureTally): CaptureTally {
    const rules = tally.rules.map(rule => {
      const left = rest(rule, this.#inCaptures.get(`${tally.protocol} ${tally.capture} ${rule.id}`));
      return { ...rule, ...left, accepted: rule.broken - left.broken };
    });
    return { ...tally, rules };
  }
}

function add(counts: Map<string, Counts>, key: string, [all, warnings]: Counts): void {
  const [allBefore, warningsBefore] = counts.get(key) ?? [0, 0];
  counts.set(key, [allBefore + all, warningsBefore + warnings]);
}

function rest(
  { severity, broken, milder }: RuleTally,
  [all, warnings]: Counts = [0, 0],
): Pick<RuleTally, 'broken' | 'milder'> {
  return { broken: broken - all, milder: severity === 'error' ? milder - warnings : milder };
}

/** A connection of which all that was found is accepted has no fault that counts. */
function acceptedConnections(
  connections: readonly ConnectionReport[],
  accepted: readonly Finding[],
  findings: readonly Finding[],
): ConnectionReport[] {
  const touched = new Set(accepted.map(({ connection }) => connection));
  const broken = new Set(findings.flatMap(({ connection, severity }) => (severity === 'info' ? [] : [connection])));
  return connections.map(connection => {
    const { id, verdict } = connection;
    const isAccepted = verdict === 'violations' && touched.has(id) && !broken.has(id);
    return isAccepted ? { ...connection, verdict: 'conformant' as const } : connection;
  });
}

function resultsOf(
  { results, captures }: RunReport,
  tallies: readonly CaptureTally[],
  connections: readonly ConnectionReport[],
): CaptureResult[] {
  const rules = groupBy(tallies, ({ capture }) => capture);
  const violated = new Set(connections.flatMap(({ capture, verdict }) => (verdict === 'violations' ? [capture] : [])));
  return results.map((result, capture) => {
    const counts = countsOf((rules.get(capture) ?? []).flatMap(tally => tally.rules));
    if (result.verdict !== 'violations' || violated.has(capture)) return { ...result, ...counts };
    const isDoubtful = result.inconclusive > 0 || captures[capture]?.complete === false;
    return { ...result, ...counts, verdict: isDoubtful ? ('inconclusive' as const) : ('conformant' as const) };
  });
}
