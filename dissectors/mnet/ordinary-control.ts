/**
 * The short way of an ordinary message that is no DATA: the first of its type from its side, in a connection that began in sight
 * and about which nothing is out of the ordinary, where its sender's state allows it. It does exactly what the whole way does
 * (tracker.ts) from where the connection is found, or nothing. What such a message says is taken over by the same hands.
 *
 * Each type has a function of its own, and these are called through a table. Where many connections begin together, one type
 * comes after the other, and the compiler would have to begin again with all that the whole way is for each of them.
 */
import { type MachineRun, type Message, readUint, type TrackerHost } from '../../src/sdk.ts';
import { settleFromExpiration } from './byte-order.ts';
import { readAcknowledgement, takeCredit } from './counters.ts';
import { type Exchange, REMARK } from './exchange.ts';
import { COOKIE, COOKIE_ECHO, INIT, LAYOUTS, SHUTDOWN, TYPE } from './layouts.ts';
import { DOUBTFUL, type WayParts } from './ordinary.ts';
import { VERSION } from './rules/init.ts';
import { formOfInit, type Sessions } from './sessions.ts';
import { ANY_BROKEN, type ConnectionTable, FLAG, saidBit } from './state.ts';
import type { Terms } from './terms.ts';
import type { Waits } from './waits.ts';

/** Flags of a connection of which an ordinary one has none. */
const UNUSUAL =
  FLAG.PARTIAL |
  FLAG.LISTENER_TAG_VARIES |
  FLAG.INIT_OTHER_VERSION |
  FLAG.BAD_ECHO |
  FLAG.COOKIES_FORGOTTEN |
  FLAG.ROLES_ASSUMED |
  FLAG.ECHO_OF_UNSEEN |
  FLAG.ECHO_EXPIRED_ONLY |
  FLAG.CLOCKS_DIFFER |
  FLAG.BLANK |
  FLAG.MAY_BE_OLD |
  FLAG.ECHO_OF_ANOTHER |
  FLAG.ECHO_OF_ANOTHER_INIT |
  FLAG.ECHO_REPEATED;

export class OrdinaryControl {
  readonly #host: TrackerHost<Exchange>;
  readonly #run: MachineRun;
  readonly #exchange: Exchange;
  readonly #table: ConnectionTable;
  readonly #sessions: Sessions;
  readonly #terms: Terms;
  readonly #waits: Waits;
  /** An HMAC is to be verified: that takes its time in any case. */
  readonly #verifies: boolean;
  /** By type. */
  readonly #ways: readonly (((message: Message) => boolean) | undefined)[];

  constructor({ host, exchange, table, sessions, terms }: WayParts, waits: Waits) {
    this.#host = host;
    this.#run = host.machineRun;
    this.#exchange = exchange;
    this.#table = table;
    this.#sessions = sessions;
    this.#terms = terms;
    this.#waits = waits;
    this.#verifies = host.dialect.choice('cookieMac') !== 'off';
    const ways: (((message: Message) => boolean) | undefined)[] = LAYOUTS.map(() => undefined);
    ways[TYPE.INIT] = message => this.#takesInit(message);
    ways[TYPE.COOKIE] = message => this.#takesCookie(message);
    ways[TYPE.COOKIE_ECHO] = message => this.#takesEcho(message);
    ways[TYPE.COOKIE_ACK] = () => this.#takesAcceptance();
    ways[TYPE.SHUTDOWN] = message => this.#takesShutdown(message);
    ways[TYPE.SHUTDOWN_ACK] = message => this.#takesShutdownAck(message);
    ways[TYPE.SHUTDOWN_COMPLETE] = message => this.#takesEnd(message);
    this.#ways = ways;
  }

  /**
   * Judges the message in the exchange and takes in what it says, if it is an ordinary one of its type.
   * @returns false where nothing was done
   */
  takes(type: number, message: Message): boolean {
    const way = this.#ways[type];
    if (way === undefined) return false;
    const { flags, senderFlags, receiverFlags, sender, receiver } = this.#exchange;
    const { fixedLength } = LAYOUTS[type];
    if (message.length !== fixedLength || message.captured !== fixedLength) return false;
    if ((flags & UNUSUAL) !== 0 || ((senderFlags | receiverFlags) & DOUBTFUL) !== 0) return false;
    if (((sender.sent | receiver.sent) & ANY_BROKEN) !== 0 || (sender.sent & saidBit(type)) !== 0) return false;
    // What is held wants to see all of a message.
    if (this.#sessions.stray || this.#host.judge.isHolding || !this.#isLegal(type)) return false;
    message.littleEndian = (flags & FLAG.LITTLE_ENDIAN) !== 0;
    return way(message);
  }

  #takesInit(message: Message): boolean {
    const exchange = this.#exchange;
    const { opening, liveTags, flow, side, slot } = exchange;
    if (!opening || !exchange.fromConnector || formOfInit(message) !== 'good') return false;
    exchange.initTag = message.uint(INIT.fields.tag);
    if (liveTags.holder(flow, 1 - side, exchange.initTag) >= 0 || !this.#passes(TYPE.INIT, 0)) return false;
    this.#move(TYPE.INIT);
    this.#terms.takeInit();
    this.#waits.began(slot, side, TYPE.INIT, message);
    return true;
  }

  #takesCookie(message: Message): boolean {
    const exchange = this.#exchange;
    const { connection, cookies, flow, flags } = exchange;
    const known = FLAG.INIT_TAG_KNOWN | FLAG.INIT_VERSION_1;
    if ((flags & known) !== known || this.#verifies || message.uint(COOKIE.fields.version) !== VERSION) return false;
    if (message.uint(COOKIE.fields.peerTag) !== connection.initTag || cookies.issuedTo(flow, message)) return false;
    if (!this.#isInTime(message) || !this.#passes(TYPE.COOKIE, 0)) return false;
    exchange.initTag = connection.initTag;
    this.#settleOrder(message);
    this.#move(TYPE.COOKIE);
    this.#terms.takeCookie();
    return true;
  }

  #takesEcho(message: Message): boolean {
    const exchange = this.#exchange;
    const { cookies, flow } = exchange;
    if (message.uint(COOKIE_ECHO.fields.version) !== VERSION || !cookies.issuedTo(flow, message)) return false;
    // It may be a copy of an echo in the connection before, which has the same flow.
    if (cookies.wasEchoed(flow, message)) return false;
    if (!this.#isInTime(message) || !this.#passes(TYPE.COOKIE_ECHO, 0)) return false;
    exchange.echoOrigin = 'own';
    exchange.initTag = message.uint(COOKIE_ECHO.fields.peerTag);
    this.#settleOrder(message);
    this.#move(TYPE.COOKIE_ECHO);
    this.#terms.takeEcho();
    return true;
  }

  #takesAcceptance(): boolean {
    const { flags, fromConnector } = this.#exchange;
    if (fromConnector || (flags & FLAG.GOOD_ECHO) === 0 || !this.#terms.allowsQuietly()) return false;
    if (!this.#passes(TYPE.COOKIE_ACK, REMARK.ACCEPTS)) return false;
    this.#move(TYPE.COOKIE_ACK);
    this.#terms.accept();
    this.#terms.takeNewTag();
    return true;
  }

  #takesShutdown(message: Message): boolean {
    const exchange = this.#exchange;
    const { senderDetail, slot, side } = exchange;
    if (!exchange.orderKnown || !this.#terms.allowsQuietly()) return false;
    exchange.acknowledged = message.uint(SHUTDOWN.fields.acknowledged);
    readAcknowledgement(exchange);
    if (exchange.unsentAcknowledged > 0 || !this.#passes(TYPE.SHUTDOWN, 0)) return false;
    this.#move(TYPE.SHUTDOWN);
    this.#terms.takeNewTag();
    this.#table.addShutdown(senderDetail, exchange.acknowledged);
    takeCredit(exchange);
    this.#waits.began(slot, side, TYPE.SHUTDOWN, message);
    senderDetail.endFrame = message.frame;
    return true;
  }

  #takesShutdownAck(message: Message): boolean {
    const { slot, side } = this.#exchange;
    if (!this.#terms.allowsQuietly() || !this.#passes(TYPE.SHUTDOWN_ACK, 0)) return false;
    this.#move(TYPE.SHUTDOWN_ACK);
    this.#terms.takeNewTag();
    this.#waits.began(slot, side, TYPE.SHUTDOWN_ACK, message);
    return true;
  }

  #takesEnd(message: Message): boolean {
    const { slot, senderDetail, detail } = this.#exchange;
    if (!this.#terms.allowsQuietly() || !this.#passes(TYPE.SHUTDOWN_COMPLETE, 0)) return false;
    this.#move(TYPE.SHUTDOWN_COMPLETE);
    this.#terms.takeNewTag();
    senderDetail.endFrame = message.frame;
    this.#waits.clear(slot);
    this.#terms.releaseTag(detail);
    return true;
  }

  /** May its sender say it in its state? */
  #isLegal(type: number): boolean {
    const { sender, receiver, fromConnector } = this.#exchange;
    return this.#run.peek(fromConnector ? 0 : 1, sender.state, type, sender.sent, receiver.sent) === undefined;
  }

  /** Counts it as judged, if no rule need be asked. From here on it is taken in. */
  #passes(type: number, remarks: number): boolean {
    if (!this.#host.judge.passesUnasked(type, this.#exchange, 0, remarks)) return false;
    this.#exchange.older = false;
    return true;
  }

  /** Is the byte order of a COOKIE or COOKIE-ECHO known, or shown by it, and its Expiration not over? */
  #isInTime(message: Message): boolean {
    const { orderKnown, flags, now, clockSkew } = this.#exchange;
    const littleEndian = orderKnown ? (flags & FLAG.LITTLE_ENDIAN) !== 0 : settleFromExpiration(message, now);
    if (littleEndian === undefined) return false;
    const at = message.start + COOKIE.fields.expiration.offset;
    return readUint(message.bytes, at, 4, littleEndian) >= now - clockSkew;
  }

  #settleOrder(message: Message): void {
    const exchange = this.#exchange;
    if (exchange.orderKnown) return;
    this.#terms.settleOrder(settleFromExpiration(message, exchange.now));
    message.littleEndian = exchange.has(FLAG.LITTLE_ENDIAN);
  }

  /** Has both sides take their step, and what the message answers wait no longer. */
  #move(type: number): void {
    const { sender, receiver, fromConnector, slot, side } = this.#exchange;
    const run = this.#run;
    const role = fromConnector ? 0 : 1;
    const { sent } = sender;
    const peer = receiver.sent;
    sender.state = run.step(role, sender.state, type, false, sent, peer, true);
    receiver.state = run.step(1 - role, receiver.state, type, true, peer, sent, true);
    sender.sent = sent | saidBit(type);
    if (receiver.waiting | receiver.closing) this.#waits.answered(slot, side, type);
  }
}
