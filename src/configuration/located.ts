/**
 * What a configuration file says, with the place of every part: what went wrong can then be shown where it stands.
 * Objects are lists of members, so that no name of the file is ever that of a property here: `__proto__` is a key that
 * there is not, like any other.
 */
import { UsageError } from '../settings/words.ts';
import { visible } from '../wire/escape.ts';

/** From 1; columns are characters. Code has no places: what counts is what it came to. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

export interface Member {
  readonly key: string;
  /** Where the key stands. */
  readonly at: SourcePlace | undefined;
  readonly value: Located;
}

export type Located =
  | { readonly kind: 'object'; readonly members: readonly Member[]; readonly at: SourcePlace | undefined }
  | { readonly kind: 'list'; readonly items: readonly Located[]; readonly at: SourcePlace | undefined }
  | {
      readonly kind: 'value';
      readonly value: string | number | boolean | null;
      readonly at: SourcePlace | undefined;
    }
  /** Of code only: what no file could say. */
  | { readonly kind: 'other'; readonly value: unknown; readonly words: string; readonly at: undefined };

/** The file that is read. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As people are shown it. */
  readonly name: string;
  /** Absolute; what the file names by a path is looked for from here. */
  readonly folder: string;
}

/** Values in one file, lists and objects among them: far more than anybody sets. */
export const MOST_VALUES = 10_000;
/** Lists and objects within each other. */
export const DEEPEST = 32;
/** Characters of a value that are quoted. */
const LONGEST_QUOTE = 80;

/** An error of the user's that names the file and the place in it: `wirelint.config.yaml:3:5: rules: ...`. */
export function complaint(file: SourceFile, at: SourcePlace | undefined, reason: string): UsageError {
  const place = at === undefined ? '' : `:${at.line}:${at.column}`;
  return new UsageError(`${file.name}${place}: ${reason}`, reason);
}

/** The same about a setting, which it shows as the file has it. */
export function settingComplaint(
  file: SourceFile,
  { at, path, quote }: { readonly at: SourcePlace | undefined; readonly path: string; readonly quote: string },
  advice: string,
): UsageError {
  return complaint(file, at, `${path}: ${quote}: ${advice}`);
}

/** Turns offsets of a text into places. */
export function placesIn(text: string): (offset: number) => SourcePlace {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return offset => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

/** A value in short, as the file has it. */
export function quoted(located: Located): string {
  if (located.kind === 'object') return 'an object';
  if (located.kind === 'list') return 'a list';
  if (located.kind === 'other') return located.words;
  const text = typeof located.value === 'string' ? JSON.stringify(located.value) : String(located.value);
  return shown(text);
}

/** A key that hangs below another one: `rules["mnet/length"]`, `proxy.idle`, `decodeAs[0]`. */
export function keyBelow(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  const safe = shown(key);
  if (!/^[\w$]+$/.test(safe)) return `${path}["${safe}"]`;
  return path === '' ? safe : `${path}.${safe}`;
}

/** Text of the file, not to act on what it is shown on, nor to fill it. */
export function shown(text: string): string {
  const safe = visible(text);
  return safe.length > LONGEST_QUOTE ? `${safe.slice(0, LONGEST_QUOTE)}...` : safe;
}
