/** How many threads judge the captures at hand, and the carrier of `check --jobs`, with its progress. */
import { open, stat } from 'node:fs/promises';
import { isGzip } from '../capture/gzip.ts';
import { isUrl } from '../capture/location.ts';
import type { Engine } from '../engine.ts';
import { counted } from '../report/numbers.ts';
import { MOST_SHARES } from '../run/share.ts';
import { unseenSinceByNow } from '../run/whole-only.ts';
import type { Program } from './command.ts';
import { standings } from './common-standing.ts';
import { judgeDivided } from './dividing.ts';
import { BYTES, type Judged, type JudgingSetup, type JudgingTask, PACKETS, SHARED, STOP, USELESS } from './judging.ts';
import { JudgingHere } from './judging-here.ts';
import type { Carrier } from './parallel.ts';
import { Progress } from './progress.ts';
import { JudgingThreads } from './thread-pool.ts';
import { weightsOf } from './weighing.ts';

/** Bytes for each thread, below which it costs more to begin and to compile its code than it gains: measured with MNET. */
const WORTH_A_THREAD = 256 * 1024 * 1024;
/** The same of one capture, which each thread reads all of. */
const WORTH_A_SHARE = 512 * 1024 * 1024;
const MOST_AHEAD = 1_024;
/** Milliseconds between two looks at how far the threads are. */
const LOOK = 200;

/**
 * Threads for these captures, by default as many as there are cores, as far as that pays; they divide the flows of one capture
 * alone. One where there is nothing to divide: for a capture that comes through a pipe, or a protocol that cannot be loaded
 * again; by default also for one in gzip, which takes as long to unzip as to judge and is unzipped beside the judging, and for
 * one of two hosts, as on a loopback interface. What a server has counts as nothing: its size would have to be asked for, and
 * the network is what takes its time.
 */
export async function threadsFor(
  captures: readonly string[],
  asked: number | undefined,
  { host, plugins }: Program,
): Promise<number> {
  const isOne = captures.length === 1;
  const wanted = Math.min(asked ?? host.threads?.cores ?? 1, isOne ? MOST_SHARES : captures.length);
  if (wanted < 2 || !host.threads || !plugins || captures.includes('-')) return 1;
  let work = 0;
  for (const path of captures) {
    const status = isUrl(path) ? undefined : await stat(path).catch(() => undefined);
    // One that is not there is reported by who opens it.
    if (status && !status.isFile()) return 1;
    work += status?.size ?? 0;
  }
  if (asked !== undefined) return wanted;
  const worth = Math.min(wanted, Math.floor(work / (isOne ? WORTH_A_SHARE : WORTH_A_THREAD)));
  if (worth < 2) return 1;
  return isOne ? Math.min(worth, await partsOf(captures[0])) : worth;
}

/** How many parts of its flows there are, none heavier than another; 1 where there is nothing to divide. */
async function partsOf(path: string): Promise<number> {
  if (await isInGzip(path)) return 1;
  const weights = await weightsOf(path);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return all === 0 ? 1 : Math.round(all / Math.max(...weights));
}

async function isInGzip(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const begin = new Uint8Array(2);
    await file.read(begin);
    return isGzip(begin);
  } finally {
    await file.close();
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

/** Captures go to threads of this process; of one whose flows are divided, this thread judges the first share itself. */
export class ThreadCarrier implements Carrier {
  readonly mostAhead = MOST_AHEAD;
  /** One capture alone is divided. */
  readonly waiting = 0;
  readonly #threads: JudgingThreads;
  readonly #here: JudgingHere;
  readonly #parts: CarrierParts;
  readonly #plugins: readonly string[];
  /** That the flows of each capture are divided into; 1 for none. */
  readonly #shares: number;
  readonly #shared: SharedArrayBuffer;
  readonly #counters: BigInt64Array;
  readonly #progress: Progress;
  readonly #watching: NodeJS.Timeout | undefined;

  private constructor(
    threads: JudgingThreads,
    parts: CarrierParts,
    plugins: readonly string[],
    shares: number,
    shared: SharedArrayBuffer,
    progress: Progress,
    watching: NodeJS.Timeout | undefined,
  ) {
    this.#threads = threads;
    this.#here = new JudgingHere(parts.engine.protocols);
    this.#parts = parts;
    this.#plugins = plugins;
    this.#shares = shares;
    this.#shared = shared;
    this.#counters = new BigInt64Array(shared);
    this.#progress = progress;
    this.#watching = watching;
  }

  static async start({ host, plugins = [] }: Program, count: number, parts: CarrierParts): Promise<ThreadCarrier> {
    const { captures, isShown } = parts;
    const shared = sharedCounters();
    const shares = captures.length === 1 ? count : 1;
    const threads = host.threads!.early ?? (await JudgingThreads.start(host.threads!, shares > 1 ? shares - 1 : count));
    const progress = new Progress(host, isShown);
    const isWatched = isShown && host.stderr.isTTY === true;
    const watching = isWatched ? await watch(progress, captures, new BigInt64Array(shared)) : undefined;
    return new ThreadCarrier(threads, parts, plugins, shares, shared, progress, watching);
  }

  judge(task: JudgingTask): Promise<Judged> {
    const { setup, engine } = this.#parts;
    const order = (one: JudgingTask) => ({
      setup,
      plugins: this.#plugins,
      task: one,
      shared: this.#shared,
      isTogether: one.part !== undefined,
    });
    if (this.#shares === 1) return this.#threads.judge(order(task));
    const { protocols, limits } = engine;
    const run = (one: JudgingTask) => (one.part?.share.index ? this.#threads : this.#here).judge(order(one));
    const counters = this.#counters;
    const begin = () => {
      for (let place = 0; place < SHARED; place++) if (place !== STOP) Atomics.store(counters, place, 0n);
    };
    const drop = () => Atomics.store(counters, USELESS, 1n);
    const unseenSince = () => unseenSinceByNow(standings(counters, this.#shares));
    return judgeDivided(task, { run, shares: this.#shares, begin, drop, unseenSince, protocols, limits });
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
