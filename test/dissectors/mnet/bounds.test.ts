/** Bounds that MNET traffic runs into: reported by name, and accusing nobody. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../../src/protocol/limits.ts';
import { between, handshake, judge, LISTENER, type Line, later, parties, START, tally } from '../../kit/mnet.ts';

const { C, L } = parties();
const within = (limits: Partial<Limits>) => ({
  mapped: true,
  engine: { limits: { ...DEFAULT_LIMITS, 'stream-memory': 65_536, ...limits } },
});
const hit = (bound: string, times = 'once') => `mnet: ${bound} was hit ${times}; what needed more could not be judged`;
const RANDOM_TAGS = [0x8f1b22, 0x03c7de, 0xe1a950, 0x6b1d09, 0x2277b3, 0xc4d001, 0x59ee4f, 0xaa0317, 0x10fe6c];
const inits = RANDOM_TAGS.flatMap((tag, n) => between(`10.0.0.1:${5000 + n}`, LISTENER, [C.init({ tag })]));

describe('a bound', () => {
  test('on the cookies of a connection', () => {
    const cookie = (n: number) => L.cookie({ tag: 0xb60afb + n * 0x1357, expiration: START + 6 });
    const lines = [0, 1, 2, 3].flatMap(n => [C.init(), cookie(n)]);
    const { report, broken } = judge(lines, within({ 'connection-cookies': 2 }));
    expect(report.notes).toEqual([hit('--limit connection-cookies=2', '2 times')]);
    expect(broken).toEqual([]);
  });

  test('on hosts whose tags are watched', () => {
    const found = judge(inits, within({ hosts: 1 }));
    expect(found.report.notes).toEqual([]);
    const others = judge([...inits, ...between('10.0.3.1:5000', LISTENER, [C.init()])], within({ hosts: 1 }));
    expect(others.report.notes).toEqual([hit('--limit hosts=1')]);
  });

  test('on the tags of a host', () => {
    const found = judge(inits, within({ 'host-tags': 8 }));
    expect(found.report.notes).toEqual([hit('--limit host-tags=8')]);
    expect(tally(found, 'mnet/tag-not-random')).toMatchObject({ checked: 1 });
  });

  test('on stream content: what is sent again cannot be held against what was forgotten', () => {
    const [a, b] = [5000, 5001].map(port => (lines: Line[]) => between(`10.0.0.1:${port}`, LISTENER, lines));
    const Q = parties({ initTag: 0x03c7de, listenerTag: 0x6b1d09 });
    const flood = Array.from({ length: 80 }, (_, n) => Q.C.data(n * 1_024, (n + 1) * 1_024));
    const lines = [
      ...a([...handshake({ C, L }), C.data(0, 40)]),
      ...b([...handshake(Q), ...flood]),
      ...a([C.data(0, 40)]),
    ];
    const found = judge(lines, within({}));
    expect(found.report.notes).toEqual([hit('--limit stream-memory=65536')]);
    expect(tally(found, 'mnet/retransmit-differs')).toMatchObject({ checked: 0, inconclusive: 1 });
  });

  test('on different counts in the SHUTDOWNs of a side: whether one is sent again is not known', () => {
    const ending = (count: number) => [
      ...handshake({ C, L }),
      L.data(0, 40),
      ...Array.from({ length: count }, (_, n) => C.shutdown(n)),
      L.shutdownAck(),
      C.shutdownComplete(),
      C.shutdown(20),
    ];
    const few = judge(ending(3), within({}));
    expect([few.report.notes, few.broken]).toEqual([[], [{ rule: 'mnet/after-close', frame: 11 }]]);
    const many = judge(ending(4), within({}));
    expect(many.report.notes).toEqual([hit('shutdown-counts=3')]);
    expect(many.broken).toEqual([]);
  });

  test('on nothing that tells a doubled COOKIE from a new one, however many there were', () => {
    const cookies = Array.from({ length: 12 }, (_, n) => L.cookie({ tag: 0xb60afb + n * 0x1357 }));
    const lines = [C.init(), ...cookies, C.echo(), L.cookieAck(), L.shutdown(), later(30, cookies[0])];
    expect(judge(lines, within({})).broken).toEqual([{ rule: 'mnet/shutdown-incomplete', frame: 16 }]);
  });
});
