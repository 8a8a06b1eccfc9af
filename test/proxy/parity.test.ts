/**
 * One path: what is judged live is what is recorded, and what was said before is judged the same when it is said again
 * through the proxy. Recorded conversations are played again by scripted peers, at the times at which they were captured.
 */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import type { DecodeAs } from '../../src/protocol/identify.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { parsePair } from '../../src/proxy/address.ts';
import { ProxyServer } from '../../src/proxy/io/server.ts';
import { LiveRun } from '../../src/proxy/live-run.ts';
import { jsonReport } from '../../src/report/json.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import { describePacket, newDecoder } from '../kit/decoded.ts';
import { framesOf } from '../kit/filestorage.ts';
import { type Line, openPeers, type Script, type Transport } from '../kit/peers.ts';
import { scratch } from '../kit/proxy.ts';
import { takeApart } from '../kit/recording.ts';
import { CLIENT, SERVER } from '../kit/tcp.ts';
import { tlsOptions } from '../kit/tls.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

interface Story {
  readonly capture: string;
  /** What its server's port speaks, where it is not recognised. */
  readonly protocol?: string;
  readonly dialect?: Readonly<Record<string, string>>;
}

async function datagramsIn(path: string): Promise<Script> {
  const decoder = newDecoder();
  const flows: [string, string][] = [];
  const lines: Line[] = [];
  for (const frame of await framesOf(await openCapture(path))) {
    const packet = decoder.decode(frame);
    if (packet?.transport !== 17) continue;
    const { source, destination, payload } = describePacket(packet);
    let flow = flows.findIndex(ends => ends.includes(source) && ends.includes(destination));
    if (flow < 0) flow = flows.push([source, destination]) - 1;
    const side = flows[flow][CLIENT] === source ? CLIENT : SERVER;
    lines.push({ flow, side, bytes: payload, time: frame.seconds * 1e3 + frame.nanoseconds / 1e6 });
  }
  return { flows, lines };
}

async function streamsIn(path: string): Promise<Script> {
  const { connections, turns } = takeApart(await framesOf(await openCapture(path)));
  return {
    flows: connections,
    lines: turns.map(({ connection, time, ...turn }) => ({ ...turn, flow: connection, time: time / 1e3 })),
  };
}

/** The same messages, each with its length before it, as a stream carries them. */
function withLengths({ flows, lines }: Script, octets: 2 | 4): Script {
  const prefix = (length: number) => hex(length.toString(16).padStart(2 * octets, '0'));
  return { flows, lines: lines.map(line => ({ ...line, bytes: concat(prefix(line.bytes.length), line.bytes) })) };
}

interface Outcome {
  readonly live: RunReport;
  readonly recorded: RunReport;
  readonly recording: string;
}

async function throughProxy(story: Story, script: Script, over: Transport): Promise<Outcome> {
  const folder = scratch();
  const recording = join(folder, 'recording.pcapng');
  const peers = await openPeers(over, folder);
  const transport = over === 'udp' ? 'udp' : 'tcp';
  // A socket with a path has its pair's number for a port.
  const port = peers.port || 1;
  const decodeAs: DecodeAs[] = story.protocol ? [{ transport, from: port, to: port, protocol: story.protocol }] : [];
  const options: EngineOptions = {
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    decodeAs,
    dialects: new Map(Object.entries(story.dialect ?? {})),
  };
  let time = script.lines[0].time;
  const run = new LiveRun(options, {
    onFailure: error => {
      throw error;
    },
  });
  const listen = over.startsWith('unix') ? `${over}:${join(folder, 'in.sock')}` : `${over}:0`;
  const server = await ProxyServer.start(
    {
      pairs: [parsePair(listen, peers.address)],
      idle: 1e9,
      limits: DEFAULT_LIMITS,
      now: () => time,
      record: { path: recording, rotation: {} },
      onEvent: () => {},
      ...(over === 'tls' && { tls: tlsOptions() }),
    },
    run,
  );
  onTestFinished(() => server.stop());
  for (const line of script.lines) {
    time = Math.max(time, line.time);
    await peers.say(line, server.pairs[0].listen);
    run.settle();
  }
  await server.stop();
  const live = await run.end();
  return { live, recorded: await checked(recording, options), recording };
}

async function checked(path: string, options: EngineOptions): Promise<RunReport> {
  const engine = new Engine(options);
  const source = await openCapture(path);
  engine.beginCapture(source.facts);
  await source.read(
    frame => engine.frame(frame),
    async () => engine.settle() as Promise<undefined>,
  );
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  return engine.report();
}

/** What a report says but for where its frames were: the recording and the live run have different names. */
function comparable(report: RunReport): string {
  const captures = report.captures.map(({ packets, bytes }) => ({ path: '', packets, bytes }));
  return jsonReport({ ...report, captures: captures as never }, { name: 'wirelint', version: '1' });
}

/** What was found, without places and addresses, which are others when it is said again. */
function foundIn({ findings }: RunReport): string[] {
  return findings
    .map(({ ruleId, severity, messageName, state }) => `${severity} ${ruleId} ${messageName} ${state}`)
    .sort();
}

async function expectParity({ live, recorded, recording }: Outcome, captured: RunReport): Promise<void> {
  expect(comparable(recorded)).toBe(comparable(live));
  expect(live.summary.messages).toBeGreaterThan(0);
  expect(recorded.captures[0]).toMatchObject({ knownComplete: true, complete: true });
  expect(foundIn(live)).toEqual(foundIn(captured));
  if (!requireTool('tshark')) return;
  const checks = ['tcp', 'udp', 'ip'].flatMap(layer => ['-o', `${layer}.check_checksum:TRUE`]);
  // Nothing above: a port that the system happened to choose may be some protocol's.
  const layers = ['tcp', 'udp'].flatMap(layer => ['-d', `${layer}.port==1-65535,data`]);
  const expert = runTool('tshark', ['-r', recording, '-q', '-z', 'expert', ...layers, ...checks]);
  expect(expert).not.toMatch(/^(?:Warns|Errors) /m);
}

const MINISTREAMING: readonly Story[] = [
  { capture: 'ministreaming/2009-http.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/2009-multiplexed.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/faults.pcap', protocol: 'ministreaming' },
];

const DATAGRAMS: readonly Story[] = [
  { capture: 'mnet/echo-small.pcap' },
  { capture: 'mnet/echo-large.pcap' },
  { capture: 'mnet/lossy.pcap' },
  { capture: 'mnet/faults.pcap' },
  ...MINISTREAMING,
];

/** A capture of datagrams, as `check` judges it. */
async function datagramReport(path: string, { protocol }: Story, { flows }: Script): Promise<RunReport> {
  const port = portOf(flows[0][SERVER]);
  const decodeAs = protocol ? [{ transport: 'udp' as const, from: port, to: port, protocol }] : [];
  return checked(path, { ...DEFAULT_ENGINE_OPTIONS, protocols, decodeAs, capture: 'complete' });
}

const portOf = (endpoint: string) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));

test.each(DATAGRAMS)('datagrams of $capture', async story => {
  const path = FIXTURES + story.capture;
  const script = await datagramsIn(path);
  await expectParity(await throughProxy(story, script, 'udp'), await datagramReport(path, story, script));
});

const LENGTHS = { tcp: 2, tls: 4, unix: 4, 'unix-seqpacket': 2 } as const;

test.each(
  MINISTREAMING.flatMap(story =>
    (['tcp', 'tls', 'unix', 'unix-seqpacket'] as const).map(over => ({ ...story, over, octets: LENGTHS[over] })),
  ),
)('messages of $capture behind $octets octets of length over $over', async ({ over, octets, ...story }) => {
  const path = FIXTURES + story.capture;
  const script = await datagramsIn(path);
  const dialect = { 'ministreaming.framing': `length${8 * octets}` };
  const outcome = await throughProxy({ ...story, dialect }, withLengths(script, octets), over);
  await expectParity(outcome, await datagramReport(path, story, script));
});

const STREAMS: readonly Story[] = [
  { capture: 'filestorage/2020-01-04-upload-tcpd.pcap' },
  { capture: 'filestorage/2020-01-02-pipelined.pcap' },
  { capture: 'filestorage/2019-12-auth-tcpd.pcap' },
  { capture: 'filestorage/libipc-pong.pcap' },
];

test.each(
  STREAMS.flatMap(story => (['tcp', 'tls', 'unix', 'unix-seqpacket'] as const).map(over => ({ ...story, over }))),
)('streams of $capture over $over', async ({ over, ...story }) => {
  const path = FIXTURES + story.capture;
  const outcome = await throughProxy(story, await streamsIn(path), over);
  const captured = await checked(path, { ...DEFAULT_ENGINE_OPTIONS, protocols, capture: 'complete' });
  await expectParity(outcome, captured);
});
