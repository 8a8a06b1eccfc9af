/**
 * What differs between the findings of two runs over the same captures: which have gone, and which are new. A finding is
 * the same when it names the same rule, in the same frame, between the same ends; how it is worded does not matter.
 */
import type { Finding } from '../../lint/finding.ts';
import { counted } from '../../report/numbers.ts';

export interface Changes {
  readonly gone: readonly Finding[];
  readonly fresh: readonly Finding[];
}

export function changesBetween(before: readonly Finding[], after: readonly Finding[]): Changes {
  return { gone: without(before, after), fresh: without(after, before) };
}

/** Those of the first list that the second has not; of several equal ones, as many as it has fewer. */
function without(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  const left = new Map<string, number>();
  for (const finding of others) left.set(keyOf(finding), (left.get(keyOf(finding)) ?? 0) + 1);
  return findings.filter(finding => {
    const key = keyOf(finding);
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}

function keyOf({ capture, frame, ruleId, from, to }: Finding): string {
  return `${capture} ${frame} ${ruleId} ${from} ${to}`;
}

/** Those between two ends, whichever sent. */
export function changesAmong({ gone, fresh }: Changes, capture: number, ends: readonly [string, string]): Changes {
  const isBetween = (finding: Finding) =>
    finding.capture === capture && ends.includes(finding.from) && ends.includes(finding.to);
  return { gone: gone.filter(isBetween), fresh: fresh.filter(isBetween) };
}

/** `2 findings gone, 1 new`, `no finding gone or new`. */
export function changesInWords({ gone, fresh }: Changes): string {
  if (gone.length === 0 && fresh.length === 0) return 'no finding gone or new';
  const parts = [
    ...(gone.length > 0 ? [`${counted(gone.length, 'finding')} gone`] : []),
    ...(fresh.length > 0 ? [gone.length > 0 ? `${fresh.length} new` : `${counted(fresh.length, 'finding')} new`] : []),
  ];
  return parts.join(', ');
}
