/** The connection in force on each flow, by slot: all that most messages need to know of their flow. */
import { withRoomFor } from './records.ts';

export class FlowSlots {
  /** Slot + 1 by flow; 0 for none. */
  #links = new Uint32Array(64);

  /** Slot of the flow's connection; -1 where it has none. */
  slotOf(flow: number): number {
    return flow < this.#links.length ? this.#links[flow] - 1 : -1;
  }

  set(flow: number, slot: number): void {
    this.#links = withRoomFor(this.#links, flow);
    this.#links[flow] = slot + 1;
  }

  /** The flow has no connection any more; it may never have had one. */
  clear(flow: number): void {
    if (flow < this.#links.length) this.#links[flow] = 0;
  }
}
