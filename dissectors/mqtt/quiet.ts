/**
 * Quiet connections: plain ones (`ordinary.ts`) in which nothing is under way but one PUBLISH of QoS 1 of either side. Most
 * packets of most traffic come in these. What such a packet looks at and changes lies in a row of numbers (`quiet-rows.ts`)
 * and not in `Connection`, `Side`, `Flow` and `Wait`. Whatever else happens to a connection ends its quiet first: `wake`
 * brings those up to date, so that nobody else need know of the rows. It is quiet again when nothing is under way any more.
 *
 * A packet that is taken here does exactly what it does on the whole way. Of all others nothing is taken.
 */
import type { Begun, Message, TrackerHost } from '../../src/sdk.ts';
import { ANNOUNCES_NOTHING, type Connection, type Side } from './connection.ts';
import { Exchange } from './exchange.ts';
import { including, NO_IDS } from './ids.ts';
import type { Judging } from './judging.ts';
import { layoutIndex } from './layouts.ts';
import { eventOf, STATES } from './machine.ts';
import { OPEN, OPEN_DOUBLE, QuietRows, ROW, ROW_DOUBLE, SIDE, SIDE_DOUBLE } from './quiet-rows.ts';
import { QuietTopics } from './quiet-topics.ts';
import { ARRIVAL, digestOf, type Reading } from './reading.ts';
import { plainRemarks, REMARK } from './remarks.ts';
import { OVERDUE } from './rules/overdue.ts';
import { STANDING } from './standing.ts';
import { Taking } from './taking.ts';
import { editionNumber, LEVEL, TYPE } from './terms.ts';
import { AWAITED } from './waits.ts';
import { Watch } from './watch.ts';

const CONNECTED = STATES.indexOf('CONNECTED');
const NEVER = Number.POSITIVE_INFINITY;
const TOLERANCE = 1.5;
const DOLLAR = 0x24;
/** A PUBLISH of QoS 1 on a topic of one character, in 5.0 with the length of no properties, which stands for one that is past. */
const SHORTEST = 8;

/** What it shares with the other ways. */
export interface QuietParts {
  readonly reading: Reading;
  readonly judging: Judging;
}

export class Quiet {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #reading: Reading;
  readonly #judging: Judging;
  readonly #rows = new QuietRows();
  readonly #topics = new QuietTopics();
  readonly #connections: readonly (Connection | undefined)[];
  /** A PUBLISH that is past, while another packet may be in hand. */
  readonly #past: Exchange;
  readonly #taking: Taking;
  readonly #pastBytes = new Uint8Array(SHORTEST);
  readonly #answered = { ordinal: 0, frame: 0, seconds: 0, nanoseconds: 0 };

  /** @param connections by slot */
  constructor(
    host: TrackerHost<Exchange>,
    exchange: Exchange,
    { reading, judging }: QuietParts,
    connections: readonly (Connection | undefined)[],
  ) {
    this.#host = host;
    this.#exchange = exchange;
    this.#reading = reading;
    this.#judging = judging;
    this.#connections = connections;
    this.#past = new Exchange(exchange.message.another(), exchange.settings);
    this.#taking = new Taking(this.#past, new Watch(host, this.#past));
  }

  isQuiet(slot: number): boolean {
    return this.#rows.isQuiet(slot);
  }

  /** Makes a plain connection a quiet one, if nothing is under way in it. */
  enter(connection: Connection): void {
    if (!isCalm(connection)) return;
    const rows = this.#rows;
    const row = rows.begin(connection.slot);
    const { words, doubles } = rows;
    words[row + ROW.QUIET] = 1;
    words[row + ROW.LEVEL] = connection.level;
    words[row + ROW.CLIENT_SIDE] = connection.clientSide;
    words[row + ROW.ORDINAL] = connection.ordinal;
    words[row + ROW.KEEP_ALIVE] = connection.keepAlive(true);
    words[row + ROW.STAMP] = this.#topics.stampOf(connection.session.subscriptions);
    const times = row >> 1;
    doubles[times + ROW_DOUBLE.CONNACK_END] = connection.connack.end;
    doubles[times + ROW_DOUBLE.CONNACK_SECONDS] = connection.connack.seconds;
    doubles[times + ROW_DOUBLE.DUE] = NEVER;
    for (const role of [0, 1] as const) {
      const { lastOffset, lastHeard, lastEnd, lastFrame, most } = connection.sides[role];
      const side = rows.sideOf(row, role);
      doubles[(side >> 1) + SIDE_DOUBLE.LAST_OFFSET] = lastOffset;
      doubles[(side >> 1) + SIDE_DOUBLE.LAST_HEARD] = lastHeard;
      doubles[(side >> 1) + SIDE_DOUBLE.LAST_END] = lastEnd;
      words[side + SIDE.LAST_FRAME] = lastFrame;
      words[side + SIDE.MOST_SIZE] = most.size;
    }
  }

  /** Something else happens to a quiet connection: brings it up to date. */
  wake(connection: Connection): void {
    const { words } = this.#rows;
    const row = this.#rows.rowOf(connection.slot);
    words[row + ROW.QUIET] = 0;
    connection.ordinal = words[row + ROW.ORDINAL];
    for (const role of [0, 1] as const) this.#wakeSide(connection, role, row);
  }

  #wakeSide(connection: Connection, role: 0 | 1, row: number): void {
    const { words, doubles } = this.#rows;
    const side = connection.sides[role];
    const at = this.#rows.sideOf(row, role);
    side.sent |= words[at + SIDE.SENT];
    side.most.size = words[at + SIDE.MOST_SIZE];
    const isOpen = words[at + SIDE.IS_OPEN] === 1;
    const last = words[at + SIDE.LAST_ID];
    if (last > 0) this.#wakeIds(connection, role, words[at + SIDE.FIRST_ID], isOpen ? last - 1 : last);
    if (isOpen) this.#wakeFlow(connection, role, row);
    side.lastOffset = whole(doubles[(at >> 1) + SIDE_DOUBLE.LAST_OFFSET]);
    side.lastHeard = doubles[(at >> 1) + SIDE_DOUBLE.LAST_HEARD];
    side.lastEnd = doubles[(at >> 1) + SIDE_DOUBLE.LAST_END];
    side.lastFrame = words[at + SIDE.LAST_FRAME];
  }

  /** Identifiers of PUBLISHes of QoS 1 that were acknowledged. */
  #wakeIds({ session, sides, level }: Connection, role: 0 | 1, first: number, last: number): void {
    const side = sides[role];
    const book = session.books[role];
    for (let id = first; id <= last; id++) {
      side.published = including(side.published, id);
      book.used = including(book.used, id);
    }
    side.most.qos = Math.max(side.most.qos, 1);
    if (level === LEVEL.V5) side.most.outstanding = Math.max(side.most.outstanding, 1);
  }

  /** The PUBLISH that waits is taken in, as it would have been. */
  #wakeFlow(connection: Connection, role: 0 | 1, row: number): void {
    const { words, doubles } = this.#rows;
    const at = this.#rows.sideOf(row, role);
    const open = this.#rows.openOf(row, role);
    const exchange = this.#past;
    const { packet, subject, message } = exchange;
    const isV5 = connection.level === LEVEL.V5;
    const id = words[at + SIDE.LAST_ID];
    const length = isV5 ? SHORTEST : SHORTEST - 1;
    this.#pastBytes.set([0x32, length - 2, 0, 1, 0x61, id >> 8, id & 0xff, 0]);
    message.assign(this.#pastBytes, 0, length, length);
    message.ordinal = words[open + OPEN.ORDINAL];
    message.frame = words[open + OPEN.FRAME];
    message.seconds = whole(doubles[(open >> 1) + OPEN_DOUBLE.SECONDS]);
    message.nanoseconds = words[open + OPEN.NANOSECONDS];
    packet.readPlain(message, connection.level, role === 0);
    message.length = words[open + OPEN.LENGTH];
    exchange.setSender(connection, role);
    exchange.clear();
    exchange.level = connection.level;
    exchange.now = message.seconds + message.nanoseconds * 1e-9;
    exchange.standing = STANDING.FRESH;
    exchange.digest = doubles[(open >> 1) + OPEN_DOUBLE.DIGEST];
    subject.messageName = 'PUBLISH';
    subject.state = STATES[CONNECTED];
    connection.sides[role].lastOffset = whole(doubles[(at >> 1) + SIDE_DOUBLE.END]);
    this.#taking.take(false);
    this.#wakeIds(connection, role, id, id);
    const since = doubles[(at >> 1) + SIDE_DOUBLE.SINCE];
    if (since >= 0) connection.waits[role].beginSilence(since);
  }

  /**
   * Takes the packet in hand of a quiet connection, if it is one that leaves it quiet; else false, and nothing is changed.
   * `exchange.type` is set then.
   */
  takes(slot: number, flow: number, end: number, message: Message): boolean {
    const exchange = this.#exchange;
    const { words, doubles } = this.#rows;
    const row = this.#rows.rowOf(slot);
    const now = message.seconds + message.nanoseconds * 1e-9;
    const level = words[row + ROW.LEVEL];
    const role = end === words[row + ROW.CLIENT_SIDE] ? 0 : 1;
    const { packet } = exchange;
    if (now > doubles[(row >> 1) + ROW_DOUBLE.DUE] || !packet.readPlain(message, level, role === 0)) return false;
    const begun = this.#host.flows.begun(flow);
    const time = this.#timeRemarks(row, flow, end, role, begun);
    if (time < 0) return false;
    const { type } = packet;
    const place = type === TYPE.PUBLISH ? this.#publish(slot, row, role, message) : this.#puback(row, role);
    if (place < 0) return false;
    const edition = editionNumber(level);
    const layout = layoutIndex(type, level);
    const remarks = plainRemarks(packet) | time | place;
    if (!this.#host.judge.passesUnasked(layout, exchange, edition, remarks)) return false;

    exchange.type = layout;
    this.#step(type, role, edition);
    words[row + ROW.ORDINAL] = message.ordinal;
    const side = this.#rows.sideOf(row, role);
    this.#judging.begin();
    doubles[(side >> 1) + SIDE_DOUBLE.LAST_OFFSET] = begun.end;
    doubles[(side >> 1) + SIDE_DOUBLE.LAST_HEARD] = begun.acknowledged < 0 ? now : NEVER;
    doubles[(side >> 1) + SIDE_DOUBLE.LAST_END] = now;
    words[side + SIDE.LAST_FRAME] = message.frame;
    if (message.length > words[side + SIDE.MOST_SIZE]) words[side + SIDE.MOST_SIZE] = message.length;
    words[side + SIDE.SENT] |= 1 << eventOf(type);
    if (type === TYPE.PUBACK) this.#end(row, role === 0 ? 1 : 0, edition);
    else if (packet.qos > 0) this.#begin(row, role, begun.end, message);
    return true;
  }

  /** What there is to remark about the time of the packet in hand; -1 where somebody has to look. */
  #timeRemarks(row: number, flow: number, end: number, role: 0 | 1, begun: Begun): number {
    if (begun.end < 0) return -1;
    const keepAlive = this.#rows.words[row + ROW.KEEP_ALIVE];
    if (role === 1) return keepAlive > 0 && this.#exchange.packet.type === TYPE.PUBACK ? REMARK.ANSWER : 0;
    const { doubles } = this.#rows;
    const { acknowledged, isResent, seconds, nanoseconds } = begun;
    const connackEnd = doubles[(row >> 1) + ROW_DOUBLE.CONNACK_END];
    const connackSeconds = doubles[(row >> 1) + ROW_DOUBLE.CONNACK_SECONDS];
    const began = seconds + nanoseconds * 1e-9;
    if (acknowledged >= 0 && connackEnd >= 0 && acknowledged < connackEnd) return -1;
    if (began < connackSeconds + ARRIVAL && this.#host.flows.isPassedOn(flow, end)) return -1;
    if (isResent || keepAlive === 0) return 0;
    const side = this.#rows.sideOf(row, role) >> 1;
    const heard = Math.max(doubles[side + SIDE_DOUBLE.LAST_HEARD], connackSeconds);
    const silence = began - Math.max(doubles[side + SIDE_DOUBLE.LAST_END], connackSeconds);
    if (silence > keepAlive || began - heard > TOLERANCE * keepAlive) return -1;
    return silence > 0 ? REMARK.TIMED : 0;
  }

  /** What there is to remark about the place of a PUBLISH; -1 where it has none here. */
  #publish(slot: number, row: number, role: 0 | 1, { bytes, start }: Message): number {
    const { words } = this.#rows;
    const exchange = this.#exchange;
    const { qos, id, topic } = exchange.packet;
    let remarks = 0;
    if (qos > 0) {
      const side = this.#rows.sideOf(row, role);
      const last = words[side + SIDE.LAST_ID];
      if (words[side + SIDE.IS_OPEN] === 1 || id === 0 || (last > 0 && id !== last + 1)) return -1;
      remarks = words[row + ROW.LEVEL] === LEVEL.V5 ? REMARK.FRESH | REMARK.COUNTED : REMARK.FRESH;
    } else if (role === 0) return 0;
    const at = start + topic.at;
    const digest = digestOf(bytes, at, topic.length, 0);
    exchange.topicDigest = digest;
    if (role === 0) return remarks;
    const stamp = words[row + ROW.STAMP];
    let granted = this.#topics.find(stamp, digest, bytes, at, topic.length);
    if (granted < 0) granted = this.#granted(slot, stamp, digest, bytes, at);
    return qos > granted ? -1 : remarks | REMARK.DELIVERED;
  }

  /** The QoS that a server may use for the topic in hand, which is at `at`; -1 where somebody has to look. */
  #granted(slot: number, stamp: number, digest: number, bytes: Uint8Array, at: number): number {
    const { length } = this.#exchange.packet.topic;
    const match = this.#connections[slot]?.session.subscriptions.known(digest, bytes, at, length)?.match;
    if (!match?.isMatched || match.mustHaveId || match.isShared || bytes[at] === DOLLAR) return -1;
    this.#topics.keep(stamp, digest, bytes, at, length, match.qos);
    return match.qos;
  }

  /** The same of a PUBACK. */
  #puback(row: number, role: 0 | 1): number {
    const { packet } = this.#exchange;
    if (packet.type !== TYPE.PUBACK) return -1;
    const { words } = this.#rows;
    const other = this.#rows.sideOf(row, role === 0 ? 1 : 0);
    if (words[other + SIDE.IS_OPEN] === 0 || words[other + SIDE.LAST_ID] !== packet.id) return -1;
    return role === 0 ? REMARK.RIGHT | REMARK.IN_ORDER : REMARK.RIGHT;
  }

  /** Both sides stay where they are. */
  #step(type: number, role: 0 | 1, edition: number): void {
    const { machineRun } = this.#host;
    const event = eventOf(type);
    machineRun.edition = edition;
    machineRun.step(role, CONNECTED, event, false, 0, 0, true);
    machineRun.step(1 - role, CONNECTED, event, true, 0, 0, true);
  }

  /** A PUBLISH of QoS 1 is under way. @param offset behind it */
  #begin(row: number, role: 0 | 1, offset: number, message: Message): void {
    const { words, doubles } = this.#rows;
    const { packet, topicDigest } = this.#exchange;
    const side = this.#rows.sideOf(row, role);
    const open = this.#rows.openOf(row, role);
    this.#exchange.message = message;
    this.#reading.identify(topicDigest);
    if (words[side + SIDE.FIRST_ID] === 0) words[side + SIDE.FIRST_ID] = packet.id;
    words[side + SIDE.LAST_ID] = packet.id;
    words[side + SIDE.IS_OPEN] = 1;
    doubles[(side >> 1) + SIDE_DOUBLE.END] = offset;
    doubles[(side >> 1) + SIDE_DOUBLE.SINCE] = -1;
    words[open + OPEN.ORDINAL] = message.ordinal;
    words[open + OPEN.FRAME] = message.frame;
    words[open + OPEN.NANOSECONDS] = message.nanoseconds;
    words[open + OPEN.LENGTH] = message.length;
    doubles[(open >> 1) + OPEN_DOUBLE.SECONDS] = message.seconds;
    doubles[(open >> 1) + OPEN_DOUBLE.DIGEST] = this.#exchange.digest;
  }

  /** The PUBLISH of a side is acknowledged. */
  #end(row: number, role: 0 | 1, edition: number): void {
    const { words, doubles } = this.#rows;
    const open = this.#rows.openOf(row, role);
    words[this.#rows.sideOf(row, role) + SIDE.IS_OPEN] = 0;
    const answered = this.#answered;
    answered.ordinal = words[open + OPEN.ORDINAL];
    answered.frame = words[open + OPEN.FRAME];
    answered.seconds = whole(doubles[(open >> 1) + OPEN_DOUBLE.SECONDS]);
    answered.nanoseconds = words[open + OPEN.NANOSECONDS];
    this.#judging.noteEarlier(answered);
    this.#host.judge.passed(OVERDUE[AWAITED.ACKNOWLEDGEMENT].rule, 1, edition);
    // What is left of the other side's is looked at when it is due.
    const other = this.#rows.sideOf(row, role === 0 ? 1 : 0);
    if (words[other + SIDE.IS_OPEN] === 0) doubles[(row >> 1) + ROW_DOUBLE.DUE] = NEVER;
  }

  /** TCP has acknowledged bytes of a side of a quiet connection. False where more may follow from it: nothing is changed then. */
  hears(slot: number, flow: number, end: number, bytes: number, now: number): boolean {
    const { words, doubles } = this.#rows;
    const { flows } = this.#host;
    const row = this.#rows.rowOf(slot);
    const due = (row >> 1) + ROW_DOUBLE.DUE;
    if (now > doubles[due] || flows.finAcknowledged(flow, end)) return false;
    const side = this.#rows.sideOf(row, end === words[row + ROW.CLIENT_SIDE] ? 0 : 1);
    const times = side >> 1;
    const isOpen = words[side + SIDE.IS_OPEN] === 1;
    if (isOpen && doubles[times + SIDE_DOUBLE.SINCE] < 0 && bytes >= doubles[times + SIDE_DOUBLE.END]) {
      const since = now - flows.stalled(flow, 1 - end, now);
      doubles[times + SIDE_DOUBLE.SINCE] = since;
      doubles[due] = Math.min(doubles[due], since + this.#exchange.settings.answerTimeout);
    }
    if (bytes >= doubles[times + SIDE_DOUBLE.LAST_OFFSET] && doubles[times + SIDE_DOUBLE.LAST_HEARD] === NEVER)
      doubles[times + SIDE_DOUBLE.LAST_HEARD] = now;
    return true;
  }
}

/** Is nothing under way in a plain connection, and has no side set a limit that a packet would have to be held against? */
function isCalm(connection: Connection): boolean {
  const { session, sides, waits, connack, connect, pings } = connection;
  return (
    waits[0].first === undefined &&
    waits[1].first === undefined &&
    session.books[0].open.isEmpty &&
    session.books[1].open.isEmpty &&
    pings.length === 0 &&
    isFree(sides[0]) &&
    isFree(sides[1]) &&
    session.began === connection.serial &&
    session.isKnown &&
    !session.subscriptions.isFull &&
    connection.lateOrdinal === 0 &&
    connack.maximumQos === 2 &&
    connack.retainAvailable &&
    connect.wantsProblemInformation &&
    connect.authenticationMethod === undefined
  );
}

function isFree({ outstanding, announced, released, refused, repeated, strayPubrecs }: Side): boolean {
  const { maximumPacketSize, receiveMaximum } = announced;
  if (outstanding > 0 || maximumPacketSize !== ANNOUNCES_NOTHING.maximumPacketSize || receiveMaximum < 2) return false;
  return released === NO_IDS && refused === NO_IDS && repeated === NO_IDS && strayPubrecs === NO_IDS;
}

/**
 * The number as V8 keeps whole ones. What lies among doubles it takes for one with a fraction; written into a field that held
 * whole ones until then, it would have all that was compiled for objects with that field compiled anew.
 */
function whole(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
