/**
 * What a run has seen, kept for looking back: an index of its messages, its connections, its findings, and how they lie
 * in time. The engine writes it; the terminal UI and exports, among others, read it, while the run goes on or
 * afterwards. It holds no byte of the captures: they are read again through `CaptureBytes`.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { CaptureTrust } from '../lint/capture-evidence.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { ExtentPlace, Extents } from '../net/extents.ts';
import type { ConnectionLog, ConnectionObserver } from '../protocol/connections.ts';
import type { AnyProtocol, EarlierMessage, Tracker } from '../protocol/protocol.ts';
import { withRoomFor } from '../storage/records.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { ConnectionIndex, type FlowFacts } from './connections.ts';
import { FindingIndex } from './findings.ts';
import { HeldIndex } from './held.ts';
import { type MessageFacts, MessageIndex } from './messages.ts';
import { Pairs } from './pairs.ts';
import { type CaptureBytes, RecalledMessage } from './recall.ts';
import { type SegmentOrder, SegmentOrders } from './segment-orders.ts';
import { TimeSeries } from './time-series.ts';
import { UnknownFlows } from './unknown-flows.ts';

/** A protocol in the capture at hand, as far as the history needs it. */
export interface LaneFacts {
  readonly protocol: AnyProtocol;
  readonly tracker: Tracker;
  readonly connections: ConnectionLog;
}

/** Characters of comments that are kept over all captures; further ones are only in the captures. */
const MOST_COMMENTS = 4 * 1024 * 1024;

/** Captures that have counts over time of their own. */
const MOST_SERIES = 16;

const NOTHING = new Uint8Array(0);

export class History {
  readonly messages = new MessageIndex();
  readonly pairs = new Pairs();
  readonly connections: ConnectionIndex;
  readonly findings: FindingIndex;
  readonly held = new HeldIndex();
  readonly segments = new SegmentOrders();
  /** Flows of no known protocol, where they are asked for. */
  readonly unknown: UnknownFlows;
  readonly series = new TimeSeries();
  /** The same of each capture; of no more than the first `MOST_SERIES` of them. */
  readonly captureSeries: TimeSeries[] = [];
  readonly protocols: readonly AnyProtocol[];
  /** Facts of the captures that were begun; they grow while a capture is read. */
  readonly captures: CaptureFacts[] = [];
  readonly #extents: Extents[] = [];
  readonly #trust: CaptureTrust[] = [];
  readonly #origins: Timestamp[] = [];
  readonly #comments = new Map<number, string>();
  #commentRoom = MOST_COMMENTS;
  readonly #facts: MessageFacts = { connection: 0, side: 0, kind: 0, states: 0, repeated: false };
  /** Connection of the last message on each stream of the capture at hand. */
  #ofStream: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  /** Found since the last message was entered. */
  readonly #waiting: Finding[] = [];
  /** The same of those that are held. */
  readonly #heldWaiting = new Set<Finding>();

  /** @param unknownFlows of no known protocol that are listed at most; 0: nobody asks for them */
  constructor(protocols: readonly AnyProtocol[], unknownFlows = 0) {
    this.protocols = protocols;
    this.unknown = new UnknownFlows(unknownFlows);
    this.connections = new ConnectionIndex(this.messages, capture => this.#trust[capture]);
    this.findings = new FindingIndex(this.messages, this.connections);
  }

  /** Grows with everything that is entered. */
  get version(): number {
    return (
      this.messages.count + this.connections.count + this.findings.version + this.held.version + this.unknown.version
    );
  }

  /** Time of the first frame of a capture: what relative times count from. */
  origin(capture: number): Timestamp {
    return this.#origins[capture] ?? this.captures[capture]?.firstTime ?? { seconds: 0, nanoseconds: 0 };
  }

  /** Digits of a second's fraction that a capture's times have. */
  digits(capture: number): number {
    return this.captures[capture]?.firstTime?.digits ?? 6;
  }

  fromClient(message: number): boolean {
    return this.connections.clientSide(this.messages.connection(message)) === this.messages.side(message);
  }

  /** State of the message's connection after it, for people. */
  stateAfter(message: number): string {
    const { messages } = this;
    return this.connections.stateOf(
      messages.connection(message),
      messages.stateAfter(message, 0),
      messages.stateAfter(message, 1),
    );
  }

  /** What somebody noted on its frame in the capture. */
  comment(message: number): string {
    return this.#comments.get(message) ?? '';
  }

  /** Reads a message again; its bytes only once they are asked for. */
  recall(message: number, bytes: CaptureBytes): RecalledMessage {
    return new RecalledMessage(message, this, bytes);
  }

  /** Where the captured bytes of a message lie in its capture, in order. */
  places(message: number): ExtentPlace[] {
    const capture = this.connections.capture(this.messages.connection(message));
    return this.#extents[capture].resolve(this.messages.position(message), this.messages.captured(message));
  }

  /** The captured bytes of a message; fewer, if the capture has them no more. */
  read(message: number, bytes: CaptureBytes): Uint8Array {
    const capture = this.connections.capture(this.messages.connection(message));
    const places = this.places(message);
    if (places.length === 0) return NOTHING;
    if (places.length === 1) return bytes.read(capture, places[0].position, places[0].length);
    const whole = new Uint8Array(this.messages.captured(message));
    let filled = 0;
    for (const { position, length } of places) {
      const part = bytes.read(capture, position, length);
      whole.set(part, filled);
      filled += part.length;
      if (part.length < length) return whole.subarray(0, filled);
    }
    return whole.subarray(0, filled);
  }

  // What the engine enters

  beginCapture(facts: CaptureFacts, extents: Extents, trust: CaptureTrust): void {
    this.unknown.beginCapture();
    this.#trust.push(trust);
    this.#ofStream.fill(0);
    this.captures.push(facts);
    if (this.captures.length <= MOST_SERIES) this.captureSeries.push(new TimeSeries());
    this.#extents.push(extents);
  }

  /** The first frame of the capture at hand that was handed out. */
  firstFrame({ seconds, nanoseconds }: Timestamp): void {
    this.#origins[this.captures.length - 1] ??= { seconds, nanoseconds };
  }

  observe(log: ConnectionLog, protocol: AnyProtocol, flows: FlowFacts): ConnectionObserver {
    return this.connections.observe(log, protocol, this.captures.length - 1, flows);
  }

  /** A message was judged, and so were the findings noted since the one before. */
  message(
    lane: LaneFacts,
    slot: number,
    side: number,
    message: Message,
    name: string,
    layout: Layout | undefined,
    answers: EarlierMessage | undefined,
  ): void {
    const { tracker, connections } = lane;
    const facts = this.#facts;
    const after = sidesOf(lane, slot);
    facts.connection = connections.number(slot);
    facts.side = side;
    facts.kind = this.messages.kinds.number(name, layout);
    facts.repeated = tracker.repeated === true;
    facts.states = (this.connections.touch(facts.connection, this.messages.count, after) | (after << 16)) >>> 0;
    const index = this.messages.add(message, facts);
    if (answers && answers.ordinal > 0 && answers.ordinal <= index) this.pairs.add(index, answers.ordinal - 1);
    this.series.message(message.seconds, message.nanoseconds, message.length);
    this.captureSeries[this.captures.length - 1]?.message(message.seconds, message.nanoseconds, message.length);
    if (this.connections.transport(facts.connection) === 'tcp') this.#noteStream(connections.flow(slot));
    if (message.comment !== '') this.#keepComment(index, message.comment);
    if (this.#waiting.length > 0 || this.#heldWaiting.size > 0) this.#placeFindings(index);
  }

  /** The segment in a frame of the capture at hand is not the next one of its stream. */
  segmentOrder(frame: number, order: SegmentOrder): void {
    this.segments.add(this.captures.length - 1, frame, order);
  }

  /** A stream has ended, or bytes of it were lost: that may have moved its connection. */
  streamMoved(lane: LaneFacts, flow: number): void {
    const connection = this.#ofStream[flow] ?? 0;
    if (connection > 0) this.connections.move(connection, lane.connections, slot => sidesOf(lane, slot));
  }

  finding(finding: Finding): void {
    this.#waiting.push(finding);
    this.series.finding(finding.time);
    this.captureSeries[this.captures.length - 1]?.finding(finding.time);
  }

  /** A finding has come up that is held for now. */
  hold(finding: Finding): void {
    this.#heldWaiting.add(finding);
  }

  /** It is held no more: it stands, and is entered as a finding, or it is excused. */
  release(finding: Finding): void {
    this.#heldWaiting.delete(finding);
    this.held.remove(finding);
  }

  /** What was found since the last message has none to wait for. */
  placeFindings(): void {
    this.#placeFindings(this.messages.count - 1);
  }

  /** The capture has ended with these findings. */
  endCapture(findings: readonly Finding[]): void {
    this.placeFindings();
    this.findings.settle(this.captures.length - 1, findings);
  }

  #placeFindings(last: number): void {
    for (const finding of this.#waiting) this.findings.add(finding, last);
    this.#waiting.length = 0;
    for (const finding of this.#heldWaiting) this.held.add(finding, this.findings.place(finding, last));
    this.#heldWaiting.clear();
  }

  #noteStream(flow: number): void {
    this.#ofStream = withRoomFor(this.#ofStream, flow);
    this.#ofStream[flow] = this.#facts.connection;
  }

  #keepComment(message: number, comment: string): void {
    if (comment.length > this.#commentRoom) return;
    this.#commentRoom -= comment.length;
    this.#comments.set(message, comment);
  }
}

/** The states of ends 0 and 1, a byte each. A tracker that does not keep them apart has both in the connection's. */
function sidesOf({ protocol, tracker }: LaneFacts, slot: number): number {
  if (tracker.stateOf) return tracker.stateOf(slot, 0) | (tracker.stateOf(slot, 1) << 8);
  const state = protocol.machine.table.states.indexOf(tracker.state(slot)) & 0xff;
  return state | (state << 8);
}
