/**
 * How tables grow. What a table leaves behind is there until the garbage is collected, so arrays that are large already
 * become four times as long: what they leave behind is then a third of what they are, and rarely copied. Room that is not used
 * costs nothing, because the system gives memory to a page when it is first written to.
 */

/**
 * Bytes from the beginning of a cache line to that of a large block that the C library gives: it has the block's pages from the
 * system, and its own words stand at their beginning. Small blocks begin anywhere.
 */
const BLOCK_BEGINS = 16;
const LINE_BYTES = 64;

/** Elements from which an array is large: 16 KiB of words. */
const LARGE = 2 ** 12;

/** Elements of an array that has become too short. @param least elements that it needs @param most that it may ever need */
export function grownLength(length: number, least: number, most = Number.POSITIVE_INFINITY): number {
  return Math.max(least, Math.min(most, length * (length < LARGE ? 2 : 4)));
}

/**
 * So many words, all 0. Where they are many they begin with a cache line, so that a row which is as long as a line, or a part
 * that divides it, lies in one line and not in two.
 */
export function wordsFromLine(length: number): Uint32Array<ArrayBuffer> {
  const skipped = LINE_BYTES - BLOCK_BEGINS;
  return new Uint32Array(new ArrayBuffer(skipped + length * Uint32Array.BYTES_PER_ELEMENT), skipped, length);
}
