/**
 * The pass over an ordinary message (`ordinary.ts`) that is written as those before it: what stands around its values is compared,
 * and they are read, sixteen bytes at a time. The base64 of a chunk, which is all but a few bytes of a message, is checked and
 * put down as its sender made it. That takes WebAssembly: JavaScript, a byte or two at a time, needs three times as long.
 *
 * A pattern is a list of steps in the memory: bytes that must stand where the step before ended, then a value of some kind, of
 * which what was read goes to a place of its own.
 */
import {
  ABOVE,
  ADD,
  ADD_16,
  ADD_DOUBLE,
  AND,
  AND_16,
  ARE_ALL_16,
  add,
  all,
  BELOW,
  BELOW_16,
  BITS_16,
  CHOOSE_16,
  COUNT_TRAILING_ZEROS,
  type Code,
  character,
  code,
  constant,
  double,
  EQUAL,
  EQUAL_16,
  EXCLUSIVE_OR,
  every,
  get,
  IS_ANY_16,
  IS_ZERO,
  LOAD_BYTE,
  LOAD_PAIR,
  load16,
  loadWord,
  loop,
  MULTIPLY,
  MULTIPLY_DOUBLE,
  moduleOf,
  NOT_EQUAL_16,
  OR_16,
  pick,
  RETURN,
  repeat,
  SHIFT_LEFT,
  SHIFT_PAIRS_LEFT,
  SHIFT_PAIRS_RIGHT,
  STORE_BYTE,
  SUBTRACT,
  SUBTRACT_16,
  set,
  store16,
  storeDouble,
  storeWord,
  TO_DOUBLE,
  UNREACHABLE,
  when,
} from './instructions.ts';

/** Kinds of values. `NOTHING` ends a pattern. */
export const NOTHING = 0;
/** 36 characters: 16 bytes, as four words of what the digits say. */
export const UUID = 1;
/** 64 hexadecimal digits in either case: 32 bytes, as eight such words. */
export const DIGEST = 2;
/** From 0, of up to 15 digits, as JSON has them: a double. */
export const INTEGER = 3;
/** Base64 with the escapes of line breaks, up to the quote behind it: three words, see `DATA_*`. */
export const DATA = 4;

/** What a step has read stands in a place of its own: first where in the memory its value begins, then what it says. */
const PLACE_LENGTH = 64;
const VALUE = 16;
/** Words of what is read of base64: characters but for padding, padding, bytes of the text that its sender made. */
const DATA_CHARACTERS = VALUE >>> 2;
const DATA_PADDING = DATA_CHARACTERS + 1;
const DATA_LENGTH = DATA_CHARACTERS + 2;

/** Where the memory has room for a message, how much, where the text of a chunk goes, and patterns. A little more is touched. */
const INPUT = 0x2000;
const INPUT_ROOM = 0x3000;
const TEXT = 0x6000;
const PATTERNS = 0x10000;
const PAGES = 3;
const PAGE_LENGTH = 0x10000;
const HEAD_LENGTH = 16;

/** Bytes that must be there, then a value. */
export interface Step {
  readonly before: Uint8Array;
  readonly kind: number;
  /** Where what is read goes, below 8. */
  readonly place: number;
}

/** Where a pattern stands. */
export type Pattern = number;

type Run = (pattern: number, at: number, end: number) => number;

/** As far as it is used here; Node's types leave it to those of browsers. */
interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly m: { readonly buffer: ArrayBuffer }; readonly f: Run } };
}

export class PatternScan {
  /** The memory. */
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #run: Run;
  /** Where the message in it begins, and where it ends. */
  #begin = INPUT;
  #end = INPUT;
  #room = PATTERNS;

  constructor(memory: ArrayBuffer, run: Run) {
    this.bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#run = run;
  }

  /** Makes a pattern of steps; undefined when there is no room for it. */
  pattern(steps: readonly Step[]): Pattern | undefined {
    const pattern = this.#room;
    let at = pattern;
    for (const { before, kind, place } of steps) {
      const length = HEAD_LENGTH + Math.ceil(before.length / 16) * 16;
      if (at + length > PAGES * PAGE_LENGTH) return undefined;
      this.#words.set([before.length, kind, place * PLACE_LENGTH], at >>> 2);
      this.bytes.set(before, at + HEAD_LENGTH);
      at += length;
    }
    this.#room = at;
    return pattern;
  }

  /** Copies the bytes [from, to) of a message here. False when they are too many. */
  load(bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (length > INPUT_ROOM) return false;
    // A message of several segments is mostly alone in its buffer, which costs less than an object for a part of it.
    const isSmall = bytes.length <= INPUT_ROOM;
    this.bytes.set(isSmall ? bytes : bytes.subarray(from, to), INPUT);
    this.#begin = isSmall ? INPUT + from : INPUT;
    this.#end = this.#begin + length;
    // No value goes on with it.
    this.bytes[this.#end] = 0;
    return true;
  }

  /**
   * Reads what was loaded.
   * @returns how many of its bytes the pattern takes; below 0 where they are not as it has them
   */
  run(pattern: Pattern): number {
    return this.#run(pattern, this.#begin, this.#end) - this.#begin;
  }

  /** What was loaded was read by a pattern to its end. */
  follows(pattern: Pattern): boolean {
    return this.#run(pattern, this.#begin, this.#end) === this.#end;
  }

  /** Where in the memory the value begins that was read for a place. */
  beginning(place: number): number {
    return this.#words[place * (PLACE_LENGTH >>> 2)];
  }

  /** The words that are read for a place; the next message writes over them. */
  wordsOf(place: number, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#words.buffer as ArrayBuffer, place * PLACE_LENGTH + VALUE, count);
  }

  integer(place: number): number {
    return this.#doubles[(place * PLACE_LENGTH + VALUE) >>> 3];
  }

  /** Bytes that base64 stands for; -1 where it is too much or too little of it. */
  dataLength(place: number): number {
    const words = this.#words;
    const at = place * (PLACE_LENGTH >>> 2);
    const characters = words[at + DATA_CHARACTERS];
    const padding = words[at + DATA_PADDING];
    return padding > 2 || (characters + padding) % 4 !== 0 ? -1 : (characters * 3) >>> 2;
  }

  textLength(place: number): number {
    return this.#words[place * (PLACE_LENGTH >>> 2) + DATA_LENGTH];
  }

  /** The text of base64 that was read last. */
  text(length: number): Uint8Array {
    return this.bytes.subarray(TEXT, TEXT + length);
  }
}

/** Undefined where there is no WebAssembly, none of sixteen bytes at once, or no memory for it. */
export function patternScan(): PatternScan | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssembly };
  if (!WebAssembly) return undefined;
  try {
    const module = moduleOf(PAGES, { given: 3, integers: 9, doubles: 1, sixteens: 14 }, body());
    const { m, f } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
    return new PatternScan(m.buffer, f);
  } catch {
    return undefined;
  }
}

// Locals: where the pattern and the message are read, and where that ends; then what is found.
const PATTERN = 0;
const AT = 1;
const END = 2;
const LENGTH = 3;
const KIND = 4;
const OUT = 5;
const TO = 6;
const IN_BASE64 = 7;
const BYTE = 8;
const PADDING = 9;
const OTHERS = 10;
const COUNT = 11;
const SUM = 12;
const BYTES = 13;
const MORE_BYTES = 14;
const DIGITS = 15;
const MORE_DIGITS = 16;
const IS_DIGIT = 17;
const ARE_DIGITS = 18;
const VALUES = 19;
const LETTERS = 20;
// What sixteen bytes of base64 are compared with: V8 would make each of them anew for each of the comparisons.
const LOWER = 21;
const FIRST_LETTER = 22;
const LETTERS_END = 23;
const SLASH = 24;
const FIGURES_END = 25;
const PLUS = 26;

const fail = code(constant(-1), RETURN);
const failWhen = (...condition: readonly Code[]): Code => code(...condition, when(fail));
/** Goes on with the next step, from within so many blocks. */
const next = repeat;

/** Compares what a step wants before its value. */
const compare = (): Code =>
  code(
    failWhen(get(AT), get(LENGTH), ADD, get(END), ABOVE),
    loop(
      code(get(LENGTH), constant(15), ABOVE),
      when(
        failWhen(get(AT), load16(0), get(PATTERN), load16(0), NOT_EQUAL_16, IS_ANY_16),
        code(add(AT, constant(16)), add(PATTERN, constant(16)), add(LENGTH, constant(-16)), repeat(1)),
      ),
    ),
    get(LENGTH),
    when(
      code(get(AT), load16(0), get(PATTERN), load16(0), NOT_EQUAL_16, BITS_16),
      failWhen(constant(32), get(LENGTH), SUBTRACT, SHIFT_LEFT),
      code(add(AT, get(LENGTH)), add(PATTERN, constant(16))),
    ),
  );

/** Has the digits of a local say what their values are, in the lower byte of each pair, and notes whether all are digits. */
const readDigits = (digits: number): Code =>
  code(
    code(get(digits), every('0'), SUBTRACT_16, set(VALUES)),
    code(get(VALUES), all(10), BELOW_16, set(IS_DIGIT)),
    code(get(digits), all(0x20), OR_16, every('a'), SUBTRACT_16, set(LETTERS)),
    code(get(LETTERS), all(6), BELOW_16, get(IS_DIGIT), OR_16, get(ARE_DIGITS), AND_16, set(ARE_DIGITS)),
    code(get(VALUES), get(LETTERS), all(10), ADD_16, get(IS_DIGIT), CHOOSE_16, set(VALUES)),
    code(get(VALUES), constant(4), SHIFT_PAIRS_LEFT, get(VALUES), constant(8), SHIFT_PAIRS_RIGHT, OR_16, set(digits)),
  );

/** The lower bytes of pairs, as words whose first byte is the highest. */
const WORDS_OF_PAIRS = [6, 4, 2, 0, 14, 12, 10, 8, 22, 20, 18, 16, 30, 28, 26, 24];

/** Puts down what 32 digits say. */
const takeDigits = (offset: number): Code =>
  code(
    code(all(0xff), set(ARE_DIGITS)),
    code(readDigits(DIGITS), readDigits(MORE_DIGITS)),
    failWhen(get(ARE_DIGITS), ARE_ALL_16, IS_ZERO),
    code(get(OUT), get(DIGITS), get(MORE_DIGITS), pick(WORDS_OF_PAIRS), store16(offset)),
  );

/** The places of a UUID's digits: of the first sixteen in its first 32 characters, of the others in those from 16 and from 20 on. */
const FIRST_DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17];
const LAST_DIGITS = [3, 4, 5, 6, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];
const HYPHENS = [8, 13, 18, 23, 8, 13, 18, 23, 8, 13, 18, 23, 8, 13, 18, 23];

const takeUuid = (): Code =>
  code(
    code(get(AT), load16(0), set(BYTES), get(AT), load16(16), set(MORE_BYTES)),
    failWhen(get(BYTES), get(MORE_BYTES), pick(HYPHENS), every('-'), NOT_EQUAL_16, IS_ANY_16),
    code(get(BYTES), get(MORE_BYTES), pick(FIRST_DIGITS), set(DIGITS)),
    code(get(MORE_BYTES), get(AT), load16(20), pick(LAST_DIGITS), set(MORE_DIGITS)),
    takeDigits(VALUE),
    add(AT, constant(36)),
  );

const takeDigest = (): Code =>
  code(
    code(get(AT), load16(0), set(DIGITS), get(AT), load16(16), set(MORE_DIGITS), takeDigits(VALUE)),
    code(get(AT), load16(32), set(DIGITS), get(AT), load16(48), set(MORE_DIGITS), takeDigits(VALUE + 16)),
    add(AT, constant(64)),
  );

const MOST_DIGITS = 15;

const takeInteger = (): Code =>
  code(
    code(constant(0), set(COUNT), double(0), set(SUM)),
    loop(
      code(get(AT), get(COUNT), ADD, LOAD_BYTE, character('0'), SUBTRACT, set(BYTE)),
      code(get(BYTE), constant(10), BELOW),
      when(
        code(get(SUM), double(10), MULTIPLY_DOUBLE, get(BYTE), TO_DOUBLE, ADD_DOUBLE, set(SUM)),
        code(add(COUNT, constant(1)), repeat(1)),
      ),
    ),
    // What goes on with a point or an exponent goes on with no comma.
    failWhen(get(COUNT), constant(-1), ADD, constant(MOST_DIGITS - 1), ABOVE),
    failWhen(get(AT), LOAD_BYTE, character('0'), EQUAL, get(COUNT), constant(1), ABOVE, AND),
    code(get(OUT), get(SUM), storeDouble(VALUE)),
    add(AT, get(COUNT)),
  );

/** `\n`, as two bytes. */
const LINE_BREAK = 0x5c | (0x6e << 8);
const CARRIAGE_RETURN = 0x5c | (0x72 << 8);

/** Goes on with a character that stands for a byte which is none of base64. */
const takeOther = (length: number, byte: Code): Code =>
  code(
    code(get(TO), byte, STORE_BYTE),
    code(add(AT, constant(length)), add(TO, constant(1)), add(OTHERS, constant(1))),
  );

/** Ends with going on: it is the last kind of value that there is. */
const takeData = (): Code =>
  code(
    code(constant(TEXT), set(TO), constant(0), set(PADDING), constant(0), set(OTHERS)),
    code(all(0x20), set(LOWER), every('a'), set(FIRST_LETTER), all(26), set(LETTERS_END)),
    code(every('/'), set(SLASH), all(11), set(FIGURES_END), every('+'), set(PLUS)),
    loop(
      // What is too much of it is written over.
      code(get(AT), load16(0), set(BYTES), get(TO), get(BYTES), store16(0)),
      // Letters in either case; `/` and the digits, which follow it; `+`.
      code(get(BYTES), get(LOWER), OR_16, get(FIRST_LETTER), SUBTRACT_16, get(LETTERS_END), BELOW_16),
      code(get(BYTES), get(SLASH), SUBTRACT_16, get(FIGURES_END), BELOW_16, OR_16),
      code(get(BYTES), get(PLUS), EQUAL_16, OR_16, BITS_16, set(IN_BASE64)),
      // A step of a known length is mostly foreseen; one that is counted would have the next load wait for it.
      code(get(IN_BASE64), constant(0xffff), EQUAL, get(PADDING), IS_ZERO, AND),
      when(add(AT, constant(16)), add(TO, constant(16)), repeat(1)),
      code(get(IN_BASE64), constant(-1), EXCLUSIVE_OR, COUNT_TRAILING_ZEROS, set(IN_BASE64)),
      failWhen(get(IN_BASE64), get(PADDING), MULTIPLY),
      // Nor is the end of a line waited for where it is as long as the one before.
      code(get(IN_BASE64), get(COUNT), EQUAL, IS_ZERO),
      when(get(IN_BASE64), set(COUNT)),
      code(add(AT, get(COUNT)), add(TO, get(COUNT))),
      // No character of base64.
      code(get(AT), LOAD_PAIR, set(BYTE)),
      code(get(BYTE), constant(LINE_BREAK), EQUAL),
      when(takeOther(2, character('\n')), repeat(1)),
      code(get(BYTE), constant(CARRIAGE_RETURN), EQUAL),
      when(takeOther(2, character('\r')), repeat(1)),
      code(get(BYTE), constant(0xff), AND, set(BYTE)),
      code(get(BYTE), character('='), EQUAL),
      when(takeOther(1, character('=')), add(PADDING, constant(1)), repeat(1)),
      failWhen(get(BYTE), character('"'), EQUAL, IS_ZERO),
    ),
    code(get(OUT), get(TO), constant(TEXT), SUBTRACT, get(OTHERS), SUBTRACT, storeWord(DATA_CHARACTERS << 2)),
    code(get(OUT), get(PADDING), storeWord(DATA_PADDING << 2)),
    code(get(OUT), get(TO), constant(TEXT), SUBTRACT, storeWord(DATA_LENGTH << 2)),
  );

const isOf = (kind: number): Code => code(get(KIND), constant(kind), EQUAL);

const body = (): Code =>
  code(
    loop(
      code(get(PATTERN), loadWord(0), set(LENGTH)),
      code(get(PATTERN), loadWord(4), set(KIND)),
      code(get(PATTERN), loadWord(8), set(OUT)),
      add(PATTERN, constant(HEAD_LENGTH)),
      compare(),
      code(get(OUT), get(AT), storeWord(0)),
      code(isOf(NOTHING), when(get(AT), RETURN)),
      code(isOf(UUID), when(takeUuid(), next(1))),
      code(isOf(DIGEST), when(takeDigest(), next(1))),
      code(isOf(INTEGER), when(takeInteger(), next(1))),
      code(takeData(), next(0)),
    ),
    UNREACHABLE,
  );
