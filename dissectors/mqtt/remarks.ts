/**
 * What is remarkable about a packet, so that the rules need not all be asked about each (`Rule.when`). Of the packets that
 * most traffic is made of the remarks are exact; of all others everything is remarkable.
 */
import { PASS, SKIP, type Unasked } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import type { Formed } from './formed.ts';
import type { Packet } from './packet.ts';
import { STANDING } from './standing.ts';
import { LEVEL, TYPE } from './terms.ts';
import { wildcardAt } from './topics.ts';

export const REMARK = {
  /** It has a fault, or was not captured as far as its payload. */
  FORM: 1,
  V31: 2,
  V5: 4,
  /** It has properties. */
  PROPERTIES: 8,
  /** A PUBLISH of QoS above 0, of QoS 2, with DUP, with RETAIN. */
  QOS: 0x10,
  QOS2: 0x20,
  DUP: 0x40,
  RETAIN: 0x80,
  /** A topic with a wildcard, one of no characters. */
  WILDCARD: 0x100,
  EMPTY: 0x200,
  /** A text holds what it should not. */
  CONTROL: 0x400,
  /** Its version gives it no text. */
  NO_TEXT: 0x800,
  /** From the side that does not send it. */
  DIRECTION: 0x1000,
  /** A PUBLISH of the server, which passes on what it got. */
  PASSED_ON: 0x2000,
  /** An acknowledgement says what became of it. */
  CODE: 0x4000,
  /** It should have an identifier, and has none or 0. */
  NO_ID: 0x8000,

  // In its conversation

  /** It begins a flow; goes on with one, as it may; is in no right place, or nobody can tell. */
  FRESH: 0x1_0000,
  RIGHT: 0x2_0000,
  STRANGE: 0x4_0000,
  /** A client's acknowledgement that may come now. */
  IN_ORDER: 0x8_0000,
  /** What begins a flow does so in a session that is older than the connection. */
  RESUMED: 0x10_0000,
  /** A PUBLISH that fills a place in its receiver's window; there is none. */
  COUNTED: 0x20_0000,
  FULL: 0x40_0000,
  /** Its sender has announced, or its receiver has set, a limit that most leave out. */
  LIMITED: 0x80_0000,
  /** A PUBLISH of the server, to which it is entitled by a subscription; by none, or something else about it is odd. */
  DELIVERED: 0x100_0000,
  ODD_DELIVERY: 0x200_0000,
  /** The client's silence before it was measured; it answers a client that is bound by a keep alive. */
  TIMED: 0x400_0000,
  ANSWER: 0x800_0000,
  /** That silence was long. */
  LATE: 0x1000_0000,
  /** The client has broken a rule after which a server should not go on, or was taken over. */
  TROUBLED: 0x2000_0000,
  /** Of a client that has named an Authentication Method. */
  WITH_METHOD: 0x4000_0000,
} as const;

const OF_FORM = REMARK.FRESH - 1;
const OF_CONTENT = ~OF_FORM;
const EVERYTHING = -1;

/** Passes a packet with one of these remarks unasked, and skips others. */
export const passesIf =
  (remarks: number) =>
  (there: number): Unasked =>
    (there & remarks) !== 0 ? PASS : SKIP;

/** The other way round. */
export const skipsIf =
  (remarks: number) =>
  (there: number): Unasked =>
    (there & remarks) !== 0 ? SKIP : PASS;

/** What there is to remark about a packet by itself. */
export function remarksOf(formed: Formed): number {
  const { packet, fromClient } = formed;
  const { PUBLISH, PUBACK, PUBCOMP, PINGREQ, PINGRESP } = TYPE;
  const { type } = packet;
  const common = commonRemarks(packet);
  if (type === PUBLISH) return common | publishRemarks(formed);
  if (type >= PUBACK && type <= PUBCOMP) return common | acknowledgementRemarks(packet);
  if (type !== PINGREQ && type !== PINGRESP) return EVERYTHING;
  return common | ((type === PINGREQ) === fromClient ? 0 : REMARK.DIRECTION);
}

/** The same of one that `Packet.readPlain` has read. */
export function plainRemarks({ type, level, qos, fromClient }: Packet): number {
  const version = level === LEVEL.V5 ? REMARK.V5 : 0;
  if (type === TYPE.PUBLISH) return version | (qos > 0 ? REMARK.QOS : 0) | (fromClient ? 0 : REMARK.PASSED_ON);
  return version | (type === TYPE.PUBACK && version === 0 ? REMARK.NO_TEXT : 0);
}

function commonRemarks({ fault, isHeadCut, level, properties, control }: Packet): number {
  return (
    (fault !== 0 || isHeadCut ? REMARK.FORM : 0) |
    (level === LEVEL.V31 ? REMARK.V31 : level === LEVEL.V5 ? REMARK.V5 : 0) |
    (properties.range.length > 0 ? REMARK.PROPERTIES : 0) |
    (control >= 0 ? REMARK.CONTROL : 0)
  );
}

function publishRemarks({ packet, message: { bytes, start }, fromClient }: Formed): number {
  const { topic, qos, dup, retain, id } = packet;
  const from = start + topic.at;
  return (
    (qos > 0 ? REMARK.QOS | (id <= 0 ? REMARK.NO_ID : 0) : 0) |
    (qos === 2 ? REMARK.QOS2 : 0) |
    (dup ? REMARK.DUP : 0) |
    (retain ? REMARK.RETAIN : 0) |
    (topic.length === 0 ? REMARK.EMPTY : wildcardAt(bytes, from, from + topic.length) >= 0 ? REMARK.WILDCARD : 0) |
    (fromClient ? 0 : REMARK.PASSED_ON)
  );
}

function acknowledgementRemarks({ level, codeAt }: Packet): number {
  return (level === LEVEL.V5 ? 0 : REMARK.NO_TEXT) | (codeAt >= 0 ? REMARK.CODE : 0);
}

/** What there is to remark about a well-formed packet in its conversation, once it is known what it is about. */
export function remarksInConversation(exchange: Exchange): number {
  switch (exchange.packet.type) {
    case TYPE.PUBLISH:
      return (
        standingRemarks(exchange.standing) | boundRemarks(exchange) | timeRemarks(exchange) | placeRemarks(exchange)
      );
    case TYPE.PUBACK:
      return (
        standingRemarks(exchange.standing) | boundRemarks(exchange) | timeRemarks(exchange) | orderRemarks(exchange)
      );
    case TYPE.PINGREQ:
      return boundRemarks(exchange) | timeRemarks(exchange);
    case TYPE.PINGRESP:
      return boundRemarks(exchange) | timeRemarks(exchange) | pongRemarks(exchange);
    default:
      return OF_CONTENT;
  }
}

function standingRemarks(standing: number): number {
  switch (standing) {
    case STANDING.NONE:
      return 0;
    case STANDING.FRESH:
      return REMARK.FRESH;
    case STANDING.RIGHT:
      return REMARK.RIGHT;
    default:
      return REMARK.STRANGE;
  }
}

function boundRemarks({ level, fromClient, connection, receiver }: Exchange): number {
  const { connack, connect, faultOrdinal, takenOver } = connection;
  const isLimited =
    level === LEVEL.V5 &&
    (receiver.announced.maximumPacketSize !== Number.POSITIVE_INFINITY ||
      (fromClient ? connack.maximumQos < 2 || !connack.retainAvailable : !connect.wantsProblemInformation));
  const isTroubled = faultOrdinal > 0 || takenOver !== Number.POSITIVE_INFINITY;
  const hasMethod = fromClient && connect.authenticationMethod !== undefined;
  return (isLimited ? REMARK.LIMITED : 0) | (isTroubled ? REMARK.TROUBLED : 0) | (hasMethod ? REMARK.WITH_METHOD : 0);
}

function timeRemarks({ fromClient, connection, knowsConnack, silence, answersOrdinal }: Exchange): number {
  const isMeasured = fromClient ? silence > 0 : answersOrdinal > 0;
  const keepAlive = isMeasured ? connection.keepAlive(knowsConnack) : 0;
  if (keepAlive === 0) return 0;
  const isLate = fromClient ? silence > keepAlive : answersOrdinal === connection.lateOrdinal;
  return (fromClient ? REMARK.TIMED : REMARK.ANSWER) | (isLate ? REMARK.LATE : 0);
}

/** Of a PUBLISH: which place it takes in its session, in a window, among the subscriptions. */
function placeRemarks(exchange: Exchange): number {
  const { connection, fromClient, level, standing, sender, receiver, knowsConnack } = exchange;
  const isOlder = connection.session.began !== connection.serial && level !== LEVEL.V31;
  const isResumed = isOlder && standing === STANDING.FRESH;
  let remarks = isResumed ? REMARK.RESUMED : 0;
  if (level === LEVEL.V5 && (!fromClient || knowsConnack)) {
    if (standing === STANDING.FRESH) remarks |= REMARK.COUNTED;
    if (sender.isOverWindow || sender.outstanding >= receiver.announced.receiveMaximum) remarks |= REMARK.FULL;
  }
  if (!fromClient) remarks |= isEntitled(exchange) ? REMARK.DELIVERED : REMARK.ODD_DELIVERY;
  return remarks;
}

/** Is there a subscription for a PUBLISH of the server, so that nothing about it is odd? */
function isEntitled({ connection: { session }, packet, match, topic }: Exchange): boolean {
  if (!session.isKnown || session.subscriptions.isFull || match === undefined || topic?.startsWith('$')) return false;
  return match.isMatched && !match.mustHaveId && packet.qos <= match.qos;
}

function orderRemarks({ fromClient, isMqtt31, standing, dueBefore }: Exchange): number {
  if (!fromClient || isMqtt31 || standing !== STANDING.RIGHT) return 0;
  return dueBefore === undefined ? REMARK.IN_ORDER : REMARK.STRANGE;
}

function pongRemarks({ connection }: Exchange): number {
  return connection.pings.length > 0 ? REMARK.RIGHT : REMARK.STRANGE;
}
