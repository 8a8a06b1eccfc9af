/**
 * What the peer of one conversation is expected to say, and what it has said of that so far. A live message is held against
 * the first one of its name that it agrees with; order matters only between messages that say the same.
 */
import type { SeenMessage } from '../protocol/protocol.ts';
import { type Comparison, type Content, contentOf, differences, learn } from './comparing.ts';
import type { Difference } from './departure.ts';
import { contentBytes } from './leaves.ts';
import type { HearStep } from './script.ts';
import type { ReplayTable } from './table.ts';

/** One message that is expected. */
export class Expected {
  readonly step: HearStep;
  /** Nothing waits for it, and it may come or not. */
  readonly isOptional: boolean;
  /** When it came, by the clock of the run; -1 before. */
  metAt = -1;
  /** Of a stream: the bytes that are new in it, and how many of them have come. */
  readonly data: Uint8Array | undefined;
  consumed = 0;
  /** Some of them were others, and that was told. */
  hasDiffered = false;
  #content: Content | undefined = undefined;

  constructor(step: HearStep, isOptional: boolean, data: Uint8Array | undefined) {
    this.step = step;
    this.isOptional = isOptional;
    this.data = data;
  }

  get isMet(): boolean {
    return this.metAt >= 0;
  }

  get content(): Content {
    this.#content ??= contentOf(this.step.recorded);
    return this.#content;
  }

  meet(now: number): void {
    this.metAt = now;
    this.#content = undefined;
  }
}

/** What became of a live message. */
export type Reception =
  /** It is one that was expected; with differences, if there are any. */
  | { readonly kind: 'met'; readonly expected: Expected; readonly differences: readonly Difference[] }
  /** It is none that was expected. */
  | { readonly kind: 'extra'; readonly about: string }
  /** It may come or not. */
  | { readonly kind: 'idle' };

/** Expected messages that a live one is held against. */
const MOST_CANDIDATES = 256;
/** The same of a stream, most of which are of others. */
const MOST_SCANNED = 4_096;

/** Those of one name, in the order of the recording. */
interface Row {
  readonly all: Expected[];
  /** Those before it have come. */
  first: number;
}

export class Expectations {
  readonly #rows = new Map<string, Row>();
  readonly #table: ReplayTable;
  readonly #comparison: Comparison;
  /** Of streams: where the bytes end that were noted, and those that have come, by message and key. */
  readonly #recordedEnds = new Map<string, number>();
  readonly #liveEnds = new Map<string, number>();

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
    this.#table = comparison.table;
  }

  add(step: HearStep): Expected {
    const { recorded } = step;
    const { name, isRepeated } = recorded;
    const stream = this.#table.stream(name);
    let data: Uint8Array | undefined;
    if (stream) data = isRepeated ? NOTHING : newBytes(contentOf(recorded), recorded, stream, this.#recordedEnds);
    const expected = new Expected(step, isRepeated || this.#table.isOptional(name) || data?.length === 0, data);
    const row = this.#rows.get(name) ?? { all: [], first: 0 };
    row.all.push(expected);
    this.#rows.set(name, row);
    return expected;
  }

  /** @param awaited the one that the conversation cannot go on without @param now by the clock of the run */
  hear(seen: SeenMessage, awaited: Expected | undefined, now: number): Reception {
    const { name } = seen;
    const content = contentOf(seen);
    const row = this.#rows.get(name) ?? NO_ROW;
    while (row.all[row.first]?.isMet) row.first++;
    const stream = this.#table.stream(name);
    if (stream)
      return this.#hearStream(row, seen, content, newBytes(content, seen, stream, this.#liveEnds), stream.data, now);
    const found = this.#find(row, content, awaited);
    if (found) {
      const { expected, differences: others } = found;
      learn(expected.step.recorded, expected.content, content, this.#comparison);
      expected.meet(now);
      return { kind: 'met', expected, differences: others };
    }
    if (seen.repeated === true || this.#table.isOptional(name)) return { kind: 'idle' };
    return { kind: 'extra', about: name };
  }

  /** The first that agrees; else the one that differs least and is still the same message. */
  #find(
    { all, first }: Row,
    content: Content,
    awaited: Expected | undefined,
  ): { readonly expected: Expected; readonly differences: readonly Difference[] } | undefined {
    let best: { readonly expected: Expected; readonly differences: readonly Difference[] } | undefined;
    let last: typeof best;
    let looked = 0;
    for (let at = first; at < all.length && looked < MOST_CANDIDATES; at++) {
      const expected = all[at];
      if (expected.isMet) continue;
      looked++;
      const others = differences(expected.step.recorded, expected.content, content, this.#comparison);
      if (others.length === 0) return { expected, differences: others };
      const isSame = !others.some(({ isKey }) => isKey);
      if (isSame && (!best || others.length < best.differences.length)) best = { expected, differences: others };
      if (expected === awaited) last = { expected, differences: others };
    }
    if (best) return best;
    // One that comes in answer to the wrong thing is all the same the one that was waited for, where only one is.
    return looked === 1 && !last?.differences.some(({ path }) => path === this.#table.key) ? last : undefined;
  }

  #hearStream(
    { all, first }: Row,
    { name, repeated }: SeenMessage,
    content: Content,
    bytes: Uint8Array,
    field: string,
    now: number,
  ): Reception {
    if (repeated === true) return { kind: 'idle' };
    let rest = bytes;
    let met: Expected | undefined;
    let wrong: Difference | undefined;
    for (let at = first; at < Math.min(all.length, first + MOST_SCANNED) && rest.length > 0; at++) {
      const expected = all[at];
      const { data, isMet, step, consumed } = expected;
      if (isMet || !data || data.length === 0) continue;
      if (differences(step.recorded, expected.content, content, this.#comparison, field).length > 0) continue;
      if (consumed === 0) learn(step.recorded, expected.content, content, this.#comparison);
      const length = Math.min(rest.length, data.length - consumed);
      const other = expected.hasDiffered ? undefined : differenceOf(data, consumed, rest.subarray(0, length), field);
      if (other) expected.hasDiffered = true;
      wrong ??= other;
      expected.consumed += length;
      rest = rest.subarray(length);
      met = expected;
      if (expected.consumed === data.length) expected.meet(now);
    }
    if (rest.length > 0) return { kind: 'extra', about: `${name} with ${rest.length} bytes more than were recorded` };
    if (!met) return { kind: 'idle' };
    return { kind: 'met', expected: met, differences: wrong ? [wrong] : [] };
  }
}

const NOTHING = new Uint8Array(0);
const NO_ROW: Row = { all: [], first: 0 };

/** The bytes of a message of a stream that did not come before. */
function newBytes(
  content: Content,
  { message, layout }: Pick<SeenMessage, 'message' | 'layout'>,
  { message: name, data, end }: { readonly message: string; readonly data: string; readonly end?: string },
  ends: Map<string, number>,
): Uint8Array {
  const leaf = content.get(data);
  const bytes = leaf && layout ? contentBytes(message, leaf) : NOTHING;
  const endsAt = end === undefined ? undefined : content.get(end)?.value;
  if (endsAt === undefined) return bytes;
  const to = Number(endsAt) >>> 0;
  const known = ends.get(name);
  const overlap = known === undefined ? 0 : (known - (to - bytes.length)) | 0;
  if (known === undefined || ((to - known) | 0) > 0) ends.set(name, to);
  return overlap > 0 ? bytes.subarray(Math.min(overlap, bytes.length)) : bytes;
}

/** @param from where in the recorded bytes those that came belong */
function differenceOf(recorded: Uint8Array, from: number, actual: Uint8Array, path: string): Difference | undefined {
  const at = actual.findIndex((byte, index) => byte !== recorded[from + index]);
  if (at < 0) return undefined;
  const around = (bytes: Uint8Array, start: number) =>
    Buffer.from(bytes.subarray(start, start + SHOWN)).toString('hex');
  return {
    path: `${path} from its byte ${from + at} on`,
    expected: around(recorded, from + at),
    actual: around(actual, at),
    isKey: false,
  };
}

const SHOWN = 16;
