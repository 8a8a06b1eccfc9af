/**
 * How often a rule was judged and what came of it, as plain data: over a whole run, and by capture. A rule that was never
 * checked has not passed, so it is listed with zeros.
 */
import type { Severity } from './rule.ts';

export interface RuleCounts {
  /** Times the rule had something to judge and could; `broken` of them were broken. */
  readonly checked: number;
  readonly broken: number;
  /** Times it had something to judge and could not. */
  readonly inconclusive: number;
}

export interface RuleTally extends RuleCounts {
  readonly id: string;
  /** Severity in force in this run; `off` rules are not in the list. */
  readonly severity: Severity;
  /** Of the broken ones: warnings, where the rule is an error. */
  readonly milder: number;
  /**
   * The same by edition, of a protocol whose statements have editions, always in their order. What is in none of them
   * happened in connections of which nobody knows the edition.
   */
  readonly byEdition?: readonly EditionTally[];
}

export interface EditionTally extends RuleCounts {
  readonly edition: string;
}

/** A rule's tally in one capture. */
export interface CaptureRuleTally extends RuleTally {
  /** Times it was broken that the report was asked to leave out (`-Y`); not in `broken`, and not passed either. */
  readonly unasked: number;
  /** Times it was broken that a baseline accepts; not in `broken`, and no failure. */
  readonly accepted: number;
}

/** What became of the rules of one protocol in one capture that holds traffic of it. */
export interface CaptureTally {
  /** Index into the run's captures. */
  readonly capture: number;
  readonly protocol: string;
  readonly connections: number;
  readonly messages: number;
  readonly rules: readonly CaptureRuleTally[];
}

/** How often a state machine's steps, each a judgement of its own, kept or broke one rule; it grows while they are counted. */
export interface StepTally {
  checked: number;
  broken: number;
  /** The same of connections whose history was not seen whole. */
  readonly withheld: { checked: number; broken: number };
}

/** What counts the steps of a state machine. */
export interface StepTallies {
  /** How often the rule with this id was checked and broken. @param edition as `Subject.edition` */
  tally(ruleId: string, edition: number): StepTally;
  /** Whether no step was taken. */
  readonly isEmpty: boolean;
}

const NEVER: RuleCounts = { checked: 0, broken: 0, inconclusive: 0 };

/** Those of rules that were not asked, by id; most protocols have no traffic in most captures of a run. */
const IDLE = new Map<string, RuleTally>();

/** A rule's tally where nothing was judged. */
export function idleTally(id: string, severity: Severity, editions: readonly string[]): RuleTally {
  const known = IDLE.get(id);
  const isSame = known?.severity === severity && (known.byEdition?.length ?? 0) === editions.length;
  if (isSame && editions.every((edition, place) => edition === known.byEdition?.[place]?.edition)) return known;
  const byEdition = editions.map(edition => ({ edition, ...NEVER }));
  const tally = { id, severity, ...NEVER, milder: 0, ...(editions.length > 0 && { byEdition }) };
  IDLE.set(id, tally);
  return tally;
}

export function sumOfCounts(all: readonly RuleCounts[]): RuleCounts {
  return all.reduce(
    (sum, { checked, broken, inconclusive }) => ({
      checked: sum.checked + checked,
      broken: sum.broken + broken,
      inconclusive: sum.inconclusive + inconclusive,
    }),
    NEVER,
  );
}

/**
 * Rule by rule over the captures. One that is of another severity in some of them has a row for each, so that every count
 * is of one severity. Mostly all captures have the same rules in the same order.
 */
export function addTallies(rules: readonly RuleTally[], more: readonly RuleTally[]): readonly RuleTally[] {
  const isSame = ({ id, severity }: RuleTally, index: number) =>
    id === more[index]?.id && severity === more[index]?.severity;
  const isLike = rules.length === more.length && rules.every(isSame);
  if (isLike && more.every(isNever)) return rules;
  if (isLike) return rules.map((rule, index) => added(rule, more[index]));
  const rows = new Map<string, RuleTally>();
  for (const tally of [...rules, ...more]) {
    const key = `${tally.id} ${tally.severity}`;
    const row = rows.get(key);
    rows.set(key, row ? added(row, tally) : tally);
  }
  const all = [...rows.values()];
  const ids = new Set(all.map(({ id }) => id));
  return [...ids].flatMap(id => all.filter(row => row.id === id));
}

/** Nothing came of the rule. */
export function isNever({ checked, broken, inconclusive }: RuleTally): boolean {
  return checked === 0 && broken === 0 && inconclusive === 0;
}

function added(rule: RuleTally, more: RuleTally): RuleTally {
  const { id, severity } = rule;
  const { checked, broken, inconclusive } = sumOfCounts([rule, more]);
  const both = { id, severity, checked, broken, inconclusive, milder: rule.milder + more.milder };
  if (!rule.byEdition) return both;
  const byEdition = rule.byEdition.map((one, place) => {
    // The same protocol has the same editions.
    const counts = sumOfCounts([one, more.byEdition![place]!]);
    const { edition } = one;
    return { edition, checked: counts.checked, broken: counts.broken, inconclusive: counts.inconclusive };
  });
  return { ...both, byEdition };
}
