/** What is worked out of a packet before its rules run, and what is measured from it afterwards. */
import type { Flows, Message } from '../../src/sdk.ts';
import { type Connection, EXCESS } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { UNREAD } from './flows.ts';
import { FAULT } from './packet.ts';
import { STANDING } from './standing.ts';
import { LEVEL, PROPERTY, REFUSAL, TYPE } from './terms.ts';
import { bytesText, textOf } from './texts.ts';
import { hasWildcard } from './topics.ts';

/** Seconds in which what a proxy has passed on arrives. */
export const ARRIVAL = 1;
const TLS_HANDSHAKE = 0x16;
const GET = Buffer.from('GET ');

/** TLS and HTTP come on mapped ports, too: another carrier, which is not read. */
export function isOtherCarrier(first: Message): boolean {
  if (first.byte(0) === TLS_HANDSHAKE && first.byte(1) === 3) return true;
  return GET.every((byte, at) => first.byte(at) === byte);
}

export class Reading {
  readonly #exchange: Exchange;
  readonly #flows: Flows;
  readonly #wantsTopics: boolean;

  /** @param wantsTopics of every PUBLISH, and not only of those that a server sends */
  constructor(exchange: Exchange, flows: Flows, wantsTopics: boolean) {
    this.#exchange = exchange;
    this.#flows = flows;
    this.#wantsTopics = wantsTopics;
  }

  /**
   * Settles which version a connection speaks, as far as the packet in hand tells.
   * @param forced level that the user has settled; 0 for none
   */
  settle(connection: Connection, forced: number): void {
    const { message, fromClient, packet } = this.#exchange;
    const type = message.byte(0) >>> 4;
    if (fromClient && connection.sides[0].lastFrame === 0 && isOtherCarrier(message)) {
      connection.isForeign = true;
      return;
    }
    if (fromClient && type === TYPE.CONNECT) {
      packet.read(message, LEVEL.V311, true);
      const level = levelOf(bytesText(message, packet.name.at, packet.name.length), packet.nameLevel);
      connection.isBridge = packet.nameLevel >= LEVEL.BRIDGE;
      connection.isUnknown = level === 0;
      connection.level = forced || level || LEVEL.V311;
      return;
    }
    connection.level = forced || this.#guess(type);
  }

  /** The one version that a whole packet fits; 0 where it fits both, or neither. A PUBLISH always may be of either. */
  #guess(type: number): number {
    const { message, fromClient, packet } = this.#exchange;
    if (type === TYPE.PUBLISH || message.captured < message.length) return 0;
    const fits = [LEVEL.V311, LEVEL.V5].filter(level => {
      packet.read(message, level, fromClient);
      return packet.fault === FAULT.NONE;
    });
    return fits.length === 1 ? fits[0] : 0;
  }

  /** When the packet began, and what its sender could know by then. */
  measure(connection: Connection): void {
    const exchange = this.#exchange;
    const { sender, fromClient } = exchange;
    const { connack } = connection;
    const begun = this.#flows.begun(connection.flow);
    const { acknowledged, isResent } = begun;
    const began = begun.seconds + begun.nanoseconds * 1e-9;
    exchange.began = began;
    exchange.knowsConnack =
      connack.frame > 0 &&
      (!fromClient || acknowledged < 0 || connack.end < 0 || acknowledged >= connack.end) &&
      // What a proxy has passed on may be on its way still.
      !(fromClient && began < connack.seconds + ARRIVAL && this.#flows.isPassedOn(connection.flow, exchange.end));
    exchange.silence = 0;
    exchange.isLate = false;
    if (fromClient && connection.isAccepted && !isResent) {
      exchange.silence = Math.max(0, began - Math.max(sender.lastEnd, connack.seconds));
      const keepAlive = connection.keepAlive(exchange.knowsConnack);
      const heard = Math.max(sender.lastHeard, connack.seconds);
      exchange.isLate =
        keepAlive > 0 && began - heard > 1.5 * keepAlive + exchange.settings.keepAliveGrace && heard < began;
    }
  }

  /** How far the sender has come with the packet, which TCP has not acknowledged yet. */
  advance(connection: Connection): void {
    const { sender, now } = this.#exchange;
    const { end, acknowledged } = this.#flows.begun(connection.flow);
    sender.lastOffset = end;
    sender.lastHeard = acknowledged < 0 ? now : Number.POSITIVE_INFINITY;
  }

  /** Topic, digest and what the limits are held against. */
  content(connection: Connection): void {
    const exchange = this.#exchange;
    const { packet, sender, receiver } = exchange;
    if (packet.type === TYPE.PUBLISH) this.#publish(connection);
    else if (packet.type === TYPE.SUBSCRIBE || packet.type === TYPE.UNSUBSCRIBE) this.#filters();
    else if (packet.type === TYPE.DISCONNECT) {
      receiver.excess = excessOf(connection, receiver === connection.sides[0] ? 0 : 1);
      exchange.isPeerMidPacket =
        this.#flows.sent(connection.flow, 1 - exchange.end) > Math.max(0, receiver.lastOffset) || receiver.isLost;
    } else if (packet.type === TYPE.CONNECT && sender.lastFrame > 0) exchange.digest = UNREAD;
  }

  #publish(connection: Connection): void {
    const exchange = this.#exchange;
    const { packet, message, sender, role } = exchange;
    const { topic, properties } = packet;
    let digest = UNREAD;
    if (topic.length > 0) {
      digest = digestOf(message.bytes, message.start + topic.at, topic.length, 0);
      if (role === 1 || this.#wantsTopics || properties.has(PROPERTY.TOPIC_ALIAS))
        exchange.topic = textOf(message, topic.at, topic.length);
    } else if (properties.has(PROPERTY.TOPIC_ALIAS)) {
      const aliased = sender.aliases?.get(properties.value[PROPERTY.TOPIC_ALIAS]);
      exchange.topic = aliased?.topic;
      digest = aliased?.digest ?? UNREAD;
    }
    exchange.topicDigest = digest;
    if (role === 1 && exchange.topic !== undefined)
      exchange.match = connection.session.subscriptions.match(exchange.topic, digest);
    if (packet.qos > 0 && digest !== UNREAD && !packet.isCut) this.identify(digest);
  }

  /** Of a PUBLISH that may be sent again: what tells it from others. @param topicDigest of its topic */
  identify(topicDigest: number): void {
    const { packet, message } = this.#exchange;
    const { at, length } = packet.payload;
    const seed = Math.imul(topicDigest | 0, 31) + packet.qos;
    this.#exchange.digest = digestOf(message.bytes, message.start + at, length, seed) + topicDigest / 2 ** 33;
  }

  #filters(): void {
    const exchange = this.#exchange;
    const { packet, message } = exchange;
    if (packet.isCut) return;
    let digest: number = packet.type;
    for (let place = 0; place < packet.filterCount; place++) {
      const { at, length, options } = packet.filters[place];
      digest = digestOf(message.bytes, message.start + at, length, digest ^ (options << 8));
    }
    exchange.digest = digest;
  }

  /** Which packet of the client's the server answers, and whether with success. */
  answer(connection: Connection): void {
    const exchange = this.#exchange;
    const { packet, message, flow, standing, fromClient } = exchange;
    if (fromClient) return;
    exchange.isSuccess = packet.code < REFUSAL;
    switch (packet.type) {
      case TYPE.CONNACK:
        exchange.answered = connection.connect;
        exchange.answersOrdinal = connection.repeatedConnect || connection.connect.ordinal;
        exchange.isSuccess = packet.code === 0;
        return;
      case TYPE.PINGRESP: {
        const ping = connection.pings[0];
        exchange.answered = ping;
        exchange.answersOrdinal = ping?.ordinal ?? 0;
        return;
      }
      case TYPE.AUTH:
        exchange.answersOrdinal = connection.authOrdinal;
        return;
      case TYPE.PUBLISH:
      case TYPE.DISCONNECT:
        return;
      case TYPE.SUBACK:
        exchange.isSuccess = false;
        for (let place = 0; place < packet.codes.length; place++)
          exchange.isSuccess ||= message.byte(packet.codes.at + place) < REFUSAL;
    }
    if (!flow || standing !== STANDING.RIGHT) return;
    exchange.answered = flow;
    const isOfClient = packet.type !== TYPE.PUBREL;
    exchange.answersOrdinal = isOfClient ? flow.askedBy(packet.type === TYPE.PUBCOMP) : flow.ordinal;
  }

  /** Of a client's acknowledgement: what was due before it. */
  order(): void {
    const exchange = this.#exchange;
    const { packet, flow, receiver, standing, fromClient } = exchange;
    if (!fromClient || !flow || standing !== STANDING.RIGHT) return;
    if (packet.type === TYPE.PUBACK) exchange.dueBefore = receiver.pubacksDue.before(flow);
    else if (packet.type === TYPE.PUBREC) exchange.dueBefore = receiver.pubrecsDue.before(flow);
    else if (packet.type === TYPE.PUBREL) exchange.dueBefore = receiver.pubrelsDue.before(flow);
  }

  /** Makes the packet part of what its sender has sent. @param isMalformed its receiver may not have taken it */
  note(isMalformed = false): void {
    const { packet, message, sender } = this.#exchange;
    const { most } = sender;
    most.size = Math.max(most.size, message.length);
    if (packet.type !== TYPE.PUBLISH) return;
    most.qos = Math.max(most.qos, packet.qos);
    most.retained ||= packet.retain;
    if (packet.properties.has(PROPERTY.TOPIC_ALIAS)) this.#alias(isMalformed);
  }

  /** The same of a malformed packet, as far as it could be read: its sender goes on as if it were right. */
  noteMalformed(connection: Connection): void {
    const exchange = this.#exchange;
    const { packet, sender } = exchange;
    const { topic, properties } = packet;
    if (packet.type === TYPE.PUBLISH) {
      this.#publish(connection);
      if (packet.qos > 0) sender.malformed++;
      if (topic.length > 0 && (packet.fault !== FAULT.NONE || hasWildcard(exchange.topic ?? ''))) {
        exchange.topic = undefined;
        exchange.topicDigest = UNREAD;
      }
      const isRead = packet.payload.at >= 0 && packet.fault !== FAULT.PROPERTY_UNKNOWN;
      if (packet.level === LEVEL.V5 && !isRead && !properties.has(PROPERTY.TOPIC_ALIAS)) {
        // It may have set any.
        sender.aliases = undefined;
        sender.isAliasForgotten = true;
        sender.most.unknownAlias = true;
      }
    }
    this.note(true);
  }

  #alias(isDoubtful: boolean): void {
    const { packet, sender, receiver, topic, topicDigest } = this.#exchange;
    const { most } = sender;
    const alias = packet.properties.value[PROPERTY.TOPIC_ALIAS];
    most.alias = Math.max(most.alias, alias);
    const isUnknown = topicDigest === UNREAD || sender.aliases?.get(alias)?.isDoubtful;
    if (alias === 0 || (packet.topic.length === 0 && isUnknown)) most.unknownAlias = true;
    if (packet.topic.length === 0 || alias === 0) return;
    // What lies above the maximum was said to be too large; it is kept all the same, as its sender goes on with it.
    sender.aliases ??= new Map();
    if (
      sender.aliases.size < Math.max(receiver.announced.topicAliasMaximum, MOST_EARLY_ALIASES) ||
      sender.aliases.has(alias)
    )
      sender.aliases.set(alias, { topic, digest: topicDigest, isDoubtful });
    else sender.isAliasForgotten = true;
  }

  /** The packet is done with. */
  finish(connection: Connection): void {
    const exchange = this.#exchange;
    const { message, sender, now, isLate, packet, role } = exchange;
    sender.lastFrame = message.frame;
    sender.lastEnd = now;
    if (isLate) connection.lateOrdinal = connection.ordinal;
    if (connection.level !== LEVEL.V5) return;
    const { most } = sender;
    most.outstanding = Math.max(most.outstanding, sender.outstanding + sender.malformed);
    const { receiver } = exchange;
    const isOver = sender.outstanding > receiver.announced.receiveMaximum;
    if (!isOver) sender.isOverWindow = false;
    else if (packet.type === TYPE.PUBLISH && packet.qos > 0 && (role === 1 || exchange.knowsConnack))
      sender.isOverWindow = true;
    if (receiver.outstanding <= sender.announced.receiveMaximum) receiver.isOverWindow = false;
  }
}

/** Aliases kept before it is known how many there may be. */
const MOST_EARLY_ALIASES = 1024;

/** Which limits of the other side a side has exceeded, known to it or not. */
function excessOf({ sides, connack }: Connection, role: 0 | 1): number {
  const { most } = sides[role];
  const { announced } = sides[1 - role];
  let excess = 0;
  if (most.outstanding > announced.receiveMaximum) excess |= EXCESS.WINDOW;
  if (most.size > announced.maximumPacketSize) excess |= EXCESS.SIZE;
  if (most.unknownAlias || most.alias > announced.topicAliasMaximum) excess |= EXCESS.ALIAS;
  if (role === 1) return excess;
  if (most.retained && !connack.retainAvailable) excess |= EXCESS.RETAIN;
  if (most.qos > connack.maximumQos) excess |= EXCESS.QOS;
  return excess;
}

/** 3, 4 or 5; 0 where the name and the level are not those of a version that is known. */
function levelOf(name: string, written: number): number {
  const level = written & ~LEVEL.BRIDGE;
  if (name === 'MQTT' && (level === LEVEL.V311 || level === LEVEL.V5)) return level;
  return name === 'MQIsdp' && level === LEVEL.V31 ? level : 0;
}

/** A hash over some bytes and their number, as a whole number from 0 on: four bytes at a time, as payloads may be long. */
export function digestOf(bytes: Uint8Array, from: number, length: number, seed: number): number {
  const end = from + length;
  let hash = Math.imul(seed ^ length, GOLDEN) ^ GOLDEN;
  let at = from;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    hash = Math.imul(hash ^ word, GOLDEN);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at], GOLDEN);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** 2^32 by the golden ratio, made odd. */
const GOLDEN = 0x9e3779b1;
