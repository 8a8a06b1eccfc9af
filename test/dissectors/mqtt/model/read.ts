/**
 * Reads one MQTT packet by the catalogue's tables, once more and on its own: slow, with copies, and giving up at the first
 * thing that is structurally wrong, whose rule it names. Strings are kept as Latin-1 text of their bytes, to be compared
 * byte by byte.
 */

export interface Filter {
  readonly text: string;
  readonly options: number;
}

export interface Will {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** What CONNECT says, as far as it could be read. */
export interface Connect {
  name: string;
  /** As written, a bridge's high bit included. */
  level: number;
  flags: number;
  clean: boolean;
  keepAlive: number;
  clientId: string;
  will: Will | undefined;
  userName: string | undefined;
}

export type Value = number | string | readonly [string, string];

export interface Packet {
  type: number;
  flags: number;
  /** Bytes, the head included. */
  size: number;
  /** The rule that what is structurally wrong breaks; what stands behind it was not read. */
  fault: string | undefined;
  id: number | undefined;
  /** 0 where 5.0 leaves it out. */
  code: number;
  codes: readonly number[];
  filters: Filter[];
  topic: string;
  payload: string;
  properties: Map<number, Value[]>;
  acknowledgeFlags: number;
  connect: Connect | undefined;
}

const [CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK] = [1, 2, 3, 8, 9, 10, 11];
const [DISCONNECT, AUTH] = [14, 15];
const ONLY_CLIENT = [CONNECT, SUBSCRIBE, UNSUBSCRIBE, 12];
const ONLY_SERVER = [CONNACK, SUBACK, UNSUBACK, 13];
const FLAGS_OF_2 = [6, SUBSCRIBE, UNSUBSCRIBE];

/** A property by the table: how its value is written, and where it may stand. W is the Will. */
interface Row {
  readonly kind: 'u8' | 'flag' | 'u16' | 'u32' | 'var' | 'str' | 'bin' | 'pair';
  readonly in: readonly (number | 'W')[];
  readonly from?: 'client' | 'server';
  /** From 1 on. */
  readonly positive?: boolean;
}

const REASONS = [CONNACK, 4, 5, 6, 7, SUBACK, UNSUBACK, DISCONNECT, AUTH];
const TABLE: Readonly<Record<number, Row>> = {
  1: { kind: 'u8', in: [PUBLISH, 'W'] },
  2: { kind: 'u32', in: [PUBLISH, 'W'] },
  3: { kind: 'str', in: [PUBLISH, 'W'] },
  8: { kind: 'str', in: [PUBLISH, 'W'] },
  9: { kind: 'bin', in: [PUBLISH, 'W'] },
  11: { kind: 'var', in: [PUBLISH, SUBSCRIBE], positive: true },
  17: { kind: 'u32', in: [CONNECT, CONNACK, DISCONNECT] },
  18: { kind: 'str', in: [CONNACK] },
  19: { kind: 'u16', in: [CONNACK] },
  21: { kind: 'str', in: [CONNECT, CONNACK, AUTH] },
  22: { kind: 'bin', in: [CONNECT, CONNACK, AUTH] },
  23: { kind: 'flag', in: [CONNECT] },
  24: { kind: 'u32', in: ['W'] },
  25: { kind: 'flag', in: [CONNECT] },
  26: { kind: 'str', in: [CONNACK] },
  28: { kind: 'str', in: [CONNACK, DISCONNECT] },
  31: { kind: 'str', in: REASONS },
  33: { kind: 'u16', in: [CONNECT, CONNACK], positive: true },
  34: { kind: 'u16', in: [CONNECT, CONNACK] },
  35: { kind: 'u16', in: [PUBLISH] },
  36: { kind: 'flag', in: [CONNACK] },
  37: { kind: 'flag', in: [CONNACK] },
  38: { kind: 'pair', in: [CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, 'W', ...REASONS] },
  39: { kind: 'u32', in: [CONNECT, CONNACK], positive: true },
  40: { kind: 'flag', in: [CONNACK] },
  41: { kind: 'flag', in: [CONNACK] },
  42: { kind: 'flag', in: [CONNACK] },
};

class FormFault extends Error {
  readonly rule: string;

  constructor(rule: string) {
    super(rule);
    this.rule = rule;
  }
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly end: number;
  /** The rule that reading behind the end breaks. */
  readonly #short: string;
  at: number;

  constructor(bytes: Uint8Array, at: number, end: number, short: string) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
    this.#short = short;
  }

  get left(): number {
    return this.end - this.at;
  }

  take(count: number): string {
    if (this.left < count) throw new FormFault(this.#short);
    const text = Buffer.from(this.#bytes.subarray(this.at, this.at + count)).toString('latin1');
    this.at += count;
    return text;
  }

  number(count: number): number {
    return [...this.take(count)].reduce((value, byte) => value * 256 + byte.charCodeAt(0), 0);
  }

  /** @param isLenient takes more bytes than are needed, too */
  variable(isLenient = false): number {
    let value = 0;
    for (let place = 0; place < 4; place++) {
      const byte = this.number(1);
      value += (byte & 0x7f) * 128 ** place;
      if (byte & 0x80) continue;
      if (place > 0 && byte === 0 && !isLenient) throw new FormFault('varint-not-minimal');
      return value;
    }
    throw new FormFault(this.#short);
  }

  binary(): string {
    return this.take(this.number(2));
  }

  string(): string {
    const text = this.binary();
    const bytes = Buffer.from(text, 'latin1');
    // Node replaces what is not well-formed, so that the bytes come back changed.
    if (!Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes)) throw new FormFault('utf8');
    if (text.includes('\0')) throw new FormFault('utf8-null');
    return text;
  }

  /** Skips a value, whatever it says. */
  skip({ kind }: Row): void {
    if (kind === 'u8' || kind === 'flag') this.take(1);
    else if (kind === 'u16') this.take(2);
    else if (kind === 'u32') this.take(4);
    else if (kind === 'var') this.variable(true);
    else for (let left = kind === 'pair' ? 2 : 1; left > 0; left--) this.binary();
  }

  properties(place: number | 'W', fromClient: boolean): Map<number, Value[]> {
    const found = new Map<number, Value[]>();
    if (this.left === 0) throw new FormFault('property-length');
    const length = this.variable();
    if (length > this.left) throw new FormFault('property-length');
    const inner = new Cursor(this.#bytes, this.at, this.at + length, 'property-length');
    this.at += length;
    while (inner.left > 0) inner.#property(place, fromClient, found);
    return found;
  }

  #property(place: number | 'W', fromClient: boolean, found: Map<number, Value[]>): void {
    const property = this.variable();
    const row = TABLE[property];
    if (!row) throw new FormFault('property-unknown');
    const value = this.#value(row);
    if (!row.in.includes(place)) throw new FormFault('property-not-allowed');
    const mayRepeat = property === 38 || (property === 11 && place === PUBLISH && !fromClient);
    const before = found.get(property) ?? [];
    if (before.length > 0 && !mayRepeat) throw new FormFault('property-repeated');
    const isWrong = (row.kind === 'flag' && Number(value) > 1) || (row.positive && value === 0);
    if (isWrong) throw new FormFault('property-value');
    found.set(property, [...before, value]);
  }

  #value({ kind }: Row): Value {
    if (kind === 'u8' || kind === 'flag') return this.number(1);
    if (kind === 'u16') return this.number(2);
    if (kind === 'u32') return this.number(4);
    if (kind === 'var') return this.variable();
    if (kind === 'bin') return this.binary();
    if (kind === 'str') return this.string();
    return [this.string(), this.string()];
  }
}

/** Length of the packet that begins at an offset; undefined as long as it is not whole, -1 for a broken Remaining Length. */
export function packetLength(bytes: Uint8Array, at: number): number | undefined {
  let value = 0;
  for (let place = 0; place < 4; place++) {
    const byte = bytes[at + 1 + place];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** place;
    if (byte & 0x80) continue;
    const length = 2 + place + value;
    return at + length <= bytes.length ? length : undefined;
  }
  return -1;
}

/** @param version 4 or 5; a CONNECT is read by its own level */
export function readPacket(bytes: Uint8Array, version: number, fromClient: boolean): Packet {
  const packet: Packet = {
    type: bytes[0] >>> 4,
    flags: bytes[0] & 15,
    size: bytes.length,
    fault: undefined,
    id: undefined,
    code: 0,
    codes: [],
    filters: [],
    topic: '',
    payload: '',
    properties: new Map(),
    acknowledgeFlags: 0,
    connect: undefined,
  };
  try {
    readInto(packet, bytes, version, fromClient);
  } catch (fault) {
    if (!(fault instanceof FormFault)) throw fault;
    packet.fault = fault.rule;
  }
  return packet;
}

function readInto(packet: Packet, bytes: Uint8Array, version: number, fromClient: boolean): void {
  const { type, flags } = packet;
  if (type === 0 || (type === AUTH && version < 5)) throw new FormFault('reserved-type');
  const isWrongWay =
    (fromClient ? ONLY_SERVER : ONLY_CLIENT).includes(type) || (type === DISCONNECT && !fromClient && version < 5);
  if (isWrongWay) throw new FormFault('wrong-direction');
  const cursor = new Cursor(bytes, 1, bytes.length, type === CONNECT ? 'connect-payload' : 'length');
  cursor.variable();
  // The identifier is there whatever the flags say, but for PUBLISH.
  if (type !== PUBLISH && flags !== (FLAGS_OF_2.includes(type) ? 2 : 0)) {
    if (type >= 4 && type <= 11 && cursor.left >= 2) packet.id = cursor.number(2);
    throw new FormFault('header-flags');
  }
  if (type === CONNECT) readConnect(packet, cursor);
  else if (type === PUBLISH) readPublish(packet, cursor, version, fromClient);
  else readOther(packet, cursor, version, fromClient);
  if (cursor.left > 0) throw new FormFault(type === CONNECT ? 'connect-payload' : 'length');
}

function readConnect(packet: Packet, cursor: Cursor): void {
  const connect: Connect = {
    name: cursor.string(),
    level: cursor.number(1),
    flags: cursor.number(1),
    clean: true,
    keepAlive: cursor.number(2),
    clientId: '',
    will: undefined,
    userName: undefined,
  };
  packet.connect = connect;
  const { flags, level } = connect;
  connect.clean = (flags & 2) !== 0;
  if (level === 5) packet.properties = cursor.properties(CONNECT, true);
  connect.clientId = cursor.string();
  if (flags & 4) {
    if (level === 5) cursor.properties('W', true);
    connect.will = { topic: cursor.string(), qos: (flags >>> 3) & 3, retain: (flags & 0x20) !== 0 };
    cursor.binary();
  }
  if (flags & 0x80) connect.userName = cursor.string();
  if (flags & 0x40) cursor.binary();
}

function readPublish(packet: Packet, cursor: Cursor, version: number, fromClient: boolean): void {
  const qos = (packet.flags >>> 1) & 3;
  if (qos === 3) throw new FormFault('publish-qos');
  const topic = cursor.binary();
  if (qos > 0) packet.id = cursor.number(2);
  // The text is judged when the identifier is known.
  new Cursor(lengthened(topic), 0, topic.length + 2, 'length').string();
  packet.topic = topic;
  if (version === 5) packet.properties = cursor.properties(PUBLISH, fromClient);
  packet.payload = cursor.take(cursor.left);
}

function lengthened(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([text.length >>> 8, text.length & 0xff]), Buffer.from(text, 'latin1')]);
}

function readOther(packet: Packet, cursor: Cursor, version: number, fromClient: boolean): void {
  const { type } = packet;
  if (type === CONNACK) {
    packet.acknowledgeFlags = cursor.number(1);
    packet.code = cursor.number(1);
    // A server of 3.1.1 refuses 5.0 in its own form.
    const isOlder = packet.code === 1 && cursor.left === 0;
    if (version === 5 && !isOlder) packet.properties = cursor.properties(type, fromClient);
  } else if (type >= 4 && type <= 7) {
    packet.id = cursor.number(2);
    if (version === 5) readReason(packet, cursor, fromClient);
  } else if (type === DISCONNECT || type === AUTH) {
    if (version === 5) readReason(packet, cursor, fromClient);
  } else if (type >= SUBSCRIBE && type <= UNSUBACK) {
    packet.id = cursor.number(2);
    if (version === 5) packet.properties = cursor.properties(type, fromClient);
    readList(packet, cursor, version);
  }
}

function readReason(packet: Packet, cursor: Cursor, fromClient: boolean): void {
  if (cursor.left > 0) packet.code = cursor.number(1);
  if (cursor.left > 0) packet.properties = cursor.properties(packet.type, fromClient);
}

function readList(packet: Packet, cursor: Cursor, version: number): void {
  const { type, filters } = packet;
  if (type === SUBACK || (type === UNSUBACK && version === 5)) {
    packet.codes = [...cursor.take(cursor.left)].map(byte => byte.charCodeAt(0));
  } else if (type !== UNSUBACK) {
    while (cursor.left > 0) {
      const text = cursor.string();
      filters.push({ text, options: type === SUBSCRIBE ? cursor.number(1) : 0 });
    }
  }
}

/** What a malformed PUBLISH of 5.0 says of its alias; undefined where that could not be read. */
export function aliasIn(bytes: Uint8Array): { readonly topic: string; readonly alias: number | undefined } | undefined {
  try {
    const cursor = new Cursor(bytes, 1, bytes.length, 'length');
    cursor.variable(true);
    if ((bytes[0] & 6) === 6) return undefined;
    const topic = cursor.binary();
    if (bytes[0] & 6) cursor.take(2);
    const length = cursor.variable(true);
    if (length > cursor.left) return undefined;
    const inner = new Cursor(bytes, cursor.at, cursor.at + length, 'property-length');
    while (inner.left > 0) {
      const property = inner.variable(true);
      if (property === 35) return { topic, alias: inner.number(2) };
      if (!TABLE[property]) return undefined;
      inner.skip(TABLE[property]);
    }
    return { topic, alias: undefined };
  } catch (fault) {
    if (!(fault instanceof FormFault)) throw fault;
    return undefined;
  }
}

/** The value of a property that is a number, or what holds without it. */
export function numberOf({ properties }: Packet, property: number, absent: number): number {
  const value = properties.get(property)?.[0];
  return typeof value === 'number' ? value : absent;
}
