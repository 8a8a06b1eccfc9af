/**
 * `check --queue` and `worker` while they run, and what holds a worker in the middle of a capture: a FIFO is one that it reads for
 * as long as nobody writes to it.
 */
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folderWith } from '../kit/folder.ts';
import { TestRedis } from '../kit/redis.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { type Result, start } from './run.ts';

/** The program while it runs, killed when the test is over. */
export class Running {
  stdout = '';
  stderr = '';
  readonly #child;
  readonly ended: Promise<Result>;

  constructor(args: readonly string[], folder?: string) {
    const child = start(args, folder);
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', text => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      this.stderr += text;
    });
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code ?? signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  kill(signal: NodeJS.Signals): Promise<Result> {
    this.signal(signal);
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20));
}

/** One that waits for jobs, one at a time unless `options` say more, in a folder where nothing is. */
export async function worker({ url }: TestRedis, ...options: readonly string[]): Promise<Running> {
  const jobs = options.includes('--jobs') ? [] : ['--jobs', '1'];
  const running = new Running(['worker', '--queue', url, ...jobs, ...options], folderWith({}));
  await until(() => running.stdout.includes('waiting for jobs') || running.stderr !== '');
  return running;
}

/** Milliseconds after which a worker has in hand what it will ever have. */
const LONG_ENOUGH = 3_000;

/**
 * Kills workers that have this job of a run in hand until the run is over: three, and then there is one more. On a busy machine a
 * living one may be taken for dead, and hold for good what nobody waits for from it: that one goes as well.
 */
export async function threeDeaths(server: TestRedis, { ended }: Running, job: string, ...options: readonly string[]) {
  const deaths = new Set<string>();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const victim = await worker(server, '--dead-after', '300ms', ...options);
    const { size } = deaths;
    const begun = Date.now();
    await until(async () => {
      if (isOver || Date.now() - begun > LONG_ENOUGH) return true;
      if (size < 3) for (const taker of await server.takers(job)) deaths.add(taker);
      return deaths.size > size;
    });
    await victim.kill('SIGKILL');
  }
}

/** Waits until somebody is about to read a FIFO. @returns a descriptor to write to it */
export async function reader(fifo: string): Promise<number> {
  let descriptor: number | undefined;
  await until(() => {
    try {
      descriptor = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENXIO') throw error;
    }
    return descriptor !== undefined;
  });
  return descriptor!;
}

/** A folder with one capture that is a FIFO, and others. */
export function folderWithHeld(others: Readonly<Record<string, Uint8Array>>): { folder: string; held: string } {
  const folder = folderWith(others);
  const held = join(folder, 'held.pcap');
  runTool('mkfifo', [held]);
  return { folder, held };
}

export const redis = () => (requireTool('redis-server') ? TestRedis.start() : undefined);
