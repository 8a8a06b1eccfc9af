/**
 * One path: what is judged live is what is recorded, and what was said before is judged the same when it is said again
 * through the proxy. Recorded conversations are played again by scripted peers, at the times at which they were captured.
 */

import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import type { DecodeAs } from '../../src/protocol/identify.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { type NetworkAddress, parsePair } from '../../src/proxy/address.ts';
import { ProxyServer } from '../../src/proxy/io/server.ts';
import { LiveRun } from '../../src/proxy/live-run.ts';
import { jsonReport } from '../../src/report/json.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { describePacket, newDecoder } from '../kit/decoded.ts';
import { framesOf } from '../kit/filestorage.ts';
import { datagramSocket, scratch, streamClient, until } from '../kit/proxy.ts';
import { takeApart } from '../kit/recording.ts';
import { CLIENT, SERVER, type Side } from '../kit/tcp.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

interface Story {
  readonly capture: string;
  /** What its server's port speaks, where it is not recognised. */
  readonly protocol?: string;
  readonly dialect?: Readonly<Record<string, string>>;
}

/** One thing that one side of a flow says. */
interface Said {
  readonly flow: number;
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly ending?: 'fin' | 'reset' | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Who speaks to whom, `10.0.0.1:5000`, and what. */
interface Script {
  readonly flows: readonly (readonly [client: string, server: string])[];
  readonly said: readonly Said[];
}

async function datagramsIn(path: string): Promise<Script> {
  const decoder = newDecoder();
  const flows: [string, string][] = [];
  const said: Said[] = [];
  for (const frame of await framesOf(await openCapture(path))) {
    const packet = decoder.decode(frame);
    if (packet?.transport !== 17) continue;
    const { source, destination, payload } = describePacket(packet);
    let flow = flows.findIndex(ends => ends.includes(source) && ends.includes(destination));
    if (flow < 0) flow = flows.push([source, destination]) - 1;
    const side = flows[flow][CLIENT] === source ? CLIENT : SERVER;
    said.push({ flow, side, bytes: payload, time: frame.seconds * 1e3 + frame.nanoseconds / 1e6 });
  }
  return { flows, said };
}

async function streamsIn(path: string): Promise<Script> {
  const { connections, turns } = takeApart(await framesOf(await openCapture(path)));
  return {
    flows: connections,
    said: turns.map(({ connection, time, ...turn }) => ({ ...turn, flow: connection, time: time / 1e3 })),
  };
}

/** How a flow's two peers are played. */
interface Players {
  /** Says it, and resolves when the other side has heard it. */
  say(line: Said): Promise<void>;
}

interface Outcome {
  readonly live: RunReport;
  readonly recorded: RunReport;
  readonly recording: string;
}

const portOf = (endpoint: string) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));

async function throughProxy(
  story: Story,
  script: Script,
  listen: 'udp' | 'tcp' | 'unix',
  play: (server: ProxyServer, script: Script, upstream: Upstream) => Promise<Players>,
): Promise<Outcome> {
  const folder = scratch();
  const recording = join(folder, 'recording.pcapng');
  const upstream = await openUpstream(listen, folder);
  const transport = listen === 'udp' ? 'udp' : 'tcp';
  const port = listen === 'unix' ? 1 : upstream.port;
  const decodeAs: DecodeAs[] = story.protocol ? [{ transport, from: port, to: port, protocol: story.protocol }] : [];
  const options: EngineOptions = {
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    decodeAs,
    dialects: new Map(Object.entries(story.dialect ?? {})),
  };
  let time = script.said[0].time;
  const run = new LiveRun(options, {
    onFailure: error => {
      throw error;
    },
  });
  const where = listen === 'unix' ? `unix:${join(folder, 'in.sock')}` : `${listen}:0`;
  const server = await ProxyServer.start(
    {
      pairs: [parsePair(where, upstream.address)],
      idle: 1e9,
      limits: DEFAULT_LIMITS,
      now: () => time,
      record: { path: recording, rotation: {} },
      onEvent: () => {},
    },
    run,
  );
  onTestFinished(() => server.stop());
  const players = await play(server, script, upstream);
  for (const line of script.said) {
    time = Math.max(time, line.time);
    await players.say(line);
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

interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly datagrams?: dgram.Socket;
  readonly streams?: net.Server;
}

async function openUpstream(kind: 'udp' | 'tcp' | 'unix', folder: string): Promise<Upstream> {
  if (kind === 'udp') {
    const datagrams = await datagramSocket();
    const { port } = datagrams.address();
    return { address: `udp:${port}`, port, datagrams };
  }
  const streams = net.createServer({ allowHalfOpen: true });
  if (kind === 'unix') streams.listen(join(folder, 'up.sock'));
  else streams.listen(0, '127.0.0.1');
  await once(streams, 'listening');
  onTestFinished(() => {
    streams.close();
  });
  const address = streams.address();
  if (typeof address === 'string') return { address: `unix:${address}`, port: 0, streams };
  return { address: `tcp:${address?.port}`, port: address?.port ?? 0, streams };
}

async function playDatagrams(server: ProxyServer, script: Script, { datagrams }: Upstream): Promise<Players> {
  const { port } = server.pairs[0].listen as NetworkAddress;
  const clients = await Promise.all(script.flows.map(() => datagramSocket()));
  /** By flow: where the proxy speaks to the server from. */
  const places: dgram.RemoteInfo[] = [];
  return {
    async say({ flow, side, bytes }) {
      const heard = once(side === CLIENT ? datagrams! : clients[flow], 'message');
      if (side === CLIENT) clients[flow].send(bytes, port, '127.0.0.1');
      else datagrams!.send(bytes, places[flow].port, places[flow].address);
      const [, from] = await heard;
      if (side === CLIENT) places[flow] = from;
    },
  };
}

/** Bytes that a socket has been told, and whether it was told the end. */
class Ear {
  bytes = 0;
  isOver = false;
  readonly socket: net.Socket;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', chunk => {
      this.bytes += chunk.length;
    });
    const over = () => {
      this.isOver = true;
    };
    socket.on('end', over).on('error', over).on('close', over);
  }
}

async function playStreams(server: ProxyServer, _script: Script, { streams }: Upstream): Promise<Players> {
  const { listen } = server.pairs[0];
  const ears: [Ear, Ear][] = [];
  const connect = async (flow: number) => {
    const accepted = once(streams!, 'connection');
    const client = await streamClient('path' in listen ? listen.path : listen.port);
    const [socket] = await accepted;
    ears[flow] = [new Ear(client), new Ear(socket)];
  };
  return {
    async say({ flow, side, bytes, ending }) {
      if (!ears[flow]) await connect(flow);
      const mouth = ears[flow][side].socket;
      const ear = ears[flow][1 - side];
      const wanted = ear.bytes + bytes.length;
      if (bytes.length > 0) mouth.write(bytes);
      if (ending === 'fin') mouth.end();
      await until('the other side to hear it', () => ear.bytes >= wanted && (ending !== 'fin' || ear.isOver));
      if (ending !== 'reset') return;
      if ('path' in listen) mouth.destroy();
      else mouth.resetAndDestroy();
      await until('the other side to hear of the end', () => ear.isOver);
    },
  };
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

async function expectParity({ live, recorded, recording }: Outcome, captured: RunReport | undefined): Promise<void> {
  expect(comparable(recorded)).toBe(comparable(live));
  expect(live.summary.messages).toBeGreaterThan(0);
  expect(recorded.captures[0]).toMatchObject({ knownComplete: true, complete: true });
  if (captured) expect(foundIn(live)).toEqual(foundIn(captured));
  if (!requireTool('tshark')) return;
  const checks = ['tcp', 'udp', 'ip'].flatMap(layer => ['-o', `${layer}.check_checksum:TRUE`]);
  // Nothing above: a port that the system happened to choose may be some protocol's.
  const layers = ['tcp', 'udp'].flatMap(layer => ['-d', `${layer}.port==1-65535,data`]);
  const expert = runTool('tshark', ['-r', recording, '-q', '-z', 'expert', ...layers, ...checks]);
  expect(expert).not.toMatch(/^(?:Warns|Errors) /m);
}

const DATAGRAMS: readonly Story[] = [
  { capture: 'mnet/echo-small.pcap' },
  { capture: 'mnet/echo-large.pcap' },
  { capture: 'mnet/lossy.pcap' },
  { capture: 'mnet/faults.pcap' },
  { capture: 'ministreaming/2009-http.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/2009-multiplexed.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/faults.pcap', protocol: 'ministreaming' },
];

test.each(DATAGRAMS)('datagrams of $capture', async story => {
  const path = FIXTURES + story.capture;
  const script = await datagramsIn(path);
  const outcome = await throughProxy(story, script, 'udp', playDatagrams);
  const port = portOf(script.flows[0][SERVER]);
  const mapped = story.protocol ? [{ transport: 'udp' as const, from: port, to: port, protocol: story.protocol }] : [];
  const captured = await checked(path, { ...DEFAULT_ENGINE_OPTIONS, protocols, decodeAs: mapped, capture: 'complete' });
  await expectParity(outcome, captured);
});

const STREAMS: readonly Story[] = [
  { capture: 'filestorage/2020-01-04-upload-tcpd.pcap' },
  { capture: 'filestorage/2020-01-02-pipelined.pcap' },
  { capture: 'filestorage/2019-12-auth-tcpd.pcap' },
  { capture: 'filestorage/libipc-pong.pcap' },
];

test.each(
  STREAMS.flatMap(story => [
    { ...story, over: 'tcp' as const },
    { ...story, over: 'unix' as const },
  ]),
)('streams of $capture over $over', async ({ over, ...story }) => {
  const path = FIXTURES + story.capture;
  const outcome = await throughProxy(story, await streamsIn(path), over, playStreams);
  const captured = await checked(path, { ...DEFAULT_ENGINE_OPTIONS, protocols, capture: 'complete' });
  await expectParity(outcome, captured);
});
