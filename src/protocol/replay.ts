/**
 * What of a protocol's messages is another in every conversation, as data: who plays a recorded side against a live peer
 * must put the values that the peer chose in the place of those of the recording, make some of its own new, and not blame
 * the peer for what may differ. Without it everything is sent and expected as it was recorded.
 *
 * Fields are named `MESSAGE.FIELD`, `*.FIELD` for all messages that have it; into groups, lists and JSON the path goes on:
 * `CONNACK.properties.assignedClientIdentifier`, `RESPONSE.payload.message-id`.
 */

import type { Dialect } from '../dialect.ts';

/** A value that one end chooses and that stands in messages again. */
export interface ReplayedValue {
  /** For people: `tag`. */
  readonly name: string;
  /** Where its sender chooses it. */
  readonly chosen: readonly string[];
  /** Where the other end says it again. */
  readonly echoed?: readonly string[];
  /** Where the end that chose it says it again. */
  readonly again?: readonly string[];
  /**
   * What the replayed side makes of a value of its own. `random`: other bytes, as none may be used twice; `now`: as far
   * from the present as the recorded one was from its message's time; as recorded if absent. Both need a field of a fixed size.
   * A function makes it of the recorded one, as the field's value is read, and leaves it as recorded with undefined.
   */
  readonly fresh?: 'random' | 'now' | ((recorded: string, about: Renewal) => string | undefined);
}

/** What a value of our own may depend on. */
export interface Renewal {
  /** Whole seconds since the message was recorded. */
  readonly elapsed: number;
  readonly dialect: Dialect;
}

/** Messages that carry a stream of bytes: what it says counts, and not how it is cut. */
export interface ReplayedStream {
  readonly message: string;
  /** The field with the bytes. */
  readonly data: string;
  /** The field that counts all bytes up to the end of these, modulo 2^32; without it none come twice. */
  readonly end?: string;
}

export interface Replaying {
  readonly values?: readonly ReplayedValue[];
  /** Fields of the peer that are not compared: counters, signatures. Times (`unixTime`) and lengths never are. */
  readonly varying?: readonly string[];
  /** Messages that a peer sends or leaves out as it likes. */
  readonly optional?: readonly string[];
  readonly streams?: readonly ReplayedStream[];
}

/**
 * The two parts of `MESSAGE.FIELD`; no message for `*`, which are all.
 * @param messages that there are: a name may have a dot in it
 */
export function fieldNamed(
  path: string,
  messages: readonly string[],
): { readonly message: string | undefined; readonly field: string } {
  if (path.startsWith('*.')) return { message: undefined, field: path.slice(2) };
  const known = messages
    .filter(name => path.startsWith(`${name}.`))
    .toSorted((one, other) => other.length - one.length);
  const message = known[0] ?? path.slice(0, Math.max(0, path.indexOf('.')));
  return { message, field: path.slice(message.length + 1) };
}
