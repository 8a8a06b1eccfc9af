/**
 * One packet, read once: where its parts lie and what its numbers are. All offsets count from the packet's first byte.
 * Reused for every packet; nothing is copied. The layouts (layouts.ts) show the same bytes to people.
 */
import type { Message } from '../../src/sdk.ts';

/** A part of the packet: offset of its first byte and bytes; offset -1 where it is not there. */
export class Part {
  at = -1;
  length = 0;
}

/** What is structurally wrong with a packet, the first of it; the rule of the same name reports it. */
export const FAULT = {
  NONE: 0,
  RESERVED_TYPE: 1,
  HEADER_FLAGS: 2,
  PUBLISH_QOS: 3,
  LENGTH: 4,
  CONNECT_PAYLOAD: 5,
  UTF8: 6,
  UTF8_NULL: 7,
  VARINT_NOT_MINIMAL: 8,
  PROPERTY_LENGTH: 9,
  PROPERTY_UNKNOWN: 10,
  PROPERTY_NOT_ALLOWED: 11,
  PROPERTY_REPEATED: 12,
  PROPERTY_VALUE: 13,
} as const;

/** The properties of a packet or of a Will, as far as they were read. */
export class Properties {
  /** Behind the Property Length; `at` -1 where the packet has none. */
  readonly range: Part = new Part();
  /** How often each identifier is there, by identifier. */
  readonly count: Uint8Array = new Uint8Array(43);
  /** By identifier: the value of a number; of a string or bytes the length of its content. */
  readonly value: Float64Array = new Float64Array(43);
  /** By identifier: where the content of a string or bytes begins, or the number does. The last one, of repeated ones. */
  readonly at: Int32Array = new Int32Array(43);
  /** Subscription Identifiers in order, as many as `count` says; more than 1,024 are not kept. */
  readonly subscriptionIds: number[] = [];
  /** Bytes that Reason String and User Properties take with their identifiers. */
  optionalBytes = 0;

  has(property: number): boolean {
    return this.count[property] > 0;
  }
}

/** A filter of a SUBSCRIBE or UNSUBSCRIBE. */
export class FilterPart extends Part {
  /** Of a SUBSCRIBE. */
  options = 0;
}

export class Packet {
  /** 3, 4 or 5: by which it was read. */
  level = 4;
  type = 0;
  /** Low half of the first byte. */
  flags = 0;
  /** Bytes of type, flags and Remaining Length. */
  headLength = 2;
  /** `FAULT`, and the bytes it lies in. */
  fault = 0;
  readonly faulty: Part = new Part();
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

  get dup(): boolean {
    return (this.flags & 8) !== 0;
  }
  get qos(): number {
    return (this.flags >> 1) & 3;
  }
  get retain(): boolean {
    return (this.flags & 1) !== 0;
  }

  /**
   * Reads the packet in hand.
   * @param level 3 (MQTT 3.1), 4 or 5: which version it is read by; of a CONNECT its own level goes before it
   * @param fromClient tells which properties a PUBLISH, DISCONNECT or AUTH may carry
   */
  read(message: Message, level: number, fromClient: boolean): void {
    throw new Error(`to be written: ${message.length} ${level} ${fromClient}`);
  }
}
