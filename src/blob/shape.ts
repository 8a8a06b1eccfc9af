/**
 * Reads plain data that somebody else may have written: a shape says what must be there and gives it a type. What does not
 * fit ends in one line with its place: `captures[3].frame: no whole number`. What a shape does not know is left out.
 */

export type Shape<T> = (value: unknown) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** The message says where and what, for people. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly path: readonly (string | number)[];
  readonly problem: string;

  constructor(problem: string, path: readonly (string | number)[] = []) {
    const place = path.reduce<string>((text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`), '');
    super(`${place.replace(/^\./, '')}${place === '' ? '' : ': '}${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

export const text: Shape<string> = value => (typeof value === 'string' ? value : refuse('no text'));
export const flag: Shape<boolean> = value => (typeof value === 'boolean' ? value : refuse('neither true nor false'));
export const number: Shape<number> = value => (typeof value === 'number' ? value : refuse('no number'));
/** A whole number from 0 on. */
export const count: Shape<number> = value =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : refuse('no whole number');

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return value => (values.includes(value as T) ? (value as T) : refuse(`none of ${values.join(', ')}`));
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return value => (value === null ? null : shape(value));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return value => {
    if (!Array.isArray(value)) return refuse('no list');
    return value.map((item, index) => at(index, () => shape(item)));
  };
}

export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<[A, B]> {
  return value => {
    if (!Array.isArray(value) || value.length !== 2) return refuse('no pair');
    return [at(0, () => first(value[0])), at(1, () => second(value[1]))];
  };
}

/** By names that nobody knows beforehand. */
export function table<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return value => {
    const entries = Object.entries(object(value));
    return Object.fromEntries(entries.map(([name, item]) => [name, at(name, () => shape(item))]));
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Present<F extends Fields> = { [K in keyof F]: Shaped<F[K]> };

/** @param optional fields that may be absent, and are then absent in the result */
export function record<F extends Fields, O extends Fields = Record<never, never>>(
  fields: F,
  optional: O = {} as O,
): Shape<Present<F> & Partial<Present<O>>> {
  const required = Object.entries(fields);
  const others = Object.entries(optional);
  return value => {
    const given = object(value);
    const result: Record<string, unknown> = {};
    for (const [name, shape] of required) {
      result[name] = at(name, () => (Object.hasOwn(given, name) ? shape(given[name]) : refuse('missing')));
    }
    for (const [name, shape] of others) {
      if (given[name] !== undefined) result[name] = at(name, () => shape(given[name]));
    }
    return result as Present<F> & Partial<Present<O>>;
  };
}

/**
 * The shape of a type. One that does not know a member of it is refused by the compiler, with the name of the member: what it does not
 * know would be left out without a word where it is optional.
 */
export function covering<T>() {
  return <S>(shape: Shape<S> & Lacking<Exclude<keyof T, keyof S>>): Shape<S> => shape;
}

type Lacking<Members> = [Members] extends [never] ? unknown : { readonly lacks: Members };

/** As the pairs that JSON has of it. */
export function mapOf<T>(shape: Shape<T>): Shape<Map<string, T>> {
  const pairs = list(pair(text, shape));
  return value => new Map(pairs(value));
}

/** Bytes, as base64. */
export const bytes: Shape<Uint8Array> = value => new Uint8Array(Buffer.from(text(value), 'base64'));

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('no object');
  return value as Readonly<Record<string, unknown>>;
}

function at<T>(step: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(error.problem, [step, ...error.path]);
  }
}

function refuse(problem: string): never {
  throw new ShapeError(problem);
}
