/**
 * Follows the connections of one capture: opens and closes them, notes what TCP shows of them and what time brings, reads
 * each packet, and has it judged and taken in (`judging.ts`).
 */
import {
  BROKEN,
  type Closing,
  type EarlierMessage,
  type FlowSlots,
  type Layout,
  type Message,
  messageCountsOf,
  Subject,
  type Tracker,
  type TrackerHost,
} from '../../src/sdk.ts';
import { aboutOf } from './about.ts';
import { Attaching } from './attaching.ts';
import { Broker } from './broker/broker.ts';
import type { Bystander } from './bystander.ts';
import { Connecting } from './connecting.ts';
import { Connection } from './connection.ts';
import { Exchange, type Settings } from './exchange.ts';
import { Judging } from './judging.ts';
import { LAYOUTS, layoutIndex } from './layouts.ts';
import { FIN_EVENT, STATES } from './machine.ts';
import { Ordinary } from './ordinary.ts';
import { Quiet } from './quiet.ts';
import { isOtherCarrier, Reading } from './reading.ts';
import { Resending } from './resending.ts';
import { takeoverNotClosed } from './rules/closing.ts';
import { Taking } from './taking.ts';
import { editionNumber, LEVEL, TYPE, V5, V311 } from './terms.ts';
import { Watch } from './watch.ts';

const CONNECTED = STATES.indexOf('CONNECTED');
const CLOSED = STATES.indexOf('CLOSED');

export class MqttTracker implements Tracker {
  layout: Layout | undefined = undefined;
  messageName = '';
  readonly #host: TrackerHost<Exchange>;
  readonly #settings: Settings;
  readonly #exchange: Exchange;
  readonly #watch: Watch;
  readonly #attaching: Attaching;
  readonly #reading: Reading;
  readonly #resending: Resending;
  readonly #bystander: Bystander | undefined;
  readonly #judging: Judging;
  /** Undefined where all packets go the whole way. */
  readonly #ordinary: Ordinary | undefined;
  readonly #quiet: Quiet | undefined;
  /** For what is reported of a packet that is past. */
  readonly #subject = new Subject();
  readonly #slots: FlowSlots;
  readonly #connections: (Connection | undefined)[] = [];
  /** Directions of which bytes were lost before their first packet, as `flow * 2 + end`. */
  readonly #lostBefore = new Set<number>();
  readonly #counts = new Float64Array(LAYOUTS.length + 1);
  readonly #versions = new Set<string>();
  /** Level that the user has settled; 0 for what the CONNECT says. */
  readonly #level: number;
  #serials = 0;

  /** @param shortWay false to have all packets go the whole way */
  constructor(host: TrackerHost<Exchange>, message: Message, shortWay = true) {
    const { dialect } = host;
    this.#host = host;
    this.#slots = host.connections.inForce;
    this.#settings = {
      sees: dialect.choice('sees') as Settings['sees'],
      answerTimeout: dialect.seconds('answerTimeout'),
      resendTimeout: dialect.seconds('resendTimeout'),
      keepAliveGrace: dialect.seconds('keepAliveGrace'),
      clockSkew: dialect.seconds('clockSkew'),
    };
    const version = dialect.choice('version');
    this.#level = version === V311 ? LEVEL.V311 : version === V5 ? LEVEL.V5 : 0;
    const exchange = new Exchange(message, this.#settings);
    this.#exchange = exchange;
    this.#attaching = new Attaching(host, exchange);
    this.#watch = new Watch(host, exchange);
    this.#reading = new Reading(exchange, host.flows, this.#settings.sees === 'broker');
    this.#resending = new Resending(host, exchange);
    this.#bystander = this.#settings.sees === 'broker' ? new Broker(host, exchange) : undefined;
    if (this.#bystander) host.across?.needsWhole('mqtt.sees=broker');
    const connecting = new Connecting(exchange, this.#attaching, this.#watch);
    const taking = new Taking(exchange, this.#watch);
    const reading = this.#reading;
    this.#judging = new Judging(host, exchange, {
      attaching: this.#attaching,
      watch: this.#watch,
      reading,
      resending: this.#resending,
      connecting,
      taking,
      bystander: this.#bystander,
    });
    const goesShort = shortWay && this.#bystander === undefined;
    const shared = { reading, judging: this.#judging, connecting, taking };
    this.#ordinary = goesShort ? new Ordinary(host, exchange, shared) : undefined;
    this.#quiet = goesShort ? new Quiet(host, exchange, shared, this.#connections) : undefined;
    this.#attaching.onRival = connection => {
      if (this.#quiet?.isQuiet(connection.slot)) this.#quiet.wake(connection);
    };
  }

  get answers(): EarlierMessage | undefined {
    return this.#judging.answers;
  }

  message(flow: number, end: number, message: Message): number {
    const slot = this.#slots.slotOf(flow);
    if (slot >= 0 && this.#quiet?.isQuiet(slot) && this.#quiet.takes(slot, flow, end, message)) {
      this.#host.connections.touch(slot, message);
      this.#name();
      return slot;
    }
    const connection = this.#connectionOf(flow, end, message);
    this.#host.connections.touch(connection.slot, message);
    this.#enter(connection, end, message);
    if (this.#ordinary?.takes(connection)) {
      this.#name();
      this.#quiet?.enter(connection);
      return connection.slot;
    }
    connection.plain = undefined;
    this.#hold(connection);
    this.#read(connection);
    if (connection.isForeign) this.#host.connections.markInconclusive(connection.slot, 'ambiguous');
    else this.#judge(connection);
    if (connection.isPartial || connection.isForeign) this.#bystander?.blinded();
    return connection.slot;
  }

  carried(flow: number, end: number, message: Message): number {
    const connection = this.#connectionOf(flow, end, message);
    const isFirst = end === connection.clientSide && connection.sides[0].lastFrame === 0;
    if (isFirst && !connection.isForeign && isOtherCarrier(message)) {
      connection.isForeign = true;
      connection.plain = undefined;
      this.#host.connections.markInconclusive(connection.slot, 'ambiguous');
    }
    return connection.slot;
  }

  lost(flow: number, end: number): void {
    const connection = this.#at(flow);
    this.#bystander?.blinded();
    if (connection === undefined) this.#lostBefore.add(flow * 2 + end);
    else this.#lose(connection, end === connection.clientSide ? 0 : 1);
  }

  /** The two directions were recorded apart: which packet came first is not known. */
  apart(flow: number): void {
    const connection = this.#at(flow);
    if (!connection || connection.isPartial) return;
    connection.plain = undefined;
    connection.isPartial = true;
    this.#host.connections.markInconclusive(connection.slot, 'disorder');
  }

  acknowledged(flow: number, end: number, bytes: number, now: number): void {
    const slot = this.#slots.slotOf(flow);
    if (slot >= 0 && this.#quiet?.isQuiet(slot) && this.#quiet.hears(slot, flow, end, bytes, now)) return;
    const connection = this.#at(flow);
    if (!connection || connection.isForeign) return;
    const role = end === connection.clientSide ? 0 : 1;
    const side = connection.sides[role];
    this.#watch.heard(connection, role, bytes, now);
    if (bytes >= side.lastOffset && side.lastHeard === Number.POSITIVE_INFINITY) side.lastHeard = now;
    if (this.#host.flows.finAcknowledged(flow, end))
      connection.finHeard[role] = Math.min(connection.finHeard[role], now);
    this.#due(connection, now);
    if (role === 0) this.#checkTakeover(connection, bytes, now);
  }

  ended(flow: number, end: number, now: number): void {
    const connection = this.#at(flow);
    if (!connection) return;
    const role = end === connection.clientSide ? 0 : 1;
    this.#due(connection, now);
    this.#host.machineRun.edition = editionNumber(connection.level);
    this.#judging.step(connection, role, FIN_EVENT, !connection.isPartial);
    connection.plain = undefined;
    connection.fins[role] = Math.min(connection.fins[role], now);
    this.#bystander?.ended(connection, role, now, false);
    this.#watch.ended(connection);
  }

  reset(flow: number, end: number, now: number): void {
    const connection = this.#at(flow);
    if (!connection) return;
    this.#due(connection, now);
    connection.plain = undefined;
    connection.resetBy = end === connection.clientSide ? 0 : 1;
    for (const side of connection.sides) side.state = CLOSED;
    if (connection.resetBy === 1) connection.fins[1] = Math.min(connection.fins[1], now);
    this.#bystander?.ended(connection, connection.resetBy === 0 ? 0 : 1, now, true);
    this.#watch.ended(connection);
  }

  close(flow: number, now: number, how: Closing): void {
    this.#lostBefore.delete(flow * 2);
    this.#lostBefore.delete(flow * 2 + 1);
    const connection = this.#at(flow);
    if (!connection) return;
    this.#due(connection, now);
    if (how === 'end of capture' || how === 'given up') this.#watch.close(connection);
    else this.#watch.ended(connection);
    const wasHeard =
      this.#host.flows.acknowledged(flow, connection.clientSide) < 0 ||
      connection.sides[0].lastHeard !== Number.POSITIVE_INFINITY;
    this.#attaching.leave(connection, now, connection.resetBy >= 0, wasHeard);
    this.#bystander?.closed(connection, now, how);
    this.#slots.clear(flow);
    this.#connections[connection.slot] = undefined;
    this.#host.connections.close(connection.slot, this.#stateOf(connection), () => aboutOf(connection));
  }

  state(slot: number): string {
    const connection = this.#connections[slot];
    return connection ? this.#stateOf(connection) : STATES[CLOSED];
  }

  stateOf(slot: number, end: number): number {
    const connection = this.#connections[slot];
    return connection ? connection.sides[end === connection.clientSide ? 0 : 1].state : CLOSED;
  }

  /** What the framing finds in a stream that carries something else, or that its receiver had given up, breaks nothing. */
  excusesCarrier(flow: number, end: number): boolean {
    const connection = this.#at(flow);
    if (!connection) return false;
    const role = end === connection.clientSide ? 0 : 1;
    const peer = connection.sides[1 - role];
    const { flows } = this.#host;
    // It has got more than the capture shows: a FIN, or a DISCONNECT.
    const isUnseen = flows.acknowledged(flow, 1 - end) > flows.sent(flow, 1 - end);
    return (
      connection.isForeign ||
      isUnseen ||
      peer.isLost ||
      connection.sides[role].isLost ||
      connection.sides[role].disconnected > 0 ||
      peer.disconnected > 0 ||
      connection.fins[1 - role] < Number.POSITIVE_INFINITY
    );
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#versions.size === 0 ? new Map() : new Map([['version', [...this.#versions].sort()]]);
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(LAYOUTS, this.#counts);
  }

  // Connections

  /** The connection of a flow, which is not quiet any more. */
  #at(flow: number): Connection | undefined {
    const slot = this.#slots.slotOf(flow);
    const connection = slot < 0 ? undefined : this.#connections[slot];
    if (connection && this.#quiet?.isQuiet(slot)) this.#quiet.wake(connection);
    return connection;
  }

  #connectionOf(flow: number, end: number, message: Message): Connection {
    return this.#at(flow) ?? this.#open(flow, end, message);
  }

  #open(flow: number, end: number, message: Message): Connection {
    const { connections, flows } = this.#host;
    const clientSide = flows.clientSide(flow);
    const slot = connections.open(flow, clientSide, message);
    const serial = ++this.#serials;
    const connection = new Connection(slot, flow, clientSide, serial, this.#attaching.newSession(serial, false));
    this.#slots.set(flow, slot);
    while (this.#connections.length <= slot) this.#connections.push(undefined);
    this.#connections[slot] = connection;
    const isConnect = end === clientSide && message.byte(0) >>> 4 === TYPE.CONNECT;
    const begins = isConnect || flows.fromStart(flow) || this.#host.midstream === 'never';
    const hasLost = [0, 1].map(each => this.#lostBefore.delete(flow * 2 + each));
    // A CONNECT is the first packet there is: nothing was before it, whether or not the handshake was seen.
    if (!begins) this.#beginMidstream(connection);
    else if (!flows.fromStart(flow)) return connection;
    for (const role of [0, 1] as const) {
      if (hasLost[role === 0 ? clientSide : 1 - clientSide]) this.#lose(connection, role);
    }
    return connection;
  }

  #beginMidstream(connection: Connection): void {
    this.#attaching.lose(connection);
    connection.isPartial = true;
    connection.isMidstream = true;
    connection.level = this.#level;
    for (const side of connection.sides) side.state = CONNECTED;
    this.#host.connections.markInconclusive(connection.slot, 'midstream');
  }

  /** Where its next packet begins is not certain any more: nothing of this direction is judged. */
  #lose(connection: Connection, role: 0 | 1): void {
    connection.plain = undefined;
    connection.sides[role].isLost = true;
    connection.isPartial = true;
    this.#attaching.lose(connection);
    this.#host.connections.markInconclusive(connection.slot, connection.isMidstream ? 'midstream' : 'gap');
  }

  #judge(connection: Connection): void {
    const { message, role } = this.#exchange;
    this.#judging.judge(connection);
    // Bytes were lost within it: nothing of what follows is certain any more.
    if (message.captured < message.length && !message.skipped) this.#lose(connection, role);
    if (!connection.isUnknown) return;
    connection.isForeign = true;
    this.#host.connections.markInconclusive(connection.slot, 'ambiguous');
  }

  #stateOf({ sides }: Connection): string {
    const [client, server] = [sides[0].state, sides[1].state];
    if (client === CLOSED || server === CLOSED) return STATES[client === server ? CLOSED : Math.min(client, server)];
    return STATES[Math.max(client, server)];
  }

  // One packet

  #enter(connection: Connection, end: number, message: Message): void {
    const exchange = this.#exchange;
    const role = end === connection.clientSide ? 0 : 1;
    connection.ordinal = message.ordinal;
    exchange.message = message;
    exchange.setSender(connection, role);
    exchange.now = message.seconds + message.nanoseconds * 1e-9;
    exchange.clear();
    exchange.subject.state = STATES[exchange.sender.state];
    this.#due(connection, exchange.now);
  }

  /** What is found is found in this packet. */
  #hold({ slot, isPartial }: Connection): void {
    const { subject, end, message } = this.#exchange;
    subject.hold(slot, end, message);
    subject.partial = isPartial;
    subject.doubt = message.captured === message.length ? 'ambiguous' : message.skipped ? 'bound' : 'cut';
    subject.state = STATES[this.#exchange.sender.state];
  }

  /** Reads the packet by the version in force, which a CONNECT settles. */
  #read(connection: Connection): void {
    const exchange = this.#exchange;
    if (connection.level === 0 && !connection.isForeign) this.#reading.settle(connection, this.#level);
    if (connection.level !== 0 && connection.level !== exchange.level)
      this.#versions.add(connection.level === LEVEL.V5 ? V5 : V311);
    exchange.level = connection.level;
    const edition = connection.isUnknown ? 0 : editionNumber(connection.level);
    exchange.subject.edition = edition;
    this.#host.machineRun.edition = edition;
    const { packet, message, fromClient } = exchange;
    packet.read(message, connection.level || LEVEL.V311, fromClient);
    const index = layoutIndex(packet.type, packet.level);
    exchange.type = index < 0 ? LAYOUTS.length : index;
    this.#name();
    exchange.subject.messageName = this.messageName;
    this.#judging.begin();
  }

  /** Names the packet in hand, and counts it. */
  #name(): void {
    const { type } = this.#exchange;
    this.layout = LAYOUTS[type];
    this.messageName = this.layout?.name ?? 'unknown type';
    this.#counts[type]++;
  }

  // What time brings

  #due(connection: Connection, now: number): void {
    this.#watch.check(connection, now);
    this.#resending.check(connection, now);
    this.#bystander?.tick(now);
  }

  /** A server that has taken over a client's connection has closed the old one, or still takes in what comes there. */
  #checkTakeover(connection: Connection, bytes: number, now: number): void {
    const { takenOver, takeoverOffset } = connection;
    if (connection.isTakeoverReported || now <= takenOver + this.#settings.answerTimeout) return;
    if (takenOver === Number.POSITIVE_INFINITY || bytes <= takeoverOffset) return;
    connection.isTakeoverReported = true;
    const subject = this.#subject;
    const side = connection.sides[0];
    subject.recall(connection.slot, 1 - connection.clientSide, side.lastFrame, Math.floor(side.lastEnd), 0);
    subject.messageName = this.messageName;
    subject.state = STATES[connection.sides[1].state];
    subject.partial = connection.isPartial;
    subject.edition = editionNumber(connection.level);
    subject.excerpt = null;
    // The rule asks what it is about.
    this.#exchange.connection = connection;
    this.#exchange.level = connection.level;
    const evidence = () => ({
      message: `the server still acknowledges what comes on this connection ${this.#settings.answerTimeout} s after it has accepted another one with the same Client Identifier`,
      expected: 'the close of this connection',
      actual: 'a TCP acknowledgement of later bytes',
    });
    this.#host.judge.enter(takeoverNotClosed, BROKEN, subject, evidence, this.#exchange);
  }
}
