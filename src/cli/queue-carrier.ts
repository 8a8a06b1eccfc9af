/**
 * Captures go to the workers of a queue, and what came of them comes back. A job is its submitter's: it ends with it. What came
 * of a job is taken from Redis as soon as it is there, once, however often it was judged; what an event did not say is looked
 * for from time to time, so that nothing is waited for that has come, has failed, or was lost with a Redis.
 */
import { randomUUID } from 'node:crypto';
import type { Queue, QueueEvents } from 'bullmq';
import { ShapeError } from '../blob/shape.ts';
import { captureName } from '../capture/location.ts';
import type { Program } from './command.ts';
import { complain, type Host } from './host.ts';
import type { Judged, JudgingSetup, JudgingTask } from './judging.ts';
import type { Carrier } from './parallel.ts';
import { QueueBoard } from './queue-board.ts';
import type { QueueLink } from './queue-link.ts';
import {
  ATTEMPTS,
  EXPIRY,
  HEARTBEAT,
  jobId,
  KEYS,
  PREFIX,
  placeOf,
  type QueueJob,
  queueName,
  readResult,
} from './queue-messages.ts';

/** Captures that are in Redis at once: the jobs of some thousand cores, and no more than a few megabytes. */
const MOST_AHEAD = 4_096;
/** Milliseconds between two looks for what no event has said, and jobs that are looked for together. */
const LOOK = 1_000;
const TOGETHER = 64;
/** Milliseconds after which a Redis that went away is not waited for any longer. */
const LONGEST_ABSENCE = 120_000;

interface Pending {
  /** Where it is read. */
  readonly place: string;
  readonly task: JudgingTask;
  readonly since: number;
  readonly resolve: (judged: Judged) => void;
  readonly reject: (error: unknown) => void;
}

export class QueueCarrier implements Carrier {
  readonly mostAhead = MOST_AHEAD;
  readonly #link: QueueLink;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #host: Host;
  readonly #board: QueueBoard;
  readonly #setup: string;
  readonly #run = randomUUID();
  readonly #pending = new Map<string, Pending>();
  readonly #timers: NodeJS.Timeout[];
  #isLooking = false;
  #isStopped = false;
  #cleared: Promise<unknown> = Promise.resolve();

  private constructor(link: QueueLink, { host, protocols, tool }: Program, setup: JudgingSetup, board: QueueBoard) {
    const name = queueName(protocols, tool);
    this.#link = link;
    this.#host = host;
    this.#board = board;
    this.#setup = JSON.stringify(setup);
    this.#queue = new link.bull.Queue(name, { connection: link.client, prefix: PREFIX });
    this.#events = new link.bull.QueueEvents(name, { connection: link.client, prefix: PREFIX });
    // What they have to say the link says.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#events.on('completed', ({ jobId }) => this.#end(jobId));
    this.#events.on('failed', ({ jobId, failedReason }) => this.#fail(jobId, failedReason));
    const last = () => void this.#sayThatItLasts().catch(() => {});
    link.client.on('ready', last);
    this.#timers = [setInterval(last, HEARTBEAT), setInterval(() => void this.#look(), LOOK)];
  }

  /** Rejects with a `UsageError` where the queue cannot be used. @param total captures of the run */
  static async start(
    link: QueueLink,
    program: Program,
    setup: JudgingSetup,
    total: number,
    isShown: boolean,
  ): Promise<QueueCarrier> {
    const board = new QueueBoard(link, program, total, isShown);
    const carrier = new QueueCarrier(link, program, setup, board);
    try {
      await carrier.#events.waitUntilReady();
      await carrier.#sayThatItLasts();
    } catch (error) {
      await carrier.close();
      throw link.refusal(error);
    }
    board.watch(carrier.#queue);
    return carrier;
  }

  judge(task: JudgingTask): Promise<Judged> {
    const id = jobId(this.#run, task.index);
    if (this.#isStopped) return Promise.resolve({ kind: 'stopped' });
    return new Promise((resolve, reject) => {
      // Only who reads it needs what is secret in a URL.
      const job = { place: placeOf(task.path), task: { ...task, path: captureName(task.path) } };
      this.#pending.set(id, { ...job, since: this.#host.now(), resolve, reject });
      this.#add(id, job);
    });
  }

  /** What has not come back will not be waited for. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    const ids = [...this.#pending.keys()];
    for (const id of ids) this.#settle(id)?.resolve({ kind: 'stopped' });
    this.#cleared = Promise.allSettled([
      this.#link.client.del(KEYS.run(this.#run)),
      ...ids.map(id => this.#queue.remove(id)),
    ]);
  }

  async close(): Promise<void> {
    this.stop();
    this.#board.stop();
    await this.#link.close({ close: () => this.#cleared }, this.#events, this.#queue);
  }

  /** Workers judge for a run that lasts. */
  async #sayThatItLasts(): Promise<void> {
    if (this.#isStopped) return;
    await this.#link.client.set(KEYS.run(this.#run), this.#setup, 'EX', EXPIRY.run);
  }

  #add(id: string, { place, task }: Pick<Pending, 'place' | 'task'>): void {
    const job: QueueJob = {
      run: this.#run,
      place,
      task: { index: task.index, path: task.path, ...(task.own && { own: plain(task.own) }) },
    };
    this.#queue
      .add('capture', job, {
        jobId: id,
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: LOOK },
        removeOnComplete: true,
        removeOnFail: { age: EXPIRY.failure },
      })
      .catch(error => this.#settle(id)?.reject(this.#link.refusal(error)));
  }

  /** It is no longer waited for. */
  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  /** Takes what came of a job, if it is there. @returns whether it was */
  async #end(id: string): Promise<boolean> {
    if (!this.#pending.has(id)) return false;
    const bytes = await this.#link.client.getdelBuffer(KEYS.result(id)).catch(() => null);
    if (bytes === null) return false;
    const pending = this.#settle(id);
    if (!pending) return true;
    try {
      pending.resolve(await readResult(bytes));
    } catch (error) {
      if (error instanceof ShapeError) pending.resolve(unread(pending.task, `its result is damaged: ${error.message}`));
      else pending.reject(error);
    }
    this.#board.done();
    return true;
  }

  #fail(id: string, reason: string): void {
    const pending = this.#settle(id);
    if (!pending) return;
    this.#queue.remove(id).catch(() => {});
    const died = /stalled/.test(reason);
    pending.resolve(unread(pending.task, died ? `each of ${ATTEMPTS} workers died while it judged it` : reason));
    this.#board.done();
  }

  /** Looks after those that are waited for longest. */
  async #look(): Promise<void> {
    if (this.#link.absence > LONGEST_ABSENCE) {
      complain(this.#host, `${this.#link.address.name}: it did not come back`);
      this.stop();
    }
    if (this.#isLooking || this.#link.absence > 0) return;
    this.#isLooking = true;
    try {
      const now = this.#host.now();
      const old = [...this.#pending].slice(0, TOGETHER).filter(([, { since }]) => now - since > LOOK);
      await Promise.all(old.map(([id, pending]) => this.#lookAfter(id, pending)));
    } catch {
      // The connection was lost meanwhile.
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAfter(id: string, pending: Pending): Promise<void> {
    const job = await this.#queue.getJob(id);
    if (await this.#end(id)) return;
    if (!this.#pending.has(id)) return;
    if (job === undefined) this.#add(id, pending);
    else if (await job.isFailed()) this.#fail(id, job.failedReason);
  }
}

const unread = ({ path }: JudgingTask, reason: string): Judged => ({
  kind: 'unreadable',
  reason: `${path}: ${reason}`,
});

/** A copy that can be written as JSON. */
function plain(settings: NonNullable<JudgingTask['own']>): NonNullable<QueueJob['task']['own']> {
  return JSON.parse(JSON.stringify(settings));
}
