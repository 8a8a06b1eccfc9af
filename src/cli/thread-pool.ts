/**
 * The threads that judge captures (judging-thread.ts). Where the command line asks for some they begin before the program is
 * loaded: each has as much to load itself, which another core does meanwhile.
 */
import type { Tinypool } from 'tinypool';
import type { Judged, JudgingOrder } from './judging.ts';

/** Threads of the program beside this one. */
export interface Threads {
  /** As many as can run at once. */
  readonly cores: number;
  /** Module that a thread runs, see judging-thread.ts. */
  readonly module: URL;
  /** Some that have begun already. */
  readonly early?: JudgingThreads | undefined;
}

export class JudgingThreads {
  readonly #pool: Tinypool;

  private constructor(pool: Tinypool) {
    this.#pool = pool;
  }

  /** @param least begin now; others, up to `most`, with the orders that they are needed for */
  static async start({ module }: Pick<Threads, 'module'>, least: number, most = least): Promise<JudgingThreads> {
    const { Tinypool: Pool } = await import('tinypool');
    return new JudgingThreads(
      new Pool({
        filename: module.href,
        name: 'judge',
        minThreads: least,
        maxThreads: most,
        // A thread that waits with them does nothing else: it would load its part of the program when the first order comes.
        useAtomics: false,
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

/** Of a pool: it makes room for all that it may have. Who asks for more has as many as there is work for, and not early. */
const MOST_EARLY = 1_024;

const JOBS = /^(?:--jobs|-j)=?(\d+)?$/;

/** Of those that `check` is asked for, as many as there are cores beside this one's; undefined for none. They keep no process alive. */
export async function earlyThreads(
  args: readonly string[],
  threads: Pick<Threads, 'cores' | 'module'>,
): Promise<JudgingThreads | undefined> {
  const place = args.findIndex(word => JOBS.test(word));
  if (args[0] !== 'check' || place < 0 || args.some(word => word.startsWith('--queue'))) return undefined;
  const asked = Number(JOBS.exec(args[place])?.[1] ?? args[place + 1]);
  const least = Math.min(asked, threads.cores) - 1;
  if (!(least >= 1) || asked > MOST_EARLY) return undefined;
  // Who needs them tries again, and says what is wrong.
  return JudgingThreads.start(threads, least, asked).catch(() => undefined);
}
