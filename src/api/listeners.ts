/**
 * Listeners, by the name of what they listen to. They are the user's code: they run after the call that reports the
 * news has returned, so that they may do anything, and what they throw is kept for `throwProblem`.
 */

export type Listener<What> = (what: What) => void;

export class Listeners<Events extends object> {
  readonly #byName = new Map<keyof Events, Set<Listener<never>>>();
  /** What the first listener that failed has thrown, in a list of one. */
  readonly #problems: unknown[] = [];

  add<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const listeners = this.#byName.get(name) ?? new Set();
    listeners.add(listener);
    this.#byName.set(name, listeners);
  }

  delete<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    this.#byName.get(name)?.delete(listener);
  }

  tell<Name extends keyof Events>(name: Name, what: Events[Name]): void {
    const listeners = this.#byName.get(name) as ReadonlySet<Listener<Events[Name]>> | undefined;
    if (!listeners || listeners.size === 0) return;
    queueMicrotask(() => {
      for (const listener of listeners) this.#call(listener, what);
    });
  }

  throwProblem(): void {
    for (const problem of this.#problems) throw problem;
  }

  #call<What>(listener: Listener<What>, what: What): void {
    try {
      const result: unknown = listener(what);
      if (result instanceof Promise) result.catch(error => this.#keep(error));
    } catch (error) {
      this.#keep(error);
    }
  }

  #keep(error: unknown): void {
    if (this.#problems.length === 0) this.#problems.push(error);
  }
}
