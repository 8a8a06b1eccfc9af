/**
 * `npm run bench`: how fast `wirelint check` is, beside tshark and beside the bare read loop, how much memory it takes, and
 * how both grow.
 *
 * Progress goes to standard error; standard output is Markdown, ready to be pasted. README.md beside this file says how
 * to read it.
 *
 * With `--gate` it holds what `check` costs against bench/history.json instead (gate.ts).
 *
 *     node run.js [PART...] [--quick] [--runs 5] [--no-tshark] [--gate] [--record]
 */

import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Capture } from './capture.ts';
import {
  type Contestant,
  checkContestant,
  contest,
  progress,
  ROOT,
  readLoopContestant,
  tcpdumpContestant,
  tsharkContestant,
} from './contest.ts';
import { gate, lastBuild } from './gate.ts';
import { type GrowthRow, growth } from './growth.ts';
import { inspectContest, percentile } from './inspect.ts';
import { MOST_FROM_LINEAR } from './linear.ts';
import { type Cost, median, pinning } from './measure.ts';
import { mnetCapture } from './mnet.ts';
import { measurePackage, type Package } from './pack.ts';
import {
  type Load,
  liveMnet,
  liveMqtt,
  loadsOf,
  made,
  PARTS,
  type Race,
  racesOf,
  type Sizes,
  type Solo,
  solosOf,
} from './scenarios.ts';
import { count, mebibytes, print, printHeader, ratio, row } from './table.ts';

/** Of what takes long, or is measured for its memory, which varies less than time. */
const FEW_RUNS = 2;

interface Options extends Sizes {
  readonly runs: number;
  readonly tshark: boolean;
  readonly gate: boolean;
  /** Writes what the gate has measured into the history. */
  readonly record: boolean;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.gate) return await printGate(options);
  print(machineLine(options.tshark));
  const races = racesOf(options);
  const solos = solosOf(options);
  if (races.length + solos.length > 0) await printSpeeds(races, solos, options);
  if (options.parts.includes('mnet')) await printLive('MNET', liveMnet, options);
  if (options.parts.includes('mqtt')) await printLive('MQTT', liveMqtt, options);
  const loads = loadsOf(options);
  if (loads.length > 0) await printLoads(loads, options);
  if (options.parts.includes('inspect')) await printInspect(options);
  if (options.parts.includes('pack')) await printPack(options);
  // Last, for it may fail.
  if (options.parts.includes('growth')) await printGrowth(options);
  progress(`all of it took ${Math.round(performance.now() / 1000)} s`);
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

async function printGate(options: Options): Promise<void> {
  print(machineLine(false));
  const scenarios = racesOf(options)
    .filter(({ isLong }) => !isLong)
    .map(({ title, capture }) => ({ title, capture: made(capture) }));
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

/** The one table: each capture beside all that reads it, then what `check` does alone. */
async function printSpeeds(races: readonly Race[], solos: readonly Solo[], { runs, tshark }: Options): Promise<void> {
  printHeader(
    ['traffic', 'program', 'packets/s', 'wall s', 'CPU s', 'peak MiB', 'speed: tshark = 1', 'bare loop = 1', 'runs'],
    2,
  );
  const few = Math.min(runs, FEW_RUNS);
  for (const { title, capture, dissector, isLong } of races) {
    const most = isLong ? few : runs;
    const contestants = [
      checkContestant(most),
      tshark && dissector ? tsharkContestant(most, dissector) : undefined,
      tshark ? tsharkContestant(most, undefined, dissector !== undefined) : undefined,
      // It looks flows up in a table that is not made for a million of them: ten minutes each time.
      isLong ? undefined : tcpdumpContestant(most),
      readLoopContestant(most),
    ].filter(entry => entry !== undefined);
    const ready = made(capture);
    const costs = await contest(contestants, ready, most);
    for (const line of speedRows(title, ready.packets, contestants, costs)) print(line);
  }
  for (const { title, capture, options } of solos) {
    const contestants = [checkContestant(few, options)];
    const ready = capture();
    // On all cores, for it may use them.
    const costs = await contest(contestants, ready, few, []);
    for (const line of speedRows(title, ready.packets, contestants, costs)) print(line);
  }
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
    print(row(title, count(connections), mebibytes(await peakMemory(capture, Math.min(runs, FEW_RUNS)))));
}

/** The terminal UI beside `check` and termshark. */
async function printInspect({ divisor, runs, tshark }: Options): Promise<void> {
  const capture = made(mnetCapture({ connections: 1_000, packets: 2_800_000 / divisor, live: false }));
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

/** What is installed, and that it works: of the last build that the gate's history knows, and of this one. */
async function printPack({ runs }: Options): Promise<void> {
  const before = lastBuild();
  const builds = [...(before ? [['last entry', before] as const] : []), ['this build', ROOT] as const];
  const packages: Package[] = [];
  for (const [, root] of builds) packages.push(await measurePackage(root, runs));
  printHeader(['npm pack, installed in an empty folder', ...builds.map(([name]) => name)], 1);
  const line = (title: string, of: (measured: Package) => string) => print(row(title, ...packages.map(of)));
  const seconds = ({ cpuSeconds, wallSeconds }: Cost) => `${cpuSeconds?.toFixed(2) ?? '-'}, ${wallSeconds.toFixed(2)}`;
  line('archive, MiB', ({ archive }) => (archive / 2 ** 20).toFixed(2));
  line('on disk, MiB', ({ installed }) => (installed / 2 ** 20).toFixed(1));
  line('files', ({ files }) => count(files));
  line('packages', ({ packages: number }) => count(number));
  line('first verdict: CPU s, wall s', ({ first }) => seconds(first));
  line('later ones: CPU s, wall s', ({ later }) => seconds(later));
  line('rules of a plugin (examples/kv) that were checked', ({ pluginRules }) => count(pluginRules));
  line('inspect: first connection, s', ({ firstScreen }) => firstScreen?.toFixed(2) ?? '-');
}

async function printGrowth({ divisor, runs }: Options): Promise<void> {
  printHeader(
    ['growth', 'unit', 'units', 'CPU s', 'wall s', 'peak MiB', 'us of CPU a unit', 'bytes a unit', 'linear = 1'],
    2,
  );
  const far: string[] = [];
  const each = (grown: GrowthRow) => {
    const { title, unit, size, cpuSeconds, wallSeconds, peakMemory: peak, bytesEach, fromLinear } = grown;
    const figures = [count(size), cpuSeconds.toFixed(2), wallSeconds.toFixed(2), mebibytes(peak)];
    const ofUnit = [((cpuSeconds / size) * 1e6).toPrecision(3), bytesEach === undefined ? '-' : count(bytesEach)];
    print(row(title, unit, ...figures, ...ofUnit, fromLinear?.toFixed(2) ?? '-'));
    if (fromLinear !== undefined && fromLinear > MOST_FROM_LINEAR) far.push(`${count(size)} ${title}`);
  };
  await growth(divisor, Math.min(runs, FEW_RUNS), each);
  if (far.length > 0) throw new Error(`more than ${MOST_FROM_LINEAR} times what is linear: ${far.join('; ')}`);
}

async function peakMemory(capture: Capture, runs: number): Promise<number | undefined> {
  const [cost] = await contest([checkContestant(runs, { warmUp: false })], made(capture), runs);
  return cost.peakMemory;
}

function speedRows(
  title: string,
  packets: number,
  contestants: readonly Contestant[],
  costs: readonly Cost[],
): string[] {
  // On its one core each takes as long as it computes, but for what else the machine does meanwhile.
  const secondsOf = ({ cpuSeconds, wallSeconds }: Cost): number => cpuSeconds ?? wallSeconds;
  const costOf = (id: Contestant['id']): number | undefined => {
    // Of two tsharks the first, which dissects.
    const cost: Cost | undefined = costs[contestants.findIndex(contestant => contestant.id === id)];
    return cost && secondsOf(cost);
  };
  return contestants.map(({ name, runs }, index) => {
    const { wallSeconds, cpuSeconds, peakMemory } = costs[index];
    return row(
      title,
      name,
      count(packets / wallSeconds),
      wallSeconds.toFixed(2),
      cpuSeconds?.toFixed(2) ?? '-',
      mebibytes(peakMemory),
      ratio(costOf('tshark'), secondsOf(costs[index])),
      ratio(costOf('read-loop'), secondsOf(costs[index])),
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

try {
  await main();
} catch (error) {
  progress((error as Error).message);
  process.exitCode = 1;
}
