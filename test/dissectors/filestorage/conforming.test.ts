/** Conversations that keep the specification: none breaks a rule, however the network delivers it or the capture saw it. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/capture/source.ts';
import {
  CLIENT,
  closing,
  fin,
  first,
  id,
  type JudgeOptions,
  judge,
  judgeFrames,
  type Line,
  later,
  SERVER,
  second,
  talkOf,
} from '../../kit/filestorage.ts';
import type { Segment } from '../../kit/tcp.ts';

const { authentication, ok, error, transfer } = first;
const HELLO = { name: 'hello', size: 33 };
const LARGE = { name: 'large', size: 2_500 };
const UPLOADS = [HELLO, LARGE, { name: 'empty', size: 0 }];
const ACCEPTED = ['Upload OK', 'Upload OK', 'Upload OK'];
const text = (side: 0 | 1, value: string): Line => ({ side, bytes: Buffer.from(value) });

interface Conversation {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly options?: JudgeOptions;
}

const CONVERSATIONS: readonly Conversation[] = [
  {
    name: '2019-12: files that are announced, sent and answered',
    lines: [authentication(1, [33, 5]), ok(1), transfer(2), ok(2), transfer(3, 5), ok(3), ...closing],
  },
  { name: '2019-12: no files at all', lines: [authentication(1, []), ok(1), ...closing] },
  { name: '2019-12: the largest size there is', lines: [authentication(1, [], { files: [] }), ok(1), ...closing] },
  { name: '2019-12: a refusal', lines: [authentication(1), error(1), ...closing] },
  {
    name: '2019-12: a chunk that is refused is sent again, under its id or another',
    lines: [
      authentication(1),
      ok(1),
      transfer(2),
      error(2),
      transfer(3, 33, { chunk: id(1_002) }),
      error(3),
      transfer(4),
      ok(4),
      ...closing,
    ],
  },
  {
    name: '2019-12: data as an array, tags and a fid',
    lines: [
      authentication(1, [3], { fid: id(9), tags: ['a', 'b'] }),
      ok(1),
      transfer(2, 0, { data: [1, 2, 255] }),
      ok(2),
      ...closing,
    ],
  },
  {
    name: '2019-12: the client closes its side before it reads its last answer',
    lines: [authentication(1), ok(1), transfer(2), fin(CLIENT), ok(2), fin(SERVER)],
  },
  {
    name: '2019-12: the server closes first, when all is answered',
    lines: [authentication(1), ok(1), transfer(2), ok(2), fin(SERVER), fin(CLIENT)],
  },
  {
    name: '2019-12: a chunk that crosses the end of the server',
    lines: [authentication(1), ok(1), fin(SERVER), transfer(2), fin(CLIENT)],
  },
  {
    name: '2019-12: an answer that takes its time',
    lines: [authentication(1), later(29, ok(1)), transfer(2), ok(2), ...closing],
  },
  {
    name: "2019-12: the first programs' names",
    lines: [
      authentication(1, [33], { 'message-id': undefined, mid: id(1), token: { uid: 1 } }),
      ok(1, { 'message-id': undefined, mid: id(1) }),
      ...closing,
    ],
    options: { dialect: { idField: 'mid', token: 'any' } },
  },
  {
    name: '2020-01: chunks counted from 1',
    lines: [
      second.authentication(1, UPLOADS),
      second.responses(1, ACCEPTED),
      second.transfer(2, HELLO),
      second.ok(2),
      second.transfer(3, LARGE, 1),
      second.ok(3),
      second.transfer(4, LARGE, 2),
      second.ok(4),
      second.transfer(5, LARGE, 3),
      second.ok(5),
      ...closing,
    ],
  },
  {
    name: '2020-01: chunks counted from 0',
    lines: [
      second.authentication(1, [LARGE]),
      second.responses(1, ['Upload OK']),
      second.transfer(3, LARGE, 1, {}, { n: 0, on: 2 }),
      second.ok(3),
      second.transfer(4, LARGE, 2, {}, { n: 1, on: 2 }),
      second.ok(4),
      second.transfer(5, LARGE, 3, {}, { n: 2, on: 2 }),
      second.ok(5),
      ...closing,
    ],
  },
  {
    name: '2020-01: the first name of uploads, and no downloads',
    lines: [
      second.authentication(1, [], { uploads: undefined, requests: [], downloads: undefined }),
      second.responses(1, []),
      ...closing,
    ],
  },
  {
    name: '2020-01: the same file under two names',
    lines: [
      second.authentication(1, [HELLO, HELLO]),
      second.responses(1, ['Upload OK', 'Upload OK']),
      second.transfer(2, HELLO),
      second.ok(2),
      second.transfer(3, HELLO),
      second.ok(3),
      ...closing,
    ],
  },
  {
    name: '2020-01: requests behind the AUTHENTICATION',
    lines: [
      second.authentication(1, []),
      second.responses(1, []),
      second.upload(2, HELLO),
      second.ok(2, { response: 'Upload OK' }),
      second.transfer(3, HELLO),
      second.ok(3),
      second.download(4, 'x'),
      second.ok(4, { response: 'Download OK' }),
      ...closing,
    ],
  },
  {
    name: '2020-01: an upload that is refused is not sent',
    lines: [
      second.authentication(1, [LARGE, HELLO]),
      second.responses(1, ['Not OK', 'Upload OK']),
      second.transfer(2, HELLO),
      second.ok(2),
      ...closing,
    ],
  },
  {
    name: '2020-01: an ERROR in place of an answer',
    lines: [second.authentication(1, [HELLO]), second.error(1), ...closing],
  },
  {
    name: '2020-01: an ERROR that nobody asked for',
    lines: [second.authentication(1, []), second.responses(1, []), second.error(7), ...closing],
  },
  {
    name: '2020-01: a chunk is refused and sent again',
    lines: [
      second.authentication(1, [HELLO]),
      second.responses(1, ['Upload OK']),
      second.transfer(2, HELLO),
      second.notOk(2),
      second.transfer(3, HELLO),
      second.ok(3),
      ...closing,
    ],
  },
  {
    name: 'behind the TCP bridge',
    lines: [text(CLIENT, 'filestorage'), text(SERVER, 'OK'), authentication(1), ok(1), transfer(2), ok(2), ...closing],
  },
  {
    name: 'behind the TCP bridge, as the user says',
    lines: [text(CLIENT, 'filestorage'), text(SERVER, 'OK'), authentication(1), ok(1), ...closing],
    options: { dialect: { preface: 'tcpd' } },
  },
];

const sequenceOf = ({ side, sequence, payload }: Segment) => ({ side, sequence, length: payload.length });

/** Neighbours of one side that carry bytes change places, two by two. */
function outOfOrder(segments: readonly Segment[]): Segment[] {
  const shuffled = [...segments];
  for (let at = 3; at + 1 < shuffled.length; at += 2) {
    const [one, other] = [shuffled[at], shuffled[at + 1]];
    if (one.side !== other.side || one.payload.length === 0 || other.payload.length === 0) continue;
    shuffled[at] = { ...other, seconds: one.seconds };
    shuffled[at + 1] = { ...one, seconds: other.seconds };
  }
  return shuffled;
}

/** Everything that one side says before the other has its turn, in one segment. */
function together(lines: readonly Line[]): Line[] {
  const merged: Line[] = [];
  for (const line of lines) {
    const last = merged.at(-1);
    if (last && last.side === line.side && !last.fin && !line.fin && !line.after) {
      merged[merged.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, line.bytes]) };
    } else merged.push(line);
  }
  return merged;
}

const WAYS: readonly { readonly way: string; readonly frames: (lines: readonly Line[]) => Frame[] }[] = [
  { way: 'a message a segment', frames: lines => talkOf(lines).frames() },
  { way: 'a turn in one segment', frames: lines => talkOf(together(lines)).frames() },
  {
    way: 'byte by byte',
    frames: lines =>
      talkOf(
        lines.map(line => ({ after: 0, ...line })),
        1,
      ).frames(),
  },
  {
    way: 'out of order',
    frames: lines => {
      const talk = talkOf(lines, 50);
      const shuffled = outOfOrder(talk.segments);
      expect(shuffled.map(sequenceOf)).not.toEqual(talk.segments.map(sequenceOf));
      return talk.with(shuffled).frames();
    },
  },
  {
    way: 'each segment twice',
    frames: lines => {
      const talk = talkOf(lines);
      return talk.with(talk.segments.flatMap(segment => [segment, segment])).frames();
    },
  },
];

/** Byte by byte a conversation takes many seconds in the kit's clock, in which nobody need answer. */
const PATIENT = { answerTimeout: '1000000s' };

describe.each(CONVERSATIONS)('$name', ({ lines, options = {} }) => {
  test.each(WAYS)('$way', async ({ frames }) => {
    const found = await judgeFrames(frames(lines), { ...options, dialect: { ...PATIENT, ...options.dialect } });
    expect(found.broken).toEqual([]);
    expect(found.report.protocols.map(({ id: protocol }) => protocol)).toEqual(['filestorage']);
    expect(found.connections.map(({ state, verdict }) => `${state} ${verdict}`)).toEqual(['CLOSED conformant']);
  });

  test('taken up at any segment', async () => {
    const frames = talkOf(lines).frames();
    for (let missed = 1; missed < frames.length; missed++) {
      const { broken } = await judgeFrames(frames.slice(missed), { ...options, mapped: true });
      expect({ missed, broken }).toEqual({ missed, broken: [] });
    }
  });

  test('taken up at any segment, recognised where it can be', async () => {
    const frames = talkOf(lines).frames();
    for (let missed = 1; missed < frames.length; missed++) {
      const { broken } = await judgeFrames(frames.slice(missed), options);
      expect({ missed, broken }).toEqual({ missed, broken: [] });
    }
  });

  test('without any one of its segments', async () => {
    for (const mapped of [false, true]) {
      const frames = talkOf(lines, 120).frames();
      for (let missing = 0; missing < frames.length; missing++) {
        const { broken } = await judgeFrames(frames.toSpliced(missing, 1), { ...options, mapped });
        expect({ missing, broken }).toEqual({ missing, broken: [] });
      }
    }
  });

  test('with the snap length at any of its lines', async () => {
    for (const at of lines.keys()) {
      for (const cut of [1, 7, 40]) {
        const cutShort = lines.map((line, index) => {
          return index === at ? { ...line, cut: Math.min(cut, line.bytes.length) } : line;
        });
        const { broken } = await judge(cutShort, { ...options, mapped: true });
        expect({ at, cut, broken }).toEqual({ at, cut, broken: [] });
      }
    }
  });
});
