/** Findings by severity, as the tallies of rules have them: exact, whatever the listings leave out. */

import type { RuleTally } from '../lint/tally.ts';
import { counted } from './numbers.ts';
import type { RunSummary } from './run-report.ts';

export type Counts = Pick<RunSummary, 'errors' | 'warnings' | 'infos'>;

export function countsOf(rules: readonly RuleTally[]): Counts {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity, broken, milder } of rules) {
    counts[severity] += broken - milder;
    counts.warning += milder;
  }
  return { errors: counts.error, warnings: counts.warning, infos: counts.info };
}

/** `3 errors`, `1 warning`: those that there are. */
export function countWords({ errors, warnings, infos }: Counts): string[] {
  return [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(infos > 0 ? [counted(infos, 'info')] : []),
  ];
}
