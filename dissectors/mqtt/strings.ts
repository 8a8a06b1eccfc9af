/**
 * UTF-8 as RFC 3629 has it, on the bytes: no overlong forms, no surrogates, nothing beyond U+10FFFF, no cut sequences.
 * Topics are mostly printable ASCII, which is passed over a byte at a time; nothing is built.
 */

/** What was found in a text. Reused. */
export class TextCheck {
  /** The first sequence that is not well-formed or stands for U+0000: where, and its bytes; -1 if there is none. */
  at = -1;
  length = 0;
  isNull = false;
  /** The first control character or noncharacter, or -1. */
  control = -1;
}

/** Looks at the bytes in [from, to) up to the first fault. Offsets are those of `bytes`. */
export function checkText(bytes: Uint8Array, from: number, to: number, check: TextCheck): void {
  check.at = -1;
  check.control = -1;
  let at = from;
  while (at < to) {
    const first = bytes[at];
    if (first >= 0x20 && first < 0x7f) {
      at++;
      continue;
    }
    const length = sequenceLength(bytes, at, to);
    if (length <= 0 || first === 0) {
      check.at = at;
      check.length = Math.max(1, -length);
      check.isNull = first === 0;
      return;
    }
    if (check.control < 0 && isControl(bytes, at, length)) check.control = at;
    at += length;
  }
}

/** Where the first sequence stands that is not well-formed, whatever the others stand for; -1 if there is none. */
export function malformedAt(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const length = bytes[at] < 0x80 ? 1 : sequenceLength(bytes, at, to);
    if (length <= 0) return at;
    at += length;
  }
  return -1;
}

/** Bytes of the well-formed sequence at an offset; less, negative, the bytes of one that is not. */
export function sequenceLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0) return -1;
  for (let i = 1; i < length; i++) {
    if (at + i >= to || (bytes[at + i] & 0xc0) !== 0x80) return -i;
    if (i === 1 && !isSecond(first, bytes[at + 1])) return -2;
  }
  return length;
}

/** Of first bytes that allow only some continuations: E0 and F0 would be overlong, ED a surrogate, F4 beyond U+10FFFF. */
function isSecond(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}

/** The code point of a well-formed sequence of so many bytes. */
export function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at];
  if (length === 1) return first;
  let point = first & (0x7f >> length);
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes[at + i] & 0x3f);
  return point;
}

/** U+0001..U+001F, U+007F..U+009F and the noncharacters. */
function isControl(bytes: Uint8Array, at: number, length: number): boolean {
  const point = codePointAt(bytes, at, length);
  if (point < 0xa0) return point < 0x20 || point >= 0x7f;
  return (point & 0xfffe) === 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
}
