/**
 * The report as one HTML file that needs nothing else: no script, no font, no request. Verdict and rules first, then
 * findings with their bytes, what could not be judged and why, conversations and state machines as pictures. Its content
 * security policy allows the one style sheet it holds and forbids all else, should ever anything slip in.
 */
import { createHash } from 'node:crypto';
import { clauseNames } from '../lint/clause.ts';
import { SEVERITIES } from '../lint/rule.ts';
import { visible } from '../wire/escape.ts';
import { captureNames } from './cases.ts';
import { fold } from './folding.ts';
import type { FormatInput, Renderer } from './format.ts';
import { groupBy } from './group-by.ts';
import { alikeText, article, code } from './html-finding.ts';
import { interferenceParts } from './html-interference.ts';
import { MOST_MESSAGES, sequenceDiagram } from './html-sequence.ts';
import { anchorOf, statementTables } from './html-statements.ts';
import { stateDiagram } from './html-states.ts';
import { STYLE } from './html-style.ts';
import { escaped, type Html, table, tag } from './html-text.ts';
import { counted, grouped } from './numbers.ts';
import type { ProtocolReport, RunReport } from './run-report.ts';
import { summaryLine } from './summary-line.ts';
import { captureProblems, ruleCounts, standing } from './text.ts';
import { captureDigits, isoTime } from './time.ts';

/** What one page shows; a browser has to lay it out. */
const MOST_FINDINGS = 5_000;
const MOST_PICTURES = 100;
const MOST_DOUBTS = 1_000;

export const html: Renderer = { render: page };

function* page(input: FormatInput): Generator<string> {
  const { report, tool, troubles } = input;
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const title = `${tool.name}: ${report.summary.verdict}`;
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n';
  yield `<title>${escaped(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<main>\n`;
  for (const part of parts(input, troubles)) yield `${part.html}\n`;
  yield `</main>\n<footer class="dim">${escaped(`${tool.name} ${tool.version}`)}</footer>\n</body>\n</html>\n`;
}

function* parts(input: FormatInput, troubles: readonly string[]): Generator<Html> {
  const { report, tool } = input;
  const { verdict } = report.summary;
  yield tag('h1', {}, [`${tool.name}: `, tag('span', { class: `verdict ${verdict}` }, verdict)]);
  yield tag('p', {}, summaryLine(report));
  yield* list('Problems', [...new Set([...troubles, ...captureProblems(report.captures)])]);
  yield* captures(report);
  yield* findings(report);
  yield* interferenceParts(report);
  yield* doubts(report);
  yield* pictures(input);
  for (const protocol of report.protocols) yield* protocolPart(protocol, input);
  yield* list('Notes', report.notes);
}

function* captures(report: RunReport): Generator<Html> {
  if (report.captures.length === 0) return;
  const names = captureNames(report);
  const rows = report.captures.map((facts, index) => {
    const digits = captureDigits(facts);
    const from = facts.firstTime ? isoTime(facts.firstTime, digits) : '';
    const to = facts.lastTime ? isoTime(facts.lastTime, digits) : '';
    const { messages, errors, warnings, verdict } = report.results[index]!;
    return [
      code(names[index] ?? ''),
      tag('span', { class: verdict }, verdict),
      ...[messages, errors, warnings, facts.packets].map(grouped),
      `${from} to ${to}${facts.complete ? '' : ', not read to its end'}`,
    ];
  });
  yield tag('h2', {}, 'Captures');
  yield table(['capture', 'verdict', 'messages', 'errors', 'warnings', 'packets', 'time'], rows);
}

function* findings(report: RunReport): Generator<Html> {
  if (report.findings.length === 0) return;
  yield tag('h2', {}, 'Findings');
  const names = captureNames(report);
  const folded = [...groupBy(report.findings, ({ connection }) => connection).values()].map(fold);
  const single = new Set(folded.flatMap(({ shown }) => shown));
  const more = new Map(folded.flatMap(({ folded: rest }) => [...rest]));
  let articles = 0;
  let noted = 0;
  for (const severity of SEVERITIES) {
    for (const finding of report.findings) {
      if (finding.severity !== severity || !single.has(finding) || articles >= MOST_FINDINGS) continue;
      articles++;
      const alike = more.get(finding) ?? [];
      noted += 1 + alike.length;
      yield article(finding, names[finding.capture] ?? '', captureDigits(report.captures[finding.capture]));
      if (alike.length > 0) yield tag('p', {}, alikeText(alike));
    }
  }
  const left = report.findings.length - noted + report.omitted.findings;
  if (left > 0) yield tag('p', {}, `${counted(left, 'more finding')} not shown here.`);
}

function* doubts(report: RunReport): Generator<Html> {
  const doubtful = report.connections.filter(({ verdict }) => verdict === 'inconclusive');
  if (doubtful.length === 0) return;
  yield tag('h2', {}, 'Inconclusive');
  const names = captureNames(report);
  const rows = doubtful.slice(0, MOST_DOUBTS).map(({ id, protocol, capture, client, server, reasons }) => {
    const why = reasons.map(({ because, advice }) => `${because}; ${advice}`).join('. ');
    return [`${protocol} ${id}`, code(names[capture] ?? ''), code(`${client} → ${server}`), why];
  });
  yield table(['connection', 'capture', 'ends', 'why, and what to do'], rows);
  const left = doubtful.length - rows.length;
  if (left > 0) yield tag('p', {}, `${counted(left, 'more connection')} not shown here.`);
}

function* pictures({ report: { connections, findings: all }, exchangesOf }: FormatInput): Generator<Html> {
  const found = groupBy(all, ({ connection }) => connection);
  const drawn = connections.filter(({ id }) => (found.get(id) ?? []).some(({ severity }) => severity !== 'info'));
  if (drawn.length === 0) return;
  yield tag('h2', {}, 'Conversations');
  for (const connection of drawn.slice(0, MOST_PICTURES)) {
    const { protocol, id, messages, state, about } = connection;
    const said = about ? `; ${visible(about)}` : '';
    yield tag('h3', {}, `${protocol} connection ${id}: ${counted(messages, 'message')}, ${state}${said}`);
    const own = found.get(id) ?? [];
    const frames = new Set(own.flatMap(({ frame, relatedFrames }) => [frame, ...relatedFrames]));
    yield sequenceDiagram(connection, own, exchangesOf(id, frames, MOST_MESSAGES));
  }
  const left = drawn.length - MOST_PICTURES;
  if (left > 0) yield tag('p', {}, `${counted(left, 'more connection')} not drawn.`);
}

function* protocolPart(protocol: ProtocolReport, { rules, graphsOf }: FormatInput): Generator<Html> {
  const { id, connections, messages, dormant = [], coverage } = protocol;
  const { exercised, total } = coverage.transitions;
  const unseen = Object.keys(coverage.messages).filter(name => coverage.messages[name] === 0);
  yield tag('h2', {}, `${id}: ${counted(connections, 'connection')}, ${counted(messages, 'message')}`);
  yield tag('p', {}, `Rules: ${ruleCounts(protocol.rules)}. ${exercised} of ${total} legal transitions exercised.`);
  for (const [onlyWith, off] of groupBy(dormant, rule => rule.onlyWith)) {
    yield tag('p', {}, `Off, in force only with ${onlyWith}: ${off.map(rule => rule.id).join(', ')}.`);
  }
  yield* taken(protocol);
  yield* untaken(protocol);
  if (unseen.length > 0) yield tag('p', {}, `Never seen: ${unseen.join(', ')}.`);
  const rows = protocol.rules.map((rule, index) => {
    const document = rules.get(rule.id)?.rule;
    // One that is of another severity in some captures has several rows.
    const isFirst = protocol.rules.findIndex(({ id: other }) => other === rule.id) === index;
    return [
      tag('code', { id: protocol.statements && isFirst ? anchorOf(id, rule.id) : undefined }, rule.id),
      rule.severity,
      tag('span', { class: standing(rule) }, standing(rule)),
      grouped(rule.checked),
      grouped(rule.broken),
      grouped(rule.inconclusive),
      document === undefined ? '' : clauseNames(document),
      document?.summary ?? '',
    ];
  });
  yield table(['rule', 'severity', 'was', 'checked', 'broken', 'inconclusive', 'clause', 'what it reports'], rows);
  yield* statementTables(protocol);
  const drawn = graphsOf(id);
  if (drawn.length === 0) return;
  yield tag('h3', {}, 'States');
  yield tag(
    'p',
    { class: 'dim' },
    'Green: states that some endpoint was in, and ways that were taken. Broken line: the connection is over.',
  );
  for (const graph of drawn) yield stateDiagram(graph, coverage);
}

/** How much was sent in each state, and how often each legal step was taken. */
function* taken({ coverage }: ProtocolReport): Generator<Html> {
  const steps = groupBy(
    coverage.steps.filter(step => step.taken > 0),
    ({ role, state }) => `${role} in ${state}`,
  );
  if (steps.size === 0) return;
  const items = [...steps].map(([where, own]) => {
    const times = own.map(({ event, taken: count, next }) => `${event} ${grouped(count)} (to ${next})`);
    return tag('li', {}, [tag('b', {}, where), `: ${times.join(', ')}`]);
  });
  const states = Object.entries(coverage.sentIn).filter(([, count]) => count > 0);
  const sums = states.map(([state, count]) => `${state} ${grouped(count)}`);
  yield tag('details', {}, [
    tag('summary', {}, 'Legal steps that were taken, and how often'),
    tag('p', {}, `Messages sent in each state: ${sums.join(', ')}.`),
    tag('ul', {}, items),
  ]);
}

/** Legal steps that were not taken, by the state that they start from. */
function* untaken({ coverage }: ProtocolReport): Generator<Html> {
  const states = groupBy(
    coverage.steps.filter(({ taken }) => taken === 0),
    ({ role, state }) => `${role} in ${state}`,
  );
  if (states.size === 0) return;
  const items = [...states].map(([where, steps]) => {
    const events = steps.map(({ event, condition }) => (condition === null ? event : `${event} (${condition})`));
    return tag('li', {}, [tag('b', {}, where), `: ${events.join(', ')}`]);
  });
  yield tag('details', {}, [tag('summary', {}, 'Legal steps that were not taken'), tag('ul', {}, items)]);
}

function* list(title: string, lines: readonly string[]): Generator<Html> {
  if (lines.length === 0) return;
  yield tag('h2', {}, title);
  yield tag(
    'ul',
    {},
    lines.map(line => tag('li', {}, line)),
  );
}
