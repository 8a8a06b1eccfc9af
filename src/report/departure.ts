/** Where a live conversation went another way than the recorded one that was replayed: plain data, and its line. */

/**
 * - `refused`: the peer could not be reached, or did not come
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

/** For people, on one line: `connection 1, frame 2: no COOKIE within 5 s (--timeout)`. */
export function departureLine({ connection, recordedFrame, liveFrame, text }: Departure): string {
  const where = recordedFrame === undefined ? '' : `, frame ${recordedFrame}`;
  return `connection ${connection}${where}: ${text}${liveFrame === undefined ? '' : ` (live frame ${liveFrame})`}`;
}
