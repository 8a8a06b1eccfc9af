/**
 * Several captures are judged at once, by threads or on other machines, and what came of them is handed over in the order of
 * the command line. What is ready before its turn waits, within bounds.
 */
import type { AnalysisSettings } from '../analysis.ts';
import { FramingFault } from '../framing/fault.ts';
import type { Host } from './host.ts';
import type { Fault, Judged, JudgingTask } from './judging.ts';

/** Takes captures to those who judge them. */
export interface Carrier {
  /** Captures that it takes before the one whose turn it is has ended. */
  readonly mostAhead: number;
  /** Characters of what has come of parts of captures, and waits for the others. */
  readonly waiting: number;
  /** Rejects where it can carry no more. */
  judge(task: JudgingTask): Promise<Judged>;
  /** The user wants to stop: what has not been begun is `stopped`. */
  stop(): void;
  close(): Promise<void>;
}

/** Characters of what came of captures before it is their turn. */
const MOST_HELD = 64 * 1024 * 1024;

/** Captures that are begun before it is known how much comes of one; with each that has ended, one more. */
const FIRST_AHEAD = 64;

/** What comes of a capture that was begun, and is no fault. */
export type Taken = Exclude<Judged, { kind: 'fault' | 'stopped' | 'whole' }>;

export interface ParallelReading {
  readonly captures: readonly { readonly index: number; readonly path: string }[];
  ownOf(path: string): AnalysisSettings | undefined;
  /** Called with each in turn, and waited for. */
  take(judged: Taken, capture: Pick<JudgingTask, 'index' | 'path'>): Promise<void>;
}

/**
 * Closes the carrier in the end.
 * @returns whether the user wanted to stop, and whether all were begun nevertheless
 */
export async function readInParallel(
  host: Pick<Host, 'onInterrupt'>,
  reading: ParallelReading,
  carrier: Carrier,
): Promise<{ readonly isStopped: boolean; readonly hasBegunAll: boolean }> {
  let isStopped = false;
  const dispose = host.onInterrupt(() => {
    isStopped = true;
    carrier.stop();
  });
  try {
    const hasBegunAll = await takeAll(carrier, reading, () => isStopped);
    return { isStopped, hasBegunAll };
  } finally {
    carrier.stop();
    dispose();
    await carrier.close();
  }
}

/** @returns whether all were begun */
async function takeAll(carrier: Carrier, reading: ParallelReading, isStopped: () => boolean): Promise<boolean> {
  const { captures } = reading;
  const ahead: Promise<Judged>[] = [];
  let begun = 0;
  const room = new Room();
  const begin = () => {
    while (begun < captures.length && !isStopped()) {
      if (ahead.length > 0 && (ahead.length >= carrier.mostAhead || !room.hasFor(begun, carrier.waiting))) return;
      const { index, path } = captures[begun++];
      const judged = carrier.judge({ index, path, own: reading.ownOf(path) });
      judged.then(
        done => {
          room.enter(sizeOf(done));
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
    room.leave(sizeOf(judged));
    begin();
    if (judged.kind === 'fault') throw errorOf(judged.fault);
    const taken = takenOf(judged);
    if (taken) await reading.take(taken, captures[turn]);
    hasBegun &&= taken === judged;
  }
  return hasBegun && begun === captures.length;
}

/**
 * For what waits for its turn, or for the rest of its capture, and for what those will take that are being judged: as much as the
 * others took, and few as long as nobody knows how much that is. What has been begun needs no more to be begun, and so comes to its end even where there is no room.
 */
class Room {
  #held = 0;
  #entered = 0;
  #sum = 0;

  enter(size: number): void {
    this.#held += size;
    this.#sum += size;
    this.#entered++;
  }

  leave(size: number): void {
    this.#held -= size;
  }

  /** @param begun captures, ended or not; @param waiting of those that have not ended */
  hasFor(begun: number, waiting: number): boolean {
    const underWay = begun - this.#entered;
    if (underWay >= FIRST_AHEAD + this.#entered) return false;
    const mean = this.#entered === 0 ? 0 : this.#sum / this.#entered;
    return this.#held + waiting + mean * underWay < MOST_HELD;
  }
}

/** What is reported of it. */
function takenOf(judged: Judged): Taken | undefined {
  if (judged.kind === 'captured' || judged.kind === 'unreadable') return judged;
  if (judged.kind !== 'stopped' || judged.reason === undefined) return undefined;
  return { kind: 'unreadable', reason: judged.reason };
}

const sizeOf = (judged: Judged) => (judged.kind === 'captured' ? judged.line.length : 0);

/** The error that was met elsewhere, as if it had been met here. */
function errorOf({ name, message, stack, code, cause }: Fault): Error {
  const error = new Error(message, { cause: cause && errorOf(cause) });
  if (name === FramingFault.name) Object.setPrototypeOf(error, FramingFault.prototype);
  return Object.assign(error, { name, stack, ...(code !== undefined && { code }) });
}
