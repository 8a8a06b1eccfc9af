/**
 * What a whole process costs: time, processor time and peak memory of a program run to its end.
 *
 * Node tells nothing about a child's resources, so /proc is read: its high-water mark of resident memory, which only grows,
 * while the child runs; its processor time when it has ended, as what this process's children have used up meanwhile, so one
 * is measured at a time. Where there is no /proc (macOS) these two are absent and the time remains. With taskset the child has one core for all its threads: garbage collector
 * and compiler threads are paid for in full.
 */

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const SAMPLING_INTERVAL = 10;
/** Clock ticks a second in /proc/PID/stat; fixed in Linux's interface to programs. */
const USER_HZ = 100;

export interface Cost {
  readonly wallSeconds: number;
  /** User and system time together. */
  readonly cpuSeconds: number | undefined;
  /** Peak resident memory in bytes. */
  readonly peakMemory: number | undefined;
}

export interface Run extends Cost {
  /** Null when a signal ended the program. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The prefix that pins a program to the last core, or nothing where that does not work. */
export function pinning(): readonly string[] {
  const prefix = ['taskset', '-c', String(availableParallelism() - 1)];
  return spawnSync(prefix[0], [...prefix.slice(1), 'true']).status === 0 ? prefix : [];
}

/** Runs a program to its end, the only one meanwhile. Rejects when it cannot be started. */
export function measure(command: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const before = childrensCpuSeconds();
    const start = performance.now();
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let cpuSeconds: number | undefined;
    let peakMemory: number | undefined;
    const sample = (): void => {
      peakMemory = peakMemoryOf(child.pid) ?? peakMemory;
    };
    const sampling = setInterval(sample, SAMPLING_INTERVAL);
    let wallSeconds = 0;
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('exit', () => {
      wallSeconds = (performance.now() - start) / 1000;
      clearInterval(sampling);
      const after = childrensCpuSeconds();
      if (before !== undefined && after !== undefined) cpuSeconds = after - before;
    });
    child.on('error', error => {
      clearInterval(sampling);
      reject(error);
    });
    child.on('close', exitCode => resolve({ wallSeconds, cpuSeconds, peakMemory, exitCode, stdout, stderr }));
  });
}

/** The median of each figure by itself; `costs` holds at least one. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: median(costs.map(cost => cost.wallSeconds)) ?? 0,
    cpuSeconds: median(costs.map(cost => cost.cpuSeconds)),
    peakMemory: median(costs.map(cost => cost.peakMemory)),
  };
}

/** The lower of the middle two where their number is even; absent when no value is known. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter(value => value !== undefined).sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

/** Of all children that have ended, with theirs. */
function childrensCpuSeconds(): number | undefined {
  // The second field is the program's name in parentheses and may hold anything: count from behind it.
  const fields = readProc(process.pid, 'stat')?.replace(/^.*\)/s, '').trim().split(' ');
  return fields && (Number(fields[13]) + Number(fields[14])) / USER_HZ;
}

function peakMemoryOf(pid: number | undefined): number | undefined {
  const kibibytes = readProc(pid, 'status')?.match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Absent when the process has ended, or the system has no /proc. */
function readProc(pid: number | undefined, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
