/**
 * Messages about which no rule need be asked, by their type and remarks (rule-group.ts). Traffic has few different ones, and nearly
 * all of its messages are of these: both groups of rules that look at such a message are found at once.
 */
import type { Askable, Plan, RuleGroup } from './rule-group.ts';

/** Where the messages of a type with certain remarks are counted, by edition, in their form and in their content. */
interface Passed {
  readonly type: number;
  readonly remarks: number;
  readonly form: Float64Array;
  readonly content: Float64Array;
}

type Groups = readonly Pick<RuleGroup<Askable>, 'planOf'>[];

/** Those at hand, a power of two. */
const LATELY_BITS = 5;
/** 2^32 by the golden ratio, made odd. */
const GOLDEN = 0x9e3779b1;

export class Unasked {
  readonly #form: Groups;
  readonly #content: Groups;
  readonly #lately: (Passed | undefined)[] = new Array(1 << LATELY_BITS).fill(undefined);

  /** @param form groups of rules by type of message; @param content the same */
  constructor(form: Groups, content: Groups) {
    this.#form = form;
    this.#content = content;
  }

  /** Undefined where a rule must be asked. */
  of(type: number, remarks: number): Passed | undefined {
    const place = Math.imul(remarks ^ (type << 16), GOLDEN) >>> (32 - LATELY_BITS);
    const last = this.#lately[place];
    if (last !== undefined && last.type === type && last.remarks === remarks) return last;
    return this.#find(type, remarks, place);
  }

  #find(type: number, remarks: number, place: number): Passed | undefined {
    const form = this.#form[type].planOf(remarks);
    const content = this.#content[type].planOf(remarks);
    if (!asksNone(form) || !asksNone(content)) return undefined;
    const passed = { type, remarks, form: form.judged, content: content.judged };
    this.#lately[place] = passed;
    return passed;
  }
}

function asksNone(plan: Plan<Askable> | undefined): plan is Plan<Askable> {
  return plan !== undefined && plan.asked.length === 0;
}
