/** Threads that judge captures: how many, and the carrier of `check --jobs`, with its progress. */
import { stat } from 'node:fs/promises';
import type { Tinypool } from 'tinypool';
import { isUrl } from '../capture/location.ts';
import type { Engine } from '../engine.ts';
import { counted } from '../report/numbers.ts';
import { MOST_SHARES } from '../run/share.ts';
import type { Program } from './command.ts';
import { judgeDivided } from './dividing.ts';
import type { Threads } from './host.ts';
import {
  ARRIVED,
  BYTES,
  FURTHEST,
  type Judged,
  type JudgingOrder,
  type JudgingSetup,
  type JudgingTask,
  PACKETS,
  SHARED,
  STOP,
  type ThreadData,
  USELESS,
} from './judging.ts';
import type { Carrier } from './parallel.ts';
import { Progress } from './progress.ts';

/** Bytes for each thread, below which it costs more to begin and to compile its code than it gains: measured with MNET. */
const WORTH_A_THREAD = 256 * 1024 * 1024;
const MOST_AHEAD = 1_024;
/** What is counted from the beginning each time that a capture is judged. */
const OF_ONE_ROUND = [PACKETS, BYTES, USELESS, ARRIVED, FURTHEST];
/** Milliseconds between two looks at how far the threads are. */
const LOOK = 200;

/**
 * Threads for these captures, by default as many as there are cores, as far as that pays. One where there is nothing to divide:
 * for a capture that comes through a pipe, or a protocol that cannot be loaded again. The flows of one capture alone are
 * divided, where that is asked for: what it gains hangs on the protocol more than on the size. What a server has counts as
 * nothing: its size would have to be asked for, and the network is what takes its time.
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
    const status = isUrl(path) ? undefined : await stat(path).catch(() => undefined);
    // One that is not there is reported by who opens it.
    if (status && !status.isFile()) return 1;
    work += status?.size ?? 0;
  }
  return asked === undefined ? Math.max(1, Math.min(wanted, Math.floor(work / WORTH_A_THREAD))) : wanted;
}

export class JudgingThreads {
  readonly #pool: Tinypool;

  private constructor(pool: Tinypool) {
    this.#pool = pool;
  }

  /** @param plugins folders of the protocols that are not built in */
  static async start({ module }: Threads, count: number, plugins: readonly string[]): Promise<JudgingThreads> {
    const { Tinypool: Pool } = await import('tinypool');
    const workerData: ThreadData = { plugins };
    return new JudgingThreads(
      new Pool({
        filename: module.href,
        name: 'judge',
        minThreads: count,
        maxThreads: count,
        workerData,
        // Node would warn of a FIFO's descriptor, which its socket closes unseen.
        trackUnmanagedFds: false,
      }),
    );
  }

  /** Rejects when the thread dies of it. */
  judge(order: JudgingOrder): Promise<Judged> {
    return this.#pool.run(order);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** What threads judge, and how. */
export interface CarrierParts {
  readonly setup: JudgingSetup;
  readonly captures: readonly string[];
  readonly isShown: boolean;
  /** Of the run, with the protocols of the threads and the limits of a capture as a whole. */
  readonly engine: Pick<Engine, 'protocols' | 'limits'>;
}

/** Captures go to threads of this process. */
export class ThreadCarrier implements Carrier {
  readonly mostAhead = MOST_AHEAD;
  /** One capture alone is divided. */
  readonly waiting = 0;
  readonly #threads: JudgingThreads;
  readonly #parts: CarrierParts;
  /** That the flows of each capture are divided into; 1 for none. */
  readonly #shares: number;
  readonly #shared: SharedArrayBuffer;
  readonly #counters: BigInt64Array;
  readonly #progress: Progress;
  readonly #watching: NodeJS.Timeout | undefined;

  private constructor(
    threads: JudgingThreads,
    parts: CarrierParts,
    shares: number,
    shared: SharedArrayBuffer,
    progress: Progress,
    watching: NodeJS.Timeout | undefined,
  ) {
    this.#threads = threads;
    this.#parts = parts;
    this.#shares = shares;
    this.#shared = shared;
    this.#counters = new BigInt64Array(shared);
    this.#progress = progress;
    this.#watching = watching;
  }

  static async start({ host, plugins = [] }: Program, count: number, parts: CarrierParts): Promise<ThreadCarrier> {
    const { captures, isShown } = parts;
    const shared = sharedCounters();
    const threads = await JudgingThreads.start(host.threads!, count, plugins);
    const progress = new Progress(host, isShown);
    const isWatched = isShown && host.stderr.isTTY === true;
    const watching = isWatched ? await watch(progress, captures, new BigInt64Array(shared)) : undefined;
    const shares = captures.length === 1 ? count : 1;
    return new ThreadCarrier(threads, parts, shares, shared, progress, watching);
  }

  judge(task: JudgingTask): Promise<Judged> {
    const { setup, engine } = this.#parts;
    const run = (one: JudgingTask) => this.#threads.judge({ setup, task: one, shared: this.#shared });
    if (this.#shares === 1) return run(task);
    const { protocols, limits } = engine;
    const counters = this.#counters;
    const begin = () => {
      for (const place of OF_ONE_ROUND) Atomics.store(counters, place, 0n);
    };
    const drop = () => Atomics.store(counters, USELESS, 1n);
    return judgeDivided(task, { run, shares: this.#shares, begin, drop, protocols, limits });
  }

  stop(): void {
    Atomics.store(this.#counters, STOP, 1n);
  }

  async close(): Promise<void> {
    clearInterval(this.#watching);
    this.#progress.stop();
    await this.#threads.close();
  }
}

/** What a thread and who gives it captures look at together. */
export function sharedCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(SHARED * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Shows how far the threads are. */
async function watch(
  progress: Progress,
  captures: readonly string[],
  counters: BigInt64Array,
): Promise<NodeJS.Timeout> {
  const sizes = await Promise.all(
    captures.map(path =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  // What servers have, they say when it is read.
  const total = captures.some(isUrl) ? undefined : sizes.reduce((sum, size) => sum + size, 0);
  const name = counted(captures.length, 'capture');
  return setInterval(() => {
    const read = Math.min(Number(Atomics.load(counters, BYTES)), total ?? Number.POSITIVE_INFINITY);
    progress.show(name, { read, ...(total !== undefined && { total }) }, Number(Atomics.load(counters, PACKETS)));
  }, LOOK);
}
