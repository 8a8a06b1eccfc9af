import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import mnet from '../dissectors/mnet/index.ts';
import { openBytes } from '../src/capture/open.ts';
import { Frame } from '../src/capture/source.ts';
import { Engine } from '../src/engine.ts';
import type { RunReport } from '../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../src/run/options.ts';
import { hex } from '../src/testkit/bytes.ts';
import { type Conversation, type Datagram, facts, found, type RunOptions, run, tally } from '../src/testkit/engine.ts';
import { frameOf, tcpFrame, udpFrame } from '../src/testkit/packet.ts';
import { casesOf } from './kit/portion.ts';
import { toy } from './kit/toy.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';
const A = `${ANN} > ${BOB}`;
const B = `${BOB} > ${ANN}`;

const greeting: readonly Datagram[] = [
  [A, '00 0001'],
  [B, '00 0002'],
];
const goodTalk: readonly Datagram[] = [...greeting, [A, '01 0002 6869'], [B, '02']];

/** TOY on BOB's port, so that flows are claimed with their first datagram. */
const mapped: RunOptions = { decodeAs: [{ transport: 'udp', from: 2000, to: 2000, protocol: 'toy' }] };

describe('a capture of one sound conversation', () => {
  const report = run([toy], [goodTalk]);

  test('is summed up', () => {
    expect(report.summary).toEqual({
      packets: 4,
      messages: 4,
      connections: 1,
      errors: 0,
      warnings: 0,
      infos: 1,
      accepted: 0,
      inconclusive: 0,
      verdict: 'conformant',
    });
    expect([report.notes, report.omitted]).toEqual([[], { findings: 0, connections: 0 }]);
  });

  test('tells of its protocol what was judged, what was not exercised, and what was settled', () => {
    expect(report.protocols).toEqual([
      {
        id: 'toy',
        connections: 1,
        messages: 4,
        dialect: { order: 'big', patience: '2.5s', secret: 'none' },
        rules: [
          { id: 'toy/length', severity: 'error', checked: 4, broken: 0, milder: 0, inconclusive: 0 },
          { id: 'toy/hello-first', severity: 'error', checked: 3, broken: 0, milder: 0, inconclusive: 0 },
          { id: 'toy/after-bye', severity: 'error', checked: 2, broken: 0, milder: 0, inconclusive: 0 },
          { id: 'toy/count', severity: 'warning', checked: 1, broken: 0, milder: 0, inconclusive: 0 },
          { id: 'toy/order-settled', severity: 'info', checked: 1, broken: 1, milder: 0, inconclusive: 0 },
        ],
        coverage: {
          messages: { HELLO: 2, TEXT: 1, BYE: 1 },
          states: ['SILENT', 'TALKING', 'OVER'],
          moves: expect.any(Array),
          sentIn: { SILENT: 2, TALKING: 2, OVER: 0 },
          transitions: { exercised: 4, total: 8 },
          steps: expect.any(Array),
        },
      },
    ]);
  });

  test('a secret is not in the report', () => {
    const secretive = run([toy], [goodTalk], { dialects: new Map([['toy.secret', 'c0ffee']]) });
    expect(secretive.protocols[0].dialect.secret).toBe('given');
    expect(JSON.stringify(secretive)).not.toContain('c0ffee');
  });
});

describe('a capture with faults', () => {
  const conversation: Conversation = [
    ...greeting,
    [A, '01 0009 6869'],
    [A, '02'],
    [A, '01 0001 61'],
    [B, '07'],
    ['10.0.0.3:5 > 10.0.0.2:2000', '01 0001 61'],
  ];

  test('lists them by frame, each with its connection', () => {
    const report = run([toy], [conversation], { ...mapped, midstream: 'never', capture: 'complete' });
    expect(report.findings.map(({ ruleId, frame, connection }) => [ruleId, frame, connection])).toEqual([
      ['toy/order-settled', 3, 1],
      ['toy/count', 3, 1],
      ['toy/after-bye', 5, 1],
      ['toy/length', 6, 1],
      ['toy/hello-first', 7, 2],
    ]);
    expect(report.summary).toMatchObject({ errors: 3, warnings: 1, infos: 1, verdict: 'violations' });
    expect(report.connections.map(({ id, state, verdict }) => [id, state, verdict])).toEqual([
      [1, 'OVER', 'violations'],
      [2, 'TALKING', 'violations'],
    ]);
  });

  test('a connection met midstream is inconclusive, not at fault', () => {
    const report = run([toy], [[[A, '01 0001 61']]], mapped);
    expect([found(report), tally(report, 'toy/hello-first')]).toEqual([['toy/order-settled 1'], [0, 0, 1]]);
    expect(report.summary).toMatchObject({ errors: 0, inconclusive: 1, verdict: 'inconclusive' });
  });

  test('packets that the host dropped withdraw what rests on the history', () => {
    const report = run([toy], [conversation], { ...mapped, midstream: 'never', facts: { dropped: 12_345 } });
    expect(found(report)).toEqual(['toy/order-settled 3', 'toy/count 3', 'toy/length 6']);
    expect(tally(report, 'toy/hello-first')).toEqual([0, 0, 5]);
    expect(report.summary).toMatchObject({ errors: 1, warnings: 1, inconclusive: 1, verdict: 'violations' });
    expect(report.notes).toEqual([
      '0.pcap: the capturing host dropped 12,345 packets; what needs the history is inconclusive',
    ]);
  });

  test('an incomplete capture without a fault is inconclusive', () => {
    const report = run([toy], [goodTalk], { facts: { complete: false } });
    expect(report.summary).toMatchObject({ inconclusive: 0, verdict: 'inconclusive' });
  });

  test('listings are bounded, counts are not', () => {
    const faulty: Datagram[] = Array.from({ length: 7 }, () => [A, '01 0009 61']);
    const options = { dialects: new Map([['toy.order', 'big']]), maxFindings: 5 };
    const report = run([toy], [[...greeting, ...faulty]], options);
    expect([report.findings.length, report.omitted, tally(report, 'toy/count')]).toEqual([
      5,
      { findings: 2, connections: 0 },
      [7, 7, 0],
    ]);
    expect(report.summary.warnings).toBe(7);
    expect(run([toy], [[...greeting, ...faulty]], { ...options, limits: { findings: 3 } })).toMatchObject({
      findings: { length: 3 },
      omitted: { findings: 4 },
      summary: { warnings: 7 },
    });
  });

  test('rules that are off are in no part of the report', () => {
    const severities = new Map([['toy/count', 'off'] as const]);
    const report = run([toy], [conversation], { severities });
    expect([tally(report, 'toy/count'), report.summary.warnings]).toEqual([undefined, 0]);
  });
});

describe('several captures in one run', () => {
  const report = run([toy], [goodTalk, goodTalk, [...greeting, [A, '02'], [A, '01 0001 61']]], {
    allConnections: true,
  });

  test('connections are numbered on, each with its capture', () => {
    expect(report.connections.map(({ id, capture }) => [id, capture])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(report.captures.map(({ path }) => path)).toEqual(['0.pcap', '1.pcap', '2.pcap']);
  });

  test('what is reported once a run is reported in the first capture only', () => {
    expect(report.findings.map(({ ruleId, capture, frame }) => [ruleId, capture, frame])).toEqual([
      ['toy/order-settled', 0, 3],
      ['toy/after-bye', 2, 4],
    ]);
  });

  test('each is judged by itself: a flow does not go on in the next', () => {
    const [first, second] = [goodTalk.slice(0, 3), goodTalk.slice(3)];
    const split = run([toy], [first, second], { ...mapped, dialects: new Map([['toy.order', 'big']]) });
    expect(split.connections).toMatchObject([{ id: 2, capture: 1, verdict: 'inconclusive' }]);
    expect(run([toy], [goodTalk], mapped).summary.verdict).toBe('conformant');
  });

  test('counts and coverage add up', () => {
    expect(report.summary).toMatchObject({ packets: 12, messages: 12, connections: 3 });
    expect(report.protocols).toMatchObject([
      { connections: 3, messages: 12, coverage: { messages: { HELLO: 6, TEXT: 3, BYE: 3 } } },
    ]);
    expect(tally(report, 'toy/after-bye')).toEqual([7, 1, 0]);
  });

  test('the tallies of each add up to those of the run', () => {
    expect(report.tallies.map(({ capture, connections, messages }) => [capture, connections, messages])).toEqual([
      [0, 1, 4],
      [1, 1, 4],
      [2, 1, 4],
    ]);
    expect(report.tallies.map(({ rules }) => rules.find(({ id }) => id === 'toy/after-bye')?.broken)).toEqual([
      0, 0, 1,
    ]);
    for (const rule of report.protocols[0].rules) {
      const ofCaptures = report.tallies.map(({ rules }) => rules.find(({ id }) => id === rule.id)!);
      for (const count of ['checked', 'broken', 'milder', 'inconclusive'] as const) {
        expect(ofCaptures.reduce((sum, tally) => sum + tally[count], 0)).toBe(rule[count]);
      }
    }
  });

  test('a dialect that was settled differently is a list', () => {
    const little: Conversation = [...greeting, [A, '01 0200 6869']];
    expect(run([toy], [goodTalk, little]).protocols[0].dialect.order).toEqual(['big', 'little']);
  });

  test('dropped packets withdraw nothing from the captures beside', () => {
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
    const late: Conversation = [...greeting, [A, '02'], [A, '02']];
    [0, 1].forEach(dropped => {
      engine.beginCapture({ ...facts(), dropped });
      feed(engine, late);
      engine.endCapture();
    });
    const { findings, summary } = engine.report();
    expect([findings.map(({ capture }) => capture), summary.verdict]).toEqual([[0], 'violations']);
  });

  test('one must end before the next begins', () => {
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
    engine.beginCapture(facts());
    expect(() => engine.beginCapture(facts())).toThrow('a capture is still open');
  });

  test('a frame between two captures belongs to none', () => {
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
    feed(engine, greeting);
    engine.endCapture();
    expect(engine.report().summary).toMatchObject({ messages: 0 });
  });
});

/** Hands a conversation of datagrams to an engine. */
function feed(engine: Engine, conversation: Conversation): void {
  for (const datagram of conversation) {
    if ('bytes' in datagram) engine.frame(datagram);
    else {
      const [from, to] = datagram[0].split(' > ');
      engine.frame(frameOf(udpFrame(from, to, hex(datagram[1]))));
    }
  }
}

describe('nothing to judge', () => {
  test('a capture without a frame is inconclusive', () => {
    const report = run([toy], [[]]);
    expect(report).toMatchObject({ protocols: [], connections: [], findings: [], notes: [] });
    expect(report.summary).toMatchObject({ packets: 0, messages: 0, connections: 0, verdict: 'inconclusive' });
  });

  test('a run without a capture is inconclusive', () => {
    expect(run([toy], []).summary.verdict).toBe('inconclusive');
  });

  test('an empty capture beside a sound one takes nothing away', () => {
    expect(run([toy], [goodTalk, []]).summary.verdict).toBe('conformant');
  });
});

describe('what was not understood becomes a note', () => {
  const note = (...frames: Conversation) => run([toy], [frames]).notes;
  const payload = hex('00');

  test.each<[what: string, frames: Frame[], notes: string[]]>([
    [
      'link types',
      [147, 147, 105].map(linkType => frameOf(payload, { linkType })),
      ['3 frames of unknown link type (105: 1, 147: 2)'],
    ],
    [
      'an EtherType',
      [frameOf(hex('020000000002 020000000001 0806 0001'))],
      ['1 frame of unknown EtherType (0x0806: 1)'],
    ],
    [
      'an IP protocol',
      [frameOf(hex('45000015 00000000 40010000 0a000001 0a000002 00'), { linkType: 228 })],
      ['1 frame of unknown IP protocol (1: 1)'],
    ],
    [
      'TCP',
      [frameOf(tcpFrame({ source: ANN, destination: BOB }, payload))],
      ['1 TCP segment of no known protocol (map one with -d tcp.port==PORT,PROTOCOL)'],
    ],
    ['malformed headers', [frameOf(hex('65'), { linkType: 228 })], ['1 frame with malformed headers']],
    [
      'headers that the snap length cut',
      [frameOf(udpFrame(ANN, BOB, payload).subarray(0, 20), { wireLength: 43 })],
      ['1 frame cut inside the headers by the snap length'],
    ],
  ])('%s', (_what, frames, notes) => {
    expect(note(...frames)).toEqual(notes);
  });

  test('a payload that the snap length cut, and a message that cannot be judged for it', () => {
    const whole = udpFrame(ANN, BOB, hex('00 0001'));
    const cut = frameOf(whole.subarray(0, whole.length - 1), { wireLength: whole.length });
    const report = run([toy], [[cut, [B, '00 0002']]], mapped);
    expect([report.notes, report.findings, report.summary.verdict]).toEqual([
      ['1 packet with a payload cut by the snap length'],
      [],
      'inconclusive',
    ]);
  });

  test('datagrams that no protocol claims', () => {
    expect(note([A, 'ff'], [B, 'ff'])).toEqual([
      '2 UDP datagrams of no known protocol (map one with -d udp.port==PORT,PROTOCOL)',
    ]);
  });

  test('the same in two captures is one note', () => {
    const report = run(
      [toy],
      [
        [[A, 'ff']],
        [
          [A, 'ff'],
          [A, 'ff'],
        ],
      ],
    );
    expect(report.notes).toEqual(['3 UDP datagrams of no known protocol (map one with -d udp.port==PORT,PROTOCOL)']);
  });
});

describe('flows beyond the bound', () => {
  /** Ten callers speak by turns, more of them than are followed. */
  const callers = Array.from({ length: 10 }, (_, i) => `10.0.1.${i}:1000`);
  const said = (payload: string, there: boolean) =>
    callers.map((caller): Datagram => [there ? `${caller} > ${BOB}` : `${BOB} > ${caller}`, payload]);
  const crowd = [said('00 0001', true), said('00 0002', false), said('01 0001 61', true), said('02', true)].flat();

  test.each(['auto', 'never'] as const)('are given up and make no false finding, midstream %s', midstream => {
    const report = run([toy], [crowd], { ...mapped, midstream, limits: { flows: 3 } });
    expect(found(report).filter(finding => !finding.startsWith('toy/order-settled'))).toEqual([]);
    expect(report.notes).toEqual(['37 flows given up (--limit flows=3)']);
    expect(report.summary).toMatchObject({ messages: 40, connections: 40, errors: 0, verdict: 'inconclusive' });
  });

  test('none is given up within it', () => {
    const report = run([toy], [crowd], { ...mapped, midstream: 'never', limits: { flows: 10 } });
    expect([report.notes, report.summary.verdict]).toEqual([[], 'conformant']);
  });
});

describe('a flow that was silent for long', () => {
  /** Enough traffic elsewhere for every flow to be looked at, `seconds` after the conversation. */
  const meanwhile = (seconds: number): Datagram[] =>
    Array.from({ length: 200 }, () => ['10.9.9.9:9 > 10.9.9.8:9', 'ff', 1_000 + seconds]);

  test.each(['auto', 'never'] as const)(
    'is given up for others, and what comes later is no fault, midstream %s',
    midstream => {
      const conversation: Conversation = [...greeting, ...meanwhile(700), [A, '01 0001 61', 1_701]];
      const report = run([toy], [conversation], { ...mapped, midstream, limits: { flows: 3 }, allConnections: true });
      expect(report.connections.map(({ id, messages, verdict }) => [id, messages, verdict])).toEqual([
        [1, 2, 'conformant'],
        [2, 1, 'inconclusive'],
      ]);
      expect(report.summary.errors).toBe(0);
    },
  );

  test('goes on as long as there is room for it', () => {
    const conversation: Conversation = [...greeting, ...meanwhile(7_000), [A, '01 0001 61', 8_001]];
    const report = run([toy], [conversation], { ...mapped, allConnections: true });
    expect(report.connections).toMatchObject([{ id: 1, messages: 3, verdict: 'conformant' }]);
  });

  test('goes on when it was not silent long enough', () => {
    const conversation: Conversation = [...greeting, ...meanwhile(500), [A, '01 0001 61', 1_501]];
    const report = run([toy], [conversation], { ...mapped, limits: { flows: 3 }, allConnections: true });
    expect(report.connections).toMatchObject([{ id: 1, messages: 3, verdict: 'conformant' }]);
  });
});

describe('a listener for messages', () => {
  test('is called with each, after it was judged', () => {
    const seen: unknown[] = [];
    const conversation: Conversation = [...greeting, [B, '01 0009 6869'], [B, '07']];
    run([toy], [[], conversation], {
      dialects: new Map([['toy.order', 'big']]),
      onMessage: ({
        message,
        layout,
        name,
        protocol,
        connection,
        capture,
        from,
        to,
        clientToServer,
        state,
        findings,
      }) =>
        seen.push({
          frame: message.frame,
          names: [protocol, layout?.name, name, state],
          ends: `${from} > ${to}${clientToServer ? '' : ' (answer)'}`,
          numbers: [capture, connection],
          findings: findings.map(({ ruleId }) => ruleId),
        }),
    });
    expect(seen).toEqual([
      { frame: 1, names: ['toy', 'HELLO', 'HELLO', 'TALKING'], ends: A, numbers: [1, 1], findings: [] },
      { frame: 2, names: ['toy', 'HELLO', 'HELLO', 'TALKING'], ends: `${B} (answer)`, numbers: [1, 1], findings: [] },
      {
        frame: 3,
        names: ['toy', 'TEXT', 'TEXT', 'TALKING'],
        ends: `${B} (answer)`,
        numbers: [1, 1],
        findings: ['toy/count'],
      },
      {
        frame: 4,
        names: ['toy', undefined, 'unknown type', 'TALKING'],
        ends: `${B} (answer)`,
        numbers: [1, 1],
        findings: ['toy/length'],
      },
    ]);
  });

  test('is not reported with one message of a flow that ended without', () => {
    const others = Array.from({ length: 200 }, (): Datagram => ['10.9.9.9:9 > 10.9.9.8:9', 'ff', 1_700]);
    const init = '01 4d4e4554 01 aabbcc';
    const reported: string[] = [];
    const report = run([mnet], [[[A, init, 1_000], ...others, ['10.0.0.3:5 > 10.0.0.2:2000', init, 1_701]]], {
      capture: 'complete',
      limits: { flows: 3 },
      onMessage: ({ message, findings }) =>
        reported.push(...findings.map(({ ruleId }) => `${ruleId} ${message.frame}`)),
    });
    expect([found(report), reported]).toEqual([['mnet/handshake-incomplete 1'], []]);
  });

  test('sees the same findings as the report, wherever nobody looks', () => {
    const conversation: Conversation = [...greeting, [A, '02'], [A, '01 0003 61']];
    const looked = run([toy], [conversation], { onMessage: () => undefined });
    expect(looked).toEqual(run([toy], [conversation]));
  });
});

const captures = ['echo-small', 'echo-large', 'lossy'].map(name => ({
  name,
  bytes: readFileSync(new URL(`../fixtures/mnet/${name}.pcap`, import.meta.url)),
}));

describe('MNET from a file', () => {
  async function check(bytes: Uint8Array, chunkSize?: number, seed = 0): Promise<RunReport> {
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [mnet], allConnections: true, seed });
    const source = await openBytes(bytes, 'test.pcap', chunkSize);
    engine.beginCapture(source.facts);
    await source.read(frame => engine.frame(frame));
    engine.endCapture();
    return engine.report();
  }

  test.each(captures)('$name: no byte arrives differently, whatever the pieces', async ({ bytes }) => {
    const whole = await check(bytes);
    expect(whole.summary.messages).toBeGreaterThan(0);
    const sizes = [1, 2, 3, 5, 7, 15, 16, 17, 23, 24, 25, 31, 40, 41, 64, 100, 511, 1_000, 4_096, bytes.length - 1];
    for (const size of sizes) expect(await check(bytes, size), `in pieces of ${size}`).toEqual(whole);
  });

  test.each(captures)('$name: the same again gives the same report, whatever the seed', async ({ bytes }) => {
    const once = await check(bytes);
    expect(await check(bytes)).toEqual(once);
    expect(await check(bytes, undefined, 0x9e3779b9)).toEqual(once);
  });

  test.each(captures)('$name: both readers give the same report', async ({ bytes }) => {
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [mnet], allConnections: true });
    const source = await openBytes(bytes, 'test.pcap', undefined, { reader: 'pcap-parser' });
    engine.beginCapture(source.facts);
    await source.read(frame => engine.frame(frame));
    engine.endCapture();
    source.facts.description = 'pcap, little-endian, microseconds';
    expect(engine.report()).toEqual(await check(bytes));
  });
});

describe('MNET of many flows at once, more than are followed', () => {
  /** The frames of the three captures as if they had been taken at once. */
  async function together(): Promise<Frame[]> {
    const frames: Frame[] = [];
    let start: number | undefined;
    for (const { bytes } of captures) {
      let later: number | undefined;
      const source = await openBytes(bytes);
      await source.read(frame => {
        start ??= frame.seconds;
        later ??= frame.seconds - start;
        const kept = Object.assign(new Frame(), frame, { bytes: frame.bytes.slice() });
        kept.seconds -= later;
        frames.push(kept);
      });
    }
    return frames.sort((one, other) => one.seconds - other.seconds || one.nanoseconds - other.nanoseconds);
  }

  const ports: RunOptions = { decodeAs: [{ transport: 'udp', from: 26_999, to: 27_001, protocol: 'mnet' }] };

  test.each(['auto', 'never'] as const)('breaks no rule, midstream %s', async midstream => {
    const frames = await together();
    for (const flows of [1, 2, 3, 4, 5]) {
      const { summary, notes } = run([mnet], [frames], { ...ports, midstream, limits: { flows } });
      expect([summary.messages, summary.errors, summary.warnings]).toEqual([frames.length, 0, 0]);
      expect(notes.length).toBe(flows < 5 ? 1 : 0);
    }
  });
});

describe('whatever the peers say', () => {
  /** MNET messages of few different tags and counts, so that they meet each other, some of them of a wrong length. */
  const TAGS = ['aaaaaa', 'bbbbbb', 'cccccc'] as const;
  const tag = fc.constantFrom(...TAGS);
  const word = fc.constantFrom('00000000', '00000003', '00000006', 'ffffffff');
  const cookie = fc.tuple(tag, tag, fc.nat(9)).map(([own, peer, n]) => `${own}${peer}0100000${n}00${'ab'.repeat(20)}`);
  const payload = fc.oneof(
    tag.map(own => `014d4e455401${own}`),
    cookie.map(content => `02${content}`),
    cookie.map(content => `03${content}`),
    tag.map(own => `04${own}`),
    fc
      .tuple(tag, word, word, fc.constantFrom('', 'abcdef', 'abcdee'))
      .map(([own, sequence, acknowledged, data]) => `00${own}${sequence}${acknowledged}000${data.length / 2}${data}`),
    fc.tuple(tag, word).map(([own, acknowledged]) => `05${own}${acknowledged}`),
    fc.tuple(fc.constantFrom('06', '07', '08', '09'), tag).map(([type, own]) => `${type}${own}`),
    fc.constantFrom('', '00', '01', '04aa', '014d4e455402aaaaaa', '05aaaaaa'),
  );
  const datagram = fc.tuple(fc.constantFrom(A, B, `10.0.0.3:1 > ${BOB}`), payload, fc.nat(3));
  const traffic = fc.array(datagram, { minLength: 1, maxLength: 80, size: 'max' }).map(datagrams => {
    let now = 1_000;
    return datagrams.map(([ends, payload, pause]): Datagram => {
      now += pause;
      return [ends, payload, now];
    });
  });
  const options: RunOptions = {
    decodeAs: [{ transport: 'udp', from: 2000, to: 2000, protocol: 'mnet' }],
    maxFindings: 1_000,
    allConnections: true,
    limits: { 'stream-memory': 2 ** 20 },
  };

  test.each(['auto', 'never'] as const)(
    'every finding is in the counts, and every count in the findings (midstream %s)',
    midstream => {
      fc.assert(
        fc.property(traffic, conversation => {
          const report = run([mnet], [conversation], { ...options, midstream });
          const listed: Record<string, number> = {};
          for (const { ruleId } of report.findings) listed[ruleId] = (listed[ruleId] ?? 0) + 1;
          const counted = report.protocols[0].rules
            .filter(({ broken }) => broken > 0)
            .map(({ id, broken }) => [id, broken]);
          expect(listed).toEqual(Object.fromEntries(counted));
          for (const { checked, broken } of report.protocols[0].rules) expect(broken).toBeLessThanOrEqual(checked);
        }),
        { numRuns: casesOf(200) },
      );
    },
  );

  test('every message is counted in a connection, and every verdict follows from the findings', () => {
    fc.assert(
      fc.property(traffic, conversation => {
        const { connections, findings, summary } = run([mnet], [conversation], options);
        expect(summary.messages).toBe(conversation.length);
        expect(connections.reduce((total, { messages }) => total + messages, 0)).toBe(conversation.length);
        const faulty = new Set(
          findings.filter(({ severity }) => severity !== 'info').map(({ connection }) => connection),
        );
        for (const { id, verdict } of connections) expect(verdict === 'violations').toBe(faulty.has(id));
      }),
      { numRuns: casesOf(200) },
    );
  });

  test('the order of the hash tables, which the seed changes, shows nowhere', () => {
    fc.assert(
      fc.property(traffic, fc.nat(), (conversation, seed) => {
        expect(run([mnet], [conversation], { ...options, seed })).toEqual(run([mnet], [conversation], options));
      }),
      { numRuns: casesOf(100) },
    );
  });
});
