/**
 * Places that somebody wants to come back to, each under a letter. `M` gives the next letter that is free, `:mark a` the
 * one that is named; `'` and the letter jumps there, `''` to where one was before the last jump. A mark holds over runs: it
 * is found again by its frame.
 */
import type { History } from '../../history/history.ts';
import { messageAt, placeOf, type Viewpoint } from './places.ts';

export type MarkKind = 'message' | 'connection';

interface Mark {
  readonly kind: MarkKind;
  readonly place: Viewpoint;
  /** The message of the place in the run at hand; -1 while it was not found there. For a connection, its first. */
  message: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export class Marks {
  readonly #marks = new Map<string, Mark>();
  #before: Viewpoint | undefined = undefined;

  get letters(): readonly string[] {
    return [...this.#marks.keys()].sort();
  }

  /** Where `''` leads. */
  get before(): Viewpoint | undefined {
    return this.#before;
  }

  /** To be called before a jump, with the message one is at; -1 for none. */
  remember(history: History, message: number): void {
    if (message >= 0) this.#before = placeOf(history, message);
  }

  /**
   * Marks a message, or unmarks one that is marked in this kind.
   * @returns the letter that it has got; `undefined` when it was unmarked; '' when no letter is free
   */
  toggle(kind: MarkKind, message: number, history: History): string | undefined {
    const marked = [...this.#marks].find(([, mark]) => mark.kind === kind && mark.message === message);
    if (marked) {
      this.#marks.delete(marked[0]);
      return undefined;
    }
    const free = [...LETTERS].find(letter => !this.#marks.has(letter));
    if (free !== undefined) this.set(free, kind, message, history);
    return free ?? '';
  }

  set(letter: string, kind: MarkKind, message: number, history: History): void {
    this.#marks.set(letter, { kind, place: placeOf(history, message), message });
  }

  /** The mark's kind and message; nothing for a letter that is not set. */
  get(letter: string): { readonly kind: MarkKind; readonly message: number } | undefined {
    return this.#marks.get(letter);
  }

  /** Messages marked, or connections. */
  marked(kind: MarkKind, { messages }: History): ReadonlySet<number> {
    const found = [...this.#marks.values()].filter(mark => mark.kind === kind && mark.message >= 0);
    return new Set(found.map(({ message }) => (kind === 'message' ? message : messages.connection(message))));
  }

  /** Other captures are looked at. */
  clear(): void {
    this.#marks.clear();
    this.#before = undefined;
  }

  /** Another run has begun: nothing of it is known yet. */
  forgetNumbers(): void {
    for (const mark of this.#marks.values()) mark.message = -1;
  }

  /** Looks for what was not found yet. */
  seek(history: History): void {
    for (const mark of this.#marks.values()) if (mark.message < 0) mark.message = messageAt(history, mark.place);
  }
}

export function isMarkLetter(letter: string): boolean {
  return letter.length === 1 && LETTERS.includes(letter);
}
