/**
 * Captures go to the workers of a queue, and what came of them comes back. A job is a capture, or a share of the flows of one, and
 * its submitter's: it ends with it. What came of a job is taken from Redis as soon as it is there, once, however often it was
 * judged; what an event did not say is looked for from time to time, so that nothing is waited for that has come, has failed, or
 * was lost with a Redis.
 */
import { randomUUID } from 'node:crypto';
import type { Queue, QueueEvents } from 'bullmq';
import { ShapeError } from '../blob/shape.ts';
import { captureName } from '../capture/location.ts';
import { UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import { isWorthDividing, judgeDivided } from './dividing.ts';
import { complain, type Host } from './host.ts';
import type { Judged, JudgingTask } from './judging.ts';
import type { CarrierParts } from './judging-threads.ts';
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
  whole,
} from './queue-messages.ts';

/** Jobs that are in Redis at once: those of some thousand cores, and no more than a few megabytes. */
const MOST_JOBS = 4_096;
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
  /** Called with the bytes of what came of it, before it is given. */
  readonly hold: (size: number) => void;
  readonly resolve: (judged: Judged) => void;
  readonly reject: (error: unknown) => void;
}

export class QueueCarrier implements Carrier {
  readonly #link: QueueLink;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #host: Host;
  readonly #board: QueueBoard;
  readonly #parts: CarrierParts;
  /** That the flows of a large capture are divided into; 1 for none. */
  readonly #shares: number;
  readonly #run = randomUUID();
  readonly #pending = new Map<string, Pending>();
  readonly #timers: NodeJS.Timeout[];
  /** Captures of which nobody knows yet how many jobs they are. */
  #undecided = 0;
  /** See `Carrier`. */
  waiting = 0;
  #isLooking = false;
  #isStopped = false;
  #cleared: Promise<unknown> = Promise.resolve();

  private constructor(
    link: QueueLink,
    { host, protocols, tool }: Program,
    board: QueueBoard,
    parts: CarrierParts,
    shares: number,
  ) {
    const name = queueName(protocols, tool);
    this.#link = link;
    this.#host = host;
    this.#board = board;
    this.#parts = parts;
    this.#shares = shares;
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

  /** Rejects with a `UsageError` where the queue cannot be used. @param shares of a large capture; 1 for none */
  static async start(link: QueueLink, program: Program, parts: CarrierParts, shares: number): Promise<QueueCarrier> {
    const board = new QueueBoard(link, program, parts.captures.length, parts.isShown);
    const carrier = new QueueCarrier(link, program, board, parts, shares);
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

  /** None while there are jobs enough. */
  get mostAhead(): number {
    return this.#pending.size + this.#undecided * this.#shares < MOST_JOBS ? MOST_JOBS : 0;
  }

  async judge(task: JudgingTask): Promise<Judged> {
    const judged = await ((await this.#isDivided(task)) ? this.#judgeDivided(task) : this.#judge(task));
    if (judged.kind !== 'stopped') this.#board.captureDone();
    return judged;
  }

  async #isDivided({ path }: JudgingTask): Promise<boolean> {
    if (this.#shares === 1) return false;
    this.#undecided++;
    const isDivided = await isWorthDividing(path, this.#parts.captures.length === 1);
    this.#undecided--;
    return isDivided;
  }

  async #judgeDivided(task: JudgingTask): Promise<Judged> {
    const { protocols, limits } = this.#parts.engine;
    const ids = new Set<string>();
    let waiting = 0;
    const hold = (size: number) => {
      waiting += size;
      this.waiting += size;
    };
    const run = (one: JudgingTask) => {
      ids.add(jobId(this.#run, one));
      return this.#judge(one, hold);
    };
    const drop = () => {
      for (const id of ids) this.#drop(id);
    };
    try {
      const judged = await judgeDivided(task, { run, drop, shares: this.#shares, protocols, limits });
      // Of many captures most have not been begun: that not everything was read is said once.
      const isWorthALine = waiting > 0 || this.#parts.captures.length === 1;
      return judged.kind === 'stopped' && !isWorthALine ? { kind: 'stopped' } : judged;
    } catch (error) {
      // What a protocol has noted has no shape that anybody else knows: it may fail in any way.
      if (error instanceof UsageError || !(error instanceof Error)) throw error;
      return unread({ path: captureName(task.path) }, `what came of its shares is damaged: ${error.message}`);
    } finally {
      this.waiting -= waiting;
    }
  }

  /** Has one job done. */
  #judge(task: JudgingTask, hold = (_size: number) => {}): Promise<Judged> {
    const id = jobId(this.#run, task);
    if (this.#isStopped) return Promise.resolve({ kind: 'stopped' });
    return new Promise((resolve, reject) => {
      // Only who reads it needs what is secret in a URL.
      const job = { place: placeOf(task.path), task: { ...task, path: captureName(task.path) } };
      this.#pending.set(id, { ...job, since: this.#host.now(), hold, resolve, reject });
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
    await this.#link.client.set(KEYS.run(this.#run), JSON.stringify(this.#parts.setup), 'EX', EXPIRY.run);
  }

  #add(id: string, { place, task }: Pick<Pending, 'place' | 'task'>): void {
    const { index, path, own, part } = task;
    const job: QueueJob = {
      run: this.#run,
      place,
      task: { index, path, ...(own && { own: plain(own) }), ...(part && { part }) },
    };
    this.#queue
      .add(part ? 'share' : 'capture', job, {
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

  /** A share that is of no use, wherever it is. */
  #drop(id: string): void {
    const pending = this.#settle(id);
    if (!pending) return;
    pending.resolve(whole('another share has found out why'));
    this.#takeAway(id);
  }

  /** Nobody is to judge it, nor to go on with it. */
  #takeAway(id: string): void {
    this.#link.client.set(KEYS.dropped(id), '', 'EX', EXPIRY.dropped).catch(() => {});
    this.#queue.remove(id).catch(() => {});
  }

  /** Takes what came of a job, if it is there. @returns whether it was */
  async #end(id: string): Promise<boolean> {
    if (!this.#pending.has(id)) return false;
    const bytes = await this.#link.client.getdelBuffer(KEYS.result(id)).catch(() => null);
    if (bytes === null) return false;
    const pending = this.#settle(id);
    if (!pending) return true;
    try {
      const { judged, size } = await readResult(bytes, pending.task);
      pending.hold(size);
      pending.resolve(judged);
    } catch (error) {
      if (error instanceof ShapeError) pending.resolve(unread(pending.task, `its result is damaged: ${error.message}`));
      else pending.reject(error);
    }
    this.#board.jobDone();
    return true;
  }

  #fail(id: string, reason: string): void {
    const pending = this.#settle(id);
    if (!pending) return;
    this.#queue.remove(id).catch(() => {});
    const died = /stalled/.test(reason);
    pending.resolve(unread(pending.task, died ? `each of ${ATTEMPTS} workers died while it judged it` : reason));
    this.#board.jobDone();
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
    if (await this.#end(id)) {
      // Who has done it may have been taken for dead, and another one have it in hand.
      if (job !== undefined) this.#takeAway(id);
      return;
    }
    if (!this.#pending.has(id)) return;
    if (job === undefined) this.#add(id, pending);
    else if (await job.isFailed()) this.#fail(id, job.failedReason);
  }
}

const unread = ({ path }: Pick<JudgingTask, 'path'>, reason: string): Judged => ({
  kind: 'unreadable',
  reason: `${path}: ${reason}`,
});

/** A copy that can be written as JSON. */
function plain(settings: NonNullable<JudgingTask['own']>): NonNullable<QueueJob['task']['own']> {
  return JSON.parse(JSON.stringify(settings));
}
