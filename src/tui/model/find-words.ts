/** What is looked for, in a few words for the status line. */
import type { Sought } from './sought.ts';

/** Of longer ones only the beginning is said. */
const MOST_CHARACTERS = 40;
const MOST_BYTES = 8;

/** `"text"`, `aa:bb`. */
export function soughtWords(sought: Sought): string {
  return sought.kind === 'bytes' ? printBytes(sought.bytes) : quoted(sought.text);
}

function quoted(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_CHARACTERS ? `"${text}"` : `"${characters.slice(0, MOST_CHARACTERS).join('')}..."`;
}

/** `aa:bb`. */
function printBytes(bytes: Uint8Array): string {
  const pairs = Array.from(bytes.subarray(0, MOST_BYTES), byte => byte.toString(16).padStart(2, '0'));
  return `${pairs.join(':')}${bytes.length > MOST_BYTES ? '...' : ''}`;
}

/** Beyond which end a search has gone on. */
export function wrapWords(step: 1 | -1): string {
  return step > 0 ? 'from the top' : 'from the bottom';
}
