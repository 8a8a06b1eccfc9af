/** Rules about INIT, and about the tags that hosts make. */
import { describe, expect, test } from 'vitest';
import { between, handshake, judge, LISTENER, type Line, later, parties } from '../../kit/mnet.ts';

const { C, L } = parties();
const SILENT: never[] = [];
const RANDOM_TAGS = [
  0x8f1b22, 0x03c7de, 0xe1a950, 0x6b1d09, 0x2277b3, 0xc4d001, 0x59ee4f, 0xaa0317, 0x10fe6c, 0xd83b95,
];
const port = (n: number) => `10.0.0.1:${5000 + n}`;
/** One INIT from each port, with the given tags. */
const inits = (tags: readonly number[]): Line[] =>
  tags.flatMap((tag, n) => between(port(n), LISTENER, [C.init({ tag })]));

describe('mnet/bad-magic', () => {
  test('an INIT with another magic, and the handshake goes on', () => {
    const { broken, findings } = judge(
      [C.init({ magic: 'mnet' }), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40)],
      {
        mapped: true,
      },
    );
    expect(broken).toEqual([{ rule: 'mnet/bad-magic', frame: 1 }]);
    expect(findings[0]).toMatchObject({ expected: '0x4d4e4554', actual: '0x6d6e6574' });
  });

  test('on a port that is not mapped it is not taken for MNET', () => {
    expect(judge([C.init({ magic: 'mnet' })]).report.summary.messages).toBe(0);
  });
});

describe('mnet/unsupported-version', () => {
  test.each([0, 2, 255])('INIT with version %i, answered by ABORT with its tag', version => {
    const { broken, connections } = judge([C.init({ version }), L.abort({ tag: 0xcf742a })]);
    expect(broken).toEqual([{ rule: 'mnet/unsupported-version', frame: 1 }]);
    expect(connections[0].state).toBe('ABORTED');
  });

  test('each INIT of that version that is sent again', () => {
    const again = C.init({ version: 2 });
    expect(judge([again, later(0.3, again)]).broken).toEqual([
      { rule: 'mnet/unsupported-version', frame: 1 },
      { rule: 'mnet/unsupported-version', frame: 2 },
    ]);
  });

  test('a COOKIE with version 2: its echo has to copy it and is not reported again', () => {
    const { broken } = judge([
      C.init(),
      L.cookie({ version: 2 }),
      C.echo({ version: 2 }),
      L.cookieAck(),
      C.data(0, 40),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/unsupported-version', frame: 2 }]);
  });

  test('a COOKIE-ECHO that changes the version is no copy of its cookie', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo({ version: 2 })]);
    expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 3 }]);
  });
});

describe('mnet/init-tag-reused', () => {
  const shared = between(port(2), LISTENER, [C.init()]);

  test('a second live connection of one listener with the same tag', () => {
    const { broken, findings } = judge([...handshake({ C, L }), ...shared]);
    expect(broken).toEqual([{ rule: 'mnet/init-tag-reused', frame: 5 }]);
    expect(findings[0]).toMatchObject({ atFault: port(2), relatedFrames: [1], severity: 'warning' });
  });

  test('INIT sent again on its own pair', () => {
    expect(judge([C.init(), later(0.3, C.init()), later(0.3, C.init())]).broken).toEqual(SILENT);
  });

  test('another listener, even on the same host', () => {
    expect(judge([C.init(), ...between(port(0), '10.0.0.2:27000', [C.init()])]).broken).toEqual(SILENT);
  });

  test.each([
    ['aborted', [C.abort()]],
    ['shut down', [C.shutdown(), L.shutdownAck(), C.shutdownComplete()]],
  ])('the first connection was %s before', (_how, end) => {
    expect(judge([...handshake({ C, L }), ...end, ...shared]).broken).toEqual(SILENT);
  });

  test('its INIT comes again after the handshake: a copy, which nobody has to answer', () => {
    const own = handshake({ C, L });
    const lines = [...own, ...between(port(2), LISTENER, [...own, later(2, C.init())]), later(60, C.data(0, 40))];
    expect(judge(lines).broken).toEqual([
      { rule: 'mnet/init-tag-reused', frame: 5 },
      { rule: 'mnet/reordered', frame: 9 },
    ]);
  });

  test('its INIT sent again is the same fault', () => {
    expect(judge([C.init(), ...shared, ...shared]).broken).toEqual([{ rule: 'mnet/init-tag-reused', frame: 2 }]);
  });
});

describe('mnet/tag-not-random', () => {
  test('seven tags are too few to tell', () => {
    expect(judge(inits([1, 2, 3, 4, 5, 6, 7])).broken).toEqual(SILENT);
  });

  test('tags that count up: once for the host, on the eighth', () => {
    const { broken } = judge(inits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 8 }]);
  });

  test('tags that count down by 16, through zero', () => {
    const tags = Array.from({ length: 8 }, (_, n) => (0x30 - 0x10 * n) & 0xffffff);
    expect(judge(inits(tags)).broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 8 }]);
  });

  test('tags that count up in little-endian', () => {
    const tags = Array.from({ length: 8 }, (_, n) => 0xf90000 + (n << 16)).map(tag => tag & 0xffffff);
    expect(judge(inits(tags)).broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 8 }]);
  });

  test('ten random tags', () => {
    expect(judge(inits(RANDOM_TAGS)).broken).toEqual(SILENT);
  });

  test('half of the tags distinct is just enough, one less is not', () => {
    // To listeners of their own, so that no live connection shares a tag.
    const to = (tags: readonly number[]) =>
      tags.flatMap((tag, n) => between(port(n), `10.0.1.${n}:26999`, [C.init({ tag })]));
    const [a, b, c, d] = RANDOM_TAGS;
    expect(judge(to([a, b, c, d, a, b, c, d])).broken).toEqual(SILENT);
    expect(judge(to([a, b, c, c, a, b, c, a])).broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 8 }]);
  });

  test('the pattern shows after the eighth tag', () => {
    const to = (tags: readonly number[]) =>
      tags.flatMap((tag, n) => between(port(n), `10.0.1.${n}:26999`, [C.init({ tag })]));
    const [a, b, c, d] = RANDOM_TAGS;
    expect(judge(to([a, b, c, d, a, b, c, d, a])).broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 9 }]);
  });

  test('the tags of a listener, counted at its cookies', () => {
    const conversation = RANDOM_TAGS.slice(0, 8).flatMap((tag, n) =>
      between(port(n), LISTENER, [C.init({ tag }), L.cookie({ tag: 100 + n, peerTag: tag })]),
    );
    const { broken, findings } = judge(conversation);
    expect(broken).toEqual([{ rule: 'mnet/tag-not-random', frame: 16 }]);
    expect(findings[0]).toMatchObject({ atFault: LISTENER, bytes: { offset: 1, length: 3 } });
  });

  test('eight hosts that each send the tags of a counter make one tag each', () => {
    const conversation = [1, 2, 3, 4, 5, 6, 7, 8].flatMap(n =>
      between(`10.0.2.${n}:5000`, LISTENER, [C.init({ tag: n })]),
    );
    expect(judge(conversation).broken).toEqual(SILENT);
  });

  test('an INIT sent again is no new tag', () => {
    const again = Array.from({ length: 10 }, () => later(0.3, C.init()));
    expect(judge(again).broken).toEqual(SILENT);
  });
});
