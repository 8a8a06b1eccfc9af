/**
 * When something is done: a condition of the filter language, and behind it the words that pick among what matches,
 * `nth=3`, `every=2`, `from=5`, `times=1`, `p=10%` and `per connection`. How they are read, and how they are counted.
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import { makeFilter } from '../filter/filter.ts';
import { notAmong } from '../filter/words.ts';
import { nearest } from '../settings/nearest.ts';
import type { Occasion } from './fault.ts';
import { countOf, probabilityOf, quoted, refuse, type Word } from './phrase.ts';
import { Recent } from './recent.ts';
import { seedOf } from './seed.ts';

const COUNTS = ['nth', 'every', 'from', 'times'] as const;
const SELECTORS: readonly string[] = [...COUNTS, 'p', 'seed'];
/** The number of one of them, or what may follow it. */
const SELECTOR = /^([A-Za-z]+)=(?!=)(.*)$/su;
/** Connections that are counted at once by one fault; beyond it the one counted longest ago is forgotten. */
const MOST_CONNECTIONS = 65_536;

/** What picks among those that match: an occasion without a condition. */
export interface Selection extends Omit<Occasion, 'condition'> {
  readonly seed: number | undefined;
}

/** Where the words behind a condition begin that pick; the number of words if there are none. */
export function selectorsFrom(words: readonly Word[], catalogue: FieldCatalogue): number {
  const found = words.findIndex((word, index) => isSelector(word, words[index + 1], index === 0, catalogue));
  return found < 0 ? words.length : found;
}

/** What looks like one of them is one, misspelt, unless it is a field, or a filter would begin with it. */
function isSelector({ text }: Word, next: Word | undefined, isFirst: boolean, catalogue: FieldCatalogue): boolean {
  if (text === 'per') return next === undefined || nearest(next.text, ['connection', 'run']) !== undefined;
  const [, name, value] = SELECTOR.exec(text) ?? [];
  if (name === undefined) return false;
  if (SELECTORS.includes(name)) return true;
  const isLikeOne = /^\d+(\.\d+)?%?$/.test(value) || nearest(name, SELECTORS) !== undefined;
  return !isFirst && !catalogue.has(name) && isLikeOne;
}

/** @throws FilterError for words that do not pick, or not together */
export function selectionOf(words: readonly Word[]): Selection {
  const found = new Map<string, Word>();
  let perConnection = false;
  for (let index = 0; index < words.length; index++) {
    const { text, at, end } = words[index];
    if (text === 'per') {
      const of = words[++index];
      if (of?.text !== 'connection') refuse(of?.at ?? end, 'expected connection: nth=3 per connection');
      perConnection = true;
      continue;
    }
    const [, name, value] = SELECTOR.exec(text) ?? [];
    if (name === undefined)
      refuse(at, `expected nth=3, every=3, from=3, times=3, p=10% or per connection, found ${quoted(text)}`);
    if (!SELECTORS.includes(name)) refuse(at, notAmong('word', name, SELECTORS));
    if (found.has(name)) refuse(at, `${name} is here twice`);
    found.set(name, { text: value, at: at + name.length + 1, end });
  }
  return combined(found, perConnection, words);
}

function combined(found: ReadonlyMap<string, Word>, perConnection: boolean, words: readonly Word[]): Selection {
  const [nth, every, from, times] = COUNTS.map(name => {
    const word = found.get(name);
    return word && countOf(word);
  });
  for (const name of ['every', 'from', 'times']) {
    const word = found.get(name);
    if (nth !== undefined && word) refuse(word.at - name.length - 1, `nth means one; ${name} does not go with it`);
  }
  const counts = nth ?? every ?? from ?? times;
  if (perConnection && counts === undefined) {
    const per = words.find(({ text }) => text === 'per')!;
    refuse(per.at, 'nothing is counted here; write nth=1 per connection');
  }
  const p = found.get('p');
  const seed = found.get('seed');
  return { nth, every, from, times, perConnection, chance: p && probabilityOf(p), seed: seed && seedOf(seed) };
}

/** @param words of which none picks. @throws FilterError with a column of `text` */
export function conditionOf(text: string, words: readonly Word[], catalogue: FieldCatalogue): Occasion['condition'] {
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last) return undefined;
  const filter = text.slice(first.at, last.end);
  try {
    return { text: filter, matches: makeFilter(filter, catalogue, 'messages') };
  } catch (error) {
    if (error instanceof FilterError) refuse(first.at + error.column - 1, error.reason);
    throw error;
  }
}

/** How often something matched, and how often it was done, since the beginning or since a step has begun again. */
interface Counts {
  matched: number;
  done: number;
  /** How often the step had begun when they were last looked at. */
  beginning: number;
}

/** Counts what matches. */
export class OccasionCounter {
  readonly #occasion: Occasion;
  readonly #whole: Counts = { matched: 0, done: 0, beginning: 0 };
  readonly #connections = new Recent<Counts>(MOST_CONNECTIONS);

  constructor(occasion: Occasion) {
    this.#occasion = occasion;
  }

  /**
   * Counts one that matches. @returns whether it is one to do something to, which then counts as done
   * @param connection undefined where connections are not known
   * @param beginning how often its step has begun: counts begin with it
   * @param isLucky what chance says of it
   */
  matched(connection: number | undefined, beginning: number, isLucky: boolean): boolean {
    const counts = connection === undefined ? this.#whole : this.#connections.of(connection, newCounts);
    if (counts.beginning !== beginning) {
      counts.matched = 0;
      counts.done = 0;
      counts.beginning = beginning;
    }
    counts.matched++;
    const { times } = this.#occasion;
    if (!isLucky || !this.#picks(counts.matched) || (times !== undefined && counts.done >= times)) return false;
    counts.done++;
    return true;
  }

  #picks(number: number): boolean {
    const { nth, every, from = 1 } = this.#occasion;
    if (nth !== undefined) return number === nth;
    if (number < from) return false;
    // The first of them, counted from `from`, is number `every` without it.
    return every === undefined || (this.#occasion.from === undefined ? number : number - from) % every === 0;
  }
}

function newCounts(): Counts {
  return { matched: 0, done: 0, beginning: 0 };
}
