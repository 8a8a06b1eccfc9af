/**
 * A filter over all messages of a run, in slices: which were asked, which matched, and how far it is. The messages that
 * somebody looks at go first, then all from where one is to the last, then those before; what came in the meantime is
 * asked like the rest. Two bits a message are kept, and the number of matches of each connection.
 *
 * Findings are asked themselves where the filter names only what a finding has; else they go by their messages.
 */
import { catalogueOf, type FieldCatalogue } from '../../filter/catalogue.ts';
import type { Predicate, SubjectKind } from '../../filter/compile.ts';
import { FilterError } from '../../filter/error.ts';
import { makeFilter } from '../../filter/filter.ts';
import { FindingSubject } from '../../filter/finding-subject.ts';
import { MessageSubject } from '../../filter/message-subject.ts';
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import type { Finding } from '../../lint/finding.ts';
import { BitSet } from './bit-set.ts';
import { IndexedMessage } from './indexed-message.ts';

/** Messages between two looks at the clock. One may take a read of the file. */
const STRIDE = 64;

export interface FilterProblem {
  /** From 1, in UTF-16 units of the text. */
  readonly column: number;
  /** One line, without the column. */
  readonly reason: string;
}

/** Says what is wrong with a filter's text, or nothing. An empty one is no filter, and right. */
export function filterProblem(
  text: string,
  catalogue: FieldCatalogue,
  subjects: SubjectKind = 'messages',
): FilterProblem | undefined {
  if (text.trim() === '') return undefined;
  const made = attempt(text, catalogue, subjects);
  if (!(made instanceof FilterError)) return undefined;
  return { column: made.column, reason: made.message.replace(/^column \d+: /, '') };
}

function attempt(text: string, catalogue: FieldCatalogue, subjects: SubjectKind): Predicate | FilterError {
  try {
    return makeFilter(text, catalogue, subjects);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

export class MessageFiltering {
  readonly text: string;
  /** Grows whenever a message was found to match, or to match no more. */
  version = 0;
  /** Messages asked, and those of them that match. */
  asked = 0;
  matched = 0;
  readonly #history: History;
  readonly #matches: Predicate;
  readonly #ofFinding: Predicate | undefined;
  readonly #seen: IndexedMessage;
  readonly #subject: MessageSubject;
  readonly #isAsked = new BitSet();
  readonly #isMatch = new BitSet();
  readonly #ofConnection = new Map<number, number>();
  /** All before `#behind`, and all in [`#start`, `#ahead`), were asked. */
  readonly #start: number;
  #ahead: number;
  #behind = 0;
  /** The list to be asked first, and how much of it was. */
  #first: ArrayLike<number> = [];
  #firstAsked = 0;
  /**
   * The findings whose messages were asked since they came up: the first of a list, which is rebuilt when a capture
   * ends.
   */
  #findings: readonly Finding[] = [];
  #findingsAsked = 0;

  /**
   * @param text of a filter without a problem
   * @param start the message to begin at
   */
  constructor(text: string, history: History, bytes: CaptureBytes, start: number) {
    const catalogue = catalogueOf(history.protocols);
    const matches = attempt(text, catalogue, 'messages');
    if (matches instanceof FilterError) throw matches;
    const ofFinding = attempt(text, catalogue, 'findings');
    this.text = text;
    this.#matches = matches;
    this.#ofFinding = ofFinding instanceof FilterError ? undefined : ofFinding;
    this.#history = history;
    this.#seen = new IndexedMessage(history, bytes);
    this.#subject = new MessageSubject(this.#seen, { seconds: 0, nanoseconds: 0 });
    this.#start = Math.max(0, Math.min(start, history.messages.count));
    this.#ahead = this.#start;
  }

  get isDone(): boolean {
    const { messages, findings } = this.#history;
    const isUpToDate = this.#findings === findings.list && this.#findingsAsked === findings.list.length;
    return this.asked >= messages.count && isUpToDate;
  }

  /** 0..1 */
  get progress(): number {
    const { count } = this.#history.messages;
    return count === 0 ? 1 : Math.min(1, this.asked / count);
  }

  /**
   * Asks until `until` by the clock handed in. True when there is more to ask.
   * @param first messages to ask before all others; the same list as long as it has not changed
   */
  run(first: ArrayLike<number>, until: number, now: () => number): boolean {
    if (!this.#askFirst(first, until, now) || !this.#askAgain(until, now)) return true;
    const { count } = this.#history.messages;
    while (this.#ahead < count) {
      this.#ahead = this.#askRange(this.#ahead, Math.min(count, this.#ahead + STRIDE));
      if (now() >= until) return !this.isDone;
    }
    while (this.#behind < this.#start) {
      this.#behind = this.#askRange(this.#behind, Math.min(this.#start, this.#behind + STRIDE));
      if (now() >= until) return !this.isDone;
    }
    return false;
  }

  /** Was asked, and matches. */
  isMatch(message: number): boolean {
    return this.#isMatch.has(message);
  }

  /** Matches found so far in a connection. */
  matchesIn(connection: number): number {
    return this.#ofConnection.get(connection) ?? 0;
  }

  /** @param index into the run's findings */
  matchesFinding(index: number): boolean {
    const { findings } = this.#history;
    if (!this.#ofFinding) return this.isMatch(findings.messageOf(index));
    const finding = findings.list[index];
    return this.#ofFinding(new FindingSubject(finding, this.#history.origin(finding.capture)));
  }

  /** False when the time was up before all were asked. */
  #askFirst(first: ArrayLike<number>, until: number, now: () => number): boolean {
    if (first !== this.#first) this.#firstAsked = 0;
    this.#first = first;
    while (this.#firstAsked < first.length) {
      const message = first[this.#firstAsked++];
      if (!this.#isAsked.has(message)) this.#ask(message);
      if (this.#firstAsked % STRIDE === 0 && now() >= until) return false;
    }
    return true;
  }

  /** A finding may come up long after its message went by, and what is found on a message may be asked for. */
  #askAgain(until: number, now: () => number): boolean {
    const { findings } = this.#history;
    if (this.#findings !== findings.list) this.#findingsAsked = 0;
    this.#findings = findings.list;
    while (this.#findingsAsked < findings.list.length) {
      const message = findings.messageOf(this.#findingsAsked++);
      if (this.#isAsked.has(message)) this.#ask(message);
      if (this.#findingsAsked % STRIDE === 0 && now() >= until) return false;
    }
    return true;
  }

  #askRange(from: number, to: number): number {
    for (let message = from; message < to; message++) if (!this.#isAsked.has(message)) this.#ask(message);
    return to;
  }

  #ask(message: number): void {
    if (!this.#isAsked.has(message)) this.asked++;
    this.#isAsked.add(message);
    const seen = this.#seen.show(message);
    const isMatch = this.#matches(this.#subject.show(seen, this.#history.origin(seen.capture)));
    if (isMatch === this.#isMatch.has(message)) return;
    if (isMatch) this.#isMatch.add(message);
    else this.#isMatch.delete(message);
    const step = isMatch ? 1 : -1;
    this.matched += step;
    this.version++;
    this.#ofConnection.set(seen.connection, this.matchesIn(seen.connection) + step);
  }
}
