/**
 * The short way of an ordinary message: a TRANSFER, or an answer of success, that keeps all rules about a single message.
 * It is read from its bytes into a row, without an object or a string for a value that is only looked at, and comes out
 * exactly as `examine` has it; anything else, whatever it is, is left to `examine`. Most of a capture with uploads is
 * ordinary.
 *
 * Ordinary are members that the message must have, each once, in any order, no blank before their colons, and no others; strings of printable ASCII
 * without escapes, but for the line breaks in base64; integers of up to 15 digits; ids that are UUIDs.
 */
import { hash } from 'node:crypto';
import type { Message, RuleDocument } from '../../src/sdk.ts';
import type { Content } from './content.ts';
import { hexDigit, isHyphenPlace } from './identifiers.ts';
import { HEAD_LENGTH } from './layouts.ts';
import { type MemberTable, MOST_CHUNK_BYTES, membersOf, type Role, WORDS } from './members.ts';
import { listOf } from './outcomes.ts';
import { chunkDigest, chunkEmpty, chunkIdFormat, chunkSize, dataEncoding } from './rules/data.ts';
import { notJson, notObject } from './rules/form.ts';
import { MEMBER_BITS, messageIdFormat } from './rules/members.ts';
import { reasonWithOk, responseValue } from './rules/response.ts';
import type { AnnouncedFile, Edition, Kind, Settings } from './terms.ts';

const FORM_BITS = notJson.bit | notObject.bit | MEMBER_BITS;
const DATA_BITS = dataEncoding.bit | chunkSize.bit | chunkEmpty.bit;

/** What an ordinary message passes. */
const PASSED: Readonly<Record<Edition, Partial<Readonly<Record<Kind, number>>>>> = {
  '2019-12': {
    TRANSFER: FORM_BITS | messageIdFormat.bit | chunkIdFormat.bit | DATA_BITS,
    RESPONSE: FORM_BITS | responseValue.bit | reasonWithOk.bit,
  },
  '2020-01': {
    TRANSFER: FORM_BITS | messageIdFormat.bit | DATA_BITS | chunkDigest.bit,
    RESPONSE: FORM_BITS | responseValue.bit | reasonWithOk.bit,
  },
};

/** A member as it stands on the wire. */
interface Expected {
  /** With their quotes and the colon, as nearly all programs write them. */
  readonly names: readonly Uint8Array[];
  readonly role: Role;
  /** One of its own among all members of the message. */
  readonly bit: number;
  /** Of an object. */
  readonly members: readonly Expected[];
}

/** How an ordinary message of one kind looks. */
interface Shape {
  readonly members: readonly Expected[];
  /** Bits of all its members. */
  readonly all: number;
  readonly passed: readonly RuleDocument[];
  /** That a chunk may hold. */
  readonly mostBytes: number;
  /** Words of success, with their quotes. */
  readonly success: readonly Uint8Array[];
}

const NO_FILES: readonly AnnouncedFile[] = Object.freeze([]);
const NONE: readonly never[] = Object.freeze([]);

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const PAD = 0x3d;
const HYPHEN = 0x2d;
const ZERO = 0x30;
/** Of a letter; digits have it too. */
const LOWER_CASE = 0x20;
/** Line breaks, as they are and behind a backslash. */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ESCAPED_LINE_FEED = 0x6e;
const ESCAPED_CARRIAGE_RETURN = 0x72;

/** By byte: characters of base64 but for its padding, and characters that stand for themselves in a string. */
const IN_BASE64 = new Uint8Array(256);
const IS_PLAIN = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  IN_BASE64[character.charCodeAt(0)] = 1;
for (let code = 0x20; code < 0x7f; code++) IS_PLAIN[code] = code === QUOTE || code === ESCAPE ? 0 : 1;

/** The same of two bytes, the first one in the high bits. */
const ARE_BASE64 = new Uint8Array(65_536);
for (let pair = 0; pair < ARE_BASE64.length; pair++) ARE_BASE64[pair] = IN_BASE64[pair >>> 8] & IN_BASE64[pair & 0xff];

const UUID_LENGTH = 36;
const DIGEST_LENGTH = 64;
/** Digits of an integer that is exact as a double. */
const MOST_DIGITS = 15;
/** Characters of base64 with its line breaks; a chunk of the most bytes takes half of it. */
const LONGEST_TEXT = 4096;

/** Reads ordinary messages, and holds what the last one said. */
export class Ordinary implements Content {
  readonly isObject = true;
  readonly faults = NONE;
  passed: readonly RuleDocument[] = NONE;
  readonly inconclusive = NONE;
  messageId: string | undefined = undefined;
  response: 'ok' | undefined = undefined;
  readonly files = NO_FILES;
  readonly token = undefined;
  readonly tokenBytes = undefined;
  chunkId: string | undefined = undefined;
  fileDigest: string | undefined = undefined;
  chunkNumber: number | undefined = undefined;
  chunkOf: number | undefined = undefined;
  dataLength: number | undefined = undefined;
  readonly #settings: Settings;
  readonly #shapes: Shapes = { '2019-12': new Map(), '2020-01': new Map() };
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the bytes that data was read from last. */
  #viewed: Uint8Array = this.#bytes;
  #view = new DataView(this.#bytes.buffer);
  /** The next byte to read, and where the message ends. */
  #at = 0;
  #end = 0;
  /** Bits of the members that were read. */
  #seen = 0;
  #lastFile = '';
  /** Where the digest of the chunk stands; -1 where there is none. */
  #digestAt = -1;
  /** The text of the data as its sender made it: with line breaks where JSON has their escapes. */
  readonly #text = new Uint8Array(LONGEST_TEXT);
  readonly #textView = new DataView(this.#text.buffer);
  /** As much of it as there is. Mostly all chunks have texts of one length. */
  #whole: Uint8Array = this.#text.subarray(0, 0);

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Reads a message. False when it is not ordinary: what is here is then of no message. */
  reads({ bytes, start, length, captured }: Message, kind: Kind, edition: Edition): boolean {
    const shape = this.#shapeOf(kind, edition);
    if (!shape || captured < length) return false;
    this.#forget();
    this.#bytes = bytes;
    this.#at = start + HEAD_LENGTH;
    this.#end = start + length;
    this.#skipBlanks();
    if (!this.#object(shape.members, shape) || this.#seen !== shape.all) return false;
    this.#skipBlanks();
    this.passed = shape.passed;
    return this.#at === this.#end && (this.#digestAt < 0 || this.#fitsDigest());
  }

  #forget(): void {
    this.messageId = undefined;
    this.response = undefined;
    this.chunkId = undefined;
    this.fileDigest = undefined;
    this.chunkNumber = undefined;
    this.chunkOf = undefined;
    this.dataLength = undefined;
    this.#seen = 0;
    this.#digestAt = -1;
  }

  #shapeOf(kind: Kind, edition: Edition): Shape | undefined {
    const shapes = this.#shapes[edition];
    const known = shapes.get(kind);
    if (known || shapes.has(kind)) return known;
    const made = shapeOf(kind, edition, this.#settings);
    shapes.set(kind, made);
    return made;
  }

  /** Reads an object with these members and no others. */
  #object(members: readonly Expected[], shape: Shape): boolean {
    if (!this.#takes(OPEN)) return false;
    for (let place = 0; ; place++) {
      this.#skipBlanks();
      const member = this.#name(members, place);
      if (!member || (this.#seen & member.bit) !== 0) return false;
      this.#seen |= member.bit;
      this.#skipBlanks();
      if (!this.#value(member, shape)) return false;
      this.#skipBlanks();
      if (this.#takes(CLOSE)) return true;
      if (!this.#takes(COMMA)) return false;
    }
  }

  /** The member whose name comes next, looked for from a place on: most programs write them in one order. */
  #name(members: readonly Expected[], place: number): Expected | undefined {
    for (let turn = 0; turn < members.length; turn++) {
      const member = members[(place + turn) % members.length];
      for (let i = 0; i < member.names.length; i++) if (this.#takesAll(member.names[i])) return member;
    }
    return undefined;
  }

  #value({ role, members }: Expected, shape: Shape): boolean {
    const from = this.#at + 1;
    switch (role) {
      case 'none':
        return this.#object(members, shape);
      case 'chunk-number':
        this.chunkNumber = this.#integer();
        return this.chunkNumber >= 0;
      case 'chunk-of':
        this.chunkOf = this.#integer();
        return this.chunkOf >= 0;
      case 'data':
        this.dataLength = this.#data();
        return this.dataLength > 0 && this.dataLength <= shape.mostBytes;
      case 'response':
        this.response = 'ok';
        return shape.success.some(word => this.#takesAll(word));
      case 'chunk-digest':
        this.#digestAt = from;
        this.#at = from + DIGEST_LENGTH;
        return this.#bytes[from - 1] === QUOTE && this.#takes(QUOTE);
    }
    const to = this.#plainString();
    if (to < 0) return false;
    switch (role) {
      case 'message-id':
        this.messageId = this.#textOf(from, to);
        return this.#isUuid(from, to);
      case 'answered-id':
        this.messageId = this.#textOf(from, to);
        return true;
      case 'chunk-id':
        this.chunkId = this.#textOf(from, to);
        return this.#isUuid(from, to);
      case 'chunk-file':
        this.fileDigest = this.#fileOf(from, to);
        return true;
      default:
        return false;
    }
  }

  #skipBlanks(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end && isBlank(bytes[at])) at++;
    this.#at = at;
  }

  #takesAll(expected: Uint8Array): boolean {
    const { length } = expected;
    const bytes = this.#bytes;
    const from = this.#at;
    if (from + length > this.#end) return false;
    for (let at = 0; at < length; at++) if (bytes[from + at] !== expected[at]) return false;
    this.#at = from + length;
    return true;
  }

  #takes(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** Reads a string that is what it says. Returns where its closing quote stands, -1 when it is another. */
  #plainString(): number {
    if (!this.#takes(QUOTE)) return -1;
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end && IS_PLAIN[bytes[at]] === 1) at++;
    this.#at = at;
    return this.#takes(QUOTE) ? at : -1;
  }

  /** Reads an integer from 0; -1 when it is another number, or none. */
  #integer(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const from = this.#at;
    let at = from;
    let value = 0;
    while (at < end && isDigit(bytes[at])) value = value * 10 + bytes[at++] - ZERO;
    this.#at = at;
    const digits = at - from;
    const isPlain = digits > 0 && digits <= MOST_DIGITS && (digits === 1 || bytes[from] !== ZERO);
    // What goes on with a point or an exponent goes on with no comma.
    return isPlain ? value : -1;
  }

  /** Reads a string of base64 into `#whole`. Returns the bytes that it stands for, -1 when it is something else. */
  #data(): number {
    if (!this.#takes(QUOTE)) return -1;
    const bytes = this.#bytes;
    const text = this.#text;
    const view = this.#viewOf(bytes);
    const end = Math.min(this.#end, this.#at + LONGEST_TEXT);
    let at = this.#at;
    let length = 0;
    let characters = 0;
    let padding = 0;
    for (;;) {
      const from = at;
      // Four at a time: the data is nearly all of a message.
      for (; at + 4 <= end; at += 4, length += 4) {
        const four = view.getInt32(at);
        if ((ARE_BASE64[four >>> 16] & ARE_BASE64[four & 0xffff]) === 0) break;
        this.#textView.setInt32(length, four);
      }
      while (at < end && IN_BASE64[bytes[at]] === 1) text[length++] = bytes[at++];
      if (at > from && padding > 0) return -1;
      characters += at - from;
      if (at >= end) return -1;
      const byte = bytes[at++];
      if (byte === QUOTE) break;
      if (byte === PAD) {
        padding++;
        text[length++] = byte;
        continue;
      }
      if (byte !== ESCAPE || at >= end) return -1;
      const escaped = bytes[at++];
      if (escaped === ESCAPED_LINE_FEED) text[length++] = LINE_FEED;
      else if (escaped === ESCAPED_CARRIAGE_RETURN) text[length++] = CARRIAGE_RETURN;
      else return -1;
    }
    this.#at = at;
    if (this.#whole.length !== length) this.#whole = text.subarray(0, length);
    if (padding > 2 || (characters + padding) % 4 !== 0) return -1;
    return (characters * 3) >>> 2;
  }

  #viewOf(bytes: Uint8Array): DataView {
    if (bytes === this.#viewed) return this.#view;
    this.#viewed = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#view;
  }

  /** Is the digest that of the data? */
  #fitsDigest(): boolean {
    const bytes = this.#bytes;
    const at = this.#digestAt;
    const digest = hash('sha256', this.#whole, 'hex');
    for (let place = 0; place < DIGEST_LENGTH; place++) {
      const byte = bytes[at + place];
      if (byte < ZERO || (byte | LOWER_CASE) !== digest.charCodeAt(place)) return false;
    }
    return true;
  }

  #isUuid(from: number, to: number): boolean {
    if (to - from !== UUID_LENGTH) return false;
    const bytes = this.#bytes;
    for (let at = 0; at < UUID_LENGTH; at++) {
      const byte = bytes[from + at];
      if (isHyphenPlace(at) ? byte !== HYPHEN : hexDigit(byte) < 0) return false;
    }
    return true;
  }

  /** The digest of a file: the same text as of the last one, where it is the same; chunks of a file follow each other. */
  #fileOf(from: number, to: number): string {
    if (!this.#says(this.#lastFile, from, to)) this.#lastFile = this.#textOf(from, to);
    return this.#lastFile;
  }

  #says(text: string, from: number, to: number): boolean {
    const { length } = text;
    if (to - from !== length) return false;
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) if (bytes[from + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  #textOf(from: number, to: number): string {
    return Buffer.prototype.latin1Slice.call(this.#bytes, from, to);
  }
}

type Shapes = Readonly<Record<Edition, Map<Kind, Shape | undefined>>>;

/** Undefined for a kind that is not read here. */
function shapeOf(kind: Kind, edition: Edition, settings: Settings): Shape | undefined {
  const bits = PASSED[edition][kind];
  if (bits === undefined) return undefined;
  let count = 0;
  const expected = ({ rows }: MemberTable): readonly Expected[] =>
    rows
      .filter(({ required }) => required)
      .map(({ names, role, members }) => ({
        names: names.map(name => Buffer.from(`"${name}":`)),
        role,
        bit: 1 << count++,
        members: members ? expected(members) : [],
      }));
  const members = expected(membersOf(kind, edition, settings));
  return {
    members,
    all: 2 ** count - 1,
    passed: listOf(bits),
    mostBytes: MOST_CHUNK_BYTES[edition],
    success: WORDS[edition].success.map(word => Buffer.from(`"${word}"`)),
  };
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
