/** Seeds: with the same one, the same traffic has the same faults. */

import { UsageError } from '../settings/words.ts';
import { LARGEST_SEED } from './draws.ts';
import { quoted, refuse, type Word } from './phrase.ts';

/** Where nobody has asked for another one, so that what a test has seen once it sees again. */
export const DEFAULT_SEED = 0;

/** @throws FilterError for what is no whole number from 0 to 2^53 - 1 */
export function seedOf({ text, at }: Word): number {
  return seedIn(text) ?? refuse(at, `${quoted(text)}: ${EXPECTED}`);
}

/** As `--seed` takes it. @throws UsageError */
export function parseSeed(text: string): number {
  const seed = seedIn(text);
  if (seed === undefined) throw new UsageError(`--seed ${text}: ${EXPECTED}`, EXPECTED);
  return seed;
}

const EXPECTED = `a seed is a whole number from 0 to ${LARGEST_SEED}`;

function seedIn(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) && Number(text) <= LARGEST_SEED ? Number(text) : undefined;
}
