/** Findings that say the same again and again, for readers: the first few are shown, and how many there are of the rest. */

import type { Finding } from '../lint/finding.ts';
import { lasting } from '../lint/fingerprint.ts';

/** Findings that are shown of those that say the same. */
export const MOST_ALIKE = 3;

export interface Folded {
  /** In their order, with the first few of each kind. */
  readonly shown: readonly Finding[];
  /** By the last one shown of a kind: those behind it. */
  readonly folded: ReadonlyMap<Finding, readonly Finding[]>;
}

const NONE: Folded['folded'] = new Map();

/** @param findings of one connection, in their order */
export function fold(findings: readonly Finding[]): Folded {
  // One more takes no more room than to say so.
  if (findings.length <= MOST_ALIKE + 1) return { shown: findings, folded: NONE };
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { ruleId, severity, atFault, message } = finding;
    const key = JSON.stringify([ruleId, severity, atFault, lasting(message)]);
    const kind = kinds.get(key);
    if (kind) kind.push(finding);
    else kinds.set(key, [finding]);
  }
  const folded = new Map<Finding, readonly Finding[]>();
  const hidden = new Set<Finding>();
  for (const kind of kinds.values()) {
    if (kind.length <= MOST_ALIKE + 1) continue;
    const rest = kind.slice(MOST_ALIKE);
    folded.set(kind[MOST_ALIKE - 1], rest);
    for (const finding of rest) hidden.add(finding);
  }
  return { shown: findings.filter(finding => !hidden.has(finding)), folded };
}
