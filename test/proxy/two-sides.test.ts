/** A report of two views: what counts, what was caused by what we did, and that nothing changes where nothing was done. */
import { readdirSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import { type CaptureFacts, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { CLIENT, SERVER } from '../../src/proxy/ends.ts';
import { InterferenceLog } from '../../src/proxy/interference-log.ts';
import { bothSides, type Done } from '../../src/proxy/two-sides.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { facts } from '../../src/testkit/engine.ts';
import { framesOf } from '../kit/filestorage.ts';
import { between, CONNECTOR, frameBytes, handshake, LISTENER, type Line, parties, START } from '../kit/mnet.ts';
import { capture, finding, report as sample } from '../report/sample.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const OPTIONS: EngineOptions = {
  ...DEFAULT_ENGINE_OPTIONS,
  protocols,
  statements: true,
  // Enough for any conversation here; the default would cost more time than the conversation.
  limits: { ...DEFAULT_LIMITS, 'stream-memory': 1024 * 1024 },
};
/** Captures are judged three times each. */
const MOST_BYTES = 200_000;

async function judged(frames: readonly Frame[], facts: CaptureFacts, changes: Partial<EngineOptions> = {}) {
  const engine = new Engine({ ...OPTIONS, ...changes });
  engine.beginCapture(facts);
  for (const frame of frames) {
    engine.frame(frame);
    await engine.settle();
  }
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  return engine;
}

async function viewsOf(
  client: readonly Frame[],
  server: readonly Frame[],
  facts: CaptureFacts,
  options: EngineOptions,
  done?: Done,
): Promise<RunReport> {
  const views = { ...options, allConnections: true };
  const one = await judged(client, facts, { ...views, blames: 'client' });
  const other = await judged(server, facts, { ...views, blames: 'server' });
  return bothSides(one.report(), other.report(), facts, { ...options, protocols: one.protocols }, done);
}

const captures = ['mnet', 'ministreaming', 'filestorage', 'mqtt', 'field'].flatMap(folder =>
  readdirSync(FIXTURES + folder)
    .map(name => `${folder}/${name}`)
    .filter(path => /\.pcap(ng)?$/.test(path) && statSync(FIXTURES + path).size <= MOST_BYTES),
);

describe('where nothing was done to what passed, the report is that of one engine', () => {
  async function compare(path: string, changes: Partial<EngineOptions>): Promise<void> {
    const source = await openCapture(FIXTURES + path);
    const frames = await framesOf(source);
    const options = { ...OPTIONS, ...changes };
    const whole = (await judged(frames, source.facts, options)).report();
    expect(await viewsOf(frames, frames, source.facts, options)).toEqual(whole);
  }

  test.each(captures)('%s', path => compare(path, {}));

  test.each([
    'mnet/faults.pcap',
    'ministreaming/faults.pcap',
    'field/escapes.pcapng',
    'mqtt/mosquitto-mqttjs-5-receive-maximum.pcap',
  ])('%s, known to be complete, with short listings of findings and a whole one of connections', path =>
    compare(path, { allConnections: true, maxFindings: 2, capture: 'complete' }),
  );
});

/** A run in which something is done to what passes: what each side's view has of it, and the number of packets passed on. */
class Tampered {
  readonly views: { readonly client: Frame[]; readonly server: Frame[] } = { client: [], server: [] };
  #passed = 0;
  #milliseconds = 0;

  /** They pass as they are. */
  pass(...lines: readonly Line[]): this {
    for (const line of lines) this.changed(line, line);
    return this;
  }

  /** The first is sent, the other one passed on. */
  changed(sent: Line, given: Line): this {
    this.#tick(sent);
    this.#passed++;
    return this.#see(sideOf(sent), sent).#see(otherOf(sent), given);
  }

  /** Nothing is passed on. */
  lost(line: Line): this {
    this.#tick(line);
    return this.#see(sideOf(line), line);
  }

  /** It is passed on, but nobody has sent it; or it was sent long ago. */
  given(line: Line): this {
    this.#tick(line);
    this.#passed++;
    return this.#see(otherOf(line), line);
  }

  async report(changes: Partial<EngineOptions> = {}, done?: Done): Promise<RunReport> {
    const options = { ...OPTIONS, ...SETTLED, ...changes };
    const whole = { ...facts('live'), packets: this.#passed, knownComplete: true };
    return viewsOf(this.views.client, this.views.server, whole, options, done);
  }

  #see(side: 'client' | 'server', line: Line): this {
    const { bytes } = frameBytes(line);
    const seconds = START + Math.floor(this.#milliseconds / 1_000);
    const nanoseconds = (this.#milliseconds % 1_000) * 1_000_000;
    const number = Math.max(this.#passed, 1);
    const frame = Object.assign(new Frame(), { number, seconds, nanoseconds, linkType: 1, bytes, end: bytes.length });
    this.views[side].push(Object.assign(frame, { wireLength: bytes.length }));
    return this;
  }

  #tick({ after = 0.001 }: Line): void {
    this.#milliseconds += Math.round(after * 1_000);
  }
}

const SETTLED: Partial<EngineOptions> = {
  dialects: new Map([
    ['mnet.tags', 'sender'],
    ['mnet.byteOrder', 'little'],
  ]),
};
const sideOf = ({ from }: Line) => (from === 'connector' ? 'client' : 'server');
const otherOf = ({ from }: Line) => (from === 'connector' ? 'server' : 'client');

/** `rule frame connection` */
const places = (findings: readonly Finding[] = []) =>
  findings.map(({ ruleId, frame, connection }) => `${ruleId} ${frame} ${connection}`);
const broken = ({ protocols: [mnet] }: RunReport, rule: string) => {
  const tally = mnet?.rules.find(({ id }) => id === rule);
  return tally && [tally.checked, tally.broken];
};

describe('what the proxy has changed', () => {
  const { C, L } = parties();
  const WRONG = 0x0a0b0c;

  test("is nobody's fault: the client was given a wrong tag, which the server has not sent", async () => {
    const run = new Tampered()
      .pass(...handshake({ C, L }), C.data(0, 40))
      .changed(L.data(0, 40, 40), L.data(0, 40, 40, { tag: WRONG }));
    const report = await run.report();
    expect([places(report.findings), places(report.induced)]).toEqual([[], ['mnet/tag-mismatch 6 1']]);
    expect(report.induced).toMatchObject([{ atFault: LISTENER, from: LISTENER }]);
    expect(report.summary).toMatchObject({ errors: 0, verdict: 'conformant', packets: 6, connections: 1 });
    expect(broken(report, 'mnet/tag-mismatch')).toEqual([2, 0]);
  });

  test('hides no fault of the server: it has sent a wrong tag, which the client was not given', async () => {
    const run = new Tampered()
      .pass(...handshake({ C, L }), C.data(0, 40))
      .changed(L.data(0, 40, 40, { tag: WRONG }), L.data(0, 40, 40));
    const report = await run.report();
    expect([places(report.findings), report.induced]).toEqual([['mnet/tag-mismatch 6 1'], undefined]);
    expect(report.summary).toMatchObject({ errors: 1, verdict: 'violations' });
    expect(report.connections).toMatchObject([{ id: 1, verdict: 'violations', client: CONNECTOR }]);
  });

  test('stands beside what the server breaks itself in the same connection', async () => {
    const run = new Tampered()
      .pass(...handshake({ C, L }), C.data(0, 40), L.data(0, 40, 40, { tag: WRONG }))
      .changed(L.data(0, 40, 40), L.data(0, 40, 40, { tag: WRONG }))
      .pass(L.data(0, 40, 40, { tag: WRONG }));
    const report = await run.report();
    expect([places(report.findings), places(report.induced)]).toEqual([
      ['mnet/tag-mismatch 6 1', 'mnet/tag-mismatch 8 1'],
      ['mnet/tag-mismatch 7 1'],
    ]);
    expect([report.summary.errors, broken(report, 'mnet/tag-mismatch')?.[1]]).toEqual([2, 2]);
  });

  test('and what the server has answered to it is no fault of the server', async () => {
    // The client has sent 40 bytes, the server was given 80 and acknowledges them.
    const run = new Tampered()
      .pass(...handshake({ C, L }))
      .changed(C.data(0, 40), C.data(0, 80))
      .pass(L.bare(0, 80));
    const report = await run.report();
    expect([places(report.findings), places(report.induced)]).toEqual([[], ['mnet/ack-unsent 6 1']]);
  });
});

describe('what the proxy has not passed on', () => {
  const { C, L } = parties();

  /** Whoever waits has waited long enough. */
  const LONG_AFTER = between('10.0.0.9:9000', LISTENER, [{ ...C.init({ tag: 0x010203 }), after: 60 }]);

  test('is a silence that nobody is to blame for', async () => {
    const run = new Tampered().lost(C.init()).lost({ ...C.init(), after: 1 });
    const report = await run.pass(...LONG_AFTER).report();
    expect([places(report.findings), places(report.induced)]).toEqual([[], ['mnet/handshake-incomplete 1 1']]);
    expect(report.induced).toMatchObject([{ atFault: LISTENER, from: CONNECTOR }]);
    expect(report.summary).toMatchObject({ messages: 3, connections: 2, packets: 1, errors: 0, warnings: 0 });
  });

  test('is no excuse for one who is silent himself', async () => {
    const run = new Tampered().pass(C.init(), { ...C.init(), after: 1 });
    const report = await run.pass(...LONG_AFTER).report();
    expect([places(report.findings), report.induced]).toEqual([['mnet/handshake-incomplete 1 1'], undefined]);
  });

  test('makes nobody guilty who goes on as if it had been', async () => {
    const [init, cookie, echo, cookieAck] = handshake({ C, L });
    const run = new Tampered().pass(init!, cookie!, echo!).lost(cookieAck!).pass(L.data(0, 40));
    const report = await run.report();
    expect([places(report.findings), places(report.induced)]).toEqual([[], ['mnet/data-before-ack 4 1']]);
  });

  test('is no excuse for one who goes on as if he had been given it', async () => {
    const run = new Tampered()
      .pass(...handshake({ C, L }))
      .lost(L.data(0, 40))
      .pass(C.bare(0, 40));
    const report = await run.report();
    expect([places(report.findings), report.induced]).toEqual([['mnet/ack-unsent 5 1'], undefined]);
  });
});

describe('what comes another time than it was sent', () => {
  const { C, L } = parties();
  const wrong = L.data(0, 40, 40, { tag: 0x0a0b0c });

  test('is the same finding on the same bytes, in another frame', async () => {
    const run = new Tampered()
      .pass(...handshake({ C, L }), C.data(0, 40))
      .lost(wrong)
      .pass(C.data(40, 80))
      .given(wrong);
    const report = await run.report();
    expect([places(report.findings), report.induced]).toEqual([['mnet/tag-mismatch 5 1'], undefined]);
  });

  test('is induced where it comes twice', async () => {
    const run = new Tampered().pass(...handshake({ C, L }), C.data(0, 40), wrong).given(wrong);
    const report = await run.report();
    expect([places(report.findings), places(report.induced)]).toEqual([
      ['mnet/tag-mismatch 6 1'],
      ['mnet/tag-mismatch 7 1'],
    ]);
  });
});

describe('connections of both views', () => {
  const { C, L } = parties();
  const talk = (port: number, lines: readonly Line[]) => between(`10.0.0.1:${port}`, LISTENER, lines);
  const fault = L.data(0, 40, 0, { tag: 0x0a0b0c });

  test('are the same by their ends, whatever number each view has given them', async () => {
    const run = new Tampered()
      .lost(talk(7_000, [C.init({ tag: 0x010203 })])[0]!)
      .pass(...talk(7_001, [...handshake({ C, L }), fault]));
    const report = await run.report({ allConnections: true });
    expect(report.connections.map(({ id, client, verdict }) => [id, client, verdict])).toEqual([
      [1, '10.0.0.1:7000', 'inconclusive'],
      [2, '10.0.0.1:7001', 'violations'],
    ]);
    expect(places(report.findings)).toEqual(['mnet/tag-mismatch 5 2']);
  });

  test('that only the server was shown have numbers behind those of the client', async () => {
    const [forged] = talk(7_002, [C.raw(Uint8Array.of(1, 0x4d, 0x4e, 0x45, 0x54, 1, 9, 9, 9))]);
    const answers = talk(7_002, [L.cookie({ peerTag: 0x090908 })]);
    const run = new Tampered()
      .given(forged!)
      .pass(...talk(7_003, handshake({ C, L })))
      .lost(answers[0]!);
    const report = await run.report({ allConnections: true });
    expect(report.connections.map(({ id, client }) => [id, client])).toEqual([
      [1, '10.0.0.1:7003'],
      [2, '10.0.0.1:7002'],
    ]);
    expect(places(report.findings)).toEqual(['mnet/cookie-peer-tag 5 2']);
    // Counted as the client's view has them.
    expect(report.summary).toMatchObject({ connections: 1, errors: 1 });
  });
});

test('in one frame findings are in the order in which they came up, whoever is at fault', () => {
  const ends = { connection: 3, from: CONNECTOR, to: LISTENER, frame: 9 };
  const ofServer = finding({ ...ends, ruleId: 'mnet/a', atFault: LISTENER });
  const ofClient = finding({ ...ends, ruleId: 'mnet/b', atFault: CONNECTOR });
  const found = [ofServer, ofClient];
  const view = (own: Finding) => sample({ findings: [own], view: { found, omitted: 0 } });
  const report = bothSides(view(ofClient), view(ofServer), capture(), OPTIONS);
  expect([places(report.findings), report.induced]).toEqual([['mnet/a 9 3', 'mnet/b 9 3'], undefined]);
});

test.each([
  ['both', 'conformant'],
  ['client', 'conformant'],
  ['neither', 'inconclusive'],
] as const)('a view in which nobody was seen does not decide about the verdict: %s', async (seen, verdict) => {
  const { C, L } = parties();
  const { views } = new Tampered().pass(C.init(), L.cookie(), C.abort());
  const whole = { ...facts('live'), knownComplete: true };
  const client = seen === 'neither' ? [] : views.client;
  const server = seen === 'both' ? views.server : [];
  const { summary } = await viewsOf(client, server, whole, { ...OPTIONS, ...SETTLED });
  expect(summary.verdict).toBe(verdict);
});

test('while connections are open, what was found in them has its double, too', () => {
  const { C, L } = parties();
  const wrong = L.data(0, 40, 0, { tag: 0x0a0b0c });
  const other = between('10.0.0.1:7001', LISTENER, [...handshake(parties({ initTag: 0x515253 })), wrong]);
  const { views } = new Tampered().pass(C.init({ tag: 0x010203 }), ...other).given(wrong);
  const options = { ...OPTIONS, ...SETTLED, allConnections: true };
  const soFar = (frames: readonly Frame[], blames: 'client' | 'server') => {
    const engine = new Engine({ ...options, blames });
    engine.beginCapture({ ...facts('live'), knownComplete: true });
    for (const frame of frames) engine.frame(frame);
    return engine.reportSoFar();
  };
  const report = bothSides(soFar(views.client, 'client'), soFar(views.server, 'server'), facts('live'), options);
  expect([report.connections, places(report.findings)]).toEqual([[], ['mnet/tag-mismatch 6 2']]);
  expect(places(report.induced).map(place => place.split(' ').slice(1))).toEqual([['7', '1']]);
});

describe('what was done', () => {
  const { C, L } = parties();
  const [forged] = between('10.0.0.1:7002', LISTENER, [C.init({ tag: 0x090909 })]);
  const deed = { time: { seconds: START, nanoseconds: 0 }, messageName: 'INIT', cause: 'send', note: '' } as const;

  test('stands in the report, with its numbers of connections', async () => {
    const log = new InterferenceLog();
    const ends = { from: '10.0.0.1:7002', to: LISTENER };
    log.done('attack', { ...deed, ...ends, frame: 1, deed: 'send', connection: 1 }, SERVER);
    log.done('fault', { ...deed, ...ends, frame: 2, deed: 'drop', connection: 1 }, CLIENT);
    const run = new Tampered().given(forged!).pass(...handshake({ C, L }));
    const { interference } = await run.report({}, { log, seed: 9 });
    expect(interference?.seed).toBe(9);
    expect(interference?.deeds.map(({ connection }) => connection)).toEqual([2, 1]);
  });

  test('does not where it is nothing', async () => {
    const report = await new Tampered().pass(...handshake({ C, L })).report({}, { log: new InterferenceLog() });
    expect(report).not.toHaveProperty('interference');
  });
});

describe('a second connection of the same ends', () => {
  const { C, L } = parties();
  const again = parties({ initTag: 0x515253, listenerTag: 0x616263 });
  const close = [C.shutdown(0), L.shutdownAck(), C.shutdownComplete()];
  const wrong = again.L.data(0, 40, 0, { tag: 0x0a0b0c });

  test('is the second of both views', async () => {
    const run = new Tampered().pass(...handshake({ C, L }), ...close, ...handshake(again), wrong);
    const report = await run.report();
    expect([places(report.findings), report.induced]).toEqual([['mnet/tag-mismatch 12 2'], undefined]);
  });

  test('is the third where only the server was shown one between them', async () => {
    const forged = parties({ initTag: 0x717273 }).C.init();
    const run = new Tampered()
      .pass(...handshake({ C, L }), ...close)
      .given(forged)
      .pass(...handshake(again), wrong);
    const report = await run.report({ allConnections: true });
    expect(places(report.findings).filter(place => place.startsWith('mnet/tag'))).toEqual(['mnet/tag-mismatch 13 2']);
    expect(report.induced).toBeUndefined();
    expect(report.connections.map(({ id, messages }) => [id, messages])).toEqual([
      [1, 7],
      [2, 5],
      [3, 1],
    ]);
  });
});

describe('counts are exact, whatever is listed', () => {
  const { C, L } = parties();
  const wrong = (place: number) => L.data(0, 40 + place, 40, { tag: 0x0a0b0c });

  test.each([
    [2, 5, 3],
    [5, 5, 0],
    [100, 5, 0],
  ])('at most %d of %d are listed, %d are left out', async (maxFindings, count, omitted) => {
    const run = new Tampered().pass(...handshake({ C, L }), C.data(0, 40));
    for (let place = 0; place < count; place++) run.pass(wrong(place));
    const report = await run.report({ maxFindings });
    expect([report.findings.length, report.omitted, report.induced]).toEqual([
      count - omitted,
      { findings: omitted, connections: 0 },
      undefined,
    ]);
    expect([report.summary.errors, broken(report, 'mnet/tag-mismatch')?.[1]]).toEqual([count, count]);
  });

  test('and of what is induced it is said that there may be more', async () => {
    const run = new Tampered().pass(...handshake({ C, L }), C.data(0, 40));
    for (let place = 0; place < 5; place++) run.given(wrong(place));
    const report = await run.report({ maxFindings: 2 });
    expect(places(report.induced)).toEqual(['mnet/tag-mismatch 6 1', 'mnet/tag-mismatch 7 1']);
    expect(report.omitted).toEqual({ findings: 0, connections: 0, induced: 3 });
    expect(report.summary).toMatchObject({ errors: 0, verdict: 'conformant' });
  });

  test('nothing that may be the double of one that is not listed is called induced', async () => {
    // The listing of the server's own view is full before what the client was given late came up there.
    const late = wrong(9);
    const run = new Tampered().pass(...handshake({ C, L }), C.data(0, 40));
    run.lost(wrong(0)).lost(wrong(1)).lost(late).given(late);
    const report = await run.report({ maxFindings: 2 });
    expect([report.findings.length, report.summary.errors, report.induced]).toEqual([2, 3, undefined]);
  });
});
