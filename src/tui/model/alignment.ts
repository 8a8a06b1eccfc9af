/**
 * Lines two sequences up: as many as possible of what both have, in the same order, stand beside each other (a longest
 * common subsequence). Long ones are done a block at a time, so that time grows with their length only; across the end of a
 * block the result need not be the longest.
 */

/** Places in both sequences; -1 where the other one alone has it. */
export type AlignedPair = readonly [left: number, right: number];

const BLOCK = 1000;

/** @param left and right are numbers that are equal where they stand for the same */
export function align(left: ArrayLike<number>, right: ArrayLike<number>): AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      pairs.push([i++, j++]);
      continue;
    }
    const [iEnd, jEnd] = [Math.min(left.length, i + BLOCK), Math.min(right.length, j + BLOCK)];
    const common = commonIn(left, i, iEnd, right, j, jEnd);
    for (const [l, r] of common) {
      addAlone(pairs, i, l, j, r);
      pairs.push([l, r]);
      [i, j] = [l + 1, r + 1];
    }
    // What stands behind the last one in common may yet find its like in the next block, unless nothing here did.
    if (common.length > 0 && (iEnd < left.length || jEnd < right.length)) continue;
    addAlone(pairs, i, iEnd, j, jEnd);
    [i, j] = [iEnd, jEnd];
  }
  addAlone(pairs, i, left.length, j, right.length);
  return pairs;
}

function addAlone(pairs: AlignedPair[], i: number, iEnd: number, j: number, jEnd: number): void {
  for (let l = i; l < iEnd; l++) pairs.push([l, -1]);
  for (let r = j; r < jEnd; r++) pairs.push([-1, r]);
}

/** The longest common subsequence of two ranges, from a table of the lengths of those of all their ends. */
function commonIn(
  left: ArrayLike<number>,
  i: number,
  iEnd: number,
  right: ArrayLike<number>,
  j: number,
  jEnd: number,
): AlignedPair[] {
  const width = jEnd - j + 1;
  const lengths = new Uint16Array((iEnd - i + 1) * width);
  for (let l = iEnd - 1; l >= i; l--) {
    for (let r = jEnd - 1; r >= j; r--) {
      const at = (l - i) * width + r - j;
      lengths[at] = left[l] === right[r] ? lengths[at + width + 1] + 1 : Math.max(lengths[at + width], lengths[at + 1]);
    }
  }
  const pairs: AlignedPair[] = [];
  for (let [l, r] = [i, j]; l < iEnd && r < jEnd; ) {
    const at = (l - i) * width + r - j;
    if (left[l] === right[r]) pairs.push([l++, r++]);
    else if (lengths[at + width] >= lengths[at + 1]) l++;
    else r++;
  }
  return pairs;
}
