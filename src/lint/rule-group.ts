/**
 * The rules that look at one kind of message in one phase. Which of them have to be asked follows from what is remarkable
 * about a message (`Rule.when`). Traffic has few different sets of remarks, so that is worked out once a set: those not
 * asked come out the same for all messages with these remarks, and one number counts what came of all of them.
 */
import { ALL_REMARKS, type Outcome, PASS, type Rule, SKIP } from './rule.ts';

/** Sets of remarks that are remembered of one group: peers choose what they send. */
const MOST_PLANS = 256;
/** Plans at hand, a power of two. */
const LATELY_BITS = 4;
const LATELY = 1 << LATELY_BITS;
/** 2^32 by the golden ratio, made odd. */
const GOLDEN = 0x9e3779b1;

/** What a group needs of a rule. */
export interface Askable {
  readonly rule: Pick<Rule<never>, 'when' | 'otherwise'>;
}

/** What to do with a message that has certain remarks. */
export interface Plan<Active extends Askable> {
  readonly remarks: number;
  /** In the group's order. */
  readonly asked: readonly Active[];
  /** Not asked, as they pass. Those that would skip it count nothing. */
  readonly passing: readonly Active[];
  /** Messages by edition that were judged so, and broke nothing. */
  readonly judged: Float64Array;
}

/** What comes of a rule with a message that has these remarks; undefined where it must be asked. */
export function unasked({ rule }: Askable, remarks: number): Outcome | undefined {
  const { when = ALL_REMARKS, otherwise = SKIP } = rule;
  if (when === ALL_REMARKS || (when & remarks) !== 0) return undefined;
  return typeof otherwise === 'function' ? otherwise(remarks) : otherwise;
}

export class RuleGroup<Active extends Askable> {
  /** In the order in which they are asked. */
  readonly rules: readonly Active[];
  /** Made with the first: in most captures most groups judge nothing. */
  #plans: Map<number, Plan<Active>> | undefined = undefined;
  readonly #editions: number;
  /** Those asked for lately, by some bits of their remarks: a few sets take turns, and a map takes its time. */
  readonly #lately: (Plan<Active> | undefined)[] = new Array(LATELY).fill(undefined);

  /** @param editions that the counts are kept apart by */
  constructor(rules: readonly Active[], editions: number) {
    this.rules = rules;
    this.#editions = editions;
  }

  /** Undefined where more sets of remarks came up than are remembered: each rule decides for itself. */
  planOf(remarks: number): Plan<Active> | undefined {
    const place = Math.imul(remarks, GOLDEN) >>> (32 - LATELY_BITS);
    const last = this.#lately[place];
    if (last !== undefined && last.remarks === remarks) return last;
    const plan = this.#plans?.get(remarks) ?? this.#make(remarks);
    this.#lately[place] = plan;
    return plan;
  }

  /** Whether it has judged any message. */
  get hasPlans(): boolean {
    return this.#plans !== undefined;
  }

  /** Messages of an edition that the rule passed without being asked. */
  passed(active: Active, edition: number): number {
    let total = 0;
    if (!this.#plans) return total;
    for (const { passing, judged } of this.#plans.values()) if (passing.includes(active)) total += judged[edition];
    return total;
  }

  #make(remarks: number): Plan<Active> | undefined {
    this.#plans ??= new Map();
    if (this.#plans.size >= MOST_PLANS) return undefined;
    const plan = {
      remarks,
      asked: this.rules.filter(active => unasked(active, remarks) === undefined),
      passing: this.rules.filter(active => unasked(active, remarks) === PASS),
      judged: new Float64Array(this.#editions + 1),
    };
    this.#plans.set(remarks, plan);
    return plan;
  }
}
