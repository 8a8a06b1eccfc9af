/**
 * The pass over the base64 of a chunk: checked, and put down as its sender made it. It is all but a few bytes of a message, so it
 * is looked at sixteen characters at a time, which takes WebAssembly: JavaScript, two at a time, needs three times as long.
 * What it runs stands here as a list of instructions, in the order in which WebAssembly has them: operands first.
 */

/** Where the memory has room for bytes to be read, how many, and where the text begins that comes of them. A little more is touched. */
export const INPUT = 0x2000;
export const INPUT_ROOM = 0x3000;
export const TEXT = 0x6000;
/** Bytes that may be read; a chunk takes half of them. */
export const LONGEST_TEXT = 4096;

/** 32-bit words of the memory that say where reading ended, where the text does, and how much padding is in it. */
export const END_WORD = 0;
export const TEXT_END_WORD = 1;
export const PADDING_WORD = 2;

export interface Base64Scan {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  /**
   * Reads base64 from `at` on, up to the quote that ends its string, and writes it from `TEXT` on, with line breaks where JSON
   * has their escapes. The bytes to be read must end in a quote or in one that base64 has not.
   * @returns characters of base64 but for padding; -1 where it is something else, or goes on after padding
   */
  run(at: number): number;
}

/** As far as it is used here; Node's types leave it to those of browsers. */
interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly m: { readonly buffer: ArrayBuffer }; readonly f: (at: number) => number } };
}

/** Undefined where there is no WebAssembly, none of sixteen bytes at once, or no memory for it. */
export function base64Scan(): Base64Scan | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssembly };
  if (!WebAssembly) return undefined;
  try {
    const { m, f } = new WebAssembly.Instance(new WebAssembly.Module(module())).exports;
    return { bytes: new Uint8Array(m.buffer), words: new Int32Array(m.buffer), run: f };
  } catch {
    return undefined;
  }
}

type Code = readonly number[];

const EMPTY = 0x40;
const END = 0x0b;
const RETURN: Code = [0x0f];
const EQUAL: Code = [0x46];
const NOT_EQUAL: Code = [0x47];
const IS_ZERO: Code = [0x45];
const ADD: Code = [0x6a];
const SUBTRACT: Code = [0x6b];
const MULTIPLY: Code = [0x6c];
const AND: Code = [0x71];
const EXCLUSIVE_OR: Code = [0x73];
const COUNT_TRAILING_ZEROS: Code = [0x68];
const LOAD_BYTE: Code = [0x2d, 0, 0];
const STORE_BYTE: Code = [0x3a, 0, 0];
const STORE_WORD: Code = [0x36, 2, 0];
/** Of sixteen bytes at once; comparisons make 0 or 0xff of each, and `BITS` makes one bit of it. */
const LOAD_16: Code = [0xfd, 0x00, 0, 0];
const STORE_16: Code = [0xfd, 0x0b, 0, 0];
const SPREAD_16: Code = [0xfd, 0x0f];
const OR_16: Code = [0xfd, 0x50];
const SUBTRACT_16: Code = [0xfd, 0x71];
const EQUAL_16: Code = [0xfd, 0x23];
const BELOW_16: Code = [0xfd, 0x26];
const BITS_16: Code = [0xfd, 0x64];

const code = (...parts: readonly Code[]): Code => parts.flat();
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const constant = (value: number): Code => [0x41, ...signed(value)];
const all = (byte: number): Code => code(constant(byte), SPREAD_16);
const add = (local: number, more: Code): Code => code(get(local), more, ADD, set(local));
const loop = (...body: readonly Code[]): Code => [0x03, EMPTY, ...body.flat(), END];
const when = (body: Code): Code => [0x04, EMPTY, ...body, END];
const whenElse = (body: Code, otherwise: Code): Code => [0x04, EMPTY, ...body, 0x05, ...otherwise, END];
/** Goes on with the loop that stands around so many others, `when` among them. */
const repeat = (within: number): Code => [0x0c, within];
const fail = code(constant(-1), RETURN);
const store = (word: number, value: Code): Code => code(constant(word * 4), value, STORE_WORD);

/** Locals: 32-bit integers, the first of them given, then sixteen bytes. Where it reads and writes, and what it has found. */
const AT = 0;
const TO = 1;
const IN_BASE64 = 2;
const BYTE = 3;
const PADDING = 4;
const OTHERS = 5;
const BYTES = 6;
const INTEGERS = 5;

const character = (text: string): Code => constant(text.charCodeAt(0));
const every = (text: string): Code => all(text.charCodeAt(0));

const body = (): Code =>
  code(
    code(constant(TEXT), set(TO)),
    loop(
      // What is too much of it is written over.
      code(get(AT), LOAD_16, set(BYTES), get(TO), get(BYTES), STORE_16),
      // Letters in either case; `/` and the digits, which follow it; `+`.
      code(get(BYTES), all(0x20), OR_16, every('a'), SUBTRACT_16, all(26), BELOW_16),
      code(get(BYTES), every('/'), SUBTRACT_16, all(11), BELOW_16, OR_16),
      code(get(BYTES), every('+'), EQUAL_16, OR_16, BITS_16, set(IN_BASE64)),
      // A step of a known length is mostly foreseen; one that is counted would have the next load wait for it.
      code(get(IN_BASE64), constant(0xffff), EQUAL, get(PADDING), IS_ZERO, AND),
      when(code(add(AT, constant(16)), add(TO, constant(16)), repeat(1))),
      code(get(IN_BASE64), constant(-1), EXCLUSIVE_OR, COUNT_TRAILING_ZEROS, set(IN_BASE64)),
      code(get(IN_BASE64), get(PADDING), MULTIPLY),
      when(fail),
      code(add(AT, get(IN_BASE64)), add(TO, get(IN_BASE64))),
      // No character of base64.
      code(get(AT), LOAD_BYTE, set(BYTE), add(AT, constant(1))),
      code(get(BYTE), character('"'), EQUAL),
      when(
        code(
          code(store(END_WORD, get(AT)), store(TEXT_END_WORD, get(TO)), store(PADDING_WORD, get(PADDING))),
          code(get(TO), constant(TEXT), SUBTRACT, get(OTHERS), SUBTRACT, RETURN),
        ),
      ),
      code(get(BYTE), character('='), EQUAL),
      whenElse(
        add(PADDING, constant(1)),
        code(
          code(get(BYTE), character('\\'), NOT_EQUAL, when(fail)),
          code(get(AT), LOAD_BYTE, set(BYTE), add(AT, constant(1))),
          code(get(BYTE), character('n'), EQUAL),
          whenElse(
            code(character('\n'), set(BYTE)),
            code(get(BYTE), character('r'), NOT_EQUAL, when(fail), character('\r'), set(BYTE)),
          ),
        ),
      ),
      code(get(TO), get(BYTE), STORE_BYTE, add(TO, constant(1)), add(OTHERS, constant(1)), repeat(0)),
    ),
    [0x00, END],
  );

const INTEGER = 0x7f;
const SIXTEEN_BYTES = 0x7b;

/** A module with one page of memory and one function, which it exports as `m` and `f`. */
const module = (): Uint8Array =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, INTEGER, 1, INTEGER]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0]),
    ...section(10, [1, ...counted([2, INTEGERS, INTEGER, 1, SIXTEEN_BYTES, ...body()])]),
  ]);

function section(id: number, content: Code): Code {
  return [id, ...counted(content)];
}

/** With its length before it. */
function counted(content: Code): Code {
  const { length } = content;
  return length < 0x80 ? [length, ...content] : [(length & 0x7f) | 0x80, length >>> 7, ...content];
}

/** An integer in groups of seven bits, the lowest first; the last one has its sign. */
function signed(value: number): Code {
  const groups: number[] = [];
  let rest = value;
  while (rest < -0x40 || rest > 0x3f) {
    groups.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...groups, rest & 0x7f];
}
