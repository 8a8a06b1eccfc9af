/**
 * The fewest of some things that are still enough: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
 * failure-inducing input", 2002). What is left is minimal in that no one of them can go; another, smaller choice may exist.
 */

export interface Fewest<Item> {
  readonly items: readonly Item[];
  /** The work that was allowed was done before it was certain that none can go. */
  readonly isCutShort: boolean;
}

/**
 * @param items that are enough, all together
 * @param isEnough asked about some of them, in their order
 * @param work that all questions together may cost
 * @param cost of a question about so many of them
 */
export async function fewest<Item>(
  items: readonly Item[],
  isEnough: (some: readonly Item[]) => Promise<boolean>,
  work: number,
  cost: (items: number) => number,
): Promise<Fewest<Item>> {
  if (items.length === 0 || (await isEnough([]))) return { items: [], isCutShort: false };
  let rest = items;
  let left = work;
  for (let size = Math.ceil(rest.length / 2); ; size = Math.ceil(Math.min(size / 2, rest.length / 2))) {
    // Once more at the last size: what goes may let others go that were needed before.
    for (let hasChanged = true; hasChanged; ) {
      hasChanged = false;
      for (let end = rest.length; end > 0; end -= size) {
        const start = Math.max(0, end - size);
        const without = [...rest.slice(0, start), ...rest.slice(end)];
        if (without.length === 0) continue;
        left -= cost(without.length);
        if (left < 0) return { items: rest, isCutShort: true };
        if (!(await isEnough(without))) continue;
        rest = without;
        hasChanged = size === 1;
      }
    }
    if (size <= 1) return { items: rest, isCutShort: false };
  }
}
