/**
 * From UDP datagrams to the trackers: each datagram is one message, or several that were captured before the sender's
 * network card made datagrams of them. A flow belongs to the protocol that its port is mapped to, or to the one that
 * recognises its first datagrams, which are kept until that is decided.
 */
import type { UnknownFlows } from '../history/unknown-flows.ts';
import type { FlowTable } from '../net/flow-table.ts';
import { CLASS_BITS, classOfHosts } from '../net/hosts.ts';
import type { Packet } from '../net/packet.ts';
import { Candidates, type PortMap, recognise, UNCLAIMED, UNDECIDED } from '../protocol/identify.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol, Closing, Datagram } from '../protocol/protocol.ts';
import { Strangers } from '../storage/strangers.ts';
import type { Message } from '../wire/message.ts';
import type { Delivery } from './delivery.ts';
import type { Lane } from './lane.ts';
import type { MappedPorts } from './mapped.ts';

export interface DatagramsOptions {
  readonly flows: FlowTable;
  readonly ports: PortMap;
  readonly mapped: MappedPorts;
  readonly protocols: readonly AnyProtocol[];
  readonly lanes: readonly Lane[];
  readonly delivery: Delivery;
  /** The view in which datagrams come; frame and time are set by the caller. */
  readonly message: Message;
  readonly limits: Limits;
  /** Where flows that nobody claims are noted, if somebody asks for them. */
  readonly unknown: UnknownFlows | undefined;
  /** Called when a flow begins. */
  readonly onBegin: (flow: number) => void;
  /** Ends a flow that may go on. */
  readonly giveUp: (flow: number) => void;
}

/**
 * What is noted of a flow in the table: its end 0 has spoken; shifted by one, its end 1. Datagrams may have passed unclaimed
 * before. Above that its lane + 1; 0 while it is a candidate.
 */
const SPOKE = 1;
const BOTH = 3;
const SPOKE_BEFORE = 4;
const LANE_SHIFT = 3;
const SPOKEN = (1 << LANE_SHIFT) - 1;

export class Datagrams {
  /** Datagrams that no protocol claimed. */
  unclaimed = 0;
  /** Datagrams that were captured before they were cut, each holding several messages. */
  uncut = 0;
  readonly #options: DatagramsOptions;
  readonly #candidates: Candidates;
  readonly #message: Message;
  /** The message alone, as recognition wants a list. */
  readonly #first: readonly Datagram[];
  /** Pairs whose datagrams nobody claimed, and flows on a pair that may be one of them. */
  readonly #strangers = new Strangers(CLASS_BITS);

  constructor(options: DatagramsOptions) {
    this.#options = options;
    this.#candidates = new Candidates(options.limits);
    this.#message = options.message;
    this.#first = [{ side: 0, message: options.message }];
  }

  /** Datagrams that were dropped because a bound was hit. */
  get overflowed(): number {
    return this.#candidates.overflowed;
  }

  /** May datagrams of the flow have passed unclaimed, before the first one that was handed on? */
  spokeBefore(flow: number): boolean {
    return (this.#options.flows.note(flow) & SPOKE_BEFORE) !== 0;
  }

  /** Ends of the flow that have sent a datagram: bit 0 for end 0, bit 1 for end 1. */
  spoke(flow: number): number {
    return this.#options.flows.note(flow) & BOTH;
  }

  /** The datagram in hand, with its packet. */
  datagram(packet: Packet): void {
    const { flows } = this.#options;
    // Not a parameter: a fraction that is handed on becomes an object where the call is not inlined.
    const now = this.#message.seconds + this.#message.nanoseconds * 1e-9;
    const flow = flows.find(packet);
    if (flow < 0) {
      this.#newFlow(packet, now);
      return;
    }
    flows.touch(flow, now);
    const note = flows.note(flow) | (SPOKE << flows.side);
    flows.setNote(flow, note);
    const lane = note >>> LANE_SHIFT;
    if (lane > 0) this.#deliver(lane - 1, flow, flows.side, this.#message);
    else this.#decide(flow, flows.side, packet);
  }

  /** A flow is over. */
  close(flow: number, now: number, how: Closing): void {
    const lane = this.#options.flows.note(flow) >>> LANE_SHIFT;
    if (lane > 0) {
      const { judge, tracker } = this.#options.lanes[lane - 1];
      judge.ending(flow);
      tracker.close(flow, now, how);
      this.#options.delivery.flows?.closed(flow, how);
    } else {
      this.#leave(flow);
    }
  }

  #newFlow(packet: Packet, now: number): void {
    const { flows, ports, protocols } = this.#options;
    const mapped = ports.protocolOf('udp', packet.sourcePort, packet.destinationPort);
    const looksLike = recognise(protocols, this.#first);
    const claim = mapped === UNCLAIMED ? looksLike : mapped;
    if (mapped !== UNCLAIMED)
      this.#options.mapped.add('udp', [packet.destinationPort, packet.sourcePort], mapped, looksLike);
    const hash = flows.hash(packet);
    if (claim === UNCLAIMED) {
      this.unclaimed++;
      this.#strangers.add(hash, classOfHosts(packet.hosts));
      this.#options.unknown?.packet(packet, this.#message);
      return;
    }
    const flow = flows.insert(packet, now);
    this.#options.onBegin(flow);
    const { side } = flows;
    flows.setNote(
      flow,
      (SPOKE << side) | (this.#strangers.mayHave(hash, classOfHosts(packet.hosts)) ? SPOKE_BEFORE : 0),
    );
    if (claim === UNDECIDED) {
      this.#keep(flow, side, packet, hash);
      return;
    }
    this.#setLane(flow, claim);
    this.#deliver(claim, flow, side, this.#message);
  }

  #setLane(flow: number, lane: number): void {
    const { flows } = this.#options;
    flows.setNote(flow, ((lane + 1) << LANE_SHIFT) | (flows.note(flow) & SPOKEN));
  }

  /** Another datagram of a flow whose protocol was not clear from the ones before it. */
  #decide(flow: number, side: number, packet: Packet): void {
    const kept = this.#candidates.messages(flow);
    const claim = recognise(this.#options.protocols, [...kept, { side, message: this.#message }]);
    if (claim === UNDECIDED) {
      this.#keep(flow, side, packet, this.#options.flows.hash(packet));
      return;
    }
    if (claim === UNCLAIMED) {
      this.#leave(flow);
      this.unclaimed++;
      this.#strangers.add(this.#options.flows.hash(packet), classOfHosts(packet.hosts));
      this.#options.unknown?.packet(packet, this.#message);
      this.#options.flows.remove(flow);
      return;
    }
    this.#candidates.forget(flow);
    this.#setLane(flow, claim);
    for (const { message, side: sender } of kept) this.#deliver(claim, flow, sender, message);
    this.#deliver(claim, flow, side, this.#message);
  }

  /** Nobody claims what was kept of a flow. */
  #leave(flow: number): void {
    const kept = this.#candidates.messages(flow);
    const { unknown, flows } = this.#options;
    this.unclaimed += kept.length;
    if (unknown) for (const { message, side } of kept) unknown.kept(flow, side, message, flows);
    this.#candidates.forget(flow);
  }

  #keep(flow: number, side: number, packet: Packet, hash: number): void {
    if (this.#candidates.keep(flow, side, this.#message)) return;
    this.unclaimed++;
    this.#strangers.add(hash, classOfHosts(packet.hosts));
    this.#options.giveUp(flow);
    this.#options.unknown?.packet(packet, this.#message);
    this.#options.flows.remove(flow);
  }

  #deliver(index: number, flow: number, side: number, message: Message): void {
    const distance = this.#options.lanes[index].protocol.segmentLength?.(message) ?? 0;
    if (distance === 0) this.#deliverOne(index, flow, side, message);
    else this.#deliverParts(index, flow, side, message, distance);
  }

  #deliverParts(index: number, flow: number, side: number, message: Message, distance: number): void {
    const { bytes, start, length, position } = message;
    this.uncut++;
    for (let offset = 0; offset < length; offset += distance) {
      const partLength = Math.min(distance, length - offset);
      message.assign(bytes, start + offset, partLength, partLength);
      message.position = position < 0 ? position : position + offset;
      this.#deliverOne(index, flow, side, message);
    }
  }

  #deliverOne(index: number, flow: number, side: number, message: Message): void {
    const { delivery, lanes } = this.#options;
    const lane = lanes[index];
    delivery.begin(message);
    const slot = lane.tracker.message(flow, side, message);
    delivery.end(lane, slot, side, message);
  }
}
