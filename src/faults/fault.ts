/**
 * A fault as it was asked for: what is done, to whose units, and when. Plain data that reading makes (parse.ts) and the plan
 * follows (plan.ts).
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import type { Predicate } from '../filter/compile.ts';
import type { Framing } from '../framing/framing.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Passage } from './passage.ts';
import type { Delay, Word } from './phrase.ts';

/** Who sends what a fault is for. */
export type Sender = 'client' | 'server';

export const SENDERS: readonly Sender[] = ['client', 'server'];

export type Action =
  | { readonly kind: 'drop' }
  | ({ readonly kind: 'delay' } & Delay)
  | { readonly kind: 'duplicate'; readonly copies: number }
  | { readonly kind: 'reorder' }
  /** One bit is another; `anywhere` also where the framing could cut otherwise then. */
  | { readonly kind: 'corrupt'; readonly anywhere: boolean }
  | { readonly kind: 'trickle'; readonly milliseconds: number }
  /** Passed on up to a place that chance picks. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'close' | 'abort'; readonly when: 'before' | 'after' }
  | { readonly kind: 'set'; readonly text: string; readonly setting: Setting }
  /** What nobody has sent is given to one side: bytes as they stand, or a message that is made for the flow. */
  | {
      readonly kind: 'send';
      readonly what: Uint8Array | OwnMessage;
      readonly to: Sender;
      readonly when: 'before' | 'after';
      /** `bytes c0:00`, `PUBLISH with mqtt.topic = "a/b"`. */
      readonly text: string;
    }
  /** Each direction of each flow carries so many bytes a second. */
  | { readonly kind: 'rate'; readonly bytesPerSecond: number; readonly text: string }
  /** Gilbert and Elliott's channel: units are lost only while it is bad. Probabilities are those of one unit. */
  | { readonly kind: 'burst'; readonly enter: number; readonly leave: number; readonly loss: number };

export type ActionKind = Action['kind'];

/** Kinds that mean something on streams only; elsewhere they do nothing. */
export const OF_STREAMS: ReadonlySet<ActionKind> = new Set<ActionKind>(['trickle', 'cut']);

/** When something happens: to which of the messages that match, or of the units. */
export interface Occasion {
  /** Messages that it looks for; undefined for every unit. */
  readonly condition?: { readonly text: string; readonly matches: Predicate } | undefined;
  /** The one of this number; every so many; from this number on; at most so often. Numbers count from 1. */
  readonly nth?: number | undefined;
  readonly every?: number | undefined;
  readonly from?: number | undefined;
  readonly times?: number | undefined;
  /** Counted for each connection by itself, and over the whole run otherwise. */
  readonly perConnection: boolean;
  /** Probability; certain if undefined. */
  readonly chance?: number | undefined;
}

export interface Fault {
  /** As it was written, for the log. */
  readonly cause: string;
  /** Whose units; both sides' if undefined. */
  readonly from: Sender | undefined;
  readonly action: Action;
  readonly occasion: Occasion;
  /** Of this fault's own; that of the plan if undefined. */
  readonly seed: number | undefined;
}

/** Assignments that were read, `mnet.acknowledged = 9999`. */
export interface Setting {
  /**
   * The bytes of a unit with other values in one of its messages; undefined where the message has no such field.
   * @param wire the unit, with all that was changed about it before
   * @param place of the message in it
   * @throws SetProblem where the field cannot hold the value
   */
  applied(
    seen: SeenMessage,
    wire: Uint8Array,
    place: { readonly offset: number; readonly length: number },
    framing: Framing | undefined,
  ): Replacement | undefined;
}

/** A message that nobody has sent. */
export interface OwnMessage {
  /**
   * Its bytes for the flow of a unit, with those of the framing.
   * @param seen the message in hand, of whose edition and byte order it is to be; undefined where units are counted
   * @throws SetProblem where it cannot be made there
   */
  bytesFor(seen: SeenMessage | undefined, passage: Pick<Passage, 'carrier' | 'framing'>): Uint8Array;
}

/** Why a message could not be changed or made, in one line for people. */
export class SetProblem extends Error {
  override readonly name = 'SetProblem';
}

export interface Replacement {
  readonly bytes: Uint8Array;
  /** What is different: `mnet.acknowledged = 9999 (was 17)`. */
  readonly note: string;
}

/** Reads what stands between `set` and `if`. @throws FilterError with a column of `text` */
export type SetField = (text: string, catalogue: FieldCatalogue) => Setting;

/**
 * Reads what stands behind `send`. @throws FilterError with a column of the text that the words are of
 * @param name `PINGREQ`, or `mnet.DATA`
 * @param assignments what stands behind `with`
 */
export type ReadOwnMessage = (name: Word, assignments: Word | undefined, catalogue: FieldCatalogue) => OwnMessage;

/** What reads the parts of a fault that are about the fields of messages; what is undefined is refused. */
export interface MessageReaders {
  readonly setField?: SetField | undefined;
  readonly ownMessage?: ReadOwnMessage | undefined;
}
