/**
 * Reads what fields shall be, in the language of filters:
 *
 *     assignments = assignment { "," assignment }
 *     assignment  = field "=" literal
 *
 * A field is named as filters name it, with the way into lists and JSON; numbers, text in quotes, bytes and the names of code
 * points are written as there, too. Names and the kinds of values are checked here, against the catalogue, and their sizes
 * against the layouts; what only the message tells (that the field is in it) is found when it is changed (edited.ts).
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import { resolve } from '../filter/compile.ts';
import { FilterError } from '../filter/error.ts';
import { ASSIGNING, type Token, tokens } from '../filter/lexer.ts';
import { stepsOf } from '../filter/parser.ts';
import { type Literal, quote, type Step } from '../filter/syntax.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Field, Scope } from '../wire/layout.ts';
import { kindProblem, valueProblem } from './values.ts';

export interface Assignment {
  /** The field as filters print it: `mqtt.properties[2].value`. */
  readonly name: string;
  readonly protocol: string;
  /** The field of the layout that it begins with. */
  readonly field: string;
  /** The way from there: to the field of an item in a list, and into JSON. */
  readonly path: readonly Step[];
  readonly value: Literal;
}

/** Characters of the longest text that is read. */
const LONGEST = 10_000;

export interface ParseOptions {
  /** To hold the values against: one that fits no message of its protocol is refused. */
  readonly protocols?: readonly AnyProtocol[];
  /** Lengths will follow, as they do if absent; otherwise texts and bytes may have any size. */
  readonly mend?: boolean;
}

/** @throws FilterError, and nothing else, whatever the text */
export function parseAssignments(
  text: string,
  catalogue: FieldCatalogue,
  options: ParseOptions = {},
): readonly Assignment[] {
  if (text.length > LONGEST) throw new FilterError(LONGEST + 1, `assignments have at most ${LONGEST} characters`);
  const found = tokens(text, ASSIGNING);
  const assignments: Assignment[] = [];
  for (let at = 0; ; at += 4) {
    const assignment = assignmentOf(found.slice(at, at + 3), catalogue);
    if (assignments.some(({ name }) => name === assignment.name)) {
      throw new FilterError(found[at].column, `${assignment.name} is set twice`);
    }
    requireFit(assignment, options);
    assignments.push(assignment);
    const next = found[at + 3];
    if (next.kind === 'end') return assignments;
    if (!isSymbol(next, ',')) {
      throw new FilterError(next.column, `expected a comma and another field, or the end${foundInstead(next)}`);
    }
  }
}

function assignmentOf([field, equals, value]: readonly Token[], catalogue: FieldCatalogue): Assignment {
  if (field.kind !== 'word') throw new FilterError(field.column, `expected a field${foundInstead(field)}`);
  if (!isSymbol(equals, '=')) throw new FilterError(equals.column, `expected = and a value${foundInstead(equals)}`);
  if (isSymbol(value, '=')) throw new FilterError(equals.column, '== compares; write = to set a field');
  if (value.kind !== 'word' && value.kind !== 'string') {
    throw new FilterError(value.column, `expected a value${foundInstead(value)}`);
  }
  const { text, kind, column } = value;
  const literal = { text, quoted: kind === 'string', column };
  const resolved = resolve({ steps: stepsOf(field.text, field.column), column: field.column }, catalogue, 'messages');
  const { entry, name, path, inJson } = resolved;
  if (entry.place.of !== 'layout') {
    throw new FilterError(field.column, `${name} is not in the bytes of a message; a field is set as PROTOCOL.FIELD`);
  }
  if (entry.kind === 'flag') {
    throw new FilterError(
      field.column,
      `${name} is a list; its items have the fields that can be set${inside(name, catalogue)}`,
    );
  }
  const problem = inJson ? undefined : kindProblem(entry.kind, entry.names, literal);
  if (problem !== undefined) throw new FilterError(column, problem);
  return { name, protocol: entry.place.protocol, field: entry.place.field, path, value: literal };
}

function requireFit({ protocol, field, path, value }: Assignment, { protocols = [], mend = true }: ParseOptions): void {
  const { layouts } = protocols.find(({ id }) => id === protocol) ?? { layouts: [] };
  const fields = layouts.flatMap(layout => fieldsAt([layout], field, path));
  const problems = fields.map(found => valueProblem(found, value, mend));
  const [problem] = problems;
  if (problem !== undefined && !problems.includes(undefined)) throw new FilterError(value.column, problem);
}

/** The fields that a name leads to, and no JSON, of which any value is as good. */
function fieldsAt(scopes: readonly Scope[], name: string, path: readonly Step[]): readonly Field[] {
  return scopes.flatMap(({ fields }) => {
    const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (found === undefined) return [];
    if (path.length === 0) return [found];
    const { items } = found;
    const [, next, ...rest] = path;
    if (items === undefined || next?.kind !== 'name') return [];
    return fieldsAt([items.head, ...items.table.values(), ...(items.other ? [items.other] : [])], next.name, rest);
  });
}

function inside(name: string, catalogue: FieldCatalogue): string {
  const found = [...catalogue.keys()].find(known => known.startsWith(`${name}[*].`));
  return found === undefined ? '' : `, such as ${found.replace('[*]', '[0]')}`;
}

function isSymbol({ kind, text }: Token, symbol: string): boolean {
  return kind === 'symbol' && text === symbol;
}

function foundInstead({ kind, text }: Token): string {
  if (kind === 'end') return ', and the text ends here';
  return `, found ${kind === 'string' ? quote(text) : text}`;
}
