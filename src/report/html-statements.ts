/** Numbered statements in the HTML report: a table an edition, in which rules lead to their entries in the table of rules. */
import type { StatementOutcome } from '../protocol/statements.ts';
import { type Html, htmlOf, table, tag } from './html-text.ts';
import { grouped } from './numbers.ts';
import type { ProtocolReport } from './run-report.ts';
import { SHARED_COUNTS, standingOf, statementCounts, statementLists } from './statements.ts';

const HEADS = ['statement', 'was', 'checked', 'broken', 'inconclusive', 'judged by', 'what it requires'];
/** What a status looks like; the others are dim. */
const CLASSES: readonly string[] = ['broken', 'kept', 'inconclusive'];

export function* statementTables(protocol: ProtocolReport): Generator<Html> {
  const lists = statementLists(protocol);
  const inForce = new Set(protocol.rules.map(({ id }) => id));
  for (const { title, statements } of lists) {
    yield tag('h3', {}, title);
    yield tag('p', {}, `${statementCounts(statements)}.`);
    yield table(
      HEADS,
      statements.map(statement => row(statement, protocol.id, inForce)),
    );
  }
  if (lists.length > 1) yield tag('p', { class: 'dim' }, SHARED_COUNTS);
}

/** The entry of a rule in its protocol's table; the rules of carriers are in several. */
export function anchorOf(protocol: string, rule: string): string {
  return `${protocol}:${rule}`;
}

function row(statement: StatementOutcome, protocol: string, inForce: ReadonlySet<string>): (Html | string)[] {
  const { id, status, checked, broken, inconclusive, rules, says, note } = statement;
  const isCounted = rules.some(rule => inForce.has(rule));
  const count = (number: number) => (isCounted ? grouped(number) : '');
  const names = rules.map(rule => {
    const name = tag('code', { class: 'whole' }, rule);
    return inForce.has(rule) ? tag('a', { href: `#${anchorOf(protocol, rule)}` }, name) : name;
  });
  return [
    tag('code', { class: 'whole' }, id),
    tag('span', { class: `whole ${CLASSES.includes(status) ? status : 'dim'}` }, standingOf(statement)),
    count(checked),
    count(broken),
    count(inconclusive),
    listed(names),
    demandAndNote(says, note),
  ];
}

function listed(items: readonly Html[]): Html {
  return { html: htmlOf(items.flatMap((item, index) => (index === 0 ? [item] : [', ', item]))) };
}

function demandAndNote(says: string, note: string): Html {
  if (note === '') return { html: htmlOf(says) };
  const aside = tag('span', { class: 'dim' }, says === '' ? note : `(${note})`);
  return { html: htmlOf(says === '' ? aside : [says, ' ', aside]) };
}
