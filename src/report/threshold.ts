/** When findings are a failure: for the exit code of a command, and for a test that expects none. */
import type { RunSummary } from './run-report.ts';

export interface Threshold {
  readonly failOn: 'error' | 'warning' | 'never';
  /** More warnings than this are a failure; undefined for any number. */
  readonly maxWarnings: number | undefined;
}

export function isReached(
  { failOn, maxWarnings }: Threshold,
  summary: Pick<RunSummary, 'errors' | 'warnings'>,
): boolean {
  if (failOn === 'never') return false;
  const tooMany = summary.warnings > (maxWarnings ?? Number.POSITIVE_INFINITY);
  return summary.errors > 0 || tooMany || (failOn === 'warning' && summary.warnings > 0);
}
