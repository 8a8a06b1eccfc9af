/** When findings are a failure: for the exit code of a command, for the verdict of a report, and for a test that expects none. */
import type { Severity } from '../lint/rule.ts';
import type { RunSummary } from './run-report.ts';

export interface Threshold {
  readonly failOn: 'error' | 'warning' | 'never';
  /** More warnings than this are a failure; undefined for any number. */
  readonly maxWarnings: number | undefined;
}

type Counts = Pick<RunSummary, 'errors' | 'warnings'>;

/**
 * The severities of which one finding makes the run a failure. Warnings are among them where they are too many: then
 * each of them is one of those that were.
 */
export function failingSeverities({ failOn, maxWarnings }: Threshold, { warnings }: Counts): ReadonlySet<Severity> {
  if (failOn === 'never') return new Set();
  const tooMany = warnings > (maxWarnings ?? Number.POSITIVE_INFINITY);
  return new Set(failOn === 'warning' || tooMany ? ['error', 'warning'] : ['error']);
}

export function isReached(threshold: Threshold, summary: Counts): boolean {
  const failing = failingSeverities(threshold, summary);
  return (summary.errors > 0 && failing.has('error')) || (summary.warnings > 0 && failing.has('warning'));
}
