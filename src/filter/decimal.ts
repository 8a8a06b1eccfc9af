/**
 * Numbers compared as they are written. JSON numbers of 64 bits do not fit a double, and 0.1 is not what a double makes of
 * it; so a number is kept as its digits and where the point stands, and two are compared digit by digit. Linear in the
 * digits, whatever the exponent: 1e999999999 is as short as it looks.
 */

export interface Decimal {
  /** -1, 0 or 1. */
  readonly sign: number;
  /** The number is 0.DIGITS times ten to the power of this. */
  readonly magnitude: number;
  /** Neither the first nor the last is 0; empty for zero. */
  readonly digits: string;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const ZERO: Decimal = { sign: 0, magnitude: 0, digits: '' };
/** Beyond this exponents count as equal: they are exact as numbers up to here, and nobody measures anything so large. */
const LARGEST_EXPONENT = 1e15;

/** Of JSON's way to write numbers, leading zeros allowed; undefined for all else. */
export function decimal(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, minus, whole, fraction = '', exponent = '0'] = match;
  const all = whole + fraction;
  let first = 0;
  while (all.charCodeAt(first) === 0x30) first++;
  if (first === all.length) return ZERO;
  let last = all.length;
  while (all.charCodeAt(last - 1) === 0x30) last--;
  const power = Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, Number(exponent)));
  return { sign: minus ? -1 : 1, magnitude: whole.length - first + power, digits: all.slice(first, last) };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.magnitude !== b.magnitude) return a.magnitude < b.magnitude ? -a.sign : a.sign;
  // Digits behind a point: those that go on where the others end are more.
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -a.sign : a.sign;
}

/** Zeros that are written out; a number that needs more has an exponent. */
const MOST_ZEROS = 20;

/** As it would be written: `0.25`, `-1200`. */
export function decimalText({ sign, magnitude, digits }: Decimal): string {
  if (sign === 0) return '0';
  const minus = sign < 0 ? '-' : '';
  if (magnitude > digits.length + MOST_ZEROS || magnitude < -MOST_ZEROS) return `${minus}0.${digits}e${magnitude}`;
  if (magnitude <= 0) return `${minus}0.${'0'.repeat(-magnitude)}${digits}`;
  const whole = digits.slice(0, magnitude).padEnd(magnitude, '0');
  return `${minus}${whole}${digits.length > magnitude ? `.${digits.slice(magnitude)}` : ''}`;
}
