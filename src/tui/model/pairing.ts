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

/** `is answered in 17, 19`, `answers 14 after 0.000241 s`, of its own side `goes on in 20` and `continues 14`; empty if alone. */
export function pairWords(history: History, message: number): string {
  const { pairs, messages, connections } = history;
  const at = (number: number) => ({ seconds: messages.seconds(number), nanoseconds: messages.nanoseconds(number) });
  const earlier = pairs.earlier(message);
  const isOwn = (number: number) => history.fromClient(number) === history.fromClient(message);
  const later = pairs.later(message);
  const frames = (numbers: readonly number[]) => numbers.map(number => messages.frame(number));
  // The time comes last: where there is no room for all, it is what can be missed.
  const words = [
    ...listed('is answered in', frames(later.filter(number => !isOwn(number)))),
    ...listed('goes on in', frames(later.filter(isOwn))),
  ];
  if (earlier >= 0) {
    const digits = history.digits(connections.capture(messages.connection(message)));
    const verb = isOwn(earlier) ? 'continues' : 'answers';
    words.push(`${verb} ${messages.frame(earlier)} after ${formatElapsed(at(earlier), at(message), digits)} s`);
  }
  return words.join(', ');
}

function listed(verb: string, frames: readonly number[]): readonly string[] {
  if (frames.length === 0) return [];
  const more = frames.length > MOST_LISTED ? ` and ${grouped(frames.length - MOST_LISTED)} more` : '';
  return [`${verb} ${frames.slice(0, MOST_LISTED).join(', ')}${more}`];
}
