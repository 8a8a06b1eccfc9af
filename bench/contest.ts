/**
 * The contestants, and how they are measured against each other: as whole processes on the same capture, pinned to the
 * same core, in turns, so that a busy spell of the machine hits all of them. A run whose answer is wrong (packets lost,
 * findings in conforming traffic) ends the benchmark: a fast wrong answer is no figure.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MadeCapture } from './capture.ts';
import { type Cost, measure, medianCost, pinning, type Run } from './measure.ts';

/** This file runs from bench/data/build. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The program. */
export const CHECK = `${ROOT}dist/src/cli/main.js`;
const READ_LOOP = `${ROOT}bench/data/build/read-loop.js`;
const REFERENCE_LOOP = `${ROOT}bench/data/build/reference-loop.js`;
export const DATA = `${ROOT}bench/data/`;

const QUIETLY = ['--format', 'json', '--no-progress', '--allow-empty'];
/** It takes long on the large captures, so it takes its turn only in the first rounds. */
const TSHARK_RUNS = 2;
/** Sections of the expert list that conforming traffic is not in. (Every SYN is a chat in it, every FIN a note.) */
const EXPERT_SECTION = /^(?:Errors|Warns) \(\d+\)$/m;

export interface Contestant {
  readonly id: 'check' | 'tshark' | 'tcpdump' | 'read-loop' | 'reference-loop';
  readonly name: string;
  /** At most so many of the measured rounds. */
  readonly runs: number;
  readonly warmUp: boolean;
  readonly command: (path: string) => readonly string[];
  /** Says what is wrong with a run's answer; undefined when it is right. */
  readonly fault: (run: Run, capture: MadeCapture) => string | undefined;
}

/** A dissector of ours for tshark. */
export interface LuaDissector {
  /** File in bench/. */
  readonly file: string;
  /** One of its fields, by which tshark tells that it has loaded it. */
  readonly field: string;
}

export interface CheckOptions {
  /** An unmeasured run before the others; true if absent. */
  readonly warmUp?: boolean;
  /** Its main file, that of this build if absent. */
  readonly program?: string;
  /** More words for its command line. */
  readonly words?: readonly string[];
  /** As the table calls it: `wirelint check` if absent. */
  readonly name?: string;
}

export function checkContestant(runs: number, options: CheckOptions = {}): Contestant {
  const { warmUp = true, program = CHECK, words = [], name = 'wirelint check' } = options;
  return {
    id: 'check',
    name,
    runs,
    warmUp,
    // Half-open connections say nothing, which is no fault here.
    command: path => [process.execPath, program, 'check', path, ...QUIETLY, ...words],
    fault: (run, { expected }) => {
      const { summary } = JSON.parse(run.stdout) as { summary: Record<string, unknown> };
      for (const [key, value] of Object.entries(expected))
        if (summary[key] !== value) return `summary.${key} is ${summary[key]}, not ${value}`;
      return undefined;
    },
  };
}

/**
 * One pass, no name resolution, every expert item collected: what a CI job with tshark would run.
 * @param isUnknown it knows nothing of the protocol, and may take packets for those of others, by their ports
 */
export function tsharkContestant(runs: number, dissector?: LuaDissector, isUnknown = false): Contestant | undefined {
  if (spawnSync('tshark', ['--version']).error) {
    progress('skipped: tshark is not installed (apt-get install tshark)');
    return undefined;
  }
  const script = dissector ? ['-X', `lua_script:${ROOT}bench/${dissector.file}`] : [];
  if (dissector) {
    const fields = spawnSync('tshark', ['-G', 'fields', ...script], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (!fields.stdout.includes(`\t${dissector.field}\t`)) {
      progress(`skipped: this tshark does not load bench/${dissector.file} (built without Lua?)`);
      return undefined;
    }
  }
  return {
    id: 'tshark',
    name: dissector ? `tshark + ${dissector.file}` : 'tshark',
    runs: Math.min(runs, TSHARK_RUNS),
    warmUp: false,
    command: path => ['tshark', ...script, '-n', '-q', '-r', path, '-z', 'expert'],
    fault: ({ stdout }) =>
      !isUnknown && EXPERT_SECTION.test(stdout) ? `expert items in conforming traffic: ${stdout}` : undefined,
  };
}

export function readLoopContestant(runs: number): Contestant {
  return {
    id: 'read-loop',
    name: 'bare read loop',
    runs,
    warmUp: true,
    command: path => [process.execPath, READ_LOOP, path],
    fault: (run, { packets }) => {
      const counted: unknown = JSON.parse(run.stdout).packets;
      return counted === packets ? undefined : `${counted} packets, not ${packets}`;
    },
  };
}

/**
 * Prints a line a packet, as a person would look at it first: link, IP and ports, no protocol of ours. Sequence numbers are
 * absolute: for relative ones it looks each connection up in a table that is not made for a million of them.
 */
export function tcpdumpContestant(runs: number): Contestant | undefined {
  if (spawnSync('tcpdump', ['--version']).error) {
    progress('skipped: tcpdump is not installed (apt-get install tcpdump)');
    return undefined;
  }
  return {
    id: 'tcpdump',
    name: 'tcpdump',
    runs,
    warmUp: false,
    command: path => ['sh', '-c', 'exec tcpdump -n -S -r "$0" > /dev/null', path],
    fault: () => undefined,
  };
}

/** The machine's own speed; it reads no capture. */
export function referenceContestant(runs: number): Contestant {
  return {
    id: 'reference-loop',
    name: 'reference loop',
    runs,
    warmUp: true,
    command: () => [process.execPath, REFERENCE_LOOP],
    fault: run => (JSON.parse(run.stdout).found > 0 ? undefined : 'it has found nothing'),
  };
}

/**
 * Measures all contestants on one capture, in turns; the medians come in the order of the contestants.
 * @param pin what they are pinned to a core by; nothing for those that may use all
 */
export async function contest(
  contestants: readonly Contestant[],
  capture: MadeCapture,
  runs: number,
  pin = pinning(),
): Promise<readonly Cost[]> {
  for (const contestant of contestants) if (contestant.warmUp) await runOnce(contestant, capture, pin);
  const costs: Cost[][] = contestants.map(() => []);
  for (let turn = 0; turn < runs; turn++)
    for (const [index, contestant] of contestants.entries())
      if (turn < contestant.runs) costs[index].push(await runOnce(contestant, capture, pin));
  return costs.map(medianCost);
}

/** @throws Error when the program fails, or its answer is wrong */
export async function runOnce(contestant: Contestant, capture: MadeCapture, pin: readonly string[]): Promise<Cost> {
  const run = await measure([...pin, ...contestant.command(capture.path)]);
  progress(`${capture.name}: ${contestant.name}: ${run.wallSeconds.toFixed(2)} s`);
  const fault = run.exitCode === 0 ? contestant.fault(run, capture) : `exit code ${run.exitCode}: ${run.stderr.trim()}`;
  if (fault !== undefined) throw new Error(`${contestant.name} on ${capture.name}: ${fault}`);
  return run;
}

export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
