/**
 * ministreaming conversations for tests: the messages of one connection between two ends, right unless a test overrides
 * a part of them, and `judge`, which shows a list of them to the engine, frame by frame, as a capture would.
 *
 *     const c = link();
 *     judge([c.syn(), c.ack(), c.send('hello'), c.close(), c.serverClose()]).broken   // ['rule frame', ...]
 *
 * Frames count from 1, a millisecond apart. Rules are named without their prefix.
 */
import { protocols } from '../../dissectors/index.ts';
import { type CaptureFacts, type CaptureSource, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeveritySetting } from '../../src/lint/rule.ts';
import type { ConnectionReport } from '../../src/lint/verdict.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/protocol/limits.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { concat, uint16, uint32 } from '../../src/testkit/bytes.ts';
import { facts } from '../../src/testkit/engine.ts';
import { ethernet, ipv4, splitEndpoint, tcpFrame, udp } from '../../src/testkit/packet.ts';
import { joined, type Recording, type Turn } from './recording.ts';
import { CLIENT, SERVER } from './tcp.ts';

export const ANN = '10.0.0.1:7001';
export const BOB = '10.0.0.2:7654';
/** Capture time of the first frame, in Unix seconds. */
export const START = 1_700_000_000;
const STEP = 0.001;

export type End = 'ann' | 'bob';

/** One message on its way. */
export interface Line {
  readonly from: End;
  readonly bytes: Uint8Array;
  /** Seconds since the message before; a millisecond by default. */
  readonly after?: number;
  /** Bytes of it that the snap length left; all by default. */
  readonly captured?: number;
  /** In place of ANN. */
  readonly ann?: string;
}

const KEY = Uint8Array.from({ length: 387 }, (_, i) => (i < 384 ? i * 7 : 0));

const id = (value: number) => [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];

export function raw(from: End, ...parts: readonly (readonly number[] | Uint8Array)[]): Line {
  return { from, bytes: concat(...parts) };
}

/** The messages of one connection; `client` opens it. */
export class Link {
  readonly client: End;
  readonly server: End;
  readonly clientId: number;
  readonly serverId: number;

  constructor(client: End, clientId: number, serverId: number) {
    this.client = client;
    this.server = client === 'ann' ? 'bob' : 'ann';
    this.clientId = clientId;
    this.serverId = serverId;
  }

  syn(key: Uint8Array = KEY): Line {
    return raw(this.client, [0xa1], id(this.clientId), key);
  }

  ack(serverId = this.serverId): Line {
    return raw(this.server, [0x51], id(this.clientId), id(serverId));
  }

  /** DATA of the client. */
  send(text = 'question'): Line {
    return raw(this.client, [0xa0], id(this.serverId), new TextEncoder().encode(text));
  }

  /** DATA of the server. */
  answer(text = 'answer'): Line {
    return raw(this.server, [0x50], id(this.clientId), new TextEncoder().encode(text));
  }

  /** CLOSE of the client. */
  close(): Line {
    return raw(this.client, [0xa2], id(this.serverId));
  }

  /** CLOSE of the server; before the ACK it refuses. */
  serverClose(payload: readonly number[] = []): Line {
    return raw(this.server, [0x52], id(this.clientId), payload);
  }

  refuse(payload: readonly number[] = []): Line {
    return this.serverClose(payload);
  }
}

export function link(client: End = 'ann', clientId = 0x234567, serverId = 0x987654): Link {
  return new Link(client, clientId, serverId);
}

/** The same message so many seconds after the one before. */
export const later = (seconds: number, line: Line): Line => ({ ...line, after: seconds });
/** The same message, of which so many bytes were captured. */
export const cut = (captured: number, line: Line): Line => ({
  ...line,
  captured: Math.min(captured, line.bytes.length),
});

export interface JudgeOptions {
  /** `{ chaff: 'ignore' }` */
  readonly dialect?: Readonly<Record<string, string>>;
  /** By rule, without its prefix. */
  readonly severities?: Readonly<Record<string, SeveritySetting>>;
  readonly midstream?: 'auto' | 'never';
  readonly capture?: 'auto' | 'complete' | 'lossy';
  /** Has Bob's port mapped, as `-d udp.port==7654,ministreaming` does; true by default. */
  readonly mapped?: boolean;
  readonly limits?: Partial<Limits>;
  readonly seed?: number;
  /** Packets that the capturing host says it dropped. */
  readonly dropped?: number;
}

export interface Judged {
  /** `rule frame` of every finding, in the order of the report. */
  readonly broken: readonly string[];
  readonly findings: readonly Finding[];
  readonly report: RunReport;
  /** All connections, by number. */
  readonly connections: readonly ConnectionReport[];
}

/** The state of each connection, by number. */
export const states = ({ connections }: Judged): string[] => connections.map(({ state }) => state);

/** What the engine finds in a conversation. */
export function judge(conversation: readonly Line[], options: JudgeOptions = {}): Judged {
  return judgeFrames(
    conversation.map(line => ({ ...frameBytes(line), after: line.after })),
    options,
  );
}

export interface StreamLine extends Line {
  /** Sent and received, but lost to the capture. */
  readonly missing?: boolean;
  /** Its sender ends its stream behind it. */
  readonly fin?: boolean;
}

/** The same messages on a TCP connection, each behind its length, one in a segment. */
export function judgeStream(
  conversation: readonly StreamLine[],
  options: JudgeOptions & { readonly handshake?: boolean } = {},
): Judged {
  const sequence = { ann: 1_000, bob: 5_000 };
  const segment = (from: End, flags: number, payload: Uint8Array) => {
    const [source, destination] = from === 'ann' ? [ANN, BOB] : [BOB, ANN];
    const other = from === 'ann' ? 'bob' : 'ann';
    const header = { source, destination, sequence: sequence[from], acknowledgement: sequence[other], flags };
    sequence[from] += payload.length + (flags & (SYN_FLAG | FIN_FLAG) ? 1 : 0);
    return tcpFrame(header, payload);
  };
  const nothing = new Uint8Array(0);
  const frames: Timed[] = [];
  const add = (bytes: Uint8Array, after?: number) => frames.push({ bytes, wireLength: bytes.length, after });
  if (options.handshake ?? true) {
    add(segment('ann', SYN_FLAG, nothing));
    add(segment('bob', SYN_FLAG | ACK_FLAG, nothing));
    add(segment('ann', ACK_FLAG, nothing));
  }
  for (const { from, bytes, after, missing = false, fin = false } of conversation) {
    const length = [bytes.length >>> 8, bytes.length & 0xff];
    const sent = segment(from, ACK_FLAG | (fin ? FIN_FLAG : 0), concat(length, bytes));
    if (!missing) add(sent, after);
  }
  return judgeFrames(frames, { ...options, dialect: { framing: 'length16', ...options.dialect } });
}

/** What the engine finds in these frames, as they are. */
export function judgeSegments(frames: readonly Frame[], options: JudgeOptions = {}): Judged {
  const engine = engineFor(options);
  engine.beginCapture({ ...facts(), packets: frames.length });
  for (const frame of frames) engine.frame(frame);
  return endOf(engine);
}

/** What it finds in each of many captures that one run reads: to make an engine ready takes longer than to read one of these. */
export function findingsOfEach(captures: readonly (readonly Frame[])[], options: JudgeOptions = {}): Finding[][] {
  const engine = engineFor(options);
  for (const frames of captures) {
    engine.beginCapture({ ...facts(), packets: frames.length });
    for (const frame of frames) engine.frame(frame);
    engine.endCapture();
  }
  const { findings } = engine.report();
  return captures.map((_, index) => findings.filter(({ capture }) => capture === index));
}

/** The same messages as what is said on a TCP connection that Ann opens, each behind its length, and at last both sides close. */
export function recordingOf(conversation: readonly Line[], lengthBytes: 2 | 4, ending = CLOSING): Recording {
  let time = START * 1e6;
  const turns = conversation.map(({ from, bytes, after = STEP }): Turn => {
    time += Math.round(after * 1e6);
    const length = lengthBytes === 2 ? uint16(bytes.length) : uint32(bytes.length);
    return { connection: 0, side: from === 'ann' ? CLIENT : SERVER, bytes: concat(length, bytes), time };
  });
  const last = ending.map((said, index): Turn => ({ ...said, connection: 0, time: time + (index + 1) * STEP * 1e6 }));
  return { connections: [[ANN, BOB]], turns: joined([...turns, ...last]) };
}

const CLOSING: readonly Omit<Turn, 'connection' | 'time'>[] = [
  { side: CLIENT, bytes: new Uint8Array(0), ending: 'fin' },
  { side: SERVER, bytes: new Uint8Array(0), ending: 'fin' },
];

const SYN_FLAG = 2;
const FIN_FLAG = 1;
const ACK_FLAG = 16;

interface Timed {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly after?: number | undefined;
}

function judgeFrames(frames: readonly Timed[], options: JudgeOptions): Judged {
  const engine = engineFor(options);
  const facts: CaptureFacts = {
    path: 'test.pcap',
    format: 'pcap',
    description: 'pcap',
    linkTypes: [1],
    packets: frames.length,
    bytes: 0,
    dropped: options.dropped ?? 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  };
  engine.beginCapture(facts);
  const frame = new Frame();
  let milliseconds = 0;
  frames.forEach(({ bytes, wireLength, after }, index) => {
    if (index > 0) milliseconds += Math.round((after ?? STEP) * 1000);
    frame.number = index + 1;
    frame.seconds = START + Math.floor(milliseconds / 1000);
    frame.nanoseconds = (milliseconds % 1000) * 1_000_000;
    frame.linkType = 1;
    frame.bytes = bytes;
    frame.start = 0;
    frame.end = bytes.length;
    frame.wireLength = wireLength;
    engine.frame(frame);
  });
  return endOf(engine);
}

/** What the engine finds in a capture file. */
export async function judgeCapture(source: CaptureSource, options: JudgeOptions = {}): Promise<Judged> {
  const engine = engineFor(options);
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  return endOf(engine);
}

function engineFor(options: JudgeOptions): Engine {
  const {
    dialect = {},
    severities = {},
    midstream = 'auto',
    capture = 'auto',
    mapped = true,
    limits,
    seed = 0,
  } = options;
  const engineOptions: EngineOptions = {
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    dialects: new Map(Object.entries(dialect).map(([name, value]) => [`ministreaming.${name}`, value])),
    severities: new Map(Object.entries(severities).map(([rule, severity]) => [`ministreaming/${rule}`, severity])),
    midstream,
    capture,
    seed,
    decodeAs: mapped
      ? (['udp', 'tcp'] as const).map(transport => ({ transport, from: 7654, to: 7654, protocol: 'ministreaming' }))
      : [],
    allConnections: true,
    limits: { ...DEFAULT_LIMITS, ...SMALL, ...limits },
  };
  return new Engine(engineOptions);
}

/** Enough for any conversation here; the defaults would cost more time than the conversation. */
const SMALL: Partial<Limits> = { 'stream-memory': 1024 * 1024 };

function endOf(engine: Engine): Judged {
  engine.endCapture();
  const report = engine.report();
  const broken = report.findings.map(({ ruleId, frame }) => `${ruleId.replace('ministreaming/', '')} ${frame}`);
  return { report, findings: report.findings, broken, connections: report.connections };
}

/** Checked, broken and inconclusive of one rule. */
export function tally({ report }: Judged, rule: string): number[] | undefined {
  const found = report.protocols.flatMap(({ rules }) => rules).find(({ id: own }) => own === `ministreaming/${rule}`);
  return found && [found.checked, found.broken, found.inconclusive];
}

/** The frame of a message as far as it was captured, and its length on the wire. */
export function frameBytes(line: Line): { bytes: Uint8Array; wireLength: number } {
  const { ann = ANN, bytes: payload, captured = payload.length } = line;
  const [source, destination] = line.from === 'ann' ? [ann, BOB] : [BOB, ann];
  const [from, to] = [splitEndpoint(source).address, splitEndpoint(destination).address];
  const datagram = udp({ source, destination }, payload);
  const bytes = ethernet({}, ipv4({ source: from, destination: to, protocol: 17 }, datagram));
  return { bytes: bytes.subarray(0, bytes.length - payload.length + captured), wireLength: bytes.length };
}
