/**
 * What `inspect` remembers, as text in a file: written, read back with distrust, and brought together where two sessions
 * have changed it. Pure. Anyone may have written the file, so all of it is checked and bounded: a filter
 * is one line, a path absolute or a URL, a share between 0 and 1. What is only too much is left out; what is something else altogether
 * is an error.
 */
import { isAbsolute } from 'node:path';
import { captureName, isUrl } from '../capture/location.ts';
import type { RecentCapture, Remembered } from '../tui/model/memory.ts';

/** Of the form of the file. A later one may mean other things by the same names. */
const VERSION = 1;

/** Entries that are kept at most; of the lists the latest. */
export const MOST_KEPT = { filters: 100, savedFilters: 100, searches: 100, captures: 30, splits: 50, columns: 50 };
const MOST_COLUMNS = 64;
const LONGEST_LINE = 4096;
const LONGEST_NAME = 64;

const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

export const NOTHING_KEPT: Remembered = {
  filters: [],
  savedFilters: {},
  searches: [],
  captures: [],
  splits: {},
  columns: {},
};

/** Why a text is not what `printRemembered` writes, in a clause. */
export class ForeignMemory extends Error {
  /** A later version of the program wrote it: it is to be left alone. */
  readonly isLater: boolean;

  constructor(reason: string, isLater = false) {
    super(reason);
    this.isLater = isLater;
  }
}

export function printRemembered(remembered: Remembered): string {
  return `${JSON.stringify({ version: VERSION, ...remembered }, undefined, 1)}\n`;
}

/** @throws ForeignMemory */
export function parseRemembered(text: string): Remembered {
  const json = objectIn('it', parsed(text));
  const { version } = json;
  if (typeof version === 'number' && version > VERSION) throw new ForeignMemory('a later version wrote it', true);
  if (version !== VERSION) throw new ForeignMemory('it names no version');
  return bounded({
    filters: linesIn('filters', json.filters),
    savedFilters: recordIn('savedFilters', json.savedFilters, isLine),
    searches: linesIn('searches', json.searches),
    captures: listIn('captures', json.captures).filter(isCapture),
    splits: recordIn('splits', json.splits, isShare),
    columns: recordIn('columns', json.columns, isColumns),
  });
}

/**
 * What `theirs` becomes by what one session has done since it knew `base`: entries of lists that it has added come last, the
 * others stay where they are; of names with a value its own holds where it has changed it.
 */
export function merged(theirs: Remembered, base: Remembered, ours: Remembered): Remembered {
  return bounded({
    filters: mergedList(theirs.filters, base.filters, ours.filters, line => line),
    savedFilters: mergedRecord(theirs.savedFilters, base.savedFilters, ours.savedFilters),
    searches: mergedList(theirs.searches, base.searches, ours.searches, line => line),
    captures: mergedList(theirs.captures, base.captures, ours.captures, ({ path }) => path),
    splits: mergedRecord(theirs.splits, base.splits, ours.splits),
    columns: mergedRecord(theirs.columns, base.columns, ours.columns),
  });
}

function mergedList<T>(
  theirs: readonly T[],
  base: readonly T[],
  ours: readonly T[],
  keyOf: (entry: T) => string,
): readonly T[] {
  // An entry that is used again moves to the end: what is ours alone begins where the order of before ends.
  let place = 0;
  const start = ours.findIndex(entry => {
    place = base.findIndex((known, index) => index >= place && isSame(known, entry)) + 1;
    return place === 0;
  });
  const added = start < 0 ? [] : ours.slice(start);
  const kept = new Set(ours.map(keyOf));
  const gone = new Set([...added, ...base.filter(entry => !kept.has(keyOf(entry)))].map(keyOf));
  return [...theirs.filter(entry => !gone.has(keyOf(entry))), ...added];
}

function mergedRecord<T>(
  theirs: Readonly<Record<string, T>>,
  base: Readonly<Record<string, T>>,
  ours: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  const result = new Map(Object.entries(theirs));
  for (const name of Object.keys(base)) if (!Object.hasOwn(ours, name)) result.delete(name);
  for (const [name, value] of Object.entries(ours)) {
    if (Object.hasOwn(base, name) && isSame(base[name], value)) continue;
    result.delete(name);
    result.set(name, value);
  }
  return Object.fromEntries(result);
}

function bounded({ filters, savedFilters, searches, captures, splits, columns }: Remembered): Remembered {
  return {
    filters: filters.slice(-MOST_KEPT.filters),
    savedFilters: boundedRecord(savedFilters, MOST_KEPT.savedFilters),
    searches: searches.slice(-MOST_KEPT.searches),
    captures: captures.slice(-MOST_KEPT.captures),
    splits: boundedRecord(splits, MOST_KEPT.splits),
    columns: boundedRecord(columns, MOST_KEPT.columns),
  };
}

function boundedRecord<T>(record: Readonly<Record<string, T>>, most: number): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).slice(-most));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

// What stands in the file

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ForeignMemory('it is not JSON');
  }
}

function objectIn(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ForeignMemory(`${name} is not an object`);
}

function listIn(name: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ForeignMemory(`${name} is not a list`);
  return value;
}

function linesIn(name: string, value: unknown): readonly string[] {
  return [...new Set(listIn(name, value).filter(isLine))];
}

function recordIn<T>(
  name: string,
  value: unknown,
  isMeant: (value: unknown) => value is T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(value === undefined ? {} : objectIn(name, value));
  return Object.fromEntries(entries.filter((entry): entry is [string, T] => isName(entry[0]) && isMeant(entry[1])));
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_LINE && !CONTROLS.test(value);
}

function isName(name: string): boolean {
  return name !== '' && name.length <= LONGEST_NAME && !CONTROLS.test(name);
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isColumns(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_COLUMNS &&
    value.every(name => typeof name === 'string' && isName(name))
  );
}

/** A path may hold any character but NUL; it is escaped where it is shown. A URL has no secrets. */
function isCapture(value: unknown): value is RecentCapture {
  if (typeof value !== 'object' || value === null) return false;
  const { path, opened } = value as Record<string, unknown>;
  if (typeof path !== 'string' || typeof opened !== 'number') return false;
  const isPlace = isUrl(path) ? captureName(path) === path : isAbsolute(path);
  return isPlace && path.length <= LONGEST_LINE && !path.includes('\0') && opened >= 0 && opened < 8.64e15;
}
