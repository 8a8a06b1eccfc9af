/**
 * filestorage conversations for tests: messages of both editions as lines, TCP segments made of them in many ways, and
 * what the engine finds. A line is one message in one segment unless it says otherwise, and the handshake takes three
 * frames, so that the first line is frame 4.
 */
import { createHash } from 'node:crypto';
import { protocols } from '../../dissectors/index.ts';
import { type CaptureFacts, type CaptureSource, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeveritySetting } from '../../src/lint/rule.ts';
import type { RuleTally } from '../../src/lint/tally.ts';
import type { ConnectionReport } from '../../src/lint/verdict.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { concat, uint32 } from '../../src/testkit/bytes.ts';
import { CLIENT, SERVER, type Side, TcpTalk } from './tcp.ts';

export { CLIENT, SERVER } from './tcp.ts';

export const CLIENT_END = '10.0.0.1:40000';
export const SERVER_END = '10.0.0.2:9000';
/** Frames before the first line. */
export const HANDSHAKE = 3;

/** Something that one side sends, or the end of its stream. */
export interface Line {
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly fin?: boolean;
  /** Seconds since the line before; one if absent. */
  readonly after?: number;
  /** Bytes at its end that the snap length cuts off. */
  readonly cut?: number;
}

/** Members in place of the message's own; `undefined` takes one away. */
export type Members = Readonly<Record<string, unknown>>;

export const later = (after: number, line: Line): Line => ({ ...line, after });
export const fin = (side: Side): Line => ({ side, bytes: new Uint8Array(0), fin: true });
/** Both sides close, the client first. */
export const closing: readonly Line[] = [fin(CLIENT), fin(SERVER)];

/** A libipc message. */
export function libipc(type: number, userType: number, payload: Uint8Array, length = payload.length): Uint8Array {
  return concat([type], uint32(length), [userType], payload);
}

/** A DATA message; a text stands as it is, anything else as its JSON. */
export function data(side: Side, userType: number, payload: unknown): Line {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { side, bytes: libipc(2, userType, Buffer.from(text)) };
}

/** The UUID that is called by a number. */
export const id = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** `size` bytes in base64. */
export const base64 = (size: number, first = 0): string =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => first + at)).toString('base64');

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const JWT = `${part({ alg: 'HS256' })}.${part({ sub: '1002' })}.${Buffer.alloc(32, 7).toString('base64url')}`;

/** Messages of 2019-12. */
export const first = {
  /** @param sizes of the files that are announced */
  authentication: (number: number, sizes: readonly number[] = [33], members: Members = {}): Line => {
    const files = sizes.map((size, at) => ({ name: `file${at}`, size }));
    return data(CLIENT, 1, { 'message-id': id(number), token: JWT, files, ...members });
  },
  ok: (number: number, members: Members = {}): Line =>
    data(SERVER, 2, { 'message-id': id(number), response: 'Ok', ...members }),
  error: (number: number, members: Members = {}): Line =>
    data(SERVER, 2, { 'message-id': id(number), response: 'Error', reason: 'no', ...members }),
  /** The chunk has the id of the message plus 1000. */
  transfer: (number: number, size = 33, members: Members = {}): Line =>
    data(CLIENT, 3, { 'message-id': id(number), chunk: id(number + 1_000), data: base64(size), ...members }),
};

/** A file of 2020-01. */
export interface Upload {
  readonly name: string;
  readonly size: number;
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const fileOf = ({ name, size }: Upload, members: Members = {}) => {
  return { name, size, nb_chunks: Math.ceil(size / 1000), digest: digestOf(name), ...members };
};

/** Messages of 2020-01. */
export const second = {
  authentication: (number: number, uploads: readonly Upload[], members: Members = {}): Line => {
    const wanted = uploads.map((upload, at) => ({ mid: id(number + 500 + at), file: fileOf(upload) }));
    const token = { uid: 1002, login: 'jo' };
    return data(CLIENT, 1, { mid: id(number), token, uploads: wanted, downloads: [], ...members });
  },
  responses: (number: number, words: readonly string[], response = 'Ok'): Line => {
    const responses = words.map((word, at) => ({ mid: id(number + 500 + at), response: word }));
    return data(SERVER, 5, { mid: id(number), responses, response });
  },
  upload: (number: number, upload: Upload, members: Members = {}): Line =>
    data(CLIENT, 2, { mid: id(number), file: fileOf(upload), ...members }),
  download: (number: number, name: string): Line => data(CLIENT, 3, { mid: id(number), name }),
  ok: (number: number, members: Members = {}): Line => data(SERVER, 4, { mid: id(number), response: 'Ok', ...members }),
  notOk: (number: number, reason = 'no'): Line => data(SERVER, 4, { mid: id(number), response: 'Not Ok', reason }),
  error: (number: number, reason = 'no'): Line => data(SERVER, 0, { mid: id(number), reason }),
  /** Chunk n of a file, counted from 1, with as many bytes as it has. */
  transfer: (number: number, upload: Upload, n = 1, members: Members = {}, chunk: Members = {}): Line => {
    const on = Math.ceil(upload.size / 1000);
    const text = base64(Math.min(1000, upload.size - (n - 1) * 1000));
    const about = { n, on, digest: digestOf(text), ...chunk };
    return data(CLIENT, 6, {
      mid: id(number),
      filedigest: digestOf(upload.name),
      chunk: about,
      data: text,
      ...members,
    });
  },
};

export interface JudgeOptions {
  /** `{ idField: 'mid' }` */
  readonly dialect?: Readonly<Record<string, string>>;
  readonly severities?: Readonly<Record<string, SeveritySetting>>;
  readonly midstream?: 'auto' | 'never';
  /** Has the server's port mapped, as `-d tcp.port==9000,filestorage` does; or to another protocol. */
  readonly mapped?: boolean | string;
  readonly engine?: Partial<EngineOptions>;
}

export interface Judged {
  /** `ruleId frame` of each finding, by frame, without the protocol's own name: `chunk-reused 9`, `libipc/truncated 7`. */
  readonly broken: readonly string[];
  readonly findings: readonly Finding[];
  readonly connections: readonly ConnectionReport[];
  readonly report: RunReport;
  /** Name and state of each message, as `dissect` would show them. */
  readonly seen: readonly string[];
}

/** Segments of the lines, each at most `mss` bytes long. */
export function talkOf(lines: readonly Line[], mss = 65_000, client = CLIENT_END): TcpTalk {
  const talk = new TcpTalk({ client, server: SERVER_END, mss }).open();
  for (const { side, bytes, fin: ends = false, after = 1, cut = 0 } of lines) {
    const seconds = talk.segments.at(-1)!.seconds + after;
    if (ends) talk.fin(side, { seconds });
    else talk.send(side, bytes, { seconds, cut });
  }
  return talk;
}

/** What the engine finds in a conversation. */
export function judge(lines: readonly Line[], options: JudgeOptions = {}): Promise<Judged> {
  return judgeFrames(talkOf(lines).frames(), options);
}

export async function judgeFrames(frames: readonly Frame[], options: JudgeOptions = {}): Promise<Judged> {
  const { dialect = {}, severities = {}, midstream = 'auto', mapped = false } = options;
  const protocol = mapped === true ? 'filestorage' : mapped;
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    // What has its port mapped is asked alone; else all are, and each may recognise it.
    protocols: protocol ? protocols.filter(({ id }) => ['filestorage', 'libipc', protocol].includes(id)) : protocols,
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { ...DEFAULT_ENGINE_OPTIONS.limits, 'stream-memory': 2 ** 20 },
    dialects: new Map(Object.entries(dialect).map(([name, value]) => [`filestorage.${name}`, value])),
    severities: new Map(Object.entries(severities)),
    midstream,
    decodeAs: protocol ? [{ transport: 'tcp', from: 9_000, to: 9_000, protocol }] : [],
    allConnections: true,
    ...options.engine,
  });
  const seen: string[] = [];
  engine.onMessage = ({ name, state }) => seen.push(`${name} ${state}`);
  engine.beginCapture({ ...WHOLE, packets: frames.length });
  for (const [index, frame] of frames.entries()) {
    frame.number = index + 1;
    engine.frame(frame);
  }
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  const report = engine.report();
  const broken = report.findings.map(({ ruleId, frame }) => `${ruleId.replace('filestorage/', '')} ${frame}`);
  return { broken, findings: report.findings, connections: report.connections, report, seen };
}

const WHOLE: CaptureFacts = {
  path: 'test.pcap',
  format: 'pcap',
  description: 'pcap',
  linkTypes: [1],
  packets: 0,
  bytes: 0,
  dropped: 0,
  dropsCounted: false,
  knownComplete: false,
  complete: true,
};

/** The frames of a capture, each with bytes of its own. */
export async function framesOf(source: CaptureSource): Promise<Frame[]> {
  const frames: Frame[] = [];
  await source.read(frame => {
    const copy = Object.assign(new Frame(), frame);
    copy.bytes = Uint8Array.from(frame.bytes.subarray(frame.start, frame.end));
    copy.start = 0;
    copy.end = copy.bytes.length;
    frames.push(copy);
  });
  return frames;
}

/** The counts of one rule, for protocol `filestorage` unless said otherwise. */
export function tally({ report }: Judged, rule: string): RuleTally | undefined {
  return report.protocols.flatMap(({ rules }) => rules).find(({ id: found }) => found === rule);
}
