/**
 * A message read again, long after it went by: what the index has of it, and its bytes out of the capture. An object of
 * its own that may be kept. Bytes are read when they are first asked for, so that who wants to know nothing but a
 * message's name or frame does not wait for the file.
 */
import type { FoundFrame } from '../capture/frame-finder.ts';
import type { Finding } from '../lint/finding.ts';
import type { EarlierMessage, SeenMessage } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import { Message } from '../wire/message.ts';
import type { ConnectionIndex } from './connections.ts';
import type { FindingIndex } from './findings.ts';
import type { MessageIndex } from './messages.ts';
import type { Pairs } from './pairs.ts';

/** Reads the captures of a run again. */
export interface CaptureBytes {
  /** Bytes [position, position + length) of a capture, uncompressed; fewer where it has no more. */
  read(capture: number, position: number, length: number): Uint8Array;
}

/** Finds frames of the captures of a run again. */
export interface CaptureFrames {
  /** The frame of this number, from 1, in a capture. */
  frame(capture: number, number: number): FoundFrame | undefined;
  /** The one that holds the byte at a position of the uncompressed capture. */
  frameAt(capture: number, position: number): FoundFrame | undefined;
}

/** What a history has of its messages. */
export interface MessageHistory {
  readonly messages: MessageIndex;
  readonly pairs: Pairs;
  readonly connections: ConnectionIndex;
  readonly findings: FindingIndex;
  fromClient(message: number): boolean;
  /** State of the message's connection after it, for people. */
  stateAfter(message: number): string;
  /** What somebody noted on its frame in the capture. */
  comment(message: number): string;
  /** The captured bytes of a message; fewer, if the capture has them no more. */
  read(message: number, bytes: CaptureBytes): Uint8Array;
}

export class RecalledMessage implements SeenMessage {
  /** Its number in the index. */
  readonly number: number;
  readonly #history: MessageHistory;
  readonly #bytes: CaptureBytes;
  #message: Message | undefined = undefined;

  constructor(number: number, history: MessageHistory, bytes: CaptureBytes) {
    this.number = number;
    this.#history = history;
    this.#bytes = bytes;
  }

  get message(): Message {
    this.#message ??= this.#read();
    return this.#message;
  }

  get layout(): Layout | undefined {
    return this.#history.messages.layout(this.number);
  }

  get name(): string {
    return this.#history.messages.name(this.number);
  }

  get protocol(): string {
    return this.#history.connections.protocol(this.connection).id;
  }

  get connection(): number {
    return this.#history.messages.connection(this.number);
  }

  get capture(): number {
    return this.#history.connections.capture(this.connection);
  }

  get from(): string {
    return this.#history.connections.endpoint(this.connection, this.#side);
  }

  get to(): string {
    return this.#history.connections.endpoint(this.connection, this.#side === 0 ? 1 : 0);
  }

  get clientToServer(): boolean {
    return this.#history.connections.clientSide(this.connection) === this.#side;
  }

  get state(): string {
    return this.#history.stateAfter(this.number);
  }

  get answers(): EarlierMessage | undefined {
    return earlierOf(this.#history, this.number);
  }

  get answeredBy(): readonly EarlierMessage[] {
    return this.#history.pairs.later(this.number).map(later => placeOf(this.#history, later, this.number));
  }

  get findings(): readonly Finding[] {
    const { findings } = this.#history;
    return findings.ofMessage(this.number).map(index => findings.list[index]);
  }

  get #side(): 0 | 1 {
    return this.#history.messages.side(this.number);
  }

  #read(): Message {
    const { messages } = this.#history;
    const { number } = this;
    const message = new Message();
    const bytes = this.#history.read(number, this.#bytes);
    message.assign(bytes, 0, messages.length(number), Math.min(messages.captured(number), bytes.length));
    message.skipped = messages.skipped(number);
    message.littleEndian = messages.littleEndian(number);
    message.ordinal = number + 1;
    message.frame = messages.frame(number);
    message.seconds = messages.seconds(number);
    message.nanoseconds = messages.nanoseconds(number);
    message.position = messages.position(number);
    message.comment = this.#history.comment(number);
    return message;
  }
}

/** What the history has of the messages that belong together. */
type PairHistory = Pick<MessageHistory, 'messages' | 'pairs' | 'fromClient'>;

/** The message that a message of the index answers or continues. */
export function earlierOf(history: PairHistory, message: number): EarlierMessage | undefined {
  const earlier = history.pairs.earlier(message);
  return earlier < 0 ? undefined : placeOf(history, earlier, message);
}

/** @param other the message that it belongs to */
function placeOf(history: PairHistory, number: number, other: number): EarlierMessage {
  const { messages } = history;
  return {
    ordinal: number + 1,
    frame: messages.frame(number),
    seconds: messages.seconds(number),
    nanoseconds: messages.nanoseconds(number),
    isContinued: history.fromClient(number) === history.fromClient(other),
  };
}
