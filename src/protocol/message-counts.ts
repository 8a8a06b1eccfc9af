/** Messages by name, out of a tracker's counters by type. */
import type { Layout } from '../wire/layout.ts';
import { UNKNOWN_MESSAGE } from './protocol.ts';

/**
 * Every message of the layouts, seen or not (editions of one name together), and those of no layout if there were any.
 * @param counts by place in `layouts`; behind them the messages of unknown type
 */
export function messageCountsOf(layouts: readonly Layout[], counts: ArrayLike<number>): Map<string, number> {
  const byName = new Map<string, number>();
  layouts.forEach(({ name }, type) => {
    byName.set(name, (byName.get(name) ?? 0) + counts[type]);
  });
  const unknown = counts[layouts.length];
  return unknown ? byName.set(UNKNOWN_MESSAGE, unknown) : byName;
}
