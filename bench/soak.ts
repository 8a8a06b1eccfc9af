/**
 * `node soak.js [MINUTES]`: mixed traffic at a moderate load through one `wirelint proxy`, for an hour by default.
 * Clients come and go on TCP, UDP and a Unix socket, and the recording is rotated. Every minute it prints what the
 * proxy holds and how fast it answers; at the end, the first and the last quarter side by side.
 */
import { spawn } from 'node:child_process';
import * as dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MINUTES = Number(process.argv[2] ?? 60);
const MAIN = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wirelint-soak-'));
const HOST = '127.0.0.1';

/** New clients a second, and what each of them says. */
const TCP_CLIENTS = 20;
const UNIX_CLIENTS = 5;
const UDP_CLIENTS = 10;
const MESSAGES = 20;
/** Milliseconds between two messages of a client, and between two of the probe. */
const PACE = 100;
const PROBE_PACE = 5;
const LENGTHS = [16, 64, 400, 3_000, 60_000];

interface Sample {
  readonly memory: number;
  readonly descriptors: number;
  readonly p50: number;
  readonly p99: number;
}

let failures = 0;
let times: number[] = [];

async function main(): Promise<void> {
  const tcp = net.createServer({ noDelay: true }, answer).listen(0, HOST);
  const unix = net.createServer(answer).listen(join(folder, 'up.sock'));
  const udp = dgram.createSocket('udp4').bind(0, HOST);
  udp.on('message', (bytes, { port, address }) => udp.send(bytes, port, address));
  await Promise.all([once(tcp, 'listening'), once(unix, 'listening'), once(udp, 'listening')]);
  const ready = join(folder, 'ready.json');
  const proxy = spawn(
    process.execPath,
    [
      ...[MAIN, 'proxy', '--pair', `tcp:0=tcp:${(tcp.address() as net.AddressInfo).port}`],
      ...['--pair', `udp:0=udp:${udp.address().port}`, '--pair', `unix:${folder}/in.sock=unix:${folder}/up.sock`],
      ...['--ready-file', ready, '--record', join(folder, 'r.pcapng'), '--record-size', '20MB', '--record-keep', '3'],
      ...['--idle', '20s', '--allow-empty', '--format', 'json'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  while (!existsSync(ready)) await delay(20);
  const [tcpPort, udpPort] = JSON.parse(readFileSync(ready, 'utf8')).pairs.map(({ listen }: { listen: string }) =>
    Number(listen.split(':').at(-1)),
  );
  const samples: Sample[] = [];
  let isOver = false;
  const end = performance.now() + MINUTES * 60_000;
  const load = setInterval(() => {
    for (let i = 0; i < TCP_CLIENTS; i++) void talk({ port: tcpPort, host: HOST });
    for (let i = 0; i < UNIX_CLIENTS; i++) void talk({ path: join(folder, 'in.sock') });
    for (let i = 0; i < UDP_CLIENTS; i++) void talkUdp(udpPort);
  }, 1_000);
  const probing = probe(tcpPort, () => isOver);
  console.log('| minute | MiB | descriptors | p50 us | p99 us | failures |\n|---|---|---|---|---|---|');
  while (performance.now() < end) {
    await delay(60_000);
    const sample = sampleOf(proxy.pid ?? 0);
    samples.push(sample);
    console.log(`| ${samples.length} | ${cells(sample)} | ${failures} |`);
  }
  isOver = true;
  clearInterval(load);
  await probing;
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  console.log(`| first quarter | ${cells(meanOf(samples.slice(0, quarter)))} | |`);
  console.log(`| last quarter | ${cells(meanOf(samples.slice(-quarter)))} | |`);
  proxy.kill('SIGINT');
  const [code] = await once(proxy, 'exit');
  console.log(`\nexit code ${code}`);
  rmSync(folder, { recursive: true });
  process.exit(failures > 0 || code !== 0 ? 1 : 0);
}

function answer(socket: net.Socket): void {
  socket.on('error', () => {});
  socket.pipe(socket);
}

async function talk(where: net.NetConnectOpts): Promise<void> {
  try {
    const socket = net.connect(where);
    await once(socket, 'connect');
    let heard = 0;
    socket.on('data', data => {
      heard += data.length;
    });
    let said = 0;
    for (let i = 0; i < MESSAGES; i++) {
      const bytes = Buffer.alloc(LENGTHS[i % LENGTHS.length], i);
      said += bytes.length;
      socket.write(bytes);
      await delay(PACE);
    }
    socket.end();
    await once(socket, 'end');
    if (heard !== said) failures++;
  } catch {
    failures++;
  }
}

async function talkUdp(port: number): Promise<void> {
  const socket = dgram.createSocket('udp4');
  let heard = 0;
  socket.on('message', () => heard++).on('error', () => failures++);
  for (let i = 0; i < MESSAGES; i++) {
    socket.send(Buffer.alloc(LENGTHS[i % 4], i), port, HOST);
    await delay(PACE);
  }
  await delay(1_000);
  if (heard !== MESSAGES) failures++;
  socket.close();
}

async function probe(port: number, isOver: () => boolean): Promise<void> {
  const socket = net.connect({ port, host: HOST, noDelay: true });
  await once(socket, 'connect');
  while (!isOver()) {
    const start = performance.now();
    socket.write('probe');
    await once(socket, 'data');
    times.push((performance.now() - start) * 1_000);
    await delay(PROBE_PACE);
  }
  socket.destroy();
}

function sampleOf(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const sorted = times.sort((a, b) => a - b);
  times = [];
  return {
    memory: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    p50: sorted[Math.floor(sorted.length * 0.5)],
    p99: sorted[Math.floor(sorted.length * 0.99)],
  };
}

function meanOf(samples: readonly Sample[]): Sample {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  return {
    memory: mean(({ memory }) => memory),
    descriptors: mean(({ descriptors }) => descriptors),
    p50: mean(({ p50 }) => p50),
    p99: mean(({ p99 }) => p99),
  };
}

function cells({ memory, descriptors, p50, p99 }: Sample): string {
  return [memory, descriptors, p50, p99].map(Math.round).join(' | ');
}

await main();
