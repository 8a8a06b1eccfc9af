/**
 * What a user sees of a queue on standard error: on a terminal, how far the run is, and what its workers do; anywhere, in one
 * line, that there is no worker that takes its jobs, and why not.
 */
import type { Queue } from 'bullmq';
import { Format, MultiBar, type Options, type SingleBar } from 'cli-progress';
import { judgedBy } from '../blob/run.ts';
import { counted, grouped } from '../report/numbers.ts';
import type { Program } from './command.ts';
import { columnsOf, complain } from './host.ts';
import type { QueueLink } from './queue-link.ts';
import { HEARTBEAT, KEYS, readWorker, type WorkerFacts } from './queue-messages.ts';

/** Milliseconds between two looks. */
const LOOK = 1_000;
const LOOKS_OF_A_RATE = 10;
/** Milliseconds that a worker may need to begin, until its absence is worth a line. */
const PATIENCE = HEARTBEAT;
/** Workers that are asked about. */
const MOST_WORKERS = 10_000;

export class QueueBoard {
  readonly #link: QueueLink;
  readonly #program: Program;
  readonly #own: WorkerFacts['protocols'];
  readonly #total: number;
  readonly #isShown: boolean;
  #bars: { readonly multi: MultiBar; readonly done: SingleBar; readonly workers: SingleBar } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Captures, and jobs, which may be shares of one. */
  #done = 0;
  #jobsDone = 0;
  /** How much all workers had read, lately. */
  readonly #packets: { readonly at: number; readonly sum: number }[] = [];
  /** When a worker was last seen that takes its jobs. */
  #accompanied: number;
  #hasSaid = false;

  /** @param total captures of the run */
  constructor(link: QueueLink, program: Program, total: number, asked: boolean) {
    this.#link = link;
    this.#program = program;
    this.#own = judgedBy(program.protocols);
    link.beforeComplaint = () => this.#wipe();
    this.#total = total;
    this.#isShown = asked && program.host.stderr.isTTY === true;
    this.#accompanied = program.host.now();
  }

  /** A capture has been judged. */
  captureDone(): void {
    this.#done++;
    this.#bars?.done.update(this.#done);
  }

  jobDone(): void {
    this.#jobsDone++;
  }

  watch(queue: Queue): void {
    // What is not known now is known the next time.
    this.#timer = setInterval(() => void this.#look(queue).catch(() => {}), LOOK);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#wipe();
  }

  /** The next look draws again. */
  #wipe(): void {
    this.#bars?.multi.stop();
    this.#bars = undefined;
  }

  async #look(queue: Queue): Promise<void> {
    if (this.#link.absence > 0) return;
    const { host } = this.#program;
    const workers = await workersOf(this.#link);
    const alike = workers.filter(worker => this.#strangenessOf(worker) === undefined);
    if (this.#timer === undefined) return;
    if (alike.length === 0) this.#saySo(workers);
    else [this.#accompanied, this.#hasSaid] = [host.now(), false];
    if (!this.#isShown) return;
    const { waiting = 0, delayed = 0, active = 0 } = await queue.getJobCounts('waiting', 'delayed', 'active');
    if (this.#timer !== undefined) this.#show(alike, waiting + delayed, active);
  }

  #saySo(others: readonly WorkerFacts[]): void {
    const { host } = this.#program;
    if (this.#hasSaid || host.now() - this.#accompanied < PATIENCE) return;
    this.#hasSaid = true;
    const [other] = others;
    const why =
      other === undefined
        ? 'begin one: wirelint worker --queue URL'
        : `${other.name} there ${this.#strangenessOf(other)}`;
    this.#wipe();
    complain(host, `no worker takes jobs from ${this.#link.address.name}; ${why}`);
  }

  /** Why a worker takes none of our jobs: a clause about it; nothing where it does take them. */
  #strangenessOf({ tool, protocols }: WorkerFacts): string | undefined {
    const { version } = this.#program.tool;
    if (tool !== version) return `is wirelint ${tool}, and this is ${version}`;
    const ids = (all: WorkerFacts['protocols']) => all.map(({ id }) => id).join(', ');
    if (ids(protocols) !== ids(this.#own))
      return `judges ${ids(protocols)}, and this run is for ${ids(this.#own)}: give both the same --plugin`;
    const other = this.#own.find(({ fingerprint }, place) => protocols[place].fingerprint !== fingerprint);
    return other && `has another version of ${other.id}`;
  }

  #show(workers: readonly WorkerFacts[], waiting: number, active: number): void {
    const { host } = this.#program;
    const sum = workers.reduce((packets, worker) => packets + worker.packets, 0);
    const rate = this.#rateWith({ at: host.now(), sum });
    const threads = workers.reduce((count, worker) => count + worker.threads, 0);
    const line = [
      `${counted(workers.length, 'worker')} with ${counted(threads, 'thread')}`,
      `${grouped(waiting)} waiting`,
      `${grouped(active)} active`,
      `${grouped(this.#jobsDone)} done`,
      `${grouped(Math.round(rate))} packets/s`,
    ].join(', ');
    this.#bars ??= this.#start();
    this.#bars.done.update(this.#done);
    this.#bars.workers.update(0, { line });
  }

  /** Packets a second over the last while. */
  #rateWith(now: { readonly at: number; readonly sum: number }): number {
    this.#packets.push(now);
    if (this.#packets.length > LOOKS_OF_A_RATE) this.#packets.shift();
    const [first] = this.#packets;
    // A worker that has gone takes its packets with it.
    return now.at > first.at ? Math.max(0, ((now.sum - first.sum) * 1000) / (now.at - first.at)) : 0;
  }

  #start() {
    const { host } = this.#program;
    const multi = new MultiBar({
      stream: host.stderr as unknown as NodeJS.WriteStream,
      clearOnComplete: true,
      hideCursor: false,
      linewrap: true,
      gracefulExit: false,
      formatTime: timeLeft,
      barsize: Math.min(30, columnsOf(host.stderr, host.environment) - 60),
      barCompleteChar: '#',
      barIncompleteChar: '-',
    });
    const format = `${counted(this.#total, 'capture')}  {bar} {percentage}%  {eta_formatted}`;
    return {
      multi,
      done: multi.create(this.#total, this.#done, {}, { format }),
      workers: multi.create(1, 0, { line: '' }, { format: '{line}' }),
    };
  }
}

/** Nothing where nobody knows yet. */
function timeLeft(seconds: number, options: Options, step: number): string {
  return Number.isFinite(seconds) ? Format.TimeFormat(seconds, options, step) : '';
}

/** Those that have lately said that they are there. */
async function workersOf({ client }: QueueLink): Promise<WorkerFacts[]> {
  const names = (await client.smembers(KEYS.workers)).slice(0, MOST_WORKERS);
  if (names.length === 0) return [];
  const lines = await client.mget(names.map(KEYS.worker));
  const gone = names.filter((_, place) => lines[place] === null);
  if (gone.length > 0) await client.srem(KEYS.workers, ...gone);
  return lines.flatMap(line => {
    try {
      return line === null ? [] : [readWorker(line)];
    } catch {
      // Written by another version, or by nobody we know.
      return [];
    }
  });
}
