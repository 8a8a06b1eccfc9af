/**
 * Flows whose acknowledgements are due in the order in which they stand here (§4.6). A flow stands in one such order at a
 * time, and holds its own place in it.
 */

/** What stands in an order: the order, and its neighbours there. */
export interface Ordered<Item extends Ordered<Item>> {
  due: Due<Item> | undefined;
  duePrevious: Item | undefined;
  dueNext: Item | undefined;
}

export class Due<Item extends Ordered<Item>> {
  #first: Item | undefined = undefined;
  #last: Item | undefined = undefined;

  add(flow: Item): void {
    flow.due?.leaveOut(flow);
    flow.due = this;
    flow.duePrevious = this.#last;
    if (this.#last) this.#last.dueNext = flow;
    else this.#first = flow;
    this.#last = flow;
  }

  /** The flow that is due before this one; undefined where there is none, or no order is known of it. */
  before(flow: Item): Item | undefined {
    return flow.due !== this || this.#first === flow ? undefined : this.#first;
  }

  /** The flow is acknowledged: those before it, which were passed over, are excused. */
  settle(flow: Item): void {
    while (flow.due === this && this.#first) this.leaveOut(this.#first);
  }

  /** No order is known of any of them. */
  clear(): void {
    while (this.#first) this.leaveOut(this.#first);
  }

  /** The flow has no certain place any more. */
  leaveOut(flow: Item): void {
    if (flow.due !== this) return;
    const { duePrevious: previous, dueNext: next } = flow;
    if (previous) previous.dueNext = next;
    else this.#first = next;
    if (next) next.duePrevious = previous;
    else this.#last = previous;
    flow.due = undefined;
    flow.duePrevious = undefined;
    flow.dueNext = undefined;
  }
}

/** Stands for an order in which nothing was ever due: see `awaiting`. */
export const NONE_DUE: Due<never> = new Due<never>();

/** The order with an item more at its end, made now if there was none: most connections need few of those that they may. */
export function awaiting<Item extends Ordered<Item>>(order: Due<Item>, item: Item): Due<Item> {
  const own: Due<Item> = order === NONE_DUE ? new Due<Item>() : order;
  own.add(item);
  return own;
}
