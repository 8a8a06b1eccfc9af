/**
 * Which connection a datagram belongs to. A session is an address pair and holds up to two connections: the one in force
 * and the one before it, because late datagrams of a finished connection arrive after the next one has begun. The tags
 * tell them apart. What has yet to be opened is described here, and opened by the tracker.
 */
import { type FlowSlots, type Layout, type Message, Records, readUint, recordView } from '../../src/sdk.ts';
import type { CookieLog } from './cookies.ts';
import { COOKIE, COOKIE_ACK, COOKIE_ECHO, INIT, LAYOUTS, TYPE } from './layouts.ts';
import { MAGIC, VERSION } from './rules/init.ts';
import {
  type Connection,
  type ConnectionDetail,
  type ConnectionTable,
  FLAG,
  SIDE_FLAG,
  type Side,
  type SideDetail,
} from './state.ts';
import { FINAL_STATE } from './states.ts';
import { hasEchoed } from './terms.ts';

const SessionView = recordView([
  /** Connection before the one in force: slot + 1. */
  'previous',
  /**
   * An INIT that opens nothing by itself: it breaks a rule of form, may be an old one, or is out of place. It is set
   * aside until the peers show that they accept it: tag + 1, and bits of `PENDING`.
   */
  'pending',
  /** The last tag of a message that belonged to no connection: tag + 1, and `FROM_SECOND`. */
  'stray',
]);

const TAG = (1 << 25) - 1;
/** It came from end 1 of the flow. */
const FROM_SECOND = 1 << 25;
/** A COOKIE has answered it; it is malformed, and so no old one; its version is not 1; it is too short to tell its tag. */
const PENDING = { ANSWERED: 1 << 26, BAD: 1 << 27, OTHER_VERSION: 1 << 28, TAG_UNKNOWN: 1 << 29 } as const;

/** An INIT that the peers accept after all. */
export interface TakenInit {
  readonly tag: number;
  readonly versionIsOther: boolean;
  /** The COOKIE at hand is its first answer. */
  readonly cookieIsFirst: boolean;
}

/** What the message at hand opens. */
export interface Opening {
  /** A connection of which only an INIT that opens nothing was seen; -1 for a new one. */
  readonly slot: number;
  readonly connectorSide: number;
  /** The beginning of the connection is in hand, or that of an older one of which that is not known. */
  readonly complete: boolean;
  /** An INIT that was set aside, or not seen, has opened it, and not the message at hand. */
  readonly taken?: TakenInit;
}

/** Slot of a message's connection, or what the message opens. */
export type Route = number | Opening;

export class Sessions {
  readonly #table: ConnectionTable;
  readonly #cookies: CookieLog;
  readonly #connection: Connection;
  readonly #detail: ConnectionDetail;
  readonly #side: Side;
  readonly #sideDetail: SideDetail;
  readonly #records = new Records(SessionView.width);
  readonly #session = new SessionView(this.#records);
  readonly #current: FlowSlots;

  constructor(table: ConnectionTable, cookies: CookieLog, current: FlowSlots) {
    this.#current = current;
    this.#table = table;
    this.#cookies = cookies;
    this.#connection = table.connection();
    this.#detail = table.connectionDetail();
    this.#side = table.side();
    this.#sideDetail = table.sideDetail();
  }

  /** The message last routed belongs to no connection: it answers something that belonged to none. */
  stray = false;

  route(flow: number, side: number, type: number, message: Message): Route {
    this.stray = false;
    const current = this.#current.slotOf(flow);
    if (current < 0) return this.#routeFirst(flow, side, type, message);
    if (isHandshake(type)) return this.#routeHandshake(flow, side, type, message, current);
    // Nearly every message: apart from the rest, which would not be inlined with it.
    const isOwn = message.captured >= COOKIE_ACK.fixedLength && this.#ownsTag(current, message);
    if (isOwn && !(this.#connection.flags & FLAG.BLANK)) return current;
    return this.#routeOther(flow, side, type, message, current, isOwn);
  }

  #routeFirst(flow: number, side: number, type: number, message: Message): Opening {
    this.#records.reset(flow);
    const form = type === TYPE.INIT ? formOfInit(message) : 'bad';
    if (form !== 'good' && type === TYPE.INIT) this.#setAside(flow, side, message);
    return { slot: -1, connectorSide: connectorOf(type, side), complete: form === 'good' };
  }

  /** A message after the handshake that is not simply the current connection's. */
  #routeOther(flow: number, side: number, type: number, message: Message, current: number, isOwn: boolean): Route {
    if (isOwn || message.captured < COOKIE_ACK.fixedLength) return this.#unfolded(current, type, side, message);
    const previous = this.#at(flow).previous - 1;
    const tag = tagOf(message);
    if (previous >= 0 && !this.#isNamedIn(current, tag)) {
      if (this.#mayOwnTag(previous, side, type, message) || this.#isNamedIn(previous, tag)) return previous;
    }
    if (type === TYPE.ABORT && this.#wasSent(flow, 1 - side, tag)) {
      this.stray = true;
      return current;
    }
    return this.#unfolded(current, type, side, message);
  }

  /** A message of the current connection, or of one that was not seen, had a tag of neither. */
  noteStray(flow: number, side: number, tag: number): void {
    this.#at(flow).stray = (tag + 1) | (side === 1 ? FROM_SECOND : 0);
  }

  /** Who holds no connection for a datagram refuses it with the very tag that it carried. */
  #wasSent(flow: number, side: number, tag: number): boolean {
    const { pending, stray } = this.#at(flow);
    const sent = (tag + 1) | (side === 1 ? FROM_SECOND : 0);
    return (pending & (TAG | FROM_SECOND)) === sent || stray === sent;
  }

  #routeHandshake(flow: number, side: number, type: number, message: Message, current: number): Route {
    const previous = this.#at(flow).previous - 1;
    if (type === TYPE.INIT) {
      if (formOfInit(message) !== 'good') return this.#routeBadInit(flow, side, message, current, previous);
      if (this.#isBlank(current)) return this.#opening(flow, { slot: current, connectorSide: side, complete: true });
      return this.#routeInit(flow, side, message, current, previous);
    }
    if (type === TYPE.COOKIE) {
      return isWhole(message, COOKIE) ? this.#routeCookie(flow, side, message, current, previous) : current;
    }
    return isWhole(message, COOKIE_ECHO) ? this.#routeEcho(flow, side, message, current, previous) : current;
  }

  /** Slot of the connection in force, or -1. */
  current(flow: number): number {
    return this.#current.slotOf(flow);
  }

  /** Puts a new connection in force; returns the slot of the one that is displaced for good, or -1. */
  advance(flow: number, slot: number): number {
    const session = this.#at(flow);
    const displaced = session.previous - 1;
    session.previous = this.#current.slotOf(flow) + 1;
    this.#current.set(flow, slot);
    return displaced;
  }

  /** The flow is given up; returns the slots of its connections. */
  end(flow: number): number[] {
    const current = this.#current.slotOf(flow);
    if (current < 0) return [];
    this.#current.clear(flow);
    const previous = this.#at(flow).previous - 1;
    return previous < 0 ? [current] : [previous, current];
  }

  #routeInit(flow: number, side: number, message: Message, current: number, previous: number): Route {
    const tag = message.uint(INIT.fields.tag);
    const connection = this.#peek(current);
    const fromListener = connection.connectorSide !== side;
    if (connection.flags & FLAG.INIT_TAG_KNOWN && connection.initTag === tag) {
      if (!fromListener && this.#isOver(current)) this.#setAside(flow, side, message);
      return current;
    }
    const rolesAssumed = (connection.flags & FLAG.ROLES_ASSUMED) !== 0;
    if (previous >= 0 && this.#isInitTag(previous, tag) && this.#peek(previous).connectorSide === side) return previous;
    let opens = true;
    for (const slot of [current, previous]) {
      if (slot < 0 || this.#peek(slot).flags & FLAG.INIT_TAG_KNOWN) continue;
      if (this.#isSpokenIn(slot, tag)) return slot;
      if (this.#isHeardInPart(slot)) opens = false;
    }
    if (fromListener && !rolesAssumed && !this.#isOver(current)) {
      this.#setAside(flow, side, message);
      return current;
    }
    return this.#opening(flow, { slot: -1, connectorSide: side, complete: opens });
  }

  /** An INIT that breaks a rule of form: of the connection whose tag it carries, else of none that anybody knows yet. */
  #routeBadInit(flow: number, side: number, message: Message, current: number, previous: number): number {
    if (message.captured >= INIT.fixedLength) {
      const tag = message.uint(INIT.fields.tag);
      for (const slot of [current, previous]) {
        if (slot < 0) continue;
        if (this.#isInitTag(slot, tag) || (this.#isUnseen(slot) && this.#isSpokenIn(slot, tag))) return slot;
      }
    }
    this.#setAside(flow, side, message);
    return current;
  }

  #routeCookie(flow: number, side: number, message: Message, current: number, previous: number): Route {
    const session = this.#at(flow);
    const peerTag = message.uint(COOKIE.fields.peerTag);
    const { pending } = session;
    const isLate = this.#isCookieOf(previous, current, flow, message, peerTag);
    const slot = isLate || this.#isOfPrevious(current, previous, peerTag) ? previous : current;
    const isAnswer = pending & PENDING.TAG_UNKNOWN || (pending & TAG) === peerTag + 1;
    const isOwn = pending & PENDING.BAD && this.#mayAnswerAnother(slot, message, peerTag);
    if (pending && isAnswer && !isOwn && sideOf(pending) !== side) {
      const turned = this.#peek(current).connectorSide === side && !this.#isBlank(current);
      if (turned || pending & PENDING.BAD) return this.#take(flow, current, peerTag);
      session.pending |= PENDING.ANSWERED;
    }
    if (previous >= 0) this.#noteOldInit(current, previous, tagOf(message));
    return this.#unfolded(slot, TYPE.COOKIE, side, message);
  }

  /** A COOKIE names a tag with which the connection before speaks, which began unseen: the INIT that was seen is its own, late. */
  #noteOldInit(current: number, previous: number, tag: number): void {
    const isOld =
      this.#peek(current).flags & FLAG.MAY_BE_OLD && this.#isUnseen(previous) && this.#isSpokenIn(previous, tag);
    if (isOld) this.#peek(current).flags &= ~FLAG.MAY_BE_OLD;
  }

  #routeEcho(flow: number, side: number, message: Message, current: number, previous: number): Route {
    const { pending } = this.#at(flow);
    const peerTag = message.uint(COOKIE_ECHO.fields.peerTag);
    // An INIT with the tag of a finished connection was an old one, unless its sender goes on from it with a new echo.
    const answered = (pending & TAG) === peerTag + 1 && sideOf(pending) === side && pending & PENDING.ANSWERED;
    if (answered && !this.#hasEchoed(flow, current, side, message)) return this.#take(flow, current, peerTag);
    const isLate = this.#isEchoOf(previous, current, flow, side, message, peerTag);
    if (isLate || this.#isOfPrevious(current, previous, peerTag))
      return this.#unfolded(previous, TYPE.COOKIE_ECHO, side, message);
    // After one handshake, or an end, another cookie is echoed: the INIT that it answers was not seen, but there was one.
    const { flags } = this.#peek(current);
    const hasPassed = flags & FLAG.GOOD_ECHO || this.#isOver(current);
    const isAnother = flags & FLAG.INIT_TAG_KNOWN && hasPassed && !this.#isInitTag(current, peerTag);
    const isNew = isAnother && this.#cookies.issuedTo(flow, message) && !this.#hasEchoed(flow, current, side, message);
    if (!isNew) return this.#unfolded(current, TYPE.COOKIE_ECHO, side, message);
    const taken = { tag: peerTag, versionIsOther: false, cookieIsFirst: false };
    return this.#opening(flow, { slot: -1, connectorSide: side, complete: true, taken });
  }

  #hasEchoed(flow: number, slot: number, side: number, message: Message): boolean {
    this.#table.seekSideDetail(this.#sideDetail, slot, side);
    return hasEchoed(this.#cookies, this.#sideDetail, flow, message);
  }

  /** Does a cookie name the INIT of the connection before? One that began unseen may have had any INIT. */
  #isOfPrevious(current: number, previous: number, peerTag: number): boolean {
    if (previous < 0 || !(this.#peek(current).flags & FLAG.INIT_TAG_KNOWN) || this.#isInitTag(current, peerTag))
      return false;
    const { flags } = this.#peek(previous);
    return (flags & FLAG.PARTIAL && !(flags & FLAG.INIT_TAG_KNOWN)) || this.#isInitTag(previous, peerTag);
  }

  /** A cookie that does not name the INIT of the connection in force, and was issued in the one before: it may be a late copy. */
  #isCookieOf(previous: number, current: number, flow: number, message: Message, peerTag: number): boolean {
    if (previous < 0 || this.#isInitTag(current, peerTag)) return false;
    this.#table.seekDetail(this.#detail, previous);
    return this.#cookies.isOf(this.#detail, flow, message);
  }

  /** The same of an echo, of a cookie that was issued or of none. */
  #isEchoOf(previous: number, current: number, flow: number, side: number, message: Message, peerTag: number): boolean {
    if (previous < 0 || this.#isInitTag(current, peerTag)) return false;
    if (!this.#hasEchoed(flow, previous, side, message)) return false;
    return !this.#cookies.issuedTo(flow, message) || this.#isCookieOf(previous, current, flow, message, peerTag);
  }

  /**
   * Has anybody named this tag in a connection whose tag it need not be: its listener in a cookie, which may be the one that was
   * echoed until a whole echo is seen; an end that speaks with it, since it goes on from an echo that was refused; or that echo?
   */
  #isNamedIn(slot: number, tag: number): boolean {
    this.#table.seekDetail(this.#detail, slot);
    if (this.#cookies.hasTag(this.#detail, tag) || this.#isSpokenIn(slot, tag)) return true;
    return tag !== 0 && (this.#isStrangeIn(slot, 0, tag) || this.#isStrangeIn(slot, 1, tag));
  }

  #isStrangeIn(slot: number, end: number, tag: number): boolean {
    this.#table.seekSideDetail(this.#sideDetail, slot, end);
    return this.#sideDetail.strangeTag === tag;
  }

  /**
   * May a COOKIE behind an INIT that breaks a rule answer the INIT of a connection that began unseen? It names a tag of that one, or
   * none of an end of it is known.
   */
  #mayAnswerAnother(slot: number, message: Message, peerTag: number): boolean {
    if (this.#isInitTag(slot, peerTag)) return true;
    if (!this.#isUnseen(slot)) return false;
    return this.#isSpokenIn(slot, tagOf(message)) || this.#isSpokenIn(slot, peerTag) || this.#isHeardInPart(slot);
  }

  #isInitTag(slot: number, tag: number): boolean {
    const { flags, initTag } = this.#peek(slot);
    return (flags & FLAG.INIT_TAG_KNOWN) !== 0 && initTag === tag;
  }

  #setAside(flow: number, side: number, message: Message): void {
    const form = formOfInit(message);
    const tag = message.captured < INIT.fixedLength ? PENDING.TAG_UNKNOWN : message.uint(INIT.fields.tag) + 1;
    const bad = form === 'good' ? 0 : PENDING.BAD;
    const version = form === 'version' ? PENDING.OTHER_VERSION : 0;
    this.#at(flow).pending = tag | (side === 1 ? FROM_SECOND : 0) | bad | version;
  }

  /** The peers accept the INIT that was set aside: it has opened a connection after all. */
  #take(flow: number, current: number, tag: number): Opening {
    const { pending } = this.#at(flow);
    const taken = {
      tag,
      versionIsOther: (pending & PENDING.OTHER_VERSION) !== 0,
      cookieIsFirst: (pending & PENDING.BAD) !== 0,
    };
    const slot = this.#isBlank(current) ? current : -1;
    return this.#opening(flow, { slot, connectorSide: sideOf(pending), complete: true, taken });
  }

  /** Where a connection is opened, no INIT waits any longer to be accepted. */
  #opening(flow: number, opening: Opening): Opening {
    this.#at(flow).pending = 0;
    return opening;
  }

  /** Whatever else comes where only an INIT that opens nothing was seen is met in the middle. */
  #unfolded(slot: number, type: number, side: number, message: Message): Route {
    if (!this.#isBlank(slot) || !isWellFormed(type, message)) return slot;
    return { slot, connectorSide: connectorOf(type, side), complete: false };
  }

  #isBlank(slot: number): boolean {
    return (this.#peek(slot).flags & FLAG.BLANK) !== 0;
  }

  #isOver(slot: number): boolean {
    const side = this.#side;
    this.#table.seekSide(side, slot, 0);
    const first = side.state;
    this.#table.seekSide(side, slot, 1);
    return Math.max(first, side.state) >= FINAL_STATE;
  }

  /** Is the tag of a message after the handshake one of the connection's? */
  #ownsTag(slot: number, message: Message): boolean {
    const tag = tagOf(message);
    const connection = this.#peek(slot);
    if (connection.flags & FLAG.INIT_TAG_KNOWN && connection.initTag === tag) return true;
    return (connection.flags & FLAG.LISTENER_TAG_KNOWN) !== 0 && connection.listenerTag === tag;
  }

  /** The same; or it may be, because not all of the connection was seen, and this end was not heard with another one. */
  #mayOwnTag(slot: number, side: number, type: number, message: Message): boolean {
    if (this.#ownsTag(slot, message)) return true;
    if (!(this.#peek(slot).flags & FLAG.PARTIAL)) return false;
    const tag = tagOf(message);
    // Who holds no connection any more refuses with the tag that it was sent.
    if (type === TYPE.ABORT && this.#maySpeakWith(slot, 1 - side, tag)) return true;
    return this.#maySpeakWith(slot, side, tag);
  }

  /** Was an end of a connection heard after the handshake? */
  #hasSpoken(slot: number, end: number): boolean {
    this.#table.seekSide(this.#side, slot, end);
    return (this.#side.flags & SIDE_FLAG.TAG_KNOWN) !== 0;
  }

  #speaksWith(slot: number, end: number, tag: number): boolean {
    return this.#hasSpoken(slot, end) && this.#side.tag === tag;
  }

  #maySpeakWith(slot: number, end: number, tag: number): boolean {
    return !this.#hasSpoken(slot, end) || this.#side.tag === tag;
  }

  #isSpokenIn(slot: number, tag: number): boolean {
    return this.#speaksWith(slot, 0, tag) || this.#speaksWith(slot, 1, tag);
  }

  /** The beginning of a connection was not seen, nor has anything named its INIT since. */
  #isUnseen(slot: number): boolean {
    return (this.#peek(slot).flags & (FLAG.PARTIAL | FLAG.INIT_TAG_KNOWN | FLAG.BLANK)) === FLAG.PARTIAL;
  }

  /** Not both ends of a connection were heard with a tag of theirs: an INIT with any tag may be its own, late. */
  #isHeardInPart(slot: number): boolean {
    if (this.#hasSpoken(slot, 0) && this.#hasSpoken(slot, 1)) return false;
    this.#table.seekSide(this.#side, slot, 0);
    const { sent } = this.#side;
    this.#table.seekSide(this.#side, slot, 1);
    return (sent | this.#side.sent) !== 0;
  }

  #peek(slot: number): Connection {
    this.#table.seek(this.#connection, slot);
    return this.#connection;
  }

  #at(flow: number): InstanceType<typeof SessionView> {
    this.#session.base = flow * SessionView.width;
    return this.#session;
  }
}

export function isHandshake(type: number): boolean {
  return type >= TYPE.INIT && type <= TYPE.COOKIE_ECHO;
}

/** Which end is the connector, by the first message; where that does not show it, the end that spoke first. */
export function connectorOf(type: number, side: number): number {
  return type === TYPE.COOKIE || type === TYPE.COOKIE_ACK ? 1 - side : side;
}

/** At its usual place; read by hand, as it is for nearly every message. */
function tagOf({ bytes, start }: Message): number {
  return (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
}

/** Which end a tag that is kept with its bits came from. */
const sideOf = (kept: number) => (kept & FROM_SECOND ? 1 : 0);

export type InitForm = 'good' | 'version' | 'bad';

/** Does an INIT open a connection, as far as its own bytes go? */
export function formOfInit(message: Message): InitForm {
  if (!isWhole(message, INIT) || readUint(message.bytes, message.start + INIT.fields.magic.offset, 4, false) !== MAGIC)
    return 'bad';
  return message.byte(INIT.fields.version.offset) === VERSION ? 'good' : 'version';
}

/** Has it the length that its type prescribes? */
function isWellFormed(type: number, message: Message): boolean {
  if (type === TYPE.UNKNOWN) return false;
  const { open, fixedLength } = LAYOUTS[type];
  return open ? message.length >= fixedLength : message.length === fixedLength;
}

/** Has the message its exact length, and were all bytes captured? */
function isWhole(message: Message, layout: Layout): boolean {
  return message.length === layout.fixedLength && message.captured === message.length;
}
