/**
 * Messages counted by the values of a field: how many, their bytes, when the first and the last of them came, what was found
 * on them. Peers choose the values, so their number and their length have a bound; what has no room is counted together.
 * A message with several values counts once for each.
 */
import type { Finding, Timestamp } from '../lint/finding.ts';

/** What is known of the messages that have something in common. */
export interface ValueCount {
  readonly messages: number;
  readonly bytes: number;
  readonly findings: number;
  /** Times of the earliest and the latest of them. */
  readonly first: Timestamp;
  readonly last: Timestamp;
}

export interface CountedValue extends ValueCount {
  /** May hold anything. */
  readonly value: string;
}

/** What is counted of a message. */
export type CountedMessage = Timestamp & { readonly length: number };

/** Characters of all values that are kept. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

class Count implements CountedValue {
  readonly value: string;
  messages = 0;
  bytes = 0;
  findings = 0;
  first: Timestamp = { seconds: 0, nanoseconds: 0 };
  last: Timestamp = { seconds: 0, nanoseconds: 0 };

  constructor(value: string) {
    this.value = value;
  }

  add({ seconds, nanoseconds, length }: CountedMessage): void {
    const time = { seconds, nanoseconds };
    if (this.messages === 0 || isBefore(time, this.first)) this.first = time;
    if (this.messages === 0 || isBefore(this.last, time)) this.last = time;
    this.messages++;
    this.bytes += length;
  }
}

export class ValueCounts {
  /** Messages that were counted, each once. */
  messages = 0;
  readonly #most: number;
  readonly #values = new Map<string, Count>();
  readonly #others = new Count('');
  readonly #without = new Count('');
  #room = MOST_CHARACTERS;
  /** Findings that may yet stand, and whose they are. */
  readonly #held = new Map<Finding, readonly Count[]>();

  /** @param most values that are kept apart */
  constructor(most: number) {
    this.#most = most;
  }

  /** Messages with values for which there was no room; undefined where there are none. */
  get others(): ValueCount | undefined {
    return this.#others.messages > 0 ? this.#others : undefined;
  }

  /** Messages without the field; undefined where there are none. */
  get without(): ValueCount | undefined {
    return this.#without.messages > 0 ? this.#without : undefined;
  }

  /** @param values that differ */
  add(values: ReadonlySet<string>, message: CountedMessage): void {
    this.messages++;
    for (const count of this.#countsOf(values, true)) count.add(message);
  }

  /** Something was found on a message with these values, which was added before. */
  addFinding(values: ReadonlySet<string>): void {
    for (const count of this.#countsOf(values, false)) count.findings++;
  }

  /** The same, if it turns out to stand. */
  hold(finding: Finding, values: ReadonlySet<string>): void {
    this.#held.set(finding, [...this.#countsOf(values, false)]);
  }

  /** A finding stands that may have been held. */
  stands(finding: Finding): void {
    for (const count of this.#held.get(finding) ?? []) count.findings++;
    this.#held.delete(finding);
  }

  /** Findings are counted again. */
  forgetFindings(): void {
    for (const count of [...this.#values.values(), this.#others, this.#without]) count.findings = 0;
  }

  /** Those that are kept apart, the most frequent first, by value among equals. */
  sorted(): readonly CountedValue[] {
    return [...this.#values.values()].sort((a, b) => b.messages - a.messages || (a.value < b.value ? -1 : 1));
  }

  /** Each once. @param isNew whether values that are not known yet are to be kept */
  #countsOf(values: ReadonlySet<string>, isNew: boolean): ReadonlySet<Count> {
    if (values.size === 0) return new Set([this.#without]);
    const counts = new Set<Count>();
    for (const value of values) counts.add(this.#values.get(value) ?? (isNew ? this.#keep(value) : this.#others));
    return counts;
  }

  #keep(value: string): Count {
    if (this.#values.size >= this.#most || value.length > this.#room) return this.#others;
    this.#room -= value.length;
    const count = new Count(value);
    this.#values.set(value, count);
    return count;
  }
}

function isBefore(a: Timestamp, b: Timestamp): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}
