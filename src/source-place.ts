/**
 * Where in its author's source something was made: a rule, a message, a protocol. Those who make them say so when they do,
 * which costs about a microsecond; the place is put into words only when somebody asks, to say where a fault is.
 */

/** A call, as a line of a stack, and the name that stands in it for what is looked for. */
export interface SourcePlace {
  /** `at file:///.../index.js:12:5`, in the words of the engine that runs it. */
  readonly call: string;
  /** Key of the table in the call that stands for it; absent where the call is about nothing else. */
  readonly key?: string;
}

interface Made {
  readonly at: { readonly stack?: unknown };
  readonly key: string | undefined;
}

const places = new WeakMap<object, Made>();

/**
 * Remembers that `made` comes out of the call of `maker` that is under way.
 * @param key of the table in that call that stands for it
 */
export function rememberPlace(made: object, maker: (...given: never[]) => unknown, key?: string): void {
  const at: { stack?: unknown } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(at, maker);
  Error.stackTraceLimit = stackTraceLimit;
  places.set(made, { at, key });
}

/** A copy stands where its original does. */
export function copyPlace(original: object, copy: object): void {
  const place = places.get(original);
  if (place) places.set(copy, place);
}

/** Undefined for what was put together by hand. */
export function placeOf(made: object): SourcePlace | undefined {
  const place = places.get(made);
  const call = String(place?.at.stack ?? '').split('\n')[1];
  if (!place || call === undefined) return undefined;
  return { call: call.trim(), ...(place.key !== undefined && { key: place.key }) };
}
