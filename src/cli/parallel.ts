/**
 * Reads several captures at once, each in a thread, and hands over what came of them in the order of the command line. What is
 * ready before its turn waits, within bounds.
 */
import { stat } from 'node:fs/promises';
import type { Tinypool } from 'tinypool';
import type { AnalysisSettings } from '../analysis.ts';
import { FramingFault } from '../framing/fault.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import { MOST_SHARES } from '../run/share.ts';
import type { Program } from './command.ts';
import { judgeDivided } from './dividing.ts';
import type { Host } from './host.ts';
import {
  BYTES,
  type Fault,
  type Judged,
  type JudgingSetup,
  type JudgingTask,
  PACKETS,
  SHARED,
  STOP,
} from './judging.ts';
import { Progress } from './progress.ts';

/** Captures that are begun before the one whose turn it is has ended, and characters of what came of them. */
const MOST_AHEAD = 1_024;
const MOST_HELD = 64 * 1024 * 1024;
/** Milliseconds between two looks at how far the threads are. */
const LOOK = 200;

export interface ParallelReading {
  readonly captures: readonly { readonly index: number; readonly path: string }[];
  readonly jobs: number;
  readonly setup: Omit<JudgingSetup, 'shared'>;
  readonly progress: boolean;
  /** Shares that the flows of each capture are divided into; 1 for none. */
  readonly shares: number;
  readonly protocols: readonly AnyProtocol[];
  /** Of a capture as a whole, which may have none of its own. */
  readonly limits: Limits;
  ownOf(path: string): AnalysisSettings | undefined;
  /** Called with each in turn, and waited for. */
  take(judged: Exclude<Judged, { kind: 'fault' | 'stopped' | 'whole' }>, index: number): Promise<void>;
}

/** Bytes for each thread, below which it costs more to begin and to compile its code than it gains: measured with MNET. */
const WORTH_A_THREAD = 256 * 1024 * 1024;

/**
 * Threads for these captures, by default as many as there are cores, as far as that pays. One where there is nothing to divide:
 * for a capture that comes through a pipe, or a protocol that cannot be loaded again. The flows of one capture
 * alone are divided, where that is asked for: what it gains hangs on the protocol more than on the size.
 */
export async function threadsFor(
  captures: readonly string[],
  asked: number | undefined,
  { host, plugins }: Program,
): Promise<number> {
  const most = captures.length === 1 && asked !== undefined ? MOST_SHARES : captures.length;
  const wanted = Math.min(asked ?? host.threads?.cores ?? 1, most);
  if (wanted < 2 || !host.threads || !plugins || captures.includes('-')) return 1;
  let work = 0;
  for (const path of captures) {
    const status = await stat(path).catch(() => undefined);
    // One that is not there is reported by who opens it.
    if (status && !status.isFile()) return 1;
    work += status?.size ?? 0;
  }
  return asked === undefined ? Math.max(1, Math.min(wanted, Math.floor(work / WORTH_A_THREAD))) : wanted;
}

/** @returns whether the user wanted to stop, and whether all were begun nevertheless */
export async function readInParallel(
  host: Host,
  reading: ParallelReading,
): Promise<{ readonly isStopped: boolean; readonly hasBegunAll: boolean }> {
  const shared = new SharedArrayBuffer(SHARED * BigInt64Array.BYTES_PER_ELEMENT);
  const counters = new BigInt64Array(shared);
  const { Tinypool: Pool } = await import('tinypool');
  const pool = new Pool({
    filename: host.threads!.module.href,
    name: 'judge',
    minThreads: reading.jobs,
    maxThreads: reading.jobs,
    workerData: { ...reading.setup, shared },
  });
  const stop = () => Atomics.store(counters, STOP, 1n);
  let isStopped = false;
  const dispose = host.onInterrupt(() => {
    isStopped = true;
    stop();
  });
  const watching = await watch(host, reading, counters);
  try {
    const hasBegunAll = await takeAll(pool, counters, reading, () => isStopped);
    return { isStopped, hasBegunAll };
  } finally {
    stop();
    watching();
    dispose();
    await pool.destroy();
  }
}

/** @returns whether all were begun */
async function takeAll(
  pool: Tinypool,
  counters: BigInt64Array,
  reading: ParallelReading,
  isStopped: () => boolean,
): Promise<boolean> {
  const { captures } = reading;
  const run = (task: JudgingTask): Promise<Judged> => pool.run(task);
  const judge = (task: JudgingTask) =>
    reading.shares > 1 ? judgeDivided(task, { ...reading, run, counters }) : run(task);
  const ahead: Promise<Judged>[] = [];
  let begun = 0;
  let held = 0;
  const begin = () => {
    while (begun < captures.length && ahead.length < MOST_AHEAD && held < MOST_HELD && !isStopped()) {
      const { index, path } = captures[begun++];
      const task: JudgingTask = { index, path, own: reading.ownOf(path) };
      const judged = judge(task);
      judged.then(
        done => {
          held += sizeOf(done);
          begin();
        },
        () => {},
      );
      ahead.push(judged);
    }
  };
  begin();
  let hasBegun = true;
  for (let turn = 0; ahead.length > 0; turn++) {
    const judged = await ahead[0];
    ahead.shift();
    held -= sizeOf(judged);
    begin();
    if (judged.kind === 'fault') throw errorOf(judged.fault);
    if (judged.kind === 'stopped' || judged.kind === 'whole') hasBegun = false;
    else await reading.take(judged, captures[turn].index);
  }
  return hasBegun && begun === captures.length;
}

const sizeOf = (judged: Judged) => (judged.kind === 'captured' ? judged.line.length : 0);

/** Shows how far the threads are. @returns what ends that */
async function watch(host: Host, reading: ParallelReading, counters: BigInt64Array): Promise<() => void> {
  const progress = new Progress(host, reading.progress);
  if (!reading.progress || host.stderr.isTTY !== true) return () => {};
  const sizes = await Promise.all(
    reading.captures.map(({ path }) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const name = counted(reading.captures.length, 'capture');
  const timer = setInterval(() => {
    const read = Math.min(Number(Atomics.load(counters, BYTES)), total);
    progress.show(name, { read, total }, Number(Atomics.load(counters, PACKETS)));
  }, LOOK);
  return () => {
    clearInterval(timer);
    progress.stop();
  };
}

/** The error that a thread met, as if it had been met here. */
function errorOf({ name, message, stack, code, cause }: Fault): Error {
  const error = new Error(message, { cause: cause && errorOf(cause) });
  if (name === FramingFault.name) Object.setPrototypeOf(error, FramingFault.prototype);
  return Object.assign(error, { name, stack, ...(code !== undefined && { code }) });
}
