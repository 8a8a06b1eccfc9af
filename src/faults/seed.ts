/** Seeds: with the same one, the same traffic has the same faults. */
import { LARGEST_SEED } from './draws.ts';
import { quoted, refuse, type Word } from './phrase.ts';

/** Where nobody has asked for another one, so that what a test has seen once it sees again. */
export const DEFAULT_SEED = 0;

/** @throws FilterError for what is no whole number from 0 to 2^53 - 1 */
export function seedOf({ text, at }: Word): number {
  if (!/^\d{1,16}$/.test(text) || Number(text) > LARGEST_SEED)
    refuse(at, `${quoted(text)}: a seed is a whole number from 0 to ${LARGEST_SEED}`);
  return Number(text);
}
