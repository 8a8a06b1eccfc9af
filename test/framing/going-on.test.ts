/**
 * Connections that begin in lines and go on in frames behind a length (as HTTP and WebSocket do): where the framing changes,
 * however the bytes are cut, doubled and reordered; who waits for the other; and what a loss leaves.
 */
import { describe, expect, test } from 'vitest';
import {
  breaks,
  defineMessages,
  defineProtocol,
  type Exchange,
  HELD,
  malformed,
  rule,
  stay,
  tcp,
  text,
  uint,
} from '../../src/sdk.ts';
import { tally } from '../../src/testkit/engine.ts';
import { check, concat, contractProblems, framed, Traffic } from '../../src/testkit.ts';

const CLIENT = '10.0.0.1:1000';
const SERVER = '10.0.0.2:2000';

/** In lines: HELLO of either side, UP of the client, YES or NO to it. In frames: FRAME of either side. */
const messages = defineMessages(uint('type', 1), {
  HELLO: ['H', '1', 'says something', text('words', 'rest')],
  UP: ['U', '2', 'asks for frames'],
  YES: ['Y', '2', 'grants them: both sides go on in frames'],
  NO: ['N', '2', 'refuses them'],
  FRAME: ['F', '3', 'carries something', text('words', 'rest')],
});

type Up = Exchange<typeof messages>;

const form = malformed<Up>({ id: 'up/malformed', clause: '1' });
const outOfTurn = rule<Up>({
  id: 'up/out-of-turn',
  severity: 'error',
  restsOn: 'unseen',
  clause: '2',
  summary: 'a message has no place here',
  why: 'Nobody expects it.',
  example: 'F as a line',
});

const spec = {
  id: 'up',
  title: 'UP',
  summary: 'lines, then frames, for tests',
  specification: 'UP, edition 1',
  carriers: [tcp('lines-crlf', { later: ['length16'] })],
  messages,
  machine: {
    states: ['LINES', 'ASKED', 'FRAMES'],
    client: { LINES: { HELLO: stay, UP: 'ASKED' }, ASKED: {}, FRAMES: { FRAME: stay } },
    server: { LINES: { HELLO: stay }, ASKED: { HELLO: stay, YES: 'FRAMES', NO: 'LINES' }, FRAMES: { FRAME: stay } },
    otherwise: breaks(outOfTurn),
    final: [],
  },
  framingIn: { client: { ASKED: HELD, FRAMES: 'length16' }, server: { FRAMES: 'length16' } },
  rules: [form, outOfTurn],
} as const;

const up = defineProtocol(spec);

const line = (words: string) => framed('lines-crlf', Buffer.from(words));
const frame = (words: string) => framed('length16', Buffer.from(`F${words}`));
const MAPPED = { decodeAs: ['tcp.port==2000,up'] };

/** What both sides say, in turns; a planted fault near the end, which is a FRAME of another type. */
const TALK = [
  { from: 'client', bytes: concat(line('Hhello'), line('U')) },
  { from: 'server', bytes: concat(line('Hwelcome'), line('Y'), frame('one'), frame('two\r\n')) },
  { from: 'client', bytes: concat(frame('three'), frame(''), framed('length16', Buffer.from('?')), frame('four')) },
  { from: 'server', bytes: frame('five') },
] as const;

const SAID = [
  ['HELLO', 'hello'],
  ['UP', undefined],
  ['HELLO', 'welcome'],
  ['YES', undefined],
  ['FRAME', 'one'],
  ['FRAME', 'two\r\n'],
  ['FRAME', 'three'],
  ['FRAME', ''],
  ['unknown type', undefined],
  ['FRAME', 'four'],
  ['FRAME', 'five'],
];

async function seen(traffic: Traffic) {
  const { messages: found, findings, connections } = await check(up, traffic, MAPPED);
  const said = found.map(({ name, fields }) => [name, fields.words]);
  return { said, rules: findings.map(id => id.split(' ')[0]), connections };
}

function talked(cut?: number): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER);
  for (const { from, bytes } of TALK) talk[from](bytes, cut === undefined ? {} : { cut });
  talk.close();
  return traffic;
}

test('is a protocol', () => {
  expect(contractProblems(up)).toEqual([]);
});

test.each([undefined, 1, 2, 3, 5, 7])(
  'the planted fault and nothing else is found in segments of %s bytes',
  async cut => {
    const { said, rules, connections } = await seen(talked(cut));
    expect(said).toEqual(SAID);
    expect(rules).toEqual(['up/malformed']);
    expect(connections).toMatchObject([{ state: 'FRAMES', messages: 11, verdict: 'violations' }]);
  },
);

function framesOf(traffic: Traffic): readonly Uint8Array[] {
  const bytes = traffic.pcap();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const frames: Uint8Array[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = view.getUint32(at + 8, true);
    frames.push(bytes.slice(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}

function capture(frames: readonly Uint8Array[]): Traffic {
  const traffic = new Traffic();
  for (const frame of frames) traffic.frame(frame);
  return traffic;
}

test('doubled segments change nothing', async () => {
  const { said, rules } = await seen(capture(framesOf(talked(3)).flatMap(each => [each, each])));
  expect(said).toEqual(SAID);
  expect(rules).toEqual(['up/malformed']);
});

/** The end that sent a frame, by its source port. */
const port = (bytes: Uint8Array) => bytes[34] * 256 + bytes[35];

test('nor do segments of a direction that come in another order; of both, that accuses nobody of more', async () => {
  const frames = framesOf(talked(4));
  let inOrder = 0;
  for (let at = 3; at + 1 < frames.length - 3; at++) {
    const swapped = capture(frames.toSpliced(at, 2, frames[at + 1], frames[at]));
    const { said, rules } = await seen(swapped);
    if (port(frames[at]) === port(frames[at + 1])) {
      inOrder++;
      expect(said).toEqual(SAID);
      expect(rules).toEqual(['up/malformed']);
    } else expect(['up/malformed', undefined]).toContain(rules.join() || undefined);
  }
  expect(inOrder).toBeGreaterThan(10);
});

describe('a side that waits for the other', () => {
  test('is cut once that has said how it goes on, though it did not wait itself', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(line('U'));
    talk
      .client(concat(frame('a'), frame('b')), { cut: 4 })
      .server(line('Y'))
      .client(frame('c'))
      .close();
    const { said, rules } = await seen(traffic);
    expect(said).toEqual([
      ['UP', undefined],
      ['YES', undefined],
      ['FRAME', 'a'],
      ['FRAME', 'b'],
      ['FRAME', 'c'],
    ]);
    expect(rules).toEqual([]);
  });

  test('has its last message cut again, of which only the beginning had come', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(line('U'));
    const bytes = concat(frame('a'), frame('bcd'));
    talk.client(bytes.subarray(0, 6)).server(line('Y')).client(bytes.subarray(6)).close();
    const { said, rules } = await seen(traffic);
    expect(said.slice(2)).toEqual([
      ['FRAME', 'a'],
      ['FRAME', 'bcd'],
    ]);
    expect(rules).toEqual([]);
  });

  test('goes on as it was where that refuses', async () => {
    const traffic = new Traffic();
    const talk = traffic
      .connect(CLIENT, SERVER)
      .client(concat(line('U'), line('Hagain')))
      .server(line('N'));
    talk.client(line('Hmore')).close();
    const { said, rules } = await seen(traffic);
    expect(said).toEqual([
      ['UP', undefined],
      ['NO', undefined],
      ['HELLO', 'again'],
      ['HELLO', 'more'],
    ]);
    expect(rules).toEqual([]);
  });

  test('is accused of nothing where no answer comes, or it says too much to be kept', async () => {
    for (const length of [10, 70_000]) {
      const traffic = new Traffic();
      traffic.connect(CLIENT, SERVER).client(line('U')).client(new Uint8Array(length), { cut: 1400 }).close();
      const { said, rules, connections } = await seen(traffic);
      expect(said).toEqual([['UP', undefined]]);
      expect(rules).toEqual([]);
      expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
    }
  });
});

test('a loss ends both directions, and accuses nobody', async () => {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER).client(line('U'));
  talk.server(line('Y'), { captured: false }).client(frame('one')).server(frame('two')).client(frame('three')).close();
  const { said, rules, connections } = await seen(traffic);
  expect(said).toEqual([['UP', undefined]]);
  expect(rules).toEqual([]);
  expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
});

test('a connection met in its middle is not followed', async () => {
  const traffic = new Traffic();
  traffic.join(CLIENT, SERVER).client(frame('one')).server(line('Hello'));
  expect(await seen(traffic)).toMatchObject({ said: [], rules: [] });
});

test('the rules of both framings are judged', async () => {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER).client(line('U')).server(line('Y'));
  talk.client('0009 46').close();
  const { findings, report } = await check(up, traffic, MAPPED);
  expect(findings).toEqual(['framing/truncated 6']);
  expect(tally(report, 'framing/message-too-long')).toEqual([2, 0, 0]);
});

describe('what does not fit is refused:', () => {
  test.each([
    ['a state that there is not', { server: { OPEN: 'length16' } }, /server: OPEN is no state/],
    ['a framing that the carrier does not have', { client: { FRAMES: 'length8' } }, /length8 is no framing/],
  ])('%s', (_, framingIn, words) => {
    expect(() => defineProtocol({ ...spec, framingIn } as never)).toThrow(words);
  });

  test('framings that go on as what there is not, or on datagrams', () => {
    const carried = (carrier: object) => contractProblems({ ...up, carriers: [carrier] });
    expect(carried({ transport: 'tcp', framing: 'lines', later: ['frames'] })[0]).toMatch(
      /^carrier 1: later: framing is frames/,
    );
    expect(carried({ transport: 'tcp', framing: 'lines', later: ['lines'] })).toEqual([
      'carrier 1: the framing lines is named twice',
    ]);
    expect(carried({ transport: 'udp', framing: 'datagram', later: [] })).toEqual([
      'carrier 1: later is for tcp; a datagram is a message',
    ]);
  });
});
