/**
 * How somebody's words become bytes in place of those that are held, or a message that nobody has sent. What is written
 * here in the words of a protocol is made into bytes elsewhere: the proxy knows none.
 */
import type { Layout } from '../wire/layout.ts';
import type { HeldMessage, HeldUnit } from './holds.ts';

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
  /** A message of the same connection, of whose edition and byte order it is to be. */
  readonly like?: Sample | undefined;
}

export interface Sample {
  readonly protocol: string;
  readonly layout: Layout | undefined;
  readonly message: { readonly littleEndian: boolean };
}

/** What is to be made. */
export interface Composition {
  /** Undefined: the one of the sample, or else the only one that has such a message. */
  readonly protocol?: string | undefined;
  /** Of the message, as its specification has it. */
  readonly name: string;
  /** Of fields; what is not named is what it always is (a magic), else 0 or empty. */
  readonly assignments: string;
  /** Of the specification, where messages of several have one name; that of the sample if absent. */
  readonly edition?: string | undefined;
}

/** Throws a `UsageError` of one line for what cannot be done. */
export interface Editing {
  /** @param assignments `mnet.acknowledged = 9999, mnet.tag = 1` */
  set(unit: HeldUnit, assignments: string, options: EditOptions): Edited;
  /** @param bytes of the message, without what the framing hides */
  replace(unit: HeldUnit, bytes: Uint8Array, options: EditOptions): Edited;
  compose(destination: Destination, composition: Composition): Edited;
  /** A message that was changed, as what it is now: its type may be another one. */
  seenAgain(held: HeldMessage, from: HeldUnit['from']): HeldMessage;
}
