/**
 * What may stand at a place of a filter that is being written: names of protocols, fields, messages, states and rules, and
 * operators. It looks at what is before the cursor only, and never throws: where that makes no sense nothing is offered.
 */
import { type FieldCatalogue, type FieldEntry, fieldsOf } from './catalogue.ts';
import { FilterError } from './error.ts';
import { type Token, tokens } from './lexer.ts';
import { OPERATORS } from './operators.ts';
import { operatorOf } from './parser.ts';
import { isPlainName, quote } from './syntax.ts';

export interface Completion {
  /** Offset in the text of what a candidate replaces, which goes to the cursor. */
  readonly from: number;
  readonly candidates: readonly string[];
}

/** What is expected next. After a field an operator may stand, or what comes after a test. */
type CursorPlace = 'field' | 'operator' | 'value' | 'list' | 'item' | 'separator' | 'connective' | 'nothing';

const CONNECTIVES = ['&&', '||'];
const NEGATIONS = ['!', 'not'];
const JSON_WORDS = ['true', 'false', 'null'];
/** The beginning of an operator, which is no token yet, or not the one that is meant. */
const OPERATOR_BEGUN = /[=!<>&|~]+$/;
/** The beginning of an index, which ends no token yet: `mqtt.topics[`, `mqtt.topics[1`. */
const INDEX_BEGUN = /\[(?:\d*|\*)$/;

/** Members that JSON of this field was seen to have, as they are named behind it: `uploads[*].file.size`. */
export type SeenMembers = (field: FieldEntry) => readonly string[];

/** @param seen besides those that the protocol names */
export function complete(
  text: string,
  cursor: number,
  catalogue: FieldCatalogue,
  seen: SeenMembers = () => [],
): Completion {
  const before = text.slice(0, cursor);
  const walk = new Walk(catalogue, seen);
  const begun = OPERATOR_BEGUN.exec(before)?.[0] ?? '';
  if (
    begun &&
    walk.over(before.slice(0, -begun.length)) &&
    (walk.place === 'operator' || walk.place === 'connective')
  ) {
    return offer(walk, begun, cursor - begun.length);
  }
  const index = INDEX_BEGUN.exec(before)?.[0] ?? '';
  const end = cursor - index.length;
  const found = read(before.slice(0, end));
  const last = found?.at(-2);
  const isBegun = last?.kind === 'word' && last.column - 1 + last.text.length === end;
  if (!found || (index !== '' && !isBegun)) return { from: cursor, candidates: [] };
  const from = isBegun ? last.column - 1 : cursor;
  const after = new Walk(catalogue, seen);
  after.over(before.slice(0, from));
  return offer(after, before.slice(from), from);
}

/** The same where a field stands alone, and is to have values. */
export function completeField(text: string, cursor: number, catalogue: FieldCatalogue, seen?: SeenMembers): Completion {
  const { from, candidates } = complete(text, cursor, catalogue, seen);
  if (text.slice(0, from).trim() !== '') return { from: cursor, candidates: [] };
  const hasValues = (word: string) => catalogue.get(word.replace(/\[\d+\]/g, '[*]'))?.kind !== 'flag';
  return {
    from,
    candidates: candidates.filter(word => !NEGATIONS.includes(word) && (word.includes('[') || hasValues(word))),
  };
}

function offer(walk: Walk, begun: string, from: number): Completion {
  const candidates = walk.candidates(begun).filter(word => word.startsWith(begun) || word.startsWith(`"${begun}`));
  return { from, candidates: [...new Set(candidates)] };
}

/** The name of a field in a list with the indices that were written: `topics[0].filter`. */
function withIndices(name: string, begun: string): string {
  const written = begun.matchAll(/\[(\d+|\*)/g);
  return name.replace(/\[\*\]/g, any => {
    const [, index] = written.next().value ?? [];
    return index === undefined ? any : `[${index}]`;
  });
}

function behind(field: string, member: string): string {
  return member.startsWith('[') ? `${field}${member}` : `${field}.${member}`;
}

/** Any item, where none was written. */
function withIndex(begun: string): string {
  return begun.replace(INDEX_BEGUN, index => `${index === '[' ? '[*' : index}]`);
}

function read(text: string): Token[] | undefined {
  try {
    return tokens(text);
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  }
}

/** Goes over tokens and knows what is expected next. */
class Walk {
  place: CursorPlace = 'field';
  readonly #catalogue: FieldCatalogue;
  readonly #seen: SeenMembers;
  #field: FieldEntry | undefined = undefined;
  /** Parentheses that are open. */
  #open = 0;

  constructor(catalogue: FieldCatalogue, seen: SeenMembers) {
    this.#catalogue = catalogue;
    this.#seen = seen;
  }

  /** @returns false when the text cannot be cut into tokens */
  over(text: string): boolean {
    const found = read(text);
    this.place = found ? 'field' : 'nothing';
    for (const token of found ?? []) if (token.kind !== 'end') this.place = this.#after(token);
    return found !== undefined;
  }

  candidates(begun: string): readonly string[] {
    switch (this.place) {
      case 'field':
        return [...this.#fields(begun), ...NEGATIONS];
      case 'operator':
        return [...this.#operators(), ...this.#connectives()];
      case 'connective':
        return this.#connectives();
      case 'value':
      case 'item':
        return this.#values();
      case 'list':
        return ['{'];
      case 'separator':
        return [',', '..', '}'];
      case 'nothing':
        return [];
    }
  }

  #after(token: Token): CursorPlace {
    const { kind, text } = token;
    const isValue = kind !== 'symbol';
    switch (this.place) {
      case 'field':
        return this.#afterField(token);
      case 'operator':
        if (operatorOf(token)) return 'value';
        return text === 'in' && kind === 'word' ? 'list' : this.#afterTest(token);
      case 'connective':
        return this.#afterTest(token);
      case 'value':
        return isValue ? 'connective' : 'nothing';
      case 'list':
        return text === '{' ? 'item' : 'nothing';
      case 'item':
        return isValue ? 'separator' : 'nothing';
      case 'separator':
        if (text === '}') return 'connective';
        return text === ',' || text === '..' ? 'item' : 'nothing';
      case 'nothing':
        return 'nothing';
    }
  }

  #afterField({ kind, text }: Token): CursorPlace {
    if (text === '(' && kind === 'symbol') this.#open++;
    if (kind !== 'string' && (text === '(' || text === '!' || text === 'not')) return 'field';
    if (kind !== 'word') return 'nothing';
    const [name, field] = /^([^.[]+)(\.[^.[]+)?/.exec(text)?.slice(1) ?? [];
    const inList = this.#catalogue.get(text.replace(/\[\d+\]/g, '[*]'));
    this.#field = inList ?? this.#catalogue.get(`${name}${field ?? ''}`);
    return 'operator';
  }

  #afterTest({ text, kind }: Token): CursorPlace {
    if (kind === 'symbol' && text === ')') return --this.#open < 0 ? 'nothing' : 'connective';
    return kind !== 'string' && ['&&', '||', 'and', 'or'].includes(text) ? 'field' : 'nothing';
  }

  #connectives(): readonly string[] {
    return this.#open > 0 ? [...CONNECTIVES, ')'] : CONNECTIVES;
  }

  /** A protocol's fields are offered once its name stands there: all at once would be a wall. */
  #fields(begun: string): string[] {
    const all = fieldsOf(this.#catalogue).map(({ name }) => name);
    if (!begun.includes('.')) return all.filter(name => !name.includes('.'));
    const ofProtocols = all.filter(name => name.includes('.')).map(name => withIndices(name, begun));
    const json = this.#jsonOf(begun);
    if (!json) return ofProtocols;
    const members = [...json.holds, ...this.#seen(json)].map(member => withIndices(behind(json.name, member), begun));
    // Beyond what is known there may be items.
    return [...(INDEX_BEGUN.test(begun) ? [withIndex(begun)] : []), ...members];
  }

  /** The field of JSON that the name begun leads into. */
  #jsonOf(begun: string): FieldEntry | undefined {
    return fieldsOf(this.#catalogue).find(({ name, kind }) => {
      const written = withIndices(name, begun);
      return kind === 'json' && begun.startsWith(written) && '.['.includes(begun.charAt(written.length));
    });
  }

  #operators(): readonly string[] {
    const known = this.#field ? OPERATORS[this.#field.kind] : [];
    return known.length > 0 ? [...known, 'in'] : [];
  }

  /** What needs quotes gets them. */
  #values(): readonly string[] {
    if (this.#field?.kind === 'json') return JSON_WORDS;
    return (this.#field?.names ?? []).map(name => (name.split('/').every(isPlainName) ? name : quote(name)));
  }
}
