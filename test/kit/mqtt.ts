/**
 * MQTT packets for tests, right unless a test says otherwise. `mqtt(5)`, `mqtt(4)` (3.1.1) and `mqtt(3)` (3.1) give the
 * encoder of a version:
 *
 *     const v5 = mqtt(5);
 *     v5.connect({ clientId: 'a' });
 *     v5.publish({ topic: 'a/b', payload: 'hi', qos: 1, id: 7, properties: [[PROPERTY.TOPIC_ALIAS, 3]] });
 *     v5.puback(7);                      // 40 02 0007
 *     v5.puback(7, 0x10);                // 40 03 0007 10
 *     v5.packet(4, 0, [0, 7]);           // the same as the first, by its bytes
 *
 * `MqttNet` (mqtt-net.ts) puts them into TCP connections. Text stands for its UTF-8 bytes. Properties are written as they
 * stand, in any number and order; before 5.0 they are not written at all.
 */
import { PROPERTY, TYPE } from '../../dissectors/mqtt/terms.ts';
import { concat, uint16, uint32 } from '../../src/testkit/bytes.ts';

export type Level = 3 | 4 | 5;
export type Text = string | Uint8Array | readonly number[];
export type PropertyValue = number | Text | readonly [name: Text, value: Text];
export type PropertyList = readonly (readonly [property: number, value: PropertyValue])[];

const { CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK } = TYPE;
const { UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH } = TYPE;

/** The bits of Connect Flags. */
export const USER_NAME = 0x80;
export const PASSWORD = 0x40;
export const WILL_RETAIN = 0x20;
export const WILL = 0x04;
export const CLEAN = 0x02;

/** The bits of a filter's options; the QoS is the lowest two. */
export const NO_LOCAL = 0x04;
export const RETAIN_AS_PUBLISHED = 0x08;
/** Retain Handling 0, 1 or 2 in its place. */
export const retainHandling = (handling: number) => handling << 4;

export interface WillParts {
  readonly topic: Text;
  readonly payload?: Text;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly properties?: PropertyList;
}

export interface ConnectParts {
  readonly clientId?: Text;
  /** Clean Session, Clean Start in 5.0; true by default. */
  readonly clean?: boolean;
  /** Seconds; 0, none, by default. */
  readonly keepAlive?: number;
  readonly will?: WillParts;
  readonly userName?: Text;
  readonly password?: Text;
  readonly properties?: PropertyList;
  /** In place of the true ones. */
  readonly name?: Text;
  readonly level?: number;
  readonly flags?: number;
}

export interface ConnackParts {
  readonly sessionPresent?: boolean;
  readonly properties?: PropertyList;
  /** In place of Session Present alone. */
  readonly flags?: number;
}

export interface PublishParts {
  readonly topic?: Text;
  readonly payload?: Text;
  readonly qos?: number;
  /** Written with QoS 1 to 3 only; 1 by default. */
  readonly id?: number;
  readonly dup?: boolean;
  readonly retain?: boolean;
  readonly properties?: PropertyList;
}

/** A filter, or a filter and its options: the QoS, and in 5.0 the bits above. */
export type FilterText = Text | readonly [filter: string | Uint8Array, options: number];

export function mqtt(version: Level): Encoder {
  return new Encoder(version);
}

export class Encoder {
  readonly version: Level;

  constructor(version: Level) {
    this.version = version;
  }

  connect(parts: ConnectParts = {}): Uint8Array {
    const { clientId = 'client', clean = true, keepAlive = 0, will, userName, password } = parts;
    const { name = this.version === 3 ? 'MQIsdp' : 'MQTT', level = this.version } = parts;
    const flags =
      (clean ? CLEAN : 0) |
      (will ? WILL | ((will.qos ?? 0) << 3) | (will.retain ? WILL_RETAIN : 0) : 0) |
      (userName === undefined ? 0 : USER_NAME) |
      (password === undefined ? 0 : PASSWORD);
    const body = concat(
      string(name),
      [level, parts.flags ?? flags],
      uint16(keepAlive),
      this.#properties(parts.properties),
      string(clientId),
      will ? concat(this.#properties(will.properties), string(will.topic), string(will.payload ?? '')) : [],
      userName === undefined ? [] : string(userName),
      password === undefined ? [] : string(password),
    );
    return this.packet(CONNECT, 0, body);
  }

  connack(code = 0, { sessionPresent = false, properties, flags }: ConnackParts = {}): Uint8Array {
    const head = [flags ?? (sessionPresent ? 1 : 0), code];
    return this.packet(CONNACK, 0, concat(head, this.#properties(properties)));
  }

  publish(parts: PublishParts = {}): Uint8Array {
    const { topic = 'a/b', payload = '', qos = 0, id = 1, dup = false, retain = false, properties } = parts;
    const flags = (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
    const body = concat(string(topic), qos > 0 ? uint16(id) : [], this.#properties(properties), bytesOfText(payload));
    return this.packet(PUBLISH, flags, body);
  }

  puback(id = 1, code?: number, properties?: PropertyList): Uint8Array {
    return this.#answer(PUBACK, 0, id, code, properties);
  }

  pubrec(id = 1, code?: number, properties?: PropertyList): Uint8Array {
    return this.#answer(PUBREC, 0, id, code, properties);
  }

  pubrel(id = 1, code?: number, properties?: PropertyList): Uint8Array {
    return this.#answer(PUBREL, 2, id, code, properties);
  }

  pubcomp(id = 1, code?: number, properties?: PropertyList): Uint8Array {
    return this.#answer(PUBCOMP, 0, id, code, properties);
  }

  subscribe(id: number, filters: readonly FilterText[], properties?: PropertyList): Uint8Array {
    const content = filters.map(filter => {
      const [text, options] = isFilterWithOptions(filter) ? filter : [filter, 0];
      return concat(string(text), [options]);
    });
    return this.packet(SUBSCRIBE, 2, concat(uint16(id), this.#properties(properties), ...content));
  }

  suback(id: number, codes: readonly number[], properties?: PropertyList): Uint8Array {
    return this.packet(SUBACK, 0, concat(uint16(id), this.#properties(properties), codes));
  }

  unsubscribe(id: number, filters: readonly Text[], properties?: PropertyList): Uint8Array {
    return this.packet(UNSUBSCRIBE, 2, concat(uint16(id), this.#properties(properties), ...filters.map(string)));
  }

  /** @param codes written in 5.0 only */
  unsuback(id: number, codes: readonly number[] = [], properties?: PropertyList): Uint8Array {
    const content = this.version === 5 ? concat(this.#properties(properties), codes) : [];
    return this.packet(UNSUBACK, 0, concat(uint16(id), content));
  }

  pingreq(): Uint8Array {
    return this.packet(PINGREQ, 0);
  }

  pingresp(): Uint8Array {
    return this.packet(PINGRESP, 0);
  }

  disconnect(code?: number, properties?: PropertyList): Uint8Array {
    return this.packet(DISCONNECT, 0, this.#reason(code, properties));
  }

  auth(code?: number, properties?: PropertyList): Uint8Array {
    return this.packet(AUTH, 0, this.#reason(code, properties));
  }

  /** Any packet by its parts. Remaining Length is that of the body, unless given, then in as many bytes as it needs. */
  packet(type: number, flags: number, body: Uint8Array | readonly number[] = [], remaining = body.length): Uint8Array {
    return concat([(type << 4) | flags], variable(remaining), body);
  }

  #answer(type: number, flags: number, id: number, code?: number, properties?: PropertyList): Uint8Array {
    return this.packet(type, flags, concat(uint16(id), this.#reason(code, properties)));
  }

  /** In 5.0: no Reason Code where none is given, no Property Length where no list is. */
  #reason(code: number | undefined, properties: PropertyList | undefined): Uint8Array {
    if (this.version < 5 || (code === undefined && properties === undefined)) return concat();
    return concat([code ?? 0], properties === undefined ? [] : this.#properties(properties));
  }

  #properties(list: PropertyList = []): Uint8Array {
    return this.version === 5 ? propertiesOf(list) : concat();
  }
}

/** Properties with their Property Length. */
export function propertiesOf(list: PropertyList): Uint8Array {
  const content = concat(...list.map(([property, value]) => concat(variable(property), contentOf(property, value))));
  return concat(variable(content.length), content);
}

/** A Variable Byte Integer, in at least so many bytes. */
export function variable(value: number, bytes = 1): Uint8Array {
  const groups: number[] = [];
  for (let rest = value; groups.length < bytes || rest > 0; rest = Math.floor(rest / 128)) groups.push(rest % 128);
  return Uint8Array.from(groups, (group, index) => (index < groups.length - 1 ? group | 0x80 : group));
}

/** A string, or bytes, behind the length of two bytes. */
export function string(text: Text): Uint8Array {
  const bytes = bytesOfText(text);
  return concat(uint16(bytes.length), bytes);
}

export function bytesOfText(text: Text): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : Uint8Array.from(text);
}

const WIDTHS: readonly (readonly [bytes: number, properties: readonly number[]])[] = [
  [
    1,
    [
      PROPERTY.PAYLOAD_FORMAT,
      PROPERTY.REQUEST_PROBLEM_INFORMATION,
      PROPERTY.REQUEST_RESPONSE_INFORMATION,
      PROPERTY.MAXIMUM_QOS,
      PROPERTY.RETAIN_AVAILABLE,
      PROPERTY.WILDCARD_AVAILABLE,
      PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
      PROPERTY.SHARED_AVAILABLE,
    ],
  ],
  [2, [PROPERTY.SERVER_KEEP_ALIVE, PROPERTY.RECEIVE_MAXIMUM, PROPERTY.TOPIC_ALIAS_MAXIMUM, PROPERTY.TOPIC_ALIAS]],
  [4, [PROPERTY.MESSAGE_EXPIRY, PROPERTY.SESSION_EXPIRY, PROPERTY.WILL_DELAY, PROPERTY.MAXIMUM_PACKET_SIZE]],
];

/** A number in its property's width, as Variable Byte Integer where it has none; a pair of texts; a text. */
function contentOf(property: number, value: PropertyValue): Uint8Array {
  if (typeof value === 'number') {
    const width = WIDTHS.find(([, properties]) => properties.includes(property))?.[0];
    if (width === undefined) return variable(value);
    return Uint8Array.from(uint32(value).slice(4 - width));
  }
  return isPair(value) ? concat(...value.map(string)) : string(value);
}

function isPair(value: Exclude<PropertyValue, number>): value is readonly [Text, Text] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] !== 'number';
}

function isFilterWithOptions(filter: FilterText): filter is readonly [string | Uint8Array, number] {
  return Array.isArray(filter) && typeof filter[0] !== 'number';
}
