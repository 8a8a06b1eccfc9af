/**
 * Flows by Packet Identifier, in the order in which their identifiers were put in. Mostly they are few, and come and go with
 * every message: those lie in a short list, which is never rebuilt, as the table of a map is all the time.
 */

/** Flows that lie in the list; more are in a map. */
const FEW = 4;

export class OpenFlows<Flow extends { readonly id: number }> {
  /** The first `#size` places are taken; made with the first flow. */
  #few: (Flow | undefined)[] | undefined = undefined;
  #size = 0;
  #many: Map<number, Flow> | undefined = undefined;

  get(id: number): Flow | undefined {
    if (this.#many) return this.#many.get(id);
    const place = this.#placeOf(id);
    return place < 0 ? undefined : this.#few?.[place];
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  set(id: number, flow: Flow): void {
    this.#few ??= [undefined, undefined, undefined, undefined];
    const place = this.#many ? -1 : this.#placeOf(id);
    if (place >= 0) this.#few[place] = flow;
    else if (!this.#many && this.#size < FEW) this.#few[this.#size++] = flow;
    else {
      this.#many ??= this.#moved();
      this.#many.set(id, flow);
    }
  }

  delete(id: number): void {
    if (this.#many) {
      this.#many.delete(id);
      if (this.#many.size === 0) this.#many = undefined;
      return;
    }
    const place = this.#placeOf(id);
    if (place < 0 || !this.#few) return;
    this.#size--;
    for (let at = place; at < this.#size; at++) this.#few[at] = this.#few[at + 1];
    this.#few[this.#size] = undefined;
  }

  /** Flows may be put in and taken out meanwhile. */
  values(): Iterable<Flow> {
    return this.#many?.values() ?? this.#few?.filter(flow => flow !== undefined) ?? [];
  }

  #placeOf(id: number): number {
    const few = this.#few;
    for (let place = 0; place < this.#size; place++) if (few?.[place]?.id === id) return place;
    return -1;
  }

  #moved(): Map<number, Flow> {
    const many = new Map(Array.from(this.values(), flow => [flow.id, flow]));
    this.#few?.fill(undefined);
    this.#size = 0;
    return many;
  }
}
