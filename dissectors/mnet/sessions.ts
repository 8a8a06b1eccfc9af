/**
 * Which connection a datagram belongs to. A session is an address pair and holds up to two connections: the one in force
 * and the one before it, because late datagrams of a finished connection arrive after the next one has begun. The tags
 * tell them apart.
 */
import { type Layout, type Message, Records, recordView, withRoomFor } from '../../src/sdk.ts';
import { COOKIE, COOKIE_ACK, COOKIE_ECHO, INIT, TYPE } from './layouts.ts';
import { FINAL_STATE } from './machine.ts';
import { type Connection, type ConnectionTable, FLAG, SIDE_FLAG, type Side } from './state.ts';

const SessionView = recordView([
  /** Connection before the one in force: slot + 1. */
  'previous',
  /**
   * An INIT that may open another connection, but may be an old one or out of place: set aside until the peers show
   * that they go by it. Tag + 1, end of the flow that sent it, and whether a COOKIE has answered it.
   */
  'pendingTag',
  'pendingSide',
  'pendingAnswered',
]);

/** Begins connections for the sessions, and knows what was said on them. */
export interface Opener {
  /** @param complete the beginning of the connection is in hand */
  open(flow: number, connectorSide: number, complete: boolean): number;
  /** From an INIT that was set aside. */
  openPending(flow: number, connectorSide: number, tag: number): number;
  /** Has an end of a connection sent this very control message before? */
  sentBefore(slot: number, side: number, message: Message): boolean;
}

export class Sessions {
  readonly #table: ConnectionTable;
  readonly #opener: Opener;
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #records = new Records(SessionView.width);
  readonly #session = new SessionView(this.#records);
  /** Connection in force of each flow, slot + 1: all that most messages need to know of their session. */
  #current = new Uint32Array(64);

  constructor(table: ConnectionTable, opener: Opener) {
    this.#table = table;
    this.#opener = opener;
    this.#connection = table.connection();
    this.#side = table.side();
  }

  /** Finds or opens the connection of a message; returns its slot. */
  route(flow: number, side: number, type: number, message: Message): number {
    const current = flow < this.#current.length ? this.#current[flow] - 1 : -1;
    if (current < 0) {
      this.#begin(flow);
      return this.#opener.open(flow, connectorOf(type, side), type === TYPE.INIT && isWhole(message, INIT));
    }
    if (!isHandshake(type)) {
      if (message.captured < COOKIE_ACK.fixedLength || this.#ownsTag(current, message)) return current;
      const previous = this.#at(flow).previous - 1;
      return previous >= 0 && this.#mayOwnTag(previous, side, message) ? previous : current;
    }
    const previous = this.#at(flow).previous - 1;
    switch (type) {
      case TYPE.INIT:
        return isWhole(message, INIT) ? this.#routeInit(flow, side, message, current, previous) : current;
      case TYPE.COOKIE:
        return isWhole(message, COOKIE) ? this.#routeCookie(flow, side, message, current, previous) : current;
      default:
        return isWhole(message, COOKIE_ECHO) ? this.#routeEcho(flow, side, message, current, previous) : current;
    }
  }

  /** Puts a new connection in force; returns the slot of the one that is displaced for good, or -1. */
  advance(flow: number, slot: number): number {
    const session = this.#at(flow);
    const displaced = session.previous - 1;
    session.previous = this.#current[flow];
    session.pendingTag = 0;
    this.#current[flow] = slot + 1;
    return displaced;
  }

  /** The flow is given up; returns the slots of its connections. */
  end(flow: number): number[] {
    if (flow >= this.#current.length) return [];
    const slots = [this.#at(flow).previous - 1, this.#current[flow] - 1].filter(slot => slot >= 0);
    this.#current[flow] = 0;
    return slots;
  }

  #routeInit(flow: number, side: number, message: Message, current: number, previous: number): number {
    const tag = message.uint(INIT.fields.tag);
    const connection = this.#peek(current);
    const fromListener = connection.connectorSide !== side;
    if (connection.flags & FLAG.INIT_TAG_KNOWN && connection.initTag === tag) {
      if (!fromListener && this.#isOver(current)) this.#setAside(flow, side, tag);
      return current;
    }
    const rolesAssumed = (connection.flags & FLAG.ROLES_ASSUMED) !== 0;
    const beganUnseen = !(connection.flags & FLAG.INIT_TAG_KNOWN);
    if (beganUnseen && (this.#speaksWith(current, side, tag) || this.#speaksWith(current, 1 - side, tag)))
      return current;
    // Where only the other end was heard of a connection that began unseen, this may be its own INIT, late.
    const opens = !beganUnseen || this.#hasSpoken(current, side) || !this.#hasSpoken(current, 1 - side);
    if (previous >= 0) {
      const before = this.#peek(previous);
      if (before.flags & FLAG.INIT_TAG_KNOWN && before.initTag === tag && before.connectorSide === side)
        return previous;
    }
    if (fromListener && !rolesAssumed && !this.#isOver(current)) {
      this.#setAside(flow, side, tag);
      return current;
    }
    return this.#opener.open(flow, side, opens);
  }

  #routeCookie(flow: number, side: number, message: Message, current: number, previous: number): number {
    const session = this.#at(flow);
    const peerTag = message.uint(COOKIE.fields.peerTag);
    if (session.pendingTag === peerTag + 1 && session.pendingSide !== side) {
      if (this.#peek(current).connectorSide === side) return this.#openPending(flow);
      session.pendingAnswered = 1;
    }
    const connection = this.#peek(current);
    if (!(connection.flags & FLAG.INIT_TAG_KNOWN) || connection.initTag === peerTag || previous < 0) return current;
    return this.#peek(previous).initTag === peerTag ? previous : current;
  }

  #routeEcho(flow: number, side: number, message: Message, current: number, previous: number): number {
    const session = this.#at(flow);
    const peerTag = message.uint(COOKIE_ECHO.fields.peerTag);
    // An INIT with the tag of a finished connection was an old one, unless its sender goes on from it with a new echo.
    const answered = session.pendingTag === peerTag + 1 && session.pendingSide === side && session.pendingAnswered;
    if (answered && !this.#opener.sentBefore(current, side, message)) return this.#openPending(flow);
    if (previous < 0 || this.#peek(current).initTag === peerTag) return current;
    return this.#peek(previous).initTag === peerTag ? previous : current;
  }

  #setAside(flow: number, side: number, tag: number): void {
    const session = this.#at(flow);
    session.pendingTag = tag + 1;
    session.pendingSide = side;
    session.pendingAnswered = 0;
  }

  #openPending(flow: number): number {
    const { pendingTag, pendingSide } = this.#at(flow);
    return this.#opener.openPending(flow, pendingSide, pendingTag - 1);
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
    const tag = message.uint(COOKIE_ACK.fields.tag);
    const connection = this.#peek(slot);
    if (connection.flags & FLAG.INIT_TAG_KNOWN && connection.initTag === tag) return true;
    return (connection.flags & FLAG.LISTENER_TAG_KNOWN) !== 0 && connection.listenerTag === tag;
  }

  /** The same; or it may be, because not all of the connection was seen, and this end was not heard with another one. */
  #mayOwnTag(slot: number, side: number, message: Message): boolean {
    if (this.#ownsTag(slot, message)) return true;
    if (!(this.#peek(slot).flags & FLAG.PARTIAL)) return false;
    return !this.#hasSpoken(slot, side) || this.#speaksWith(slot, side, message.uint(COOKIE_ACK.fields.tag));
  }

  /** Was an end of a connection heard after the handshake? */
  #hasSpoken(slot: number, end: number): boolean {
    this.#table.seekSide(this.#side, slot, end);
    return (this.#side.flags & SIDE_FLAG.TAG_KNOWN) !== 0;
  }

  #speaksWith(slot: number, end: number, tag: number): boolean {
    return this.#hasSpoken(slot, end) && this.#side.tag === tag;
  }

  #peek(slot: number): Connection {
    this.#table.seek(this.#connection, slot);
    return this.#connection;
  }

  #begin(flow: number): void {
    this.#current = withRoomFor(this.#current, flow);
    this.#records.reset(flow);
  }

  #at(flow: number): InstanceType<typeof SessionView> {
    this.#session.base = flow * SessionView.width;
    return this.#session;
  }
}

export function isHandshake(type: number): boolean {
  return type >= TYPE.INIT && type <= TYPE.COOKIE_ECHO;
}

/** Which end is the connector, told from the first message; the one that speaks first where it does not tell. */
export function connectorOf(type: number, side: number): number {
  return type === TYPE.COOKIE || type === TYPE.COOKIE_ACK ? 1 - side : side;
}

/** Has the message its exact length, and were all bytes captured? */
function isWhole(message: Message, layout: Layout): boolean {
  return message.length === layout.fixedLength && message.captured === message.length;
}
