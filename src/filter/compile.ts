/**
 * Checks a filter's tree against the catalogue and makes of it a function that asks a subject. All that can be wrong with
 * a filter is found here, before anything is read; asking never fails.
 *
 * A field may have several values (`addr` has two, a message may have several findings, `files[*]` a value an item). A
 * comparison holds when it holds for any of them, and `!=` when no value is equal: `addr != 10.0.0.1` is that neither end
 * is. Without a value no comparison holds, `!=` included; `!(rule == x)` holds then.
 */
import { wiresharkAdvice } from './aliases.ts';
import { type FieldCatalogue, type FieldEntry, fieldsOf } from './catalogue.ts';
import { compareDecimals } from './decimal.ts';
import { FilterError } from './error.ts';
import { type Asked, boundOf, numberOf, OPERATORS, testOf } from './operators.ts';
import { stepsOf } from './parser.ts';
import type { FilterSubject, LayoutPlace, Test } from './subject.ts';
import { type FieldName, type Literal, type Node, type Operator, printField, type Range, type Step } from './syntax.ts';
import { notAmong } from './words.ts';

export type Predicate = (subject: FilterSubject) => boolean;

/** What a filter will be asked about; findings have fewer fields than messages. */
export type SubjectKind = 'messages' | 'findings';

/** A field as the author wrote it, and what it is. */
export interface Resolved {
  readonly entry: FieldEntry;
  readonly name: string;
  /** From the layout's field on. */
  readonly path: readonly Step[];
  /** Whether it leads into JSON, and not only to it. */
  readonly inJson: boolean;
}

type Values = LayoutPlace['as'];

const ANY: Test = () => true;

/** Throws a `FilterError` for fields that there are not, and for values that cannot be compared with them. */
export function compile(node: Node, catalogue: FieldCatalogue, subjects: SubjectKind): Predicate {
  const field = (name: FieldName) => resolve(name, catalogue, subjects);
  switch (node.kind) {
    case 'and':
    case 'or': {
      const terms = node.terms.map(term => compile(term, catalogue, subjects));
      return node.kind === 'and' ? every(terms) : some(terms);
    }
    case 'not': {
      const term = compile(node.term, catalogue, subjects);
      return subject => !term(subject);
    }
    case 'present':
      return asking(field(node.field), 'value', ANY);
    case 'compare':
      return comparison(field(node.field), node.operator, node.column, node.value);
    case 'in':
      return membership(field(node.field), node.column, node.ranges);
  }
}

function every(terms: readonly Predicate[]): Predicate {
  return subject => {
    for (const term of terms) if (!term(subject)) return false;
    return true;
  };
}

function some(terms: readonly Predicate[]): Predicate {
  return subject => {
    for (const term of terms) if (term(subject)) return true;
    return false;
  };
}

/** Finds the field: `mnet.sequence` is one of the catalogue, and what stands behind a JSON field leads into it. */
export function resolve(field: FieldName, catalogue: FieldCatalogue, subjects: SubjectKind): Resolved {
  const { steps: written, column } = field;
  const name = printField(field);
  const known = written.findLastIndex((_, index) => entryOf(written.slice(0, index + 1), catalogue)) + 1;
  const steps = inOurNames(written, known, catalogue);
  const entry = entryOf(written.slice(0, known), catalogue);
  const isLonger = known < written.length;
  if (!entry || (isLonger && known === 1 && written[1].kind === 'name')) {
    throw new FilterError(column, notAField(written, catalogue));
  }
  if (isLonger && entry.kind !== 'json') throw new FilterError(column, notInside(entry, name, catalogue));
  if (subjects === 'findings' && !entry.ofFindings) {
    throw new FilterError(
      column,
      `${name} is a field of messages, which findings do not have; dissect -Y asks messages`,
    );
  }
  return { entry, name, path: steps.slice(entry.place.of === 'layout' ? 2 : 1), inJson: isLonger };
}

/** Wireshark's name gives way to ours, and what stands behind it stays. @param known steps that name the field */
function inOurNames(steps: readonly Step[], known: number, catalogue: FieldCatalogue): readonly Step[] {
  const head = steps.slice(0, known);
  const entry = entryOf(head, catalogue);
  if (!entry || entry.name === printField({ steps: generalized(head) })) return steps;
  return [...stepsOf(entry.name, 1), ...steps.slice(known)];
}

/** By the name in the catalogue: `[2]` is one of `[*]`. */
function entryOf(steps: readonly Step[], catalogue: FieldCatalogue): FieldEntry | undefined {
  if (steps.length === 0) return undefined;
  return catalogue.get(printField({ steps: generalized(steps) }));
}

function generalized(steps: readonly Step[]): readonly Step[] {
  return steps.map(step => (step.kind === 'index' ? EVERY : step));
}

const EVERY: Step = { kind: 'every' };

function notInside(entry: FieldEntry, name: string, catalogue: FieldCatalogue): string {
  const inside = [...catalogue.keys()].filter(known => known.startsWith(`${entry.name}[*].`));
  if (inside.length > 0) return notAmong('field', name, inside);
  return `${entry.name} has no members and no items; only JSON and lists have`;
}

/** After a protocol's name, one of its fields is meant. */
function notAField(steps: readonly Step[], catalogue: FieldCatalogue): string {
  const names = fieldsOf(catalogue).map(({ name }) => name);
  const protocol = printField({ steps: steps.slice(0, 1) });
  const ofProtocol = names.filter(name => name.startsWith(`${protocol}.`));
  const isProtocol = ofProtocol.length > 0 && steps.length > 1;
  const advice = isProtocol ? undefined : wiresharkAdvice(printField({ steps }));
  if (advice !== undefined) return `unknown field ${printField({ steps })}; ${advice}`;
  const general = names.filter(name => catalogue.get(name)?.place.of !== 'layout');
  const name = printField({ steps: steps.slice(0, 2) });
  return notAmong('field', name, isProtocol ? ofProtocol : steps.length > 1 ? names : general);
}

function comparison(resolved: Resolved, operator: Operator, column: number, literal: Literal): Predicate {
  needOperator(resolved, operator, column);
  const values = valuesFor(resolved, operator, literal);
  const wanted = operator === '!=' ? '==' : operator;
  const passes = asking(resolved, values, valuesTest(resolved.entry, values, wanted, literal));
  if (operator !== '!=') return passes;
  const present = asking(resolved, 'value', ANY);
  return subject => present(subject) && !passes(subject);
}

function needOperator({ entry, name }: Resolved, operator: Operator | 'in', column: number): void {
  const known = OPERATORS[entry.kind];
  if (known.includes(operator === 'in' ? '==' : operator)) return;
  if (entry.kind === 'flag') throw new FilterError(column, `${name} is there or not; it has no value to compare`);
  if (entry.kind === 'mixed')
    throw new FilterError(column, `${name} is not of the same kind in all messages, and can only stand alone`);
  throw new FilterError(column, `${operator} does not go with ${name}; known: ${known.join(', ')}, in`);
}

/** A code point may be asked for by its name, and the text of JSON be searched as a whole. */
function valuesFor({ entry, inJson }: Resolved, operator: Operator, literal: Literal): Values {
  if (entry.kind === 'number' && entry.names.length > 0 && (operator === '==' || operator === '!=')) {
    return numberOf(literal) ? 'value' : 'label';
  }
  return entry.kind === 'json' && !inJson && (operator === 'contains' || operator === '~') ? 'text' : 'value';
}

function valuesTest(entry: FieldEntry, values: Values, operator: Asked, literal: Literal): Test {
  if (values === 'value') return testOf(entry, operator, literal);
  return testOf({ ...entry, kind: values === 'label' ? 'name' : 'text', closed: true }, operator, literal);
}

function membership(resolved: Resolved, column: number, ranges: readonly Range[]): Predicate {
  needOperator(resolved, 'in', column);
  return some(
    ranges.map(({ from, to }) => (to ? interval(resolved, from, to) : comparison(resolved, '==', column, from))),
  );
}

/** One value must lie within both bounds. */
function interval(resolved: Resolved, from: Literal, to: Literal): Predicate {
  const { entry, name } = resolved;
  if (!OPERATORS[entry.kind].includes('<'))
    throw new FilterError(from.column, `${name} has no order, so it has no ranges`);
  const least = testOf(entry, '>=', from);
  const most = testOf(entry, '<=', to);
  const [low, high] = [boundOf(entry, from), boundOf(entry, to)];
  if (low && high && compareDecimals(low, high) > 0) {
    throw new FilterError(from.column, `the range ${from.text}..${to.text} ends before it begins`);
  }
  return asking(resolved, 'value', value => least(value) && most(value));
}

/** Asks a subject for the values of a field, one by one, until the test passes. */
export function asking({ entry: { place, kind }, path }: Resolved, as: Values, test: Test): Predicate {
  switch (place.of) {
    case 'general': {
      const { field } = place;
      return subject => subject.some(field, test);
    }
    case 'protocol':
      return subject => subject.some('protocol', value => value === place.protocol);
    case 'layout': {
      const inLayout: LayoutPlace = { protocol: place.protocol, field: place.field, kind, as, path };
      return subject => subject.someIn(inLayout, test);
    }
  }
}
