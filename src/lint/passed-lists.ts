/**
 * Lists of rules that a message passes together, as far as they are in force: one number counts them all, and is added to the
 * count of each rule when that is asked for.
 */
import type { RuleDocument } from './rule.ts';

/** Lists that are counted so: what peers send decides how many there are. */
const MOST_COUNTED = 256;

interface PassedList<Active> {
  readonly rules: readonly Active[];
  /** Messages that passed them, by edition; undefined where each rule is to be counted by itself. */
  readonly times: Float64Array | undefined;
}

export class PassedLists<Active> {
  readonly #inForce: (rule: RuleDocument) => Active | undefined;
  readonly #editions: number;
  readonly #lists = new WeakMap<readonly RuleDocument[], PassedList<Active>>();
  readonly #counted: PassedList<Active>[] = [];

  /** @param inForce the rule as it is here; undefined for one that is off @param editions how many are kept apart */
  constructor(inForce: (rule: RuleDocument) => Active | undefined, editions: number) {
    this.#inForce = inForce;
    this.#editions = editions;
  }

  of(rules: readonly RuleDocument[]): PassedList<Active> {
    return this.#lists.get(rules) ?? this.#make(rules);
  }

  /** Hands out what was counted since the last time. */
  take(count: (active: Active, edition: number, times: number) => void): void {
    for (const { rules, times } of this.#counted) {
      times?.forEach((messages, edition) => {
        if (messages > 0) for (const active of rules) count(active, edition, messages);
      });
      times?.fill(0);
    }
  }

  #make(rules: readonly RuleDocument[]): PassedList<Active> {
    const isCounted = this.#counted.length < MOST_COUNTED;
    const list = {
      rules: rules.flatMap(rule => this.#inForce(rule) ?? []),
      times: isCounted ? new Float64Array(this.#editions + 1) : undefined,
    };
    if (isCounted) this.#counted.push(list);
    this.#lists.set(rules, list);
    return list;
  }
}
