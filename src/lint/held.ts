/**
 * Findings that wait for what the conversation says of them, by flow. Those that came up last are asked about with each
 * further message; older ones, in a flow that has many, wait for its end. Bounded: who adds asks for room first.
 */
import type { Held } from './rule.ts';

/** Findings of one flow that are asked about with each message. */
const ASKED = 64;

export class HeldFindings<Waiting extends Held> {
  readonly #ofFlow = new Map<number, Waiting[]>();
  readonly #most: number;
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get hasRoom(): boolean {
    return this.#size < this.#most;
  }

  add(flow: number, waiting: Waiting): void {
    this.#size++;
    const present = this.#ofFlow.get(flow);
    if (present) present.push(waiting);
    else this.#ofFlow.set(flow, [waiting]);
  }

  /** Hands the newest ones of a flow to `decides`, the oldest of them first, and lets go those that it decides. */
  ask(flow: number, decides: (waiting: Waiting) => boolean): void {
    const list = this.#ofFlow.get(flow);
    if (list) this.#settle(flow, list, Math.max(0, list.length - ASKED), decides);
  }

  /** Hands all of a flow to `decides`, and lets go those that it decides. */
  askAll(flow: number, decides: (waiting: Waiting) => boolean): void {
    const list = this.#ofFlow.get(flow);
    if (list) this.#settle(flow, list, 0, decides);
  }

  /** Lets go all of one connection, and hands each to `decide`. */
  release(flow: number, connection: number, decide: (waiting: Waiting) => void): void {
    const list = this.#ofFlow.get(flow);
    if (!list) return;
    this.#settle(flow, list, 0, waiting => {
      if (waiting.connection !== connection) return false;
      decide(waiting);
      return true;
    });
  }

  #settle(flow: number, list: Waiting[], from: number, decides: (waiting: Waiting) => boolean): void {
    let kept = from;
    for (let i = from; i < list.length; i++) {
      if (!decides(list[i])) list[kept++] = list[i];
    }
    this.#size -= list.length - kept;
    list.length = kept;
    if (kept === 0) this.#ofFlow.delete(flow);
  }
}
