/**
 * The report as markdown: for the summary of a workflow's step, a comment, a wiki. What may hold text of others is
 * escaped, or stands in code where a code host would make links of it. GitHub refuses a summary of more than 1 MiB as a
 * whole: what does not fit is counted at the end.
 */
import { SEVERITIES } from '../lint/rule.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { StatementOutcome } from '../protocol/statements.ts';
import { captureNames } from './cases.ts';
import { markdownCell, markdownCode, markdownText } from './encode.ts';
import type { FormatInput, Renderer } from './format.ts';
import { bytesPage, findingItem, type Part } from './markdown-finding.ts';
import { interferenceParts } from './markdown-interference.ts';
import { counted, grouped } from './numbers.ts';
import type { ProtocolReport, RunReport } from './run-report.ts';
import { SHARED_COUNTS, standingOf, statementCounts, statementLists } from './statements.ts';
import { summaryLine } from './summary-line.ts';
import { captureProblems, ruleCounts } from './text.ts';

/** What GitHub takes of one step. */
export const MOST_MARKDOWN = 1024 * 1024;
/** Bytes for the line that says what was cut. */
const LAST_LINE = 200;

export const markdown: Renderer = { render: input => markdownReport(input, MOST_MARKDOWN) };

/** @param most bytes that it may take */
export function* markdownReport(input: FormatInput, most: number): Generator<string> {
  let room = most - LAST_LINE;
  let left = 0;
  for (const part of parts(input)) {
    // After the first that does not fit nothing more is shown: a list with holes would mislead.
    const text = left > 0 ? '' : part();
    const size = Buffer.byteLength(text);
    if (left > 0 || size > room) {
      left++;
      continue;
    }
    room -= size;
    yield text;
  }
  if (left > 0 && most >= LAST_LINE) yield `\n_${counted(left, 'part')} of the report did not fit in here._\n`;
}

function* parts(input: FormatInput): Generator<Part> {
  const { report, troubles, tool } = input;
  const names = captureNames(report);
  yield () => `## ${markdownText(tool.name)}: ${report.summary.verdict}\n\n${markdownText(summaryLine(report))}\n`;
  yield* list('Problems', [...new Set([...troubles, ...captureProblems(report.captures)])]);
  if (report.protocols.length > 0) yield () => protocolTable(report.protocols);
  yield* findings(report, names);
  yield* interferenceParts(report);
  yield* inconclusive(report, names);
  for (const protocol of report.protocols) yield* statementTables(protocol);
  yield* list('Notes', report.notes);
}

function protocolTable(protocols: readonly ProtocolReport[]): string {
  const rows = protocols.map(protocol => {
    const { exercised, total } = protocol.coverage.transitions;
    const cells = [
      markdownCell(protocol.id),
      grouped(protocol.connections),
      grouped(protocol.messages),
      ruleCounts(protocol.rules),
      `${exercised} of ${total}`,
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  const head = '| protocol | connections | messages | rules | transitions exercised |\n|---|---|---|---|---|\n';
  return `\n${head}${rows.join('')}`;
}

function* findings(report: RunReport, names: readonly string[]): Generator<Part> {
  if (report.findings.length === 0) return;
  yield () => '\n### Findings\n\n';
  const page = bytesPage();
  // What must be seen first must not be what is cut.
  for (const severity of SEVERITIES) {
    for (const finding of report.findings) {
      if (finding.severity === severity) yield () => findingItem(finding, names[finding.capture] ?? '', page);
    }
  }
  const more = report.omitted.findings;
  if (more > 0) yield () => `- ${counted(more, 'more finding')} not listed (\`--max-findings\`)\n`;
}

function* inconclusive({ connections }: RunReport, names: readonly string[]): Generator<Part> {
  const doubtful = connections.filter(({ verdict }) => verdict === 'inconclusive');
  if (doubtful.length === 0) return;
  yield () => '\n### Inconclusive\n\n';
  for (const connection of doubtful) yield () => doubtItem(connection, names[connection.capture] ?? '');
}

function doubtItem({ id, protocol, client, server, reasons }: ConnectionReport, capture: string): string {
  const why = reasons.map(({ because, advice }) => `${markdownText(`because ${because}`)}; ${markdownText(advice)}`);
  const place = `${markdownCode(protocol)} connection ${id} in ${markdownCode(capture)}`;
  return `- ${place}, ${markdownCode(`${client} -> ${server}`)}: ${why.join('; ')}\n`;
}

function* statementTables(protocol: ProtocolReport): Generator<Part> {
  const lists = statementLists(protocol);
  for (const { title, statements } of lists) {
    const heading = `\n### ${markdownText(`${protocol.id}: ${title.toLowerCase()}`)}\n\n`;
    const head =
      '| statement | was | checked | broken | inconclusive | judged by | what it requires |\n|---|---|---|---|---|---|---|\n';
    yield () => `${heading}${statementCounts(statements)}.\n\n${head}${statements.map(statementRow).join('')}`;
  }
  if (lists.length > 1) yield () => `\n${SHARED_COUNTS}\n`;
}

function statementRow(statement: StatementOutcome): string {
  const { id, checked, broken, inconclusive, rules } = statement;
  const cells = [
    markdownCell(id),
    standingOf(statement),
    ...[checked, broken, inconclusive].map(count => grouped(count)),
    rules.map(markdownCell).join(', '),
    demandAndNote(statement),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function demandAndNote({ says, note }: StatementOutcome): string {
  if (says === '' || note === '') return cellText(says + note);
  return `${cellText(says)} (${cellText(note)})`;
}

/** A sentence in a cell. What becomes code there must not end the cell. */
function cellText(text: string): string {
  return text.includes('|') ? markdownCell(text) : markdownText(text);
}

function* list(title: string, lines: readonly string[]): Generator<Part> {
  if (lines.length === 0) return;
  yield () => `\n### ${title}\n\n`;
  for (const line of lines) yield () => `- ${markdownText(line)}\n`;
}
