/**
 * What came of a rule, out of a judge's counts: how often it was checked, broken and inconclusive, the machine's steps and the
 * messages that passed without being asked among them.
 */
import type { ActiveRule, Group } from './active-rule.ts';
import type { CaptureEvidence } from './capture-evidence.ts';
import { BROKEN, INCONCLUSIVE, PASS } from './rule.ts';
import type { RuleCounts, StepTallies } from './tally.ts';

/** What is counted beside the outcomes: faults that the capture may have made by missing something. */
export const EXCUSES = 4;
/** Number of different counts. */
export const OUTCOMES = 5;

export interface OutcomeCounts {
  /** By `edition * ofEdition + index * OUTCOMES + outcome`; from `apart` on the same of what does not count. */
  readonly outcomes: Float64Array;
  readonly ofEdition: number;
  /** Undefined where what both ends break counts. */
  readonly apart: number | undefined;
  readonly capturing: CaptureEvidence;
}

/**
 * Those of one edition.
 * @param edition as `Subject.edition`
 * @param groups those that messages were judged by
 */
export function countsIn<Context>(
  edition: number,
  active: ActiveRule<Context>,
  machine: StepTallies,
  groups: readonly Group<Context>[],
  { outcomes, ofEdition, apart, capturing }: OutcomeCounts,
): RuleCounts {
  const { rule, basis, needsBeginning } = active;
  const { isKnown, isDropping } = capturing;
  const steps = machine.tally(rule.id, edition);
  const first = edition * ofEdition + active.index * OUTCOMES;
  const { withheld } = steps;
  const restored = isKnown ? outcomes[first + EXCUSES] : 0;
  const passedOver = groups.reduce((total, group) => total + group.passed(active, edition), 0);
  const judged = outcomes[first + PASS] + outcomes[first + BROKEN] + restored + steps.checked + passedOver;
  const checked = judged + (needsBeginning ? 0 : withheld.checked);
  const broken = outcomes[first + BROKEN] + restored + steps.broken + (needsBeginning ? 0 : withheld.broken);
  // What the capture excuses is in doubt, no matter who would be at fault.
  const others = isKnown || apart === undefined ? 0 : outcomes[first + apart + EXCUSES];
  const excused = outcomes[first + EXCUSES] - restored + others;
  const inconclusive = outcomes[first + INCONCLUSIVE] + excused + (needsBeginning ? withheld.checked : 0);
  if (isDropping && basis === 'unseen') return { checked: 0, broken: 0, inconclusive: inconclusive + checked };
  return { checked, broken, inconclusive };
}
