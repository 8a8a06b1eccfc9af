/** Where a live conversation went another way than the recorded one: plain data, and its words. */
import { visible } from '../wire/escape.ts';

/**
 * - `refused`: the peer could not be reached, or nobody came
 * - `missing`: a message that was recorded did not come in time
 * - `instead`: the same, and another message came
 * - `extra`: a message came that was not recorded
 * - `differs`: a message came with other values
 * - `closed`: the peer ended the connection before it did in the recording
 * - `open`: the peer did not end the connection as in the recording
 * - `unchanged`: a message of ours was sent with a recorded value in the place of a live one
 */
export type DepartureKind = 'refused' | 'missing' | 'instead' | 'extra' | 'differs' | 'closed' | 'open' | 'unchanged';

export interface Departure {
  readonly kind: DepartureKind;
  /** Number of the connection in the recording. */
  readonly connection: number;
  /** Name of the message that was expected or came; empty where there is none. */
  readonly messageName: string;
  /** Frame of the recording that holds what was expected. */
  readonly recordedFrame: number | undefined;
  /** Frame of the live traffic. */
  readonly liveFrame: number | undefined;
  /** One line; safe to print. */
  readonly text: string;
}

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

/** For people, on one line: `connection 1, frame 2: no COOKIE within 5 s (--timeout)`. */
export function departureLine({ connection, recordedFrame, liveFrame, text }: Departure): string {
  const where = recordedFrame === undefined ? '' : `, frame ${recordedFrame}`;
  return `connection ${connection}${where}: ${text}${liveFrame === undefined ? '' : ` (live frame ${liveFrame})`}`;
}
