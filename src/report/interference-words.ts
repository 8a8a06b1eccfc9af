/** What the proxy has done on purpose, and how peers took it, in the words of all reports that people read. */
import type { DeedKind } from '../lint/deed.ts';
import type { DeedCount, DoneDeed, Interference, Reaction } from './interference.ts';
import { counted } from './numbers.ts';

export const INTERFERENCE_TITLE = 'What the proxy did';
export const REACTIONS_TITLE = 'How the peers took it';
export const INDUCED_TITLE = 'Induced by it, not counted';
/** What stands under the last of these. */
export const INDUCED_MEANING =
  'Each peer is judged by what it was given. These rules look broken to the other peer; the proxy caused that.';

/** Deeds that a page for people lists. */
export const MOST_SHOWN = 50;

const DONE: Readonly<Record<DeedKind, string>> = {
  drop: 'dropped',
  delay: 'delayed',
  duplicate: 'repeated',
  reorder: 'moved back',
  replace: 'changed',
  trickle: 'trickled',
  cut: 'cut short',
  stall: 'stalled',
  close: 'closed',
  abort: 'broken off',
  send: 'sent',
  hold: 'held back',
};

export const doneWord = (deed: DeedKind): string => DONE[deed];

/** `12 times, by fault drop=5%` */
export function countWordsOf({ by, cause, count }: DeedCount): string {
  // What an option has asked for says so itself.
  return `${counted(count, 'time')}, by ${cause.startsWith('--') ? '' : `${by} `}${cause}`;
}

/** `dropped DATA, 10.0.0.1:5000 -> 10.0.0.9:26999, by drop=5%` */
export function deedWords({ deed, messageName, from, to, note, cause }: DoneDeed): string {
  const what = messageName === '' ? 'bytes' : messageName;
  return `${DONE[deed]} ${what}, ${from} -> ${to}${note === '' ? '' : `: ${note}`}, by ${cause}`;
}

/** `wrong-tag: 10.0.0.9:26999 aborted, and sent ABORT` */
export function reactionWords({ by, reaction, messages, cause }: Reaction): string {
  const next = messages.length === 0 ? '' : `, and sent ${messages.join(', ')}`;
  return `${cause}: ${by} ${reaction === 'ignored' ? 'ignored it' : reaction}${next}`;
}

/** What is left out of a listing of `shown` deeds; empty where nothing is. */
export function deedsLeft({ deeds, omitted }: Interference, shown: number): string {
  const left = deeds.length - shown + omitted.deeds;
  return left > 0 ? `${counted(left, 'more deed')} not shown here` : '';
}

export function reactionsLeft({ reactions, omitted }: Interference, shown: number): string {
  const left = reactions.length - shown + omitted.reactions;
  return left > 0 ? `${counted(left, 'more reaction')} not shown here` : '';
}

/** At most so many more: see `RunReport.omitted`. */
export function inducedLeft(most = 0): string {
  return most > 0 ? `At most ${counted(most, 'more finding')} of this kind not listed (--max-findings)` : '';
}
