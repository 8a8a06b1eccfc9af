/** Findings by severity, as the tallies of rules have them: exact, whatever the listings leave out. */
import type { RuleTally, RunSummary } from './run-report.ts';

export type Counts = Pick<RunSummary, 'errors' | 'warnings' | 'infos'>;

export function countsOf(rules: readonly RuleTally[]): Counts {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity, broken, milder } of rules) {
    counts[severity] += broken - milder;
    counts.warning += milder;
  }
  return { errors: counts.error, warnings: counts.warning, infos: counts.info };
}
