/** Numbers that the author of a protocol gives to a framing's factory. */

/** Longest message behind a length, where nobody sets another bound: 16 MiB, and what the length does not count. */
export const LONGEST = 16 * 1024 * 1024;

/** @throws RangeError for what is no whole number from `least` to `most` */
export function requireWhole(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} is ${String(value)}; it is a whole number from ${least} to ${most}`);
}

/** Longest message there may be: its length is kept in 32 bits. */
export const MOST = 0xffff_ffff;
