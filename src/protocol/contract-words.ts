/**
 * How the contract reads what it knows nothing about, and the words it says it in. Each function takes an object and
 * the name of a property, and answers with what its author has to fix: a list, empty when all is well. None of them
 * throws, whatever the property holds.
 *
 * A problem is its words, until it is known which part of the protocol they are about (`about`): its author then reads
 * where that part was made.
 */

/** An object of which nothing is known. */
export type Loose = Readonly<Record<PropertyKey, unknown>>;

export const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** A value as a message can hold it: short texts and numbers as they are, of everything else what it is. */
export function shown(value: unknown): string {
  if (isText(value)) return value.length > 60 ? `${value.slice(0, 60)}...` : value;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Words about a part of the protocol: a rule, a layout. */
export interface Problem {
  readonly words: string;
  readonly part: object;
}

/** Says of each problem where it is. */
export function at(where: string, problems: readonly string[]): string[];
export function at(where: string, problems: readonly (string | Problem)[]): (string | Problem)[];
export function at(where: string, problems: readonly (string | Problem)[]): (string | Problem)[] {
  return problems.map(problem => {
    if (isText(problem)) return `${where}: ${problem}`;
    return { ...problem, words: `${where}: ${problem.words}` };
  });
}

/** Says of each problem which part it is about, and what that is called. */
export function about(part: object, where: string, problems: readonly string[]): Problem[] {
  return at(where, problems).map(words => ({ words, part }));
}

/** A text that is not blank. */
export function text(owner: Loose, name: string): string[] {
  const value = owner[name];
  if (value === undefined || (isText(value) && value.trim() === '')) return [`no ${name}`];
  return isText(value) ? [] : [`${name} is ${shown(value)}, not a text`];
}

/** A text as it stands in a list: one line without a full stop at its end, of at most `most` characters. */
export function line(owner: Loose, name: string, most = Number.POSITIVE_INFINITY): string[] {
  const problems = text(owner, name);
  const value = owner[name];
  if (problems.length > 0 || !isText(value)) return problems;
  if (/[\r\n]/.test(value)) return [`${name} has more than one line`];
  if (value !== value.trim()) return [`${name} begins or ends with blanks`];
  if (value.endsWith('.')) return [`${name} ends in a full stop; it is one line of a list`];
  return value.length > most ? [`${name} has ${value.length} characters; ${most} are the most`] : [];
}

/** One of a few words. */
export function oneOf(owner: Loose, name: string, words: readonly string[]): string[] {
  const value = owner[name];
  if (value === undefined) return [`no ${name}; it is one of ${words.join(', ')}`];
  return isText(value) && words.includes(value) ? [] : [`${name} is ${shown(value)}; it is one of ${words.join(', ')}`];
}

/** A whole number of at least `least`. */
export function count(owner: Loose, name: string, least = 0): string[] {
  const value = owner[name];
  if (value === undefined) return [`no ${name}`];
  return isCount(value) && value >= least
    ? []
    : [`${name} is ${shown(value)}; it is a whole number of at least ${least}`];
}

export function method(owner: Loose, name: string): string[] {
  const value = owner[name];
  if (value === undefined) return [`no ${name}`];
  return typeof value === 'function' ? [] : [`${name} is ${shown(value)}, not a function`];
}

/** What holds for a property only where it is there. */
export function optional(
  owner: Loose,
  name: string,
  demand: (owner: Loose, name: string) => readonly string[],
): readonly string[] {
  return owner[name] === undefined ? [] : demand(owner, name);
}

export function flag(owner: Loose, name: string): string[] {
  const value = owner[name];
  if (value === undefined) return [`no ${name}`];
  return typeof value === 'boolean' ? [] : [`${name} is ${shown(value)}; it is true or false`];
}

/** An array whose elements `fits` accepts. */
export function list(owner: Loose, name: string, fits: (value: unknown) => boolean, of: string): string[] {
  const value = owner[name];
  if (value === undefined) return [`no ${name}`];
  if (!Array.isArray(value)) return [`${name} is ${shown(value)}, not an array`];
  return value.flatMap((element, index) =>
    fits(element) ? [] : [`${name}: element ${index + 1} is ${shown(element)}, not ${of}`],
  );
}

export const texts = (owner: Loose, name: string) => list(owner, name, isText, 'a text');
export const objects = (owner: Loose, name: string) => list(owner, name, isObject, 'an object');

/** The elements of an array that are objects; those that are not were named by `objects`. */
export function objectsOf(owner: Loose, name: string): Loose[] {
  const value = owner[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textsOf(owner: Loose, name: string): string[] {
  const value = owner[name];
  return Array.isArray(value) ? value.filter(isText) : [];
}

/** The values that stand in the list before, each once. */
export function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
