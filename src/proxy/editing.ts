/**
 * How somebody's words become bytes in place of those that are held, or a message that nobody has sent. What is written
 * here in the words of a protocol is made into bytes elsewhere: the proxy knows none.
 */
import type { HeldUnit } from './holds.ts';

export interface Edited {
  /** All bytes of the unit, those of its framing among them. */
  readonly wire: Uint8Array;
  /** What is different: `mnet.acknowledged = 9999 (was 17)`. */
  readonly note: string;
}

export interface EditOptions {
  /** Which of the unit's messages, counted from 0. */
  readonly message: number;
  /** Lengths and checksums that the change makes wrong are made right; else they stay as they are. */
  readonly mend: boolean;
}

/** Where a message is to go that nobody has sent. */
export interface Destination {
  readonly flow: number;
  readonly pair: number;
  readonly to: 'client' | 'server';
}

/** Each throws a `UsageError` of one line for what cannot be done. */
export interface Editing {
  /** @param assignments `mnet.acknowledged = 9999, mnet.tag = 1` */
  set(unit: HeldUnit, assignments: string, options: EditOptions): Edited;
  /** @param bytes of the message, without what the framing hides */
  replace(unit: HeldUnit, bytes: Uint8Array, options: EditOptions): Edited;
  /**
   * @param protocol undefined: the only one that has such a message
   * @param name of the message, as its specification has it
   * @param assignments of its fields; what is not named has its usual value
   */
  compose(destination: Destination, protocol: string | undefined, name: string, assignments: string): Edited;
}
