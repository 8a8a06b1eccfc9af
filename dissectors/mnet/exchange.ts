/**
 * One message in its connection: what a rule gets to see. Reused for every message; the tracker fills it before the
 * rules run, and what it shows is the state before the message.
 */
import { ALL_REMARKS, hex, type Message, type StreamMemory, type TrackerHost } from '../../src/sdk.ts';
import type { CookieLog } from './cookies.ts';
import { LAYOUTS, TYPE } from './layouts.ts';
import {
  type Connection,
  type ConnectionDetail,
  type ConnectionTable,
  FLAG,
  SIDE_FLAG,
  type Side,
  type SideDetail,
  saidAtAll,
  saidBit,
} from './state.ts';
import { STATES } from './states.ts';
import type { HostTagLog, LiveTags } from './tags.ts';

/** How far the content of an old DATA can be held against what was sent first: "within the last 64 KiB". */
export const RETRANSMIT_WINDOW = 65_536;

/**
 * What may be remarkable about a DATA, as bits of a mask: rules are asked only where one that they name is set. An
 * ordinary DATA has none of them: it is well-formed, carries the next bytes, and acknowledges no less than before and no
 * more than was sent, under the tag its side had before; or it is bare, and so as old as the last one. Messages of other types are rare and always remarkable.
 */
export const REMARK = {
  /** Its form cannot be seen at a glance. */
  FORM: 1 << 0,
  /** Its side has not sent this tag before, or it was not found right. */
  TAG: 1 << 1,
  /** The byte order is not settled. */
  ORDER: 1 << 2,
  OLDER: 1 << 3,
  /** It does not begin where its side's bytes have ended. */
  GAP: 1 << 4,
  /** It is longer than all that was sent. */
  UNDERFLOW: 1 << 5,
  /** It acknowledges more than was sent. */
  UNSENT: 1 << 6,
  /** It has no data. */
  BARE: 1 << 7,
  /** Its side has acknowledged nothing before. */
  FIRST: 1 << 8,
  /** It acknowledges less than its side has before. */
  LOWER: 1 << 9,
  /** An echo that must not be accepted was seen. */
  BAD_ECHO: 1 << 10,
  /** A control message, and not an ordinary one (ordinary-control.ts). */
  CONTROL: 1 << 11,
  /** It answers an echo that must be accepted, and no other. */
  ACCEPTS: 1 << 12,
} as const;

/** What an echo's content is, seen from the cookies that were issued; `untold` when not all of them are known. */
export type EchoOrigin = 'own' | 'another' | 'altered' | 'unsolicited' | 'untold';

export class Exchange {
  readonly host: TrackerHost<Exchange>;
  readonly table: ConnectionTable;
  readonly cookies: CookieLog;
  readonly liveTags: LiveTags;
  readonly hostTags: HostTagLog;
  readonly streams: StreamMemory;
  readonly clockSkew: number;
  readonly answerTimeout: number;

  message: Message;
  /** Code point of the message, or `TYPE.UNKNOWN`. */
  type: number = TYPE.UNKNOWN;
  flow = 0;
  /** End of the flow that sent it, and slot of its connection. */
  side = 0;
  slot = 0;
  fromConnector = false;
  readonly connection: Connection;
  readonly sender: Side;
  readonly receiver: Side;
  /** What only the handshake, the end and a finding need. */
  readonly detail: ConnectionDetail;
  readonly senderDetail: SideDetail;
  readonly receiverDetail: SideDetail;
  /** Flags of the connection and of the sides before the message, read once. */
  flags = 0;
  senderFlags = 0;
  receiverFlags = 0;
  /** Is the byte order settled, so that integers can be read? */
  orderKnown = false;
  /** Its side has sent it before, or it may be so: nothing is said about when it was sent. */
  older = false;
  /** Of a COOKIE or COOKIE-ECHO: its side has sent these very bytes before, and they were judged then. */
  isCopy = false;
  /** The message opened its connection. */
  opening = false;
  /** It is well-formed, and what follows was read from it. */
  isRead = false;

  /** Of a COOKIE-ECHO: what its content is, seen from the cookies that were issued. */
  echoOrigin: EchoOrigin = 'untold';
  /** Tag of an INIT, or of that which a COOKIE answers, or whose cookie a COOKIE-ECHO brings. */
  initTag = 0;

  /** Of a DATA whose integers can be read: its counters, and offset of its first byte in the stream. */
  sequence = 0;
  acknowledged = 0;
  dataLength = 0;
  dataStart = 0;
  /** Bytes by which it lies beyond what its sender has sent before: its end, and its start. */
  newBytes = 0;
  gap = 0;
  /** Bytes by which it acknowledges more than the receiver has sent, and more than its sender has before. */
  unsentAcknowledged = 0;
  newlyAcknowledged = 0;
  /** It acknowledges bytes that the receiver has only claimed. */
  creditsClaim = false;
  /** Mask of `REMARK`. */
  remarks: number = ALL_REMARKS;

  constructor(parts: {
    readonly host: TrackerHost<Exchange>;
    readonly table: ConnectionTable;
    readonly cookies: CookieLog;
    readonly liveTags: LiveTags;
    readonly hostTags: HostTagLog;
    readonly streams: StreamMemory;
    readonly message: Message;
  }) {
    this.host = parts.host;
    this.table = parts.table;
    this.cookies = parts.cookies;
    this.liveTags = parts.liveTags;
    this.hostTags = parts.hostTags;
    this.streams = parts.streams;
    this.message = parts.message;
    this.connection = parts.table.connection();
    this.sender = parts.table.side();
    this.receiver = parts.table.side();
    this.detail = parts.table.connectionDetail();
    this.senderDetail = parts.table.sideDetail();
    this.receiverDetail = parts.table.sideDetail();
    this.clockSkew = parts.host.dialect.seconds('clockSkew');
    this.answerTimeout = parts.host.dialect.seconds('answerTimeout');
  }

  /** Capture time of the message in seconds. */
  get now(): number {
    return this.message.seconds + this.message.nanoseconds * 1e-9;
  }

  /** Its tag is none that was seen in an INIT or COOKIE of its connection: it is of a handshake that was not seen. */
  get isTagStrange(): boolean {
    const { connection, detail, cookies, tag } = this;
    return tag !== connection.initTag && !cookies.hasTag(detail, tag);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Tag at its usual place, bytes 1..3. */
  get tag(): number {
    const { bytes, start } = this.message;
    return (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
  }

  /** Tells this side's stream from all others in the stream memory. */
  get streamOwner(): number {
    return this.host.connections.number(this.slot) * 2 + this.side;
  }

  get messageName(): string {
    return LAYOUTS[this.type]?.name ?? `unknown type ${hex(this.message.byte(0), 1)}`;
  }

  get senderState(): string {
    return STATES[this.sender.state];
  }

  get receiverState(): string {
    return STATES[this.receiver.state];
  }

  /** `connector` or `listener`, for people. */
  get senderRole(): string {
    return this.fromConnector ? 'connector' : 'listener';
  }
}

export function originOfEcho(exchange: Exchange): EchoOrigin {
  const { cookies, flow, message, detail, receiver } = exchange;
  if (cookies.issuedTo(flow, message)) return 'own';
  if (cookies.flowOf(message) >= 0) return 'another';
  if (exchange.has(FLAG.COOKIES_FORGOTTEN)) return 'untold';
  if (detail.cookieCount > 0) return 'altered';
  // A malformed COOKIE may have held anything.
  return saidAtAll(receiver.sent) & saidBit(TYPE.COOKIE) ? 'untold' : 'unsolicited';
}

/** Signed distance from `b` to `a` on the circle of 2^32. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Bytes by which `count` lies beyond what a side has sent; not above 0 when it does not. */
export function beyondSent(count: number, side: Side): number {
  const { flags, highest } = side;
  const beyond = distance(count, highest);
  return flags & SIDE_FLAG.SENT_DATA ? beyond : count;
}

/** A tag as it stands on the wire. */
export function tagText(tag: number): string {
  return hex(tag, 3);
}
