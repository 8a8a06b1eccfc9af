/**
 * How bad a finding is, as panes say it: in a word, because not every terminal has colours, and in a role. Severities are
 * numbers as the history keeps them: 0 none, 1 info, 2 warning, 3 error.
 */
import { severityNumber } from '../../history/findings.ts';
import type { History } from '../../history/history.ts';
import type { Finding } from '../../lint/finding.ts';
import { shown } from '../text/cells.ts';
import { type Role, type Span, span } from '../text/line.ts';

export const SEVERITY_WORDS = ['', 'info', 'warn', 'error'] as const;
const SEVERITY_ROLES = ['plain', 'info', 'warning', 'error'] as const;

export const WARNING = 2;

export function severityRole(severity: number): Role {
  return SEVERITY_ROLES[severity] ?? 'plain';
}

/** The first of the worst among findings that are given as places in the history's list. */
export function worstOf({ findings }: History, places: readonly number[]): Finding | undefined {
  let worst: Finding | undefined;
  for (const place of places) {
    const finding = findings.list[place];
    if (!worst || severityNumber(finding.severity) > severityNumber(worst.severity)) worst = finding;
  }
  return worst;
}

/**
 * `error mnet/ack-unsent +2`: a finding, and how many others there are in the same place.
 * @param isHeld `held mnet/ack-unsent`: nobody knows yet whether it stands
 */
export function named(
  { severity, ruleId }: Pick<Finding, 'severity' | 'ruleId'>,
  others: number,
  isHeld = false,
): Span[] {
  const number = severityNumber(severity);
  const rule = isHeld
    ? span(`held ${shown(ruleId)}`, 'info')
    : span(`${SEVERITY_WORDS[number]} ${shown(ruleId)}`, severityRole(number));
  return others > 0 ? [rule, span(` +${others}`, 'dim')] : [rule];
}

/** A finding with its sentence. */
export function withSentence(finding: Finding, others: number, isHeld = false): Span[] {
  return [...named(finding, others, isHeld), span(`: ${shown(finding.message)}`)];
}
