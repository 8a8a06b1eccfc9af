/**
 * Numbered statements for people: by edition, how many there are of each status, and each with the rules that judge it and
 * what is to be said of it. As text for terminals; other formats take the words from here.
 */
import type { StatementOutcome, StatementStatus } from '../protocol/statements.ts';
import { groupBy } from './group-by.ts';
import { grouped } from './numbers.ts';
import { type Page, type Style, span } from './page.ts';
import type { ProtocolReport } from './run-report.ts';

/** In the order in which they are counted: what one should look at first stands first. */
const STYLES: Readonly<Record<StatementStatus, Style>> = {
  broken: 'error',
  kept: 'good',
  inconclusive: 'warning',
  'not exercised': 'plain',
  off: 'dim',
  'not judged': 'dim',
  'not observable': 'dim',
};
const STATUSES = Object.keys(STYLES) as readonly StatementStatus[];
const STATUS_WIDTH = Math.max(...STATUSES.map(status => status.length));

/** The statements of one edition. */
export interface StatementList {
  /** `Statements of 5.0`. */
  readonly title: string;
  readonly statements: readonly StatementOutcome[];
}

/** How the counts of several editions are to be read. */
export const SHARED_COUNTS = 'What happened in connections of which the edition is not known counts for each edition.';

export function statementLists({ statements = [] }: ProtocolReport): readonly StatementList[] {
  return [...groupBy(statements, ({ edition }) => edition)].map(([edition, own]) => ({
    title: edition === undefined ? 'Statements' : `Statements of ${edition}`,
    statements: own,
  }));
}

/** `1 broken, 80 kept, 13 not observable`. */
export function statementCounts(statements: readonly StatementOutcome[]): string {
  const byStatus = groupBy(statements, ({ status }) => status);
  return STATUSES.flatMap(status => {
    const count = byStatus.get(status)?.length ?? 0;
    return count === 0 ? [] : [`${grouped(count)} ${status}`];
  }).join(', ');
}

/** `broken by client`, where it is known by whom; else the status alone. */
export function standingOf({ status, brokenBy }: StatementOutcome): string {
  return status === 'broken' && brokenBy.length > 0 ? `broken by ${brokenBy.join(' and ')}` : status;
}

/** Every statement, for terminals. */
export function printStatements(page: Page, protocol: ProtocolReport): void {
  const lists = statementLists(protocol);
  for (const { title, statements } of lists) {
    page.blank();
    page.wrap(0, 2, span(`${protocol.id} ${title.toLowerCase()}:`, 'strong'), span(` ${statementCounts(statements)}`));
    for (const statement of statements) printStatement(page, statement);
  }
  if (lists.length < 2) return;
  page.blank();
  page.wrap(0, 2, span(SHARED_COUNTS, 'dim'));
}

function printStatement(page: Page, statement: StatementOutcome): void {
  const { id, status, checked, broken, brokenBy, inconclusive, rules, note } = statement;
  const facts = [
    ...(broken > 0 ? [`broken ${grouped(broken)} of ${grouped(checked)}`] : []),
    ...(brokenBy.length > 0 ? [`by ${brokenBy.join(' and ')}`] : []),
    ...(inconclusive > 0 ? [`inconclusive ${grouped(inconclusive)}`] : []),
    ...(note === '' ? [] : [note]),
  ];
  const style = STYLES[status];
  page.entry(
    2,
    STATUS_WIDTH,
    status,
    span(id, style === 'dim' ? 'plain' : style),
    span(rules.length === 0 ? '' : ` ${rules.join(', ')}`),
    span(facts.length === 0 ? '' : ` (${facts.join(', ')})`, 'dim'),
  );
}
