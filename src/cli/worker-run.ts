/**
 * A worker of a queue while it runs: takes jobs, has them judged in threads, and puts what came of them into Redis. While a
 * capture is being judged it says that it lives, and looks whether anybody still waits for it. A worker that was not heard of for
 * long enough, as its machine was suspended or the Redis out of reach, has lost its job: it goes on as long as no other has it.
 */
import { hostname } from 'node:os';
import process from 'node:process';
import type { Job, Worker } from 'bullmq';
import { judgedBy } from '../blob/run.ts';
import { ShapeError } from '../blob/shape.ts';
import { counted } from '../report/numbers.ts';
import { visible } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { OK } from './exit-code.ts';
import { complain } from './host.ts';
import { type Judged, type JudgingSetup, type JudgingTask, PACKETS, STOP, USELESS } from './judging.ts';
import { sharedCounters } from './judging-threads.ts';
import { Output } from './output.ts';
import { QueueLink } from './queue-link.ts';
import {
  ATTEMPTS,
  EXPIRY,
  KEYS,
  LARGEST_RESULT,
  PREFIX,
  type QueueJob,
  queueName,
  readJob,
  readSetup,
  type WorkerFacts,
  whole,
  writeResult,
} from './queue-messages.ts';
import { taskName } from './queue-shares.ts';
import { JudgingThreads } from './thread-pool.ts';

export interface WorkerSettings {
  /** At once. */
  readonly jobs: number;
  /** Milliseconds without work after which it ends; undefined for never. */
  readonly idleExit: number | undefined;
  /** Milliseconds after which others take it for dead. */
  readonly deadAfter: number;
  readonly isQuiet: boolean;
}

/** Milliseconds between two times that it says that it is there, and how much it has read. */
const BEAT = 2_000;
/** Milliseconds between two looks whether anybody still waits for a capture, where others do not take it for dead before. */
const LOOK = 2_000;
const UNWANTED = 'nobody waits for it any longer';
/** Milliseconds until something is tried again that a lost connection has ended. */
const PAUSE = 1_000;

/** Runs until it is interrupted, or idle for long enough. @returns the exit code */
export async function runWorker(url: string, settings: WorkerSettings, program: Program): Promise<number> {
  const link = await QueueLink.open(url, program.host);
  let threads: JudgingThreads | undefined;
  try {
    threads = await JudgingThreads.start(program.host.threads!, settings.jobs);
    const post = new Post(link, threads, settings, program);
    await post.run();
    return OK;
  } finally {
    await link.close();
    await threads?.close();
  }
}

/** What is being judged: which job, of which run, and how far it is. */
interface Active {
  readonly id: string;
  readonly run: string;
  /** Where it stands who has the job, and what stands there as long as that is this one. */
  readonly lock: string;
  readonly token: string | undefined;
  readonly counters: BigInt64Array;
  /** Why it is given up: a clause. */
  useless: string | undefined;
}

/** Where jobs come in. */
class Post {
  readonly #link: QueueLink;
  readonly #threads: JudgingThreads;
  readonly #settings: WorkerSettings;
  readonly #program: Program;
  readonly #output: Output;
  readonly #name = `${hostname()}:${process.pid}`;
  readonly #protocols: WorkerFacts['protocols'];
  readonly #active = new Set<Active>();
  /** Of what has been judged. */
  #packets = 0;
  #idleSince: number;
  /** Why it cannot go on. */
  #failure: unknown;
  #end = () => {};

  constructor(link: QueueLink, threads: JudgingThreads, settings: WorkerSettings, program: Program) {
    this.#link = link;
    this.#threads = threads;
    this.#settings = settings;
    this.#program = program;
    this.#protocols = judgedBy(program.protocols);
    this.#output = new Output(program.host.stdout, 'standard output');
    this.#idleSince = program.host.now();
  }

  async run(): Promise<void> {
    const { address } = this.#link;
    const worker = this.#begin();
    try {
      await worker.waitUntilReady();
      await this.#sayThatItLives();
    } catch (error) {
      await this.#link.close(worker);
      throw this.#link.refusal(error);
    }
    await this.#say(`waiting for jobs from ${address.name}, ${this.#settings.jobs} at once`);
    const timers = [
      setInterval(() => void this.#sayThatItLives().catch(() => {}), BEAT),
      setInterval(() => void this.#look().catch(() => {}), Math.min(LOOK, this.#settings.deadAfter)),
    ];
    try {
      await this.#untilItShallEnd();
      const { size } = this.#active;
      if (size > 0)
        complain(this.#program.host, `ends when ${counted(size, 'job')} in hand ${size === 1 ? 'is' : 'are'} done`);
      const isLost = this.#link.absence > 0;
      if (!isLost) await this.#leave();
      await worker.close(isLost);
    } finally {
      for (const timer of timers) clearInterval(timer);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(): Worker {
    const { bull, client } = this.#link;
    const { protocols, tool } = this.#program;
    const { jobs, deadAfter } = this.#settings;
    const worker: Worker = new bull.Worker(
      queueName(protocols, tool),
      job => this.#judge(job, worker.toKey(`${job.id}:lock`)),
      {
        connection: client,
        prefix: PREFIX,
        concurrency: jobs,
        lockDuration: deadAfter,
        stalledInterval: Math.ceil(deadAfter / 2),
        maxStalledCount: ATTEMPTS - 1,
        runRetryDelay: PAUSE,
      },
    );
    // What it has to say of the connection the link says.
    worker.on('error', () => {});
    return worker;
  }

  async #untilItShallEnd(): Promise<void> {
    let dispose = () => {};
    await new Promise<void>(resolve => {
      this.#end = resolve;
      dispose = this.#program.host.onInterrupt(resolve);
    });
    // Another interruption finds nobody who listens, and ends the process.
    dispose();
  }

  /** @param lock where it stands who has the job */
  async #judge(job: Job, lock: string): Promise<void> {
    const given = await this.#read(job);
    // Nobody waits for it, or one that was taken for dead has done it.
    if (given === undefined) return;
    const { task, place, run, setup } = given;
    const { host } = this.#program;
    const began = host.now();
    const shared = sharedCounters();
    const { id = '', token } = job;
    const active: Active = { id, run, lock, token, counters: new BigInt64Array(shared), useless: undefined };
    this.#active.add(active);
    try {
      const plugins = this.#program.plugins!;
      const judged = await this.#threads.judge({ setup, plugins, task, place, shared });
      const seconds = ((host.now() - began) / 1000).toFixed(1);
      if (active.useless !== undefined || !(await this.#isWanted(active))) {
        await this.#say(`${taskName(task)}: ${active.useless ?? UNWANTED}`);
        return;
      }
      // Of shares, which read the same, one counts.
      const packets = task.part?.share.index ? '' : `${counted(packetsOf(active), 'packet')}, `;
      await this.#say(judged.kind === 'unreadable' ? judged.reason : `${taskName(task)}: ${packets}${seconds} s`);
      // Another worker may be able to.
      if (judged.kind === 'unreadable' && job.attemptsMade + 1 < ATTEMPTS) throw new Error(judged.reason);
      await this.#give(active.id, task, judged);
    } finally {
      this.#packets += packetsOf(active);
      this.#active.delete(active);
      this.#idleSince = host.now();
    }
  }

  /** A job and what its run has for all of them; undefined where the run is over, or has what comes of it. */
  async #read(job: Job): Promise<(QueueJob & { readonly setup: JudgingSetup }) | undefined> {
    try {
      const given = readJob(job.data);
      const { client } = this.#link;
      const id = String(job.id);
      const [line, gone] = await Promise.all([
        client.get(KEYS.run(given.run)),
        client.exists(KEYS.dropped(id), KEYS.result(id)),
      ]);
      return line === null || gone > 0 ? undefined : { ...given, setup: readSetup(line) };
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new this.#link.bull.UnrecoverableError(`its worker does not understand the job: ${error.message}`);
    }
  }

  async #give(id: string, { path, part }: JudgingTask, judged: Judged): Promise<void> {
    let bytes = await writeResult(judged);
    if (bytes.length > LARGEST_RESULT) {
      const reason = `${path}: what was found is too much for a queue; list less of it (--max-findings)`;
      bytes = await writeResult(part ? whole(reason) : { kind: 'unreadable', reason });
    }
    await this.#link.client.set(KEYS.result(id), bytes, 'EX', EXPIRY.result);
  }

  async #sayThatItLives(): Promise<void> {
    const facts: WorkerFacts = {
      name: this.#name,
      tool: this.#program.tool.version,
      protocols: this.#protocols,
      threads: this.#settings.jobs,
      packets: [...this.#active].reduce((sum, active) => sum + packetsOf(active), this.#packets),
    };
    const { client } = this.#link;
    await client.set(KEYS.worker(this.#name), JSON.stringify(facts), 'EX', EXPIRY.worker);
    await client.sadd(KEYS.workers, this.#name);
  }

  /** Takes no more jobs, and says so. */
  async #leave(): Promise<void> {
    await this.#link.client.del(KEYS.worker(this.#name));
    await this.#link.client.srem(KEYS.workers, this.#name);
  }

  /** Stops what nobody waits for or another one has, and ends when there is nothing to do for long enough. */
  async #look(): Promise<void> {
    const { idleExit } = this.#settings;
    if (idleExit !== undefined && this.#active.size === 0 && this.#program.host.now() - this.#idleSince >= idleExit)
      this.#end();
    for (const active of this.#active) {
      if (!(await this.#isWanted(active))) drop(active, UNWANTED);
      else if (await this.#isTaken(active)) drop(active, 'dropped: another worker has it by now');
    }
  }

  /** Whether its run lasts, and waits for it. */
  async #isWanted({ id, run }: Active): Promise<boolean> {
    const { client } = this.#link;
    return (await client.exists(KEYS.run(run))) > 0 && (await client.exists(KEYS.dropped(id))) === 0;
  }

  /** Whether another one holds the job, which has taken this one for dead. */
  async #isTaken({ lock, token }: Active): Promise<boolean> {
    const holder = await this.#link.client.get(lock);
    return holder !== null && holder !== token;
  }

  async #say(line: string): Promise<void> {
    if (this.#settings.isQuiet) return;
    try {
      await this.#output.write(`${visible(line)}\n`);
    } catch (error) {
      this.#failure ??= error;
      this.#end();
    }
  }
}

/** Its reading ends now: a share does not wait for others to stop with it. */
function drop(active: Active, reason: string): void {
  const { counters } = active;
  active.useless ??= reason;
  Atomics.store(counters, USELESS, 1n);
  Atomics.store(counters, STOP, 1n);
}

const packetsOf = ({ counters }: Active) => Number(Atomics.load(counters, PACKETS));
