/**
 * JSON as the wire has it: every value and member with its bytes, members that appear twice, numbers as they were
 * written. `JSON.parse` gives none of that. The texts accepted are exactly those of RFC 8259 in UTF-8.
 *
 * jsonc-parser scans the less simple tokens; the grammar stands here, over a stack of its own, because that package's
 * parsers recurse as deep as the input says and allow more than JSON. The text is scanned as Latin-1, where a character
 * is a byte, so that offsets are bytes; UTF-8 is decoded when a string is looked at. Depth and number of values are
 * bounded, and a text beyond them is not called wrong: it is not judged.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { createScanner, type JSONScanner } from 'jsonc-parser';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonValue {
  readonly kind: JsonKind;
  /** Bytes from the start of the JSON text. */
  readonly offset: number;
  readonly length: number;
  /** A string decoded; a number exactly as written; `true`, `false`, `null`; empty for an object and an array. */
  readonly text: string;
  /** Of an object, in wire order, with those that appear twice. */
  readonly members: readonly JsonMember[];
  /** Of an array. */
  readonly items: readonly JsonValue[];
}

export interface JsonMember {
  readonly name: string;
  /** The name with its quotes: bytes from the start of the JSON text. */
  readonly offset: number;
  readonly length: number;
  readonly value: JsonValue;
}

export interface JsonFault {
  readonly offset: number;
  /** What is wrong there, without a capital and a full stop. */
  readonly reason: string;
  /** False: a bound was reached, and whether the text is JSON was not found out. */
  readonly judged: boolean;
}

/** Containers in each other, where the caller sets no other bound. */
export const MOST_DEPTH = 64;

/** Values in one text, containers included. A value takes some 100 bytes of memory. */
export const MOST_VALUES = 262_144;

export function isJsonFault(result: JsonValue | JsonFault): result is JsonFault {
  return 'reason' in result;
}

/**
 * Parses the bytes [start, end) as one JSON value. The result does not depend on the bytes any more.
 * @param depth most containers in each other
 */
export function parseJson(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number = MOST_DEPTH,
): JsonValue | JsonFault {
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const ascii = isAscii(octets);
  if (!ascii && !isUtf8(octets)) return fault(firstNotUtf8(octets), 'these bytes are not UTF-8');
  return new Reader({ text: octets.toString('latin1'), isAscii: ascii }, depth).read();
}

function fault(offset: number, reason: string, judged = true): JsonFault {
  return { offset, reason, judged };
}

/** Offset of the character where the bytes, which are not UTF-8, cease to be it: halves what is in doubt. */
function firstNotUtf8(octets: Buffer): number {
  let sound = 0;
  let end = octets.length;
  for (;;) {
    let middle = sound + ((end - sound) >>> 1);
    while (middle > sound && (octets[middle] & 0xc0) === 0x80) middle--;
    if (middle === sound) {
      const step = soundBytes(octets, sound, end);
      if (step === 0) return sound;
      sound += step;
    } else if (isUtf8(octets.subarray(sound, middle))) sound = middle;
    else end = middle;
  }
}

/** Bytes of whole characters at `from`, as many as one character may have; 0 when none begins there. */
function soundBytes(octets: Buffer, from: number, end: number): number {
  for (let length = Math.min(4, end - from); length > 0; length--) {
    if (isUtf8(octets.subarray(from, from + length))) return length;
  }
  return 0;
}

/** Numbers of jsonc-parser's `SyntaxKind`, a const enum that isolated modules cannot use. */
const TOKEN = {
  OPEN_BRACE: 1,
  CLOSE_BRACE: 2,
  OPEN_BRACKET: 3,
  CLOSE_BRACKET: 4,
  COMMA: 5,
  COLON: 6,
  NULL: 7,
  TRUE: 8,
  FALSE: 9,
  STRING: 10,
  NUMBER: 11,
  LINE_COMMENT: 12,
  BLOCK_COMMENT: 13,
  END: 17,
} as const;

/** Of jsonc-parser's `ScanError`, by its numbers; its first one, for a comment without end, stands for any comment. */
const COMMENT = 1;
const SCAN_FAULTS = [
  '',
  'a comment, which JSON does not have',
  'a string that does not end',
  'a number that is not complete',
  'an escape \\u without four hexadecimal digits',
  'an escape that JSON does not have',
  'a control character in a string',
];

const NO_MEMBERS: readonly JsonMember[] = Object.freeze([]);
const NO_ITEMS: readonly JsonValue[] = Object.freeze([]);

/** The whole text as Latin-1, a character a byte. */
interface Source {
  readonly text: string;
  readonly isAscii: boolean;
}

/** Every value is one of these: one hidden class. A string is decoded when it is first asked for. */
class Node implements JsonValue {
  readonly kind: JsonKind;
  readonly offset: number;
  length: number;
  readonly members: readonly JsonMember[];
  readonly items: readonly JsonValue[];
  readonly #source: Source;
  #text: string | undefined;

  constructor(kind: JsonKind, offset: number, length: number, source: Source, text: string | undefined) {
    this.kind = kind;
    this.offset = offset;
    this.length = length;
    this.members = kind === 'object' ? [] : NO_MEMBERS;
    this.items = kind === 'array' ? [] : NO_ITEMS;
    this.#source = source;
    this.#text = text;
  }

  get text(): string {
    if (this.#text === undefined) {
      const end = this.offset + this.length;
      const isString = this.kind === 'string';
      this.#text = isString ? decoded(this.#source, this.offset, end) : copied(this.#source.text, this.offset, end);
    }
    return this.#text;
  }
}

const QUOTE = 0x22;
const ESCAPE = 0x5c;

/**
 * What the string [from, to) says, quotes included, in memory of its own: a part of the source would hold all of it for
 * as long as somebody keeps an id. Throws where it is no string of JSON.
 */
function decoded({ text, isAscii }: Source, from: number, to: number): string {
  const raw = text.slice(from, to);
  return JSON.parse(isAscii ? raw : Buffer.from(raw, 'latin1').toString('utf8'));
}

/** Longest part of a string that V8 copies by itself; a longer one holds the whole string in memory. */
const LONGEST_COPIED = 12;

/** The characters [from, to), in memory of their own. */
function copied(text: string, from: number, to: number): string {
  const raw = text.slice(from, to);
  return raw.length <= LONGEST_COPIED ? raw : Buffer.from(raw, 'latin1').toString('latin1');
}

/** Characters that stand for themselves in a string. */
const PLAIN = /[ !#-[\]-\xff]*/y;

/** Where those that begin at `at` end. */
function endOfPlain(text: string, at: number): number {
  PLAIN.lastIndex = at;
  PLAIN.test(text);
  return PLAIN.lastIndex;
}

/** Behind the next quote from `at` on that no backslash escapes; 0 when there is none. */
function behindString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (text.charCodeAt(first - 1) === ESCAPE) first--;
    if ((quote - first) % 2 === 0) return quote + 1;
  }
  return 0;
}

/** An integer as JSON writes it, and no other number's beginning. */
const INTEGER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;

/** Tokens of one character, by its code. */
const SINGLES = new Uint8Array(128);
for (const [character, token] of Object.entries({
  '{': TOKEN.OPEN_BRACE,
  '}': TOKEN.CLOSE_BRACE,
  '[': TOKEN.OPEN_BRACKET,
  ']': TOKEN.CLOSE_BRACKET,
  ',': TOKEN.COMMA,
  ':': TOKEN.COLON,
})) {
  SINGLES[character.charCodeAt(0)] = token;
}

/** What may stand next. */
const EXPECT = { VALUE: 0, FIRST_ITEM: 1, NAME: 2, FIRST_NAME: 3, COLON: 4, AFTER: 5, NOTHING: 6 } as const;
type Expect = (typeof EXPECT)[keyof typeof EXPECT];

const EXPECTED: readonly string[] = [
  'a value',
  'a value or the end of the array',
  "a member's name",
  "a member's name or the end of the object",
  'a colon',
  'a comma or the end of what is open',
  'nothing more',
];

/** An open container, and the name of the member whose value comes next in it. */
interface Open {
  readonly node: Node;
  readonly isArray: boolean;
  /** The container that it stands in. */
  readonly outer: Open | undefined;
  /** Containers from the outermost to this one. */
  readonly depth: number;
  name: string;
  offset: number;
  length: number;
}

class Reader {
  readonly #source: Source;
  readonly #characters: string;
  readonly #depth: number;
  /** The innermost container that is open. */
  #open: Open | undefined;
  /** Made for the first token that needs it; most messages have none. */
  #scanner: JSONScanner | undefined;
  #expect: Expect = EXPECT.VALUE;
  #values = 0;
  #root: Node | undefined;
  /** The token in hand: [offset, end), and what the scanner found wrong in it. */
  #offset = 0;
  #end = 0;
  #error = 0;
  /** What the string in hand says, if that has come to light. */
  #text: string | undefined;

  constructor(source: Source, depth: number) {
    this.#source = source;
    this.#characters = source.text;
    this.#depth = depth;
  }

  read(): JsonValue | JsonFault {
    for (;;) {
      const token: number = this.#next();
      if (token === TOKEN.END && this.#root && this.#expect === EXPECT.NOTHING) return this.#root;
      const wrong = this.#error === 0 ? this.#take(token) : fault(this.#offset, SCAN_FAULTS[this.#error]);
      if (wrong) return wrong;
    }
  }

  /**
   * Goes to the next token that is no blank. The tokens that most messages are made of are recognised here, by native
   * means where they are long: strings, integers and tokens of one character. The scanner, which looks at characters
   * one by one, gets the rest and all that is wrong.
   */
  #next(): number {
    const characters = this.#characters;
    let at = this.#end;
    while (at < characters.length && isBlank(characters.charCodeAt(at))) at++;
    this.#offset = at;
    this.#error = 0;
    if (at === characters.length) return TOKEN.END;
    const code = characters.charCodeAt(at);
    if (code === QUOTE) return this.#string(at);
    const single = SINGLES[code];
    if (single) {
      this.#end = at + 1;
      return single;
    }
    INTEGER.lastIndex = at;
    if (!INTEGER.test(characters)) return this.#scan(at);
    this.#end = INTEGER.lastIndex;
    return TOKEN.NUMBER;
  }

  #string(at: number): number {
    const characters = this.#characters;
    const end = endOfPlain(characters, at + 1);
    this.#text = undefined;
    this.#end = end + 1;
    const code = characters.charCodeAt(end);
    if (code === QUOTE) return TOKEN.STRING;
    return code === ESCAPE && this.#escaped(at, behindString(characters, end)) ? TOKEN.STRING : this.#scan(at);
  }

  /** Reads the string [from, to) that has escapes in it. False when something in it is wrong. */
  #escaped(from: number, to: number): boolean {
    if (to === 0) return false;
    try {
      this.#text = decoded(this.#source, from, to);
    } catch {
      return false;
    }
    this.#end = to;
    return true;
  }

  #scan(at: number): number {
    this.#scanner ??= createScanner(this.#characters);
    const scanner = this.#scanner;
    scanner.setPosition(at);
    const token = scanner.scan();
    this.#end = scanner.getPosition();
    const isComment = token === TOKEN.LINE_COMMENT || token === TOKEN.BLOCK_COMMENT;
    this.#error = isComment ? COMMENT : scanner.getTokenError();
    return token;
  }

  #take(token: number): JsonFault | undefined {
    switch (this.#expect) {
      case EXPECT.VALUE:
        return this.#value(token);
      case EXPECT.FIRST_ITEM:
        return token === TOKEN.CLOSE_BRACKET ? this.#close() : this.#value(token);
      case EXPECT.NAME:
        return this.#name(token);
      case EXPECT.FIRST_NAME:
        return token === TOKEN.CLOSE_BRACE ? this.#close() : this.#name(token);
      case EXPECT.COLON:
        if (token !== TOKEN.COLON) return this.#unexpected();
        this.#expect = EXPECT.VALUE;
        return undefined;
      case EXPECT.AFTER:
        return this.#after(token);
      case EXPECT.NOTHING:
        return this.#unexpected();
    }
  }

  #value(token: number): JsonFault | undefined {
    switch (token) {
      case TOKEN.OPEN_BRACE:
        return this.#openContainer('object', EXPECT.FIRST_NAME);
      case TOKEN.OPEN_BRACKET:
        return this.#openContainer('array', EXPECT.FIRST_ITEM);
      case TOKEN.STRING:
        return this.#scalar('string', this.#text);
      case TOKEN.NUMBER:
        return this.#scalar('number', undefined);
      case TOKEN.TRUE:
        return this.#scalar('boolean', 'true');
      case TOKEN.FALSE:
        return this.#scalar('boolean', 'false');
      case TOKEN.NULL:
        return this.#scalar('null', 'null');
      default:
        return this.#unexpected();
    }
  }

  #scalar(kind: JsonKind, text: string | undefined): JsonFault | undefined {
    if (!this.#add(kind, text)) return this.#tooMany();
    this.#settle();
    return undefined;
  }

  #openContainer(kind: 'object' | 'array', next: Expect): JsonFault | undefined {
    const outer = this.#open;
    const depth = outer ? outer.depth + 1 : 1;
    if (depth > this.#depth) return fault(this.#offset, `more than ${this.#depth} containers in each other`, false);
    const node = this.#add(kind, '');
    if (!node) return this.#tooMany();
    this.#open = { node, isArray: kind === 'array', outer, depth, name: '', offset: 0, length: 0 };
    this.#expect = next;
    return undefined;
  }

  /** Puts the value at the token in hand in its place; nothing when there are too many. */
  #add(kind: JsonKind, text: string | undefined): Node | undefined {
    if (++this.#values > MOST_VALUES) return undefined;
    const node = new Node(kind, this.#offset, this.#end - this.#offset, this.#source, text);
    const open = this.#open;
    if (!open) this.#root = node;
    else if (open.isArray) (open.node.items as JsonValue[]).push(node);
    else {
      const { name, offset, length } = open;
      (open.node.members as JsonMember[]).push({ name, offset, length, value: node });
    }
    return node;
  }

  #tooMany(): JsonFault {
    return fault(this.#offset, `more than ${MOST_VALUES} values`, false);
  }

  #name(token: number): JsonFault | undefined {
    if (token !== TOKEN.STRING) return this.#unexpected();
    const open = this.#open!;
    open.offset = this.#offset;
    open.length = this.#end - this.#offset;
    open.name = this.#text ?? this.#plainName();
    this.#expect = EXPECT.COLON;
    return undefined;
  }

  /** Names of members are short, and go when the message goes: a part of the source will do. */
  #plainName(): string {
    const { text, isAscii } = this.#source;
    return isAscii ? text.slice(this.#offset + 1, this.#end - 1) : decoded(this.#source, this.#offset, this.#end);
  }

  #after(token: number): JsonFault | undefined {
    const { isArray } = this.#open!;
    if (token === TOKEN.COMMA) {
      this.#expect = isArray ? EXPECT.VALUE : EXPECT.NAME;
      return undefined;
    }
    return token === (isArray ? TOKEN.CLOSE_BRACKET : TOKEN.CLOSE_BRACE) ? this.#close() : this.#unexpected();
  }

  #close(): undefined {
    const { node, outer } = this.#open!;
    node.length = this.#end - node.offset;
    this.#open = outer;
    this.#settle();
  }

  /** A value is complete. */
  #settle(): void {
    this.#expect = this.#open ? EXPECT.AFTER : EXPECT.NOTHING;
  }

  #unexpected(): JsonFault {
    const expected = EXPECTED[this.#expect];
    const ended = this.#offset === this.#characters.length;
    return fault(this.#offset, `expected ${expected}${ended ? ', and the text ends' : ''}`);
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
