/**
 * The messages of a run by the values of a field, in slices, as far as the filter lets them through. A filter is waited for:
 * what it has not asked yet is not counted. Findings count once all messages are; where the filter takes back what it
 * has said, since something was found on a message that has passed, everything is counted again.
 */
import { catalogueOf, type FieldCatalogue } from '../../filter/catalogue.ts';
import { FilterError } from '../../filter/error.ts';
import { type FieldValues, fieldValues } from '../../filter/field-values.ts';
import { MessageSubject } from '../../filter/message-subject.ts';
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import type { Finding } from '../../lint/finding.ts';
import { type CountedValue, ValueCounts } from '../../report/value-counts.ts';
import type { CountRow } from '../panes/counts.ts';
import type { FilterProblem, MessageFiltering } from './filtering.ts';
import { IndexedMessage } from './indexed-message.ts';

/** Messages between two looks at the clock. One may take a read of the file. */
const STRIDE = 64;
/** Putting the rows in order may take this part of the time. */
const SHARE = 1 / 20;

/** Says what is wrong with a field to count by, or nothing. */
export function countingProblem(text: string, catalogue: FieldCatalogue): FilterProblem | undefined {
  try {
    fieldValues(text, catalogue);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError)
      return { column: error.column, reason: error.message.replace(/^column \d+: /, '') };
    throw error;
  }
}

export class FieldCounting {
  /** Grows whenever something that is seen has changed. */
  version = 0;
  readonly #most: number;
  readonly #field: FieldValues;
  readonly #history: History;
  readonly #filter: MessageFiltering | undefined;
  readonly #seen: IndexedMessage;
  readonly #subject: MessageSubject;
  #counts: ValueCounts;
  /** All messages before this one were looked at. */
  #next = 0;
  /** The findings that were counted: the first of a list, which is rebuilt when a capture ends. */
  #findings: readonly Finding[] = [];
  #found = 0;
  #rows: readonly CountRow[] = [];
  #due = Number.NEGATIVE_INFINITY;

  /**
   * @param field without a problem
   * @param most values that are counted apart
   */
  constructor(
    field: string,
    history: History,
    bytes: CaptureBytes,
    filter: MessageFiltering | undefined,
    most: number,
  ) {
    this.#most = most;
    this.#field = fieldValues(field, catalogueOf(history.protocols));
    this.#history = history;
    this.#filter = filter;
    this.#seen = new IndexedMessage(history, bytes);
    this.#subject = new MessageSubject(this.#seen, { seconds: 0, nanoseconds: 0 });
    this.#counts = new ValueCounts(most);
  }

  get field(): string {
    return this.#field.name;
  }

  get isDone(): boolean {
    const { messages, findings } = this.#history;
    const hasFound = this.#findings === findings.list && this.#found === findings.list.length;
    return this.#next >= messages.count && hasFound && (this.#filter?.isDone ?? true);
  }

  /** 0..1 */
  get progress(): number {
    const { count } = this.#history.messages;
    return count === 0 ? 1 : Math.min(1, this.#next / count);
  }

  /** The values with the most messages first; behind them what has no row of its own. While it counts, a moment old. */
  get rows(): readonly CountRow[] {
    return this.#rows;
  }

  /** A filter for the messages of a row; undefined where there is none. */
  filterFor({ of, value }: CountRow): string | undefined {
    if (of === 'no value') return `!(${this.field})`;
    return of === 'value' ? this.#field.filterFor(value) : undefined;
  }

  /** Counts until `until` by the clock handed in. True when there is more to count. */
  run(until: number, now: () => number): boolean {
    if (this.#filter && !this.#filter.isDone) return false;
    const isMore = this.#countUntil(until, now);
    const begun = now();
    if (isMore && begun < this.#due) return true;
    this.#sort();
    this.#due = begun + (now() - begun) / SHARE;
    return isMore;
  }

  #countUntil(until: number, now: () => number): boolean {
    const { count } = this.#history.messages;
    while (this.#next < count) {
      this.#countTo(Math.min(count, this.#next + STRIDE));
      if (now() >= until) return true;
    }
    if (this.#filter && this.#filter.matched !== this.#counts.messages) {
      this.#begin();
      return true;
    }
    return this.#countFindings(until, now);
  }

  #sort(): void {
    const { others, without } = this.#counts;
    this.#rows = [
      ...this.#counts.sorted().map((count: CountedValue): CountRow => ({ of: 'value', value: count.value, count })),
      ...(others ? [{ of: 'other values', value: '', count: others } as const] : []),
      ...(without ? [{ of: 'no value', value: '', count: without } as const] : []),
    ];
    this.version++;
  }

  #begin(): void {
    this.#counts = new ValueCounts(this.#most);
    this.#next = 0;
    this.#found = 0;
    this.#findings = [];
  }

  #countTo(end: number): void {
    const { messages } = this.#history;
    for (let message = this.#next; message < end; message++) {
      if (this.#filter && !this.#filter.isMatch(message)) continue;
      this.#counts.add(this.#valuesOf(message), {
        seconds: messages.seconds(message),
        nanoseconds: messages.nanoseconds(message),
        length: messages.length(message),
      });
    }
    this.#next = end;
    this.version++;
  }

  #countFindings(until: number, now: () => number): boolean {
    const { findings } = this.#history;
    if (this.#findings !== findings.list) {
      this.#counts.forgetFindings();
      this.#findings = findings.list;
      this.#found = 0;
    }
    while (this.#found < findings.list.length) {
      const message = findings.messageOf(this.#found++);
      const isCounted = message >= 0 && (this.#filter?.isMatch(message) ?? true);
      if (isCounted) this.#counts.addFinding(this.#valuesOf(message));
      if (this.#found % STRIDE === 0 && now() >= until) return true;
    }
    return false;
  }

  #valuesOf(message: number): ReadonlySet<string> {
    const seen = this.#seen.show(message);
    return this.#field.of(this.#subject.show(seen, this.#history.origin(seen.capture)));
  }
}
