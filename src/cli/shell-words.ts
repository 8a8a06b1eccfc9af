/**
 * A command line that is being typed, as a shell will take it: its words without their quotes, the last of them perhaps begun
 * inside one. The syntax is what POSIX shells, bash and zsh have in common; expansions are left as they are written.
 */

export type Quote = '' | "'" | '"';

export interface BegunLine {
  /** Without quotes and backslashes; the last is the one that the cursor ends, empty behind a blank. */
  readonly words: readonly string[];
  /** That the last one was begun in and that is still open. */
  readonly quote: Quote;
  /** Characters of the last word, without quotes, up to the last unquoted break character in it, that included. */
  readonly broken: number;
}

/**
 * @param line up to the cursor
 * @param breaks characters at which the shell's own completion begins another word, bash's COMP_WORDBREAKS
 */
export function begunLine(line: string, breaks = ''): BegunLine {
  const words: string[] = [];
  let word = '';
  let isWord = false;
  let quote: Quote = '';
  let broken = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    const next = line[at + 1];
    if (character === quote && quote !== '') {
      quote = '';
    } else if (character === '\\' && quote !== "'" && next !== undefined && (quote === '' || '"\\$`'.includes(next))) {
      word += next;
      isWord = true;
      at++;
    } else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      isWord = true;
      broken = word.length;
    } else if (quote === '' && /\s/.test(character)) {
      if (isWord) words.push(word);
      word = '';
      isWord = false;
      broken = 0;
    } else {
      word += character;
      isWord = true;
      if (quote === '' && breaks.includes(character)) broken = word.length;
    }
  }
  return { words: [...words, word], quote, broken };
}

/** The text as it must be typed to be taken as it is, within the quote that is open. */
export function typed(text: string, quote: Quote): string {
  if (quote === "'") return text.replaceAll("'", `'\\''`);
  if (quote === '"') return text.replace(/["\\$`]/g, '\\$&');
  return text.replace(/[^\w@%+=:,./~-]/gu, '\\$&');
}
