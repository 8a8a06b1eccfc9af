/** Compares what the live peer says with what was recorded of its like, and learns the values that it has chosen. */
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import type { Difference } from './difference.ts';
import { type Leaf, leavesOf, measures } from './leaves.ts';
import type { Recorded } from './script.ts';
import type { ReplayTable } from './table.ts';
import type { LiveValues } from './values.ts';

/** Differences of one message that are listed; one with more is as different. */
const MOST_DIFFERENCES = 64;

/** A message as its values, by path. */
export type Content = ReadonlyMap<string, Leaf>;

export function contentOf({ message, layout }: Pick<SeenMessage, 'message' | 'layout'>): Content {
  return new Map(leavesOf(message, layout).map(leaf => [leaf.path, leaf]));
}

export interface Comparison {
  readonly table: ReplayTable;
  readonly values: LiveValues;
  readonly flow: number;
}

/** @param except field, without the places in lists, that is compared in another way */
export function differences(
  recorded: Recorded,
  expected: Content,
  actual: Content,
  { table, values, flow }: Comparison,
  except?: string,
): readonly Difference[] {
  const { name, layout } = recorded;
  const counted = lengthsOf(layout);
  const isCompared = ({ plain, field }: Leaf) =>
    !table.varies(name, plain) &&
    plain !== except &&
    field?.kind !== 'unixTime' &&
    (field === undefined || !counted.has(field));
  const found: Difference[] = [];
  for (const [path, leaf] of expected) {
    if (found.length >= MOST_DIFFERENCES) break;
    if (!isCompared(leaf)) continue;
    const places = table.places(name, leaf.plain);
    const live = actual.get(path)?.value;
    const isOwn = places.some(({ standings }) => standings.includes('chosen'));
    const echo = places
      .filter(({ standings }) => !standings.includes('chosen'))
      .map(({ value, standings }) => values.find(flow, value.name, standings, 'peer', leaf.value))
      .find(value => value !== undefined);
    const wanted = echo ?? leaf.value;
    if (live === wanted || (isOwn && live !== undefined)) continue;
    const isKey = leaf.plain === table.key || (places.length > 0 && !isOwn);
    found.push({ path, expected: wanted, actual: live, isKey });
  }
  for (const [path, leaf] of actual) {
    if (found.length >= MOST_DIFFERENCES) break;
    if (expected.has(path) || !isCompared(leaf)) continue;
    found.push({ path, expected: undefined, actual: leaf.value, isKey: leaf.plain === table.key });
  }
  return found;
}

/** The live message stands for the recorded one: the values that its sender has chosen in it hold from now on. */
export function learn(
  { name }: Recorded,
  expected: Content,
  actual: Content,
  { table, values, flow }: Comparison,
): void {
  if (!table.hasPlaces(name)) return;
  for (const [path, leaf] of expected) {
    const live = actual.get(path)?.value;
    if (live === undefined) continue;
    for (const { value, standings } of table.places(name, leaf.plain)) {
      if (standings.includes('chosen')) values.set(flow, value.name, 'peer', leaf.value, live);
    }
  }
}

const lengths = new WeakMap<Layout, ReturnType<typeof measures>>();
const NO_LENGTHS: ReturnType<typeof measures> = new Set();

function lengthsOf(layout: Layout | undefined): ReturnType<typeof measures> {
  if (!layout) return NO_LENGTHS;
  const known = lengths.get(layout) ?? measures(layout);
  lengths.set(layout, known);
  return known;
}
