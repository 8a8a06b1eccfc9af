/**
 * GitLab's code quality report: an array of issues, each with a fingerprint of its own that stays the same from run to
 * run, so that a merge request shows what is new. The line is the frame: a capture has no others.
 */
import type { Finding } from '../lint/finding.ts';
import { digest, Occurrences } from '../lint/fingerprint.ts';
import type { Severity } from '../lint/rule.ts';
import { visible, visibleJson } from '../wire/escape.ts';
import type { FormatInput, Renderer } from './format.ts';

const SEVERITIES = {
  error: 'critical',
  warning: 'minor',
  info: 'info',
} as const satisfies Record<Severity, string>;

export const gitlab: Renderer = { render: codeQuality };

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

function* codeQuality({ report, troubles, tool }: FormatInput): Generator<string> {
  const paths = report.captures.map(({ path }) => pathOf(path));
  const occurrences = new Occurrences();
  let separator = '[\n';
  const next = (issue: Issue) => {
    const text = separator + visibleJson(JSON.stringify(issue));
    separator = ',\n';
    return text;
  };
  for (const [index, text] of troubles.entries()) {
    yield next({
      description: visible(text),
      check_name: `${tool.name}/run`,
      fingerprint: digest([text, index]),
      severity: 'blocker',
      location: { path: paths[0] ?? '-', lines: { begin: 1 } },
    });
  }
  for (const finding of report.findings) yield next(issueOf(finding, paths[finding.capture] ?? '-', occurrences));
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

function issueOf(finding: Finding, path: string, occurrences: Occurrences): Issue {
  const { fingerprint, occurrence } = occurrences.next(finding);
  const { ruleId, frame, message, atFault, severity } = finding;
  return {
    description: visible(`${message} (frame ${frame}, at fault: ${atFault ?? 'nobody'})`),
    check_name: ruleId,
    // The capture is part of it: of the same fault in two of them each is an issue.
    fingerprint: digest([fingerprint, path, occurrence]),
    severity: SEVERITIES[severity],
    location: { path, lines: { begin: Math.max(1, frame) } },
  };
}

/** Relative to the project, as GitLab wants it. */
function pathOf(path: string): string {
  return visible(path === '-' ? 'stdin' : path.replace(/^(\.\/)+/, ''));
}
