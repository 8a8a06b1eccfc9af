/**
 * Patterns, of the filter's `~` and of rules to be set: `*` stands for any characters, `?` for one, all else for itself. No
 * regular expressions: those of users on bytes of strangers can take forever. This takes at most the pattern's length times
 * the text's.
 */

const ANY = 0x2a;
const ONE = 0x3f;

/** Does the pattern describe the whole text? */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  /** The last `*`, and how far the text was when it took nothing; it takes one more whenever what follows does not fit. */
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const code = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (code === ANY) {
      star = p++;
      resume = t;
    } else if (code === ONE || code === text.charCodeAt(t)) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern.charCodeAt(p) === ANY) p++;
  return p === pattern.length;
}
