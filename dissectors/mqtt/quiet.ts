/**
 * Quiet connections: plain ones (`ordinary.ts`) in which nothing is under way but one PUBLISH of QoS 1 of either side. Most
 * packets of most traffic come in these. What such a packet looks at and changes lies in a row of numbers (`quiet-rows.ts`)
 * and not in `Connection`, `Side`, `Flow` and `Wait`. Whatever else happens to a connection ends its quiet first: `wake`
 * brings those up to date, so that nobody else need know of the rows. It is quiet again when nothing is under way any more.
 *
 * A packet that is taken here does exactly what it does on the whole way. Of all others nothing is taken.
 */
import type { Message, TrackerHost } from '../../src/sdk.ts';
import { ANNOUNCES_NOTHING, type Connection, type Side } from './connection.ts';
import { Exchange } from './exchange.ts';
import { including, NO_IDS } from './ids.ts';
import type { Judging } from './judging.ts';
import { layoutIndex } from './layouts.ts';
import { eventOf, STATES } from './machine.ts';
import { QuietRows, ROW, SIDE } from './quiet-rows.ts';
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
    const { numbers } = rows;
    numbers[row + ROW.QUIET] = 1;
    numbers[row + ROW.LEVEL] = connection.level;
    numbers[row + ROW.CLIENT_SIDE] = connection.clientSide;
    numbers[row + ROW.ORDINAL] = connection.ordinal;
    numbers[row + ROW.CONNACK_END] = connection.connack.end;
    numbers[row + ROW.CONNACK_SECONDS] = connection.connack.seconds;
    numbers[row + ROW.KEEP_ALIVE] = connection.keepAlive(true);
    numbers[row + ROW.DUE] = NEVER;
    for (const role of [0, 1] as const) {
      const { lastOffset, lastHeard, lastEnd, lastFrame, most } = connection.sides[role];
      const side = rows.sideOf(row, role);
      numbers[side + SIDE.LAST_OFFSET] = lastOffset;
      numbers[side + SIDE.LAST_HEARD] = lastHeard;
      numbers[side + SIDE.LAST_END] = lastEnd;
      numbers[side + SIDE.LAST_FRAME] = lastFrame;
      numbers[side + SIDE.MOST_SIZE] = most.size;
    }
  }

  /** Something else happens to a quiet connection: brings it up to date. */
  wake(connection: Connection): void {
    const rows = this.#rows;
    const { numbers } = rows;
    const row = rows.rowOf(connection.slot);
    numbers[row + ROW.QUIET] = 0;
    connection.ordinal = whole(numbers[row + ROW.ORDINAL]);
    for (const role of [0, 1] as const) this.#wakeSide(connection, role, rows.sideOf(row, role));
  }

  #wakeSide(connection: Connection, role: 0 | 1, at: number): void {
    const { numbers } = this.#rows;
    const side = connection.sides[role];
    side.sent |= numbers[at + SIDE.SENT];
    side.most.size = whole(numbers[at + SIDE.MOST_SIZE]);
    const isOpen = numbers[at + SIDE.IS_OPEN] === 1;
    const last = whole(numbers[at + SIDE.LAST_ID]);
    if (last > 0) this.#wakeIds(connection, role, whole(numbers[at + SIDE.FIRST_ID]), isOpen ? last - 1 : last);
    if (isOpen) this.#wakeFlow(connection, role, at);
    side.lastOffset = whole(numbers[at + SIDE.LAST_OFFSET]);
    side.lastHeard = numbers[at + SIDE.LAST_HEARD];
    side.lastEnd = numbers[at + SIDE.LAST_END];
    side.lastFrame = whole(numbers[at + SIDE.LAST_FRAME]);
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
  #wakeFlow(connection: Connection, role: 0 | 1, at: number): void {
    const { numbers } = this.#rows;
    const exchange = this.#past;
    const { packet, subject, message } = exchange;
    const isV5 = connection.level === LEVEL.V5;
    const id = whole(numbers[at + SIDE.LAST_ID]);
    const length = isV5 ? SHORTEST : SHORTEST - 1;
    this.#pastBytes.set([0x32, length - 2, 0, 1, 0x61, id >> 8, id & 0xff, 0]);
    message.assign(this.#pastBytes, 0, length, length);
    message.ordinal = whole(numbers[at + SIDE.ORDINAL]);
    message.frame = whole(numbers[at + SIDE.FRAME]);
    message.seconds = whole(numbers[at + SIDE.SECONDS]);
    message.nanoseconds = whole(numbers[at + SIDE.NANOSECONDS]);
    packet.readPlain(message, connection.level, role === 0);
    message.length = whole(numbers[at + SIDE.LENGTH]);
    exchange.setSender(connection, role);
    exchange.clear();
    exchange.level = connection.level;
    exchange.now = message.seconds + message.nanoseconds * 1e-9;
    exchange.standing = STANDING.FRESH;
    exchange.digest = numbers[at + SIDE.DIGEST];
    subject.messageName = 'PUBLISH';
    subject.state = STATES[CONNECTED];
    connection.sides[role].lastOffset = whole(numbers[at + SIDE.END]);
    this.#taking.take(false);
    this.#wakeIds(connection, role, id, id);
    const since = numbers[at + SIDE.SINCE];
    if (since >= 0) connection.waits[role].beginSilence(since);
  }

  /**
   * Takes the packet in hand of a quiet connection, if it is one that leaves it quiet; else false, and nothing is changed.
   * `exchange.type` is set then.
   */
  takes(slot: number, flow: number, end: number, message: Message): boolean {
    const exchange = this.#exchange;
    const { numbers } = this.#rows;
    const row = this.#rows.rowOf(slot);
    const now = message.seconds + message.nanoseconds * 1e-9;
    const level = whole(numbers[row + ROW.LEVEL]);
    const role = end === numbers[row + ROW.CLIENT_SIDE] ? 0 : 1;
    const { packet } = exchange;
    if (now > numbers[row + ROW.DUE] || !packet.readPlain(message, level, role === 0)) return false;
    const time = this.#timeRemarks(row, flow, end, role);
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
    numbers[row + ROW.ORDINAL] = message.ordinal;
    const side = this.#rows.sideOf(row, role);
    this.#judging.begin();
    const { end: offset, acknowledged } = this.#host.flows.begun(flow);
    numbers[side + SIDE.LAST_OFFSET] = offset;
    numbers[side + SIDE.LAST_HEARD] = acknowledged < 0 ? now : NEVER;
    numbers[side + SIDE.LAST_END] = now;
    numbers[side + SIDE.LAST_FRAME] = message.frame;
    if (message.length > numbers[side + SIDE.MOST_SIZE]) numbers[side + SIDE.MOST_SIZE] = message.length;
    numbers[side + SIDE.SENT] |= 1 << eventOf(type);
    if (type === TYPE.PUBACK) this.#end(row, role === 0 ? 1 : 0, edition);
    else if (packet.qos > 0) this.#begin(side, offset, message);
    return true;
  }

  /** What there is to remark about the time of the packet in hand; -1 where somebody has to look. */
  #timeRemarks(row: number, flow: number, end: number, role: 0 | 1): number {
    const { numbers } = this.#rows;
    const { flows } = this.#host;
    const begun = flows.begun(flow);
    if (begun.end < 0) return -1;
    const keepAlive = numbers[row + ROW.KEEP_ALIVE];
    if (role === 1) return keepAlive > 0 && this.#exchange.packet.type === TYPE.PUBACK ? REMARK.ANSWER : 0;
    const { acknowledged, isResent, seconds, nanoseconds } = begun;
    const connackEnd = numbers[row + ROW.CONNACK_END];
    const connackSeconds = numbers[row + ROW.CONNACK_SECONDS];
    const began = seconds + nanoseconds * 1e-9;
    if (acknowledged >= 0 && connackEnd >= 0 && acknowledged < connackEnd) return -1;
    if (began < connackSeconds + ARRIVAL && flows.isPassedOn(flow, end)) return -1;
    if (isResent || keepAlive === 0) return 0;
    const side = this.#rows.sideOf(row, role);
    const heard = Math.max(numbers[side + SIDE.LAST_HEARD], connackSeconds);
    const silence = began - Math.max(numbers[side + SIDE.LAST_END], connackSeconds);
    if (silence > keepAlive || began - heard > TOLERANCE * keepAlive) return -1;
    return silence > 0 ? REMARK.TIMED : 0;
  }

  /** What there is to remark about the place of a PUBLISH; -1 where it has none here. */
  #publish(slot: number, row: number, role: 0 | 1, { bytes, start }: Message): number {
    const { numbers } = this.#rows;
    const exchange = this.#exchange;
    const { qos, id, topic } = exchange.packet;
    let remarks = 0;
    if (qos > 0) {
      const side = this.#rows.sideOf(row, role);
      const last = numbers[side + SIDE.LAST_ID];
      if (numbers[side + SIDE.IS_OPEN] === 1 || id === 0 || (last > 0 && id !== last + 1)) return -1;
      remarks = numbers[row + ROW.LEVEL] === LEVEL.V5 ? REMARK.FRESH | REMARK.COUNTED : REMARK.FRESH;
    } else if (role === 0) return 0;
    const at = start + topic.at;
    exchange.topicDigest = digestOf(bytes, at, topic.length, 0);
    if (role === 0) return remarks;
    const match = this.#connections[slot]?.session.subscriptions.known(
      exchange.topicDigest,
      bytes,
      at,
      topic.length,
    )?.match;
    if (!match?.isMatched || match.mustHaveId || match.isShared || qos > match.qos || bytes[at] === DOLLAR) return -1;
    return remarks | REMARK.DELIVERED;
  }

  /** The same of a PUBACK. */
  #puback(row: number, role: 0 | 1): number {
    const { packet } = this.#exchange;
    if (packet.type !== TYPE.PUBACK) return -1;
    const { numbers } = this.#rows;
    const other = this.#rows.sideOf(row, role === 0 ? 1 : 0);
    if (numbers[other + SIDE.IS_OPEN] === 0 || numbers[other + SIDE.LAST_ID] !== packet.id) return -1;
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

  /** A PUBLISH of QoS 1 is under way. */
  #begin(side: number, offset: number, message: Message): void {
    const { numbers } = this.#rows;
    const { packet, topicDigest } = this.#exchange;
    this.#exchange.message = message;
    this.#reading.identify(topicDigest);
    if (numbers[side + SIDE.FIRST_ID] === 0) numbers[side + SIDE.FIRST_ID] = packet.id;
    numbers[side + SIDE.LAST_ID] = packet.id;
    numbers[side + SIDE.IS_OPEN] = 1;
    numbers[side + SIDE.ORDINAL] = message.ordinal;
    numbers[side + SIDE.FRAME] = message.frame;
    numbers[side + SIDE.SECONDS] = message.seconds;
    numbers[side + SIDE.NANOSECONDS] = message.nanoseconds;
    numbers[side + SIDE.LENGTH] = message.length;
    numbers[side + SIDE.DIGEST] = this.#exchange.digest;
    numbers[side + SIDE.END] = offset;
    numbers[side + SIDE.SINCE] = -1;
  }

  /** It is acknowledged. */
  #end(row: number, role: 0 | 1, edition: number): void {
    const { numbers } = this.#rows;
    const side = this.#rows.sideOf(row, role);
    numbers[side + SIDE.IS_OPEN] = 0;
    const answered = this.#answered;
    answered.ordinal = whole(numbers[side + SIDE.ORDINAL]);
    answered.frame = whole(numbers[side + SIDE.FRAME]);
    answered.seconds = whole(numbers[side + SIDE.SECONDS]);
    answered.nanoseconds = whole(numbers[side + SIDE.NANOSECONDS]);
    this.#judging.noteEarlier(answered);
    this.#host.judge.passed(OVERDUE[AWAITED.ACKNOWLEDGEMENT].rule, 1, edition);
    // What is left of the other side's is looked at when it is due.
    if (numbers[this.#rows.sideOf(row, role === 0 ? 1 : 0) + SIDE.IS_OPEN] === 0) numbers[row + ROW.DUE] = NEVER;
  }

  /** TCP has acknowledged bytes of a side of a quiet connection. False where more may follow from it: nothing is changed then. */
  hears(slot: number, flow: number, end: number, bytes: number, now: number): boolean {
    const { numbers } = this.#rows;
    const { flows } = this.#host;
    const row = this.#rows.rowOf(slot);
    if (now > numbers[row + ROW.DUE] || flows.finAcknowledged(flow, end)) return false;
    const side = this.#rows.sideOf(row, end === numbers[row + ROW.CLIENT_SIDE] ? 0 : 1);
    if (numbers[side + SIDE.IS_OPEN] === 1 && numbers[side + SIDE.SINCE] < 0 && bytes >= numbers[side + SIDE.END]) {
      const since = now - flows.stalled(flow, 1 - end, now);
      numbers[side + SIDE.SINCE] = since;
      numbers[row + ROW.DUE] = Math.min(numbers[row + ROW.DUE], since + this.#exchange.settings.answerTimeout);
    }
    if (bytes >= numbers[side + SIDE.LAST_OFFSET] && numbers[side + SIDE.LAST_HEARD] === NEVER)
      numbers[side + SIDE.LAST_HEARD] = now;
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

/** The number as V8 keeps whole ones; what comes out of a row it takes for one with a fraction. */
function whole(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
