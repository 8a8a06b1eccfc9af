/**
 * What WebAssembly runs, as lists of its bytes: instructions in the order in which it has them, operands first, and the module
 * that holds one function of them. Only what is used here is here; the numbers are those of its specification (5.4, 5.5).
 */

/** Bytes of the instructions. */
export type Code = readonly number[];

const EMPTY = 0x40;
const END = 0x0b;
export const RETURN: Code = [0x0f];
export const UNREACHABLE: Code = [0x00];
export const EQUAL: Code = [0x46];
export const BELOW: Code = [0x49];
export const ABOVE: Code = [0x4b];
export const IS_ZERO: Code = [0x45];
export const ADD: Code = [0x6a];
export const SUBTRACT: Code = [0x6b];
export const MULTIPLY: Code = [0x6c];
export const AND: Code = [0x71];
export const EXCLUSIVE_OR: Code = [0x73];
export const SHIFT_LEFT: Code = [0x74];
export const COUNT_TRAILING_ZEROS: Code = [0x68];
export const LOAD_BYTE: Code = [0x2d, 0, 0];
export const LOAD_PAIR: Code = [0x2f, 0, 0];
export const STORE_BYTE: Code = [0x3a, 0, 0];
/** Of 64 bits, and a 32-bit integer made one. */
export const ADD_DOUBLE: Code = [0xa0];
export const MULTIPLY_DOUBLE: Code = [0xa2];
export const TO_DOUBLE: Code = [0xb8];
export const double = (value: number): Code => [0x44, ...new Uint8Array(new Float64Array([value]).buffer)];

/** Of sixteen bytes at once; comparisons make 0 or 0xff of each, and `BITS_16` makes one bit of it. */
export const SPREAD_16: Code = [0xfd, 0x0f];
export const EQUAL_16: Code = [0xfd, 0x23];
export const NOT_EQUAL_16: Code = [0xfd, 0x24];
export const BELOW_16: Code = [0xfd, 0x26];
export const AND_16: Code = [0xfd, 0x4e];
export const OR_16: Code = [0xfd, 0x50];
/** Of two, by the bits of a third: where they are 1 those of the first. */
export const CHOOSE_16: Code = [0xfd, 0x52];
export const IS_ANY_16: Code = [0xfd, 0x53];
export const ARE_ALL_16: Code = [0xfd, 0x63];
export const BITS_16: Code = [0xfd, 0x64];
export const ADD_16: Code = [0xfd, 0x6e];
export const SUBTRACT_16: Code = [0xfd, 0x71];
/** Of pairs of bytes, by so many bits. */
export const SHIFT_PAIRS_LEFT: Code = [0xfd, 0x8b, 0x01];
export const SHIFT_PAIRS_RIGHT: Code = [0xfd, 0x8d, 0x01];
/** Sixteen of the thirty-two bytes of two. */
export const pick = (places: readonly number[]): Code => [0xfd, 0x0d, ...places];

export const code = (...parts: readonly Code[]): Code => parts.flat();
export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const character = (text: string): Code => constant(text.charCodeAt(0));
export const all = (byte: number): Code => code(constant(byte), SPREAD_16);
export const every = (text: string): Code => all(text.charCodeAt(0));
export const add = (local: number, more: Code): Code => code(get(local), more, ADD, set(local));
export const loadWord = (offset: number): Code => [0x28, 2, offset];
export const storeWord = (offset: number): Code => [0x36, 2, offset];
export const storeDouble = (offset: number): Code => [0x39, 3, offset];
export const load16 = (offset: number): Code => [0xfd, 0x00, 0, offset];
export const store16 = (offset: number): Code => [0xfd, 0x0b, 0, offset];

export const loop = (...body: readonly Code[]): Code => [0x03, EMPTY, ...body.flat(), END];
export const when = (...body: readonly Code[]): Code => [0x04, EMPTY, ...body.flat(), END];
export const whenElse = (body: Code, otherwise: Code): Code => [0x04, EMPTY, ...body, 0x05, ...otherwise, END];
/** Goes on with the loop that stands around so many others, `when` among them. */
export const repeat = (within: number): Code => [0x0c, within];

const INTEGER = 0x7f;
const DOUBLE = 0x7c;
const SIXTEEN_BYTES = 0x7b;

/** How many there are of each kind of local behind those that are given, which are integers; they are numbered in this order. */
export interface Locals {
  readonly given: number;
  readonly integers: number;
  readonly doubles: number;
  readonly sixteens: number;
}

/** A module with so many pages of memory and one function, which makes an integer of those given; exported as `m` and `f`. */
export function moduleOf(pages: number, { given, integers, doubles, sixteens }: Locals, body: Code): Uint8Array {
  const parameters = Array.from({ length: given }, () => INTEGER);
  const locals = [3, integers, INTEGER, doubles, DOUBLE, sixteens, SIXTEEN_BYTES];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, given, ...parameters, 1, INTEGER]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, pages]),
    ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0]),
    ...section(10, [1, ...counted([...locals, ...body, END])]),
  ]);
}

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
