/**
 * What is to be played, as steps in the order of the recording: one side of its conversations says and ends, the other
 * one is expected to. Steps of all conversations stand in one row, as what is said in one may be the reason for what is
 * heard in another.
 */
import type { Dialect } from '../dialect.ts';
import type { Framing } from '../framing/framing.ts';
import type { AnyProtocol, Transport } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import { Message } from '../wire/message.ts';

/** Which side of the recording is played. */
export type Role = 'client' | 'server';

/** One flow of the recording: what its two ends said to each other on one socket. */
export interface Conversation {
  readonly protocol: AnyProtocol;
  readonly dialect: Dialect;
  readonly transport: Transport;
  /** What cuts its streams; undefined for datagrams. */
  readonly framing: Framing | undefined;
  /** Its sides may go on in another framing than that, and which one a message came in is not recorded: no value is changed. */
  readonly isMixed: boolean;
  /** Numbers of the connections that it carries, as reports have them. */
  readonly connections: readonly number[];
  /** Both ends as they were, printed; the one that is played first. */
  readonly own: string;
  readonly peer: string;
}

/** A message as it was recorded; a copy of its own. */
export interface Recorded {
  readonly name: string;
  readonly layout: Layout | undefined;
  readonly message: Message;
  readonly connection: number;
  /** It was sent before: a retransmission, or one that the network has doubled. */
  readonly isRepeated: boolean;
}

interface CommonStep {
  /** Index of the conversation. */
  readonly flow: number;
  /** Milliseconds since the first step. */
  readonly time: number;
  /** Number of the frame in the recording. */
  readonly frame: number;
}

/** The conversation begins. */
export interface OpenStep extends CommonStep {
  readonly kind: 'open';
}

/** Our side says something. */
export interface SayStep extends CommonStep {
  readonly kind: 'say';
  /** As it stands on the wire. */
  readonly wire: Uint8Array;
  /** Undefined for bytes that no message was cut from: a preface, a part of one, what nobody can read. */
  readonly recorded: Recorded | undefined;
  /** Where the message begins in `wire`. */
  readonly hidden: number;
}

/** The peer is expected to say this. */
export interface HearStep extends CommonStep {
  readonly kind: 'hear';
  readonly recorded: Recorded;
}

/** The peer is expected to begin its direction with these bytes, which are no message. */
export interface PrefaceStep extends CommonStep {
  readonly kind: 'preface';
  readonly bytes: Uint8Array;
}

/** One side says no more, or breaks the connection off. */
export interface EndStep extends CommonStep {
  readonly kind: 'end';
  readonly by: 'own' | 'peer';
  readonly how: 'fin' | 'reset';
}

export type Step = OpenStep | SayStep | HearStep | PrefaceStep | EndStep;

export interface Script {
  readonly role: Role;
  readonly conversations: readonly Conversation[];
  readonly steps: readonly Step[];
  /** What of the recording is not in it, a line each. */
  readonly remarks: readonly string[];
}

/** A view of bytes like another message's. */
export function viewOf(bytes: Uint8Array, like: Message, start = 0): Message {
  const message = new Message();
  message.assign(bytes, start, Math.max(like.length, 0), Math.min(like.captured, bytes.length - start));
  message.littleEndian = like.littleEndian;
  message.frame = like.frame;
  message.seconds = like.seconds;
  message.nanoseconds = like.nanoseconds;
  return message;
}
