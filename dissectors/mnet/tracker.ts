/**
 * Follows the MNET connections of a capture: has the datagram's connection found (sessions.ts), has it judged against
 * what is known so far, then takes over what it says. A message that breaks a rule moves nothing, but it was sent: what its
 * peer says to it shows whether it was taken.
 */
import {
  ALL_REMARKS,
  BROKEN,
  type Closing,
  type Layout,
  type MachineRun,
  type Message,
  messageCountsOf,
  StreamMemory,
  Subject,
  type Tracker,
  type TrackerHost,
} from '../../src/sdk.ts';
import { settleFromExpiration, settleFromLength } from './byte-order.ts';
import { CookieLog } from './cookies.ts';
import {
  claim,
  formRemarks,
  readAcknowledgement,
  readCounters,
  takeAcknowledgement,
  takeCounters,
  takeCredit,
} from './counters.ts';
import { Exchange, originOfEcho } from './exchange.ts';
import { COOKIE, COOKIE_ECHO, DATA, INIT, LAYOUTS, SHUTDOWN, TYPE } from './layouts.ts';
import { BARE_DATA } from './machine.ts';
import { Ordinary } from './ordinary.ts';
import { OrdinaryControl } from './ordinary-control.ts';
import { reordered, reorderedControl, wrongRole } from './rules/messages.ts';
import { unknownConnection } from './rules/session.ts';
import { connectorOf, formOfInit, isHandshake, type Opening, Sessions, type TakenInit } from './sessions.ts';
import {
  brokenBit,
  type Connection,
  type ConnectionDetail,
  ConnectionTable,
  FLAG,
  SHUTDOWN_SLOTS,
  SIDE_FLAG,
  type Side,
  saidAsSelf,
  saidAtAll,
  saidBit,
} from './state.ts';
import { STATES, stateNumber } from './states.ts';
import { ALL_READINGS, HostTagLog, LiveTags, READING, type Reading } from './tags.ts';
import { hasEchoed, isInitAgain, Terms } from './terms.ts';
import { Waits } from './waits.ts';

const ROLE = { connector: 0, listener: 1 } as const;
/** How a message stands to the state of its sender; out of order where it may be an old one. */
const LEGAL = 0;
const BROKEN_STEP = 1;
const OUT_OF_ORDER = 2;

export class MnetTracker implements Tracker {
  layout: Layout | undefined = undefined;
  repeated = false;
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #subject = new Subject();
  readonly #table: ConnectionTable;
  readonly #sessions: Sessions;
  readonly #other: Connection;
  readonly #otherSide: Side;
  readonly #otherDetail: ConnectionDetail;
  readonly #run: MachineRun;
  readonly #waits: Waits;
  readonly #terms: Terms;
  readonly #ordinary: Ordinary | undefined;
  readonly #control: OrdinaryControl | undefined;
  readonly #readings: number;
  readonly #order: number;
  readonly #counts = new Float64Array(LAYOUTS.length + 1);
  /** States that the message at hand leads to. */
  #senderNext = 0;
  #receiverNext = 0;

  /** @param takesShortWay false where every message is to go the whole way */
  constructor(host: TrackerHost<Exchange>, message: Message, takesShortWay = true) {
    this.#host = host;
    this.#table = new ConnectionTable(host.connections);
    this.#other = this.#table.connection();
    this.#otherSide = this.#table.side();
    this.#otherDetail = this.#table.connectionDetail();
    this.#run = host.machineRun;
    const cookies = new CookieLog(host);
    const streams = new StreamMemory(host.limits['stream-memory']);
    host.across?.remembers(streams);
    this.#sessions = new Sessions(this.#table, cookies, host.connections.inForce);
    this.#exchange = new Exchange({
      host,
      table: this.#table,
      cookies,
      liveTags: new LiveTags(host),
      hostTags: new HostTagLog(host),
      streams,
      message,
    });
    this.#waits = new Waits(host, this.#table, this.#exchange.answerTimeout);
    this.#terms = new Terms(host, this.#exchange, this.#subject, this.#waits);
    const parts = { host, exchange: this.#exchange, table: this.#table, sessions: this.#sessions, terms: this.#terms };
    this.#ordinary = takesShortWay ? new Ordinary(parts) : undefined;
    this.#control = takesShortWay ? new OrdinaryControl(parts, this.#waits) : undefined;
    const tags = host.dialect.choice('tags');
    this.#readings = tags === 'auto' ? ALL_READINGS : READING[tags as Reading];
    const order = host.dialect.choice('byteOrder');
    this.#order = order === 'auto' ? 0 : FLAG.ORDER_KNOWN | (order === 'little' ? FLAG.LITTLE_ENDIAN : 0);
  }

  get messageName(): string {
    return this.#exchange.messageName;
  }

  message(flow: number, side: number, message: Message): number {
    const exchange = this.#exchange;
    const code = message.byte(0);
    const type = code >= 0 && code < TYPE.UNKNOWN ? code : TYPE.UNKNOWN;
    this.layout = LAYOUTS[type];
    this.#counts[type]++;
    exchange.message = message;
    exchange.type = type;
    exchange.flow = flow;
    exchange.side = side;
    exchange.opening = false;
    exchange.isRead = false;
    exchange.isCopy = false;
    this.repeated = false;
    const ordinary = type === TYPE.DATA ? (this.#ordinary?.takes(message) ?? -1) : -1;
    if (ordinary >= 0) return ordinary;
    const route = this.#sessions.route(flow, side, type, message);
    const slot = typeof route === 'number' ? route : this.#open(flow, route);
    this.#enter(slot, side);
    const { sender, receiver } = exchange;
    if (sender.waiting | sender.closing | receiver.waiting | receiver.closing) this.#waits.check(slot, exchange.now);
    this.#host.connections.touch(slot, message);
    if (exchange.opening && exchange.has(FLAG.PARTIAL)) this.#reportMidstream(type, message);
    if (!this.#control?.takes(type, message)) this.#judge(type, message);
    message.littleEndian = exchange.has(FLAG.LITTLE_ENDIAN);
    return slot;
  }

  close(flow: number, now: number, how: Closing): void {
    for (const slot of this.#sessions.end(flow)) this.#closeConnection(slot, now, how === 'end of capture');
  }

  state(slot: number): string {
    return STATES[Math.max(this.stateOf(slot, 0), this.stateOf(slot, 1))];
  }

  stateOf(slot: number, end: number): number {
    const side = this.#otherSide;
    this.#table.seekSide(side, slot, end);
    return side.state;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#terms.settled();
  }

  noted(): unknown {
    return this.#exchange.hostTags.noted();
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(LAYOUTS, this.#counts);
  }

  // Connections and their sessions

  #open(flow: number, { slot, connectorSide, complete, taken }: Opening): number {
    const opened = slot < 0 ? this.#begin(flow, connectorSide) : this.#unfold(slot, connectorSide);
    this.#exchange.opening = taken === undefined;
    const { type, message } = this.#exchange;
    const connection = this.#peek(opened);
    if (type === TYPE.INIT && formOfInit(message) !== 'good') connection.flags |= FLAG.BLANK;
    else if (!complete) this.#beginMidstream(opened, connection);
    if (taken !== undefined) this.#take(opened, connectorSide, taken);
    return opened;
  }

  /** Begins a connection on a flow, in place of the one in force, which becomes the one before. */
  #begin(flow: number, connectorSide: number): number {
    const slot = this.#host.connections.open(flow, connectorSide, this.#exchange.message);
    this.#table.reset(slot);
    const before = this.#sessions.current(flow);
    if (before >= 0) this.#waits.superseded(before, this.#exchange.now);
    const displaced = this.#sessions.advance(flow, slot);
    if (displaced >= 0) this.#closeConnection(displaced, this.#exchange.now);
    const connection = this.#peek(slot);
    connection.connectorSide = connectorSide;
    connection.readings = this.#readings;
    connection.flags = this.#order;
    return slot;
  }

  /** What only an INIT that opens nothing was seen of begins again. */
  #unfold(slot: number, connectorSide: number): number {
    const connection = this.#peek(slot);
    connection.flags &= ~FLAG.BLANK;
    connection.connectorSide = connectorSide;
    this.#host.connections.setClientSide(slot, connectorSide);
    for (const end of [0, 1]) {
      this.#table.seekSide(this.#otherSide, slot, end);
      this.#otherSide.state = stateNumber('NEW');
      this.#otherSide.sent = 0;
    }
    return slot;
  }

  /** The peers accept an INIT that was set aside: it has opened the connection after all. */
  #take(slot: number, connectorSide: number, { tag, versionIsOther, cookieIsFirst }: TakenInit): void {
    const connection = this.#peek(slot);
    connection.initTag = tag;
    connection.flags |= FLAG.INIT_TAG_KNOWN | (versionIsOther ? FLAG.INIT_OTHER_VERSION : FLAG.INIT_VERSION_1);
    const side = this.#otherSide;
    this.#table.seekSide(side, slot, connectorSide);
    side.state = stateNumber('COOKIE-WAIT');
    side.sent = saidBit(TYPE.INIT);
    if (cookieIsFirst) return;
    connection.flags |= FLAG.COOKIES_FORGOTTEN;
    this.#table.seekSide(side, slot, 1 - connectorSide);
    side.sent = saidBit(TYPE.COOKIE);
  }

  #beginMidstream(slot: number, connection: Connection): void {
    const { type, message } = this.#exchange;
    // Ordinarily the beginning was missed. With `midstream: never` the peers are held to have said nothing before;
    // an INIT that may be its connection's own, late, leaves the history in the dark.
    if (this.#host.midstream === 'auto' || type === TYPE.INIT) connection.flags |= FLAG.PARTIAL;
    if (type === TYPE.INIT) connection.flags |= FLAG.MAY_BE_OLD;
    if (!isHandshake(type) && type !== TYPE.COOKIE_ACK) connection.flags |= FLAG.ROLES_ASSUMED;
    if (!(connection.flags & FLAG.PARTIAL) || type === TYPE.UNKNOWN || message.length < 4) return;
    const waiting = type === TYPE.INIT || type === TYPE.COOKIE || type === TYPE.COOKIE_ECHO;
    const connector = waiting ? 'COOKIE-WAIT' : type === TYPE.COOKIE_ACK ? 'COOKIE-ECHOED' : 'ESTABLISHED';
    const listener = waiting ? 'NEW' : connector;
    for (const side of [0, 1]) {
      this.#table.seekSide(this.#otherSide, slot, side);
      this.#otherSide.state = stateNumber(side === connection.connectorSide ? connector : listener);
    }
  }

  // What it says

  /** Points the exchange at a connection, seen from the sending end. */
  #enter(slot: number, side: number): void {
    const exchange = this.#exchange;
    exchange.slot = slot;
    this.#table.seek(exchange.connection, slot);
    this.#table.seekSide(exchange.sender, slot, side);
    this.#table.seekSide(exchange.receiver, slot, 1 - side);
    this.#settleRoles(slot, side);
    this.#table.seekDetail(exchange.detail, slot);
    this.#table.seekSideDetail(exchange.senderDetail, slot, side);
    this.#table.seekSideDetail(exchange.receiverDetail, slot, 1 - side);
    exchange.fromConnector = exchange.connection.connectorSide === side;
    exchange.flags = exchange.connection.flags;
    exchange.senderFlags = exchange.sender.flags;
    exchange.receiverFlags = exchange.receiver.flags;
    exchange.orderKnown = (exchange.flags & FLAG.ORDER_KNOWN) !== 0;
    const subject = this.#subject;
    const { message } = exchange;
    subject.hold(slot, side, message);
    subject.messageName = LAYOUTS[exchange.type]?.name ?? exchange.messageName;
    subject.state = STATES[exchange.sender.state];
    subject.partial = exchange.has(FLAG.PARTIAL);
    subject.doubt = subject.partial ? 'midstream' : 'ambiguous';
  }

  /** Where the roles were only assumed, a message of the handshake tells them. */
  #settleRoles(slot: number, side: number): void {
    const { connection, type } = this.#exchange;
    if (!(connection.flags & FLAG.ROLES_ASSUMED) || (!isHandshake(type) && type !== TYPE.COOKIE_ACK)) return;
    connection.connectorSide = connectorOf(type, side);
    connection.flags &= ~FLAG.ROLES_ASSUMED;
    this.#host.connections.setClientSide(slot, connection.connectorSide);
  }

  #judge(type: number, message: Message): void {
    const exchange = this.#exchange;
    const { judge } = this.#host;
    if (type === TYPE.DATA && !exchange.orderKnown && message.captured >= DATA.fixedLength) {
      this.#terms.settleOrder(settleFromLength(message));
    }
    message.littleEndian = exchange.has(FLAG.LITTLE_ENDIAN);
    const formRemark = type === TYPE.DATA ? formRemarks(exchange) : ALL_REMARKS;
    if (judge.judgeForm(type, exchange, this.#subject, formRemark)) {
      this.#noteBroken(type);
      return;
    }
    if (this.#sessions.stray) {
      if (exchange.has(FLAG.BLANK)) exchange.sender.state = stateNumber('ABORTED');
      return;
    }
    if (type === TYPE.ABORT && this.#refusesBadEcho()) return;
    if (type === TYPE.UNKNOWN || message.captured < LAYOUTS[type].fixedLength) {
      this.#noteCut(type);
      return;
    }
    if (type === TYPE.COOKIE || type === TYPE.COOKIE_ECHO) {
      this.#terms.settleOrder(settleFromExpiration(message, exchange.now));
      message.littleEndian = exchange.has(FLAG.LITTLE_ENDIAN);
    }
    exchange.remarks = ALL_REMARKS;
    if (type === TYPE.DATA) readCounters(exchange);
    else this.#readControl(type);
    exchange.isRead = true;
    // A bare acknowledgement brings no new bytes either, and repeats nothing.
    const repeatsBytes = exchange.orderKnown && exchange.dataLength > 0 && exchange.newBytes <= 0;
    this.repeated = exchange.older && (type !== TYPE.DATA || repeatsBytes);
    const { sender, receiver } = exchange;
    this.#senderNext = sender.state;
    this.#receiverNext = receiver.state;
    const event = this.#event(type);
    const step = event < 0 ? LEGAL : this.#step(event);
    if (step === BROKEN_STEP || (step === LEGAL && this.#breaksContent(type))) {
      // Only where the state machine says so does a message that broke a rule move anybody.
      if (step === BROKEN_STEP && this.#senderNext !== sender.state) this.#move();
      this.#noteBroken(type);
      return;
    }
    this.#move();
    this.#update(type);
  }

  /** True when the content of a message breaks a rule, and its sender's peer is not held to have taken it nevertheless. */
  #breaksContent(type: number): boolean {
    const exchange = this.#exchange;
    const broken = this.#host.judge.judgeContent(type, exchange, this.#subject, exchange.remarks);
    // A bad echo that the peer accepts counts: the listener uses it from here on.
    return broken && !this.#acceptsBadEcho(type);
  }

  #acceptsBadEcho(type: number): boolean {
    const { flags, fromConnector } = this.#exchange;
    const isAcceptance = type === TYPE.COOKIE_ACK || type === TYPE.DATA;
    return isAcceptance && !fromConnector && (flags & (FLAG.BAD_ECHO | FLAG.GOOD_ECHO)) === FLAG.BAD_ECHO;
  }

  #move(): void {
    this.#exchange.sender.state = this.#senderNext;
    this.#exchange.receiver.state = this.#receiverNext;
  }

  /** Reads a control message, and tells whether its sender has sent it before. */
  #readControl(type: number): void {
    const exchange = this.#exchange;
    const { message, cookies, flow, sender, senderDetail } = exchange;
    switch (type) {
      case TYPE.INIT:
        exchange.initTag = message.uint(INIT.fields.tag);
        exchange.older = isInitAgain(exchange);
        break;
      case TYPE.COOKIE:
        exchange.initTag = message.uint(COOKIE.fields.peerTag);
        exchange.isCopy = cookies.issuedTo(flow, message);
        exchange.older = exchange.isCopy || exchange.has(FLAG.COOKIES_FORGOTTEN);
        break;
      case TYPE.COOKIE_ECHO:
        exchange.echoOrigin = originOfEcho(exchange);
        exchange.initTag = message.uint(COOKIE_ECHO.fields.peerTag);
        exchange.isCopy = hasEchoed(cookies, senderDetail, flow, message);
        exchange.older = exchange.isCopy;
        break;
      case TYPE.SHUTDOWN:
        exchange.acknowledged = message.uint(SHUTDOWN.fields.acknowledged);
        readAcknowledgement(exchange);
        exchange.older = this.#table.hasShutDownAt(senderDetail, exchange.acknowledged) && this.#hasItsTag();
        break;
      default:
        exchange.older = (sender.sent & saidBit(type)) !== 0 && this.#hasItsTag();
    }
  }

  /** Its sender's last message after the handshake that broke no rule had the same tag. */
  #hasItsTag(): boolean {
    const { sender, senderFlags, tag } = this.#exchange;
    return (senderFlags & SIDE_FLAG.TAG_KNOWN) !== 0 && sender.tag === tag;
  }

  #hasSaid(type: number): boolean {
    return (this.#exchange.sender.sent & saidBit(type)) !== 0;
  }

  /** The machine's event for a message; -1 for one that takes no step. */
  #event(type: number): number {
    const exchange = this.#exchange;
    if (type === TYPE.INIT) return exchange.fromConnector && formOfInit(exchange.message) !== 'good' ? -1 : type;
    if (type !== TYPE.DATA) return type;
    if (exchange.older) return -1;
    // That it accepts a bad echo is more than that it comes before COOKIE-ACK.
    if (this.#acceptsBadEcho(type)) {
      this.#senderNext = Math.max(this.#senderNext, stateNumber('ESTABLISHED'));
      this.#receiverNext = Math.max(this.#receiverNext, stateNumber('ESTABLISHED'));
      return -1;
    }
    // One without data brings no new bytes, whatever it counts.
    return exchange.dataLength > 0 || !exchange.orderKnown ? TYPE.DATA : BARE_DATA;
  }

  /** Finds the sender's and the receiver's next state, and whether the sender breaks a rule by its step. */
  #step(event: number): number {
    const exchange = this.#exchange;
    const { sender, receiver, older, fromConnector, type } = exchange;
    const run = this.#run;
    const role = fromConnector ? ROLE.connector : ROLE.listener;
    const senderSaid = saidAsSelf(sender.sent);
    const receiverSaid = saidAtAll(receiver.sent);
    const forgotten = type === TYPE.SHUTDOWN && exchange.senderDetail.shutdowns > SHUTDOWN_SLOTS;
    // One that broke a rule when it was first sent moved nobody then, but may do so now.
    const triedBefore = sender.sent & brokenBit(type) && !isHandshake(type) && type !== TYPE.DATA && this.#hasItsTag();
    if (older || forgotten || triedBefore) {
      const rule = run.peek(role, sender.state, event, senderSaid, receiverSaid);
      if (rule === undefined && older) return LEGAL;
      // Who may send a message does not hang on when it was sent: that one is judged as any other.
      if (rule !== undefined && rule !== wrongRole.id) {
        if (older || triedBefore) this.#reportReordered();
        else {
          this.#host.limitHit(`shutdown-counts=${SHUTDOWN_SLOTS}`);
          this.#host.connections.markInconclusive(exchange.slot, 'bound');
        }
        return OUT_OF_ORDER;
      }
    }
    const judged = !this.#subject.partial;
    this.#senderNext = run.step(role, sender.state, event, false, senderSaid, receiverSaid, judged);
    const { brokenRule } = run;
    if (brokenRule !== undefined) this.#host.judge.enterStep(brokenRule, exchange, this.#subject);
    // An answer shows that its sender has taken what was said to it.
    if (type === TYPE.SHUTDOWN_ACK && receiver.sent & brokenBit(TYPE.SHUTDOWN)) receiver.sent |= saidBit(TYPE.SHUTDOWN);
    const receiverSelf = saidAsSelf(receiver.sent);
    this.#receiverNext = run.step(1 - role, receiver.state, event, true, receiverSelf, saidAtAll(sender.sent), judged);
    if (brokenRule === undefined) return LEGAL;
    // Where the beginning was not seen nobody knows what is too early or too late.
    const reported = judged || brokenRule === wrongRole.id;
    return reported && brokenRule !== reordered.id ? BROKEN_STEP : OUT_OF_ORDER;
  }

  /** An old control message in a state where it could not be sent again. (Apart, so that no step pays for the closure.) */
  #reportReordered(): void {
    this.#host.judge.enter(reordered, BROKEN, this.#subject, () => reorderedControl(this.#exchange));
  }

  // What is remembered of it

  #update(type: number): void {
    const exchange = this.#exchange;
    const { sender, receiver, senderDetail, message } = exchange;
    sender.sent |= saidBit(type);
    if (receiver.waiting | receiver.closing) this.#waits.answered(exchange.slot, exchange.side, type);
    switch (type) {
      case TYPE.DATA:
        this.#terms.takeTag();
        this.#updateCounters();
        break;
      case TYPE.INIT:
        this.#terms.takeInit();
        if (exchange.older) this.#notePace();
        else this.#waits.began(exchange.slot, exchange.side, type, message);
        break;
      case TYPE.COOKIE:
        this.#terms.takeCookie();
        break;
      case TYPE.COOKIE_ECHO:
        this.#terms.takeEcho();
        break;
      case TYPE.SHUTDOWN:
        this.#terms.takeTag();
        this.#table.addShutdown(senderDetail, exchange.acknowledged);
        takeCredit(exchange);
        this.#waits.began(exchange.slot, exchange.side, type, message);
        senderDetail.endFrame = message.frame;
        break;
      case TYPE.SHUTDOWN_ACK:
        this.#terms.takeTag();
        this.#waits.began(exchange.slot, exchange.side, type, message);
        break;
      case TYPE.COOKIE_ACK:
        this.#terms.accept();
        this.#terms.takeTag();
        break;
      default:
        if (type === TYPE.SHUTDOWN_COMPLETE) this.#terms.takeTag();
        senderDetail.endFrame = message.frame;
        this.#waits.clear(exchange.slot);
        this.#terms.releaseTag(exchange.detail);
    }
  }

  /** An INIT comes again, before the echo that would have ended it: so soon its sender repeats itself. */
  #notePace(): void {
    const { senderDetail, slot, side, now } = this.#exchange;
    if (!this.#hasSaid(TYPE.COOKIE_ECHO)) senderDetail.pace ||= this.#waits.since(slot, side, now);
  }

  /**
   * A message that broke a rule leaves nothing waiting and stores nothing, but it was sent: its peer may have taken it,
   * and then says so. A bad cookie is known all the same, since its echo may be a true copy.
   */
  #noteBroken(type: number): void {
    if (type === TYPE.UNKNOWN) return;
    const { message, sender, receiver, slot, side, flow, tag, flags, fromConnector } = this.#exchange;
    if (message.length < 4) return;
    sender.sent |= brokenBit(type);
    if (receiver.waiting | receiver.closing) this.#waits.answered(slot, side, type);
    if (!isHandshake(type) && message.captured >= 4 && flags & FLAG.INIT_TAG_KNOWN && !this.#isTagOfConnection(tag)) {
      this.#sessions.noteStray(flow, side, tag);
    }
    const whole = message.captured === LAYOUTS[type].fixedLength && message.length === message.captured;
    switch (type) {
      case TYPE.DATA:
        claim(this.#exchange);
        break;
      case TYPE.INIT:
        if (whole && fromConnector && formOfInit(message) === 'good') this.#terms.takeInit();
        break;
      case TYPE.COOKIE:
        if (whole && !fromConnector) this.#terms.takeCookie();
        break;
      case TYPE.COOKIE_ECHO:
        if (whole && fromConnector) this.#terms.takeBadEcho();
        break;
      case TYPE.COOKIE_ACK:
        this.#terms.takeStrangeAck();
        break;
      case TYPE.SHUTDOWN:
        if (whole) takeAcknowledgement(this.#exchange);
        break;
      case TYPE.SHUTDOWN_COMPLETE:
        this.#waits.givenUp(slot, side);
        break;
    }
  }

  /** A listener that keeps no state refuses an echo with the tag that it names: no connection ends by that. */
  #refusesBadEcho(): boolean {
    const { fromConnector, receiverDetail, tag, message, slot, side } = this.#exchange;
    if (fromConnector || !this.#exchange.has(FLAG.BAD_ECHO) || message.captured < 4) return false;
    const isRefusal = tag === receiverDetail.strangeTag && !this.#isTagOfConnection(tag);
    if (isRefusal) this.#waits.answered(slot, side, TYPE.ABORT);
    return isRefusal;
  }

  #isTagOfConnection(tag: number): boolean {
    const { initTag, listenerTag, flags } = this.#exchange.connection;
    return tag === initTag || ((flags & FLAG.LISTENER_TAG_KNOWN) !== 0 && tag === listenerTag);
  }

  #updateCounters(): void {
    const { connection, fromConnector, orderKnown, slot } = this.#exchange;
    if (!fromConnector && this.#exchange.has(FLAG.BAD_ECHO)) this.#terms.accept();
    if (orderKnown) {
      takeCounters(this.#exchange, this.#subject.partial);
      return;
    }
    // Its counters cannot be read: what was sent and acknowledged is no longer known on this connection.
    connection.flags |= FLAG.PARTIAL;
    this.#host.connections.markInconclusive(slot, 'ambiguous');
  }

  #reportMidstream(type: number, message: Message): void {
    if (this.#exchange.has(FLAG.MAY_BE_OLD)) return;
    this.#host.connections.markInconclusive(this.#exchange.slot, 'midstream');
    if (type === TYPE.UNKNOWN || type === TYPE.INIT || message.length < 4) return;
    this.#host.judge.enter(unknownConnection, BROKEN, this.#subject, () => ({
      message: `the capture begins in the middle: ${this.#exchange.messageName} is the first message on this pair`,
      expected: 'INIT',
      actual: this.#exchange.messageName,
    }));
  }

  /** The snap length cut what the rules need: from here on the history of the connection is not whole. */
  #noteCut(type: number): void {
    const { connection, sender, slot, side } = this.#exchange;
    connection.flags |= FLAG.PARTIAL;
    if (type !== TYPE.UNKNOWN) sender.sent |= saidBit(type);
    this.#host.connections.markInconclusive(slot, 'cut');
    this.#waits.answered(slot, side, type);
  }

  #closeConnection(slot: number, now: number, isLast = false): void {
    this.#waits.end(slot, now);
    this.#table.seekDetail(this.#otherDetail, slot);
    // At the end of the capture nobody asks for it any more, and it would be looked for in large tables for nothing.
    if (!isLast) this.#terms.release(this.#otherDetail);
    this.#host.connections.close(slot, this.state(slot));
  }

  #peek(slot: number): Connection {
    this.#table.seek(this.#other, slot);
    return this.#other;
  }
}
