/** What somebody probably meant who has mistyped a name. */

/** The candidate that few slips of the keyboard would turn into `word`, or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  // Two slips in three letters leave nothing of what was meant.
  const most = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let least = most + 1;
  for (const candidate of candidates) {
    const slips = distance(word, candidate);
    if (slips < least) {
      best = candidate;
      least = slips;
    }
  }
  return best;
}

/** Levenshtein's: insertions, deletions and replacements. Words of a command line are short. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
