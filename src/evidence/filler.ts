/**
 * What stands in place of content that is nobody's business: as long as it was, of the same make where that matters to a
 * reader (a JSON string stays one, hexadecimal stays hexadecimal), and with no other relation to what was there.
 */

/** `bytes`: anything; `string`: what is between the quotes of a JSON string; `number`: a JSON number. */
export type ContentKind = 'bytes' | 'string' | 'number';

const [ZERO, NINE] = [0x30, 0x39];
const [UPPER_A, UPPER_F, UPPER_Z] = [0x41, 0x46, 0x5a];
const [LOWER_A, LOWER_F, LOWER_Z] = [0x61, 0x66, 0x7a];
const UPPER_G = 0x47;
const LOWER_G = 0x67;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/**
 * @param content not changed
 * @param ordinal counted from 0; another one gives another filler, as far as the length has room for that
 */
export function filler(content: Uint8Array, kind: ContentKind, ordinal: number): Uint8Array {
  const filled = new Uint8Array(content.length);
  const digits = new Digits(ordinal);
  for (let at = 0; at < content.length; at++) {
    const byte = content[at];
    if (kind === 'bytes') {
      filled[at] = LOWER_A + digits.next(26);
    } else if (kind === 'string' && byte === BACKSLASH) {
      // An escape is two bytes or more, of which the first two would not survive alone.
      filled[at] = LOWER_G + digits.next(20);
      if (++at < content.length) filled[at] = LOWER_G + digits.next(20);
    } else if (kind === 'number') {
      filled[at] = isDigit(byte) ? digitOf(digits) : byte;
    } else filled[at] = likeIt(byte, digits);
  }
  return filled;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** No number begins with a zero that is not all of it. */
function digitOf(digits: Digits): number {
  return ZERO + 1 + digits.next(9);
}

function likeIt(byte: number, digits: Digits): number {
  if (isDigit(byte)) return digitOf(digits);
  if (byte >= LOWER_A && byte <= LOWER_F) return LOWER_A + digits.next(6);
  if (byte >= LOWER_G && byte <= LOWER_Z) return LOWER_G + digits.next(20);
  if (byte >= UPPER_A && byte <= UPPER_F) return UPPER_A + digits.next(6);
  if (byte >= UPPER_G && byte <= UPPER_Z) return UPPER_G + digits.next(20);
  // Punctuation is what makes a date a date, and a token a token.
  return byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE ? byte : LOWER_G + digits.next(20);
}

/** The digits of a number, the lowest first, each to the base that is asked for; then zeros. */
class Digits {
  #rest: number;

  constructor(number: number) {
    this.#rest = number;
  }

  next(base: number): number {
    const digit = this.#rest % base;
    this.#rest = Math.floor(this.#rest / base);
    return digit;
  }
}
