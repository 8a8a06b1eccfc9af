/** The members that a JSON value has, as filters name them: what completion offers of messages that were seen. */
import type { JsonValue } from '../wire/json.ts';
import { printField, type Step } from './syntax.ts';

/** Names that are collected of one value; beyond them a list to choose from is no help. */
const MOST_NAMES = 500;
/** Items of a list that are looked at: the first show what there is. */
const MOST_ITEMS = 100;
/** Members in each other. */
const DEEPEST = 8;

/** Each once, in the order of the text: `uploads`, `uploads[*].file`, `uploads[*].file.size`. Items are one: `[*]`. */
export function memberNames(value: JsonValue): readonly string[] {
  const names = new Set<string>();
  collect(value, [], names);
  return [...names];
}

function collect(value: JsonValue, path: readonly Step[], names: Set<string>): void {
  if (path.length >= DEEPEST) return;
  for (const { name, value: inner } of value.members) {
    if (names.size >= MOST_NAMES) return;
    const steps: readonly Step[] = [...path, { kind: 'name', name }];
    names.add(printField({ steps }));
    collect(inner, steps, names);
  }
  for (const item of value.items.slice(0, MOST_ITEMS)) collect(item, [...path, { kind: 'every' }], names);
}
