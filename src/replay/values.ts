/**
 * Values that are others in the live conversation than in the recording: which live one stands for which recorded one, by
 * who chose it. Those of a flow come first; what only another flow knows (a name that a server gave, used in the next
 * connection) comes after.
 */
import type { Standing } from './table.ts';

/** Who chose a value. */
export type Chooser = 'own' | 'peer';

/** Of one flow, and of all: the oldest go. */
const MOST_VALUES = 100_000;

export class LiveValues {
  readonly #byFlow = new Map<number, Map<string, string>>();
  readonly #all = new Map<string, string>();

  set(flow: number, name: string, by: Chooser, recorded: string, live: string): void {
    const own = this.#byFlow.get(flow) ?? new Map<string, string>();
    this.#byFlow.set(flow, own);
    const key = keyOf(name, by, recorded);
    put(own, key, live);
    put(this.#all, key, live);
  }

  /** Known of this flow itself. */
  own(flow: number, name: string, by: Chooser, recorded: string): string | undefined {
    return this.#byFlow.get(flow)?.get(keyOf(name, by, recorded));
  }

  /**
   * What stands for a recorded value in a message.
   * @param sender of the message
   */
  find(
    flow: number,
    name: string,
    standings: readonly Standing[],
    sender: Chooser,
    recorded: string,
  ): string | undefined {
    const choosers: Chooser[] = [];
    if (standings.includes('echoed')) choosers.push(sender === 'own' ? 'peer' : 'own');
    if (standings.includes('again')) choosers.push(sender);
    for (const by of choosers) {
      const live = this.own(flow, name, by, recorded);
      if (live !== undefined) return live;
    }
    for (const by of choosers) {
      const live = this.#all.get(keyOf(name, by, recorded));
      if (live !== undefined) return live;
    }
    return undefined;
  }
}

function keyOf(name: string, by: Chooser, recorded: string): string {
  return `${by} ${name} ${recorded}`;
}

function put(values: Map<string, string>, key: string, live: string): void {
  values.delete(key);
  values.set(key, live);
  if (values.size <= MOST_VALUES) return;
  for (const oldest of values.keys()) {
    values.delete(oldest);
    return;
  }
}
