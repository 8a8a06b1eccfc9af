/** Conversations in which nobody is at fault, and what they end in. */
import { describe, expect, test } from 'vitest';
import {
  findingsOfEach,
  type JudgeOptions,
  judge,
  judgeSegments,
  judgeStream,
  later,
  link,
  raw,
  recordingOf,
  states,
  tally,
} from '../../kit/ministreaming.ts';
import { placesOf } from '../../kit/portion.ts';
import { type Manner, PLAIN, play } from '../../kit/replay.ts';
import { CONVERSATIONS, c, opened } from './conversations.ts';

describe('nobody is accused', () => {
  test.each(CONVERSATIONS)('%s', (_what, lines, expected) => {
    const found = judge(lines);
    expect(found.broken).toEqual([]);
    expect(states(found)).toEqual(expected);
    expect(found.report.summary.verdict).not.toBe('violations');
  });

  test.each(CONVERSATIONS)('%s, over TCP', (_what, lines, expected) => {
    const found = judgeStream(lines);
    expect(found.broken).toEqual([]);
    expect(states(found)).toEqual(expected);
  });

  test.each(CONVERSATIONS)('%s, cut off anywhere', (_what, lines) => {
    for (let length = 0; length < lines.length; length++) {
      expect(judge(lines.slice(0, length)).broken).toEqual([]);
    }
  });
});

/** Those that both sides may end as they are: a SYN without an answer when its server closes is a fault. */
const ANSWERED = CONVERSATIONS.filter(([, , ends]) => !ends.includes('SYN-SENT'));
/** Choices that change from one to the next. */
const choices = Array.from({ length: 50 }, (_, i) => (i * 7_919) % 9_973);
const WAYS: readonly (Partial<Manner> & { readonly way: string })[] = [
  { way: 'a turn in one segment' },
  { way: 'byte by byte', longest: 1 },
  { way: 'out of order', longest: 3, window: 4, acknowledges: 'none' },
  { way: 'doubled', longest: 40, copies: 10 },
  { way: 'overlapping, past 2^32', longest: 9, overlaps: 8, isns: [2 ** 32 - 5, 2 ** 32 - 9] },
];

describe.each(WAYS)('over TCP, $way, nobody is accused', manner => {
  describe.each([2, 4] as const)('behind %i bytes of length', lengthBytes => {
    const options: JudgeOptions = { dialect: { framing: `length${lengthBytes * 8}` } };

    const played = ANSWERED.map(([what, lines, expected], turn) => {
      const { frames } = play(recordingOf(lines, lengthBytes), { ...PLAIN, choices, ...manner });
      return { what, lines, expected, frames, turn };
    });

    test.each(played)('$what', ({ frames, lines, expected }) => {
      const found = judgeSegments(frames, options);
      expect(found.broken).toEqual([]);
      expect(states(found)).toEqual(expected);
      expect(found.report.summary.messages).toBe(lines.length);
    });

    test.each(played)('$what, taken up at any segment', ({ frames, turn }) => {
      const step = Math.ceil(frames.length / 60);
      const cuts = placesOf(frames.length, 4 * step, step * turn, 1);
      const rests = cuts.map(missed => frames.slice(missed));
      findingsOfEach(rests, options).forEach((findings, index) => {
        // A late copy of the server's SYN-ACK shows where its stream begins: that it is taken up midstream is then said.
        const accused = findings.filter(({ atFault }) => atFault !== null);
        expect({ missed: cuts[index], accused }).toEqual({ missed: cuts[index], accused: [] });
      });
    });
  });
});

test('a conversation that was seen whole is conformant, and what waits at the end is inconclusive', () => {
  const whole = judge([...opened, c.send(), c.close(), c.serverClose()]);
  expect(whole.connections.map(({ verdict }) => verdict)).toEqual(['conformant']);
  const waiting = judge([c.syn()]);
  expect(waiting.connections.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
  expect(tally(waiting, 'syn-unanswered')).toEqual([0, 0, 1]);
});

describe('chaff, where it is ignored', () => {
  test('breaks nothing, is counted, and belongs to no connection', () => {
    const lines = [raw('ann', [0xff]), ...opened, raw('bob', [0xff, 1, 2, 3, 4, 5]), c.send()];
    const found = judge(lines, { dialect: { chaff: 'ignore' } });
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ state, messages, verdict }) => [state, messages, verdict])).toEqual([
      ['NONE', 2, 'conformant'],
      ['OPEN', 3, 'conformant'],
    ]);
    expect(found.report.protocols[0].coverage.messages).toMatchObject({ CHAFF: 2, SYN: 1 });
  });
});

describe('an id that is used again', () => {
  test('by a client whose server had not closed: what comes under it may be meant for the connection before', () => {
    const reused = [...opened, c.close(), later(31, c.syn()), c.serverClose(), c.ack(), c.answer()];
    const found = judge(reused);
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['conformant', 'inconclusive']);
  });

  test('by a server whose client had not closed', () => {
    const late = raw('ann', [0xa2, 0x98, 0x76, 0x54]);
    const next = link('ann', 0x234568, c.serverId);
    const found = judge([
      ...opened,
      c.serverClose(),
      later(31, next.syn()),
      next.ack(),
      late,
      next.send(),
      next.close(),
    ]);
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['conformant', 'inconclusive']);
  });

  test('is whole again where its server had closed', () => {
    const lines = [...opened, c.serverClose(), later(31, c.syn()), c.ack(0x111111), c.answer(), c.serverClose()];
    expect(judge([...lines, c.answer()]).broken).toEqual(['data-after-close 8']);
  });

  test('of connections without end leaves one in memory', () => {
    const lines = Array.from({ length: 500 }, () => [c.syn(), c.refuse()]).flat();
    const found = judge(lines, { limits: { 'session-connections': 1 } });
    expect(found.broken).toEqual([]);
    expect(found.report.summary).toMatchObject({ connections: 500, verdict: 'conformant' });
  });
});

describe('bounds', () => {
  const many = Array.from({ length: 40 }, (_, i) => link('ann', 1_000 + i, 2_000 + i));

  test('of a session: those that are over are forgotten first, and unknown ids accuse nobody from then on', () => {
    const lines = [...opened, ...many.flatMap(m => [m.syn(), m.ack(), m.close(), m.serverClose()])];
    const late = [many[0].send(), many[39].send(), c.send(), c.close(), c.close()];
    const found = judge([...lines, ...late], { limits: { 'session-connections': 8 } });
    expect(found.broken).toEqual([`data-after-close ${lines.length + 2}`, `close-duplicate ${lines.length + 5}`]);
    expect(found.connections[0].state).toBe('CLIENT-CLOSED');
  });

  test('of a session: then those that wait, then those that are open, inconclusive', () => {
    const lines = [...opened, ...many.flatMap(m => [m.syn(), m.ack()]), c.send(), ...many.map(m => m.close())];
    const found = judge(lines, { limits: { 'session-connections': 8 } });
    expect(found.broken).toEqual([]);
    expect(found.connections[0]).toMatchObject({ state: 'OPEN', verdict: 'inconclusive' });
    const waiting = judge([...opened, ...many.map(m => m.syn()), c.send(), ...many.slice(-5).map(m => m.refuse())], {
      limits: { 'session-connections': 8 },
    });
    expect(waiting.broken).toEqual([]);
    expect(waiting.connections[0]).toMatchObject({ state: 'OPEN', messages: 3, verdict: 'conformant' });
  });

  test('over all sessions', () => {
    const lines = many.flatMap((m, i) =>
      [m.syn(), m.ack(), m.close()].map(line => ({ ...line, ann: `10.0.1.${i}:7001` })),
    );
    expect(judge(lines, { limits: { flows: 4 } }).broken).toEqual([]);
  });
});
