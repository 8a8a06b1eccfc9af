/**
 * One packet, read once: where its parts lie and what its numbers are. All offsets count from the packet's first byte.
 * Reused for every packet; nothing is copied. The layouts (layouts.ts) show the same bytes to people.
 *
 * What can be read is read. A fault within a field (a text that is no UTF-8, a property that has no business here) does not
 * hinder that; one of a length, behind which nobody knows where the next field begins, ends it. A part that was read was
 * captured whole, but the payload of a PUBLISH, which may have been skipped.
 */
import type { Message } from '../../src/sdk.ts';
import { Cursor } from './cursor.ts';
import { FAULT, FilterPart, Part, Properties } from './parts.ts';
import { WILL } from './properties.ts';
import { readProperties } from './property-reader.ts';
import { LEVEL, TYPE } from './terms.ts';
import { isPlainTopic } from './topics.ts';

export { FAULT, FilterPart, Part, Properties } from './parts.ts';

/** Connect Flags. */
export const CONNECT_FLAG = { RESERVED: 1, CLEAN: 2, WILL: 4, WILL_RETAIN: 32, PASSWORD: 64, USER_NAME: 128 } as const;

/** Filters or codes of one packet that are read; of one with more it is not known how many it has. */
export const MOST_FILTERS = 65_536;

/** The low half of the first byte by type; a PUBLISH may have any. */
const FLAGS = Uint8Array.from({ length: 16 }, (_, type) =>
  type === TYPE.PUBREL || type === TYPE.SUBSCRIBE || type === TYPE.UNSUBSCRIBE ? 2 : 0,
);

/** First bytes of the plainest packets. */
const PUBLISH_QOS_0 = 0x30;
const PUBLISH_QOS_1 = 0x32;
const PUBACK = 0x40;
const PINGREQ = 0xc0;
const PINGRESP = 0xd0;

/** Remaining Length of a CONNACK of 3.1.1, and its code by which such a server refuses another version. */
const CONNACK_LENGTH = 2;
const UNACCEPTABLE_VERSION = 1;

/** The version that a level stands for, 3, 4 or 5, a bridge's high bit aside; -1 for none that is known. */
export function versionOf(nameLevel: number): number {
  const level = nameLevel < 0 ? -1 : nameLevel & ~LEVEL.BRIDGE;
  return level >= LEVEL.V31 && level <= LEVEL.V5 ? level : -1;
}

/** The flags that the packets of a type must have; of PUBLISH they say something. */
export function flagsOf(type: number): number {
  return FLAGS[type];
}

export class Packet {
  /** 3, 4 or 5: by which it was read. */
  level = 4;
  /** Who sent it. */
  fromClient = true;
  type = 0;
  /** Low half of the first byte. */
  flags = 0;
  /** Bytes of type, flags and Remaining Length. */
  headLength = 2;
  /** `FAULT`, and the bytes it lies in: at the packet's end, and none, where a field is not there at all. */
  fault = 0;
  readonly faulty: Part = new Part();
  /** The fault is that bytes are left over behind the last field, not that one has too few. */
  isTooLong = false;
  /** A string holds U+0001..U+001F, U+007F..U+009F or a noncharacter: where, or -1. */
  control = -1;
  /** Not all that was asked for was captured (cut or skipped): what is not there could not be read. */
  isCut = false;
  /** Packet Identifier, where it stands; -1 where the packet has none or it could not be read. */
  id = -1;
  idAt = -1;
  /** Return or Reason Code of all that have one; 0 where 5.0 leaves it out, -1 where the packet has none. `codeAt` -1 unless written. */
  code = -1;
  codeAt = -1;
  readonly properties: Properties = new Properties();
  /** PUBLISH. */
  readonly topic: Part = new Part();
  readonly payload: Part = new Part();
  /** SUBSCRIBE and UNSUBSCRIBE: the first `filterCount` are this packet's. */
  readonly filters: FilterPart[] = [];
  filterCount = 0;
  /** SUBACK and UNSUBACK: their codes. */
  readonly codes: Part = new Part();
  /** CONNACK: the acknowledge flags. */
  acknowledgeFlags = 0;
  /** CONNECT. `nameLevel` is the level as written, a bridge's high bit included; -1 where it could not be read. */
  readonly name: Part = new Part();
  nameLevel = -1;
  levelAt = -1;
  connectFlags = 0;
  connectFlagsAt = -1;
  keepAlive = 0;
  readonly clientId: Part = new Part();
  readonly willProperties: Properties = new Properties();
  readonly willTopic: Part = new Part();
  readonly willPayload: Part = new Part();
  readonly userName: Part = new Part();
  readonly password: Part = new Part();
  readonly #cursor = new Cursor();

  get dup(): boolean {
    return (this.flags & 8) !== 0;
  }
  get qos(): number {
    return (this.flags >> 1) & 3;
  }
  get retain(): boolean {
    return (this.flags & 1) !== 0;
  }
  /** Some of it was not captured other than the payload of a PUBLISH: what is not there may have been. */
  get isHeadCut(): boolean {
    return this.isCut && this.payload.at < 0;
  }
  /** A CONNECT of a version that is not known, of which no more than its name and level was read. */
  get isOfUnknownVersion(): boolean {
    return this.nameLevel >= 0 && versionOf(this.nameLevel) < 0;
  }

  /**
   * Reads the packet in hand.
   * @param level 3 (MQTT 3.1), 4 or 5: which version it is read by; of a CONNECT its own level goes before it
   * @param fromClient tells which properties a PUBLISH may carry more than once
   */
  read(message: Message, level: number, fromClient: boolean): void {
    const cursor = this.#cursor;
    cursor.begin(message, level);
    if (this.type === TYPE.CONNECT) this.#clearConnect();
    this.#clear();
    this.level = level;
    this.fromClient = fromClient;
    const first = cursor.u8();
    if (first >= 0) {
      this.type = first >> 4;
      this.flags = first & 15;
      this.#readHead(cursor);
    }
    this.fault = cursor.fault;
    this.faulty.at = cursor.faulty.at;
    this.faulty.length = cursor.faulty.length;
    this.control = cursor.control;
    this.isCut = cursor.isCut;
  }

  /**
   * Reads a packet as most are: a PUBLISH of QoS 0 or 1 without DUP, RETAIN and properties, with a topic in printable ASCII;
   * a PUBACK without a code; PINGREQ and PINGRESP from the side that sends them. The same comes out as with `read`.
   * @returns false for any other packet, of which nothing is read
   */
  readPlain(message: Message, level: number, fromClient: boolean): boolean {
    const { bytes, start, length, captured } = message;
    if (captured < length) return false;
    switch (bytes[start]) {
      case PUBLISH_QOS_0:
        return this.#readPlainPublish(message, level, fromClient, 0);
      case PUBLISH_QOS_1:
        return this.#readPlainPublish(message, level, fromClient, 1);
      case PUBACK:
        return length === 4 && bytes[start + 1] === 2 && this.#readPlainPuback(message, level, fromClient);
      case PINGREQ:
      case PINGRESP:
        if (length !== 2 || (bytes[start] === PINGREQ) !== fromClient) return false;
        this.#beginPlain(bytes[start], level, fromClient, 2);
        return true;
      default:
        return false;
    }
  }

  #readPlainPublish({ bytes, start, length }: Message, level: number, fromClient: boolean, qos: number): boolean {
    const head = bytes[start + 1] < 0x80 ? 2 : 3;
    if (head === 3 && (bytes[start + 2] === 0 || bytes[start + 2] >= 0x80)) return false;
    const topicAt = head + 2;
    if (topicAt > length) return false;
    const topicLength = (bytes[start + head] << 8) | bytes[start + head + 1];
    const idAt = topicAt + topicLength;
    const propertiesAt = idAt + 2 * qos;
    const payloadAt = propertiesAt + (level === LEVEL.V5 ? 1 : 0);
    if (topicLength === 0 || payloadAt > length) return false;
    if (level === LEVEL.V5 && bytes[start + propertiesAt] !== 0) return false;
    if (!isPlainTopic(bytes, start + topicAt, start + idAt)) return false;
    this.#beginPlain(bytes[start], level, fromClient, head);
    this.topic.put(topicAt, topicLength);
    this.payload.put(payloadAt, length - payloadAt);
    if (level === LEVEL.V5) this.properties.range.put(payloadAt, 0);
    if (qos === 0) return true;
    this.idAt = idAt;
    this.id = (bytes[start + idAt] << 8) | bytes[start + idAt + 1];
    return true;
  }

  #readPlainPuback({ bytes, start }: Message, level: number, fromClient: boolean): boolean {
    this.#beginPlain(PUBACK, level, fromClient, 2);
    this.idAt = 2;
    this.id = (bytes[start + 2] << 8) | bytes[start + 3];
    if (level === LEVEL.V5) this.code = 0;
    return true;
  }

  #beginPlain(first: number, level: number, fromClient: boolean, headLength: number): void {
    if (this.type === TYPE.CONNECT) this.#clearConnect();
    this.#clear();
    this.level = level;
    this.fromClient = fromClient;
    this.type = first >> 4;
    this.flags = first & 15;
    this.headLength = headLength;
    this.fault = FAULT.NONE;
    this.faulty.put(-1, 0);
    this.control = -1;
    this.isCut = false;
  }

  #clear(): void {
    this.type = 0;
    this.flags = 0;
    this.headLength = 2;
    this.id = -1;
    this.idAt = -1;
    this.code = -1;
    this.codeAt = -1;
    this.properties.clear();
    this.topic.at = -1;
    this.topic.length = 0;
    this.payload.at = -1;
    this.payload.length = 0;
    this.filterCount = 0;
    this.codes.at = -1;
    this.codes.length = 0;
    this.acknowledgeFlags = 0;
    this.isTooLong = false;
  }

  #clearConnect(): void {
    this.nameLevel = -1;
    this.levelAt = -1;
    this.connectFlags = 0;
    this.connectFlagsAt = -1;
    this.keepAlive = 0;
    this.willProperties.clear();
    this.name.put(-1, 0);
    this.clientId.put(-1, 0);
    this.willTopic.put(-1, 0);
    this.willPayload.put(-1, 0);
    this.userName.put(-1, 0);
    this.password.put(-1, 0);
  }

  #readHead(cursor: Cursor): void {
    const { type, level } = this;
    if (type === 0 || (type === TYPE.AUTH && level < LEVEL.V5)) {
      cursor.stop(FAULT.RESERVED_TYPE, 0, 1);
      return;
    }
    if (type !== TYPE.CONNECT) this.#checkFlags(cursor);
    else cursor.overrun = FAULT.CONNECT_PAYLOAD;
    // Of a CONNECT it is not known yet which version it is of.
    if (type === TYPE.CONNECT) cursor.level = LEVEL.V311;
    const remaining = cursor.varint(FAULT.LENGTH);
    if (remaining < 0 || cursor.isStopped) return;
    this.headLength = cursor.at;
    this.#readBody(cursor);
    if (!cursor.isStopped && !this.isOfUnknownVersion) this.#checkEnd(cursor);
  }

  #checkEnd(cursor: Cursor): void {
    const { at, length, fault } = cursor;
    if (at === length) return;
    this.isTooLong = fault === FAULT.NONE;
    cursor.stop(cursor.overrun, at, length - at);
  }

  #checkFlags(cursor: Cursor): void {
    const { type, flags, level } = this;
    if (type === TYPE.PUBLISH) {
      if (this.qos === 3) cursor.stop(FAULT.PUBLISH_QOS, 0, 1);
    } else if (flags !== FLAGS[type] && level !== LEVEL.V31) cursor.note(FAULT.HEADER_FLAGS, 0, 1);
  }

  #readBody(cursor: Cursor): void {
    switch (this.type) {
      case TYPE.PUBLISH:
        this.#readPublish(cursor);
        break;
      case TYPE.PUBACK:
      case TYPE.PUBREC:
      case TYPE.PUBREL:
      case TYPE.PUBCOMP:
        this.#readAcknowledgement(cursor);
        break;
      case TYPE.CONNECT:
        this.#readConnect(cursor);
        break;
      case TYPE.CONNACK:
        this.#readConnack(cursor);
        break;
      case TYPE.SUBSCRIBE:
      case TYPE.UNSUBSCRIBE:
        this.#readFilters(cursor);
        break;
      case TYPE.SUBACK:
      case TYPE.UNSUBACK:
        this.#readCodes(cursor);
        break;
      case TYPE.DISCONNECT:
      case TYPE.AUTH:
        this.#readReason(cursor);
        break;
    }
  }

  #readPublish(cursor: Cursor): void {
    if (!cursor.string(this.topic)) return;
    if ((this.flags & 6) !== 0) this.#readId(cursor);
    this.#readProperties(cursor);
    if (!cursor.isStopped) cursor.rest(this.payload);
  }

  #readAcknowledgement(cursor: Cursor): void {
    this.#readId(cursor);
    this.#readReason(cursor);
  }

  /** In 5.0 the end of the packet tells what is there. */
  #readReason(cursor: Cursor): void {
    if (this.level !== LEVEL.V5 || cursor.isStopped) return;
    if (cursor.at === cursor.length) this.code = 0;
    else this.#readCode(cursor);
    if (cursor.at < cursor.length) this.#readProperties(cursor);
  }

  #readConnack(cursor: Cursor): void {
    const flags = cursor.u8();
    if (flags < 0) return;
    this.acknowledgeFlags = flags;
    this.#readCode(cursor);
    // A server that knows 3.1.1 alone refuses 5.0 in its own form.
    const isOfOldServer = cursor.length - this.headLength === CONNACK_LENGTH && this.code === UNACCEPTABLE_VERSION;
    if (isOfOldServer && this.level === LEVEL.V5) this.level = LEVEL.V311;
    this.#readProperties(cursor);
  }

  #readFilters(cursor: Cursor): void {
    this.#readId(cursor);
    this.#readProperties(cursor);
    while (cursor.at < cursor.length && !cursor.isStopped) {
      if (this.filterCount === MOST_FILTERS) cursor.cut();
      else this.#readFilter(cursor);
    }
  }

  #readFilter(cursor: Cursor): void {
    const { filters, filterCount } = this;
    if (filterCount === filters.length) filters.push(new FilterPart());
    const filter = filters[filterCount];
    filter.options = 0;
    if (!cursor.string(filter)) return;
    if (this.type === TYPE.SUBSCRIBE) {
      const options = cursor.u8();
      if (options < 0) return;
      filter.options = options;
    }
    this.filterCount++;
  }

  #readCodes(cursor: Cursor): void {
    this.#readId(cursor);
    this.#readProperties(cursor);
    if (this.type === TYPE.UNSUBACK && this.level !== LEVEL.V5) return;
    if (cursor.isStopped) return;
    if (cursor.length > cursor.captured) cursor.cut();
    else cursor.rest(this.codes);
  }

  #readConnect(cursor: Cursor): void {
    if (!cursor.binary(this.name)) return;
    const at = cursor.at;
    const nameLevel = cursor.u8();
    if (nameLevel < 0) return;
    this.nameLevel = nameLevel;
    this.levelAt = at;
    const level = versionOf(nameLevel);
    if (level < 0) return;
    this.level = level;
    cursor.level = level;
    if (this.flags !== 0 && level !== LEVEL.V31) cursor.note(FAULT.HEADER_FLAGS, 0, 1);
    this.#checkRemainingLength(cursor);
    this.#readConnectHead(cursor);
    if (cursor.isStopped || !cursor.string(this.clientId)) return;
    if ((this.connectFlags & CONNECT_FLAG.WILL) !== 0) this.#readWill(cursor);
    this.#readCredentials(cursor);
  }

  #readConnectHead(cursor: Cursor): void {
    const at = cursor.at;
    const flags = cursor.u8();
    if (flags < 0) return;
    this.connectFlags = flags;
    this.connectFlagsAt = at;
    const keepAlive = cursor.u16();
    if (keepAlive < 0) return;
    this.keepAlive = keepAlive;
    this.#readProperties(cursor);
  }

  #readWill(cursor: Cursor): void {
    // That the Will has no properties at all is one of the fields that the flags announce missing.
    if (this.level === LEVEL.V5 && cursor.hasNext(1)) readProperties(cursor, this.willProperties, WILL, true);
    if (!cursor.isStopped && cursor.string(this.willTopic)) cursor.binary(this.willPayload);
  }

  #readCredentials(cursor: Cursor): void {
    const { connectFlags, level } = this;
    // MQTT 3.1 lets a CONNECT end before the fields that its flags announce.
    const mayEnd = level === LEVEL.V31;
    const isThere = (flag: number) =>
      (connectFlags & flag) !== 0 && !cursor.isStopped && !(mayEnd && cursor.at === cursor.length);
    if (isThere(CONNECT_FLAG.USER_NAME)) cursor.string(this.userName);
    if (isThere(CONNECT_FLAG.PASSWORD)) cursor.binary(this.password);
  }

  #checkRemainingLength(cursor: Cursor): void {
    const { headLength, level } = this;
    const isLong = headLength > 2 && cursor.bytes[cursor.start + headLength - 1] === 0;
    if (isLong && level === LEVEL.V5) cursor.note(FAULT.VARINT_NOT_MINIMAL, 1, headLength - 1);
  }

  #readId(cursor: Cursor): void {
    const at = cursor.at;
    const id = cursor.u16();
    if (id < 0) return;
    this.id = id;
    this.idAt = at;
  }

  #readCode(cursor: Cursor): void {
    const at = cursor.at;
    const code = cursor.u8();
    if (code < 0) return;
    this.code = code;
    this.codeAt = at;
  }

  #readProperties(cursor: Cursor): void {
    if (this.level === LEVEL.V5 && !cursor.isStopped)
      readProperties(cursor, this.properties, this.type, this.fromClient);
  }
}
