/**
 * Every connection of a run in a row of numbers: whose it is, its ends, its first and last message, how many there are,
 * where it stands and what was found. What a connection is before it is closed is read from the protocol's own log.
 *
 * A connection is its number in the run, from 1. Ends are kept as addresses, because a flow's id serves another pair once
 * the flow is over, and are printed when asked for.
 */
import type { CaptureTrust } from '../lint/capture-evidence.ts';
import { type Reason, reasonsOf } from '../lint/doubt.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { Standing, Verdict } from '../lint/verdict.ts';
import { type Endpoint, formatEndpoint } from '../net/address.ts';
import { type ConnectionLog, type ConnectionObserver, doubtsOf, verdictOf } from '../protocol/connections.ts';
import type { AnyProtocol, Transport } from '../protocol/protocol.ts';
import { Records, recordView } from '../storage/records.ts';
import type { MessageIndex } from './messages.ts';

const View = recordView([
  'lane',
  'capture',
  'flags',
  /** Slot in the lane's log while it is open. */
  'slot',
  /** Marks of the log, once it is closed. */
  'marks',
  /** Number of the state it was closed in. */
  'state',
  /** Messages, + 1. */
  'first',
  'last',
  'messages',
  'startSeconds',
  'startNanoseconds',
  /** States of ends 0 and 1, a byte each. */
  'sides',
  'findings',
  /** Of the worst finding, as `MessageIndex.severity`. */
  'severity',
  'ports',
  'address0',
  'address1',
  /** The numbers before the first bytes of ends 0 and 1 of TCP, once it is closed, where `flags` says so. */
  'sequence0',
  'sequence1',
]);
/** Three words more for each end of a connection over IPv6, which stand in a table of their own. */
const WIDE_WORDS = 6;

/** Of both ends: no state of any machine. */
const UNKNOWN_SIDES = 0xffff;

const KNOWN = 1;
const OPEN = 2;
const CLIENT_IS_SECOND = 4;
const IPV6 = 8;
const TCP = 16;
/** Of end 0; shifted by one, of end 1. */
const HAS_SEQUENCE = 32;

/** One protocol's connections in one capture. */
interface LaneOfCapture {
  readonly log: ConnectionLog;
  readonly protocol: AnyProtocol;
  readonly capture: number;
  readonly flows: FlowFacts;
}

/** Connections whose excuse is kept in its own words. */
const MOST_EXCUSES = 10_000;
/** Connections of which is kept what their protocol says of them. */
const MOST_ABOUTS = 100_000;

/** What a flow says of itself when a connection is opened on it. */
export interface FlowFacts {
  endpoint(flow: number, side: 0 | 1): Endpoint;
  transport(flow: number): Transport;
  /** The number before the first byte of a side of TCP; undefined where nothing of it was seen. */
  sequenceBase(flow: number, side: 0 | 1): number | undefined;
}

export class ConnectionIndex {
  /** Connections are numbered 1 to `count`. */
  count = 0;
  readonly #messages: MessageIndex;
  readonly #trust: (capture: number) => CaptureTrust;
  /** What has excused a finding, in the words of the case, of connections that are closed. */
  readonly #excuses = new Map<number, string>();
  readonly #rows = new Records(View.width);
  readonly #row = new View(this.#rows);
  readonly #lanes: LaneOfCapture[] = [];
  readonly #abouts = new Map<number, string>();
  readonly #wide = new Map<number, readonly number[]>();
  readonly #states: string[] = [];

  /** @param trust how far a capture can be trusted to have seen everything */
  constructor(messages: MessageIndex, trust: (capture: number) => CaptureTrust) {
    this.#messages = messages;
    this.#trust = trust;
  }

  /** Follows the connections of a protocol in a capture. */
  observe(log: ConnectionLog, protocol: AnyProtocol, capture: number, flows: FlowFacts): ConnectionObserver {
    const lane = this.#lanes.push({ log, protocol, capture, flows }) - 1;
    return {
      opened: (slot, flow, start) => this.#open(lane, slot, flow, start),
      closing: (slot, state, about) => this.#close(lane, slot, state, about),
    };
  }

  /** Counts a message; returns the states of its ends before it, as `MessageIndex` packs them. */
  touch(connection: number, message: number, sides: number): number {
    const row = this.#at(connection);
    const isFirst = row.first === 0;
    const before = isFirst && this.#beganUnseen(row.lane, row.slot) ? UNKNOWN_SIDES : row.sides;
    if (isFirst) row.first = message + 1;
    row.last = message + 1;
    row.messages++;
    row.sides = sides;
    return before;
  }

  /** Its ends have moved without a message, if it is still open and one of this log. */
  move(connection: number, log: ConnectionLog, sidesOf: (slot: number) => number): void {
    const row = this.#at(connection);
    if (row.flags & OPEN && this.#lanes[row.lane].log === log) row.sides = sidesOf(row.slot);
  }

  noteFinding(connection: number, severity: number): void {
    if (!this.has(connection)) return;
    const row = this.#at(connection);
    row.findings++;
    row.severity = Math.max(row.severity, severity);
  }

  /** Called before the findings are entered again. */
  forgetFindings(capture: number): void {
    for (let connection = 1; connection <= this.count; connection++) {
      const row = this.#at(connection);
      if (row.capture !== capture) continue;
      row.findings = 0;
      row.severity = 0;
    }
  }

  has(connection: number): boolean {
    return connection >= 1 && connection <= this.count && (this.#at(connection).flags & KNOWN) !== 0;
  }

  protocol(connection: number): AnyProtocol {
    return this.#lanes[this.#at(connection).lane].protocol;
  }

  /** Index of its capture in the run. */
  capture(connection: number): number {
    return this.#at(connection).capture;
  }

  transport(connection: number): Transport {
    return this.#at(connection).flags & TCP ? 'tcp' : 'udp';
  }

  /** An end of its flow: 0 is the one that sent the flow's first packet. */
  address(connection: number, side: 0 | 1): Endpoint {
    const { flags, ports, address0, address1 } = this.#at(connection);
    const rest = this.#wide.get(connection)?.slice(side * 3, side * 3 + 3) ?? [0, 0, 0];
    return {
      family: flags & IPV6 ? 6 : 4,
      words: [side === 0 ? address0 : address1, ...rest],
      port: side === 0 ? ports >>> 16 : ports & 0xffff,
    };
  }

  /** Printed: `10.0.0.1:7654`. */
  endpoint(connection: number, side: 0 | 1): string {
    return formatEndpoint(this.address(connection, side));
  }

  clientSide(connection: number): 0 | 1 {
    const { flags, lane, slot } = this.#at(connection);
    if (flags & OPEN) return this.#lanes[lane].log.clientSide(slot) === 0 ? 0 : 1;
    return flags & CLIENT_IS_SECOND ? 1 : 0;
  }

  client(connection: number): string {
    return this.endpoint(connection, this.clientSide(connection));
  }

  server(connection: number): string {
    return this.endpoint(connection, this.clientSide(connection) === 0 ? 1 : 0);
  }

  start(connection: number): Timestamp {
    const { startSeconds, startNanoseconds } = this.#at(connection);
    return { seconds: startSeconds, nanoseconds: startNanoseconds };
  }

  /** Time of its last message. */
  end(connection: number): Timestamp {
    const last = this.last(connection);
    if (last < 0) return this.start(connection);
    return { seconds: this.#messages.seconds(last), nanoseconds: this.#messages.nanoseconds(last) };
  }

  messages(connection: number): number {
    return this.#at(connection).messages;
  }

  /** For people: the state it was closed in, or is in now. */
  state(connection: number): string {
    const { flags, sides, state } = this.#at(connection);
    if ((flags & OPEN) === 0) return this.#states[state];
    return this.stateOf(connection, sides & 0xff, sides >>> 8);
  }

  /** The number before the first byte of an end, from which relative ones are counted; undefined: not of TCP, or not seen. */
  sequenceBase(connection: number, side: 0 | 1): number | undefined {
    const { flags, lane, slot, sequence0, sequence1 } = this.#at(connection);
    const { log, flows } = this.#lanes[lane];
    if (flags & OPEN) return flows.sequenceBase(log.flow(slot), side);
    return flags & (HAS_SEQUENCE << side) ? (side === 0 ? sequence0 : sequence1) : undefined;
  }

  /** What its protocol has to say of it, once it is closed; empty for nothing. Untrusted text. */
  about(connection: number): string {
    return this.#abouts.get(connection) ?? '';
  }

  /** The state of a connection whose ends 0 and 1 are in these states of the machine. */
  stateOf(connection: number, first: number, second: number): string {
    const protocol = this.protocol(connection);
    const clientIsFirst = this.clientSide(connection) === 0;
    const [client, server] = clientIsFirst ? [first, second] : [second, first];
    const both = protocol.stateOfBoth?.(client, server) ?? Math.max(client, server);
    return protocol.machine.table.states[both] ?? '';
  }

  isOpen(connection: number): boolean {
    return (this.#at(connection).flags & OPEN) !== 0;
  }

  verdict(connection: number): Verdict {
    const { flags, lane, slot, marks, capture } = this.#at(connection);
    const now = flags & OPEN ? this.#lanes[lane].log.marks(slot) : marks;
    return verdictOf(now, this.#trust(capture));
  }

  /** Its verdict, but that nothing is said for one that may still go on and shows no fault so far. */
  standing(connection: number): Standing {
    const verdict = this.verdict(connection);
    return verdict === 'conformant' && this.isOpen(connection) ? 'open' : verdict;
  }

  /** Why its verdict is inconclusive; empty for another one. */
  reasons(connection: number): readonly Reason[] {
    if (this.verdict(connection) !== 'inconclusive') return [];
    const { flags, lane, slot, marks, capture } = this.#at(connection);
    const open = (flags & OPEN) !== 0;
    const { log } = this.#lanes[lane];
    const excuse = open ? log.excuse(slot) : this.#excuses.get(connection);
    return reasonsOf(doubtsOf(open ? log.marks(slot) : marks, this.#trust(capture)), excuse);
  }

  /** Of its worst finding: 0 for none, 1 info, 2 warning, 3 error. */
  severity(connection: number): number {
    return this.#at(connection).severity;
  }

  findings(connection: number): number {
    return this.#at(connection).findings;
  }

  /** Its first and last message; -1 when it has none. */
  first(connection: number): number {
    return this.#at(connection).first - 1;
  }

  last(connection: number): number {
    return this.#at(connection).last - 1;
  }

  /** Its messages in order. Looks at all between the first and the last: to be kept, and asked again when there are more. */
  messagesOf(connection: number): Uint32Array {
    const messages = this.#messages;
    const found = new Uint32Array(this.messages(connection));
    let count = 0;
    for (let message = this.first(connection), last = this.last(connection); count < found.length; message++) {
      if (message > last) break;
      if (messages.connection(message) === connection) found[count++] = message;
    }
    return found.subarray(0, count);
  }

  /** Where a connection stood before its first message is known only if its beginning was seen. */
  #beganUnseen(lane: number, slot: number): boolean {
    return this.#lanes[lane].log.isInconclusive(slot);
  }

  #open(lane: number, slot: number, flow: number, start: Readonly<Timestamp>): void {
    const { log, capture, flows } = this.#lanes[lane];
    const connection = log.number(slot);
    while (this.count < connection) this.#rows.reset(++this.count);
    const row = this.#at(connection);
    const ends = [flows.endpoint(flow, 0), flows.endpoint(flow, 1)];
    const wide = ends[0].family === 6;
    row.lane = lane;
    row.capture = capture;
    row.flags = KNOWN | OPEN | (wide ? IPV6 : 0) | (flows.transport(flow) === 'tcp' ? TCP : 0);
    row.slot = slot;
    row.startSeconds = start.seconds;
    row.startNanoseconds = start.nanoseconds;
    row.address0 = ends[0].words[0];
    row.address1 = ends[1].words[0];
    row.ports = ((ends[0].port << 16) | ends[1].port) >>> 0;
    if (wide) this.#wide.set(connection, [...ends[0].words.slice(1), ...ends[1].words.slice(1)].slice(0, WIDE_WORDS));
  }

  #close(lane: number, slot: number, state: string, about: string): void {
    const { log, flows } = this.#lanes[lane];
    const row = this.#at(log.number(slot));
    row.flags &= ~OPEN;
    if (log.clientSide(slot) === 1) row.flags |= CLIENT_IS_SECOND;
    const [first, second] = ([0, 1] as const).map(side => flows.sequenceBase(log.flow(slot), side));
    if (first !== undefined) row.flags |= HAS_SEQUENCE;
    if (second !== undefined) row.flags |= HAS_SEQUENCE << 1;
    row.sequence0 = first ?? 0;
    row.sequence1 = second ?? 0;
    row.marks = log.marks(slot);
    const excuse = log.excuse(slot);
    if (excuse !== undefined && this.#excuses.size < MOST_EXCUSES) this.#excuses.set(log.number(slot), excuse);
    if (about !== '' && this.#abouts.size < MOST_ABOUTS) this.#abouts.set(log.number(slot), about);
    row.state = this.#stateNumber(state);
  }

  /** States are few: those of the machines. */
  #stateNumber(state: string): number {
    const known = this.#states.indexOf(state);
    return known >= 0 ? known : this.#states.push(state) - 1;
  }

  #at(connection: number): InstanceType<typeof View> {
    this.#row.base = connection * View.width;
    return this.#row;
  }
}
