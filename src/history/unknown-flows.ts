/**
 * The flows of no known protocol: whose they are, what passed each way, and the first bytes of each side. They are noted
 * while a history is kept, and only then. Of a TCP connection that is a matter of its first bytes: until its protocol is
 * decided it waits here, and is listed when nobody has claimed it.
 *
 * The list is bounded; what belongs to flows beyond it is counted.
 */
import type { Timestamp } from '../lint/finding.ts';
import type { Endpoint } from '../net/address.ts';
import { FlowTable } from '../net/flow-table.ts';
import { IP_PROTOCOL_TCP, Packet } from '../net/packet.ts';
import type { Transport } from '../protocol/protocol.ts';

/** Bytes of each side that are kept. */
const MOST_BYTES = 64;
/** Connections without a decision whose first bytes are kept. */
const MOST_WAITING = 4096;
const NOTHING = new Uint8Array(0);

/** What one end of a flow has sent. */
export interface SentBytes {
  packets: number;
  /** Of payload, as the headers state it. */
  bytes: number;
  /** The first ones that were captured. */
  first: Uint8Array;
}

export interface UnknownFlow {
  readonly capture: number;
  readonly transport: Transport;
  /** End 0 sent the flow's first packet. */
  readonly ends: readonly [Endpoint, Endpoint];
  readonly sent: readonly [SentBytes, SentBytes];
  readonly begun: Timestamp;
  /** Frame of its first packet. */
  readonly frame: number;
  last: Timestamp;
}

/** When and where the packet in hand came. */
export interface PacketMoment extends Timestamp {
  readonly frame: number;
}

/** A datagram whose packet has gone by. */
export interface KeptDatagram extends PacketMoment {
  readonly length: number;
  readonly captured: number;
  copy(from?: number, to?: number): Uint8Array;
}

/** What a flow's id stands for, as the run's table has it. */
export interface FlowEnds {
  family(flow: number): 4 | 6;
  transport(flow: number): number;
  endpoint(flow: number, side: 0 | 1): Endpoint;
}

type Counts = Omit<UnknownFlow, 'capture' | 'transport' | 'ends'>;

export class UnknownFlows {
  /** In the order in which it turned out that nobody knows them. */
  readonly list: UnknownFlow[] = [];
  /** Packets of flows for which there was no room. */
  beyond = 0;
  /** Grows with everything that is noted. */
  version = 0;
  readonly #most: number;
  #capture = -1;
  #table: FlowTable;
  /** By the id in the table: place in the list. */
  #places: number[] = [];
  /** By the id in the run's table: connections whose protocol is not decided. */
  readonly #waiting = new Map<number, Counts>();
  readonly #key = new Packet();

  /** @param most flows that are listed, over all captures */
  constructor(most: number) {
    this.#most = most;
    this.#table = this.#newTable();
  }

  /** Somebody wants to know them. */
  get isKept(): boolean {
    return this.#most > 0;
  }

  beginCapture(): void {
    this.#capture++;
    this.#table = this.#newTable();
    this.#places = [];
    this.#waiting.clear();
  }

  /** A packet that no protocol claims, now or later. */
  packet(packet: Packet, at: PacketMoment): void {
    const { payloadStart, payloadEnd, payloadLength, bytes } = packet;
    const end = Math.min(payloadEnd, payloadStart + MOST_BYTES);
    this.#add(packet, payloadLength, at, () => bytes.slice(payloadStart, end));
  }

  /** A datagram of a flow that was kept until it was clear that nobody claims it. @param side who sent it */
  kept(flow: number, side: number, datagram: KeptDatagram, ends: FlowEnds): void {
    const first = () => datagram.copy(0, Math.min(datagram.captured, MOST_BYTES));
    this.#add(this.#keyOf(flow, side === 0 ? 0 : 1, ends), datagram.length, datagram, first);
  }

  /** A segment of a connection of which it is not decided yet. @param flow the run's number of it */
  undecided(flow: number, side: number, packet: Packet, at: PacketMoment): void {
    const { payloadStart, payloadEnd, payloadLength, bytes } = packet;
    const known = this.#waiting.get(flow);
    if (!known && this.#waiting.size >= MOST_WAITING) return;
    const counts = known ?? newCounts(at);
    if (!known) this.#waiting.set(flow, counts);
    count(counts, side, payloadLength, at, () =>
      bytes.slice(payloadStart, Math.min(payloadEnd, payloadStart + MOST_BYTES)),
    );
  }

  /** Some protocol has claimed the connection, or another one begins in its place. */
  forget(flow: number): void {
    this.#waiting.delete(flow);
  }

  /** Nobody claims the connection: lists it. */
  unclaimed(flow: number, ends: FlowEnds): void {
    const counts = this.#waiting.get(flow);
    this.#waiting.delete(flow);
    if (!counts) return;
    const own = this.#flowOf(this.#keyOf(flow, 0, ends), counts);
    if (own && own.begun !== counts.begun) merge(own, counts, this.#table.side);
    if (!own) this.beyond += counts.sent[0].packets + counts.sent[1].packets;
    this.version++;
  }

  #add(packet: Packet, length: number, at: PacketMoment, first: () => Uint8Array): void {
    this.version++;
    const flow = this.#flowOf(packet, undefined, at);
    if (flow) count(flow, this.#table.side, length, at, first);
    else this.beyond++;
  }

  /** The flow of a packet's ends, which is listed if there is room. @param counts that it begins with */
  #flowOf(packet: Packet, counts: Counts | undefined, at?: PacketMoment): UnknownFlow | undefined {
    const known = this.#table.find(packet);
    if (known >= 0) return this.list[this.#places[known]];
    if (this.list.length >= this.#most) return undefined;
    const id = this.#table.insert(packet, 0);
    this.#places[id] = this.list.length;
    const flow: UnknownFlow = {
      capture: this.#capture,
      transport: packet.transport === IP_PROTOCOL_TCP ? 'tcp' : 'udp',
      ends: [this.#table.endpoint(id, 0), this.#table.endpoint(id, 1)],
      ...(counts ?? newCounts(at ?? { frame: 0, seconds: 0, nanoseconds: 0 })),
    };
    this.list.push(flow);
    return flow;
  }

  /** A packet with the ends of a flow of the run, sent by one of them. */
  #keyOf(flow: number, side: 0 | 1, ends: FlowEnds): Packet {
    const key = this.#key;
    const from = ends.endpoint(flow, side);
    const to = ends.endpoint(flow, side === 0 ? 1 : 0);
    key.family = ends.family(flow);
    key.transport = ends.transport(flow);
    [key.source0, key.source1, key.source2, key.source3] = from.words;
    [key.destination0, key.destination1, key.destination2, key.destination3] = to.words;
    key.sourcePort = from.port;
    key.destinationPort = to.port;
    return key;
  }

  #newTable(): FlowTable {
    // It is never full, and flows of it are never idle. With a known seed, crafted ports slow it down by its few places at worst.
    const limit = this.#most + 1;
    return new FlowTable({ limit, idleSeconds: Number.POSITIVE_INFINITY, seed: 0, onEvict: () => {} });
  }
}

function newCounts({ frame, seconds, nanoseconds }: PacketMoment): Counts {
  const time = { seconds, nanoseconds };
  const none = (): SentBytes => ({ packets: 0, bytes: 0, first: NOTHING });
  return { frame, begun: time, last: time, sent: [none(), none()] };
}

function count(to: Counts, side: number, length: number, at: Timestamp, first: () => Uint8Array): void {
  const own = to.sent[side === 0 ? 0 : 1];
  own.packets++;
  own.bytes += length;
  if (own.first.length === 0 && length > 0) own.first = first();
  to.last = { seconds: at.seconds, nanoseconds: at.nanoseconds };
}

/** Adds a later connection between the same ends. @param side that its end 0 is of the flow */
function merge(flow: UnknownFlow, counts: Counts, side: 0 | 1): void {
  for (const end of [0, 1] as const) {
    const own = flow.sent[end];
    const more = counts.sent[side === 0 ? end : end === 0 ? 1 : 0];
    own.packets += more.packets;
    own.bytes += more.bytes;
    if (own.first.length === 0) own.first = more.first;
  }
  flow.last = counts.last;
}
