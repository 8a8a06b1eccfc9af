/**
 * What a defined protocol has of replaying without saying it: the fields that pair requests with answers are chosen by who
 * asks, and said again by who answers. What its author says of a field stands instead.
 */
import type { ReplayedValue, Replaying } from '../protocol/replay.ts';
import type { WaitSpec } from './waits.ts';

/** @param own what the author says; undefined where there is nothing of either kind */
export function replayOf(
  waits: Readonly<Record<string, WaitSpec<string, string>>>,
  own: Replaying | undefined,
): Replaying | undefined {
  const values = own?.values ?? [];
  const said = new Set(values.flatMap(({ chosen, echoed = [], again = [] }) => [...chosen, ...echoed, ...again]));
  const paired = Object.entries(waits)
    .flatMap(([name, wait]) => valuesOf(name, wait))
    .filter(({ chosen, echoed = [] }) => ![...chosen, ...echoed].some(path => said.has(path)));
  if (paired.length === 0) return own;
  return { ...own, values: [...values, ...paired] };
}

function valuesOf(wait: string, { asks, answers, by = [] }: WaitSpec<string, string>): readonly ReplayedValue[] {
  const named = (messages: string | readonly string[], field: string) => {
    return [messages].flat().map(message => `${message}.${field}`);
  };
  return [by].flat().map(field => ({
    name: `${field} of ${wait}`,
    chosen: named(asks, field),
    echoed: named(answers, field),
  }));
}
