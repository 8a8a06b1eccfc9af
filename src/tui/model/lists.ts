/**
 * The rows of the three lists: connections in their order, the messages of a connection, findings, each as far as the
 * filter lets them through. A list is rebuilt at once when the user asked for another one, and from time to time when
 * data has come: the longer that takes, the more rarely, so that it never takes more than a small part of the time.
 */
import type { History } from '../../history/history.ts';
import type { MessageFiltering } from './filtering.ts';
import type { Narrowing } from './narrowing.ts';
import { type Sorting, sorted } from './sorting.ts';

/** A list may take this part of the time. */
const SHARE = 1 / 20;

export interface ListRequest {
  readonly history: History;
  readonly filter: MessageFiltering | undefined;
  readonly narrowing: Narrowing | undefined;
  readonly sorting: Sorting;
  /** Whose messages; 0 for those of all. */
  readonly connection: number;
  /** A message that is a row whether it matches or not; -1 for none. */
  readonly pinned: number;
}

/** A list, and what it was made for. */
class Derived {
  rows: Uint32Array = new Uint32Array(0);
  #asked: readonly unknown[] = [];
  #data = -1;
  #due = Number.NEGATIVE_INFINITY;

  /**
   * @param asked what somebody chose; another choice is another list
   * @param data grows with what the list is made from
   * @param now absent: only another choice counts
   * @returns whether it was rebuilt
   */
  update(asked: readonly unknown[], data: number, make: () => Uint32Array, now: (() => number) | undefined): boolean {
    const isOther = asked.length !== this.#asked.length || asked.some((value, index) => value !== this.#asked[index]);
    if (!isOther && (now === undefined || data === this.#data)) return false;
    const begun = now?.() ?? 0;
    if (!isOther && begun < this.#due) return false;
    this.rows = make();
    this.#asked = asked;
    this.#data = data;
    if (now) this.#due = begun + (now() - begun) / SHARE;
    return true;
  }
}

export class Lists {
  readonly #connections = new Derived();
  readonly #all = new Derived();
  readonly #matching = new Derived();
  readonly #messages = new Derived();
  readonly #findings = new Derived();
  /** 0, 1, 2 and so on, as many as were needed. */
  #numbers = new Uint32Array(0);

  get connections(): Uint32Array {
    return this.#connections.rows;
  }

  get messages(): Uint32Array {
    return this.#messages.rows;
  }

  /** Places in the history's list. */
  get findings(): Uint32Array {
    return this.#findings.rows;
  }

  /** The messages of the connection, whether they match or not: what a filter is to ask first. */
  get unfiltered(): Uint32Array {
    return this.#all.rows;
  }

  /** @param now a clock in milliseconds; absent, what has come in the meantime may wait */
  updateConnections({ history, filter, narrowing, sorting }: ListRequest, now?: () => number): boolean {
    // What a row is sorted by may change with any message, and so may its verdict.
    const isByNumber = sorting.column === 'number';
    const data = isByNumber ? history.connections.count + grown(history, filter, narrowing) : history.version;
    const asked = [history, filter, narrowing?.key, sorting.column, sorting.reverse];
    const make = () => sorted(history, connectionsOf(history, filter, narrowing), sorting);
    return this.#connections.update(asked, data, make, now);
  }

  updateMessages({ history, filter, narrowing, connection, pinned }: ListRequest, now?: () => number): boolean {
    const count = connection === 0 ? history.messages.count : history.connections.messages(connection);
    this.#all.update([history, connection], count, () => this.#messagesOf(history, connection, count), now);
    const all = this.#all.rows;
    if (!filter && !narrowing) return this.#messages.update([all], 0, () => all, now);
    const isShown = (message: number) =>
      (!filter || filter.isMatch(message)) && (!narrowing || narrowing.message(message));
    const asked = [history, connection, filter, narrowing?.key];
    const data = all.length + grown(history, filter, narrowing);
    this.#matching.update(asked, data, () => all.filter(isShown), now);
    const rows = this.#matching.rows;
    return this.#messages.update([rows, pinned], 0, () => withRow(rows, pinned), now);
  }

  updateFindings({ history, filter, narrowing }: ListRequest, now?: () => number): boolean {
    const { findings } = history;
    const make = () => {
      const all = this.#count(findings.list.length);
      const matching = filter ? all.filter(index => filter.matchesFinding(index)) : all;
      return narrowing ? matching.filter(index => narrowing.finding(index)) : matching;
    };
    return this.#findings.update(
      [history, filter, narrowing?.key],
      findings.version + (filter?.version ?? 0),
      make,
      now,
    );
  }

  #messagesOf(history: History, connection: number, count: number): Uint32Array {
    return connection === 0 ? this.#count(count) : history.connections.messagesOf(connection);
  }

  #count(count: number): Uint32Array {
    if (this.#numbers.length < count) {
      this.#numbers = new Uint32Array(Math.max(count, this.#numbers.length * 2));
      // A callback for each takes thirty times as long.
      for (let number = 0; number < this.#numbers.length; number++) this.#numbers[number] = number;
    }
    return this.#numbers.subarray(0, count);
  }
}

/** Grows with what lets rows through. */
function grown({ findings }: History, filter?: MessageFiltering, narrowing?: Narrowing): number {
  return (filter?.version ?? 0) + (narrowing ? findings.version : 0);
}

function connectionsOf({ connections }: History, filter?: MessageFiltering, narrowing?: Narrowing): Uint32Array {
  const found = new Uint32Array(connections.count);
  let count = 0;
  for (let connection = 1; connection <= connections.count; connection++) {
    if (!connections.has(connection) || (filter && filter.matchesIn(connection) === 0)) continue;
    if (narrowing && !narrowing.connection(connection)) continue;
    found[count++] = connection;
  }
  return found.subarray(0, count);
}

/** An ascending list with one number more; as it is when it has that already, or there is none (-1). */
function withRow(rows: Uint32Array, row: number): Uint32Array {
  const place = search(rows, row);
  if (row < 0 || place >= 0) return rows;
  const before = -place - 1;
  const more = new Uint32Array(rows.length + 1);
  more.set(rows.subarray(0, before));
  more[before] = row;
  more.set(rows.subarray(before), before + 1);
  return more;
}

/** Place of a number in an ascending list; of the next greater one where it is not there, negative and less one. */
export function search(rows: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low < rows.length && rows[low] === wanted ? low : -low - 1;
}
