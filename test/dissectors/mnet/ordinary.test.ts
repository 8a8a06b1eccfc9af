/**
 * DATA that goes the short way (`ordinary.ts`) must not change a report: random conversations are judged with and without
 * it, as captured whole and as what they may be, and the whole reports compared. `MNET_RANDOM=10000` compares so many,
 * `MNET_SEED=7` begins there.
 */
import { afterEach, expect, test, vi } from 'vitest';
import mnet from '../../../dissectors/mnet/index.ts';
import { Ordinary } from '../../../dissectors/mnet/ordinary.ts';
import { MnetTracker } from '../../../dissectors/mnet/tracker.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { between, handshake, type JudgeOptions, judge, type Line, parties } from '../../kit/mnet.ts';
import { randomConversation } from './random-conversations.ts';

const COUNT = Number(process.env.MNET_RANDOM ?? 80);
const FIRST_SEED = Number(process.env.MNET_SEED ?? 3_000);
/** Of a run that somebody has asked for by a number. */
const TIMEOUT = 3_600_000;

/** Every message goes the whole way. */
const wholeWay: typeof mnet = { ...mnet, createTracker: (host, message) => new MnetTracker(host, message, false) };
/** The same, and every rule is asked. */
const asksAll: typeof mnet = {
  ...wholeWay,
  rules: mnet.rules.map(({ when: _, otherwise: __, ...rule }) => rule),
};

/** All that a report says. */
const said = (report: RunReport) =>
  JSON.stringify(report, (_, value) => (value instanceof Map ? [...value] : value), 1);

const reportOf = (lines: readonly Line[], options: JudgeOptions, protocol: typeof mnet) =>
  said(judge(lines, { ...options, readings: true, engine: { ...options.engine, protocols: [protocol] } }).report);

test(`${COUNT} random conversations give the same reports`, { timeout: TIMEOUT }, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const { lines, options, description } = randomConversation(seed);
    for (const here of [options, { ...options, capture: 'auto' } as const]) {
      const short = reportOf(lines, here, mnet);
      expect(reportOf(lines, here, wholeWay), `seed ${seed}: ${description}`).toBe(short);
      expect(reportOf(lines, here, asksAll), `seed ${seed}, all rules asked: ${description}`).toBe(short);
    }
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** How many DATA of a conversation went the short way. */
function taken(lines: readonly Line[], options: JudgeOptions = {}): number {
  const takes = vi.spyOn(Ordinary.prototype, 'takes');
  judge(lines, options);
  return takes.mock.results.filter(({ value }) => value >= 0).length;
}

const { C, L } = parties();
/** Each side has sent, acknowledged, and shown its tag. */
const begun = [...handshake({ C, L }), L.data(0, 40, 0), C.data(0, 40, 40), L.data(40, 80, 40)];

test('a side that has spoken before goes the short way, with bytes and as a bare acknowledgement', () => {
  expect(taken([...begun, C.data(40, 80, 80), L.data(80, 120, 80), C.data(80, 80, 120)])).toBe(3);
});

test.each([
  ['its first message', [...begun]],
  ['a tag that is not its own', [...begun, C.data(40, 80, 80, { tag: 0x123456 })]],
  ['a gap before it', [...begun, C.data(80, 120, 40)]],
  ['bytes that were sent before', [...begun, C.data(0, 40, 80)]],
  ['an acknowledgement of what nobody sent', [...begun, C.data(40, 80, 81)]],
  ['a lower acknowledgement', [...begun, C.data(40, 80, 39)]],
  ['a wrong length', [...begun, C.data(40, 80, 80, { length: 41 })]],
  ['no beginning', [C.data(0, 40, 0), L.data(0, 40, 40), C.data(40, 80, 40), L.data(40, 80, 80)]],
  ['a shutdown before it', [...begun, L.shutdown(40), C.data(40, 80, 40)]],
])('%s: the whole way', (_, lines) => {
  expect(taken(lines, { mapped: true })).toBe(0);
});

test('while a finding is held, of whichever connection, no message goes the short way', () => {
  const withGap = between('10.0.0.9:5000', '10.0.0.2:26999', [...begun, C.data(80, 120, 40)]);
  const lines = [...begun, ...withGap, C.data(40, 80, 40)];
  expect(taken(lines, { capture: 'complete' })).toBe(1);
  vi.restoreAllMocks();
  expect(taken(lines, { capture: 'auto' })).toBe(0);
});
