/**
 * What a run has to say of each numbered statement of a specification: whether it was broken, kept, or never had anything
 * to be judged by, or why nobody can see. The table of all of them is what an implementer calls a conformance statement.
 *
 * Rules are counted by the edition that a connection speaks, where its tracker says it (`Subject.edition`). What happened in
 * connections of which nobody knows counts for each edition: it may have been spoken there.
 */
import { citation, clausesOf } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import type { RuleDocument } from '../lint/rule.ts';
import { type RuleCounts, type RuleTally, sumOfCounts } from '../lint/tally.ts';
import { ownFramings } from './carrier.ts';
import { citesOf } from './citing.ts';
import { conditionWords } from './in-force.ts';
import type { AnyProtocol } from './protocol.ts';
import type { Need, Role, Statement, StatementOutcome, StatementStatus } from './statements.ts';

/** What a run has found out about one protocol. */
export interface StatementEvidence {
  readonly tallies: readonly RuleTally[];
  /** Those of this protocol, as far as they are listed. */
  readonly findings: readonly Finding[];
  /** Whose fault a finding was. */
  readonly roleAtFault: (finding: Finding) => Role | undefined;
  /** Option -> value in force or settled on, or values. */
  readonly dialect: Readonly<Record<string, string | readonly string[]>>;
}

/** Every statement of the editions that were spoken; of all, where the dialect does not tell. */
export function statementOutcomes(protocol: AnyProtocol, evidence: StatementEvidence): readonly StatementOutcome[] {
  const { statements = [] } = protocol;
  const choices = protocol.dialect.filter(({ kind }) => kind === 'choice');
  const spoken = new Set(choices.flatMap(({ name }) => evidence.dialect[name] ?? []));
  const isSpoken = ({ edition }: Statement) => edition === undefined || spoken.has(edition);
  const known = statements.some(({ edition }) => edition !== undefined && spoken.has(edition));
  const bench = new Bench(protocol, evidence);
  return (known ? statements.filter(isSpoken) : statements).map(statement => bench.outcome(statement));
}

/** All that is asked of a protocol's rules, put in order once. */
class Bench {
  readonly #id: string;
  readonly #documents: ReadonlyMap<string, RuleDocument>;
  readonly #tallies = new Map<string, RuleTally[]>();
  readonly #findings = new Map<string, Finding[]>();
  readonly #roleAtFault: StatementEvidence['roleAtFault'];
  readonly #dialect: StatementEvidence['dialect'];

  constructor(protocol: AnyProtocol, { tallies, findings, roleAtFault, dialect }: StatementEvidence) {
    const framings = [...(protocol.framing ? [protocol.framing] : []), ...ownFramings(protocol)];
    const documents: readonly RuleDocument[] = [protocol, ...framings].flatMap(({ rules }) => rules);
    this.#id = protocol.id;
    this.#documents = new Map(documents.map(rule => [rule.id, rule]));
    // One that is of another severity in some captures has several rows.
    for (const tally of tallies) put(this.#tallies, tally.id, tally);
    for (const finding of findings) put(this.#findings, finding.ruleId, finding);
    this.#roleAtFault = roleAtFault;
    this.#dialect = dialect;
  }

  outcome(statement: Statement): StatementOutcome {
    const { id, edition, judgedBy, needs } = statement;
    const rules = [...new Set([...judgedBy, ...(needs?.rules ?? [])])];
    const inForce = rules.filter(rule => this.#tallies.has(rule));
    const counts = sumOfCounts(
      inForce.flatMap(rule => this.#tallies.get(rule) ?? []).map(tally => countsIn(edition, tally)),
    );
    const faults = counts.broken > 0 ? inForce.flatMap(rule => this.#faultsOf(rule, edition)) : [];
    return {
      id,
      edition,
      status: statusOf(statement, rules, inForce, counts),
      ...counts,
      brokenBy: [...new Set(faults.flatMap(finding => this.#roleAtFault(finding) ?? []))].sort(),
      rules,
      says: this.#demandOf(statement, rules),
      note: this.#noteOf(statement, rules, inForce),
    };
  }

  /** The findings of a rule that cite its clause of this edition, or all its clauses. */
  #faultsOf(rule: string, edition: string | undefined): readonly Finding[] {
    const document = this.#documents.get(rule);
    const others = document === undefined ? [] : clausesOf(document).filter(clause => clause.edition !== edition);
    const cited = new Set(others.map(clause => citation('', [clause]).clause));
    return (this.#findings.get(rule) ?? []).filter(({ spec }) => edition === undefined || !cited.has(spec.clause));
  }

  /** The words of a rule that cites this statement alone go before those of one that cites others, too. */
  #demandOf({ id, edition }: Statement, rules: readonly string[]): string {
    const clauses = rules.flatMap(rule => {
      const document = this.#documents.get(rule);
      return document === undefined ? [] : clausesOf(document);
    });
    const said = clauses
      .filter(clause => clause.edition === undefined || clause.edition === edition)
      .map(({ clause, says = '' }) => ({ cited: citesOf(clause), says }))
      .filter(({ cited, says }) => says !== '' && cited.includes(id));
    const best = said.toSorted((one, other) => one.cited.length - other.cited.length)[0];
    return best?.says ?? '';
  }

  #noteOf(statement: Statement, rules: readonly string[], inForce: readonly string[]): string {
    const { note, notObservable, judgedBy, needs } = statement;
    const missing = needs && !this.#isMet(needs) ? needs : undefined;
    const wanted = missing && (missing.option === undefined ? missing.words : conditionWords(this.#id, missing));
    const half = missing && judgedBy.length > 0 && missing.rules.length > 0 ? ` for ${missing.rules.join(', ')}` : '';
    const possible = missing ? judgedBy : rules;
    const silent = possible.length > 0 && inForce.length === 0 ? 'its rules are off' : undefined;
    return [note, notObservable, silent, wanted && `needs ${wanted}${half}`]
      .filter(part => part !== undefined)
      .join('; ');
  }

  /** What is no option is there where its rules are in force. */
  #isMet(needs: Need): boolean {
    if (needs.option === undefined) return needs.rules.some(rule => this.#tallies.has(rule));
    return [this.#dialect[needs.option]].flat().includes(needs.value);
  }
}

function statusOf(
  { notObservable, needs }: Statement,
  rules: readonly string[],
  inForce: readonly string[],
  { checked, broken, inconclusive }: RuleCounts,
): StatementStatus {
  if (notObservable !== undefined) return 'not observable';
  // Where a carrier is missing there is nothing that a rule could look at: that no rule is there yet does not matter.
  if (rules.length === 0 && (needs === undefined || needs.option !== undefined)) return 'not judged';
  if (inForce.length === 0) return 'off';
  if (broken > 0) return 'broken';
  if (checked > 0) return 'kept';
  return inconclusive > 0 ? 'inconclusive' : 'not exercised';
}

/** All but what is known to have happened in other editions. */
function countsIn(edition: string | undefined, tally: RuleTally): RuleCounts {
  const { byEdition = [], checked, broken, inconclusive } = tally;
  const others = sumOfCounts(edition === undefined ? [] : byEdition.filter(one => one.edition !== edition));
  return {
    checked: checked - others.checked,
    broken: broken - others.broken,
    inconclusive: inconclusive - others.inconclusive,
  };
}

function put<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group) group.push(item);
  else groups.set(key, [item]);
}
