/**
 * One path: what is judged live is what is recorded, and what was said before is judged the same when it is said again
 * through the proxy. Conversations are played again by scripted peers, at the times at which they were captured.
 */
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
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
import { describePacket, newDecoder } from './decoded.ts';
import { framesOf } from './filestorage.ts';
import { type Line, openPeers, type Script, type Transport } from './peers.ts';
import { scratch } from './proxy.ts';
import { takeApart } from './recording.ts';
import { CLIENT, SERVER } from './tcp.ts';
import { tlsOptions } from './tls.ts';
import { requireTool, runTool } from './tools.ts';

export interface Story {
  /** What its server's port speaks, where it is not recognised. */
  readonly protocol?: string;
  readonly dialect?: Readonly<Record<string, string>>;
}

/** What is said in the TCP connections of a capture. */
export async function streamsIn(source: CaptureSource): Promise<Script> {
  const { connections, turns } = takeApart(await framesOf(source));
  return {
    flows: connections,
    lines: turns.map(({ connection, time, ...turn }) => ({ ...turn, flow: connection, time: time / 1e3 })),
  };
}

/** What is said in the datagrams of a capture. */
export async function datagramsIn(path: string): Promise<Script> {
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

/** The same messages, each with its length before it, as a stream carries them. */
export function withLengths({ flows, lines }: Script, octets: 2 | 4): Script {
  const prefix = (length: number) => hex(length.toString(16).padStart(2 * octets, '0'));
  return { flows, lines: lines.map(line => ({ ...line, bytes: concat(prefix(line.bytes.length), line.bytes) })) };
}

export interface Outcome {
  readonly live: RunReport;
  readonly recorded: RunReport;
  readonly recording: string;
}

export async function throughProxy(story: Story, script: Script, over: Transport): Promise<Outcome> {
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
  return { live, recorded: await checked(await openCapture(recording), options), recording };
}

export async function checked(source: CaptureSource, options: EngineOptions): Promise<RunReport> {
  const engine = new Engine(options);
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

/** The live run, the recording of it and the capture that was played again are judged alike. */
export function expectParity({ live, recorded }: Outcome, captured: RunReport): void {
  expect(comparable(recorded)).toBe(comparable(live));
  expect(live.summary.messages).toBeGreaterThan(0);
  expect(recorded.captures[0]).toMatchObject({ knownComplete: true, complete: true });
  expect(foundIn(live)).toEqual(foundIn(captured));
}

/** tshark has nothing to say against its TCP, UDP and IP. */
export function expectSoundRecording(recording: string): void {
  if (!requireTool('tshark')) return;
  const checks = ['tcp', 'udp', 'ip'].flatMap(layer => ['-o', `${layer}.check_checksum:TRUE`]);
  // Nothing above: a port that the system happened to choose may be some protocol's.
  const layers = ['tcp', 'udp'].flatMap(layer => ['-d', `${layer}.port==1-65535,data`]);
  const expert = runTool('tshark', ['-r', recording, '-q', '-z', 'expert', ...layers, ...checks]);
  expect(expert).not.toMatch(/^(?:Warns|Errors) /m);
}
