/** What is said of a comparison: its title, and what is taken to be compared. */
import { counted } from '../../report/numbers.ts';
import { inWords } from '../model/compare-keys.ts';
import type { ModelState } from '../model/state.ts';
import { shown } from '../text/cells.ts';

/** `Compare frame 5 with frame 7: 3 rows differ` */
export function comparedTitle({ comparison }: ModelState): string {
  if (!comparison) return 'Compare';
  const { differences, compared } = comparison;
  const [left, right] = compared.titles;
  const outcome =
    differences === 0 ? 'no difference' : `${counted(differences, 'row')} ${differences === 1 ? 'differs' : 'differ'}`;
  return `Compare ${shown(left)} with ${shown(right)}: ${outcome}`;
}

/** What the keys do where two are compared. */
export function comparedHints({ keys }: ModelState): readonly string[] {
  const sides = `${keys.print('left')} ${keys.print('right')} side`;
  return [keys.hint('enter', 'message'), keys.hint('compare', 'forget'), sides];
}

/** What `=` would compare with, where anything was taken to be compared. */
export function toCompareHint(model: ModelState): string | undefined {
  return model.toCompare && model.view !== 'compare'
    ? model.keys.hint('compare', `with ${inWords(model, model.toCompare)}`)
    : undefined;
}
