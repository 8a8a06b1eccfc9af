import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CaptureError,
  check,
  type DeedRecord,
  type HeldUnit,
  type ProxyEvent,
  type ProxyEvents,
  type ProxyOptions,
  type ReleasedUnit,
  type RunningProxy,
  type RunReport,
  reportJson,
  reportText,
  startProxy,
  UsageError,
} from '../src/api.ts';
import { folderWith } from './kit/folder.ts';
import { datagramServer, datagramSocket, heardOf, scratch, streamClient, streamServer, until } from './kit/proxy.ts';
import { toy } from './kit/toy.ts';
import { word } from './kit/word.ts';

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

/** A proxy that is stopped when the test is over, whatever became of it. */
async function started(options: ProxyOptions): Promise<RunningProxy> {
  const proxy = await startProxy(options);
  onTestFinished(async () => {
    await proxy.stop().catch(() => {});
  });
  return proxy;
}

/** Says these words of TOY to a proxy, each once the one before was answered, and returns how many were. */
async function talk(port: number, ...words: readonly string[]): Promise<number> {
  const socket = await datagramSocket();
  let answers = 0;
  for (const text of words) {
    socket.send(Buffer.from(text, 'hex'), port, '127.0.0.1');
    await once(socket, 'message');
    answers++;
  }
  return answers;
}

const echo = (socket: dgram.Socket, bytes: Buffer, { port, address }: dgram.RemoteInfo) =>
  socket.send(bytes, port, address);

/** A callee of TOY, which says back what it hears. */
const callee = async () => `udp:127.0.0.1:${await datagramServer(echo)}`;

const HELLO = '00beef';
const TEXT = '0100026869';
const BYE = '02';
/** It says that it has three characters. */
const MISCOUNTED = '0100036869';

const toyPair = async () => ({ listen: 'udp:0', upstream: await callee(), protocol: 'toy', plugins: [toy] });

const idsOf = ({ findings }: RunReport) => findings.map(({ ruleId }) => ruleId);

describe('a proxy in a program', () => {
  test('forwards, judges by a protocol of the caller, and reports when it is stopped', async () => {
    const proxy = await started({ ...(await toyPair()), allConnections: true });
    expect(proxy.port).toBeGreaterThan(0);
    expect(proxy.pairs).toMatchObject([{ listen: `udp:127.0.0.1:${proxy.port}`, host: '127.0.0.1', port: proxy.port }]);
    await talk(proxy.port, HELLO, TEXT, MISCOUNTED);
    const report = await proxy.stop();
    expect(idsOf(report)).toContain('toy/count');
    expect(report.summary).toMatchObject({ connections: 1, messages: 6, verdict: 'violations' });
    expect(reportText(report)).toContain('warning  toy/count');
    expect(JSON.parse(reportJson(report))).toMatchObject({ tool: { name: 'wirelint' }, summary: { messages: 6 } });
  });

  test('is one of several, each with its own traffic and verdict', async () => {
    const all = await Promise.all([1, 2, 3].map(async () => started(await toyPair())));
    expect(new Set(all.map(({ port }) => port)).size).toBe(3);
    await Promise.all(all.map(({ port }, index) => talk(port, HELLO, ...Array(index).fill(TEXT), MISCOUNTED)));
    const reports = await Promise.all(all.map(proxy => proxy.stop()));
    expect(reports.map(({ summary }) => summary.messages)).toEqual([4, 6, 8]);
    expect(reports.map(({ summary }) => summary.connections)).toEqual([1, 1, 1]);
  });

  test('has several pairs, each with its protocol', async () => {
    const words = await streamServer(socket => socket.pipe(socket));
    const proxy = await started({
      pairs: [
        { listen: 'udp:0', upstream: await callee(), protocol: 'toy' },
        { listen: 'tcp:0', upstream: `tcp:${words}`, protocol: 'word' },
      ],
      plugins: [toy, word],
    });
    await talk(proxy.pairs[0].port!, HELLO);
    const client = await streamClient(proxy.pairs[1].port!);
    client.end(Buffer.from('00026869', 'hex'));
    await heardOf(client);
    const { protocols } = await proxy.stop();
    const messages = protocols.map(({ id, messages }) => [id, messages]);
    expect(messages).toContainEqual(['toy', 2]);
    expect(messages).toContainEqual(['word', 2]);
  });

  test('reports what happens, and nothing more to a removed listener', async () => {
    const proxy = await started(await toyPair());
    const heard: string[] = [];
    const left = () => heard.push('left');
    const finding = ({ ruleId, severity }: ProxyEvents['finding']) => heard.push(`${severity} ${ruleId}`);
    proxy.on('finding', finding).on('finding', left).off('finding', left);
    proxy.on('connection', ({ kind, connection }) => heard.push(`${kind} ${connection.protocol} ${connection.id}`));
    await talk(proxy.port, HELLO, MISCOUNTED);
    await until('the finding', () => heard.some(line => line.includes('toy/count')));
    expect(heard[0]).toBe('opened toy 1');
    await proxy.stop();
    expect(heard.at(-1)).toBe('closed toy 1');
    expect(heard).not.toContain('left');
  });

  test('tells of itself: a server that is not there', async () => {
    const proxy = await started({ listen: 'tcp:0', upstream: 'tcp:127.0.0.1:9' });
    const events: ProxyEvents['event'][] = [];
    proxy.on('event', event => events.push(event));
    const client = await streamClient(proxy.port);
    client.on('error', () => {});
    await until('the event', () => events.length > 0);
    expect(events[0]).toMatchObject({ kind: 'refused', message: expect.stringContaining('tcp:127.0.0.1:9') });
  });

  test('reports while it runs, and gives one report however often it is stopped', async () => {
    const proxy = await started(await toyPair());
    expect(proxy.report().summary.messages).toBe(0);
    await talk(proxy.port, HELLO, TEXT);
    await until('what was said', () => proxy.report().summary.messages === 4);
    const [first, second] = await Promise.all([proxy.stop(), proxy.stop()]);
    expect(second).toBe(first);
    expect(await proxy.stop()).toBe(first);
    expect(proxy.report()).toBe(first);
  });

  test('has seen what was sent a moment before it is stopped', async () => {
    const proxy = await started(await toyPair());
    const socket = await datagramSocket();
    socket.send(Buffer.from(HELLO, 'hex'), proxy.port, '127.0.0.1');
    expect((await proxy.stop()).summary.messages).toBe(2);
  });

  test('frees its address, and stops at the end of a block', async () => {
    const pair = await toyPair();
    const proxy = await startProxy(pair);
    await proxy[Symbol.asyncDispose]();
    const next = await started({ ...pair, listen: `udp:${proxy.port}` });
    expect(next.port).toBe(proxy.port);
  });

  test('records what passes, file after file, and the recording has the same findings', async () => {
    const path = join(scratch(), 'out.pcapng');
    const proxy = await started({ ...(await toyPair()), record: path, decodeAs: ['udp.port==1,toy'] });
    await talk(proxy.port, HELLO, MISCOUNTED);
    const report = await proxy.stop();
    expect(proxy.recorded).toEqual([path]);
    const upstream = proxy.pairs[0].upstream.split(':').at(-1);
    const again = await check(path, { decodeAs: [`udp.port==${upstream},toy`], plugins: [toy] });
    expect(idsOf(again)).toEqual(idsOf(report));
    expect(again.summary).toEqual(report.summary);
  });

  test('keeps the newest files of a recording that begins again', async () => {
    const folder = scratch();
    const recording = { record: join(folder, 'out.pcapng'), recordSize: 200, recordKeep: 2 };
    const proxy = await started({ ...(await toyPair()), ...recording });
    await talk(proxy.port, HELLO, ...Array(20).fill(TEXT));
    await proxy.stop();
    expect(proxy.recorded).toHaveLength(2);
    expect(proxy.recorded.every(path => existsSync(path))).toBe(true);
  });
});

describe('a proxy that does something to what passes', () => {
  /** Collects what happens. */
  function listening(proxy: RunningProxy) {
    const heard = {
      deeds: [] as DeedRecord[],
      held: [] as HeldUnit[],
      released: [] as ReleasedUnit[],
      events: [] as ProxyEvent[],
    };
    proxy.on('deed', deed => heard.deeds.push(deed));
    proxy.on('held', unit => heard.held.push(unit));
    proxy.on('released', unit => heard.released.push(unit));
    proxy.on('event', event => heard.events.push(event));
    return heard;
  }

  /** What a callee of TOY hears, in hex. */
  async function hearing() {
    const heard: string[] = [];
    const port = await datagramServer((_, bytes) => heard.push(bytes.toString('hex')));
    return { heard, pair: { listen: 'udp:0', upstream: `udp:127.0.0.1:${port}`, protocol: 'toy', plugins: [toy] } };
  }

  async function saying(proxy: RunningProxy) {
    const socket = await datagramSocket();
    return (...words: readonly string[]) => {
      for (const text of words) socket.send(Buffer.from(text, 'hex'), proxy.port, '127.0.0.1');
    };
  }

  test('does faults, tells of each, and what they cause counts for nobody', async () => {
    const { heard, pair } = await hearing();
    const proxy = await started({
      ...pair,
      faults: ['set toy.count = 3 if type == TEXT nth=1', 'drop if type == TEXT nth=2'],
    });
    const { deeds } = listening(proxy);
    (await saying(proxy))(HELLO, TEXT, TEXT, BYE);
    await until('what passes', () => heard.length === 3);
    expect(heard).toEqual([HELLO, MISCOUNTED, BYE]);
    const report = await proxy.stop();
    expect(deeds.map(({ kind, unit, by, cause }) => [kind, unit, by, cause])).toEqual([
      ['replace', 'TEXT', 'fault', 'set toy.count = 3 if type == TEXT nth=1'],
      ['drop', 'TEXT', 'fault', 'drop if type == TEXT nth=2'],
    ]);
    expect(report.summary.warnings).toBe(0);
    expect(report.induced?.map(({ ruleId }) => ruleId)).toEqual(['toy/count']);
    expect(report.interference?.faults.map(({ deed, count }) => [deed, count])).toEqual([
      ['replace', 1],
      ['drop', 1],
    ]);
    expect(report.interference?.seed).toBe(0);
    expect(report.notes).toEqual([]);
    expect(await proxy.stop()).toBe(report);
    expect(proxy.report()).toBe(report);
  });

  test('keeps what breaks a rule from the other side, and the finding counts', async () => {
    const { heard, pair } = await hearing();
    const proxy = await started({ ...pair, enforce: 'drop', rule: ['toy/count=error'] });
    (await saying(proxy))(HELLO, TEXT, MISCOUNTED, BYE);
    await until('what passes', () => heard.length === 3);
    expect(heard).toEqual([HELLO, TEXT, BYE]);
    expect(idsOf(await proxy.stop())).toEqual(['toy/order-settled', 'toy/count']);
  });

  test('holds without a terminal: what is held is changed, repeated, dropped and let go', async () => {
    const { heard, pair } = await hearing();
    const proxy = await started({ ...pair, breakOn: 'type == TEXT' });
    const { held, released } = listening(proxy);
    const say = await saying(proxy);
    say(HELLO, TEXT);
    await until('the first', () => held.length === 1);
    expect(proxy.held()).toEqual(held);
    expect(held[0]).toMatchObject({ from: 'client', cause: 'type == TEXT', messages: [{ name: 'TEXT' }] });
    const first = held[0].id;
    expect(() => proxy.forward(first, { set: 'toy.nothing = 1' })).toThrow(UsageError);
    expect(() => proxy.forward(first, { set: 'toy.count = 1', bytes: new Uint8Array(1) })).toThrow('not both');
    expect(() => proxy.forward(first, { message: 1 })).toThrow(`hold ${first} has no message 1`);
    expect(proxy.forward(first, { set: ['toy.count = 3'] })).toBe('toy.count = 3 (was 2)');
    say(TEXT);
    await until('the second', () => held.length === 2);
    const copy = proxy.repeat(held[1].id);
    expect(proxy.forward(copy)).toBe('');
    say(TEXT, TEXT);
    await until('two more', () => proxy.held().length === 2);
    const [one, two] = proxy.held();
    proxy.forward(one.id, { bytes: Buffer.from(MISCOUNTED, 'hex') });
    proxy.drop(two.id);
    expect(() => proxy.drop(two.id)).toThrow(`hold ${two.id} is not held`);
    proxy.setBreak(undefined);
    say(BYE);
    await until('what passes', () => heard.length === 6);
    expect(heard).toEqual([HELLO, MISCOUNTED, TEXT, TEXT, MISCOUNTED, BYE]);
    expect(released.map(({ how }) => how)).toEqual(['forwarded', 'forwarded', 'forwarded', 'forwarded', 'dropped']);
    expect(released[0].note).toBe('toy.count = 3 (was 2)');
    expect((await proxy.stop()).summary.warnings).toBe(0);
  });

  test('says what nobody has said, takes other faults while it runs, and breaks flows off', async () => {
    const { heard, pair } = await hearing();
    const proxy = await started({ ...pair, control: true });
    const { deeds } = listening(proxy);
    const say = await saying(proxy);
    say(HELLO);
    await until('the flow', () => heard.length === 1);
    const [{ flow }] = proxy.flows();
    expect(Buffer.from(proxy.send(flow, 'server', { name: 'BYE' })).toString('hex')).toBe(BYE);
    proxy.send(flow, 'server', { bytes: Buffer.from(TEXT, 'hex') });
    expect(() => proxy.send(flow, 'server', {})).toThrow('either its name');
    expect(() => proxy.send(9, 'server', { name: 'BYE' })).toThrow('flow 9 is not open');
    expect(() => proxy.send(flow, 'both' as 'client', { name: 'BYE' })).toThrow('to: expected one of client, server');
    expect(() => proxy.send(flow, 'server', { bytes: TEXT as unknown as Uint8Array })).toThrow('bytes: expected bytes');
    proxy.setFaults(['repeat if type == BYE']);
    expect(() => proxy.setFaults(['drop'])).toThrow(UsageError);
    expect(() => proxy.setFaults('drop=5%' as unknown as string[])).toThrow('faults: expected a list of strings');
    expect(() => proxy.setBreak(1 as unknown as string)).toThrow('filter: expected a string');
    say(BYE);
    await until('what passes', () => heard.length === 5);
    expect(heard).toEqual([HELLO, BYE, TEXT, BYE, BYE]);
    expect(deeds.map(({ kind, by }) => [kind, by])).toEqual([
      ['send', 'interception'],
      ['send', 'interception'],
      ['duplicate', 'fault'],
    ]);
    proxy.abort(flow);
    expect(proxy.flows()).toEqual([]);
    expect(() => proxy.abort(flow)).toThrow(`flow ${flow} is not open`);
  });

  test('what cannot be done to a message is an event; what is held at the end is gone', async () => {
    const { heard, pair } = await hearing();
    const folder = scratch();
    writeFileSync(join(folder, 'bad.yaml'), "faults: ['set toy.count = 99999 if type == TEXT']\nseed: 5\n");
    const scenario = join(folder, 'bad.yaml');
    const proxy = await started({ ...pair, scenario, seed: 6, breakOn: 'type == BYE' });
    const { events, released, held } = listening(proxy);
    (await saying(proxy))(HELLO, TEXT, TEXT, BYE);
    await until('all', () => heard.length === 3 && held.length === 1);
    const report = await proxy.stop();
    expect(events).toMatchObject([{ kind: 'undone', message: expect.stringContaining('toy.count') }]);
    expect(released.map(({ how }) => how)).toEqual(['gone']);
    expect(report.interference?.seed).toBe(6);
    expect(report.notes).toEqual(['set toy.count = 99999 if type == TEXT: was done to nothing']);
    expect(heard).toEqual([HELLO, TEXT, TEXT]);
  });

  test('takes what is done from a configuration that is named, beneath its options', async () => {
    const folder = folderWith({
      'own.yaml': 'proxy: { faults: [drop if type == TEXT nth=1], seed: 3, scenario: bad.yaml, enforce: abort }\n',
      'bad.yaml': 'faults: [drop if type == BYE]\n',
    });
    const { heard, pair } = await hearing();
    const config = join(folder, 'own.yaml');
    const proxy = await started({
      ...pair,
      config,
      enforce: 'drop',
      rule: ['toy/count=error'],
      faults: ['drop if type == TEXT nth=2'],
    });
    (await saying(proxy))(HELLO, TEXT, TEXT, TEXT, MISCOUNTED, BYE);
    await until('what passes', () => heard.length === 2);
    const { interference } = await proxy.stop();
    expect(heard).toEqual([HELLO, TEXT]);
    expect(interference?.seed).toBe(3);
    expect(interference?.faults.map(({ cause, count }) => [cause, count])).toEqual([
      ['drop if type == TEXT nth=1', 1],
      ['drop if type == TEXT nth=2', 1],
      ['--enforce drop: toy/count', 1],
      ['drop if type == BYE', 1],
    ]);
  });

  test('one that was started to pass all on as it is does nothing else', async () => {
    const proxy = await started(await toyPair());
    for (const act of [
      () => proxy.held(),
      () => proxy.setFaults([]),
      () => proxy.setBreak('type == TEXT'),
      () => proxy.abort(1),
    ])
      expect(act).toThrow('start it with control: true');
    expect((await proxy.stop()).interference).toBeUndefined();
  });
});

describe("strangers' code that fails", () => {
  test('in a listener disturbs nobody, and is reported at the end', async () => {
    const proxy = await started(await toyPair());
    proxy.on('finding', () => {
      throw new Error('I cannot take it');
    });
    const answers = await talk(proxy.port, HELLO, MISCOUNTED, TEXT, BYE);
    await expect(proxy.stop()).rejects.toThrow('I cannot take it');
    expect(answers).toBe(4);
  });

  test('in a protocol ends the judging, and not the traffic; what it threw is the end of the run', async () => {
    const check = () => {
      throw new Error('a fault of the rule');
    };
    const rules = toy.rules.map(rule => (rule.id === 'toy/count' ? { ...rule, check } : rule));
    const proxy = await started({ ...(await toyPair()), plugins: [{ ...toy, rules }] });
    expect(await talk(proxy.port, HELLO, TEXT, TEXT)).toBe(3);
    expect(() => proxy.report()).toThrow('a fault of the rule');
    await expect(proxy.stop()).rejects.toThrow('a fault of the rule');
  });
});

describe('what the command line would refuse is refused', () => {
  const udp = { listen: 'udp:0', upstream: 'udp:127.0.0.1:9' };
  /** As a caller without a compiler may write them. */
  const CASES: readonly (readonly [options: object, reason: string])[] = [
    [{}, 'name where to listen'],
    [{ listen: 'udp:0' }, 'name where to listen'],
    [{ pairs: [{ listen: 'udp:0', upstrem: 'udp:9' }] }, 'unknown option upstrem; did you mean upstream?'],
    [{ listen: 'udp:0', upstream: 'tcp:9' }, 'cut what they carry in different ways'],
    [{ ...udp, dialekt: ['mnet.tags=sender'] }, 'unknown option dialekt; did you mean dialect?'],
    [{ ...udp, capture: 'complete' }, 'unknown option capture'],
    [{ ...udp, dialect: 'mnet.tags=sender' }, 'dialect: expected a list of strings'],
    [{ ...udp, dialect: ['mnet.tag=sender'] }, 'did you mean mnet.tags?'],
    [{ ...udp, protocol: 'mnat' }, 'did you mean mnet?'],
    [{ ...udp, rule: ['mnet/reordered=of'] }, 'a rule can be set to off'],
    [{ ...udp, limit: ['proxy-flows=0'] }, 'from 1 to'],
    [{ ...udp, midstream: 'maybe' }, 'midstream: expected one of auto, never'],
    [{ ...udp, maxFindings: 0.5 }, '--max-findings 0.5'],
    [{ ...udp, idle: '5 minutes' }, '--idle 5 minutes'],
    [{ ...udp, idle: -1 }, '--idle -1ms'],
    [{ ...udp, recordKeep: 2 }, 'are for --record FILE'],
    [{ ...udp, record: '/nowhere/x.pcapng' }, 'no such directory'],
    [{ ...udp, faults: 'drop=5%' }, 'faults: expected a list of strings'],
    [{ ...udp, faults: ['drp=5%'] }, '--fault drp=5%: column 1: '],
    [{ ...udp, scenario: '/nowhere.yaml' }, '/nowhere.yaml'],
    [{ ...udp, faults: ['drop=5%'], seed: 1.5 }, '--seed 1.5: a seed is a whole number from 0 to 9007199254740991'],
    [{ ...udp, attacks: ['mnet/tag-mismach'] }, '--attack mnet/tag-mismach: there is no such rule'],
    [{ ...udp, enforce: 'dorp' }, 'enforce: expected one of drop, close, abort'],
    [{ ...udp, breakOn: 'typ == DATA' }, '--break-on: column 1: '],
    [{ ...udp, control: 'yes' }, 'control: expected true or false'],
    [{ ...udp, plugins: [{}] }, 'plugins: '],
    [{ ...udp, plugins: [toy, toy] }, 'plugins: toy: id toy is taken'],
    [{ ...udp, plugins: ['/nowhere'] }, '--plugin /nowhere: there is no such folder'],
  ];

  test.each(CASES)('%j', async (options, reason) => {
    const refusal = await startProxy(options as ProxyOptions).then(undefined, error => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal.message).toContain(reason);
    expect(refusal.message).not.toContain('\n');
  });
});

describe('a check in a program', () => {
  const path = fixture('mnet/faults.pcap');

  test('gives for bytes what it gives for their path', async () => {
    const ofPath = await check(path);
    const ofBytes = await check(readFileSync(path));
    expect(ofBytes.captures[0].path).toBe('memory');
    expect({ ...ofBytes, captures: [{ ...ofBytes.captures[0], path }] }).toEqual(ofPath);
    expect(idsOf(ofPath)).toContain('mnet/retransmit-differs');
  });

  test('takes several captures as one run, and options as the command line spells them', async () => {
    const off = ['mnet/retransmit-differs=off'];
    const report = await check([path, readFileSync(fixture('mnet/echo-small.pcap'))], { rule: off });
    expect(report.captures).toHaveLength(2);
    expect(idsOf(report)).not.toContain('mnet/retransmit-differs');
  });

  test('reports the findings that match a filter, and the summary counts these', async () => {
    const report = await check(path, { filter: 'rule == mnet/retransmit-differs' });
    expect(new Set(idsOf(report))).toEqual(new Set(['mnet/retransmit-differs']));
    expect(report.summary.errors).toBe(report.findings.length);
    await expect(check(path, { filter: 'rule ==' })).rejects.toThrow(UsageError);
  });

  test('reads a capture in the order of time when asked to, from a path as from bytes, packed or not', async () => {
    const appended = fixture('field/5b-two-taps-appended-mnet.pcap');
    const bytes = readFileSync(appended);
    const timesRunBack = (report: RunReport) => report.notes.some(note => note.includes('--sort'));
    expect(timesRunBack(await check(appended))).toBe(true);
    for (const capture of [appended, bytes, gzipSync(bytes)]) {
      const report = await check(capture, { sort: true });
      expect(timesRunBack(report)).toBe(false);
      expect(report.summary).toMatchObject({ errors: 0, inconclusive: 0 });
      expect(report.summary.messages).toBeGreaterThan(0);
    }
  });

  test('takes a configuration that is named, beneath its options, and none that is not', async () => {
    const folder = folderWith({
      'wirelint.config.yaml':
        'rules: { mnet/*: off, mnet/retransmit-differs: info }\ndialects: { mnet.tags: sender }\nallConnections: true\n' +
        'overrides: [{ captures: "*.pcap", rules: { mnet/retransmit-differs: warning } }]\n',
      'own.pcap': readFileSync(path),
    });
    const config = join(folder, 'wirelint.config.yaml');
    const severitiesOf = ({ findings }: RunReport) => findings.map(({ ruleId, severity }) => `${ruleId} ${severity}`);
    expect(severitiesOf(await check(path, { config }))).toEqual(['mnet/retransmit-differs info']);
    expect(severitiesOf(await check(join(folder, 'own.pcap'), { config }))).toEqual([
      'mnet/retransmit-differs warning',
    ]);
    const over = await check(join(folder, 'own.pcap'), { config, rule: ['mnet/*=error'], allConnections: false });
    expect(severitiesOf(over)).toContain('mnet/retransmit-differs error');
    expect(over.protocols[0].dialect.tags).toBe('sender');
    expect((await check(path, { config })).connections.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(severitiesOf(await check(join(folder, 'own.pcap')))).toContain('mnet/retransmit-differs error');
    await expect(check(path, { config: join(folder, 'none.yaml') })).rejects.toThrow('cannot be read: no such file');
    writeFileSync(config, 'rulez: {}');
    await expect(check(path, { config })).rejects.toThrow(/wirelint\.config\.yaml:1:1: rulez: .*did you mean rules\?/);
  });

  test('refuses what is no capture, and what it cannot be asked', async () => {
    await expect(check('/nowhere.pcap')).rejects.toThrow(CaptureError);
    await expect(check(Uint8Array.of(1, 2, 3, 4))).rejects.toThrow(/^memory: /);
    await expect(check([])).rejects.toThrow(UsageError);
    await expect(check('-')).rejects.toThrow('standard input (-) is for the command line');
    const misspelt: object = { dialekt: [] };
    await expect(check(path, misspelt)).rejects.toThrow('did you mean dialect?');
  });
});

describe('TLS in a program', () => {
  test('shows certificates of a CA that is kept where the caller says', async () => {
    const stateHome = scratch();
    const upstream = `tcp:${await streamServer(socket => socket.pipe(socket))}`;
    const proxy = await started({ listen: 'tls:0', upstream, tls: { stateHome } });
    const ca = readFileSync(join(stateHome, 'wirelint', 'proxy-ca.pem'));
    const client = tls.connect({ host: 'localhost', port: proxy.port, ca, servername: 'localhost' });
    client.end('over TLS');
    expect(String(await heardOf(client))).toBe('over TLS');
    expect((await proxy.stop()).summary.packets).toBeGreaterThan(6);
  });

  test.each<[Partial<ProxyOptions>, string]>([
    [{ tls: { insecure: true } }, '--insecure: no pair has a tls: upstream'],
    [{ tls: { insecur: true } as object }, 'unknown option insecur; did you mean insecure?'],
    [{ tls: { cert: 'x.pem' } }, '--cert: no pair listens on tls:'],
    [{ tls: 'x' as unknown as object }, 'tls: expected an object of settings'],
  ])('refuses %j', async (options, reason) => {
    await expect(startProxy({ listen: 'tcp:0', upstream: 'tcp:9', ...options })).rejects.toThrow(
      new UsageError(reason),
    );
  });
});
