/**
 * `npm run bench`: how fast `wirelint check` is, beside tshark and beside the bare read loop, and how much memory it takes.
 *
 * Progress goes to standard error; standard output is Markdown, ready to be pasted. README.md beside this file says how
 * to read it.
 *
 * With `--gate` it holds what `check` costs against bench/history.json instead (gate.ts).
 *
 *     node run.js [mnet] [ministreaming] [filestorage] [mqtt] [half-open] [holes] [inspect] [--quick] [--runs 5] [--no-tshark] [--gate] [--record]
 */

import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Capture, madeCapture } from './capture.ts';
import {
  type Contestant,
  checkContestant,
  contest,
  DATA,
  type LuaDissector,
  progress,
  readLoopContestant,
  tcpdumpContestant,
  tsharkContestant,
} from './contest.ts';
import { type Loss, uploadCapture } from './filestorage.ts';
import { gate } from './gate.ts';
import { type HalfOpenShape, halfOpenCapture } from './half-open.ts';
import { inspectContest, percentile } from './inspect.ts';
import { type Cost, median, pinning } from './measure.ts';
import { ministreamingCapture } from './ministreaming.ts';
import { mnetCapture } from './mnet.ts';
import { mqttCapture } from './mqtt.ts';

const PARTS = ['mnet', 'ministreaming', 'filestorage', 'mqtt', 'half-open', 'holes', 'inspect'] as const;
type Part = (typeof PARTS)[number];

/** Of MNET packets, of MQTT PUBLISHes. */
const PACKETS_PER_LIVE_CONNECTION = 10;
/** Memory varies less than time. */
const MEMORY_RUNS = 2;

interface Options {
  readonly parts: readonly Part[];
  /** By how much the captures are smaller than they should be. */
  readonly divisor: number;
  readonly runs: number;
  readonly tshark: boolean;
  readonly gate: boolean;
  /** Writes what the gate has measured into the history. */
  readonly record: boolean;
}

/** A capture whose speed is measured. */
interface Race {
  readonly title: string;
  readonly capture: Capture;
  readonly dissector?: LuaDissector;
  /** Takes a minute and more a run: not for the gate. */
  readonly isLong?: boolean;
}

/** A capture whose peak of memory is measured. */
interface Load {
  readonly title: string;
  readonly connections: number;
  readonly capture: Capture;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.gate) return await printGate(options);
  print(machineLine(options.tshark));
  const races = racesOf(options);
  if (races.length > 0) await printRaces(races, options);
  if (options.parts.includes('mnet')) await printLive('MNET', liveMnet, options);
  if (options.parts.includes('mqtt')) await printLive('MQTT', liveMqtt, options);
  const loads = loadsOf(options);
  if (loads.length > 0) await printLoads(loads, options);
  if (options.parts.includes('inspect')) await printInspect(options);
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      'no-tshark': { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!(Number.isInteger(runs) && runs >= 1)) throw new RangeError('--runs must be a whole number above 0');
  if (values.record && !values.gate) throw new RangeError('--record goes with --gate');
  if (values.gate && values.quick) throw new RangeError('--gate measures whole captures: it goes without --quick');
  const unknown = positionals.find(name => !PARTS.some(part => part === name));
  if (unknown !== undefined) throw new RangeError(`no part is named ${unknown}: there are ${PARTS.join(', ')}`);
  const parts = PARTS.filter(part => positionals.length === 0 || positionals.includes(part));
  return {
    parts,
    divisor: values.quick ? 10 : 1,
    runs,
    tshark: !values['no-tshark'],
    gate: values.gate,
    record: values.record,
  };
}

function racesOf({ parts, divisor }: Options): readonly Race[] {
  const packets = 2_800_000 / divisor;
  const mnet = { file: 'mnet.lua', field: 'mnet.sequence' };
  const ministreaming = { file: 'ministreaming.lua', field: 'ministreaming.id' };
  const races: Readonly<Record<Part, readonly Race[]>> = {
    mnet: [1_000, 100_000 / divisor].map(connections => ({
      title: `MNET, ${count(connections)} connections`,
      capture: mnetCapture({ connections, packets, live: false }),
      dissector: mnet,
    })),
    ministreaming: [
      {
        title: 'ministreaming, 1,000 sessions of 4 connections',
        capture: ministreamingCapture({ sessions: 1_000, connectionsEach: 4, packets }),
        dissector: ministreaming,
      },
    ],
    filestorage: [
      { title: 'filestorage over TCP, 1 upload', uploads: 1, files: 50 / divisor },
      { title: 'filestorage over TCP, 100 uploads', uploads: 100, files: 1 },
    ].map(({ title, uploads, files }) => ({
      title,
      capture: uploadCapture({
        uploads,
        atOnce: uploads,
        files,
        chunks: 100_000 / divisor / uploads / files,
        loss: 'none',
      }),
    })),
    mqtt: [
      { kind: 'telemetry', connections: 1_000, publishes: 1_000 / divisor } as const,
      { kind: 'visit', connections: 1_000_000 / divisor, publishes: 1 } as const,
    ].map(shape => ({
      title: `MQTT, ${count(shape.connections)} connections with ${count(shape.publishes)} PUBLISH each`,
      capture: mqttCapture({ ...shape, atOnce: 1_000 }),
      isLong: shape.kind === 'visit',
    })),
    'half-open': [],
    holes: [],
    inspect: [],
  };
  return parts.flatMap(part => races[part]);
}

function loadsOf({ parts, divisor }: Options): readonly Load[] {
  const halfOpen = (until: HalfOpenShape['until']) =>
    [200_000, 1_000_000].map(size => {
      const connections = size / divisor;
      const title = until === 'SYN' ? 'half-open: SYN and no more' : 'half-open: handshake and no more';
      return { title, connections, capture: halfOpenCapture({ connections, until }) };
    });
  const holes = (loss: Loss) =>
    [20_000, 60_000].map(size => {
      const connections = size / divisor;
      const shape = { uploads: connections, atOnce: 1_000, files: 1, chunks: 4, loss };
      return { title: `uploads with a hole: ${loss}`, connections, capture: uploadCapture(shape) };
    });
  return [
    ...(parts.includes('half-open') ? [...halfOpen('SYN'), ...halfOpen('handshake')] : []),
    ...(parts.includes('holes') ? [...holes('segment'), ...holes('segment, one way')] : []),
  ];
}

async function printGate(options: Options): Promise<void> {
  print(machineLine(false));
  const scenarios = racesOf(options)
    .filter(({ isLong }) => !isLong)
    .map(({ title, capture }) => ({ title, capture: madeCapture(DATA, capture, progress) }));
  const rows = await gate(scenarios, options.runs, options.record);
  printHeader(['traffic', 'CPU s', 'reference loop = 1', 'last entry', 'older build = 1', 'turns', ''], 1);
  for (const { title, cpuSeconds, units, before, beside, verdict } of rows) {
    const ratio = median(beside)?.toFixed(3) ?? '-';
    const figures = [cpuSeconds.toFixed(2), units.toFixed(2), before?.toFixed(2) ?? '-', ratio, String(beside.length)];
    print(row(title, ...figures, verdict));
  }
  const slower = rows.filter(({ verdict }) => verdict === 'slower');
  if (slower.length > 0) throw new Error(`slower by more than 5 %: ${slower.map(({ title }) => title).join('; ')}`);
}

async function printRaces(races: readonly Race[], { runs, tshark }: Options): Promise<void> {
  printHeader(
    ['traffic', 'program', 'packets/s', 'wall s', 'CPU s', 'peak MiB', 'speed: tshark = 1', 'bare loop = 1', 'runs'],
    2,
  );
  for (const { title, capture, dissector } of races) {
    const contestants = [
      checkContestant(runs),
      tshark ? tsharkContestant(runs, dissector) : undefined,
      tcpdumpContestant(runs),
      readLoopContestant(runs),
    ].filter(entry => entry !== undefined);
    const made = madeCapture(DATA, capture, progress);
    const costs = await contest(contestants, made, runs);
    for (const line of speedRows(title, made.packets, contestants, costs)) print(line);
  }
}

function liveMnet(connections: number): Capture {
  return mnetCapture({ connections, packets: connections * PACKETS_PER_LIVE_CONNECTION, live: true });
}

function liveMqtt(connections: number): Capture {
  return mqttCapture({ kind: 'live', connections, atOnce: connections, publishes: PACKETS_PER_LIVE_CONNECTION });
}

/** What a connection costs that stays open. */
async function printLive(
  protocol: string,
  live: (connections: number) => Capture,
  { divisor, runs }: Options,
): Promise<void> {
  const peakOf = async (connections: number): Promise<number | undefined> => await peakMemory(live(connections), runs);
  printHeader([`${protocol} connections alive at the end`, 'peak MiB', 'bytes a connection']);
  const few = await peakOf(1_000);
  print(row('1,000', mebibytes(few), ''));
  for (const connections of divisor > 1 ? [10_000, 20_000] : [10_000, 100_000, 200_000]) {
    const peak = await peakOf(connections);
    const each = peak === undefined || few === undefined ? undefined : (peak - few) / (connections - 1_000);
    print(row(count(connections), mebibytes(peak), each === undefined ? '-' : count(each)));
  }
}

async function printLoads(loads: readonly Load[], { runs }: Options): Promise<void> {
  printHeader(['traffic', 'connections', 'peak MiB'], 1);
  for (const { title, connections, capture } of loads)
    print(row(title, count(connections), mebibytes(await peakMemory(capture, Math.min(runs, MEMORY_RUNS)))));
}

/** The terminal UI beside `check` and termshark. */
async function printInspect({ divisor, runs, tshark }: Options): Promise<void> {
  const capture = madeCapture(
    DATA,
    mnetCapture({ connections: 1_000, packets: 2_800_000 / divisor, live: false }),
    progress,
  );
  const { check, inspect, termshark } = await inspectContest(capture, runs, tshark);
  const { firstScreen, firstMessages, indexed, peakMemory: peak, latencies } = inspect;
  const each = check.peakMemory === undefined ? undefined : (peak - check.peakMemory) / capture.packets;
  const seconds = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(2));
  const milliseconds = (part: number) => percentile(latencies, part).toFixed(0);
  printHeader([`MNET, ${count(capture.packets)} packets`, 'wirelint inspect', 'beside'], 1);
  print(row('first screen, s', seconds(firstScreen), `termshark ${seconds(termshark?.firstScreen)}`));
  print(row('first connections, s', seconds(firstMessages), ''));
  print(
    row(
      'all indexed, s',
      seconds(indexed),
      `check ${seconds(check.seconds)}; termshark ${seconds(termshark?.lastPacket)}`,
    ),
  );
  print(
    row(
      'peak MiB',
      mebibytes(peak),
      `check ${mebibytes(check.peakMemory)}; termshark ${mebibytes(termshark?.peakMemory)}`,
    ),
  );
  print(row('bytes a message above check', each === undefined ? '-' : each.toFixed(1), ''));
  print(
    row(
      'key to screen while indexing, ms: median, 95 %, worst',
      `${milliseconds(0.5)}, ${milliseconds(0.95)}, ${milliseconds(1)}`,
      `${latencies.length} keys`,
    ),
  );
}

async function peakMemory(capture: Capture, runs: number): Promise<number | undefined> {
  const [cost] = await contest([checkContestant(runs, false)], madeCapture(DATA, capture, progress), runs);
  return cost.peakMemory;
}

function speedRows(
  title: string,
  packets: number,
  contestants: readonly Contestant[],
  costs: readonly Cost[],
): string[] {
  const secondsOf = (id: Contestant['id']): number | undefined =>
    costs[contestants.findIndex(contestant => contestant.id === id)]?.wallSeconds;
  return contestants.map(({ name, runs }, index) => {
    const { wallSeconds, cpuSeconds, peakMemory } = costs[index];
    return row(
      title,
      name,
      count(packets / wallSeconds),
      wallSeconds.toFixed(2),
      cpuSeconds?.toFixed(2) ?? '-',
      mebibytes(peakMemory),
      ratio(secondsOf('tshark'), wallSeconds),
      ratio(secondsOf('read-loop'), wallSeconds),
      String(runs),
    );
  });
}

function machineLine(withTshark: boolean): string {
  const parts = [`Node ${process.version}`, cpus()[0]?.model ?? process.arch];
  const tshark = withTshark ? spawnSync('tshark', ['--version'], { encoding: 'utf8' }).stdout : undefined;
  if (tshark) parts.push(/TShark.*? ([\d.]+)/.exec(tshark)?.[0] ?? '');
  parts.push(pinning().length > 0 ? 'each program on one core' : 'not pinned to a core: taskset is missing');
  return `${parts.join(', ')}.`;
}

/** The head of a table whose first `texts` columns are text, the others numbers. */
function printHeader(titles: readonly string[], texts = 0): void {
  print('');
  print(row(...titles));
  print(`|${titles.map((_, column) => (column < texts ? ':---|' : '---:|')).join('')}`);
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / 2 ** 20).toFixed(0);
}

/** How many times as fast as the reference, to two digits. */
function ratio(reference: number | undefined, seconds: number): string {
  if (reference === undefined) return '-';
  const times = reference / seconds;
  return times < 100 ? times.toPrecision(2) : times.toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  progress((error as Error).message);
  process.exitCode = 1;
}
