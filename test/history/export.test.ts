/**
 * A part of a capture, taken out and checked again: what was found in the whole is found there, on the same bytes, and
 * Wireshark shows it as comments on the same frames.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes, openCapture } from '../../src/capture/open.ts';
import type { CaptureSource, Frame } from '../../src/capture/source.ts';
import { PcapngWriter } from '../../src/capture/writer.ts';
import { Engine } from '../../src/engine.ts';
import { connectionSelection, exportFrames, messageSelection, type Selection } from '../../src/history/export.ts';
import { History } from '../../src/history/history.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { MessageJson } from '../../src/report/message-json.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { ethernet, frameOf, ipv4, tcpFrame, udp, udpFrame } from '../../src/testkit/packet.ts';
import { type CollectedFrame, collect } from '../capture/collect.ts';
import { temporaryFile } from '../capture/temporary.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
/** Reported for the first connection of a run alone, so that another one that is exported by itself has it, too. */
const ONCE_A_RUN = ['mnet/ambiguous-reading'];

type Open = () => Promise<CaptureSource>;

interface Judged {
  readonly history: History;
  readonly findings: readonly Finding[];
}

async function judge(open: Open, onMessage?: (seen: SeenMessage) => void): Promise<Judged> {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const history = new History(engine.protocols);
  engine.history = history;
  engine.onMessage = onMessage;
  const source = await open();
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  return { history, findings: engine.report().findings };
}

async function exported(open: Open, selection: Selection): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const written = await exportFrames(open, selection, bytes => {
    pieces.push(bytes);
    return undefined;
  });
  const bytes = Buffer.concat(pieces);
  expect((await collect(await openBytes(bytes))).frames.length).toBe(written);
  return bytes;
}

/** For each frame of the part, its number in the whole. */
function numbersIn(whole: readonly CollectedFrame[], part: readonly CollectedFrame[]): number[] {
  let next = 0;
  return part.map(({ bytes, time }) => {
    next = whole.findIndex((frame, index) => index >= next && frame.bytes === bytes && frame.time === time) + 1;
    expect(next).toBeGreaterThan(0);
    return next;
  });
}

function placed(
  { ruleId, severity, from, atFault, messageName, state, bytes, excerpt }: Finding,
  frame: number,
): string {
  const facts = [ruleId, severity, from, atFault, messageName, state, bytes?.offset, bytes?.length];
  return `${frame} ${facts.join(' ')} ${Buffer.from(excerpt?.bytes ?? []).toString('hex')}`;
}

function commentsIn(path: string): string[][] {
  const fields = ['-T', 'fields', '-E', 'aggregator=|', '-e', 'frame.number', '-e', 'frame.comment'];
  const lines = runTool('tshark', ['-n', '-r', path, ...fields])
    .trimEnd()
    .split('\n');
  return lines.map(line => line.split('\t').slice(1).join('').split('|').filter(Boolean));
}

/** What was found in each capture with findings; nothing changes it. */
const judged = new Map<string, Judged>();
for (const folder of ['mnet', 'ministreaming', 'filestorage']) {
  for (const file of readdirSync(FIXTURES + folder).filter(file => file.endsWith('.pcap'))) {
    const found = await judge(() => openCapture(`${FIXTURES}${folder}/${file}`));
    if (found.findings.length > 0) judged.set(`${folder}/${file}`, found);
  }
}

test('there are captures of each protocol with findings', () => {
  expect(new Set([...judged.keys()].map(name => name.split('/')[0])).size).toBe(3);
});

describe.each([...judged])('%s', (name, { history, findings }) => {
  const open = () => openCapture(FIXTURES + name);

  test('each connection with a finding has it again when it is checked by itself', async () => {
    const whole = (await collect(await open())).frames;
    const known = findings.map(finding => placed(finding, finding.frame));
    for (const connection of new Set(findings.map(finding => finding.connection))) {
      const bytes = await exported(open, connectionSelection(history, connection));
      const part = await judge(() => openBytes(bytes));
      const numbers = numbersIn(whole, (await collect(await openBytes(bytes))).frames);
      const again = part.findings.map(finding => ({ finding, place: placed(finding, numbers[finding.frame - 1]) }));
      const own = findings.filter(finding => finding.connection === connection);
      expect(again.map(({ place }) => place)).toEqual(
        expect.arrayContaining(own.map(finding => placed(finding, finding.frame))),
      );
      const others = again.filter(
        ({ finding, place }) => !known.includes(place) && !ONCE_A_RUN.includes(finding.ruleId),
      );
      expect(others).toEqual([]);
    }
  });

  test('messages read again are in JSON what they were when they came by', async () => {
    const seen: object[] = [];
    await judge(open, message => seen.push(JSON.parse(lineOf(message))));
    const capture = readFileSync(FIXTURES + name);
    const bytes = {
      read: (_: number, position: number, length: number) => capture.subarray(position, position + length),
    };
    const all = Array.from({ length: history.messages.count }, (_, message) => history.recall(message, bytes));
    const again = all.map(message => JSON.parse(lineOf(message)));
    expect(again.map(withoutWhatCameLater)).toEqual(seen.map(withoutWhatCameLater));
  });
});

test('tshark shows the findings of each connection at their frames', async () => {
  if (!requireTool('tshark')) return;
  const parts: Uint8Array[] = [];
  const expected: { readonly where: string; readonly comments: readonly string[] }[] = [];
  for (const [name, { history, findings }] of judged) {
    const open = () => openCapture(FIXTURES + name);
    const whole = (await collect(await open())).frames;
    for (const connection of new Set(findings.map(finding => finding.connection))) {
      const bytes = await exported(open, connectionSelection(history, connection));
      parts.push(bytes);
      const own = findings.filter(finding => finding.connection === connection);
      for (const number of numbersIn(whole, (await collect(await openBytes(bytes))).frames)) {
        const there = own.filter(({ frame }) => frame === number);
        const comments = there.map(({ severity, ruleId }) => `wirelint ${severity} ${ruleId}`);
        expected.push({ where: `${name}, connection ${connection}, frame ${number}`, comments });
      }
    }
  }
  // Sections may follow each other in a file: one tshark shows them all.
  const comments = commentsIn(temporaryFile('export.pcapng', Buffer.concat(parts)).path);
  expect(comments).toHaveLength(expected.length);
  const shown = comments.map((lines, index) => ({
    where: expected[index].where,
    comments: lines.map(line => line.slice(0, line.indexOf(':'))),
  }));
  expect(shown).toEqual(expected);
});

function lineOf(message: SeenMessage): string {
  return new MessageJson({ format: 'ndjson', hex: false }).message(message);
}

/** A finding that comes up late stands on its message only once that is read again, and so do its answers. */
function withoutWhatCameLater(message: object): object {
  return { ...message, findings: [], answeredBy: undefined };
}

const CLIENT = '10.0.0.1:5000';
const SERVER = '10.0.0.2:26999';
const INIT = hex('01 4d4e4554 01 aabbcc');

const opener = (frames: readonly Uint8Array[]) => {
  const bytes = pcap(frames.map((frame, second) => ({ bytes: frame, seconds: 1000 + second })));
  return () => openBytes(bytes);
};
const ends = [
  { family: 4, words: [0x0a000001, 0, 0, 0], port: 5000 },
  { family: 4, words: [0x0a000002, 0, 0, 0], port: 26999 },
] as const;
const NOTHING_FOUND = { until: Number.POSITIVE_INFINITY, findings: [] };

async function selected(frames: readonly Uint8Array[], selection: Partial<Selection>): Promise<number[]> {
  const open = opener(frames);
  const part = await collect(await openBytes(await exported(open, { ...NOTHING_FOUND, ...selection })));
  return part.frames.map(({ time }) => Number(time.split('.')[0]) - 999);
}

describe('frames of a part', () => {
  const fragment = (offset: number, more: boolean, bytes: Uint8Array, identification = 7) =>
    ethernet(
      {},
      ipv4(
        {
          source: '10.0.0.1',
          destination: '10.0.0.2',
          protocol: 17,
          identification,
          fragmentOffset: offset,
          moreFragments: more,
        },
        bytes,
      ),
    );

  test('of a datagram that came in fragments are all of these, in any order, with others between', async () => {
    const datagram = udp({ source: CLIENT, destination: SERVER }, new Uint8Array(40).fill(1));
    const frames = [
      fragment(32, false, datagram.subarray(32)),
      fragment(0, true, datagram.subarray(0, 8), 8),
      udpFrame(CLIENT, SERVER, INIT),
      fragment(0, true, datagram.subarray(0, 8)),
      fragment(8, true, datagram.subarray(8, 32)),
    ];
    expect(await selected(frames, { frames: new Set([5]) })).toEqual([1, 4, 5]);
    expect(await selected(frames, { frames: new Set([3]) })).toEqual([3]);
    expect(await selected(frames, { flows: [{ transport: 'udp', ends }] })).toEqual([1, 3, 4, 5]);
  });

  test('of a TCP connection are all between its ends, those without data too, and no others', async () => {
    const segment = (source: string, destination: string, flags: number) =>
      tcpFrame({ source, destination, sequence: 1, acknowledgement: 0, flags }, new Uint8Array(0));
    const frames = [
      segment(CLIENT, SERVER, 2),
      segment(SERVER, CLIENT, 0x12),
      segment('10.0.0.1:5001', SERVER, 2),
      udpFrame(CLIENT, SERVER, INIT),
      segment('10.0.0.3:5000', SERVER, 2),
      segment(SERVER, CLIENT, 4),
    ];
    expect(await selected(frames, { flows: [{ transport: 'tcp', ends }] })).toEqual([1, 2, 6]);
    expect(await selected(frames, { flows: [{ transport: 'tcp', ends: [ends[1], ends[0]] }] })).toEqual([1, 2, 6]);
    expect(await selected(frames, { flows: [{ transport: 'udp', ends }] })).toEqual([4]);
  });

  test('of a flow over IPv6 are recognised by the whole address', async () => {
    const [client, server] = ['[2001:db8::1]:5000', '[2001:db8::2]:26999'];
    const frames = [
      udpFrame(client, server, INIT),
      udpFrame('[2001:db8::3]:5000', server, INIT),
      udpFrame(server, client, hex('00')),
      udpFrame('[2001:db9::1]:5000', server, INIT),
    ];
    const { connections } = (await judge(opener(frames))).history;
    const flow = { transport: 'udp', ends: [connections.address(1, 0), connections.address(1, 1)] } as const;
    expect(connections.client(1)).toBe(client);
    expect(await selected(frames, { flows: [flow] })).toEqual([1, 3]);
  });

  test('that hold some bytes are those whose packet has at least one of them', async () => {
    const frames = [udpFrame(CLIENT, SERVER, INIT), udpFrame(CLIENT, SERVER, INIT), udpFrame(CLIENT, SERVER, INIT)];
    const { length } = frames[0];
    const second = 24 + 16 + length + 16;
    expect(await selected(frames, { places: [{ position: second, length: 1 }] })).toEqual([2]);
    expect(await selected(frames, { places: [{ position: second - 1, length: 1 }] })).toEqual([]);
    expect(await selected(frames, { places: [{ position: second + length - 1, length: 18 }] })).toEqual([2, 3]);
    expect(
      await selected(frames, {
        places: [
          { position: 40, length: second },
          { position: 50, length: 1 },
        ],
      }),
    ).toEqual([1, 2]);
  });

  test('end where the reading is to end', async () => {
    const frames = Array.from({ length: 5 }, () => udpFrame(CLIENT, SERVER, INIT));
    expect(await selected(frames, { flows: [{ transport: 'udp', ends }], until: 3 })).toEqual([1, 2, 3]);
  });
});

test('a message over TCP comes in the frames that brought its bytes', async () => {
  const open = () => openCapture(`${FIXTURES}filestorage/2020-01-04-upload.pcap`);
  const { history } = await judge(open);
  const { frames } = await collect(await open());
  const { messages } = history;
  const longest = Array.from({ length: messages.count }, (_, message) => message).reduce((most, message) =>
    messages.length(message) > messages.length(most) ? message : most,
  );
  const part = await collect(await openBytes(await exported(open, messageSelection(history, longest))));
  const numbers = numbersIn(frames, part.frames);
  expect(numbers.at(-1)).toBe(messages.frame(longest));
  expect(part.frames.reduce((sum, { bytes }) => sum + bytes.length / 2, 0)).toBeGreaterThan(messages.captured(longest));
});

describe('comments', () => {
  const finding = (rest: Partial<Finding>): Finding => ({
    ruleId: 'mnet/tag-mismatch',
    severity: 'error',
    message: 'the tag is of another connection',
    capture: 0,
    frame: 2,
    time: { seconds: 1001, nanoseconds: 0 },
    protocol: 'mnet',
    connection: 1,
    from: CLIENT,
    to: SERVER,
    atFault: CLIENT,
    messageName: 'DATA',
    state: 'ESTABLISHED',
    bytes: null,
    expected: 'tag 0x01',
    actual: 'tag 0x02',
    restsOn: 'bytes',
    spec: { document: 'MNET', clause: 'Tags' },
    relatedFrames: [],
    excerpt: null,
    ...rest,
  });

  async function commentsOf(frames: readonly Frame[], selection: Partial<Selection>): Promise<string[]> {
    const writer = new PcapngWriter();
    for (const frame of frames) writer.frame(frame, frame.comment === '' ? [] : [frame.comment]);
    const bytes = writer.take();
    const all = { ...NOTHING_FOUND, frames: new Set(frames.map((_, index) => index + 1)), ...selection };
    const part = await collect(await openBytes(await exported(() => openBytes(bytes), all)));
    return part.frames.map(({ comment }) => comment);
  }

  const frame = (comment = '') =>
    Object.assign(frameOf(udpFrame(CLIENT, SERVER, INIT), { seconds: 1000 }), { comment });

  test("the frame's own comes first, then one a finding", async () => {
    const findings = [
      finding({}),
      finding({ ruleId: 'mnet/remark', severity: 'info', atFault: null, expected: '', actual: '' }),
    ];
    expect(await commentsOf([frame(), frame('seen in the field')], { findings })).toEqual([
      '',
      'seen in the field\n' +
        'wirelint error mnet/tag-mismatch: the tag is of another connection ' +
        '(expected tag 0x01, actual tag 0x02, at fault 10.0.0.1:5000; MNET: Tags)\n' +
        'wirelint info mnet/remark: the tag is of another connection (MNET: Tags)',
    ]);
  });

  test('point to frames by their numbers in the export', async () => {
    const message = 'differs from frame 3, from frame 1, and from what is called frame 4';
    const given = { findings: [finding({ frame: 3, message, relatedFrames: [1, 3] })], frames: new Set([2, 3]) };
    const [, comment] = await commentsOf([frame(), frame(), frame()], given);
    expect(comment).toContain(
      'differs from frame 2, from frame 1 of the whole capture, and from what is called frame 4',
    );
  });

  test('show what would act upon a terminal', async () => {
    const findings = [finding({ frame: 1, actual: 'name "\x1b]0;x\x07\u202e"' })];
    const [comment] = await commentsOf([frame('own \x1b[31m\nsecond line')], { findings });
    expect(comment).toContain('own \\x1b[31m\nsecond line\n');
    expect(comment).toContain('actual name "\\x1b]0;x\\x07\\u{202e}"');
  });

  test('of very many findings on one frame are so many, and say how many more there are', async () => {
    const findings = Array.from({ length: 120 }, () => finding({ frame: 1 }));
    const [comment] = await commentsOf([frame()], { findings });
    expect(comment.split('\n').length).toBe(51);
    expect(comment.endsWith('\nwirelint: 70 more')).toBe(true);
  });
});
