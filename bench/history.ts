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
}

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
  record(units: Entry['units'], root: string): void {
    const entry: Entry = {
      date: new Date().toISOString().slice(0, 10),
      commit: git(root, 'rev-parse', 'HEAD'),
      node: process.version,
      machine: cpus()[0]?.model ?? process.arch,
      units: Object.fromEntries(Object.entries(units).map(([name, value]) => [name, Number(value.toFixed(3))])),
    };
    writeFileSync(this.#path, `${JSON.stringify([...this.entries, entry], undefined, 2)}\n`);
  }
}

/**
 * The program as it was at a commit, built in a folder of its own from the repository at `root`; it uses the packages that
 * are installed there. Undefined where it cannot be had.
 */
export function olderProgram(root: string, folder: string, commit: string): string | undefined {
  const program = `${folder}dist/src/cli/main.js`;
  if (git(folder, 'rev-parse', 'HEAD') === commit && existsSync(program)) return program;
  git(root, 'worktree', 'remove', '--force', folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (git(root, 'worktree', 'add', '--detach', folder, commit) === undefined) return undefined;
  symlinkSync(`${root}node_modules`, `${folder}node_modules`);
  spawnSync('npm', ['run', '-s', 'build'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return existsSync(program) ? program : undefined;
}

/** What git says, without the line's end; undefined where it fails. */
function git(folder: string, ...words: readonly string[]): string | undefined {
  if (!existsSync(folder)) return undefined;
  const { status, stdout } = spawnSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
