/**
 * Reads a filter, by recursive descent:
 *
 *     filter     = chain
 *     chain      = both { ("||" | "or") both }
 *     both       = unary { ("&&" | "and") unary }
 *     unary      = { "!" | "not" } ( "(" chain ")" | test )
 *     test       = field [ order literal | ("contains" | "~") literal | "in" "{" range { "," range } "}" ]
 *     order      = "==" | "!=" | "<" | "<=" | ">" | ">=" | "eq" | "ne" | "lt" | "le" | "gt" | "ge"
 *     range      = literal [ ".." literal ]
 *     field      = name { "." name | "[" (number | "*" | string) "]" }
 *     literal    = word | string
 *
 * What a field is called and what its values look like is none of its business: see compile.ts. It recurses as deep as
 * parentheses and `not` nest, which is bounded.
 */
import { FilterError } from './error.ts';
import { characters, type Token, tokens } from './lexer.ts';
import type { FieldName, Literal, Node, Operator, Range, Step } from './syntax.ts';

/** Parentheses and `not` in each other. */
export const DEEPEST = 100;
/** Digits of an index into a list. */
const LONGEST_INDEX = 9;

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['==', '=='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['~', '~'],
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  ['contains', 'contains'],
]);
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'matches']);

/** The operator that a token is, in the place of one; undefined when it is none. */
export function operatorOf({ kind, text }: Token): Operator | undefined {
  return kind === 'string' ? undefined : OPERATORS.get(text);
}

/** Throws a `FilterError` for what is no filter, and nothing else. */
export function parse(text: string): Node {
  return new Parser(tokens(text)).filter();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(found: readonly Token[]) {
    this.#tokens = found;
  }

  filter(): Node {
    const node = this.#chain();
    const { kind, text } = this.#token;
    if (kind === 'end') return node;
    if (text === ')' && kind === 'symbol') this.#fail('a ) that closes nothing');
    if (text === 'matches') this.#fail('there is no matches; ~ compares with a pattern of * and ?: rule ~ "mnet/*"');
    this.#fail(`expected ${this.#mayFollow(node)}${this.#found()}`);
  }

  get #token(): Token {
    return this.#tokens[this.#at];
  }

  #chain(): Node {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#unary()));
  }

  #joined(kind: 'and' | 'or', symbol: string, term: () => Node): Node {
    const terms = [term()];
    while (this.#takes(symbol, kind)) terms.push(term());
    return terms.length === 1 ? terms[0] : { kind, terms };
  }

  #unary(): Node {
    const { column } = this.#token;
    if (++this.#depth > DEEPEST)
      throw new FilterError(column, `more than ${DEEPEST} parentheses and nots in each other`);
    const node = this.#operand(column);
    this.#depth--;
    return node;
  }

  #operand(column: number): Node {
    if (this.#takes('!', 'not')) return { kind: 'not', term: this.#unary() };
    if (!this.#takes('(')) return this.#test();
    const node = this.#chain();
    if (!this.#takes(')'))
      this.#fail(`expected ${this.#mayFollow(node)}, or ) for the ( at column ${column}${this.#found()}`);
    return node;
  }

  #test(): Node {
    const field = this.#field();
    const token = this.#token;
    const { column } = token;
    if (this.#takes('in', 'in')) return { kind: 'in', field, column, ranges: this.#ranges() };
    const operator = operatorOf(token);
    if (!operator) return { kind: 'present', field };
    this.#at++;
    return { kind: 'compare', field, operator, column, value: this.#literal('a value') };
  }

  #ranges(): Range[] {
    if (!this.#takes('{')) this.#fail(`expected { and a list of values${this.#found()}`);
    const ranges = [this.#range()];
    while (this.#takes(',')) ranges.push(this.#range());
    if (!this.#takes('}')) this.#fail(`expected a comma, .. or }${this.#found()}`);
    return ranges;
  }

  #range(): Range {
    const from = this.#literal('a value');
    return { from, to: this.#takes('..') ? this.#literal('the last value of the range') : undefined };
  }

  #literal(what: string): Literal {
    const { kind, text, column } = this.#token;
    if (kind !== 'word' && kind !== 'string') this.#fail(`expected ${what}${this.#found()}`);
    this.#at++;
    return { text, quoted: kind === 'string', column };
  }

  #field(): FieldName {
    const { kind, text, column } = this.#token;
    if (kind === 'string') this.#fail('expected a field; a string goes after an operator, as in text contains "abc"');
    if (kind !== 'word' || KEYWORDS.has(text) || OPERATORS.has(text)) this.#fail(`expected a field${this.#found()}`);
    this.#at++;
    return { steps: stepsOf(text, column), column };
  }

  /** Is the token this symbol, or this word? Goes on to the next one if it is. */
  #takes(symbol: string, word?: string): boolean {
    const { kind, text } = this.#token;
    const taken = (kind === 'symbol' && text === symbol) || (kind === 'word' && text === word);
    if (taken) this.#at++;
    return taken;
  }

  /** What may stand behind what was read last. */
  #mayFollow(node: Node): string {
    const last = node.kind === 'and' || node.kind === 'or' ? node.terms[node.terms.length - 1] : node;
    const closed = this.#tokens[this.#at - 1]?.text === ')';
    return last.kind === 'present' && !closed ? 'an operator, && or ||' : '&& or ||';
  }

  #found(): string {
    const { kind, text } = this.#token;
    if (kind === 'end') return ', and the filter ends here';
    return kind === 'string' ? ', found a string' : `, found ${text}`;
  }

  #fail(reason: string): never {
    throw new FilterError(this.#token.column, reason);
  }
}

const STEP = /(^|\.)([\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]*)|\[(?:(\d+)|(\*)|"((?:[^"\\]|\\.)*)")\]/uy;

/** The steps of a field's name as it was written: `filestorage.payload.files[0]["odd name"]`. */
export function stepsOf(text: string, column: number): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match || (at === 0 && (match[2] === undefined || match[1] === '.'))) {
      throw new FilterError(column + at, `expected a field${at === 0 ? '' : "'s name"}, found ${text.slice(at)}`);
    }
    const [all, , name, index, every, quoted] = match;
    if (name !== undefined) steps.push({ kind: 'name', name });
    else if (every) steps.push({ kind: 'every' });
    else if (quoted !== undefined) steps.push({ kind: 'name', name: characters(quoted, column + at + 2) });
    else if (index.length > LONGEST_INDEX)
      throw new FilterError(column + at + 1, `an index has at most ${LONGEST_INDEX} digits`);
    else steps.push({ kind: 'index', index: Number(index) });
    at += all.length;
  }
  return steps;
}
