/**
 * The ways in which a direction of a stream is cut: by the framing that its carrier begins with, by those that may follow
 * (HTTP that becomes WebSocket), and, while it is not known which of them, by none.
 */
import { Answers } from './answers.ts';
import { type Framing, MORE } from './framing.ts';
import { LENGTH_32 } from './ready.ts';

export interface WayOptions {
  readonly framing: Framing;
  /** Longest message on the wire in bytes. */
  readonly longest: number;
  /**
   * Bytes that are held of a message that is spread over segments, once its length is known; all if absent. Such a
   * message comes with so many bytes captured; one that lies in one segment comes whole.
   */
  readonly keep?: number | undefined;
}

export interface Way {
  readonly framing: Framing;
  readonly answers: Answers;
  readonly longest: number;
  readonly keep: number;
}

/** Bytes of a direction that wait for its framing; beyond them it is given up. */
const MOST_HELD = 65_536;

/** Finds no end of a message. Its rules are never asked: nobody is to blame for what waits. */
const WAITING: Framing = {
  ...LENGTH_32,
  id: 'held',
  headLength: 1,
  hidden: 0,
  longest: MOST_HELD,
  lengthOf: () => MORE,
};

/** In the order of the options, and behind them the way of what waits. @param protocol id of the one that is cut for */
export function waysOf(options: readonly WayOptions[], protocol: string): readonly Way[] {
  return [...options, { framing: WAITING, longest: MOST_HELD }].map(({ framing, longest, keep }: WayOptions) => ({
    framing,
    longest,
    keep: keep ?? Number.POSITIVE_INFINITY,
    answers: new Answers(framing, protocol, longest),
  }));
}
