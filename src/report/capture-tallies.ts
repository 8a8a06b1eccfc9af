/**
 * The tallies of rules by capture, small enough to be kept for tens of thousands of captures: of each only the counts of the
 * rules that had something to judge. The rows that reports read are made when they are asked for.
 */
import type { Severity } from '../lint/rule.ts';
import type { CaptureRuleTally, CaptureTally, RuleTally } from '../lint/tally.ts';

interface RuleInForce {
  readonly id: string;
  readonly severity: Severity;
}

interface Kept extends Omit<CaptureTally, 'rules'> {
  readonly rules: readonly CaptureRuleTally[];
  /** `WIDTH` numbers for each rule that was exercised: its place in `rules`, and its counts. */
  readonly counts: readonly number[];
}

const WIDTH = 5;

export class CaptureTallies {
  readonly #kept: Kept[];
  /** By protocol: the rules of the last capture that has it, without counts. Mostly all captures have the same. */
  readonly #rules: Map<string, readonly CaptureRuleTally[]>;

  /** @param before those that these go on from */
  constructor(before?: CaptureTallies) {
    this.#kept = [...(before ? before.#kept : [])];
    this.#rules = new Map(before ? before.#rules : []);
  }

  /** @param capture its index in the run @param lane that holds something of its protocol */
  add(capture: number, { protocol, connections, messages, tallies }: CountedLane): void {
    const counts: number[] = [];
    for (const [place, { checked, broken, milder, inconclusive }] of tallies.entries()) {
      if (checked + broken + milder + inconclusive > 0) counts.push(place, checked, broken, milder, inconclusive);
    }
    const rules = this.#rulesOf(protocol, tallies);
    // Copied, because an array that has grown has room for more.
    this.#kept.push({ capture, protocol, connections, messages, rules, counts: counts.slice() });
  }

  /** By capture, then as they were added. */
  rows(): CaptureTally[] {
    return this.#kept.map(({ capture, protocol, connections, messages, rules: idle, counts }) => {
      const rules = [...idle];
      for (let at = 0; at < counts.length; at += WIDTH) {
        const [place, checked, broken, milder, inconclusive] = counts.slice(at, at + WIDTH);
        const { id, severity } = idle[place];
        rules[place] = { id, severity, checked, broken, milder, inconclusive, unasked: 0, accepted: 0 };
      }
      return { capture, protocol, connections, messages, rules };
    });
  }

  #rulesOf(protocol: string, tallies: readonly RuleInForce[]): readonly CaptureRuleTally[] {
    const known = this.#rules.get(protocol);
    const isSame = (rule: RuleInForce, place: number) =>
      rule.id === tallies[place].id && rule.severity === tallies[place].severity;
    if (known?.length === tallies.length && known.every(isSame)) return known;
    const rules = tallies.map(({ id, severity }) => {
      return { id, severity, checked: 0, broken: 0, milder: 0, inconclusive: 0, unasked: 0, accepted: 0 };
    });
    this.#rules.set(protocol, rules);
    return rules;
  }
}

/** One protocol in one capture, as far as it is counted. */
export interface CountedLane {
  readonly protocol: string;
  readonly connections: number;
  readonly messages: number;
  readonly tallies: readonly RuleTally[];
}
