/**
 * The short way of an ordinary message: a TRANSFER, or an answer of success, that keeps all rules about a single message.
 * It is read from its bytes into a row, without an object or a string for a value that is only looked at, and comes out
 * exactly as `examine` has it; anything else, whatever it is, is left to `examine`. Most of a capture with uploads is
 * ordinary.
 *
 * Ordinary are members that the message must have, each once, in any order, no blank before their colons, and no others;
 * strings of printable ASCII without escapes, but for the line breaks in base64; integers of up to 15 digits; ids that are
 * UUIDs. A program writes all its messages of a kind alike: what stands around the values of one is first compared with
 * what stood there in those before, and taken apart only where it is something else.
 */
import type { Message, RuleDocument } from '../../src/sdk.ts';
import {
  BITS_WORDS,
  type Bits,
  bitsOfDigest,
  bitsOfId,
  DIGEST_LENGTH,
  UUID_LENGTH,
  writeDigest,
  writeUuid,
} from './bits.ts';
import { ChunkText } from './chunk-text.ts';
import type { Content } from './content.ts';
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

/** Kinds of messages that are read here. */
type Short = Kind & ('TRANSFER' | 'RESPONSE');

/** What an ordinary message passes. */
const PASSED: Readonly<Record<Edition, Readonly<Record<Short, number>>>> = {
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

/** How one program writes the messages of one kind: whose values they hold in which order, and what stands around these. */
interface Pattern {
  readonly values: readonly { readonly member: Expected; readonly before: Uint8Array }[];
  readonly after: Uint8Array;
}

/** How an ordinary message of one kind looks. */
interface Shape {
  readonly kind: Kind;
  readonly edition: Edition;
  readonly members: readonly Expected[];
  /** Bits of all its members. */
  readonly all: number;
  readonly passed: readonly RuleDocument[];
  /** That a chunk may hold. */
  readonly mostBytes: number;
  /** Words of success, with their quotes. */
  readonly success: readonly Uint8Array[];
  /** As those that were read are written, the first few of them. */
  readonly patterns: Pattern[];
}

const NO_FILES: readonly AnnouncedFile[] = Object.freeze([]);
const NONE: readonly never[] = Object.freeze([]);

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const ZERO = 0x30;

/** By byte: characters that stand for themselves in a string. */
const IS_PLAIN = new Uint8Array(256);
for (let code = 0x20; code < 0x7f; code++) IS_PLAIN[code] = code === QUOTE || code === ESCAPE ? 0 : 1;

/** Digits of an integer that is exact as a double. */
const MOST_DIGITS = 15;
/** Patterns that are remembered of one kind: a capture holds the traffic of few programs. */
const MOST_PATTERNS = 4;
/** Bytes of a message that becomes one: a chunk takes two thirds of it, and blanks may be many. */
const LONGEST_PATTERN = 4096;

/** An id or a digest in a message: its bits, and where its text stands. */
class KnownText {
  /** Undefined where the message has none. */
  bits: Bits | undefined = undefined;
  from = 0;
  to = 0;
  /** Where the bits are mostly written. */
  readonly own: Bits = new Uint32Array(BITS_WORDS);

  set(from: number, to: number, bits: Bits): void {
    this.from = from;
    this.to = to;
    this.bits = bits;
  }
}

/** Reads ordinary messages, and holds what the last one said. */
export class Ordinary implements Content {
  readonly isObject = true;
  readonly faults = NONE;
  passed: readonly RuleDocument[] = NONE;
  readonly inconclusive = NONE;
  response: 'ok' | undefined = undefined;
  readonly files = NO_FILES;
  readonly token = undefined;
  readonly tokenBytes = undefined;
  chunkNumber: number | undefined = undefined;
  chunkOf: number | undefined = undefined;
  dataLength: number | undefined = undefined;
  readonly #settings: Settings;
  /** Made when the first message comes. */
  #shapes: readonly Shape[] | undefined = undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  /** The next byte to read, and where the message ends. */
  #at = 0;
  #end = 0;
  /** Bits of the members that were read; those with a value of their own, in order, and where these begin and end. */
  #seen = 0;
  readonly #read: Expected[] = [];
  readonly #places: number[] = [];
  readonly #message = new KnownText();
  readonly #chunk = new KnownText();
  readonly #file = new KnownText();
  /** Where the digest of the chunk stands; -1 where there is none. */
  #digestAt = -1;
  readonly #text = new ChunkText();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get messageId(): string | undefined {
    return this.#textOf(this.#message);
  }

  get messageBits(): Bits | undefined {
    return this.#message.bits;
  }

  get chunkId(): string | undefined {
    return this.#textOf(this.#chunk);
  }

  get chunkBits(): Bits | undefined {
    return this.#chunk.bits;
  }

  get fileDigest(): string | undefined {
    return this.#textOf(this.#file);
  }

  get fileBits(): Bits | undefined {
    return this.#file.bits;
  }

  /** Reads a message. False when it is not ordinary: what is here is then of no message. */
  reads({ bytes, start, length, captured }: Message, kind: Kind, edition: Edition): boolean {
    const shape = this.#shapeOf(kind, edition);
    if (!shape || captured < length) return false;
    this.#bytes = bytes;
    this.#end = start + length;
    const from = start + HEAD_LENGTH;
    if (!this.#readsLikeOthers(shape, from) && !this.#readsAny(shape, from)) return false;
    this.passed = shape.passed;
    return this.#digestAt < 0 || this.#text.hasDigest(bytes, this.#digestAt);
  }

  /** Reads a message that is written as some before it: all but its values need only be compared. */
  #readsLikeOthers(shape: Shape, from: number): boolean {
    for (const pattern of shape.patterns) if (this.#follows(pattern, shape, from)) return true;
    return false;
  }

  #follows({ values, after }: Pattern, shape: Shape, from: number): boolean {
    this.#begin(from);
    for (const { member, before } of values) {
      if (!this.#takesAll(before) || !this.#value(member, shape)) return false;
    }
    return this.#takesAll(after) && this.#at === this.#end;
  }

  #readsAny(shape: Shape, from: number): boolean {
    this.#begin(from);
    this.#read.length = 0;
    this.#places.length = 0;
    this.#skipBlanks();
    if (!this.#object(shape.members, shape) || this.#seen !== shape.all) return false;
    this.#skipBlanks();
    if (this.#at !== this.#end) return false;
    if (shape.patterns.length < MOST_PATTERNS && this.#end - from <= LONGEST_PATTERN)
      shape.patterns.push(this.#patternFrom(from));
    return true;
  }

  /** Of the message that was just read. */
  #patternFrom(from: number): Pattern {
    const bytes = this.#bytes;
    const places = this.#places;
    let at = from;
    const values = this.#read.map((member, index) => {
      const before = copyOf(bytes, at, places[2 * index]);
      at = places[2 * index + 1];
      return { member, before };
    });
    return { values, after: copyOf(bytes, at, this.#end) };
  }

  #begin(from: number): void {
    this.#at = from;
    this.#message.bits = undefined;
    this.#chunk.bits = undefined;
    this.#file.bits = undefined;
    this.response = undefined;
    this.chunkNumber = undefined;
    this.chunkOf = undefined;
    this.dataLength = undefined;
    this.#seen = 0;
    this.#digestAt = -1;
  }

  #shapeOf(kind: Kind, edition: Edition): Shape | undefined {
    this.#shapes ??= shapesOf(this.#settings);
    for (const shape of this.#shapes) if (shape.kind === kind && shape.edition === edition) return shape;
    return undefined;
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
      const from = this.#at;
      if (!this.#value(member, shape)) return false;
      if (member.members.length === 0) {
        this.#read.push(member);
        this.#places.push(from, this.#at);
      }
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
    switch (role) {
      case 'none':
        return this.#object(members, shape);
      case 'message-id':
        return this.#uuid(this.#message);
      case 'answered-id':
        return this.#uuid(this.#message) || this.#plainText(this.#message, bitsOfId);
      case 'chunk-id':
        return this.#uuid(this.#chunk);
      case 'chunk-file':
        return this.#digest(this.#file) || this.#plainText(this.#file, bitsOfDigest);
      case 'chunk-number':
        this.chunkNumber = this.#integer();
        return this.chunkNumber >= 0;
      case 'chunk-of':
        this.chunkOf = this.#integer();
        return this.chunkOf >= 0;
      case 'chunk-digest':
        this.#digestAt = this.#quoted(DIGEST_LENGTH);
        return this.#digestAt >= 0 && this.#pass(DIGEST_LENGTH);
      case 'data':
        this.dataLength = this.#data();
        return this.dataLength > 0 && this.dataLength <= shape.mostBytes;
      case 'response':
        this.response = 'ok';
        return this.#takesOneOf(shape.success);
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

  #takesOneOf(words: readonly Uint8Array[]): boolean {
    for (const word of words) if (this.#takesAll(word)) return true;
    return false;
  }

  #takes(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** Where a string of so many bytes begins, whatever they are, if that is what comes next; else -1. */
  #quoted(length: number): number {
    const bytes = this.#bytes;
    const from = this.#at + 1;
    const to = from + length;
    return to < this.#end && bytes[from - 1] === QUOTE && bytes[to] === QUOTE ? from : -1;
  }

  /** Goes on behind a string of so many bytes. */
  #pass(length: number): true {
    this.#at += length + 2;
    return true;
  }

  #uuid(into: KnownText): boolean {
    const from = this.#quoted(UUID_LENGTH);
    if (from < 0 || !writeUuid(this.#bytes, from, into.own)) return false;
    into.set(from, from + UUID_LENGTH, into.own);
    return this.#pass(UUID_LENGTH);
  }

  #digest(into: KnownText): boolean {
    const from = this.#quoted(DIGEST_LENGTH);
    if (from < 0 || !writeDigest(this.#bytes, from, into.own)) return false;
    into.set(from, from + DIGEST_LENGTH, into.own);
    return this.#pass(DIGEST_LENGTH);
  }

  /** Reads a string that is what it says. */
  #plainText(into: KnownText, bitsOf: (text: string) => Bits): boolean {
    if (!this.#takes(QUOTE)) return false;
    const bytes = this.#bytes;
    const end = this.#end;
    const from = this.#at;
    let at = from;
    while (at < end && IS_PLAIN[bytes[at]] === 1) at++;
    this.#at = at;
    if (!this.#takes(QUOTE)) return false;
    into.set(from, at, bitsOf(latin1(bytes, from, at)));
    return true;
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

  /** Reads a string of base64. Returns the bytes that it stands for, -1 when it is something else. */
  #data(): number {
    if (!this.#takes(QUOTE)) return -1;
    const length = this.#text.read(this.#bytes, this.#at, this.#end);
    this.#at = this.#text.end;
    return length;
  }

  #textOf({ bits, from, to }: KnownText): string | undefined {
    return bits && latin1(this.#bytes, from, to);
  }
}

function shapesOf(settings: Settings): readonly Shape[] {
  return (['2019-12', '2020-01'] as const).flatMap(edition =>
    (['TRANSFER', 'RESPONSE'] as const).map(kind => shapeOf(kind, edition, settings)),
  );
}

function shapeOf(kind: Short, edition: Edition, settings: Settings): Shape {
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
    kind,
    edition,
    members,
    all: 2 ** count - 1,
    passed: listOf(PASSED[edition][kind]),
    mostBytes: MOST_CHUNK_BYTES[edition],
    success: WORDS[edition].success.map(word => Buffer.from(`"${word}"`)),
    patterns: [],
  };
}

/** Not by `slice`, which makes no copy of a Buffer. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, from, to);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
