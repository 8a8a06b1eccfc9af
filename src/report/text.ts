/**
 * The report that people read: findings under their connection, each with its place, its sentence, what the
 * specification expects, and the bytes; then what the proxy has done, if it has, and what was checked at all; last, one
 * line that sums the run up.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Finding } from '../lint/finding.ts';
import type { RuleTally } from '../lint/tally.ts';
import type { ConnectionReport, Verdict } from '../lint/verdict.ts';
import { visible } from '../wire/escape.ts';
import { countWords } from './counts.ts';
import { printCoverage } from './coverage.ts';
import { departureLine } from './departure.ts';
import { printFinding, printFolded } from './finding-text.ts';
import { fold } from './folding.ts';
import { printInterference } from './interference-text.ts';
import { counted, grouped } from './numbers.ts';
import { Page, type PageOptions, type Span, type Style, span } from './page.ts';
import type { ProtocolReport, RunReport } from './run-report.ts';
import { printStatements } from './statements.ts';
import { decisionOf, failingSeverities, type Threshold } from './threshold.ts';
import { captureDigits } from './time.ts';

export interface TextOptions extends PageOptions {
  /** Only what makes the run fail, and the summary. */
  readonly quiet?: boolean;
  /** Every rule, state and step of the protocols, and how often it was exercised. */
  readonly coverage?: boolean;
  /** When findings make it fail; errors do by default. */
  readonly threshold?: Threshold;
}

const ERRORS: Threshold = { failOn: 'error', maxWarnings: undefined };
const LABEL_WIDTH = 8;
const VERDICT_STYLE: Readonly<Record<Verdict, Style>> = {
  conformant: 'good',
  violations: 'error',
  inconclusive: 'warning',
};

export function textReport(report: RunReport, options: TextOptions): string {
  return [...textPieces(report, options)].join('');
}

/** The same in pieces. */
export function* textPieces(report: RunReport, options: TextOptions): Generator<string> {
  const page = new Page(options);
  const { quiet = false, threshold = ERRORS } = options;
  const failing = failingSeverities(threshold, report.summary);
  const isShown = ({ severity }: Finding) => !quiet || severity === 'error' || failing.has(severity);
  yield* printConnections(page, report, quiet, isShown);
  if (!quiet) {
    printInterference(page, report);
    for (const protocol of report.protocols) printProtocol(page, protocol);
    if (options.coverage) for (const protocol of report.protocols) printCoverage(page, protocol);
    for (const protocol of report.protocols) printStatements(page, protocol);
    printCaptures(page, report);
    printList(page, 'note', report.notes);
  }
  printList(page, 'departure', (report.departures ?? []).map(departureLine));
  printList(page, 'problem', captureProblems(report.captures));
  page.blank();
  page.line(0, ...summary(report, threshold));
  yield page.take();
}

function* printConnections(
  page: Page,
  report: RunReport,
  quiet: boolean,
  isShown: (finding: Finding) => boolean,
): Generator<string> {
  for (const { id, connection, places } of groupsOf(report, isShown)) {
    if (quiet && places.length === 0) continue;
    const group = Array.from(places, place => report.findings[place]);
    // By these `extract` takes them.
    const numbers = new Map(group.map((finding, index) => [finding, places[index] + 1]));
    printHeader(page, report, id, connection, group[0]);
    const { shown, folded } = fold(group);
    for (const finding of shown) {
      printFinding(page, finding, numbers.get(finding) ?? 0, captureDigits(report.captures[finding.capture]));
      printFolded(page, folded.get(finding) ?? []);
    }
    yield page.takePart();
  }
  printOmitted(page, report);
}

/**
 * By connection, in the order of their numbers: what is listed of it, and the places of its findings. Sorted as numbers: a list for
 * each connection took a sixth more memory for 300,000 findings.
 */
function* groupsOf({ findings, connections }: RunReport, isShown: (finding: Finding) => boolean) {
  const places = Uint32Array.from([...findings.keys()].filter(place => isShown(findings[place])));
  places.sort((one, other) => findings[one].connection - findings[other].connection || one - other);
  const listed = Uint32Array.from(connections.keys()).sort((one, other) => connections[one].id - connections[other].id);
  for (let at = 0, next = 0; at < places.length || next < listed.length; ) {
    const ofFinding = findings[places[at]]?.connection ?? Number.POSITIVE_INFINITY;
    const ofListed = connections[listed[next]]?.id ?? Number.POSITIVE_INFINITY;
    const id = Math.min(ofFinding, ofListed);
    const from = at;
    while (findings[places[at]]?.connection === id) at++;
    yield {
      id,
      connection: id === ofListed ? connections[listed[next++]] : undefined,
      places: places.subarray(from, at),
    };
  }
}

/** A connection beyond the listing's bound is known by its first finding only. */
function printHeader(
  page: Page,
  report: RunReport,
  id: number,
  connection: ConnectionReport | undefined,
  finding: Finding | undefined,
): void {
  const subject = connection ?? finding;
  if (!subject) return;
  const ends = connection ? `${connection.client} -> ${connection.server}` : `${finding?.from} and ${finding?.to}`;
  page.blank();
  page.wrap(0, 2, span(`${subject.protocol} connection ${id}:`, 'strong'), span(` ${ends}`, 'strong'));
  const facts: Span[] = [];
  if (report.captures.length > 1) facts.push(span(`${report.captures[subject.capture]?.path ?? ''}, `, 'dim'));
  if (connection) {
    facts.push(span(`${counted(connection.messages, 'message')}, ${connection.state}, `, 'dim'));
    facts.push(span(connection.verdict, VERDICT_STYLE[connection.verdict]));
    if (connection.about) facts.push(span(`; ${visible(connection.about)}`, 'dim'));
  }
  page.wrap(2, 4, ...facts);
  for (const { because, advice } of connection?.reasons ?? []) {
    page.wrap(4, 6, span(`because ${because}; `), span(advice, 'dim'));
  }
}

function printOmitted(page: Page, { omitted }: RunReport): void {
  const lines: string[] = [];
  if (omitted.findings > 0) lines.push(`${counted(omitted.findings, 'more finding')} not listed (--max-findings)`);
  if (omitted.connections > 0) lines.push(`${counted(omitted.connections, 'more connection')} not listed`);
  printList(page, 'omitted', lines);
}

function printProtocol(page: Page, protocol: ProtocolReport): void {
  page.blank();
  const counts = `${counted(protocol.connections, 'connection')}, ${counted(protocol.messages, 'message')}`;
  page.wrap(0, 2, span(`${protocol.id}: `, 'strong'), span(counts));
  const entry = (label: string, ...spans: Span[]) => page.entry(2, LABEL_WIDTH, label, ...spans);
  entry('rules', span(ruleCounts(protocol.rules)));
  const broken = protocol.rules.filter(rule => standing(rule) === 'broken');
  for (const rule of broken) {
    entry(
      '',
      span(rule.id, rule.severity),
      span(` broken ${grouped(rule.broken)} of ${counted(rule.checked, 'time')}`),
    );
  }
  const { transitions, messages } = protocol.coverage;
  const unseen = Object.keys(messages).filter(name => messages[name] === 0);
  const coverage = `${transitions.exercised} of ${transitions.total} legal transitions exercised`;
  entry('coverage', span(unseen.length === 0 ? coverage : `${coverage}; never seen: ${unseen.join(', ')}`));
  const dialect = Object.entries(protocol.dialect).map(([name, value]) => `${name}=${[value].flat().join('|')}`);
  if (dialect.length > 0) entry('dialect', span(dialect.join(', ')));
}

/** Every rule in force is in one of these; an info that came up is noted, since it breaks nothing. */
export function ruleCounts(rules: readonly RuleTally[]): string {
  const tally = { kept: 0, broken: 0, inconclusive: 0, 'not exercised': 0, noted: 0 };
  for (const rule of rules) tally[standing(rule)]++;
  const { noted, ...judged } = tally;
  const parts = Object.entries(judged).map(([word, count]) => `${count} ${word}`);
  return [...parts, ...(noted > 0 ? [`${noted} noted`] : [])].join(', ');
}

export function standing({ severity, checked, broken, inconclusive }: RuleTally) {
  if (broken > 0) return severity === 'info' ? 'noted' : 'broken';
  if (inconclusive > 0) return 'inconclusive';
  return checked > 0 ? 'kept' : 'not exercised';
}

/** One line for each thing that was wrong with a capture. */
export function captureProblems(captures: readonly CaptureFacts[]): string[] {
  const problems: string[] = [];
  for (const { path, problem, complete, dropped } of captures) {
    const where = path === '-' ? 'standard input' : path;
    if (problem)
      problems.push(`${where}: ${problem.message} (byte ${grouped(problem.offset)}); what came before was read`);
    else if (!complete) problems.push(`${where}: was not read to its end`);
    if (dropped > 0) problems.push(`${where}: ${counted(dropped, 'packet')} dropped while capturing`);
  }
  return problems;
}

/** What became of each, where there are several. */
function printCaptures(page: Page, { captures, results }: RunReport): void {
  if (captures.length < 2) return;
  page.blank();
  page.line(0, span('captures:', 'strong'));
  for (const [index, { path }] of captures.entries()) {
    const { verdict, messages, ...counts } = results[index];
    const facts = [counted(messages, 'message'), ...countWords(counts)].join(', ');
    page.wrap(
      2,
      4,
      span(path === '-' ? 'standard input' : path, 'strong'),
      span(`: ${facts}: `),
      span(verdict, VERDICT_STYLE[verdict]),
    );
  }
}

function printList(page: Page, label: string, lines: readonly string[]): void {
  if (lines.length > 0) page.blank();
  for (const line of lines) page.wrap(0, label.length + 2, span(`${label}:`, 'warning'), span(` ${line}`));
}

function summary({ summary: sum, findings }: RunReport, threshold: Threshold): Span[] {
  const spans: Span[] = [];
  const count = (number: number, noun: string, style: Style) => {
    if (number === 0) return;
    if (spans.length > 0) spans.push(span(', '));
    spans.push(span(counted(number, noun), style));
  };
  count(sum.errors, 'error', 'error');
  count(sum.warnings, 'warning', 'warning');
  count(sum.infos, 'info', 'info');
  const touched = new Set(findings.map(finding => finding.connection)).size;
  if (spans.length === 0)
    spans.push(span('no findings', 'good'), span(` in ${counted(sum.connections, 'connection')}`));
  else spans.push(span(` in ${grouped(touched)} of ${counted(sum.connections, 'connection')}`));
  if (sum.accepted > 0) spans.push(span(`, ${grouped(sum.accepted)} accepted`));
  if (sum.inconclusive > 0) spans.push(span(` (${grouped(sum.inconclusive)} inconclusive)`));
  spans.push(span(`; ${counted(sum.messages, 'message')}, ${counted(sum.packets, 'packet')}: `));
  spans.push(span(sum.verdict, VERDICT_STYLE[sum.verdict]));
  const decision = decisionOf(threshold, sum);
  if (decision !== undefined) spans.push(span(` (${decision}: exit 1)`));
  return spans;
}
