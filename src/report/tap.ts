/**
 * TAP version 14: a test point for each rule in each capture (or each connection). What was not exercised or could not
 * be judged is skipped with its reason; a failure has its findings as a YAML block, in which every value is JSON, which
 * YAML is a superset of.
 */
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import { visibleAtLineStart, visibleJson } from '../wire/escape.ts';
import { type Case, suitesOf } from './cases.ts';
import { tapText } from './encode.ts';
import type { FormatInput, Renderer } from './format.ts';
import { summaryLine } from './summary-line.ts';

/** Findings that one test point holds. */
const MOST_FINDINGS = 100;

export const tap: Renderer = { render: tapReport };

function* tapReport(input: FormatInput): Generator<string> {
  const { report, troubles } = input;
  const suites = suitesOf(input);
  const total = suites.reduce((sum, { cases }) => sum + cases.length, 1);
  yield `TAP version 14\n1..${total}\n`;
  yield `${troubles.length === 0 ? 'ok' : 'not ok'} 1 - captures are read to their end and hold known messages\n`;
  if (troubles.length > 0) yield block([['problems', troubles]]);
  let number = 1;
  for (const { captureName, protocol, cases } of suites) {
    for (const item of cases) {
      number++;
      yield point(number, item, `${item.ruleId === undefined ? `${protocol} ` : ''}${item.name} in ${captureName}`);
    }
  }
  yield `# ${visibleAtLineStart(summaryLine(report))}\n`;
}

function point(number: number, item: Case, description: string): string {
  const { outcome, reason, findings, unlisted } = item;
  const text = `${outcome === 'failed' ? 'not ok' : 'ok'} ${number} - ${tapText(description)}`;
  if (outcome === 'inconclusive' || outcome === 'not exercised') return `${text} # SKIP ${tapText(reason)}\n`;
  if (reason === '') return `${text}\n`;
  const shown = findings.slice(0, MOST_FINDINGS);
  const left = findings.length - shown.length + unlisted;
  const entries: [string, unknown][] = [
    ['message', reason],
    ['findings', shown.map(findingObject)],
  ];
  return `${text}\n${block(left > 0 ? [...entries, ['notShown', left]] : entries)}`;
}

function findingObject(finding: Finding): object {
  const { ruleId, severity, frame, connection, message, expected, actual, atFault, from, to, spec } = finding;
  // What a rule does not say leaves no mark in JSON.
  const law = { clause: citationText(spec), says: spec.says };
  return { ruleId, severity, frame, connection, message, expected, actual, atFault, from, to, ...law };
}

/** A YAML block: a mapping whose values are JSON; of a list, one item a line. */
function block(entries: readonly (readonly [string, unknown])[]): string {
  const json = (value: unknown) => visibleJson(JSON.stringify(value));
  const lines = entries.flatMap(([key, value]) =>
    Array.isArray(value) && value.length > 0
      ? [`  ${key}:`, ...value.map(item => `    - ${json(item)}`)]
      : [`  ${key}: ${json(value)}`],
  );
  return ['  ---', ...lines, '  ...', ''].join('\n');
}
