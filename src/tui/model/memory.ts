/**
 * What `inspect` remembers from one session to the next: the user's own filters and searches, the captures they opened, and
 * how they arranged the screen. The model reads and changes it as plain data; where it is kept, if anywhere, is the
 * caller's business, so the tests and a proxy's screen need no file.
 */

/** A capture that was opened. */
export interface RecentCapture {
  /** Absolute. */
  readonly path: string;
  /** When it was last opened, in milliseconds since 1970. */
  readonly opened: number;
}

export interface Remembered {
  /** Filters that were entered, the latest last, each once. */
  readonly filters: readonly string[];
  /** Filters by the name they were saved under. */
  readonly savedFilters: Readonly<Record<string, string>>;
  /** Searches that were entered, the latest last, each once. */
  readonly searches: readonly string[];
  /** The latest last, each once. */
  readonly captures: readonly RecentCapture[];
  /** Share of the first pane, between 0 and 1, by the name of a split. */
  readonly splits: Readonly<Record<string, number>>;
  /** Names of the columns that a list shows, in their order, by the list. Absent: those that fit. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

export const NOTHING_REMEMBERED: Remembered = {
  filters: [],
  savedFilters: {},
  searches: [],
  captures: [],
  splits: {},
  columns: {},
};

export interface Memory {
  readonly remembered: Remembered;
  /** Takes effect at once; whether it outlives the session is up to the implementation. Never throws. */
  remember(change: Partial<Remembered>): void;
  /** What there is to say about the keeping, a line at a time, each once; absent: never anything. */
  news?(): string | undefined;
}

/** Forgets all at the end of the process. */
export class SessionMemory implements Memory {
  remembered: Remembered;

  constructor(remembered: Remembered = NOTHING_REMEMBERED) {
    this.remembered = remembered;
  }

  remember(change: Partial<Remembered>): void {
    this.remembered = { ...this.remembered, ...change };
  }
}

/** Lines of one kind that are remembered. */
const MOST_LINES = 100;

/** The list with the entry as its last one, where it stands once. */
export function withLatest(list: readonly string[], entry: string): readonly string[] {
  return [...list.filter(other => other !== entry), entry].slice(-MOST_LINES);
}
