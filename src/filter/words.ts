/** Words for names that there are not: what was probably meant, or what there is. */
import { nearest } from '../settings/nearest.ts';

/** Names that a complaint lists; beyond it the list would be no help. */
const MOST_LISTED = 12;

/** `unknown state ESTABLISHD; did you mean ESTABLISHED?` */
export function notAmong(noun: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `unknown ${noun} ${word}; did you mean ${near}?`;
  const listed = known.slice(0, MOST_LISTED).join(', ');
  return `unknown ${noun} ${word}; known: ${listed}${known.length > MOST_LISTED ? ', ...' : ''}`;
}
