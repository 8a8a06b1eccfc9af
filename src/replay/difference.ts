/** What is different about a message, and its words. */
import { visible } from '../wire/escape.ts';

/** Of a value that is quoted. */
const LONGEST_VALUE = 60;

export function quoted(value: string): string {
  const shown = visible(value.slice(0, LONGEST_VALUE + 1));
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}...` : shown;
}

/** A value of a message that is another one. */
export interface Difference {
  readonly path: string;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  /** It tells which message it is: one that differs here is another one. */
  readonly isKey: boolean;
}

const MOST_NAMED = 3;

export function wordsOf(differences: readonly Difference[]): string {
  const words = differences.slice(0, MOST_NAMED).map(({ path, expected, actual }) => {
    const name = visible(path);
    if (actual === undefined) return `${name} is not there (${quoted(expected ?? '')} in the recording)`;
    if (expected === undefined) return `${name} is ${quoted(actual)} (not there in the recording)`;
    return `${name} is ${quoted(actual)}, not ${quoted(expected)}`;
  });
  const more = differences.length - words.length;
  return more > 0 ? `${words.join('; ')}; and ${more} more` : words.join('; ');
}
