/**
 * Same bytes, same findings: what TCP connections carry is judged the same, however it was cut into segments, in which
 * order they came and how often. Each conversation is taken apart into what was said, played once with one message a
 * segment, and then in many other ways; each finding must be there again, on the frame in which its message was
 * complete.
 */

import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import libipc from '../dissectors/libipc/index.ts';
import { framing as mqttFraming } from '../dissectors/mqtt/framing.ts';
import { openCapture } from '../src/capture/open.ts';
import type { Frame } from '../src/capture/source.ts';
import { Engine } from '../src/engine.ts';
import type { Framing } from '../src/framing/framing.ts';
import { LENGTH_16, LENGTH_32 } from '../src/framing/ready.ts';
import type { RunReport } from '../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../src/run/options.ts';
import { concat, uint16 } from '../src/testkit/bytes.ts';
import { facts, found } from '../src/testkit/engine.ts';
import { conversation } from './dissectors/ministreaming/endpoints.ts';
import { STORIES as MQTT_STORIES, type MqttStory } from './dissectors/mqtt/stories.ts';
import { type Line as FileLine, first, framesOf, libipc as ipc, second } from './kit/filestorage.ts';
import { ANN, BOB, type Line, later, link, raw, recordingOf } from './kit/ministreaming.ts';
import { casesOf, placesOf } from './kit/portion.ts';
import { recorder } from './kit/recorder.ts';
import { frameOfOffset, joined, type Progress, type Recording, saidBy, type Turn, takeApart } from './kit/recording.ts';
import { manners, PLAIN, type Played, play } from './kit/replay.ts';
import { CLIENT, SERVER, type Side } from './kit/tcp.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname;
const LIBIPC = libipc.framing!;
/** Capture time of what is scripted, in microseconds. */
const START = 1_700_000_000_000_000;

interface Settings {
  /** `['tcp.port==7654,ministreaming']` by port and protocol. */
  readonly mapped?: readonly [port: number, protocol: string] | undefined;
  readonly dialect?: Readonly<Record<string, string>>;
  readonly protocols?: EngineOptions['protocols'];
}

interface Story extends Settings {
  readonly name: string;
  /** The protocol that its port may be mapped to, where it is recognised without. */
  readonly mappable?: Settings['mapped'];
  readonly recording: Recording;
  readonly framing: Framing;
  /** Set where limits bind who has acknowledged them: everything that came is acknowledged. */
  readonly acknowledges?: 'all';
  /** Bytes of client and server before the first message. */
  readonly preface?: readonly [client: number, server: number];
  /** `rule frame` of all findings, where each message has a segment of its own; the handshake takes the first three. */
  readonly found: readonly string[];
}

async function framesIn(path: string): Promise<Frame[]> {
  return framesOf(await openCapture(FIXTURES + path));
}

// What is found

interface Judged {
  /** What each message was taken for: connection, sender, name, state after it, rules that it broke; and its frame. */
  readonly seen: readonly Placed[];
  readonly findings: readonly Placed[];
  readonly connections: readonly string[];
  /** By protocol: settled dialect, messages by name, and what each rule was asked. */
  readonly tallies: readonly string[];
  readonly report: RunReport;
}

/** Something with its place in the capture. */
interface Placed {
  readonly what: string;
  readonly frames: readonly number[];
}

async function judge(frames: readonly Frame[], settings: Settings = {}): Promise<Judged> {
  const { mapped, dialect = {}, protocols: known = protocols } = settings;
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    limits: { ...DEFAULT_ENGINE_OPTIONS.limits, 'stream-memory': 2 ** 20 },
    protocols: known,
    dialects: new Map(Object.entries(dialect)),
    decodeAs: mapped ? [{ transport: 'tcp', from: mapped[0], to: mapped[0], protocol: mapped[1] }] : [],
    allConnections: true,
  });
  const seen: Placed[] = [];
  engine.onMessage = ({ message, connection, from, name, state, findings }) => {
    const rules = findings.map(({ ruleId }) => ruleId);
    const what = [connection, from, name, message.length, state, ...rules].join(' ');
    seen.push({ what, frames: [message.frame] });
  };
  engine.beginCapture({ ...facts(), packets: frames.length });
  frames.forEach((frame, index) => {
    frame.number = index + 1;
    engine.frame(frame);
  });
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  const report = engine.report();
  const findings = report.findings.map(({ frame, relatedFrames, time: _time, excerpt: _excerpt, ...finding }) => {
    const frames = [frame, ...relatedFrames];
    const what = JSON.stringify(finding).replace(/\bframe (\d+)/g, (_, number) => {
      frames.push(Number(number));
      return 'frame';
    });
    return { what, frames };
  });
  const connections = report.connections.map(({ start: _start, end: _end, ...rest }) => JSON.stringify(rest));
  const tallies = report.protocols.map(({ rules, ...rest }) => {
    // How often bytes were sent again is no property of the bytes.
    const own = rules.filter(({ id }) => id !== 'tcp/overlap-differs');
    return JSON.stringify({ ...rest, rules: own });
  });
  return { seen, findings, connections, tallies, report };
}

/** With the frames of another telling of the same bytes. */
function moved(placed: readonly Placed[], from: readonly Progress[], to: readonly Progress[]): string[] {
  const places = new Map(from.map(progress => [progress.frame, progress]));
  const frameIn = (frame: number) => {
    const { connection, side, offset } = places.get(frame)!;
    return frameOfOffset(to, connection, side, offset);
  };
  return placed.map(({ what, frames }) => line(what, frames.map(frameIn)));
}

const ascending = (one: number, other: number) => one - other;
const line = (what: string, [frame, ...related]: readonly number[]): string =>
  `${frame} ${what} ${related.sort(ascending)}`;
const lines = (placed: readonly Placed[]): string[] => placed.map(({ what, frames }) => line(what, frames));

/** A story played with one message a segment, and what is found in that. */
class PlayedStory {
  readonly story: Story;
  readonly played: Played;
  /** By connection and side: offsets behind what stands before the first message, and behind each message. */
  readonly #ends: readonly (readonly (readonly number[])[])[];
  #judged: Promise<Judged> | undefined;

  constructor(story: Story) {
    this.story = story;
    this.#ends = story.recording.connections.map((_, connection) =>
      ([CLIENT, SERVER] as const).map(side => endsOfMessages(story, connection, side)),
    );
    const toNextEnd = (connection: number, side: Side, offset: number) =>
      (this.#ends[connection][side].find(end => end > offset) ?? Number.POSITIVE_INFINITY) - offset;
    this.played = play(story.recording, { ...PLAIN, longest: toNextEnd });
  }

  judged(): Promise<Judged> {
    this.#judged ??= judge(this.played.frames, this.story);
    return this.#judged;
  }

  /** Frames of all messages that the framing finds, in the order of the capture. */
  framesOfMessages(): number[] {
    const frames = this.#ends.flatMap((sides, connection) =>
      sides.flatMap((ends, side) =>
        ends.slice(1).map(end => frameOfOffset(this.played.progress, connection, side as Side, end)),
      ),
    );
    return frames.sort(ascending);
  }

  /** The same was found in another telling of it. */
  async expectSame({ frames, progress }: Played): Promise<void> {
    const [known, found] = [await this.judged(), await judge(frames, this.story)];
    const there = this.played.progress;
    expect(lines(found.seen)).toEqual(moved(known.seen, there, progress));
    expect(lines(found.findings).sort()).toEqual(moved(known.findings, there, progress).sort());
    expect(found.connections).toEqual(known.connections);
    expect(found.tallies).toEqual(known.tallies);
  }
}

/** Offsets behind each message of a side, as its framing has them. */
function endsOfMessages({ recording, framing, preface = [0, 0] }: Story, connection: number, side: Side): number[] {
  const bytes = saidBy(recording, connection, side);
  const ends = [preface[side]];
  for (let at = preface[side]; at + framing.headLength <= bytes.length; at = ends[ends.length - 1]) {
    const length = framing.lengthOf(bytes, at, bytes.length, at, new Float64Array(framing.notes ?? 0));
    if (length > framing.longest) return [...ends, at + framing.headLength];
    if (at + length > bytes.length) break;
    ends.push(at + length);
  }
  return ends;
}

// The stories

const CAPTURES: readonly Omit<Story, 'recording' | 'framing'>[] = [
  {
    name: '2019-12-auth',
    found: [
      'filestorage/missing-field 4',
      'filestorage/field-type 4',
      'filestorage/missing-field 5',
      'filestorage/missing-field 11',
      'filestorage/field-type 11',
      'filestorage/missing-field 12',
      'filestorage/missing-field 18',
      'filestorage/field-type 18',
      'filestorage/missing-field 19',
    ],
  },
  {
    name: '2019-12-auth-tcpd',
    preface: [11, 2],
    found: ['filestorage/missing-field 6', 'filestorage/field-type 6', 'filestorage/missing-field 7'],
  },
  { name: '2020-01-02-pipelined', found: [7, 8, 9].map(frame => `filestorage/transfer-pipelined ${frame}`) },
  { name: '2020-01-04-upload', found: [] },
  { name: '2020-01-04-upload-tcpd', preface: [11, 2], found: [] },
  { name: '2020-01-30-upload-twice', found: [] },
  { name: 'libipc-pong', found: [] },
];

interface Said {
  readonly side: Side;
  readonly bytes: Uint8Array;
  /** Seconds since what was said before; a millisecond by default. */
  readonly after?: number;
  readonly ending?: 'fin' | 'reset';
}

/** Turns of one connection. */
function turnsOf(said: readonly Said[]): Turn[] {
  let time = START;
  return joined(
    said.map(({ side, bytes, after = 0.001, ending }) => {
      time += Math.round(after * 1e6);
      return { connection: 0, side, bytes, time, ...(ending && { ending }) };
    }),
  );
}

const closed: readonly Said[] = ([CLIENT, SERVER] as const).map(side => ({
  side,
  bytes: new Uint8Array(0),
  ending: 'fin',
}));

/** A ministreaming session behind lengths of so many bytes; Ann is the client of the TCP connection. */
function ministreaming(
  name: string,
  bytes: 2 | 4,
  said: readonly Line[],
  found: readonly string[],
  rest: readonly Said[] = closed,
): Story {
  return {
    name: `${name}, length${bytes * 8}`,
    recording: recordingOf(said, bytes, rest),
    framing: bytes === 2 ? LENGTH_16 : LENGTH_32,
    mapped: [7654, 'ministreaming'],
    dialect: { 'ministreaming.framing': `length${bytes * 8}` },
    found: found.map(finding => (finding.includes('/') ? finding : `ministreaming/${finding}`)),
  };
}

/** A filestorage connection as the kit's lines tell it. */
function filestorage(name: string, said: readonly FileLine[], found: readonly string[]): Story {
  const messages = said.map(({ side, bytes, fin, after }): Said => {
    return { side, bytes, ...(after && { after }), ...(fin && { ending: 'fin' }) };
  });
  return {
    name,
    recording: { connections: [['10.0.0.1:40000', '10.0.0.2:9000']], turns: turnsOf(messages) },
    framing: LIBIPC,
    mappable: [9000, 'filestorage'],
    found,
  };
}

/** What an MQTT story's connections said. */
function mqttStory({ name, net, found }: MqttStory): Story {
  const { progress: _, ...recording } = takeApart(net.frames());
  return {
    name,
    recording,
    framing: mqttFraming,
    mappable: [1883, 'mqtt'],
    acknowledges: 'all',
    found: found.map(finding => `mqtt/${finding}`),
  };
}

const c = link();
const d = link('ann', 0x234568, 0x987655);
const e = link('bob', 0x345678, 0x876543);
/** Its server gives it an id that is in use. */
const f = link('ann', 0x234569, d.serverId);

const CONFORMING: readonly Line[] = [
  c.syn(),
  c.ack(),
  c.send('a question'),
  e.syn(),
  d.syn(),
  e.ack(),
  d.refuse(),
  c.answer('an answer'),
  c.send(''),
  e.answer('y'.repeat(700)),
  c.close(),
  e.close(),
  c.serverClose(),
  e.serverClose(),
];

const FAULTY: readonly Line[] = [
  c.syn(),
  d.syn(),
  c.answer('too early'),
  c.ack(),
  d.ack(),
  raw('ann', [0xa0, 0x23, 0x45, 0x67, 0x68, 0x69]),
  raw('bob', [0xc0, 0, 0, 1]),
  raw('ann', [0xff]),
  raw('ann', []),
  c.close(),
  c.answer('crossing'),
  c.send('one more'),
  c.close(),
  e.syn(),
  raw('bob', [0xa1, 0x33, 0x33, 0x33]),
  f.syn(),
  f.ack(),
  later(90, c.answer('late')),
];
const FAULTS = [
  'data-before-ack 6',
  'own-id 9',
  'unknown-type 10',
  'truncated-header 11',
  'truncated-header 12',
  'data-crossing-close 14',
  'data-after-close 15',
  'close-duplicate 16',
  'syn-unanswered 17',
  'syn-missing-key 18',
  'server-id-in-use 20',
  'data-crossing-close 21',
];

const HELLO = { name: 'hello', size: 33 };

const STORIES: readonly Story[] = [
  ...MQTT_STORIES.map(mqttStory),
  ministreaming('ministreaming, nobody at fault', 2, CONFORMING, []),
  ministreaming('ministreaming, nobody at fault', 4, CONFORMING, []),
  ministreaming('ministreaming with faults', 2, FAULTY, FAULTS),
  ministreaming('ministreaming with faults', 4, FAULTY, FAULTS),
  ministreaming(
    'ministreaming, reset',
    2,
    CONFORMING.slice(0, 9),
    [],
    [{ side: SERVER, bytes: Uint8Array.of(0, 9, 0x50), ending: 'reset' }],
  ),
  ministreaming(
    'ministreaming that ends inside a message',
    2,
    CONFORMING.slice(0, 4),
    ['framing/truncated 8', 'framing/truncated 10'],
    [
      { side: CLIENT, bytes: Uint8Array.of(0, 9, 0xa0, 1), ending: 'fin' },
      { side: SERVER, bytes: Uint8Array.of(0), ending: 'fin' },
    ],
  ),
  ministreaming(
    'ministreaming beyond its bound',
    4,
    CONFORMING.slice(0, 4),
    ['framing/message-too-long 8'],
    [
      { side: CLIENT, bytes: Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0xa0, 1, 2, 3, 4, 5) },
      { side: SERVER, bytes: concat([0, 0, 0, 10], c.answer('more..').bytes) },
      ...closed,
    ],
  ),
  filestorage(
    'filestorage, 2019-12, with faults',
    [
      first.authentication(1, [33, 5]),
      first.transfer(2),
      first.ok(1),
      first.ok(2),
      first.transfer(3, 5, { chunk: 'no id' }),
      first.ok(7),
      { side: CLIENT, bytes: ipc(9, 3, Uint8Array.of(1, 2, 3)) },
      { side: CLIENT, bytes: ipc(2, 3, Buffer.from('{"a":')), fin: true },
      { side: SERVER, bytes: Uint8Array.of(2, 0, 0), fin: true },
    ],
    [
      'filestorage/transfer-before-ok 5',
      'filestorage/chunk-id-format 8',
      'filestorage/response-id-mismatch 9',
      'libipc/unknown-type 10',
      'filestorage/not-json 11',
      'libipc/truncated 13',
    ],
  ),
  filestorage(
    'filestorage, 2020-01, with faults',
    [
      second.authentication(1, [HELLO, { name: 'large', size: 2_500 }]),
      second.responses(1, ['Upload OK', 'Upload OK']),
      second.transfer(2, HELLO, 1, { filedigest: '00' }),
      second.transfer(3, HELLO, 1, {}, { n: 9 }),
      second.ok(2),
      second.ok(9),
      { side: SERVER, bytes: ipc(2, 4, new Uint8Array(0), 8_000_001) },
      { side: CLIENT, bytes: new Uint8Array(0), fin: true },
      { side: SERVER, bytes: new Uint8Array(0), fin: true },
    ],
    [
      'filestorage/file-unknown 6',
      'filestorage/transfer-pipelined 7',
      'filestorage/chunk-number 7',
      'filestorage/response-id-mismatch 9',
      'libipc/message-too-long 10',
    ],
  ),
];

/**
 * Larger conversations are not played byte by byte: behind a thousand segments it is not known any more what an old one
 * held, and one that is sent again then leaves the verdict open.
 */
const shortestFor = ({ turns }: Recording): number =>
  Math.ceil(turns.reduce((sum, { bytes }) => sum + bytes.length, 0) / 800);

/** The sides close in the other order, where neither says anything in between. */
function closedTheOtherWay({ connections, turns }: Recording): Recording {
  const order: Turn[] = [];
  for (let at = 0; at < turns.length; at++) {
    const [turn, next] = [turns[at], turns[at + 1]];
    const { ending, ...said } = turn;
    const both = ending === 'fin' && next?.ending === 'fin' && next.connection === turn.connection;
    if (!both || next.bytes.length > 0) {
      order.push(turn);
      continue;
    }
    if (said.bytes.length > 0) order.push(said);
    order.push(next, { ...turn, bytes: next.bytes });
    at++;
  }
  return { connections, turns: order };
}

/** Of each story; together they are some hundreds. */
const RUNS = { numRuns: casesOf(40, 10), endOnFailure: true };

function holdsFor(story: Story): void {
  const played = new PlayedStory(story);
  const shortest = shortestFor(story.recording);

  test('is found with one message a segment', async () => {
    const { report, seen } = await played.judged();
    expect(found(report)).toEqual(story.found);
    expect(seen.map(({ frames: [frame] }) => frame).sort(ascending)).toEqual(played.framesOfMessages());
  });

  test('is found however it is cut, ordered, doubled and acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(manners(shortest), fc.boolean(), async (manner, otherWay) => {
        const { recording, acknowledges = manner.acknowledges } = story;
        const said = otherWay ? closedTheOtherWay(recording) : recording;
        await played.expectSame(play(said, { ...manner, acknowledges }));
      }),
      RUNS,
    );
  });

  test('taken up at any segment, nothing is found that the whole does not give', async () => {
    const { frames } = play(story.recording, { ...PLAIN, longest: 100 * shortest, joinsFin: true });
    for (const mapped of [story.mapped, story.mappable]) {
      const named = ({ report }: Judged, missed = 0) =>
        report.findings
          .filter(({ ruleId }) => ruleId !== 'mqtt/midstream')
          .map(({ ruleId, frame, from, messageName }) => `${ruleId} ${frame + missed} ${from} ${messageName}`);
      const whole = named(await judge(frames, { ...story, mapped }));
      for (const missed of placesOf(frames.length, 3, story.name.length, 1)) {
        const these = named(await judge(frames.slice(missed), { ...story, mapped }), missed);
        expect({ missed, new: these.filter(finding => !whole.includes(finding)) }).toEqual({ missed, new: [] });
      }
    }
  });
}

describe.each(STORIES)('$name', holdsFor);

describe.each(CAPTURES)('$name', async rest => {
  const frames = await framesIn(`filestorage/${rest.name}.pcap`);
  const { progress, ...recording } = takeApart(frames);
  const mappable = [9000, rest.name === 'libipc-pong' ? 'libipc' : 'filestorage'] as const;
  const story = { ...rest, recording, framing: LIBIPC, mappable };
  const played = new PlayedStory(story);

  test('taken apart and put together it is what the capture was', async () => {
    await played.expectSame({ frames, progress });
  });

  holdsFor(story);
});

test('any ministreaming session of two correct ends, many connections at once', async () => {
  const decisions = fc.array(fc.nat(9_999), { minLength: 40, maxLength: 200, size: 'max' });
  await fc.assert(
    fc.asyncProperty(
      decisions,
      manners(20),
      fc.constantFrom(2 as const, 4 as const),
      async (numbers, manner, length) => {
        const story = ministreaming('any', length, conversation(numbers), []);
        await new PlayedStory(story).expectSame(play(story.recording, manner));
      },
    ),
    { numRuns: casesOf(60), endOnFailure: true },
  );
});

/** Messages of any bytes behind lengths, of both sides, as a tracker receives them. */
test('any messages at all come to the tracker whole, in their order, on the frame of their last byte', async () => {
  const message = fc.tuple(fc.constantFrom<Side>(CLIENT, SERVER), fc.uint8Array({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), manners(), async (messages, manner) => {
      const said = messages.map(([side, bytes]) => ({ side, bytes: concat(uint16(bytes.length), bytes) }));
      const log: string[] = [];
      const recording = { connections: [[ANN, BOB]], turns: turnsOf([...said, ...closed]) } as const;
      const { frames, progress } = play(recording, manner);
      const known = [recorder(log)];
      await judge(frames, { mapped: [7654, 'recorder'], protocols: known });
      const ends = [0, 0];
      const expected = said.map(({ side, bytes }) => {
        ends[side] += bytes.length;
        const who = side === CLIENT ? 'client' : 'server';
        return `${who} ${Buffer.from(bytes.subarray(2)).toString('hex')} @${frameOfOffset(progress, 0, side, ends[side])}`;
      });
      const opened = messages.length > 0 ? ['opened from the start'] : [];
      const over = messages.length > 0 ? ['client ended', 'server ended', 'closed'] : [];
      expect(log).toEqual([...opened, ...expected, ...over]);
    }),
    { numRuns: casesOf(150), endOnFailure: true },
  );
});

const FOREIGN = ['tcp', 'captures'].flatMap(folder => {
  const files = readdirSync(FIXTURES + folder).filter(name => name.endsWith('.pcap'));
  return files.map(name => `${folder}/${name}`);
});

test('connections of other protocols give nothing, in any pieces', async () => {
  let connections = 0;
  for (const path of FOREIGN) {
    const { progress: _, ...recording } = takeApart(await framesIn(path));
    if (recording.turns.length === 0) continue;
    connections += recording.connections.length;
    await fc.assert(
      fc.asyncProperty(manners(shortestFor(recording)), async manner => {
        const { report } = await judge(play(recording, manner).frames);
        expect({ path, findings: report.findings, messages: report.summary.messages }).toEqual({
          path,
          findings: [],
          messages: 0,
        });
      }),
      { numRuns: casesOf(5, 2) },
    );
  }
  expect(connections).toBeGreaterThan(40);
});
