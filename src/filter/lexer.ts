/**
 * Cuts a filter into tokens. A word is everything that needs no quotes: names with their path (`files[0].name`), numbers,
 * addresses, bytes, state names. What a word means is settled later, by the field that it is compared with; so `10.0.0.1`
 * needs no quotes, and no token depends on what stands around it.
 */
import { FilterError } from './error.ts';

export type TokenKind = 'word' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string, the characters it stands for. */
  readonly text: string;
  /** Column of its first character, from 1. */
  readonly column: number;
}

/** Characters of the longest filter that is read. */
const LONGEST_FILTER = 10_000;

const BLANKS = /\s*/uy;
const SYMBOL = /&&|\|\||==|!=|<=|>=|\.\.|[!<>~(){},]/y;
/** The symbols of assignments, which have the filters' words and strings. */
export const ASSIGNING = /[=,]/y;
/** `..` stands between the ends of a range, and ends a word. */
const WORD = /(?:[\p{L}\p{N}\p{M}_\-:/+*?%@]|\.(?!\.))+/uy;
/** An address of IPv6 with a port, or that of a network. */
const BRACKETED = /\[[\dA-Fa-f:.]*\](?::\d+)?/y;
const INDEX = /\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]/uy;
const STRING = /"((?:[^"\\]|\\.)*)"/suy;
const ESCAPE = /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|u\{([\dA-Fa-f]{1,6})\}|(.))/gsu;

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** What fingers write that is used to other languages. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['=', '= is no operator; write == to compare'],
  ['&', '& is no operator; write && or and'],
  ['|', '| is no operator; write || or or'],
  ['"', 'a string that does not end; close it with "'],
  ["'", 'strings stand in double quotes'],
  ['[', '[ begins the index of a list, or an address such as [2001:db8::1]:7654, and must be closed'],
]);

/** The tokens in order, the last of them `end`. @param symbols a sticky expression */
export function tokens(text: string, symbols: RegExp = SYMBOL): Token[] {
  if (text.length > LONGEST_FILTER) {
    throw new FilterError(LONGEST_FILTER + 1, `a filter has at most ${LONGEST_FILTER} characters`);
  }
  const found: Token[] = [];
  let at = after(BLANKS, text, 0).length;
  while (at < text.length) {
    const end = tokenAt(text, at, found, symbols);
    at = end + after(BLANKS, text, end).length;
  }
  found.push({ kind: 'end', text: '', column: text.length + 1 });
  return found;
}

/** Adds the token that begins at `at`. @returns where it ends */
function tokenAt(text: string, at: number, found: Token[], symbols: RegExp): number {
  const column = at + 1;
  const symbol = after(symbols, text, at);
  if (symbol) {
    found.push({ kind: 'symbol', text: symbol, column });
    return at + symbol.length;
  }
  const string = after(STRING, text, at);
  if (string) {
    found.push({ kind: 'string', text: characters(string.slice(1, -1), column + 1), column });
    return at + string.length;
  }
  const end = wordEnd(text, at);
  if (end === at) throw new FilterError(column, adviceAt(text, at));
  found.push({ kind: 'word', text: text.slice(at, end), column });
  return end;
}

/** A word with the indices in it: `a.b[0].c`. */
function wordEnd(text: string, at: number): number {
  const bracketed = after(BRACKETED, text, at);
  if (bracketed) return at + bracketed.length;
  let end = at + after(WORD, text, at).length;
  if (end === at) return at;
  for (;;) {
    const more = after(INDEX, text, end) || after(WORD, text, end);
    if (more === '') return end;
    end += more.length;
  }
}

/** What the expression, a sticky one, finds at `at`; empty for nothing. */
function after(expression: RegExp, text: string, at: number): string {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? '';
}

function adviceAt(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  return ADVICE.get(character) ?? `the character ${character} means nothing here; put text to search for in quotes`;
}

/** What stands between quotes, with its escapes read. @param column of the first character of `raw` */
export function characters(raw: string, column: number): string {
  return raw.replace(ESCAPE, (written, byte, unit, point, simple, offset: number) => {
    const character = byte || unit || point ? characterOf(byte, unit ?? point) : SIMPLE_ESCAPES.get(simple);
    if (character !== undefined) return character;
    const advice = byte
      ? `bytes beyond 7f stand without quotes, as in ${byte}:00`
      : 'known: \\" \\\\ \\n \\r \\t \\x00 \\u{0}';
    throw new FilterError(column + offset, `unknown escape ${written}; ${advice}`);
  });
}

/** A byte stands for a character of ASCII; halves of a surrogate pair are no characters. */
function characterOf(byte: string | undefined, point: string | undefined): string | undefined {
  const code = Number.parseInt(byte ?? point ?? '', 16);
  if (code > (byte ? 0x7f : 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return String.fromCodePoint(code);
}
