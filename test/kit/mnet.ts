/**
 * MNET conversations for tests: two parties make messages that are right unless a test overrides a part of them, a list
 * of their lines is the conversation, and `judge` shows it to the engine, frame by frame, as a capture would.
 *
 *     const { C, L } = parties();
 *     judge([C.init(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40)]).broken   // [{ rule, frame }, ...]
 *
 * Frames count from 1, a millisecond apart.
 */
import { protocols } from '../../dissectors/index.ts';
import { type CaptureFacts, type CaptureSource, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeveritySetting } from '../../src/lint/rule.ts';
import type { RuleTally } from '../../src/lint/tally.ts';
import type { ConnectionReport } from '../../src/lint/verdict.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { type ByteOrder, concat, u16, u32 } from '../../src/testkit/bytes.ts';
import { ethernet, ipv4, ipv6, splitEndpoint, udp } from '../../src/testkit/packet.ts';

export const CONNECTOR = '10.0.0.1:5000';
export const LISTENER = '10.0.0.2:26999';
/** Capture time of the first frame, in Unix seconds. */
export const START = 1_700_000_000;
const STEP = 0.001;

export type Role = 'connector' | 'listener';
export type Tags = 'initiator' | 'receiver' | 'sender';

/** One datagram of a conversation. */
export interface Line {
  readonly from: Role;
  readonly bytes: Uint8Array;
  /** Seconds since the datagram before; a millisecond by default. */
  readonly after?: number;
  /** Bytes of it that the snap length left; all by default. */
  readonly captured?: number;
  /** Length that the headers state, where it is more than `bytes`, which is then all that was captured. */
  readonly stated?: number;
  readonly connector?: string;
  readonly listener?: string;
}

/** What the two sides have agreed on, and what a specification leaves open. */
export interface Terms {
  readonly order: ByteOrder;
  readonly tags: Tags;
  readonly initTag: number;
  readonly listenerTag: number;
  readonly expiration: number;
}

const DEFAULT_TERMS: Terms = {
  order: 'little',
  tags: 'sender',
  initTag: 0xcf742a,
  listenerTag: 0xb60afb,
  expiration: START + 6,
};

export interface InitParts {
  readonly tag?: number;
  readonly magic?: string;
  readonly version?: number;
}

export interface CookieParts {
  readonly tag?: number;
  readonly peerTag?: number;
  readonly version?: number;
  readonly expiration?: number;
  readonly hmac?: Uint8Array;
}

export interface DataParts {
  readonly tag?: number;
  readonly content?: Uint8Array;
  /** In place of the true ones. */
  readonly sequence?: number;
  readonly length?: number;
}

interface Tagged {
  readonly tag?: number;
}

/** One end of a connection: makes the messages it may send, and those it may not. */
export class Party {
  readonly role: Role;
  readonly #terms: Terms;

  constructor(role: Role, terms: Terms) {
    this.role = role;
    this.#terms = terms;
  }

  /** The tag that this side's messages carry after the handshake. */
  get tag(): number {
    const { tags, initTag, listenerTag } = this.#terms;
    if (tags === 'initiator') return initTag;
    return (this.role === 'connector') === (tags === 'sender') ? initTag : listenerTag;
  }

  init({ tag = this.#terms.initTag, magic = 'MNET', version = 1 }: InitParts = {}): Line {
    return this.raw(concat([1], new TextEncoder().encode(magic), [version], uint24(tag)));
  }

  cookie(parts: CookieParts = {}): Line {
    return this.raw(concat([2], this.#cookieContent(parts)));
  }

  echo(parts: CookieParts = {}): Line {
    return this.raw(concat([3], this.#cookieContent(parts)));
  }

  cookieAck({ tag = this.tag }: Tagged = {}): Line {
    return this.raw(concat([4], uint24(tag)));
  }

  /** The bytes [first, end) of this side's stream, whose content follows from their place in it. */
  data(first: number, end: number, acknowledged = 0, parts: DataParts = {}): Line {
    const { tag = this.tag, sequence = end, content = this.content(first, end) } = parts;
    return this.raw(concat(this.#dataHeader(tag, sequence, acknowledged, parts.length ?? content.length), content));
  }

  /** DATA without data: acknowledges and says how much was sent. */
  bare(sequence: number, acknowledged = 0, parts: DataParts = {}): Line {
    return this.data(sequence, sequence, acknowledged, parts);
  }

  /** DATA of which the snap length left the header alone. */
  headerOfData(first: number, end: number, acknowledged = 0): Line {
    const length = (end - first) >>> 0;
    return { ...this.raw(this.#dataHeader(this.tag, end, acknowledged, length)), stated: 14 + length };
  }

  shutdown(acknowledged = 0, { tag = this.tag }: Tagged = {}): Line {
    return this.raw(concat([5], uint24(tag), u32(acknowledged, this.#terms.order)));
  }

  shutdownAck({ tag = this.tag }: Tagged = {}): Line {
    return this.raw(concat([6], uint24(tag)));
  }

  shutdownComplete({ tag = this.tag }: Tagged = {}): Line {
    return this.raw(concat([7], uint24(tag)));
  }

  abort({ tag = this.tag }: Tagged = {}): Line {
    return this.raw(concat([8], uint24(tag)));
  }

  raw(bytes: Uint8Array): Line {
    return { from: this.role, bytes };
  }

  /** What this side's stream holds in [first, end). */
  content(first: number, end: number): Uint8Array {
    const salt = this.role === 'connector' ? 1 : 101;
    return Uint8Array.from({ length: end - first }, (_, i) => (first + i) * 7 + ((first + i) >>> 8) * 3 + salt);
  }

  #dataHeader(tag: number, sequence: number, acknowledged: number, length: number): Uint8Array {
    const { order } = this.#terms;
    return concat([0], uint24(tag), u32(sequence, order), u32(acknowledged, order), u16(length, order));
  }

  #cookieContent(parts: CookieParts): Uint8Array {
    const { initTag, listenerTag, order, expiration: until } = this.#terms;
    const { tag = listenerTag, peerTag = initTag, version = 1, expiration = until, hmac = hmacOf(tag, until) } = parts;
    return concat(uint24(tag), uint24(peerTag), [version], u32(expiration, order), hmac);
  }
}

/** The connector and the listener of a connection. */
export function parties(terms: Partial<Terms> = {}): { readonly C: Party; readonly L: Party } {
  const agreed = { ...DEFAULT_TERMS, ...terms };
  return { C: new Party('connector', agreed), L: new Party('listener', agreed) };
}

/** INIT to COOKIE-ACK: frames 1 to 4 where a conversation begins with it. */
export function handshake({ C, L }: { readonly C: Party; readonly L: Party }): Line[] {
  return [C.init(), L.cookie(), C.echo(), L.cookieAck()];
}

/** The same datagram so many seconds after the one before. */
export const later = (seconds: number, line: Line): Line => ({ ...line, after: seconds });
/** The same datagram, of which so many bytes were captured. */
export const cut = (captured: number, line: Line): Line => ({ ...line, captured });
/** The same datagram, shorter or (with zeros) longer. */
export function resized(length: number, line: Line): Line {
  const bytes = new Uint8Array(length);
  bytes.set(line.bytes.subarray(0, length));
  return { ...line, bytes };
}
/** The same datagrams between other ends. */
export const between = (connector: string, listener: string, lines: readonly Line[]): Line[] =>
  lines.map(line => ({ ...line, connector, listener }));

export interface BrokenRule {
  readonly rule: string;
  readonly frame: number;
}

export interface JudgeOptions {
  /** `{ tags: 'sender' }` */
  readonly dialect?: Readonly<Record<string, string>>;
  readonly severities?: Readonly<Record<string, SeveritySetting>>;
  readonly midstream?: 'auto' | 'never';
  /** Has the listener's port mapped, as `-d udp.port==26999,mnet` does. */
  readonly mapped?: boolean;
  /** Shows the infos about how an open question was settled. */
  readonly readings?: boolean;
  /** Packets that the capturing host says it dropped. Without any the capture is known to be complete, if nothing else is said. */
  readonly dropped?: number;
  readonly capture?: EngineOptions['capture'];
  readonly engine?: Partial<EngineOptions>;
}

export interface Judged {
  /** Every finding, in the order of the report. */
  readonly broken: readonly BrokenRule[];
  readonly findings: readonly Finding[];
  readonly report: RunReport;
  /** All connections, by number. */
  readonly connections: readonly ConnectionReport[];
}

/** Shows datagrams to an engine, one by one. */
export class Observer {
  readonly #engine: Engine;
  readonly #options: JudgeOptions;
  readonly #facts: CaptureFacts;
  readonly #frame = new Frame();
  #milliseconds = 0;

  constructor(options: JudgeOptions = {}) {
    this.#options = options;
    this.#facts = {
      path: 'test.pcap',
      format: 'pcap',
      description: 'pcap',
      linkTypes: [1],
      packets: 0,
      bytes: 0,
      dropped: options.dropped ?? 0,
      dropsCounted: false,
      knownComplete: false,
      complete: true,
    };
    this.#engine = engineFor(options);
    this.#engine.beginCapture(this.#facts);
  }

  see(line: Line): this {
    const frame = frameBytes(line);
    return this.frame(frame.bytes, frame.wireLength, line.after);
  }

  /** Any Ethernet frame, seconds after the one before. */
  frame(bytes: Uint8Array, wireLength = bytes.length, seconds = STEP): this {
    const frame = this.#frame;
    this.#facts.packets++;
    if (this.#facts.packets > 1) this.#milliseconds += Math.round(seconds * 1000);
    frame.number = this.#facts.packets;
    frame.seconds = START + Math.floor(this.#milliseconds / 1000);
    frame.nanoseconds = (this.#milliseconds % 1000) * 1_000_000;
    frame.linkType = 1;
    frame.bytes = bytes;
    frame.start = 0;
    frame.end = bytes.length;
    frame.wireLength = wireLength;
    this.#engine.frame(frame);
    return this;
  }

  /** Ends the capture. */
  judged(): Judged {
    return endOf(this.#engine, this.#options);
  }
}

/** What the engine finds in a conversation. */
export function judge(conversation: readonly Line[], options: JudgeOptions = {}): Judged {
  const observer = new Observer(options);
  for (const line of conversation) observer.see(line);
  return observer.judged();
}

/** What the engine finds in a capture file. */
export async function judgeCapture(source: CaptureSource, options: JudgeOptions = {}): Promise<Judged> {
  const engine = engineFor(options);
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  return endOf(engine, options);
}

function engineFor(options: JudgeOptions): Engine {
  const { dialect = {}, severities = {}, midstream = 'auto', mapped = false, dropped = 0 } = options;
  return new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    dialects: new Map(Object.entries(dialect).map(([name, value]) => [`mnet.${name}`, value])),
    severities: new Map(Object.entries(severities)),
    midstream,
    capture: options.capture ?? (dropped > 0 ? 'auto' : 'complete'),
    decodeAs: mapped ? [{ transport: 'udp', from: 26_999, to: 26_999, protocol: 'mnet' }] : [],
    allConnections: true,
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { ...DEFAULT_LIMITS, 'stream-memory': 1024 * 1024 },
    ...options.engine,
  });
}

function endOf(engine: Engine, { readings = false }: JudgeOptions): Judged {
  engine.endCapture();
  const report = engine.report();
  const findings = report.findings.filter(({ ruleId }) => readings || ruleId !== 'mnet/ambiguous-reading');
  const broken = findings.map(({ ruleId, frame }) => ({ rule: ruleId, frame }));
  return { report, findings, broken, connections: report.connections };
}

/** The counts of one rule. */
export function tally({ report }: Judged, rule: string): RuleTally | undefined {
  return report.protocols.flatMap(({ rules }) => rules).find(({ id }) => id === rule);
}

/** The frame of a datagram as far as it was captured, and its length on the wire. */
export function frameBytes(line: Line): { bytes: Uint8Array; wireLength: number } {
  const { connector = CONNECTOR, listener = LISTENER, bytes: payload, stated = payload.length } = line;
  const [source, destination] = line.from === 'connector' ? [connector, listener] : [listener, connector];
  const datagram = udp({ source, destination, length: 8 + stated }, payload);
  const from = splitEndpoint(source).address;
  const to = splitEndpoint(destination).address;
  const packet = from.includes(':')
    ? ipv6({ source: from, destination: to, nextHeader: 17, payloadLength: 8 + stated }, datagram)
    : ipv4({ source: from, destination: to, protocol: 17, totalLength: 28 + stated }, datagram);
  const bytes = ethernet({}, packet);
  const wireLength = bytes.length - payload.length + stated;
  const captured = line.captured ?? payload.length;
  return { bytes: bytes.subarray(0, bytes.length - payload.length + captured), wireLength };
}

function uint24(value: number): number[] {
  return [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** Twenty bytes that stand for an HMAC: different for different cookies. */
function hmacOf(tag: number, expiration: number): Uint8Array {
  return Uint8Array.from({ length: 20 }, (_, i) => tag * (i + 3) + expiration * 5 + i);
}
