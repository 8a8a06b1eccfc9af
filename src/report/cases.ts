/**
 * A run as test cases, for the formats that CI systems count: one for each rule in each capture, or one for each
 * connection. A case fails exactly where it holds what makes the run fail, so that the verdict of such a report and the
 * exit code agree; and what was not exercised, or could not be judged, is skipped with its reason, never passed.
 */
import type { Finding } from '../lint/finding.ts';
import type { Severity } from '../lint/rule.ts';
import type { CaptureRuleTally, CaptureTally } from '../lint/tally.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { FormatInput } from './format.ts';
import { groupBy } from './group-by.ts';
import { counted, grouped } from './numbers.ts';
import type { RunReport } from './run-report.ts';
import { failingSeverities } from './threshold.ts';

/** `skipped` comes in two kinds: nothing to judge, or something that could not be judged. */
export type Outcome = 'failed' | 'passed' | 'not exercised' | 'inconclusive';

export interface Case {
  /** Stable from run to run, and unique in its suite. */
  readonly name: string;
  readonly outcome: Outcome;
  /** The rule that it is about; undefined for one about a connection. */
  readonly ruleId: string | undefined;
  /** One line: why it failed or was skipped, what there was in passing; empty where nothing is to be said. */
  readonly reason: string;
  /** Findings of it that are listed, whatever their severity. */
  readonly findings: readonly Finding[];
  /** The first of them that makes it fail. */
  readonly worst?: Finding | undefined;
  /** How many there are that are not listed. */
  readonly unlisted: number;
}

/** The cases of one protocol in one capture. */
export interface Suite {
  readonly protocol: string;
  readonly capture: number;
  /** The capture's path, with a number where another has the same. */
  readonly captureName: string;
  readonly cases: readonly Case[];
}

type Counts = Readonly<Record<Severity, number>>;

export function suitesOf({ report, threshold, granularity }: FormatInput): Suite[] {
  const failing = failingSeverities(threshold, report.summary);
  const names = captureNames(report);
  const findings = groupBy(report.findings, finding => `${finding.capture} ${finding.protocol}`);
  const connections = groupBy(report.connections, connection => `${connection.capture} ${connection.protocol}`);
  return report.tallies.map(tally => {
    const key = `${tally.capture} ${tally.protocol}`;
    const found = findings.get(key) ?? [];
    const listed = connections.get(key) ?? [];
    const cases =
      granularity === 'rule'
        ? ruleCases(tally, found, listed, failing)
        : connectionCases(tally, found, listed, failing);
    return { protocol: tally.protocol, capture: tally.capture, captureName: names[tally.capture] ?? '', cases };
  });
}

/** How captures are called, one like none of the others. */
export function captureNames({ captures }: RunReport): string[] {
  const seen = new Map<string, number>();
  return captures.map(({ path }) => {
    const name = path === '-' ? 'standard input' : path;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function ruleCases(
  tally: CaptureTally,
  findings: readonly Finding[],
  connections: readonly ConnectionReport[],
  failing: ReadonlySet<Severity>,
): Case[] {
  const byRule = groupBy(findings, ({ ruleId }) => ruleId);
  const doubts = reasonsIn(connections);
  return tally.rules.map(rule => {
    const listed = byRule.get(rule.id) ?? [];
    const unlisted = Math.max(0, rule.broken - listed.length);
    const worst = listed.find(({ severity }) => failing.has(severity));
    return { name: rule.id, ruleId: rule.id, findings: listed, worst, unlisted, ...standing(rule, failing, doubts) };
  });
}

function standing(
  rule: CaptureRuleTally,
  failing: ReadonlySet<Severity>,
  doubts: string,
): { readonly outcome: Outcome; readonly reason: string } {
  const { checked, broken, inconclusive, unasked, accepted } = rule;
  const word = rule.severity === 'info' ? 'noted' : 'broken';
  const times = `${word} ${grouped(broken)} of ${counted(checked, 'time')}`;
  if (isFailing(countsOf(rule), failing)) return { outcome: 'failed', reason: times };
  if (unasked > 0) {
    const reason = `broken ${counted(unasked, 'time')}, by findings that do not match the filter (-Y)`;
    return { outcome: 'inconclusive', reason };
  }
  if (broken > 0) return { outcome: 'passed', reason: `${times}, which does not make the run fail` };
  if (accepted > 0) {
    const reason = `${word} ${grouped(accepted)} of ${counted(checked, 'time')}, as the baseline accepts`;
    return { outcome: 'passed', reason };
  }
  if (inconclusive > 0) {
    const often = `could not be judged ${grouped(inconclusive)} of ${counted(checked + inconclusive, 'time')}`;
    return { outcome: 'inconclusive', reason: doubts === '' ? often : `${often}; ${doubts}` };
  }
  if (checked === 0) return { outcome: 'not exercised', reason: 'not exercised: nothing came that the rule judges' };
  return { outcome: 'passed', reason: '' };
}

/** Why connections are inconclusive, each reason once. */
function reasonsIn(connections: readonly ConnectionReport[]): string {
  const ids = new Map<string, number[]>();
  for (const { id, reasons } of connections) {
    for (const { because } of reasons) {
      const group = ids.get(because);
      if (group) group.push(id);
      else ids.set(because, [id]);
    }
  }
  const most = 3;
  const lines = [...ids].slice(0, most).map(([because, of]) => {
    const named = of.length === 1 ? `connection ${of[0]}` : counted(of.length, 'connection');
    return `${named}: ${because}`;
  });
  return [...lines, ...(ids.size > most ? [`and ${ids.size - most} reasons more`] : [])].join('; ');
}

function connectionCases(
  tally: CaptureTally,
  findings: readonly Finding[],
  connections: readonly ConnectionReport[],
  failing: ReadonlySet<Severity>,
): Case[] {
  const byConnection = groupBy(findings, ({ connection }) => connection);
  const listed = new Map(connections.map(connection => [connection.id, connection]));
  const ids = [...new Set([...listed.keys(), ...byConnection.keys()])].sort((a, b) => a - b);
  const cases = ids.map(id => connectionCase(id, listed.get(id), byConnection.get(id) ?? [], failing));
  const unseen = tally.connections - ids.length;
  if (unseen > 0) {
    const reason = `${counted(unseen, 'connection')} not listed`;
    cases.push(plain('connections that are not listed', 'not exercised', reason));
  }
  // What is not listed makes the run fail as what is.
  const isLost = tally.rules.some(rule => isFailing(countsOf(rule), failing));
  if (isLost && !cases.some(({ outcome }) => outcome === 'failed')) {
    const broken = tally.rules.filter(rule => isFailing(countsOf(rule), failing)).map(({ id }) => id);
    cases.push(
      plain('findings that are not listed', 'failed', `broken, without a listed finding: ${broken.join(', ')}`),
    );
  }
  return cases;
}

function connectionCase(
  id: number,
  connection: ConnectionReport | undefined,
  findings: readonly Finding[],
  failing: ReadonlySet<Severity>,
): Case {
  const ends = connection ? ` ${connection.client} -> ${connection.server}` : '';
  const base = { name: `connection ${id}${ends}`, ruleId: undefined, findings, unlisted: 0 };
  const failed = findings.filter(({ severity }) => failing.has(severity));
  if (failed.length > 0) {
    return { ...base, worst: failed[0], outcome: 'failed', reason: counted(failed.length, 'finding') };
  }
  if (connection?.verdict === 'inconclusive') {
    const reason = connection.reasons.map(({ because, advice }) => `${because}; ${advice}`).join('; ');
    return { ...base, outcome: 'inconclusive', reason: `inconclusive: ${reason}` };
  }
  if (connection?.verdict === 'violations' && findings.length === 0) {
    return { ...base, outcome: 'inconclusive', reason: 'its findings are not among those that are listed' };
  }
  const reason = findings.length === 0 ? '' : `${counted(findings.length, 'finding')}, which do not make the run fail`;
  return { ...base, outcome: 'passed', reason };
}

function plain(name: string, outcome: Outcome, reason: string): Case {
  return { name, outcome, reason, ruleId: undefined, findings: [], unlisted: 0 };
}

/** How often a rule was broken, by the severity that this had. */
function countsOf({ severity, broken, milder }: CaptureRuleTally): Counts {
  const counts = { error: 0, warning: 0, info: 0, [severity]: broken - milder };
  return { ...counts, warning: counts.warning + milder };
}

function isFailing(counts: Counts, failing: ReadonlySet<Severity>): boolean {
  return [...failing].some(severity => counts[severity] > 0);
}
