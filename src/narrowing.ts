/**
 * A report narrowed by a filter to some of its findings. The filter is asked once the run is over, and only about findings,
 * not about their messages: a finding may come up long after its message went by, or at the capture's end, and a filter
 * that is silently false for those would hide them.
 */

import { catalogueOf } from './filter/catalogue.ts';
import type { Predicate, SubjectKind } from './filter/compile.ts';
import { FilterError } from './filter/error.ts';
import { makeFilter } from './filter/filter.ts';
import { FindingSubject } from './filter/finding-subject.ts';
import type { Finding } from './lint/finding.ts';
import { SEVERITIES, type Severity } from './lint/rule.ts';
import type { CaptureTally } from './lint/tally.ts';
import type { AnyProtocol } from './protocol/protocol.ts';
import { countsOf } from './report/counts.ts';
import { groupBy } from './report/group-by.ts';
import { counted } from './report/numbers.ts';
import type { RunReport, RunSummary } from './report/run-report.ts';
import { UsageError } from './settings/words.ts';

export function findingFilter(text: string, protocols: readonly AnyProtocol[]): Predicate {
  return filterOf(text, protocols, 'findings');
}

/** @throws UsageError in the words of the command line */
export function filterOf(text: string, protocols: readonly AnyProtocol[], subjects: SubjectKind): Predicate {
  try {
    return makeFilter(text, catalogueOf(protocols), subjects);
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`-Y: ${error.message}`, error.message);
    throw error;
  }
}

export interface Narrowing {
  readonly text: string;
  readonly matches: Predicate;
  /** Findings listed for one rule in one connection. */
  readonly maxFindings: number;
  readonly allConnections: boolean;
}

/**
 * The report with the findings that match, and counts of these. Verdicts and the tallies of rules stay those of the run:
 * what is not shown has not passed. Findings beyond the run's bound could not be asked, and count as matching, so that a
 * gate fails rather than passes on what nobody looked at.
 */
export function narrowed(report: RunReport, narrowing: Narrowing): RunReport {
  const isWanted = (finding: Finding) => {
    const origin = report.captures[finding.capture]?.firstTime ?? finding.time;
    return narrowing.matches(new FindingSubject(finding, origin));
  };
  const matching = report.findings.filter(isWanted);
  const unasked = unaskedOf(report);
  const listed = capped(matching, narrowing.maxFindings);
  const touched = new Set(matching.map(({ connection }) => connection));
  const { allConnections } = narrowing;
  const tallies = talliesOf(report, matching);
  const rules = groupBy(tallies, ({ capture }) => capture);
  return {
    ...report,
    summary: { ...report.summary, ...matchingCounts(matching, unasked) },
    tallies,
    results: report.results.map((result, capture) => ({
      ...result,
      ...countsOf((rules.get(capture) ?? []).flatMap(tally => tally.rules)),
    })),
    connections: report.connections.filter(
      ({ id, verdict }) => allConnections || verdict === 'inconclusive' || touched.has(id),
    ),
    findings: listed,
    ...inducedOf(report, narrowing.maxFindings, isWanted),
    omitted: { ...report.omitted, findings: report.omitted.findings + matching.length - listed.length },
    notes: [...report.notes, ...notesOf(narrowing.text, matching.length, report, unasked)],
  };
}

/** The tallies of captures with what matches; what was broken otherwise is set aside as not asked for. */
function talliesOf({ tallies, findings }: RunReport, matching: readonly Finding[]): CaptureTally[] {
  const kept = countByRule(findings);
  const asked = countByRule(matching);
  return tallies.map(tally => ({
    ...tally,
    rules: tally.rules.map(rule => {
      const key = `${tally.capture} ${tally.protocol} ${rule.id}`;
      const [all, mild] = kept.get(key) ?? [0, 0];
      const [wanted, wantedMild] = asked.get(key) ?? [0, 0];
      const unasked = all - wanted;
      const milder = rule.severity === 'error' ? rule.milder - (mild - wantedMild) : rule.milder;
      return { ...rule, broken: rule.broken - unasked, milder, unasked };
    }),
  }));
}

/** Findings of each rule in each capture, and those among them that are warnings. */
function countByRule(findings: readonly Finding[]): Map<string, readonly [all: number, warnings: number]> {
  const counts = new Map<string, readonly [number, number]>();
  for (const { capture, protocol, ruleId, severity } of findings) {
    const key = `${capture} ${protocol} ${ruleId}`;
    const [all, warnings] = counts.get(key) ?? [0, 0];
    counts.set(key, [all + 1, warnings + (severity === 'warning' ? 1 : 0)]);
  }
  return counts;
}

type BySeverity = Readonly<Record<Severity, number>>;

const COUNTS: Readonly<Record<Severity, 'errors' | 'warnings' | 'infos'>> = {
  error: 'errors',
  warning: 'warnings',
  info: 'infos',
};

function bySeverity(of: (severity: Severity) => number): BySeverity {
  return Object.fromEntries(SEVERITIES.map(severity => [severity, of(severity)])) as Record<Severity, number>;
}

/** Findings that were counted and not kept. */
function unaskedOf({ summary, findings }: RunReport): BySeverity {
  return bySeverity(severity => Math.max(0, summary[COUNTS[severity]] - numberOf(findings, severity)));
}

function matchingCounts(
  matching: readonly Finding[],
  unasked: BySeverity,
): Pick<RunSummary, 'errors' | 'warnings' | 'infos'> {
  const { error, warning, info } = bySeverity(severity => numberOf(matching, severity) + unasked[severity]);
  return { errors: error, warnings: warning, infos: info };
}

function numberOf(findings: readonly Finding[], severity: Severity): number {
  return findings.reduce((count, finding) => count + (finding.severity === severity ? 1 : 0), 0);
}

/** The report with at most so many findings of one rule in one connection listed. */
export function cappedAt(report: RunReport, most: number): RunReport {
  const findings = capped(report.findings, most);
  const omitted = report.omitted.findings + report.findings.length - findings.length;
  return {
    ...report,
    findings,
    ...inducedOf(report, most, () => true),
    omitted: { ...report.omitted, findings: omitted },
  };
}

/** What was induced counts nowhere, and is narrowed in the same way. */
function inducedOf(
  { induced }: RunReport,
  most: number,
  isWanted: (finding: Finding) => boolean,
): Pick<RunReport, 'induced'> {
  const left = capped((induced ?? []).filter(isWanted), most);
  return induced === undefined ? {} : { induced: left };
}

/** The first ones of each rule in each connection. */
function capped(findings: readonly Finding[], most: number): Finding[] {
  const counts = new Map<string, number>();
  return findings.filter(({ connection, ruleId }) => {
    const key = `${connection} ${ruleId}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= most;
  });
}

function notesOf(text: string, matching: number, { findings }: RunReport, unasked: BySeverity): string[] {
  const of = counted(findings.length, 'finding');
  const notes = [`filter (-Y) ${text}: ${matching} of ${of} matched; verdicts and rules are of all`];
  const unknown = Object.values(unasked).reduce((sum, count) => sum + count, 0);
  if (unknown > 0) {
    notes.push(
      `the filter could not be asked about ${counted(unknown, 'finding')} more, counted as matching (--limit findings)`,
    );
  }
  return notes;
}
