/**
 * `npm run bench`: how fast `wirelint check` is, beside tshark with a Lua dissector and beside the bare read loop.
 *
 * Every contestant is measured as a whole process on the same capture, pinned to the same core, in turns, so that a
 * busy spell of the machine hits all of them. A run whose answer is wrong (packets lost, findings in conforming
 * traffic) ends the benchmark: a fast wrong answer is no figure. Progress goes to standard error; standard output is
 * Markdown, ready to be pasted. README.md beside this file says how to read it.
 *
 *     node run.js [--quick] [--runs 5] [--no-tshark]
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type CaptureShape, writeCapture } from './generate.ts';
import { type Cost, measure, medianCost, pinning, type Run } from './measure.ts';

/** This file runs from bench/data/build. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DATA = `${ROOT}bench/data/`;
const CHECK = `${ROOT}dist/src/cli/main.js`;
const READ_LOOP = `${DATA}build/read-loop.js`;
const DISSECTOR = `${ROOT}bench/mnet.lua`;

/** Minutes a run on the large captures, so it takes its turn only in the first rounds. */
const TSHARK_RUNS = 2;
const PACKETS_PER_LIVE_CONNECTION = 10;

interface Contestant {
  readonly id: 'check' | 'tshark' | 'read-loop';
  readonly name: string;
  /** At most so many of the measured rounds. */
  readonly runs: number;
  readonly warmUp: boolean;
  readonly command: (capture: string) => readonly string[];
  /** Says what is wrong with a run's answer; undefined when it is right. */
  readonly fault: (run: Run, shape: CaptureShape) => string | undefined;
}

interface Options {
  readonly quick: boolean;
  readonly runs: number;
  readonly tshark: boolean;
}

async function main(): Promise<void> {
  const options = readOptions();
  const pin = pinning();
  const check = checkContestant(options.runs);
  const tshark = options.tshark ? tsharkContestant(options.runs) : undefined;
  const contestants = [check, tshark, readLoopContestant(options.runs)].filter(entry => entry !== undefined);
  const packets = options.quick ? 280_000 : 2_800_000;

  print(machineLine(pin, tshark !== undefined));
  print('');
  print(
    '| connections | program | packets/s | wall s | CPU s | peak MiB | speed: tshark+Lua = 1 | bare loop = 1 | runs |',
  );
  print('|---:|:---|---:|---:|---:|---:|---:|---:|---:|');
  for (const connections of options.quick ? [1_000, 10_000] : [1_000, 100_000]) {
    const shape = { connections, packets, live: false };
    const costs = await contest(contestants, shape, options.runs, pin);
    for (const line of speedRows(shape, contestants, costs)) print(line);
  }

  print('');
  print('| connections alive at the end | peak MiB | bytes a connection |');
  print('|---:|---:|---:|');
  const few = await peakOfLive(check, 1_000, options.runs, pin);
  print(row('1,000', mebibytes(few), ''));
  for (const connections of options.quick ? [10_000, 20_000] : [10_000, 100_000, 200_000]) {
    const peak = await peakOfLive(check, connections, options.runs, pin);
    const each = peak === undefined || few === undefined ? undefined : (peak - few) / (connections - 1_000);
    print(row(count(connections), mebibytes(peak), each === undefined ? '-' : count(each)));
  }
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      'no-tshark': { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!(Number.isInteger(runs) && runs >= 1)) throw new RangeError('--runs must be a whole number above 0');
  return { quick: values.quick, runs, tshark: !values['no-tshark'] };
}

function checkContestant(runs: number): Contestant {
  return {
    id: 'check',
    name: 'wirelint check',
    runs,
    warmUp: true,
    command: capture => [process.execPath, CHECK, 'check', capture, '--format', 'json', '--no-progress'],
    fault: (run, { packets, connections }) => {
      const { summary } = JSON.parse(run.stdout) as { summary: Record<string, unknown> };
      const expected = { packets, messages: packets, connections, errors: 0, warnings: 0, inconclusive: 0 };
      for (const [key, value] of Object.entries(expected))
        if (summary[key] !== value) return `summary.${key} is ${summary[key]}, not ${value}`;
      return undefined;
    },
  };
}

/** One pass, no name resolution, every expert item collected: what a CI job with tshark would run. */
function tsharkContestant(runs: number): Contestant | undefined {
  if (spawnSync('tshark', ['--version']).error) {
    progress('skipped: tshark is not installed (apt-get install tshark)');
    return undefined;
  }
  const script = ['-X', `lua_script:${DISSECTOR}`];
  const fields = spawnSync('tshark', ['-G', 'fields', ...script], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (!fields.stdout.includes('\tmnet.sequence\t')) {
    progress('skipped: this tshark does not load bench/mnet.lua (built without Lua?)');
    return undefined;
  }
  return {
    id: 'tshark',
    name: 'tshark + mnet.lua',
    runs: Math.min(runs, TSHARK_RUNS),
    warmUp: false,
    command: capture => ['tshark', ...script, '-n', '-q', '-r', capture, '-z', 'expert'],
    fault: run => (run.stdout.trim() === '' ? undefined : `expert items in conforming traffic: ${run.stdout.trim()}`),
  };
}

function readLoopContestant(runs: number): Contestant {
  return {
    id: 'read-loop',
    name: 'bare read loop',
    runs,
    warmUp: true,
    command: capture => [process.execPath, READ_LOOP, capture],
    fault: (run, { packets }) => {
      const counted: unknown = JSON.parse(run.stdout).packets;
      return counted === packets ? undefined : `${counted} packets, not ${packets}`;
    },
  };
}

/** Measures all contestants on one capture, in turns; the medians come in the order of the contestants. */
async function contest(
  contestants: readonly Contestant[],
  shape: CaptureShape,
  runs: number,
  pin: readonly string[],
): Promise<readonly Cost[]> {
  const capture = captureOf(shape);
  for (const contestant of contestants) if (contestant.warmUp) await runOnce(contestant, capture, shape, pin);
  const costs: Cost[][] = contestants.map(() => []);
  for (let turn = 0; turn < runs; turn++)
    for (const [index, contestant] of contestants.entries())
      if (turn < contestant.runs) costs[index].push(await runOnce(contestant, capture, shape, pin));
  return costs.map(medianCost);
}

async function runOnce(
  contestant: Contestant,
  capture: string,
  shape: CaptureShape,
  pin: readonly string[],
): Promise<Cost> {
  const run = await measure([...pin, ...contestant.command(capture)]);
  progress(`${basename(capture)}: ${contestant.name}: ${run.wallSeconds.toFixed(2)} s`);
  const fault = run.exitCode === 0 ? contestant.fault(run, shape) : `exit code ${run.exitCode}: ${run.stderr.trim()}`;
  if (fault !== undefined) throw new Error(`${contestant.name} on ${basename(capture)}: ${fault}`);
  return run;
}

async function peakOfLive(
  check: Contestant,
  connections: number,
  runs: number,
  pin: readonly string[],
): Promise<number | undefined> {
  const shape = { connections, packets: connections * PACKETS_PER_LIVE_CONNECTION, live: true };
  const [cost] = await contest([check], shape, runs, pin);
  return cost.peakMemory;
}

/** The capture's path; made now if it is not there yet, under another name until it is whole. */
function captureOf(shape: CaptureShape): string {
  const { connections, packets, live } = shape;
  const path = `${DATA}${live ? 'live' : 'whole'}-${connections}-connections-${packets}-packets.pcap`;
  if (!existsSync(path)) {
    progress(`making ${basename(path)}`);
    mkdirSync(DATA, { recursive: true });
    writeCapture(`${path}.part`, shape);
    renameSync(`${path}.part`, path);
  }
  return path;
}

function speedRows(shape: CaptureShape, contestants: readonly Contestant[], costs: readonly Cost[]): string[] {
  const secondsOf = (id: Contestant['id']): number | undefined =>
    costs[contestants.findIndex(contestant => contestant.id === id)]?.wallSeconds;
  return contestants.map(({ name, runs }, index) => {
    const { wallSeconds, cpuSeconds, peakMemory } = costs[index];
    return row(
      count(shape.connections),
      name,
      count(shape.packets / wallSeconds),
      wallSeconds.toFixed(2),
      cpuSeconds?.toFixed(2) ?? '-',
      mebibytes(peakMemory),
      ratio(secondsOf('tshark'), wallSeconds),
      ratio(secondsOf('read-loop'), wallSeconds),
      String(runs),
    );
  });
}

function machineLine(pin: readonly string[], withTshark: boolean): string {
  const parts = [`Node ${process.version}`, cpus()[0]?.model ?? process.arch];
  if (withTshark)
    parts.push(/TShark.*? ([\d.]+)/.exec(spawnSync('tshark', ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? '');
  parts.push(pin.length > 0 ? 'each program on one core' : 'not pinned to a core: taskset is missing');
  return `${parts.join(', ')}.`;
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

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  progress((error as Error).message);
  process.exitCode = 1;
}
