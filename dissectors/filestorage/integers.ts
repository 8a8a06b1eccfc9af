/**
 * Integers of JSON numbers, from the characters on the wire: a double cannot tell 2^64-1 from 2^64. The value counts and
 * not the spelling, so 1e3 and 1000.0 are integers as RFC 8259 has it.
 */

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const SMALL = /^(?:0|[1-9]\d{0,14})$/;

/** More digits than any integer here may have; a larger one is as wrong as that. */
const MOST_DIGITS = 40;
const HUGE = 10n ** BigInt(MOST_DIGITS);

export const MOST_UINT64 = 2n ** 64n - 1n;

/**
 * The integer that a JSON number is, or nothing when it is none. One of more than 40 digits comes back as 10^40 with its
 * sign, so that an exponent cannot ask for gigabytes.
 */
export function integerOf(text: string): bigint | undefined {
  if (SMALL.test(text)) return BigInt(text);
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return 0n;
  const significant = digits.slice(0, lastNonZero(digits) + 1);
  const zeros = digits.length - significant.length + Number(exponent) - fraction.length;
  if (zeros < 0) return undefined;
  const magnitude = significant.length + zeros > MOST_DIGITS ? HUGE : BigInt(significant) * 10n ** BigInt(zeros);
  return sign === '-' ? -magnitude : magnitude;
}

/** Whether a JSON number is an integer. */
export function isInteger(text: string): boolean {
  return SMALL.test(text) || integerOf(text) !== undefined;
}

/** A loop: an expression for the zeros at the end takes time by the square of them. */
function lastNonZero(digits: string): number {
  let at = digits.length - 1;
  while (digits[at] === '0') at--;
  return at;
}

/** The integer as a number, where it is an exact one from 0. */
export function countOf(text: string): number | undefined {
  if (SMALL.test(text)) return Number(text);
  const value = integerOf(text);
  if (value === undefined || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return Number(value);
}
