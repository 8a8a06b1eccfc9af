/**
 * Messages of the index as filters ask about them, one after another through the same two objects. What the index has
 * is answered from it; bytes are read from the capture when a filter asks for one, so that a filter that names no field of
 * the bytes goes over millions of messages and reads none.
 */
import type { History } from '../../history/history.ts';
import { type CaptureBytes, earlierOf, RecalledMessage } from '../../history/recall.ts';
import type { Finding } from '../../lint/finding.ts';
import type { EarlierMessage, SeenMessage } from '../../protocol/protocol.ts';
import type { Field, Layout } from '../../wire/layout.ts';
import type { ByteRange, Message } from '../../wire/message.ts';
import type { ItemVisitor, Walk } from '../../wire/walk.ts';

/** The message that `show` was called with last. */
export class IndexedMessage implements SeenMessage {
  readonly message: IndexedView;
  readonly #history: History;
  #number = 0;
  #connection = 0;
  /** Ends of the connection shown last: printing them takes longer than most filters. */
  #ends: readonly [string, string] = ['', ''];

  constructor(history: History, bytes: CaptureBytes) {
    this.#history = history;
    this.message = new IndexedView(history, bytes);
  }

  show(message: number): this {
    this.#number = message;
    this.message.number = message;
    const connection = this.#history.messages.connection(message);
    if (connection !== this.#connection) {
      const { connections } = this.#history;
      this.#connection = connection;
      this.#ends = [connections.endpoint(connection, 0), connections.endpoint(connection, 1)];
    }
    return this;
  }

  get layout(): Layout | undefined {
    return this.#history.messages.layout(this.#number);
  }

  get name(): string {
    return this.#history.messages.name(this.#number);
  }

  get protocol(): string {
    return this.#history.connections.protocol(this.#connection).id;
  }

  get connection(): number {
    return this.#connection;
  }

  get capture(): number {
    return this.#history.connections.capture(this.#connection);
  }

  get from(): string {
    return this.#ends[this.#history.messages.side(this.#number)];
  }

  get to(): string {
    return this.#ends[1 - this.#history.messages.side(this.#number)];
  }

  get clientToServer(): boolean {
    return this.#history.fromClient(this.#number);
  }

  get state(): string {
    return this.#history.stateAfter(this.#number);
  }

  get answers(): EarlierMessage | undefined {
    return earlierOf(this.#history, this.#number);
  }

  get findings(): readonly Finding[] {
    const { findings } = this.#history;
    return findings.ofMessage(this.#number).map(index => findings.list[index]);
  }
}

/** The view of its bytes, which are there once something is asked that only they can answer. */
class IndexedView implements Message {
  number = 0;
  readonly #history: History;
  readonly #bytes: CaptureBytes;
  #recalled: RecalledMessage | undefined = undefined;

  constructor(history: History, bytes: CaptureBytes) {
    this.#history = history;
    this.#bytes = bytes;
  }

  get ordinal(): number {
    return this.number + 1;
  }

  get frame(): number {
    return this.#history.messages.frame(this.number);
  }

  get seconds(): number {
    return this.#history.messages.seconds(this.number);
  }

  get nanoseconds(): number {
    return this.#history.messages.nanoseconds(this.number);
  }

  get length(): number {
    return this.#history.messages.length(this.number);
  }

  get position(): number {
    return this.#history.messages.position(this.number);
  }

  get comment(): string {
    return this.#history.comment(this.number);
  }

  get captured(): number {
    return this.#message.captured;
  }

  get skipped(): boolean {
    return this.#history.messages.skipped(this.number);
  }

  get littleEndian(): boolean {
    return this.#message.littleEndian;
  }

  get bytes(): Uint8Array {
    return this.#message.bytes;
  }

  get start(): number {
    return this.#message.start;
  }

  has(field: Field): boolean {
    return this.#message.has(field);
  }

  uint(field: Field): number {
    return this.#message.uint(field);
  }

  wide(field: Field): number | string {
    return this.#message.wide(field);
  }

  get origin(): number {
    return this.#message.origin;
  }

  get isWalked(): boolean {
    return this.#message.isWalked;
  }

  set isWalked(is: boolean) {
    this.#message.isWalked = is;
  }

  get walk(): Walk {
    return this.#message.walk;
  }

  value(field: Field): number | string | undefined {
    return this.#message.value(field);
  }

  range(field: Field): ByteRange | undefined {
    return this.#message.range(field);
  }

  content(field: Field): ByteRange | undefined {
    return this.#message.content(field);
  }

  eachItem(list: Field, visit: ItemVisitor<Message>, faults?: Pick<Walk, 'stop'>): void {
    this.#message.eachItem(list, visit, faults);
  }

  another(): Message {
    return this.#message.another();
  }

  byte(offset: number): number {
    return this.#message.byte(offset);
  }

  copy(from?: number, to?: number): Uint8Array {
    return this.#message.copy(from, to);
  }

  assign(): never {
    throw new Error('a message of the index stays where it is');
  }

  get #message(): Message {
    if (this.#recalled?.number !== this.number) {
      this.#recalled = new RecalledMessage(this.number, this.#history, this.#bytes);
    }
    return this.#recalled.message;
  }
}
