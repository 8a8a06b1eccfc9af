/**
 * A search over the rows of a list, in slices: from where one is to the end and round to where one was, until a row has what is
 * looked for. It goes over the rows that there were when it began. The rows stay: what was found is for the caller to show.
 */
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import { ConnectionScan } from './connection-scan.ts';
import type { Sought } from './sought.ts';
import { findingTest, type MessageTest, messageTest, rowHas } from './sought-test.ts';

export interface SearchedRows {
  readonly of: 'connections' | 'messages' | 'findings';
  /** Numbers of connections or messages, or places of findings in the history's list. */
  readonly rows: ArrayLike<number>;
  /** Messages of a connection that are listed in it. */
  readonly isListed: (message: number) => boolean;
}

export interface SearchStart {
  /** Place in the rows. */
  readonly row: number;
  readonly step: 1 | -1;
  /** The row that one is on is asked first, else last. */
  readonly withIt: boolean;
}

export interface Hit {
  /** What stands in the row. */
  readonly number: number;
  /** The message that has it; -1 where it is the row itself. */
  readonly message: number;
  /** Beyond the last row, or the first. */
  readonly wrapped: boolean;
  /** No other row has it: it is the one that one was on. */
  readonly isSame: boolean;
}

export class Searching {
  readonly sought: Sought;
  readonly of: SearchedRows['of'];
  readonly step: 1 | -1;
  /** 0..1 */
  progress = 0;
  hit: Hit | undefined = undefined;
  isDone = false;
  readonly #searched: SearchedRows;
  readonly #start: SearchStart;
  readonly #history: History;
  readonly #steps: Iterator<void, Hit | undefined>;

  /** @param sought without a problem */
  constructor(sought: Sought, searched: SearchedRows, start: SearchStart, history: History, bytes: CaptureBytes) {
    this.sought = sought;
    this.of = searched.of;
    this.step = start.step;
    this.#searched = searched;
    this.#start = start;
    this.#history = history;
    this.#steps = this.#go(bytes);
  }

  /** Asks until `until` by the clock handed in, at least one row. True when there is more to ask. */
  run(until: number, now: () => number): boolean {
    do {
      const { done, value } = this.#steps.next();
      if (done) {
        this.isDone = true;
        this.progress = 1;
        this.hit = value ?? undefined;
        return false;
      }
    } while (now() < until);
    return true;
  }

  *#go(bytes: CaptureBytes): Generator<void, Hit | undefined> {
    const onMessage = messageTest(this.sought, this.#history, bytes);
    if (this.of === 'connections') return yield* this.#overConnections(onMessage);
    const { rows } = this.#searched;
    const test = this.of === 'messages' ? onMessage : findingTest(this.sought, this.#history, bytes);
    for (let count = 0; count < rows.length; count++) {
      const [number, wrapped] = this.#row(count);
      this.progress = count / rows.length;
      if (test(number)) return this.#hit(count, number, wrapped, this.of === 'messages' ? number : -1);
      yield;
    }
    return undefined;
  }

  *#overConnections(onMessage: MessageTest): Generator<void, Hit | undefined> {
    const { rows, isListed } = this.#searched;
    if (rows.length === 0) return undefined;
    const from = this.#history.connections.first(this.#row(0)[0]);
    const scan = new ConnectionScan(this.#history, message => isListed(message) && onMessage(message), from);
    for (let count = 0; count < rows.length; count++) {
      const [number, wrapped] = this.#row(count);
      const isShown = rowHas(this.sought, this.#history, number);
      while (!isShown && scan.messageOf(number) === undefined && !scan.isPast(number)) {
        scan.step();
        this.progress = scan.progress;
        yield;
      }
      const message = scan.messageOf(number);
      if (isShown || message !== undefined) return this.#hit(count, number, wrapped, message ?? -1);
      yield;
    }
    return undefined;
  }

  /** The row that is asked so many rows after the first. */
  #row(count: number): readonly [number: number, wrapped: boolean] {
    const { rows } = this.#searched;
    const { row, step, withIt } = this.#start;
    const place = row + step * (withIt ? count : count + 1);
    return [rows[(place + rows.length) % rows.length], place < 0 || place >= rows.length];
  }

  #hit(count: number, number: number, wrapped: boolean, message: number): Hit {
    const isSame = !this.#start.withIt && count === this.#searched.rows.length - 1;
    return { number, message, wrapped, isSame };
  }
}
