/**
 * The pane of one finding: all that `check` says of it and `rules ID` of its rule, wrapped at the pane's width and seen
 * through a window that scrolls.
 */

import { severityNumber } from '../../history/findings.ts';
import type { History } from '../../history/history.ts';
import { citation, citationText, clausesOf, demandText } from '../../lint/clause.ts';
import type { Finding } from '../../lint/finding.ts';
import type { RuleDocument } from '../../lint/rule.ts';
import { counted } from '../../report/numbers.ts';
import { BASIS_WORDS, FAULT_WORDS } from '../../report/rule-words.ts';
import { visibleBytes } from '../../wire/escape.ts';
import { pad, shown, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';
import { fittedLine, spansWidth } from '../text/spans.ts';
import { formatTime, type TimeFormat } from '../text/time-format.ts';
import { SEVERITY_WORDS, severityRole, WARNING } from './severity.ts';
import { emptyLine } from './table.ts';

/** A finding and what is known around it. */
export interface FindingText {
  readonly history: History;
  readonly finding: Finding;
  /** What its rule says; absent where the rule is not known. */
  readonly rule: RuleDocument | undefined;
  /** `utc` if absent. There is no row before it: `delta` is shown as `relative`. */
  readonly time?: TimeFormat;
}

export interface FindingInput extends FindingText {
  /** The first line in sight. */
  readonly top: number;
  readonly focused: boolean;
}

export function findingPane(input: FindingInput, { width, height }: Size): Line[] {
  const { focused } = input;
  const lines = linesOf(input, width);
  const top = Math.max(0, Math.min(input.top, lines.length - height));
  const below = lines.length - top - height;
  if (below <= 0 || height < 2) return lines.slice(top, top + height);
  const more = `... ${counted(below + 1, 'more line')}${focused ? '' : ': Tab, then j'}`;
  return [...lines.slice(top, top + height - 1), emptyLine(more, width)];
}

/** Lines that the finding takes in this width. */
export function findingHeight(text: FindingText, width: number): number {
  return linesOf(text, width).length;
}

function linesOf(text: FindingText, width: number): Line[] {
  const sheet = new Sheet(width);
  head(sheet, text);
  evidence(sheet, text);
  excerpt(sheet, text.finding);
  if (text.rule) explanation(sheet, text.rule, text.finding);
  return sheet.lines;
}

function head(sheet: Sheet, { history, finding, time = 'utc' }: FindingText): void {
  const { capture, ruleId, frame } = finding;
  const severity = severityNumber(finding.severity);
  const when = formatTime(finding.time, {
    format: time === 'delta' ? 'relative' : time,
    origin: history.origin(capture),
    digits: history.digits(capture),
  });
  const what = [span(SEVERITY_WORDS[severity], severityRole(severity)), span(`  ${shown(ruleId)}`, 'strong')];
  const where = [span(`frame ${frame}`), span(`  ${when}`, 'dim')];
  const isBroad = spansWidth(what) + 2 + spansWidth(where) <= sheet.width;
  if (isBroad) sheet.line(...what, span('  '), ...where);
  else {
    sheet.line(...what);
    sheet.line(...where);
  }
  sheet.words(0, finding.message, severity >= WARNING ? severityRole(severity) : 'strong');
}

function evidence(sheet: Sheet, { history, finding }: FindingText): void {
  const { from, to, state, atFault, spec, relatedFrames, capture } = finding;
  const sent = `${finding.messageName}, ${from} -> ${to}${state === '' ? '' : `, sent in ${state}`}`;
  sheet.entry('expected', finding.expected);
  sheet.entry('actual', finding.actual);
  sheet.entry('at fault', atFault === null ? 'nobody' : atFaultWords(history, finding, atFault));
  sheet.entry('clause', citationText(spec));
  sheet.entry('says', spec.says ?? '');
  sheet.entry('message', sent);
  sheet.entry('conn', connectionWords(history, finding));
  if (history.captures.length > 1) sheet.entry('capture', history.captures[capture]?.path ?? '');
  sheet.entry(
    'see also',
    relatedFrames.length === 0 ? '' : `${relatedFrames.length === 1 ? 'frame' : 'frames'} ${relatedFrames.join(', ')}`,
  );
}

function atFaultWords({ connections }: History, { connection }: Finding, endpoint: string): string {
  if (!connections.has(connection)) return endpoint;
  if (endpoint === connections.client(connection)) return `${endpoint}, the client`;
  return endpoint === connections.server(connection) ? `${endpoint}, the server` : endpoint;
}

function connectionWords({ connections }: History, { protocol, connection }: Finding): string {
  if (!connections.has(connection)) return `${protocol} ${connection}`;
  const messages = counted(connections.messages(connection), 'message');
  const state = connections.state(connection);
  const reasons = connections.reasons(connection).map(({ because, advice }) => `, because ${because}; ${advice}`);
  return `${protocol} ${connection}, ${messages}, ${state}, ${connections.standing(connection)}${reasons.join('')}`;
}

function explanation(sheet: Sheet, rule: RuleDocument, { spec }: Finding): void {
  sheet.blank();
  sheet.line(span('The rule', 'heading'));
  sheet.words(INDENT, rule.summary);
  sheet.words(INDENT, `blames ${FAULT_WORDS[rule.atFault]}; rests on ${BASIS_WORDS[rule.restsOn]}`, 'dim');
  const clauses = clausesOf(rule);
  // A single one stands with the evidence.
  for (const clause of clauses.length > 1 ? clauses : []) {
    sheet.words(INDENT, demandText(citation(spec.document, [clause])), 'dim');
  }
  sheet.blank();
  sheet.line(span('Why it matters', 'heading'));
  for (const paragraph of rule.why.split('\n')) sheet.words(INDENT, paragraph);
  sheet.blank();
  sheet.line(span('Example', 'heading'));
  for (const each of rule.example.split('\n')) sheet.words(INDENT, each);
  sheet.blank();
  sheet.line(span('To change its severity', 'heading'));
  sheet.words(INDENT, `--rule ${rule.id}=off|info|warning|error`);
}

// The bytes

const OFFSET_DIGITS = 4;
/** Cells of a row besides its bytes, each of which takes three in hex and one as text. */
const BESIDE = 2 + OFFSET_DIGITS + 2 + 1;

function excerpt(sheet: Sheet, { excerpt, bytes: mark }: Finding): void {
  if (!excerpt || excerpt.bytes.length === 0) return;
  const row = [16, 8].find(bytes => BESIDE + 4 * bytes <= sheet.width) ?? 4;
  const rowOf = (offset: number) => offset - (offset % row);
  const end = excerpt.offset + excerpt.bytes.length;
  const last = mark && mark.offset + Math.max(mark.length, 1) - 1;
  // Rows with offending bytes, and one on either side.
  const from = mark ? Math.max(rowOf(excerpt.offset), rowOf(mark.offset) - row) : rowOf(excerpt.offset);
  const to = last === null ? end : Math.min(end, rowOf(last) + 2 * row);
  sheet.blank();
  for (let offset = from; offset < to; offset += row) {
    const bytes = excerpt.bytes.subarray(Math.max(0, offset - excerpt.offset), offset - excerpt.offset + row);
    bytesRow(sheet, offset, row, Math.max(offset, excerpt.offset), bytes, mark);
  }
  const marked = mark ? mark.offset + mark.length : 0;
  if (marked > end) sheet.words(INDENT, `(the offending bytes extend to ${marked})`, 'dim');
}

/** @param first offset of the first of the bytes, which may begin within the row */
function bytesRow(
  sheet: Sheet,
  offset: number,
  row: number,
  first: number,
  bytes: Uint8Array,
  mark: Finding['bytes'],
): void {
  const hex: Span[] = [];
  const text: Span[] = [];
  let carets = '';
  const seen = visibleBytes(bytes);
  for (let at = offset; at < offset + row; at++) {
    const byte = bytes[at - first];
    const role = mark && at >= mark.offset && at < mark.offset + mark.length ? 'error' : 'plain';
    hex.push(span(byte === undefined ? '  ' : byte.toString(16).padStart(2, '0'), role), span(' '));
    text.push(span(seen[at - first] ?? ' ', role));
    // Of what is missing, the place where it should stand.
    carets += role === 'error' ? '^^ ' : mark?.length === 0 && at === mark.offset ? '^  ' : '   ';
  }
  const head = `  ${offset.toString(16).padStart(OFFSET_DIGITS, '0')}  `;
  sheet.line(span(head, 'dim'), ...hex, span(' '), ...text);
  if (carets.trim() !== '') sheet.line(span(' '.repeat(head.length)), span(carets.trimEnd(), 'error'));
}

// The lines

const LABEL = 10;
const INDENT = 2;
/** In a narrower pane what stands behind a label begins on the line below it. */
const LEAST_VALUE = 12;

/** Lines in the making. What comes in as words may hold anything. */
class Sheet {
  readonly lines: Line[] = [];
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  blank(): void {
    this.lines.push(line());
  }

  /** @param spans are `shown` already */
  line(...spans: readonly Span[]): void {
    this.lines.push(fittedLine(spans, this.width));
  }

  words(indent: number, text: string, role: Role = 'plain'): void {
    for (const words of wrap(shown(text), this.width - indent)) this.line(span(' '.repeat(indent)), span(words, role));
  }

  /** A label, and the words in a column of their own; nothing where there are none. */
  entry(label: string, text: string): void {
    if (text === '') return;
    const beside = this.width - LABEL >= LEAST_VALUE;
    if (!beside) {
      this.line(span(label, 'dim'));
      this.words(0, text);
      return;
    }
    wrap(shown(text), this.width - LABEL).forEach((words, index) => {
      this.line(span(pad(index === 0 ? label : '', LABEL), 'dim'), span(words));
    });
  }
}
