/** The timers of a proxy, which none of them keeps alive. */
import type { Timers } from '../guarding.ts';

export class ClockTimers implements Timers {
  readonly #running = new Set<NodeJS.Timeout>();

  after(milliseconds: number, call: () => void): () => void {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      call();
    }, milliseconds);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
