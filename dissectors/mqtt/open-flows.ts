/**
 * Flows by Packet Identifier, in the order in which their identifiers were put in. Mostly there is one, or a few, and they
 * come and go with every message: those lie in a short list, which is never rebuilt, as the table of a map is all the time.
 */

/** Flows that lie in the list beside the first; more are in a map. */
const FEW = 3;

export class OpenFlows<Flow extends { readonly id: number }> {
  #first: Flow | undefined = undefined;
  /** Those behind the first: as many places are taken as `#more` says. Made with the second flow. */
  #few: (Flow | undefined)[] | undefined = undefined;
  #more = 0;
  #many: Map<number, Flow> | undefined = undefined;

  get isEmpty(): boolean {
    return this.#first === undefined && this.#many === undefined;
  }

  get(id: number): Flow | undefined {
    if (this.#first?.id === id) return this.#first;
    if (this.#many) return this.#many.get(id);
    const place = this.#placeOf(id);
    return place < 0 ? undefined : this.#few?.[place];
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  set(id: number, flow: Flow): void {
    if (this.#many) {
      this.#many.set(id, flow);
      return;
    }
    if (this.#first === undefined || this.#first.id === id) {
      this.#first = flow;
      return;
    }
    this.#few ??= [undefined, undefined, undefined];
    const place = this.#placeOf(id);
    if (place >= 0) this.#few[place] = flow;
    else if (this.#more < FEW) this.#few[this.#more++] = flow;
    else {
      this.#many = this.#moved();
      this.#many.set(id, flow);
    }
  }

  delete(id: number): void {
    if (this.#many) {
      this.#many.delete(id);
      if (this.#many.size === 0) this.#many = undefined;
      return;
    }
    if (this.#first?.id === id) {
      this.#first = this.#more > 0 ? this.#without(0) : undefined;
      return;
    }
    const place = this.#placeOf(id);
    if (place >= 0) this.#without(place);
  }

  /** Flows may be put in and taken out meanwhile. */
  values(): Iterable<Flow> {
    if (this.#many) return this.#many.values();
    if (this.#first === undefined) return NOTHING;
    return this.#more === 0 ? [this.#first] : [this.#first, ...this.#taken()];
  }

  #taken(): Flow[] {
    return (this.#few ?? []).filter(flow => flow !== undefined);
  }

  #placeOf(id: number): number {
    const few = this.#few;
    for (let place = 0; place < this.#more; place++) if (few?.[place]?.id === id) return place;
    return -1;
  }

  /** Takes out the flow at a place, and returns it. */
  #without(place: number): Flow | undefined {
    const few = this.#few ?? [];
    const flow = few[place];
    this.#more--;
    for (let at = place; at < this.#more; at++) few[at] = few[at + 1];
    few[this.#more] = undefined;
    return flow;
  }

  #moved(): Map<number, Flow> {
    const many = new Map(Array.from(this.values(), flow => [flow.id, flow]));
    this.#first = undefined;
    this.#few = undefined;
    this.#more = 0;
    return many;
  }
}

const NOTHING: readonly never[] = [];
