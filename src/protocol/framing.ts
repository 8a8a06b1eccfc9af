/**
 * What cuts a byte stream into messages. A framing is data and two small functions; the cutter (cutter.ts) does the
 * work, owns what is left over between segments, and judges the framing's own rules, so that a dissector never buffers.
 *
 * `length16` and `length32` are built in. A protocol that is itself a carrier contributes its framing under its id
 * (libipc), and any other protocol may then name it.
 */
import type { Rule } from '../lint/rule.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { readUint } from '../wire/read.ts';
import type { Dialect, DialectOption } from './dialect.ts';

/** The framing of a carrier that keeps message boundaries. */
export const DATAGRAM = 'datagram';

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
  /** Name by which carriers ask for it. */
  readonly id: string;
  readonly title: string;
  /** Name of the specification, as findings cite it. */
  readonly specification: string;
  /** Bytes at the head of a message that are enough to tell its length. */
  readonly headLength: number;
  /** Bytes at the head that are the framing's alone; the message that protocols see begins behind them. */
  readonly hidden: number;
  /** Longest message on the wire in bytes, its head included. A carrier may set a lower bound. */
  readonly longest: number;
  /** Length of a message on the wire in bytes, its head included, read from the `headLength` bytes at `at`. */
  lengthOf(bytes: Uint8Array, at: number): number;
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
  /** Rules with a check are asked about each message; the two below are the cutter's. */
  readonly rules: readonly Rule<FramedMessage>[];
  /** Of them the one that a message longer than the bound breaks. */
  readonly tooLong: Rule<FramedMessage>;
  /** Of them the one that a stream breaks which ends in order inside a message. */
  readonly truncated: Rule<FramedMessage>;
}

const tooLong: Rule<FramedMessage> = {
  id: 'framing/message-too-long',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'length',
  summary: 'the length before a message is above the longest that the protocol allows',
  why: 'Its receiver must refuse it or set aside memory that the peer has chosen. What follows in this direction can no longer be cut into messages.',
  example: '7f ff ff ff before a message, where 16 MiB are the bound',
};

const truncated: Rule<FramedMessage> = {
  id: 'framing/truncated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'length',
  summary: 'the stream ends in order inside a message',
  why: 'Its receiver holds part of a message that will never be whole; most often its sender closed the connection too early.',
  example: '00 10, then 3 bytes, then FIN',
};

/** Big-endian length of 2 or 4 bytes before each message, which does not count itself. */
function lengthPrefix(id: string, bytes: 2 | 4, longest: number): Framing {
  return {
    id,
    title: `a length of ${bytes} bytes before each message`,
    specification: `big-endian length prefix of ${bytes} bytes, which does not count itself`,
    headLength: bytes,
    hidden: bytes,
    longest,
    lengthOf: (octets, at) => bytes + readUint(octets, at, bytes, false),
    rules: [tooLong, truncated],
    tooLong,
    truncated,
  };
}

/** Longest message behind a length of 4 bytes, where the carrier sets no other bound: 16 MiB. */
const LONGEST = 16 * 1024 * 1024;

export const LENGTH_16 = lengthPrefix('length16', 2, 2 + 0xffff);
export const LENGTH_32 = lengthPrefix('length32', 4, 4 + LONGEST);
