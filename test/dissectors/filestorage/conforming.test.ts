/** Conversations that keep the specification: none breaks a rule, however the network delivers it or the capture saw it. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/capture/source.ts';
import { judge, judgeFrames, type Line, talkOf } from '../../kit/filestorage.ts';
import { placesOf } from '../../kit/portion.ts';
import type { Segment } from '../../kit/tcp.ts';
import { CONVERSATIONS } from './conversations.ts';

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

/** Of all places of a conversation, one of so many. */
const STEP = 4;

describe.each(CONVERSATIONS.map((one, turn) => ({ ...one, turn })))('$name', ({ lines, options = {}, turn }) => {
  test.each(WAYS)('$way', async ({ frames }) => {
    const found = await judgeFrames(frames(lines), { ...options, dialect: { ...PATIENT, ...options.dialect } });
    expect(found.broken).toEqual([]);
    expect(found.report.protocols.map(({ id: protocol }) => protocol)).toEqual(['filestorage']);
    expect(found.connections.map(({ state, verdict }) => `${state} ${verdict}`)).toEqual(['CLOSED conformant']);
  });

  test('taken up at any segment', async () => {
    const frames = talkOf(lines).frames();
    for (const missed of placesOf(frames.length, STEP, turn, 1)) {
      const { broken } = await judgeFrames(frames.slice(missed), { ...options, mapped: true });
      expect({ missed, broken }).toEqual({ missed, broken: [] });
    }
  });

  test('taken up at any segment, recognised where it can be', async () => {
    const frames = talkOf(lines).frames();
    for (const missed of placesOf(frames.length, STEP, turn + 1, 1)) {
      const { broken } = await judgeFrames(frames.slice(missed), options);
      expect({ missed, broken }).toEqual({ missed, broken: [] });
    }
  });

  test('without any one of its segments', async () => {
    for (const [index, mapped] of [false, true].entries()) {
      const frames = talkOf(lines, 120).frames();
      for (const missing of placesOf(frames.length, STEP, turn + index)) {
        const { broken } = await judgeFrames(frames.toSpliced(missing, 1), { ...options, mapped });
        expect({ missing, broken }).toEqual({ missing, broken: [] });
      }
    }
  });

  test('with the snap length at any of its lines', async () => {
    for (const [index, cut] of [1, 7, 40].entries()) {
      for (const at of placesOf(lines.length, STEP, turn + index)) {
        const cutShort = lines.map((line, index) => {
          return index === at ? { ...line, cut: Math.min(cut, line.bytes.length) } : line;
        });
        const { broken } = await judge(cutShort, { ...options, mapped: true });
        expect({ at, cut, broken }).toEqual({ at, cut, broken: [] });
      }
    }
  });
});
