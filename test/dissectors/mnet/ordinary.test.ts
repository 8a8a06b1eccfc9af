/**
 * What goes the short way (`ordinary.ts`, `ordinary-control.ts`) must not change a report: random conversations are judged with and without
 * it, as captured whole and as what they may be, and the whole reports compared. `MNET_RANDOM=10000` compares so many,
 * `MNET_SEED=7` begins there.
 */
import { afterEach, expect, test, vi } from 'vitest';
import mnet from '../../../dissectors/mnet/index.ts';
import { Ordinary } from '../../../dissectors/mnet/ordinary.ts';
import { OrdinaryControl } from '../../../dissectors/mnet/ordinary-control.ts';
import { MnetTracker } from '../../../dissectors/mnet/tracker.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { between, handshake, type JudgeOptions, judge, type Line, parties, START } from '../../kit/mnet.ts';
import { placesOf } from '../../kit/portion.ts';
import { randomConversation } from './random-conversations.ts';

const COUNT = Number(process.env.MNET_RANDOM ?? 50);
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

const OTHERS = [
  ['the whole way', wholeWay],
  ['all rules asked', asksAll],
] as const;

/** All that a report says. */
const said = (report: RunReport) =>
  JSON.stringify(report, (_, value) => (value instanceof Map ? [...value] : value), 1);

const reportOf = (lines: readonly Line[], options: JudgeOptions, protocol: typeof mnet) =>
  said(judge(lines, { ...options, readings: true, engine: { ...options.engine, protocols: [protocol] } }).report);

test(`${COUNT} random conversations give the same reports`, { timeout: TIMEOUT }, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const { lines, options, description } = randomConversation(seed);
    for (const [turn, here] of [options, { ...options, capture: 'auto' } as const].entries()) {
      const short = reportOf(lines, here, mnet);
      for (const [what, protocol] of placesOf(OTHERS.length, OTHERS.length, seed + turn).map(place => OTHERS[place]))
        expect(reportOf(lines, here, protocol), `seed ${seed}, ${what}: ${description}`).toBe(short);
    }
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The frames of a conversation whose DATA went the short way. */
function taken(lines: readonly Line[], options: JudgeOptions = {}): number[] {
  const takes = vi.spyOn(Ordinary.prototype, 'takes');
  judge(lines, options);
  const frames = lines.flatMap(({ bytes }, index) => (bytes[0] === 0 ? [index + 1] : []));
  expect(takes).toHaveBeenCalledTimes(frames.length);
  return frames.filter((_, index) => takes.mock.results[index].value >= 0);
}

const { C, L } = parties();
const opening = handshake({ C, L });
/** Each side has sent and acknowledged; the connector's first DATA, frame 6, tells whose tags they carry. */
const begun = [...opening, L.data(0, 40, 0), C.data(0, 40, 40), L.data(40, 80, 40)];

test('a side that has spoken before goes the short way, with bytes and as a bare acknowledgement', () => {
  expect(taken([...begun, C.data(40, 80, 80), L.data(80, 120, 80), C.data(80, 80, 120)])).toEqual([7, 8, 9, 10]);
});

/** Whose tags messages carry is no news. */
const readBySender = { dialect: { tags: 'sender' } };

test('the first DATA of a side goes the short way, with bytes and bare, where its tag is nothing new', () => {
  expect(taken([...opening, C.data(0, 40, 0), L.data(0, 0, 40), L.data(0, 40, 40)], readBySender)).toEqual([5, 6, 7]);
  vi.restoreAllMocks();
  // Of the second connection nothing is said that was not said of the first.
  const another = between('10.0.0.9:5000', '10.0.0.2:26999', [...opening, C.data(0, 40, 0), L.data(0, 40, 40)]);
  expect(taken([...opening, C.data(0, 40, 0), L.data(0, 40, 40), ...another])).toEqual([6, 11, 12]);
});

test.each([
  ['before COOKIE-ACK', [...opening.slice(0, 3), C.data(0, 40, 0)]],
  ["a tag that is neither side's", [...opening, C.data(0, 40, 0, { tag: 0x123456 })]],
  ['a tag that no reading is left for', [...opening, C.data(0, 40, 0), L.data(0, 40, 40, { tag: C.tag })]],
  ['a gap before it', [...opening, C.data(40, 80, 0)]],
  ['an end before its bytes', [...opening, C.raw(C.data(0, 40, 0, { sequence: 39 }).bytes)]],
  ['an acknowledgement of what nobody sent', [...opening, C.data(0, 40, 1)]],
  ['a wrong length', [...opening, C.data(0, 40, 0, { length: 41 })]],
  ['bytes beyond a message that broke a rule', [...opening, C.data(0, 40, 0, { length: 41 }), C.data(40, 80, 0)]],
])('the first DATA of a side, %s: the whole way', (_, lines) => {
  expect(taken(lines, { ...readBySender, mapped: true })).not.toContain(lines.length);
});

test.each([
  ['a tag that is not its own', [...begun, C.data(40, 80, 80, { tag: 0x123456 })]],
  ['a gap before it', [...begun, C.data(80, 120, 40)]],
  ['bytes that were sent before', [...begun, C.data(0, 40, 80)]],
  ['an acknowledgement of what nobody sent', [...begun, C.data(40, 80, 81)]],
  ['a lower acknowledgement', [...begun, C.data(40, 80, 39)]],
  ['a wrong length', [...begun, C.data(40, 80, 80, { length: 41 })]],
  ['no beginning', [C.data(0, 40, 0), L.data(0, 40, 40), C.data(40, 80, 40), L.data(40, 80, 80)]],
  ['a shutdown before it', [...begun, L.shutdown(40), C.data(40, 80, 40)]],
])('%s: the whole way', (_, lines) => {
  expect(taken(lines, { mapped: true })).not.toContain(lines.length);
});

test('while a finding is held, of whichever connection, no message goes the short way', () => {
  const withGap = between('10.0.0.9:5000', '10.0.0.2:26999', [...begun, C.data(80, 120, 40)]);
  const lines = [...begun, ...withGap, C.data(40, 80, 40)];
  expect(taken(lines, { capture: 'complete' })).toContain(lines.length);
  vi.restoreAllMocks();
  expect(taken(lines, { capture: 'auto' })).not.toContain(lines.length);
});

/** The frames of a conversation, but for DATA, whose message went the short way. */
function takenControl(lines: readonly Line[], options: JudgeOptions = {}): number[] {
  const frames: number[] = [];
  const { takes } = OrdinaryControl.prototype;
  vi.spyOn(OrdinaryControl.prototype, 'takes').mockImplementation(function (this: OrdinaryControl, type, message) {
    const isTaken = takes.call(this, type, message);
    if (isTaken) frames.push(message.frame);
    return isTaken;
  });
  judge(lines, options);
  return frames;
}

const closing = [C.shutdown(40), L.shutdown(40), L.shutdownAck(), C.shutdownAck(), C.shutdownComplete()];
const talk = [...opening, C.data(0, 40, 0), L.data(0, 40, 40)];

test('all of a handshake and of a shutdown go the short way, where whose tags they carry is no news', () => {
  expect(takenControl([...talk, ...closing], readBySender)).toEqual([1, 2, 3, 4, 7, 8, 9, 10, 11]);
  vi.restoreAllMocks();
  const another = between('10.0.0.9:5000', '10.0.0.2:26999', handshake(parties({ initTag: 0x777777 })));
  expect(takenControl([...talk, ...another])).toEqual([1, 2, 3, 7, 8, 9, 10]);
});

test.each([
  ['an INIT of another version', [C.init({ version: 2 })]],
  ['an INIT that is too long', [C.raw(Uint8Array.of(...C.init().bytes, 0))]],
  [
    'an INIT whose tag another connection holds',
    [...opening, ...between('10.0.0.9:5000', '10.0.0.2:26999', [C.init()])],
  ],
  ['an INIT that comes again', [C.init(), C.init()]],
  ['a COOKIE without an INIT', [L.cookie()]],
  ['a COOKIE that names another tag', [C.init(), L.cookie({ peerTag: 7 })]],
  ['a COOKIE of another version', [C.init(), L.cookie({ version: 2 })]],
  ['a COOKIE that has expired', [C.init(), L.cookie({ expiration: START - 60 })]],
  ['a COOKIE whose time lies far off', [C.init(), L.cookie({ expiration: 7 })]],
  ['a second COOKIE', [C.init(), L.cookie(), L.cookie({ tag: 7 })]],
  ['a COOKIE after an INIT of another version', [C.init({ version: 2 }), L.cookie()]],
  ['a COOKIE from the connector', [C.init(), C.cookie()]],
  ['an echo of no cookie', [C.init(), C.echo()]],
  ['an echo of another cookie', [C.init(), L.cookie(), C.echo({ tag: 7 })]],
  ['an echo that comes again', [C.init(), L.cookie(), C.echo(), C.echo()]],
  ['an echo that comes too late', [C.init(), L.cookie(), { ...C.echo(), after: 60 }]],
  ['a COOKIE-ACK before the echo', [C.init(), L.cookie(), L.cookieAck()]],
  ['a COOKIE-ACK of a bad echo', [C.init(), L.cookie(), C.echo({ tag: 7 }), L.cookieAck()]],
  ['a COOKIE-ACK from the connector', [...opening.slice(0, 3), C.cookieAck()]],
  ['a COOKIE-ACK with another tag', [...opening.slice(0, 3), L.cookieAck({ tag: 7 })]],
  ['a SHUTDOWN before the end of the handshake', [C.init(), L.cookie(), C.shutdown(0)]],
  ['a SHUTDOWN that acknowledges what nobody sent', [...talk, C.shutdown(41)]],
  ['a SHUTDOWN with another tag', [...talk, C.shutdown(40, { tag: 7 })]],
  ['a SHUTDOWN that comes again', [...talk, C.shutdown(40), C.shutdown(40)]],
  ['a SHUTDOWN-ACK that answers nothing', [...talk, C.shutdownAck()]],
  ['a SHUTDOWN-COMPLETE that answers nothing', [...talk, C.shutdownComplete()]],
  ['a SHUTDOWN-ACK after one that broke a rule', [...talk, C.shutdownAck(), L.shutdown(40), C.shutdownAck()]],
  ['a SHUTDOWN after DATA that broke a rule', [...talk, C.data(80, 120, 40), C.shutdown(40)]],
  ['what comes first in a capture that begins later', [C.shutdown(0)]],
  ['an ABORT', [...talk, C.abort()]],
])('%s: the whole way', (_, lines) => {
  expect(takenControl(lines, { ...readBySender, mapped: true, capture: 'complete' })).not.toContain(lines.length);
});

test('a COOKIE whose HMAC is to be verified goes the whole way', () => {
  const verifies = { dialect: { ...readBySender.dialect, cookieMac: 'spec', cookieKey: '00112233' } };
  expect(takenControl(opening, verifies)).not.toContain(2);
});

test('while a finding is held no message of a handshake or a shutdown goes the short way, either', () => {
  const withGap = between('10.0.0.9:5000', '10.0.0.2:26999', [...begun, C.data(80, 120, 40)]);
  const lines = [...talk, ...withGap, C.shutdown(40)];
  expect(takenControl(lines, { ...readBySender, capture: 'complete' })).toContain(lines.length);
  vi.restoreAllMocks();
  expect(takenControl(lines, { ...readBySender, capture: 'auto' })).not.toContain(lines.length);
});
