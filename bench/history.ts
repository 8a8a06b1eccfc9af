/**
 * What a scenario cost over time: bench/history.json, oldest entry first. Costs are in units of the reference loop
 * (reference-loop.ts) on the machine at hand, because seconds of one machine say nothing on another.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Entry {
  /** `2026-11-29` */
  readonly date: string;
  /** The commit that was measured, if it was known. */
  readonly commit: string | undefined;
  readonly node: string;
  readonly machine: string;
  /** CPU time by scenario, in units. */
  readonly units: Readonly<Record<string, number>>;
  /** In seconds of that machine; older entries have none. */
  readonly cpuSeconds?: Readonly<Record<string, number>>;
}

/** What the machine at hand is called. */
export const MACHINE = cpus()[0]?.model ?? process.arch;

export class History {
  readonly #path: string;
  readonly entries: readonly Entry[];

  constructor(path: string) {
    this.#path = path;
    this.entries = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Entry[]) : [];
  }

  /** The newest entry that has the scenario. */
  last(scenario: string): Entry | undefined {
    return this.entries.findLast(({ units }) => scenario in units);
  }

  /** Writes one more entry behind the others. */
  record(rows: readonly { title: string; units: number; cpuSeconds: number }[], root: string): void {
    const entry: Entry = {
      date: new Date().toISOString().slice(0, 10),
      commit: git(root, 'rev-parse', 'HEAD'),
      node: process.version,
      machine: MACHINE,
      units: Object.fromEntries(rows.map(({ title, units }) => [title, Number(units.toFixed(3))])),
      cpuSeconds: Object.fromEntries(rows.map(({ title, cpuSeconds }) => [title, Number(cpuSeconds.toFixed(2))])),
    };
    writeFileSync(this.#path, `${JSON.stringify([...this.entries, entry], undefined, 2)}\n`);
  }
}

/**
 * The program as it was at a commit, built in a folder of its own from the repository at `root`, with the packages that it was
 * built with. Undefined where it cannot be had.
 */
export function olderProgram(root: string, folder: string, commit: string): string | undefined {
  const program = `${folder}dist/src/cli/main.js`;
  const whole = `${folder}dist/${commit}`;
  if (existsSync(whole)) return program;
  git(root, 'worktree', 'remove', '--force', folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (git(root, 'worktree', 'add', '--detach', folder, commit) === undefined) return undefined;
  const lock = 'package-lock.json';
  if (readFileSync(`${root}${lock}`, 'utf8') === readFileSync(`${folder}${lock}`, 'utf8'))
    symlinkSync(`${root}node_modules`, `${folder}node_modules`);
  else if (!npm(folder, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline')) return undefined;
  if (!npm(folder, 'run', 'build')) return undefined;
  writeFileSync(whole, '');
  return program;
}

/** Whether it did what it was to. */
function npm(folder: string, ...words: readonly string[]): boolean {
  return spawnSync('npm', ['--silent', ...words], { cwd: folder, stdio: ['ignore', 2, 'inherit'] }).status === 0;
}

/** What git says, without the line's end; undefined where it fails. */
function git(folder: string, ...words: readonly string[]): string | undefined {
  if (!existsSync(folder)) return undefined;
  const { status, stdout } = spawnSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
