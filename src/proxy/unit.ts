/** A part of what one side of a guarded flow says, on its way: a message of a stream, a datagram, a record, or bytes. */
import type { Decision } from '../lint/deed.ts';
import type { Side } from './ends.ts';
import type { HeldMessage } from './holds.ts';

export interface Unit {
  readonly from: Side;
  /** As it was sent. */
  readonly wire: Uint8Array;
  /** Names of its messages, or how many bytes nobody could cut. */
  readonly name: string;
  /** Number of its connection, as its sender has it; undefined where no message was found in it. */
  readonly connection: number | undefined;
  readonly decisions: readonly Decision[];
  readonly messages: readonly HeldMessage[];
  /** What is passed on, and how many times more. */
  bytes: Uint8Array;
  copies: number;
  isDropped: boolean;
  /** When it came, and what delays make of that: milliseconds since the Unix epoch. */
  due: number;
  /** How many decisions are done with. */
  done: number;
  /** For a timer, or for somebody. */
  isWaiting: boolean;
  /** Calls the timer off. */
  cancel: (() => void) | undefined;
  /** Its number among those that are held, and since when. */
  heldAs: number;
  heldSince: number;
  /** What is to happen to the connection once it is passed on. */
  ending: 'close' | 'abort' | undefined;
  /** Milliseconds between its bytes, and how many were passed on. */
  trickle: number;
  passed: number;
  /** What is sent behind it, towards whom, and what the recording says of it. */
  readonly followers: { readonly from: Side; readonly bytes: Uint8Array; readonly comment: string }[];
  /** Deeds that are done when it is passed on, or is not. */
  readonly deeds: { readonly decision: Decision; readonly words: string }[];
}

export type CutUnit = Pick<Unit, 'from' | 'wire' | 'name' | 'connection' | 'decisions' | 'messages'>;

/** A unit as it was cut: nothing is done yet. @param now milliseconds since the Unix epoch */
export function newUnit(cut: CutUnit, now: number): Unit {
  return {
    ...cut,
    due: now,
    bytes: cut.wire,
    copies: 0,
    isDropped: false,
    done: 0,
    isWaiting: false,
    cancel: undefined,
    heldAs: 0,
    heldSince: 0,
    ending: undefined,
    trickle: 0,
    passed: 0,
    followers: [],
    deeds: [],
  };
}
