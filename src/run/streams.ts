/**
 * From TCP segments to the trackers: net/reassembly puts the streams in order, a lane's cutter makes messages of them.
 * A connection belongs to the protocol that its port is mapped to, or to the one that recognises its first bytes; until
 * that is decided, and until it is clear whether a preface stands before the first message, the beginning is kept.
 * Connections that nobody claims cost their place in the flow table and nothing more.
 */
import type { Frame } from '../capture/source.ts';
import type { BegunMessage } from '../framing/begun.ts';
import { Budget } from '../framing/partial-message.ts';
import type { History } from '../history/history.ts';
import type { SegmentOrder } from '../history/segment-orders.ts';
import type { UnknownFlows } from '../history/unknown-flows.ts';
import { type Extents, UNPLACED } from '../net/extents.ts';
import type { FlowTable } from '../net/flow-table.ts';
import type { Origin } from '../net/moment.ts';
import type { Packet } from '../net/packet.ts';
import { TcpStreams } from '../net/reassembly.ts';
import type { SegmentPlace } from '../net/stream-facts.ts';
import type { StreamSink } from '../net/stream-sink.ts';
import { type PortMap, UNCLAIMED } from '../protocol/identify.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Closing } from '../protocol/protocol.ts';
import { withRoomFor } from '../storage/records.ts';
import { StreamMemory } from '../storage/stream-memory.ts';
import type { Message } from '../wire/message.ts';
import { type Claim, claimOf } from './claim.ts';
import type { Delivery } from './delivery.ts';
import type { Lane, StreamCounts } from './lane.ts';
import type { MappedPorts } from './mapped.ts';
import { OpeningLog } from './opening.ts';
import type { ShareLog } from './share-log.ts';
import { type FrameMoment, StreamLane, type StreamLaneOptions, watchesTcp } from './stream-lane.ts';
import { TcpFacts } from './tcp-facts.ts';

export interface StreamsOptions {
  readonly flows: FlowTable;
  readonly ports: PortMap;
  readonly mapped: MappedPorts;
  readonly lanes: readonly Lane[];
  readonly delivery: Delivery;
  /** The view in which messages are handed on. */
  readonly message: Message;
  readonly limits: Limits;
  /** Called when a connection begins in a flow's place. */
  readonly onBegin: (flow: number) => void;
  /** Whether a capture may begin in the middle of a connection. */
  readonly midstream: () => 'auto' | 'never';
  /** Where messages are entered that are spread over several segments, if their bytes must be found again. */
  readonly extents: Extents | undefined;
  /** Where messages stood is asked for, of whatever protocol. */
  readonly locates: boolean;
  /** Where connections that nobody claims are noted, if somebody asks for them. */
  readonly unknown: UnknownFlows | undefined;
  /** Where segments are noted that are not the next ones in order. */
  readonly history: History | undefined;
  /**
   * Called once a connection, of any protocol or none: the segment in this frame acknowledges bytes that were not
   * captured.
   */
  readonly onUnseenAcknowledged?: (flow: number, frame: number) => void;
  /** Set where some flows of the capture are judged elsewhere. */
  readonly share: ShareLog | undefined;
}

/** The lane of a flow's bytes: not decided yet, closed with the connection, or ignored; else the lane's index + 1. */
const OPENING = 0;
const CLOSED = 254;
const IGNORED = 255;
/**
 * Bytes of a beginning, of which others were lost, that are kept in the hope that the rest shows which protocol it is.
 */
const BROKEN_BEGINNING = 4096;
const NOWHERE: Origin = { frame: 0, seconds: 0, nanoseconds: 0, isResent: false, acknowledged: -1, at: -1 };

const ORDERS: Readonly<Record<SegmentPlace, SegmentOrder>> = {
  next: 'next',
  fills: 'fills a gap',
  again: 'retransmission',
  overlaps: 'retransmission in part',
  'keep-alive': 'keep-alive',
  early: 'early, after a gap',
  between: 'out of order, or sent again, after a gap',
};

/** Marks of a flow. */
const BOTH_ENDED = 2;
const CONTRADICTED = 4;
/** Its end 0 has sent bytes; shifted by one, its end 1. */
const SPOKE = 8;
/** Its end 0 ended before anybody had sent bytes; shifted by one, its end 1. */
const ENDED_EARLY = 32;

export class Streams implements StreamSink {
  /** TCP segments of connections that some protocol claimed. */
  claimedSegments = 0;
  /** Connections whose beginning was dropped because a bound was hit. */
  overflowed = 0;
  readonly #options: StreamsOptions;
  readonly #streams: TcpStreams;
  readonly #moment: FrameMoment = { frame: 0, seconds: 0, nanoseconds: 0, comment: '', base: UNPLACED };
  /** What brought the bytes in hand, of a connection that is watched. */
  readonly #origin: Origin = { ...NOWHERE };
  /** Those that some connection belongs to, by lane. */
  readonly #lanes: (StreamLane | undefined)[];
  readonly #shared: StreamLaneOptions;
  /** The direction of the segment in hand. */
  readonly #last = { flow: -1, side: 0 };
  /** A protocol of this run wants to know what TCP shows. */
  readonly #watches: boolean;
  /** For trackers. */
  readonly facts: TcpFacts;
  readonly #budget: Budget;
  /** By flow. A connection that has sent nothing has none. */
  readonly #openings = new Map<number, OpeningLog>();
  #openingBytes = 0;
  #isCrowded = false;
  #laneOf: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  /** Of each flow: how many of its two directions have ended, which have sent bytes, and whether it contradicts itself. */
  #marks: Uint8Array<ArrayBuffer> = new Uint8Array(64);

  constructor(options: StreamsOptions) {
    const { limits, lanes, delivery, message, extents, locates } = options;
    this.#options = options;
    this.#budget = new Budget(limits['message-bytes']);
    const moment = this.#moment;
    const origin = this.#origin;
    const shared = { delivery, message, moment, origin, budget: this.#budget, extents, locates };
    this.#shared = shared;
    this.#lanes = lanes.map(() => undefined);
    this.#watches = lanes.some(lane => watchesTcp(lane, locates));
    const memory = new StreamMemory(limits['stream-memory']);
    options.share?.remembers(memory);
    const room = { bytes: limits['reassembly-bytes'], streamBytes: limits['reassembly-stream-bytes'] };
    this.#streams = new TcpStreams(this, moment, memory, room, this.#watches ? origin : undefined);
    this.facts = new TcpFacts(this.#streams.facts);
  }

  /** Was a bound hit that is one for all connections together? @param shares that they are divided among */
  isCrowded(shares: number): boolean {
    return this.#isCrowded || this.#streams.isCrowded(shares) || this.#budget.refused > 0;
  }

  /** Streams whose hole was given up because a bound was hit. */
  get givenUpHoles(): number {
    return this.#streams.givenUp;
  }

  /** Messages of which not all was kept because a bound was hit. */
  get refusedMessages(): number {
    return this.#budget.refused;
  }

  /** Directions of TCP connections taken up in their middle that could not be followed. */
  get unfollowed(): number {
    return this.#lanes.reduce((total, lane) => total + (lane?.unfollowed ?? 0), 0);
  }

  /** Bytes of a message that is not whole yet, in the direction of the last segment that had any. */
  get unfinished(): number {
    const { flow, side } = this.#last;
    return flow < 0 ? 0 : (this.#lanes[this.#laneOf[flow] - 1]?.unfinished(flow, side) ?? 0);
  }

  clientSide(flow: number): number {
    return this.#streams.facts.clientSide(flow);
  }

  fromStart(flow: number): boolean {
    return this.#streams.facts.fromStart(flow);
  }

  /** Ends of the connection that have sent a segment: bit 0 for end 0, bit 1 for end 1. */
  spoke(flow: number): number {
    return this.#streams.facts.spoke(flow);
  }

  /** Where the message in hand begins; undefined for a protocol that does not watch. */
  begun(flow: number): BegunMessage | undefined {
    const lane = this.#lanes[this.#laneOf[flow] - 1];
    return lane?.watches ? lane.begun : undefined;
  }

  /** The segment in hand. */
  segment(packet: Packet, frame: Frame): void {
    const { flows } = this.#options;
    const now = frame.seconds + frame.nanoseconds * 1e-9;
    let flow = flows.find(packet);
    const fresh = flow < 0;
    if (fresh) {
      if (!this.#streams.opens(packet)) return;
      flow = flows.insert(packet, now);
      this.#laneOf = withRoomFor(this.#laneOf, flow);
      this.#marks = withRoomFor(this.#marks, flow);
      this.#begin(flow);
    } else flows.touch(flow, now);
    const moment = this.#moment;
    moment.frame = frame.number;
    moment.seconds = frame.seconds;
    moment.nanoseconds = frame.nanoseconds;
    moment.comment = frame.comment;
    if (packet.payloadEnd > packet.payloadStart) {
      this.#last.flow = flow;
      this.#last.side = flows.side;
    }
    const { side } = flows;
    const { history, unknown } = this.#options;
    if (history && !fresh) this.#noteOrder(history, flow, side, packet);
    this.#streams.segment(flow, side, packet, fresh);
    if (unknown) this.#noteUnknown(unknown, flow, side, packet);
  }

  /** Before the segment is taken: afterwards it has its place. */
  #noteOrder(history: History, flow: number, side: number, packet: Packet): void {
    const place = this.#streams.facts.placeOf(flow, side, packet.tcpSequence, packet.payloadLength);
    if (place !== 'next') history.segmentOrder(this.#moment.frame, ORDERS[place]);
  }

  /** After the segment is taken, which may settle whose the connection is. */
  #noteUnknown(unknown: UnknownFlows, flow: number, side: number, packet: Packet): void {
    const lane = this.#laneOf[flow];
    if (lane === OPENING) unknown.undecided(flow, side, packet, this.#moment);
    else if (lane === IGNORED) unknown.packet(packet, this.#moment);
  }

  /** Has the flow said anything that somebody followed, or may yet? */
  isFollowed(flow: number): boolean {
    const lane = this.#laneOf[flow];
    return lane === OPENING ? this.#openings.has(flow) : lane < CLOSED;
  }

  /** A flow is over: hands on what still waited, and ends it. */
  close(flow: number, now: number, how: Closing): void {
    this.#streams.finish(flow);
    this.#endConnection(flow, now, how);
    this.#streams.forget(flow);
  }

  /** What was counted of a lane on streams; messages that came by them and did not reach its tracker are counted too. */
  counts(lane: number): StreamCounts {
    return this.#lanes[lane]?.counts ?? { messageCounts: undefined, settled: new Map() };
  }

  /** The capture is at its end: enters what was only counted. */
  finish(): void {
    for (const lane of this.#lanes) lane?.finish();
  }

  // What the streams bring

  data(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    const lane = this.#laneOf[flow];
    if (lane === OPENING) {
      this.#keepData(flow, side, bytes, from, to);
      return;
    }
    const own = this.#lanes[lane - 1];
    if (!own) return;
    if ((this.#marks[flow] & (SPOKE << side)) === 0) this.#beginSide(flow, side, own);
    own.data(flow, side, bytes, from, to);
  }

  gap(flow: number, side: number, length: number): void {
    const lane = this.#laneOf[flow];
    if (lane === OPENING) this.#keep(flow, 'gap', side, length);
    else this.#lanes[lane - 1]?.gap(flow, side, length);
  }

  acknowledged(flow: number, side: number, bytes: number): void {
    const lane = this.#laneOf[flow];
    if (lane === OPENING) this.#keep(flow, 'acknowledged', side, bytes);
    else this.#lanes[lane - 1]?.acknowledged(flow, side, bytes);
  }

  end(flow: number, side: number): void {
    const lane = this.#laneOf[flow];
    if (lane === OPENING) this.#keep(flow, 'end', side, 0);
    else if (lane < CLOSED) {
      this.#lanes[lane - 1]?.end(flow, side, this.#now);
      if ((++this.#marks[flow] & BOTH_ENDED) !== 0) this.#closeConnection(flow, this.#now, 'ended');
    }
  }

  reset(flow: number, side: number): void {
    this.#settleOpening(flow);
    this.#lanes[this.#laneOf[flow] - 1]?.reset(flow, side);
    this.#closeConnection(flow, this.#now, 'reset');
  }

  /** Of a connection whose protocol is not known yet this is said when it is taken. */
  apart(flow: number): void {
    this.#lanes[this.#laneOf[flow] - 1]?.apart(flow);
  }

  resent(flow: number, side: number, outcome: 'same' | 'differs' | 'unknown'): void {
    const lane = this.#laneOf[flow];
    if (outcome === 'differs') {
      if (this.#marks[flow] & CONTRADICTED) return;
      this.#marks[flow] |= CONTRADICTED;
    }
    if (lane === OPENING) {
      if (outcome === 'differs') this.#keep(flow, 'differs', side, 0);
    } else this.#lanes[lane - 1]?.resent(flow, side, outcome);
  }

  restart(flow: number): void {
    this.#endConnection(flow, this.#now, 'restarted');
    this.#begin(flow);
  }

  #begin(flow: number): void {
    this.#laneOf[flow] = OPENING;
    this.#options.unknown?.forget(flow);
    this.#marks[flow] = 0;
    this.#options.onBegin(flow);
  }

  unseenAcknowledged(flow: number, frame: number): void {
    this.#options.onUnseenAcknowledged?.(flow, frame);
  }

  /** Nothing more will come of a connection. */
  #endConnection(flow: number, now: number, how: Closing): void {
    this.#settleOpening(flow);
    this.#closeConnection(flow, now, how);
    if (this.#laneOf[flow] === CLOSED) this.claimedSegments += this.#streams.facts.segments(flow);
  }

  /** The first bytes of a direction: where its messages begin is known only if they are the first that were sent. */
  #beginSide(flow: number, side: number, lane: StreamLane): void {
    this.#marks[flow] |= SPOKE << side;
    if (this.#streams.facts.startsWhole(flow, side) || this.#options.midstream() === 'never') return;
    lane.beginMidstream(flow, side);
  }

  get #now(): number {
    return this.#moment.seconds + this.#moment.nanoseconds * 1e-9;
  }

  // The beginning of a connection

  #keepData(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    const { limits } = this.#options;
    const present = this.#openings.get(flow);
    const opening = present ?? new OpeningLog();
    const isCrowded =
      (!present && this.#openings.size >= limits['candidate-flows']) ||
      this.#openingBytes + to - from > limits['candidate-bytes'];
    this.#isCrowded ||= isCrowded;
    if (isCrowded || opening.size + to - from > limits['candidate-stream-bytes']) {
      this.#overflow(flow, side, bytes, from, to);
      return;
    }
    this.#openings.set(flow, opening);
    this.#openingBytes += to - from;
    opening.data(side, bytes, from, to, this.#moment, this.#watches ? this.#origin : undefined);
    this.#decide(flow, opening, false);
    this.#noteStanding(flow, opening);
  }

  #keep(flow: number, kind: 'gap' | 'end' | 'differs' | 'acknowledged', side: number, length: number): void {
    const opening = this.#openings.get(flow) ?? new OpeningLog();
    if (opening.size === 0 && kind !== 'gap') {
      if (kind === 'end') this.#marks[flow] |= ENDED_EARLY << side;
      return;
    }
    this.#openings.set(flow, opening);
    opening.note(kind, side, length, this.#moment);
    // What is acknowledged says nothing about the protocol.
    if (kind !== 'acknowledged') this.#decide(flow, opening, false);
    this.#noteStanding(flow, opening);
  }

  /** The event in hand is kept: trackers will ask how the connection stood. */
  #noteStanding(flow: number, opening: OpeningLog): void {
    if (this.#watches && this.#laneOf[flow] === OPENING) opening.standsAt(this.facts.momentOf(flow, this.#now));
  }

  /** The beginning has become too long to keep: its protocol is decided now or never. */
  #overflow(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    const opening = this.#openings.get(flow);
    if (opening) this.#decide(flow, opening, true);
    else this.#ignore(flow);
    if (this.#laneOf[flow] === IGNORED) this.overflowed += opening?.isBroken ? 0 : 1;
    else this.data(flow, side, bytes, from, to);
  }

  /** @param ended nothing more will come */
  #decide(flow: number, opening: OpeningLog, ended: boolean): void {
    const over = ended || opening.isOver || (opening.isBroken && opening.size > BROKEN_BEGINNING);
    const claim = this.#claim(flow, opening, over);
    if (claim === 'more') return;
    this.#forgetOpening(flow);
    if (claim === undefined) this.#ignore(flow);
    else {
      this.#noteMapped(flow, opening, claim);
      this.#take(flow, opening, claim);
    }
  }

  /** Where the user has said what the connection is: what it would have been taken for. */
  #noteMapped(flow: number, opening: OpeningLog, { lane, clientSide }: Claim): void {
    const { flows, ports, lanes, mapped } = this.#options;
    const [server, client] = clientSide === 0 ? ([1, 0] as const) : ([0, 1] as const);
    const own = [flows.port(flow, server), flows.port(flow, client)] as const;
    // The middle of a connection looks like nothing.
    if (ports.protocolOf('tcp', own[1], own[0]) === UNCLAIMED || !this.fromStart(flow)) return;
    const seen = { opening: opening.opening(clientSide), clientSide, mapped: false, ended: true };
    const claim = claimOf(lanes, seen);
    const looksLike = claim === undefined || claim === 'more' ? UNCLAIMED : lanes.indexOf(claim.lane);
    mapped.add('tcp', own, lanes.indexOf(lane), looksLike);
  }

  /**
   * Which protocol the connection belongs to. Where no SYN shows which end is the client, the content does: the end
   * that spoke first need not be the client, as what was said before may not have been captured.
   */
  #claim(flow: number, opening: OpeningLog, ended: boolean): Claim | 'more' | undefined {
    const { flows, ports, lanes } = this.#options;
    const { facts } = this.#streams;
    const presumed = facts.clientSide(flow);
    const mapped = ports.protocolOf('tcp', flows.port(flow, presumed ? 1 : 0), flows.port(flow, presumed ? 0 : 1));
    const wanted = mapped === UNCLAIMED ? lanes : [lanes[mapped]];
    let undecided = false;
    let weaker: Claim | undefined;
    for (const [index, clientSide] of this.#possibleClients(flow, presumed).entries()) {
      const seen = opening.opening(clientSide);
      // That the other end, which has said nothing, may yet speak as the client keeps nobody waiting.
      if (index > 0 && seen.client.length === 0 && !seen.clientBroken) continue;
      const claim = claimOf(wanted, { opening: seen, clientSide, mapped: mapped !== UNCLAIMED, ended });
      if (claim === 'more') undecided = true;
      else if (claim !== undefined && (mapped === UNCLAIMED || claim.preface)) return claim;
      else weaker ??= claim;
    }
    return undecided ? 'more' : weaker;
  }

  /** A port that is mapped is more often the server's. */
  #possibleClients(flow: number, presumed: number): readonly number[] {
    const { flows, ports } = this.#options;
    if (this.#streams.facts.clientIsKnown(flow)) return [presumed];
    const isMapped = ([0, 1] as const).map(side => ports.isMapped('tcp', flows.port(flow, side)));
    if (isMapped[0] !== isMapped[1]) return [isMapped[0] ? 1 : 0];
    return [presumed, 1 - presumed];
  }

  /** Hands the kept beginning to the protocol that claims it, each part with the frame that had brought it. */
  #take(flow: number, opening: OpeningLog, { lane, clientSide, preface, isCertain }: Claim): void {
    const { facts } = this.#streams;
    facts.setClient(flow, clientSide);
    this.#options.unknown?.forget(flow);
    if (preface?.isWhole) facts.setFromStart(flow);
    const index = this.#options.lanes.indexOf(lane);
    this.#laneOf[flow] = index + 1;
    this.#lanes[index] ??= lane.stream && new StreamLane(lane, lane.stream, this.#shared);
    const own = this.#lanes[index];
    const watches = own?.watches === true;
    if (this.#watches && !watches) this.#streams.unwatch(flow);
    if (preface) own?.notePreface(preface.name);
    if (!isCertain) own?.loseBeginning(flow);
    const { frame, seconds, nanoseconds, comment, base } = this.#moment;
    const origin = watches && { ...this.#origin };
    const skip = [0, 0];
    skip[clientSide] = preface?.client ?? 0;
    skip[1 - clientSide] = preface?.server ?? 0;
    for (const side of [0, 1]) if (this.#marks[flow] & (ENDED_EARLY << side)) this.end(flow, side);
    for (const event of opening.events) {
      Object.assign(this.#moment, event.moment);
      if (watches) this.facts.goBack(flow, event.tcp);
      const { side } = event;
      if (event.kind === 'data') {
        const from = Math.max(event.from, skip[side]);
        const ahead = Math.min(from, event.to);
        if (event.from < ahead) this.#preface(flow, side, opening.bytes(side), event.from, ahead);
        if (event.origin && watches)
          Object.assign(this.#origin, event.origin, { at: event.origin.at + from - event.from });
        if (from < event.to) this.data(flow, side, opening.bytes(side), from, event.to);
      } else if (event.kind === 'gap') this.gap(flow, side, event.to);
      else if (event.kind === 'end') this.end(flow, side);
      else if (event.kind === 'acknowledged') this.acknowledged(flow, side, event.to);
      else own?.resent(flow, side, 'differs');
    }
    Object.assign(this.#moment, { frame, seconds, nanoseconds, comment, base });
    if (watches) Object.assign(this.#origin, origin);
    this.facts.goOn();
    if (facts.isRecordedApart(flow)) this.apart(flow);
  }

  #preface(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    this.#options.delivery.flows?.preface(flow, side, bytes, from, to, this.#moment);
  }

  /** The connection is over: its protocol must be decided from what there is. */
  #settleOpening(flow: number): void {
    const opening = this.#openings.get(flow);
    if (opening && this.#laneOf[flow] === OPENING) this.#decide(flow, opening, true);
  }

  #forgetOpening(flow: number): void {
    this.#openingBytes -= this.#openings.get(flow)?.size ?? 0;
    this.#openings.delete(flow);
  }

  #ignore(flow: number): void {
    const { unknown, flows } = this.#options;
    this.#laneOf[flow] = IGNORED;
    unknown?.unclaimed(flow, flows);
    this.#streams.ignore(flow);
  }

  /** Ends what the tracker knows of the connection. Its late segments find nobody. */
  #closeConnection(flow: number, now: number, how: Closing): void {
    const lane = this.#laneOf[flow];
    if (lane === CLOSED || lane === IGNORED) return;
    this.#laneOf[flow] = lane === OPENING ? IGNORED : CLOSED;
    if (lane === OPENING) this.#options.unknown?.unclaimed(flow, this.#options.flows);
    this.#lanes[lane - 1]?.close(flow, now, how);
  }
}
