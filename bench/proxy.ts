/**
 * `npm run bench:proxy`: what it costs to have `wirelint proxy` in the way, beside a bare relay on Node, socat and mitmproxy,
 * each in a process of its own between peers in others (proxy-peers.ts), in turns. Markdown to standard output.
 *
 *     node proxy.js [--runs 3] [--megabytes 1000] [--rounds 20000]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '20000' },
  },
});
const RUNS = Number(values.runs);

const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const MAIN = own('../../../dist/src/cli/main.js');
const PEERS = own('proxy-peers.js');
const RECORDING = own('../proxy.pcapng');
const [PORT, UPSTREAM] = [28_100, 28_200];
const CROWD = 1_000;
const HELD = 5_000;
const MEGABYTE = 1_000_000;

interface Contestant {
  readonly name: string;
  /** Nothing where it has no such transport. */
  command(kind: 'tcp' | 'udp'): readonly string[] | undefined;
  /** A process for each connection: too many of them for a crowd. */
  readonly forks?: boolean;
}

const wirelint = (name: string, more: readonly string[]): Contestant => ({
  name,
  command: kind => [
    process.execPath,
    ...[MAIN, 'proxy', `${kind}:${PORT}`, `${kind}:${UPSTREAM}`, '--allow-empty', '--quiet'],
    ...more,
  ],
});

const KNOWN: readonly Contestant[] = [
  {
    name: 'bare relay',
    command: kind => [process.execPath, own('bare-relay.js'), kind, String(PORT), String(UPSTREAM)],
  },
  wirelint('wirelint, judging', []),
  wirelint('wirelint, judging and recording', ['--record', RECORDING]),
  {
    name: 'socat',
    forks: true,
    command: kind => {
      const scheme = kind.toUpperCase();
      return ['socat', `${scheme}-LISTEN:${PORT},bind=127.0.0.1,fork,reuseaddr`, `${scheme}:127.0.0.1:${UPSTREAM}`];
    },
  },
  {
    name: 'mitmproxy',
    command: kind => {
      const mode = ['--mode', `reverse:http://127.0.0.1:${UPSTREAM}`, '-p', String(PORT), '--listen-host', '127.0.0.1'];
      return kind === 'tcp' ? ['mitmdump', '-q', ...mode, '--set', 'rawtcp=true', '--tcp-hosts', '.*'] : undefined;
    },
  },
];

const CONTESTANTS = KNOWN.filter(({ command }) => {
  const [program] = command('tcp') ?? [];
  const isThere = spawnSync('which', [program]).status === 0;
  if (!isThere) console.error(`left out: ${program} is not installed`);
  return isThere;
});

/** Figures of one contestant, each the best of its runs. */
type Figures = Map<string, number>;

async function main(): Promise<void> {
  const all = new Map(CONTESTANTS.map(({ name }): [string, Figures] => [name, new Map()]));
  for (let run = 0; run < RUNS; run++) {
    for (const contestant of CONTESTANTS) {
      console.error(`run ${run + 1}: ${contestant.name}`);
      const figures = all.get(contestant.name)!;
      await measureOne(contestant, (figure, value, better) => {
        const best = figures.get(figure);
        figures.set(figure, best === undefined ? value : better(best, value));
      });
    }
  }
  rmSync(RECORDING, { force: true });
  print(all);
}

type Note = (figure: string, value: number, better: (a: number, b: number) => number) => void;

async function measureOne(contestant: Contestant, note: Note): Promise<void> {
  await between(contestant, 'tcp', 'sink', async () => {
    const { seconds } = await peer('flood', PORT, Number(values.megabytes) * MEGABYTE);
    note('MB/s', Number(values.megabytes) / seconds, Math.max);
  });
  await between(contestant, 'tcp', 'echo', async () => {
    const { p50, p99 } = await peer('rounds', 'tcp', PORT, values.rounds);
    note('TCP p50 us', p50, Math.min);
    note('TCP p99 us', p99, Math.min);
    if (contestant.forks) return;
    const { perSecond } = await peer('crowd', PORT, CROWD, 5);
    note('round trips/s, 1,000 connections', perSecond, Math.max);
  });
  await between(contestant, 'udp', 'echo', async () => {
    const { p50, p99 } = await peer('rounds', 'udp', PORT, values.rounds);
    note('UDP p50 us', p50, Math.min);
    note('UDP p99 us', p99, Math.min);
    const { sent, heard } = await peer('paced', PORT, 10_000, 5);
    note('lost of 50,000 at 10,000/s', sent - heard, Math.min);
  });
  if (contestant.forks) return;
  await between(contestant, 'tcp', 'echo', async proxy => {
    const holder = spawn(process.execPath, [PEERS, 'hold', String(PORT), String(HELD)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [word] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (!String(word).startsWith('held')) note('MiB with 5,000 connections', Number.NaN, Math.min);
    else note('MiB with 5,000 connections', residentMiB(proxy), Math.min);
    holder.kill('SIGKILL');
  });
}

/** Runs the contestant between the peers for as long as `body` takes. */
async function between(
  contestant: Contestant,
  kind: 'tcp' | 'udp',
  role: 'sink' | 'echo',
  body: (proxy: ChildProcess) => Promise<void>,
): Promise<void> {
  const command = contestant.command(kind);
  if (!command) return;
  const server = spawn(process.execPath, [PEERS, role, String(UPSTREAM)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  // A group of its own: what it has forked goes with it.
  const proxy = spawn(command[0], command.slice(1), { stdio: 'ignore', detached: true });
  const gone = once(proxy, 'exit');
  const early = gone.then(() => {
    throw new Error(`${contestant.name} has ended; is something else on port ${PORT}?`);
  });
  // Once it is over it has ended as it should.
  early.catch(() => {});
  try {
    await Promise.race([listening(kind).then(() => body(proxy)), early]);
  } finally {
    if (proxy.exitCode === null && proxy.pid !== undefined) process.kill(-proxy.pid, 'SIGKILL');
    server.kill('SIGKILL');
    await gone;
  }
}

async function peer(...args: readonly (string | number)[]): Promise<Record<string, number>> {
  const child = spawn(process.execPath, [PEERS, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', part => {
    text += part;
  });
  await once(child, 'close');
  return JSON.parse(text);
}

async function listening(kind: 'tcp' | 'udp'): Promise<void> {
  if (kind === 'udp') return delay(2_000);
  for (let attempt = 0; attempt < 200; attempt++) {
    const isThere = await new Promise<boolean>(resolve => {
      const socket = createConnection(PORT, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return delay(500);
    await delay(50);
  }
  throw new Error('it does not listen');
}

function residentMiB({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

function print(all: ReadonlyMap<string, Figures>): void {
  const names = [...new Set([...all.values()].flatMap(figures => [...figures.keys()]))];
  console.log(`| | ${[...all.keys()].join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(all.size)}`);
  for (const name of names) {
    const cells = [...all.values()].map(figures => {
      const value = figures.get(name);
      return value === undefined ? '' : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

await main();
