/**
 * JSON as the wire has it: every value and member with its bytes, members that appear twice, numbers as they were
 * written. `JSON.parse` tells none of that. The texts accepted are exactly those of RFC 8259 in UTF-8.
 *
 * jsonc-parser scans; the grammar stands here, over a stack of its own, because that package's parsers recurse as deep as
 * the input says and allow more than JSON. The text is scanned as Latin-1, where a character is a byte, so that offsets
 * are bytes; UTF-8 is decoded when a string is looked at. Depth and number of values are bounded, and a text beyond them
 * is not called wrong: it is not judged.
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
  if (!isUtf8(octets)) return fault(firstNotUtf8(octets), 'these bytes are not UTF-8');
  const source = { text: octets.toString('latin1'), isAscii: isAscii(octets) };
  return new Reader(source, depth).read();
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

/** Of jsonc-parser's `ScanError`, by its numbers. */
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
      const quote = this.kind === 'string' ? 1 : 0;
      this.#text = decode(this.#source, this.offset + quote, this.offset + this.length - quote, true);
    }
    return this.#text;
  }
}

const ESCAPE = '\\';
const QUOTE = 0x22;

/** The characters of a string or a number, whose quotes are outside [from, to). */
function decode({ text, isAscii }: Source, from: number, to: number, isKept: boolean): string {
  const raw = text.slice(from, to);
  if (!isAscii) return unescaped(Buffer.from(raw, 'latin1').toString('utf8'));
  if (raw.includes(ESCAPE)) return unescaped(raw);
  // A slice holds the whole text in memory for as long as somebody keeps an id; a copy does not.
  return !isKept || raw.length * 2 > text.length ? raw : Buffer.from(raw, 'latin1').toString('latin1');
}

function unescaped(text: string): string {
  return text.includes(ESCAPE) ? JSON.parse(`"${text}"`) : text;
}

/** A string with no escapes but those of two characters. */
const SIMPLE_STRING = /"[ !#-[\]-\xff]*(?:\\["\\/bfnrt][ !#-[\]-\xff]*)*"/y;

/** Longest text whose strings are looked at with that expression, which remembers each escape it passes. */
const SHORT_TEXT = 65_536;

/**
 * Where the string that begins at `at` ends, or -1 for the scanner to say. Most bytes of most messages stand in one long
 * string, and the scanner looks at its characters one by one: measured, this takes a quarter of the time.
 */
function endOfSimpleString(source: string, at: number): number {
  if (source.charCodeAt(at) !== QUOTE) return -1;
  SIMPLE_STRING.lastIndex = at;
  return SIMPLE_STRING.test(source) ? SIMPLE_STRING.lastIndex : -1;
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
  name: string;
  offset: number;
  length: number;
}

class Reader {
  readonly #source: Source;
  readonly #characters: string;
  readonly #scanner: JSONScanner;
  readonly #depth: number;
  readonly #scansStrings: boolean;
  readonly #open: Open[] = [];
  #expect: Expect = EXPECT.VALUE;
  #values = 0;
  #root: Node | undefined;
  /** The token in hand: [offset, end), and what the scanner found wrong in it. */
  #offset = 0;
  #end = 0;
  #error = 0;

  constructor(source: Source, depth: number) {
    this.#source = source;
    this.#characters = source.text;
    this.#scanner = createScanner(source.text);
    this.#depth = depth;
    this.#scansStrings = source.text.length > SHORT_TEXT;
  }

  read(): JsonValue | JsonFault {
    for (;;) {
      const token: number = this.#next();
      if (token === TOKEN.END && this.#root && this.#expect === EXPECT.NOTHING) return this.#root;
      const wrong = this.#scanFault(token) ?? this.#take(token);
      if (wrong) return wrong;
    }
  }

  /** Goes to the next token that is no blank. The scanner would put blanks together to a string, however many. */
  #next(): number {
    const characters = this.#characters;
    let at = this.#end;
    while (isBlank(characters.charCodeAt(at))) at++;
    this.#offset = at;
    const end = this.#scansStrings ? -1 : endOfSimpleString(characters, at);
    if (end < 0) return this.#scan(at);
    this.#end = end;
    this.#error = 0;
    return TOKEN.STRING;
  }

  #scan(at: number): number {
    const scanner = this.#scanner;
    scanner.setPosition(at);
    const token = scanner.scan();
    this.#end = scanner.getPosition();
    this.#error = scanner.getTokenError();
    return token;
  }

  #scanFault(token: number): JsonFault | undefined {
    if (this.#error !== 0) return fault(this.#offset, SCAN_FAULTS[this.#error]);
    if (token !== TOKEN.LINE_COMMENT && token !== TOKEN.BLOCK_COMMENT) return undefined;
    return fault(this.#offset, SCAN_FAULTS[1]);
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
        return this.#scalar('string', undefined);
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
    const wrong = this.#add(kind, text);
    this.#settle();
    return wrong;
  }

  #openContainer(kind: 'object' | 'array', next: Expect): JsonFault | undefined {
    if (this.#open.length >= this.#depth) {
      return fault(this.#offset, `more than ${this.#depth} containers in each other`, false);
    }
    const wrong = this.#add(kind, '');
    this.#expect = next;
    return wrong;
  }

  /** Puts the value at the scanner's token in its place. */
  #add(kind: JsonKind, text: string | undefined): JsonFault | undefined {
    if (++this.#values > MOST_VALUES) return fault(this.#offset, `more than ${MOST_VALUES} values`, false);
    const node = new Node(kind, this.#offset, this.#end - this.#offset, this.#source, text);
    const parent = this.#open.at(-1);
    if (!parent) this.#root = node;
    else if (parent.node.kind === 'array') (parent.node.items as JsonValue[]).push(node);
    else {
      const { name, offset, length } = parent;
      (parent.node.members as JsonMember[]).push({ name, offset, length, value: node });
    }
    if (kind === 'object' || kind === 'array') this.#open.push({ node, name: '', offset: 0, length: 0 });
    return undefined;
  }

  #name(token: number): JsonFault | undefined {
    if (token !== TOKEN.STRING) return this.#unexpected();
    const open = this.#open.at(-1)!;
    open.offset = this.#offset;
    open.length = this.#end - this.#offset;
    open.name = decode(this.#source, this.#offset + 1, this.#end - 1, false);
    this.#expect = EXPECT.COLON;
    return undefined;
  }

  #after(token: number): JsonFault | undefined {
    const isArray = this.#open.at(-1)!.node.kind === 'array';
    if (token === TOKEN.COMMA) {
      this.#expect = isArray ? EXPECT.VALUE : EXPECT.NAME;
      return undefined;
    }
    return token === (isArray ? TOKEN.CLOSE_BRACKET : TOKEN.CLOSE_BRACE) ? this.#close() : this.#unexpected();
  }

  #close(): undefined {
    const { node } = this.#open.pop()!;
    node.length = this.#end - node.offset;
    this.#settle();
  }

  /** A value is complete. */
  #settle(): void {
    this.#expect = this.#open.length === 0 ? EXPECT.NOTHING : EXPECT.AFTER;
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
