/**
 * How tables grow. What a table leaves behind is there until the garbage is collected, so arrays that are large already
 * become four times as long: what they leave behind is then a third of what they are, and rarely copied. Room that is not used
 * costs nothing, because the system gives memory to a page when it is first written to.
 */

/** Elements from which an array is large: 1 MiB of words. */
const LARGE = 2 ** 18;

/** Elements of an array that has become too short. @param least elements that it needs @param most that it may ever need */
export function grownLength(length: number, least: number, most = Number.POSITIVE_INFINITY): number {
  return Math.max(least, Math.min(most, length * (length < LARGE ? 2 : 4)));
}
