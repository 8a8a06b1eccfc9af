/**
 * Workflow commands of GitHub Actions: findings as annotations of the run. GitHub shows ten errors, ten warnings and ten
 * notices of a step and drops the others without a word; so the tenth says how many there are more. The whole stands
 * in the step's summary, for which the command line writes the report as markdown.
 */
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import type { Severity } from '../lint/rule.ts';
import { visibleAtLineStart } from '../wire/escape.ts';
import { captureNames } from './cases.ts';
import { commandData, commandProperty } from './encode.ts';
import type { FormatInput, Renderer } from './format.ts';
import { counted } from './numbers.ts';
import { summaryLine } from './summary-line.ts';
import { failingSeverities } from './threshold.ts';

/** Annotations of one kind that GitHub shows of a step. */
const MOST = 10;

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const satisfies Record<Severity, string>;
type Command = (typeof COMMANDS)[Severity];

export const github: Renderer = { render: commands };

interface Annotation {
  readonly title: string;
  readonly lines: readonly string[];
}

function* commands(input: FormatInput): Generator<string> {
  const { report, troubles, tool } = input;
  const names = captureNames(report);
  const failing = failingSeverities(input.threshold, report.summary);
  const counts: Record<Command, number> = {
    error: report.summary.errors + troubles.length,
    warning: report.summary.warnings,
    notice: report.summary.infos,
  };
  const annotations: Record<Command, Annotation[]> = {
    error: troubles.slice(0, MOST).map(text => ({ title: tool.name, lines: [text] })),
    warning: [],
    notice: [],
  };
  for (const finding of report.findings) {
    const list = annotations[COMMANDS[finding.severity]];
    if (list.length < MOST) list.push(annotation(finding, names[finding.capture] ?? ''));
  }
  for (const command of ['error', 'warning', 'notice'] as const) {
    yield* ofKind(command, annotations[command], counts[command]);
  }
  const verdict = [...failing].some(severity => counts[COMMANDS[severity]] > 0) ? ', which fails the run' : '';
  yield `${visibleAtLineStart(summaryLine(report) + verdict)}\n`;
}

function* ofKind(command: Command, annotations: readonly Annotation[], count: number): Generator<string> {
  const isCut = count > annotations.length || annotations.length > MOST;
  const shown = isCut && annotations.length >= MOST ? annotations.slice(0, MOST - 1) : annotations;
  for (const { title, lines } of shown) yield `::${command} title=${commandProperty(title)}::${commandData(lines)}\n`;
  const more = count - shown.length;
  if (more > 0)
    yield `::${command} title=wirelint::${commandData([`${counted(more, `more ${command}`)} in the report`])}\n`;
}

function annotation(finding: Finding, capture: string): Annotation {
  const { ruleId, frame, message, expected, actual, atFault, messageName, from, to, spec } = finding;
  const lines = [`${capture}:${frame}: ${message}`];
  if (expected !== '') lines.push(`expected: ${expected}`);
  if (actual !== '') lines.push(`actual: ${actual}`);
  lines.push(`at fault: ${atFault ?? 'nobody'}`, `${messageName}, ${from} -> ${to}`, citationText(spec));
  if (spec.says !== undefined) lines.push(`says: ${spec.says}`);
  return { title: ruleId, lines };
}
