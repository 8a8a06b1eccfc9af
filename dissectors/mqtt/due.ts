/** Flows whose acknowledgements are due in the order in which they stand here (§4.6). */
import type { Flow } from './flows.ts';

/** Places before the first one that are kept before they are given back. */
const SLACK = 1024;

export class Due {
  #flows: (Flow | undefined)[] = [];
  #first = 0;
  /** Places given back so far: a flow's `place` counts them. */
  #gone = 0;

  add(flow: Flow): void {
    flow.place = this.#gone + this.#flows.length;
    this.#flows.push(flow);
  }

  /** The flow that is due before this one; undefined where there is none, or no order is known of it. */
  before(flow: Flow): Flow | undefined {
    const first = this.#flows[this.#first];
    return first === flow || !this.#has(flow) ? undefined : first;
  }

  /** The flow is acknowledged: those before it, which were passed over, are excused. */
  settle(flow: Flow): void {
    if (!this.#has(flow)) return;
    this.#first = flow.place - this.#gone + 1;
    this.#advance();
  }

  /** The flow has no certain place any more. */
  leaveOut(flow: Flow): void {
    if (!this.#has(flow)) return;
    this.#flows[flow.place - this.#gone] = undefined;
    this.#advance();
  }

  #has(flow: Flow): boolean {
    const at = flow.place - this.#gone;
    return at >= this.#first && this.#flows[at] === flow;
  }

  #advance(): void {
    while (this.#first < this.#flows.length && this.#flows[this.#first] === undefined) this.#first++;
    if (this.#first === this.#flows.length) {
      this.#gone += this.#first;
      this.#flows = [];
      this.#first = 0;
    } else if (this.#first >= SLACK && this.#first * 2 > this.#flows.length) {
      this.#flows = this.#flows.slice(this.#first);
      this.#gone += this.#first;
      this.#first = 0;
    }
  }
}
