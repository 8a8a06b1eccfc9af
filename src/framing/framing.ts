/**
 * What cuts a byte stream into messages. A framing is data and a few small functions; the cutter (cutter.ts) does the
 * work, owns what is left over between segments, and judges the framing's own rules, so that a dissector never buffers.
 *
 * Ready ones stand in ready.ts, under the names by which a carrier asks for them. A protocol that is itself a carrier lends
 * its framing under its id (libipc), and a carrier may hold one that is its own.
 *
 * The functions are called with bytes of peers and must answer for any bytes. An answer that makes no sense is the fault
 * of the framing's author and never of a peer: it ends the run (fault.ts).
 */

import type { Dialect, DialectOption } from '../dialect.ts';
import type { Rule } from '../lint/rule.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';

/** The framing of a carrier that keeps message boundaries. */
export const DATAGRAM = 'datagram';

/** `lengthOf` needs more bytes. */
export const MORE = 0;
/** These bytes can be no message, whatever follows them. */
export const MALFORMED = -1;

/** What cuts the next bytes of a direction is not known yet: they wait until it is (see `Carrier.later`). */
export const HELD = -1;

/** Numbers that a framing may note of a message, at most: each message that is not whole yet has as many. */
export const MOST_NOTES = 64;

/** What the rules of a framing look at. */
export interface FramedMessage {
  /** The message as the framing cut it. */
  readonly message: Message;
  /** The connection carries another protocol, for which the framing is only the carrier. */
  readonly carriesApplication: boolean;
}

/** First bytes of both directions of a TCP connection, in order: those of the client and those of the server. */
export interface Opening {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  /** What follows these bytes of the client's was not captured: there will be no more of them. */
  readonly clientBroken?: boolean;
  readonly serverBroken?: boolean;
}

/** Bytes before the first message, in each direction. */
export interface Preface {
  readonly client: number;
  readonly server: number;
  /** What it is called in the dialect: `tcpd`. */
  readonly name: string;
  /** All of it is there, beyond doubt: the connection begins with it, also where no handshake was captured. */
  readonly isWhole?: boolean;
}

export interface Framing {
  /** Name by which carriers ask for it, and errors use. */
  readonly id: string;
  /** What stands around a message, for lists: `a length of 2 bytes before each message`. */
  readonly title: string;
  /** Name of the specification, as findings cite it. */
  readonly specification: string;
  /** Bytes at the head of a message before which `lengthOf` is not asked; no message is shorter. At least 1. */
  readonly headLength: number;
  /**
   * Bytes at the head that are the framing's alone; the message that protocols see begins after them. The most there can
   * be, where `hiddenOf` tells how many there are.
   */
  readonly hidden: number;
  /** The same of one message, of whose bytes the first `captured` are there; that may be less than its head. */
  hiddenOf?(bytes: Uint8Array, at: number, captured: number): number;
  /** Bytes at the end of a message that are the framing's alone, or the most there can be; none if absent. */
  readonly hiddenAtEnd?: number;
  /** The same of one message, which is whole. */
  hiddenAtEndOf?(bytes: Uint8Array, at: number, length: number): number;
  /** Longest message on the wire in bytes, all that is hidden included. A carrier may set a lower bound. */
  readonly longest: number;
  /**
   * Length in bytes on the wire of the message that begins at `at`, all that is hidden included, read from the bytes
   * before `end`, which are `headLength` or more; `MORE` when they do not tell, `MALFORMED` when they can be no message.
   * What it says of some bytes must hold for them whatever bytes follow.
   *
   * Asked again with more bytes after `MORE`: those before `searchedTo` were there the last time (`at` at first), so that
   * who looks for an end goes on from there, in time that grows with the bytes alone. An end among the bytes for
   * which the answer was `MORE` is no answer. No more than `longest` bytes are ever kept for it: a message of whose length
   * they do not tell is too long.
   *
   * A framing that must know more than where to go on has `notes`: numbers kept for the message in hand, all 0 when it is asked about
   * it for the first time, and later as it left them with `MORE`. Offsets in them count from `at`, since the bytes may lie
   * elsewhere by then.
   */
  lengthOf(bytes: Uint8Array, at: number, end: number, searchedTo: number, notes: Float64Array): number;
  /** How many numbers `lengthOf` notes of a message, such as the items of a list that are to come; none if absent. */
  readonly notes?: number;
  /**
   * Where in [at, end] a message begins beyond doubt, or -1. Asked about all that comes after bytes were lost, and behind
   * bytes that are malformed or too long. `previous` is the byte before `at`, or -1 where it was not captured. Absent:
   * such a direction is given up, unless the protocol knows a beginning (`Protocol.resync`).
   */
  beginning?(bytes: Uint8Array, at: number, end: number, previous: number): number;
  /**
   * A message as it stands on the wire: what is hidden of it put back, and its length made right, also where that is in view.
   * For those who change messages or make them; the engine never asks. What it gives is cut again to the same message, and
   * the same bytes when it is wrapped again.
   *
   * Absent: where nothing is hidden, messages tell their own end, and are sent as they are. Where something is, it is put
   * back as it was, and a message refused that is not cut again as a whole.
   * @param content the message as protocols see it; the length in it may be wrong
   * @param sample a message on the wire, for what else is hidden: the changed one before, or no bytes
   * @throws RangeError for one that it cannot carry, such as one that is longer than the length can say
   */
  wrap?(content: Uint8Array, sample: Uint8Array): Uint8Array;
  /** False for a message of the framing's own, which the protocol that it carries does not see. */
  isApplications?(message: Message): boolean;
  /** The framing's own messages; by name, for those that `layoutOf` finds. */
  readonly layouts?: readonly Layout[];
  /** Layout of one of the framing's own messages, if its type is known. */
  layoutOf?(message: Message): Layout | undefined;
  /**
   * Bytes that stand before the first message in both directions; `more` when more bytes are needed to decide. Called
   * with the bytes so far, and at last (`ended`) when no more will come and none were lost. Absent: there is never any.
   */
  preface?(opening: Opening, dialect: Dialect, ended: boolean): Preface | 'more' | undefined;
  /** Options that a protocol carried by this framing has besides its own. */
  readonly dialect?: readonly DialectOption[];
  /** Rules with a check are asked about each message; those below are the cutter's. */
  readonly rules: readonly Rule<FramedMessage>[];
  /** Of them the one that a message longer than the bound breaks. */
  readonly tooLong: Rule<FramedMessage>;
  /** Of them the one that a stream breaks which ends in order inside a message. */
  readonly truncated: Rule<FramedMessage>;
  /** Of them the one that bytes break which can be no message. Without it `lengthOf` may not say so. */
  readonly malformed?: Rule<FramedMessage>;
}
