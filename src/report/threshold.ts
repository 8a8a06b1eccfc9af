/** When findings are a failure: for the exit code of a command, for the verdict of a report, and for a test that expects none. */
import type { Severity } from '../lint/rule.ts';
import type { Counts } from './counts.ts';
import { counted } from './numbers.ts';

export interface Threshold {
  readonly failOn: Severity | 'never';
  /** More warnings than this are a failure; undefined for any number. */
  readonly maxWarnings: number | undefined;
}

/**
 * The severities of which one finding makes the run a failure. Warnings are among them where they are too many: then
 * each of them is one of those that were.
 */
export function failingSeverities({ failOn, maxWarnings }: Threshold, { warnings }: Counts): ReadonlySet<Severity> {
  if (failOn === 'never') return new Set();
  const tooMany = warnings > (maxWarnings ?? Number.POSITIVE_INFINITY);
  if (failOn === 'info') return new Set(['error', 'warning', 'info']);
  return new Set(failOn === 'warning' || tooMany ? ['error', 'warning'] : ['error']);
}

export function isReached(threshold: Threshold, counts: Counts): boolean {
  const failing = failingSeverities(threshold, counts);
  return (
    (counts.errors > 0 && failing.has('error')) ||
    (counts.warnings > 0 && failing.has('warning')) ||
    (counts.infos > 0 && failing.has('info'))
  );
}

/** What made the run a failure, where that is not errors: `3 warnings, none allowed`. */
export function decisionOf(threshold: Threshold, counts: Counts): string | undefined {
  if (!isReached(threshold, counts) || counts.errors > 0) return undefined;
  const { failOn, maxWarnings = Number.POSITIVE_INFINITY } = threshold;
  const { warnings, infos } = counts;
  if (warnings > maxWarnings) {
    return `${counted(warnings, 'warning')}, ${maxWarnings === 0 ? 'none' : counted(maxWarnings, 'warning')} allowed`;
  }
  return warnings > 0
    ? `${counted(warnings, 'warning')}, --fail-on ${failOn}`
    : `${counted(infos, 'info')}, --fail-on info`;
}
