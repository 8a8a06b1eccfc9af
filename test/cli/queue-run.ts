/**
 * `check --queue` and `worker` while they run, in processes that can be killed, or in this one, which takes a fraction of the time;
 * and what holds a worker in the middle of a capture: a FIFO is one that it reads for as long as nobody writes to it.
 */
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { onTestFinished } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { PREFIX, queueName } from '../../src/cli/queue-messages.ts';
import { withCarrierOptions } from '../../src/protocol/carrier.ts';
import { readTool } from '../../src/version.ts';
import { folderWith } from '../kit/folder.ts';
import { TestRedis } from '../kit/redis.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { Begun } from './host.ts';
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

/** Interrupted when the test is over, and waited for. */
export function begin(...args: readonly string[]): Begun {
  const begun = new Begun(args);
  onTestFinished(async () => {
    begun.interrupt();
    await begun.ended;
  });
  return begun;
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20));
}

/** A process that waits for jobs, one at a time unless `options` say more, in a folder where nothing is. */
export async function worker(server: TestRedis, ...options: readonly string[]): Promise<Running> {
  return waiting(new Running(workerArgs(server, options), folderWith({})));
}

/** The same in this process. What it has in hand at the end of the test must be wanted no more. */
export async function workerHere(server: TestRedis, ...options: readonly string[]): Promise<Begun> {
  return waiting(begin(...workerArgs(server, options)));
}

function workerArgs({ url }: TestRedis, options: readonly string[]): string[] {
  const jobs = options.includes('--jobs') ? [] : ['--jobs', '1'];
  return ['worker', '--queue', url, ...jobs, ...options];
}

async function waiting<Worker extends Begun | Running>(running: Worker): Promise<Worker> {
  await until(() => running.stdout.includes('waiting for jobs') || running.stderr !== '');
  return running;
}

/** Milliseconds that a worker is taken to live when it says nothing more. */
const SHORT_LIFE = 100;

/**
 * Three workers, one after the other, take the job that waits and are never heard of again, as one that was killed is. Somebody has
 * to be there who finds that out, a worker with its hands full, and afterwards one that has them free.
 */
export async function threeDeaths({ url }: TestRedis): Promise<void> {
  const connection = { url, maxRetriesPerRequest: null };
  const dying = new Worker(queueHere(), null, { connection, prefix: PREFIX, autorun: false, lockDuration: SHORT_LIFE });
  for (const token of ['first', 'second', 'third'])
    await until(async () => (await dying.getNextJob(token, { block: false })) !== undefined);
  await dying.close();
}

/** The name of the queue of those who judge as this version does. */
export const queueHere = () => queueName(withCarrierOptions(protocols), readTool());

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
