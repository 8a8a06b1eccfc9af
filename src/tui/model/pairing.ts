/** What belongs to a message, in words and for marks: which one it answers, and which answer it. */
import type { History } from '../../history/history.ts';
import { grouped } from '../../report/numbers.ts';
import { formatElapsed } from '../text/time-format.ts';

/** Frames that are listed. */
const MOST_LISTED = 3;

const NONE: ReadonlySet<number> = new Set();

/** The others of its exchange. @param message -1 for none */
export function partnersOf({ pairs }: History, message: number): ReadonlySet<number> {
  return message < 0 ? NONE : new Set(pairs.exchange(message).filter(other => other !== message));
}

/** `answers 14 after 0.000241 s`, `is answered in 17, 19`, or both; empty where it stands alone. */
export function pairWords(history: History, message: number): string {
  const { pairs, messages, connections } = history;
  const at = (number: number) => ({ seconds: messages.seconds(number), nanoseconds: messages.nanoseconds(number) });
  const earlier = pairs.earlier(message);
  const later = pairs.later(message).map(number => messages.frame(number));
  const words: string[] = [];
  if (earlier >= 0) {
    const digits = history.digits(connections.capture(messages.connection(message)));
    words.push(`answers ${messages.frame(earlier)} after ${formatElapsed(at(earlier), at(message), digits)} s`);
  }
  if (later.length > 0) {
    const more = later.length > MOST_LISTED ? ` and ${grouped(later.length - MOST_LISTED)} more` : '';
    words.push(`is answered in ${later.slice(0, MOST_LISTED).join(', ')}${more}`);
  }
  return words.join(', ');
}
