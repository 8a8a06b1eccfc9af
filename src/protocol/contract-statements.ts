/**
 * What the contract requires of numbered statements: that each stands there once, and that statements and rules name each
 * other, a statement by the rules that judge it, a rule by its clauses.
 */
import { citesOf, shapeOf } from './citing.ts';
import { conditionProblems } from './contract-conditions.ts';
import {
  about,
  at,
  isObject,
  isText,
  type Loose,
  line,
  objects,
  objectsOf,
  optional,
  type Problem,
  repeated,
  shown,
  text,
  texts,
  textsOf,
} from './contract-words.ts';

export function statementsProblems(protocol: Loose): (string | Problem)[] {
  if (protocol.statements === undefined) return [];
  const statements = objectsOf(protocol, 'statements');
  const known = rulesOf(protocol);
  return [
    ...objects(protocol, 'statements'),
    ...repeated(statements.map(nameOf)).map(name => `statement ${name} stands there twice`),
    ...statements.flatMap(statement =>
      at(`statement ${nameOf(statement)}`, statementProblems(statement, known, protocol)),
    ),
    ...citationProblems(known, statements),
  ];
}

function nameOf({ id, edition }: Loose): string {
  return edition === undefined ? shown(id) : `${shown(id)} (${shown(edition)})`;
}

/** Rules of the protocol and of framings of its own. */
function rulesOf(protocol: Loose): Loose[] {
  const framings = [protocol, ...objectsOf(protocol, 'carriers')].map(({ framing }) => framing).filter(isObject);
  return [protocol, ...framings].flatMap(owner => objectsOf(owner, 'rules'));
}

function statementProblems(statement: Loose, known: readonly Loose[], protocol: Loose): string[] {
  const { id, notObservable, needs } = statement;
  return [
    ...text(statement, 'id'),
    ...(isText(id) && /[\s,;()[\]]/.test(id)
      ? ['its id has a blank, a bracket or a mark that ends it in a clause']
      : []),
    ...['edition', 'note', 'notObservable'].flatMap(name => optional(statement, name, line)),
    ...ruleNames(statement, 'judgedBy', known),
    ...optional(statement, 'needs', () => at('needs', needProblems(needs, known, protocol))),
    ...(notObservable !== undefined && (needs !== undefined || textsOf(statement, 'judgedBy').length > 0)
      ? ['it is not observable and yet judged']
      : []),
  ];
}

function ruleNames(owner: Loose, name: string, known: readonly Loose[]): string[] {
  const names = textsOf(owner, name);
  return [
    ...texts(owner, name),
    ...repeated(names).map(rule => `${name} names ${shown(rule)} twice`),
    ...names
      .filter(rule => !known.some(({ id }) => id === rule))
      .map(rule => `${name} names ${shown(rule)}, which is no rule of this protocol`),
  ];
}

/** Rules of a need are in force where it is met, and only there. */
function needProblems(needs: unknown, known: readonly Loose[], protocol: Loose): string[] {
  if (!isObject(needs)) return [`it is ${shown(needs)}, not an object`];
  const names = ruleNames(needs, 'rules', known);
  if (needs.option === undefined) return [...line(needs, 'words'), ...names];
  return [
    ...conditionProblems(needs, protocol),
    ...names,
    ...known
      .filter(rule => isText(rule.id) && textsOf(needs, 'rules').includes(rule.id))
      .filter(
        ({ onlyIf }) => !isObject(onlyIf) || onlyIf.option !== needs.option || String(onlyIf.value) !== needs.value,
      )
      .map(({ id }) => `${shown(id)} is not in force only there: it has another onlyIf, or none`),
  ];
}

/** What is wrong between the clauses of rules and the statements. */
function citationProblems(rules: readonly Loose[], statements: readonly Loose[]): (string | Problem)[] {
  return [
    ...rules.flatMap(rule =>
      clausesOf(rule).flatMap(clause => about(rule, shown(rule.id), clauseProblems(rule.id, clause, statements))),
    ),
    ...statements.flatMap(statement => {
      const uncited = rules.filter(rule => namesOf(statement).includes(rule.id) && !cites(rule, statement));
      return uncited.map(({ id }) => `statement ${nameOf(statement)}: ${shown(id)} judges it and does not cite it`);
    }),
  ];
}

function clauseProblems(rule: unknown, { clause, edition }: Loose, statements: readonly Loose[]): string[] {
  const own = statements.filter(statement => isOfOneEdition(edition, statement.edition));
  const shapes = new Set(own.map(({ id }) => shapeOf(String(id))));
  return citesOf(String(clause)).flatMap(word => {
    const cited = own.filter(({ id }) => id === word);
    if (cited.length === 0) {
      const where = edition === undefined ? '' : ` of ${shown(edition)}`;
      return shapes.has(shapeOf(word)) ? [`it cites ${shown(word)}, and no statement${where} is called that`] : [];
    }
    return cited
      .filter(statement => !namesOf(statement).includes(rule))
      .map(statement => `it cites ${nameOf(statement)}, which does not name it`);
  });
}

function cites(rule: Loose, { id, edition }: Loose): boolean {
  return clausesOf(rule).some(
    clause => isOfOneEdition(clause.edition, edition) && citesOf(String(clause.clause)).includes(String(id)),
  );
}

/** What names no edition is of all of them. */
function isOfOneEdition(one: unknown, other: unknown): boolean {
  return one === undefined || other === undefined || one === other;
}

/** All rules that judge the statement. */
function namesOf(statement: Loose): readonly unknown[] {
  const { needs } = statement;
  return [...textsOf(statement, 'judgedBy'), ...(isObject(needs) ? textsOf(needs, 'rules') : [])];
}

function clausesOf(rule: Loose): Loose[] {
  return Array.isArray(rule.clause) ? objectsOf(rule, 'clause') : [{ clause: rule.clause }];
}
