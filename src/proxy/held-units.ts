/** The units that guarded flows hold, over all flows: see holds.ts for what may be done about them. */
import type { HeldUnit, HoldChange, HoldingFlow, Holds, OpenFlow, Release } from './holds.ts';

interface Held {
  readonly unit: HeldUnit;
  readonly course: HoldingFlow;
}

export class HeldUnits implements Holds {
  onChange: ((change: HoldChange) => void) | undefined = undefined;
  readonly #held = new Map<number, Held>();
  readonly #courses: () => readonly HoldingFlow[];
  #last = 0;

  constructor(courses: () => readonly HoldingFlow[]) {
    this.#courses = courses;
  }

  held(): readonly HeldUnit[] {
    return [...this.#held.values()].map(({ unit }) => unit);
  }

  unit(id: number): HeldUnit | undefined {
    return this.#held.get(id)?.unit;
  }

  flows(): readonly OpenFlow[] {
    return this.#courses().map(course => course.describe());
  }

  forward(id: number, bytes?: Uint8Array, note = ''): boolean {
    return this.#release(id, { bytes, note, isDropped: false });
  }

  drop(id: number): boolean {
    return this.#release(id, { bytes: undefined, note: '', isDropped: true });
  }

  repeat(id: number): number {
    const held = this.#held.get(id);
    if (!held) return 0;
    return held.course.release(id, { bytes: undefined, note: '', isDropped: false, isRepeated: true });
  }

  send(flow: number, to: 'client' | 'server', bytes: Uint8Array, note: string): boolean {
    const course = this.#courseOf(flow);
    course?.inject(to, bytes, note);
    return course !== undefined;
  }

  abort(flow: number): boolean {
    const course = this.#courseOf(flow);
    course?.abort();
    return course !== undefined;
  }

  /** A unit is held from now on. @returns its id */
  add(course: HoldingFlow, unit: Omit<HeldUnit, 'id'>): number {
    const id = ++this.#last;
    const held = { ...unit, id };
    this.#held.set(id, { course, unit: held });
    this.onChange?.({ kind: 'held', unit: held });
    return id;
  }

  /** It is held no more. */
  delete(id: number): void {
    const unit = this.unit(id);
    if (unit && this.#held.delete(id)) this.onChange?.({ kind: 'released', unit });
  }

  #courseOf(flow: number): HoldingFlow | undefined {
    return this.#courses().find(course => course.flow === flow);
  }

  #release(id: number, release: Release): boolean {
    const held = this.#held.get(id);
    held?.course.release(id, release);
    return held !== undefined;
  }
}
