/** JSON made of the members that it shall have, in the order in which they were named; scalars as the user wrote them. */
import type { Literal, Step } from '../filter/syntax.ts';
import { EditError } from './error.ts';
import { jsonFor } from './values.ts';

interface Entry {
  readonly name: string;
  readonly path: readonly Step[];
  readonly value: Literal;
}

/** Items of an array that is made. */
const MOST_ITEMS = 65_536;

/** @returns an object without members where nothing is wanted */
export function jsonText(wanted: readonly Entry[]): string {
  const whole = wanted.find(({ path }) => path.length === 0);
  if (whole === undefined) return wanted.length === 0 ? '{}' : textOf(wanted, 0);
  if (wanted.length > 1) throw new EditError(`${whole.name}: set as a whole, it has no other values`);
  return whole.value.text;
}

/** Of all entries whose ways are the same up to this step. */
function textOf(entries: readonly Entry[], depth: number): string {
  const [{ path, name, value }] = entries;
  if (path.length === depth) {
    if (entries.length > 1) throw new EditError(`${name}: what has a value has no members and no items`);
    return jsonFor(value);
  }
  const steps = new Map<string | number, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry, depth);
    if (typeof key !== typeof keyOf(entries[0], depth)) {
      throw new EditError(`${entry.name}: what has members has no items`);
    }
    steps.set(key, [...(steps.get(key) ?? []), entry]);
  }
  if (typeof keyOf(entries[0], depth) === 'string') {
    return `{${[...steps].map(([key, within]) => `${JSON.stringify(key)}:${textOf(within, depth + 1)}`).join(',')}}`;
  }
  const count = Math.max(...(steps.keys() as Iterable<number>)) + 1;
  if (count > MOST_ITEMS) throw new EditError(`${name}: an array that is made has at most ${MOST_ITEMS} items`);
  return `[${Array.from({ length: count }, (_, at) => (steps.has(at) ? textOf(steps.get(at)!, depth + 1) : 'null')).join(',')}]`;
}

function keyOf({ path, name }: Entry, depth: number): string | number {
  const step = path[depth];
  if (step === undefined) throw new EditError(`${name}: what has a value has no members and no items`);
  if (step.kind === 'every') throw new EditError(`${name}: an item of a message that is made is named by its number`);
  return step.kind === 'name' ? step.name : step.index;
}
