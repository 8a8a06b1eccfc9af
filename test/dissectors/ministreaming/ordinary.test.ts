/**
 * DATA that goes the short way (`ordinary.ts`) must not change a report: random sessions over every carrier are judged with
 * and without it, also from somewhere in their middle, and the whole reports compared. `RANDOM_CONVERSATIONS=10000` compares
 * so many, `RANDOM_SEED=17` begins at that one.
 */
import { afterEach, expect, test, vi } from 'vitest';
import ministreaming from '../../../dissectors/ministreaming/index.ts';
import { Ordinary } from '../../../dissectors/ministreaming/ordinary.ts';
import { MinistreamingTracker } from '../../../dissectors/ministreaming/tracker.ts';
import type { Frame } from '../../../src/capture/source.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { run } from '../../../src/testkit/engine.ts';
import { judge, type Line, link } from '../../kit/ministreaming.ts';
import { carried } from './carried.ts';
import { Dice } from './dice.ts';
import { INJECTED, randomConversation } from './random-conversations.ts';

const COUNT = Number(process.env.RANDOM_CONVERSATIONS ?? 50);
const FIRST = Number(process.env.RANDOM_SEED ?? 9_000);
/** Of a run that somebody has asked for by a number. */
const TIMEOUT = 3_600_000;
const CARRIERS = ['udp', 'length16', 'udp', 'length32'] as const;

/** Every message goes the whole way. */
const wholeWay: typeof ministreaming = {
  ...ministreaming,
  createTracker: (host, message) => new MinistreamingTracker(host, message, false),
};
/** The same, and every rule is asked. */
const asksAll: typeof ministreaming = {
  ...wholeWay,
  rules: ministreaming.rules.map(({ when: _, otherwise: __, ...rule }) => rule),
};

/** All that a report says. */
const said = (report: RunReport) =>
  JSON.stringify(report, (_, value) => (value instanceof Map ? [...value] : value), 1);

function reportOf(
  frames: readonly Frame[],
  capture: 'auto' | 'complete',
  dialects: ReadonlyMap<string, string>,
  protocol: typeof ministreaming,
): string {
  const report = run([protocol], [frames], {
    capture,
    dialects,
    allConnections: true,
    decodeAs: (['udp', 'tcp'] as const).map(transport => ({ transport, from: 7654, to: 7654, protocol: protocol.id })),
    limits: { 'stream-memory': 1024 * 1024 },
  });
  return said(report);
}

test(`${COUNT} random sessions give the same reports`, { timeout: TIMEOUT }, () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const carrier = CARRIERS[seed % CARRIERS.length];
    const rule = seed % 3 === 0 ? undefined : INJECTED[seed % INJECTED.length];
    const { said: messages, dialect } = randomConversation(seed, { rule });
    const { frames } = carried(messages, carrier, new Dice(seed));
    const dialects = new Map([
      ['ministreaming.key', dialect.key],
      ['ministreaming.chaff', dialect.chaff],
      ['ministreaming.answerTimeout', `${dialect.answerTimeout / 1000}s`],
      ['ministreaming.framing', carrier === 'udp' ? 'none' : carrier],
    ]);
    const middle = frames.slice(seed % frames.length);
    for (const [shown, capture] of [
      [frames, 'complete'],
      [frames, 'auto'],
      [middle, 'auto'],
    ] as const) {
      const short = reportOf(shown, capture, dialects, ministreaming);
      expect(reportOf(shown, capture, dialects, wholeWay), `seed ${seed}, ${carrier}, ${rule}`).toBe(short);
      expect(reportOf(shown, capture, dialects, asksAll), `seed ${seed}, ${carrier}, all rules`).toBe(short);
    }
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** How many DATA of a session went the short way. */
function taken(lines: readonly Line[], capture: 'auto' | 'complete' = 'complete'): number {
  const takes = vi.spyOn(Ordinary.prototype, 'takes');
  judge(lines, { capture });
  return takes.mock.results.filter(({ value }) => value >= 0).length;
}

const one = link();
const other = link('bob', 0x111111, 0x222222);
const open = [one.syn(), one.ack()];

test('DATA of either side in an open connection goes the short way', () => {
  expect(taken([...open, one.send(), one.answer(), one.send('')])).toBe(3);
});

test.each([
  ['before the ACK', [one.syn(), one.answer()]],
  ['after the CLOSE of its side', [...open, one.close(), one.send()]],
  ['after the CLOSE of the other side', [...open, one.serverClose(), one.send()]],
  ['of a connection that was not seen to begin', [one.send(), one.answer()]],
  ['while a SYN of the session waits', [...open, other.syn(), one.send()]],
  ['under an id that names nothing', [...open, other.send()]],
])('DATA %s goes the whole way', (_, lines) => {
  expect(taken(lines)).toBe(0);
});

test('while a finding is held no message goes the short way', () => {
  const lines = [...open, other.answer(), one.send()];
  expect(taken(lines)).toBe(1);
  vi.restoreAllMocks();
  expect(taken(lines, 'auto')).toBe(0);
});
