/**
 * What a capture may have missed of conversations that keep the specification: nobody is accused, of an error or of a
 * warning. Nothing says what was missed; only the ends' own acknowledgements and sequence numbers show it.
 */
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../../src/run/options.ts';
import { describePacket, newDecoder } from '../../kit/decoded.ts';
import {
  CLIENT_END,
  closing,
  first,
  framesOf,
  type JudgeOptions,
  judgeFrames,
  SERVER_END,
  talkOf,
} from '../../kit/filestorage.ts';
import { placesOf } from '../../kit/portion.ts';
import { CLIENT, type Segment, type Side, type TcpTalk } from '../../kit/tcp.ts';
import { CONVERSATIONS } from './conversations.ts';

const FIXTURES = new URL('../../../fixtures', import.meta.url).pathname;

/** Frames that are left of a capture, by their index. */
interface Condition {
  readonly condition: string;
  readonly left: (count: number, sideOf: (index: number) => number) => readonly (readonly number[])[];
}

const all = (count: number) => Array.from({ length: count }, (_, index) => index);
const butFor = (count: number, ...lost: readonly number[]) => all(count).filter(index => !lost.includes(index));
/** Frames at the beginning that are lost in every combination: the handshake, a preface and its answer, the first message. */
const BEGINNING = 6;
/** Of the ways to lose frames, one of so many; odd, so that neither side nor any of the first frames is left out. */
const STEP = 5;

const CONDITIONS: readonly Condition[] = [
  { condition: 'any one frame', left: count => all(count).map(lost => butFor(count, lost)) },
  { condition: 'the beginning', left: count => all(count).map(first => all(count).slice(first)) },
  {
    condition: 'two frames in a row',
    left: count => all(count).map(lost => butFor(count, lost, lost + 1)),
  },
  {
    condition: 'every third',
    left: count => [0, 1, 2].map(first => all(count).filter(index => index % 3 !== first)),
  },
  {
    condition: 'one direction',
    left: (count, sideOf) => [0, 1].map(side => all(count).filter(index => sideOf(index) === side)),
  },
];

/** Many more, for the beginning of a few conversations. */
const BEGINNINGS: readonly Condition[] = [
  {
    condition: 'any one frame, and then the end',
    left: count => all(Math.min(count, 10)).flatMap(lost => all(Math.min(count, 14)).map(end => butFor(end, lost))),
  },
  {
    condition: 'some of the beginning',
    left: count =>
      all(2 ** Math.min(BEGINNING, count)).map(bits => all(count).filter(at => at >= BEGINNING || (bits >> at) & 1)),
  },
  {
    condition: 'some of the beginning, and all behind it',
    left: count =>
      all(2 ** Math.min(BEGINNING, count)).map(bits => all(Math.min(BEGINNING, count)).filter(at => (bits >> at) & 1)),
  },
  {
    condition: 'one direction, from some frame on',
    left: (count, sideOf) =>
      all(count).flatMap(from => [0, 1].map(side => all(count).filter(at => at < from || sideOf(at) === side))),
  },
];

/** Errors and warnings that the frames which are left give rise to. */
async function accusations(frames: readonly Frame[], left: readonly number[], options: JudgeOptions) {
  const { findings } = await judgeFrames(
    left.map(index => Object.assign(Object.create(Object.getPrototypeOf(frames[index])), frames[index])),
    options,
  );
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, frame }) => `${ruleId} ${left[frame - 1] + 1}`);
}

/** @param turn a number of the conversation: other frames are lost of the next, and of some others its port is mapped */
async function expectNone(
  conditions: readonly Condition[],
  frames: readonly Frame[],
  sideOf: (index: number) => number,
  options: JudgeOptions,
  turn: number,
): Promise<void> {
  // Conditions overlap: without its first frame is also from the second one on.
  const known = new Map<string, readonly string[]>();
  const wrong: unknown[] = [];
  for (const { condition, left } of conditions) {
    const ways = left(frames.length, sideOf);
    const places = placesOf(ways.length, ways.length <= 3 ? 1 : STEP, turn);
    for (const [index, place] of places.entries()) {
      const those = ways[place];
      // Two and two: places next to each other differ in their last bit, which may stand for a frame.
      for (const half of placesOf(2, 2, (index >> 1) + turn)) {
        const mapped = half === 0;
        const key = `${mapped} ${those}`;
        const found = known.get(key) ?? (await accusations(frames, those, { ...options, mapped }));
        known.set(key, found);
        if (found.length > 0) wrong.push({ condition, mapped, frames: those.map(index => index + 1), found });
      }
    }
  }
  expect(wrong).toEqual([]);
}

/** Each segment with bytes is acknowledged by one without. */
function acknowledged(talk: TcpTalk): TcpTalk {
  return talk.with(
    talk.segments.flatMap((segment, index): Segment[] => {
      const { side, flags, sequence, acknowledgement, payload } = segment;
      if (index < 3 || (payload.length === 0 && (flags & 1) === 0)) return [segment];
      const behind = (sequence + payload.length + (flags & 1)) >>> 0;
      const answer = { ...segment, side: (1 - side) as Side, flags: 0x10, payload: new Uint8Array(0) };
      return [segment, { ...answer, sequence: acknowledgement, acknowledgement: behind }];
    }),
  );
}

const FEW = ['behind the TCP bridge', '2020-01: chunks counted from 0'];

test.each(CONVERSATIONS.map((one, turn) => ({ ...one, turn })))(
  '$name',
  async ({ name, lines, options = {}, turn }) => {
    const plain = talkOf(lines);
    for (const [index, talk] of [plain, acknowledged(plain)].entries()) {
      const sideOf = (index: number) => talk.segments[index].side;
      const more = FEW.includes(name) && talk === plain ? BEGINNINGS : [];
      await expectNone([...CONDITIONS, ...more], talk.frames(), sideOf, options, turn + index);
    }
  },
);

/** Captures of the public programs, with what the first of them do otherwise. */
const FIRST_PROGRAMS = { dialect: { idField: 'mid', token: 'any' } };

test.each([
  ['2019-12-auth', FIRST_PROGRAMS, 0],
  ['2019-12-auth-tcpd', FIRST_PROGRAMS, 1],
  ['2020-01-04-upload', {}, 2],
  ['2020-01-04-upload-tcpd', {}, 3],
  ['2020-01-30-upload-twice', {}, 4],
])('%s', async (name, options, turn) => {
  const frames = await framesOf(await openCapture(`${FIXTURES}/filestorage/${name}.pcap`));
  const packets = frames.map(frame => describePacket(newDecoder().decode(frame)!));
  const server = packets[0].destination;
  const sideOf = (index: number) => (packets[index].source === server ? 1 : 0);
  await expectNone(CONDITIONS, frames, sideOf, options, turn);
});

describe("the bridge's preface", () => {
  test('is recognised without its SYN, also where nothing follows (filestorage-preface-syn-lost.pcap)', async () => {
    const frames = await framesOf(await openCapture(`${FIXTURES}/field/filestorage-preface-syn-lost.pcap`));
    const { findings, report } = await judgeFrames(frames, { mapped: true });
    expect(findings).toEqual([]);
    expect(report.summary.messages).toBe(0);
  });

  const bridge = CONVERSATIONS.find(({ name }) => name === 'behind the TCP bridge')!;
  const [SYN, SYN_ACK, HANDSHAKE_ACK, NAME, OK, AUTHENTICATION] = all(6);
  const { segments } = talkOf(bridge.lines);
  const left = (lost: readonly number[]) => {
    return talkOf(bridge.lines)
      .with(segments.filter((_, index) => !lost.includes(index)))
      .frames();
  };

  test.each([
    ['the SYN', [SYN], 'conformant'],
    ['the SYN-ACK', [SYN_ACK], 'conformant'],
    ['the ACK of the handshake', [HANDSHAKE_ACK], 'conformant'],
    ['SYN and SYN-ACK', [SYN, SYN_ACK], 'conformant'],
    ['the whole handshake', [SYN, SYN_ACK, HANDSHAKE_ACK], 'conformant'],
    ['the answer', [OK], 'inconclusive'],
    ['the whole handshake and the answer', [SYN, SYN_ACK, HANDSHAKE_ACK, OK], 'inconclusive'],
    ['the name', [NAME], 'inconclusive'],
    ['the whole handshake and the name', [SYN, SYN_ACK, HANDSHAKE_ACK, NAME], 'inconclusive'],
    ['SYN, SYN-ACK and the name', [SYN, SYN_ACK, NAME], 'inconclusive'],
    ['the answer and the AUTHENTICATION', [OK, AUTHENTICATION], 'inconclusive'],
  ])('without %s the roles are right', async (_, lost, verdict) => {
    const { connections, findings } = await judgeFrames(left(lost), { mapped: true });
    expect(findings).toEqual([]);
    expect(connections).toMatchObject([{ client: CLIENT_END, server: SERVER_END, verdict }]);
  });

  test.each([
    ['the whole handshake', [SYN, SYN_ACK, HANDSHAKE_ACK], 'conformant'],
    ['the answer', [OK], 'inconclusive'],
    ['the whole handshake and the name', [SYN, SYN_ACK, HANDSHAKE_ACK, NAME], 'inconclusive'],
  ])('without %s it is recognised, no port being mapped', async (_, lost, verdict) => {
    const { connections, findings } = await judgeFrames(left(lost));
    expect(findings).toEqual([]);
    expect(connections).toMatchObject([{ client: CLIENT_END, server: SERVER_END, verdict }]);
  });

  test('may come out of order, before or behind the handshake', async () => {
    for (const order of [
      [NAME, SYN, SYN_ACK, HANDSHAKE_ACK, OK],
      [SYN, SYN_ACK, NAME, HANDSHAKE_ACK, OK],
      [OK, NAME],
      [SYN, NAME, SYN_ACK, OK],
    ]) {
      const these = [...order.map(index => segments[index]), ...segments.slice(AUTHENTICATION)];
      const frames = talkOf(bridge.lines).with(these).frames();
      for (const mapped of [true, false]) {
        const { findings, connections } = await judgeFrames(frames, { mapped });
        expect({ order, findings }).toEqual({ order, findings: [] });
        expect({ order, connections }).toMatchObject({ order, connections: [{ client: CLIENT_END }] });
      }
    }
  });

  test('a fault behind it is found where no handshake was captured', async () => {
    const lines = bridge.lines.toSpliced(-2, 0, first.ok(9));
    const frames = talkOf(lines).frames().slice(3);
    for (const mapped of [true, false]) {
      expect((await judgeFrames(frames, { mapped })).broken).toEqual(['response-unsolicited 7']);
    }
  });

  test('the end of a message, with which a capture begins, is none', async () => {
    const text = (side: Side, value: string) => ({ side, bytes: Buffer.from(value) });
    const lines = [text(CLIENT, 'AAAA"}'), first.ok(1), first.transfer(2), first.ok(3), ...closing];
    const { findings, connections } = await judgeFrames(talkOf(lines).frames().slice(3), { mapped: true });
    expect(findings).toEqual([]);
    expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
  });
});

describe('why a connection is inconclusive', () => {
  const { authentication, ok, transfer } = first;
  const lines = [authentication(1), ok(1), transfer(2), ok(2), ...closing];
  const reasons = async (frames: readonly Frame[], options: JudgeOptions = {}) => {
    const { connections } = await judgeFrames(frames, { mapped: true, ...options });
    return connections.flatMap(({ reasons }) => reasons.map(({ kind }) => kind));
  };

  test('it began before the capture', async () => {
    expect(await reasons(talkOf(lines).frames().slice(4))).toEqual(['midstream']);
  });

  test('bytes were lost, of an answer or before the first message', async () => {
    expect(await reasons(talkOf(lines).frames().toSpliced(4, 1))).toEqual(['gap']);
    expect(await reasons(talkOf(lines).frames().toSpliced(3, 1))).toEqual(['gap']);
  });

  test('the snap length cut a message', async () => {
    const cut = lines.map((line, index) => (index === 2 ? { ...line, cut: 10 } : line));
    expect(await reasons(talkOf(cut).frames())).toEqual(['cut']);
  });

  test('it ends before an answer was due', async () => {
    expect(await reasons(talkOf(lines.slice(0, 3)).frames())).toEqual(['ended']);
  });

  test('a bound was hit', async () => {
    const limits = { ...DEFAULT_ENGINE_OPTIONS.limits, 'connection-requests': 1 };
    const pipelined = [authentication(1, [99]), ok(1), transfer(2), transfer(3), ok(2), ok(3), ...closing];
    expect(await reasons(talkOf(pipelined).frames(), { engine: { limits, allConnections: true } })).toEqual([]);
    const unsure = [authentication(1, [99]), ok(1), transfer(2), transfer(3), ok(3), ok(2), ...closing];
    const severities = new Map([['filestorage/transfer-pipelined', 'off' as const]]);
    expect(await reasons(talkOf(unsure).frames(), { engine: { limits, severities } })).toEqual(['bound']);
  });
});
