/**
 * JUnit XML, as GitLab and Jenkins read it: a suite for each protocol in each capture, a case for each rule (or each
 * connection). What broke a rule stands in the content of its failure, where both of them show it. Both refuse or drop
 * what is too much for them; so this file keeps within their bounds, and says itself what was left out.
 *
 * XML 1.0 has no way to write most control characters, and half of what a packet can hold acts on a terminal: all text
 * passes the sanitising sink and is then escaped by the builder.
 */
import XMLBuilder from 'fast-xml-builder';
import type { Finding } from '../lint/finding.ts';
import { visible, visibleAtLineStart } from '../wire/escape.ts';
import { type Case, type Suite, suitesOf } from './cases.ts';
import { printFinding } from './finding-text.ts';
import type { FormatInput, Renderer } from './format.ts';
import { printInterference } from './interference-text.ts';
import { counted } from './numbers.ts';
import { Page, span } from './page.ts';
import type { RunReport } from './run-report.ts';
import { captureDigits } from './time.ts';

/** What GitLab takes of one file: bytes (30 MB, some left for what frames the cases), cases, and XML objects. */
const MOST_BYTES = 29_500_000;
const MOST_CASES = 500_000;
const MOST_OBJECTS = 250_000;
/** A case, its failure or reason, and the text in it. */
const OBJECTS_OF_CASE = 3;
/** Characters of one failure's content; Jenkins shows twice 50,000 of a case that failed. */
const MOST_CONTENT = 50_000;
/** Characters of a name or a message. */
const MOST_LINE = 1_000;
const WIDTH = 100;
/** What the builder escapes, and the longest that stands for one of them. */
const ESCAPED = /[&<>"']/g;
const LONGEST_ENTITY = 6;
const NOT_SHOWN = 'the findings are not shown: the file would grow beyond what GitLab takes\n';

const RUN_CASE = 'captures are read to their end and hold messages of a known protocol';
const LEFT_OUT = 'left out of this file';

type Attributes = Readonly<Record<`@_${string}`, string>>;
interface Node {
  readonly [key: string]: string | Node;
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

export const junit: Renderer = { render: junitReport };

/** A case with its suite's class name. */
interface Placed {
  readonly item: Case;
  readonly className: string;
}

function* junitReport(input: FormatInput): Generator<string> {
  const { report, tool, troubles } = input;
  const names = new ClassNames();
  const suites = suitesOf(input).map(suite => {
    const className = names.of(suite);
    return { suite, cases: suite.cases.map((item): Placed => ({ item, className })) };
  });
  const { kept, left, bytes } = withinBounds(suites.flatMap(({ cases }) => cases));
  const all = [...kept].map(({ item }) => item);
  const failures = all.filter(({ outcome }) => outcome === 'failed').length;
  const tests = all.length + 1 + (left > 0 ? 1 : 0);
  const errors = troubles.length > 0 ? 1 : 0;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  const counts = { tests: String(tests), failures: String(failures), errors: String(errors) };
  yield opening('testsuites', { name: tool.name, ...counts });
  yield* runSuite(troubles, interferenceText(report));
  const content = new Content(report, MOST_BYTES - bytes);
  for (const { suite, cases } of suites) {
    const shown = cases.filter(placed => kept.has(placed));
    if (shown.length > 0) yield* suiteText(suite, shown, report, content);
  }
  if (left > 0) yield* leftOut(left);
  yield '</testsuites>\n';
}

/** What the proxy has done on purpose, and what came of it: no failure of anybody. */
function interferenceText(report: RunReport): string {
  const page = new Page({ color: false, width: WIDTH });
  printInterference(page, report);
  const text = page.take();
  return text.length <= MOST_CONTENT ? text : text.slice(0, text.lastIndexOf('\n', MOST_CONTENT - 1) + 1);
}

/**
 * Whether the run is a verdict at all: the case that is there whatever was found.
 * @param output what else there is to say of the run; empty for most
 */
function* runSuite(troubles: readonly string[], output: string): Generator<string> {
  const failed = troubles.length > 0;
  yield opening('testsuite', suiteCounts('wirelint', { tests: 1, failures: 0, errors: failed ? 1 : 0, skipped: 0 }));
  const text = troubles.map(visibleAtLineStart).join('\n');
  const error = { '@_message': line(troubles[0] ?? ''), '@_type': 'capture', '#text': text.slice(0, MOST_CONTENT) };
  yield element('testcase', {
    ...caseAttributes('wirelint.run', RUN_CASE),
    ...(failed && { error }),
    ...(output !== '' && { 'system-out': output }),
  });
  yield '</testsuite>\n';
}

function* suiteText(suite: Suite, cases: readonly Placed[], report: RunReport, content: Content): Generator<string> {
  const count = (outcomes: readonly Case['outcome'][]) =>
    cases.filter(({ item }) => outcomes.includes(item.outcome)).length;
  const counts = {
    tests: cases.length,
    failures: count(['failed']),
    errors: 0,
    skipped: count(['not exercised', 'inconclusive']),
  };
  const file = report.captures[suite.capture]?.path ?? '';
  yield opening('testsuite', {
    ...suiteCounts(`${suite.protocol} in ${suite.captureName}`, counts),
    ...(file !== '-' && { file }),
  });
  for (const { item, className } of cases) yield caseText(item, className, content.of(item));
  yield '</testsuite>\n';
}

/** @param content empty for the bare case, whose size is reckoned with first */
function caseText(item: Case, className: string, content: string): string {
  const attributes = caseAttributes(className, item.name);
  const { outcome, reason } = item;
  if (outcome === 'failed') {
    const type = item.worst?.severity ?? 'error';
    const failure = { '@_message': line(messageOf(item)), '@_type': type, ...(content !== '' && { '#text': content }) };
    return element('testcase', { ...attributes, failure });
  }
  if (outcome !== 'passed') {
    return element('testcase', { ...attributes, skipped: { '@_message': line(reason), '@_type': outcome } });
  }
  if (reason === '') return element('testcase', attributes);
  return element('testcase', { ...attributes, 'system-out': `${visible(reason)}\n${content}` });
}

function messageOf({ reason, worst }: Case): string {
  return worst ? `${reason}: frame ${worst.frame}: ${worst.message}` : reason;
}

/**
 * The cases there is room for, failures first and passed ones last, and the bytes that they take without the content of
 * their failures.
 */
function withinBounds(cases: readonly Placed[]): {
  readonly kept: ReadonlySet<Placed>;
  readonly left: number;
  readonly bytes: number;
} {
  const most = Math.min(MOST_CASES, Math.floor(MOST_OBJECTS / OBJECTS_OF_CASE)) - 2;
  const kept = new Set<Placed>();
  let bytes = 0;
  for (const wanted of [['failed'], ['inconclusive', 'not exercised'], ['passed']]) {
    for (const placed of cases) {
      if (!wanted.includes(placed.item.outcome)) continue;
      const size = Buffer.byteLength(caseText(placed.item, placed.className, ''));
      if (kept.size >= most || bytes + size > MOST_BYTES) continue;
      kept.add(placed);
      bytes += size;
    }
  }
  return { kept, left: cases.length - kept.size, bytes };
}

function* leftOut(count: number): Generator<string> {
  const message = `${counted(count, 'case')} did not fit into what GitLab takes of one file; passed ones were left out first`;
  yield opening('testsuite', suiteCounts('wirelint', { tests: 1, failures: 0, errors: 0, skipped: 1 }));
  yield element('testcase', {
    ...caseAttributes('wirelint.run', LEFT_OUT),
    skipped: { '@_message': message, '@_type': LEFT_OUT },
  });
  yield '</testsuite>\n';
}

/** Puts findings into words, as long as there is room for them in the file. */
class Content {
  readonly #captures: RunReport['captures'];
  readonly #page = new Page({ color: false, width: WIDTH });
  /** By these `extract` takes them. */
  readonly #numbers: ReadonlyMap<Finding, number>;
  #room: number;
  #isFull = false;

  constructor({ captures, findings }: RunReport, room: number) {
    this.#numbers = new Map(findings.map((finding, index) => [finding, index + 1]));
    this.#captures = captures;
    this.#room = room;
  }

  of({ findings, unlisted, outcome, reason }: Case): string {
    if (findings.length + unlisted === 0 || (outcome !== 'failed' && outcome !== 'passed') || reason === '') return '';
    if (this.#isFull) return this.#notShown();
    const parts: string[] = [];
    let length = 0;
    for (const finding of findings) {
      this.#page.line(0, span(`${this.#captures[finding.capture]?.path ?? ''}, connection ${finding.connection}`));
      printFinding(
        this.#page,
        finding,
        this.#numbers.get(finding) ?? 0,
        captureDigits(this.#captures[finding.capture]),
      );
      const text = this.#page.take();
      if (length + text.length > MOST_CONTENT) break;
      length += text.length;
      parts.push(text);
    }
    const cut = findings.length - parts.length;
    if (cut > 0) parts.push(`${counted(cut, 'more finding')}: a case holds ${counted(MOST_CONTENT, 'character')}\n`);
    if (unlisted > 0) parts.push(`${counted(unlisted, 'more finding')} not listed (--max-findings)\n`);
    return this.#fitting(parts.join('\n'));
  }

  /** What does not fit ends the room: what comes later would not be put into words for nothing. */
  #fitting(text: string): string {
    const size = Buffer.byteLength(text) + (text.match(ESCAPED)?.length ?? 0) * LONGEST_ENTITY;
    if (size <= this.#room) {
      this.#room -= size;
      return text;
    }
    this.#isFull = true;
    return this.#notShown();
  }

  #notShown(): string {
    if (this.#room < NOT_SHOWN.length) return '';
    this.#room -= NOT_SHOWN.length;
    return NOT_SHOWN;
  }
}

/** `mnet.captures/trace_pcap`: Jenkins takes what stands before the last dot for a package. Unique for each suite. */
class ClassNames {
  readonly #seen = new Map<string, number>();

  of({ protocol, captureName }: Suite): string {
    const name = `${protocol}.${captureName.replaceAll('.', '_')}`;
    const count = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, count);
    return count === 1 ? name : `${name} [${count}]`;
  }
}

interface SuiteCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function suiteCounts(name: string, counts: SuiteCounts): Record<string, string> {
  const { tests, failures, errors, skipped } = counts;
  return { name, tests: `${tests}`, failures: `${failures}`, errors: `${errors}`, skipped: `${skipped}` };
}

function caseAttributes(className: string, name: string): Attributes {
  return { '@_classname': line(className), '@_name': line(name) };
}

function element(name: string, content: Node | Attributes): string {
  return builder.build({ [name]: content });
}

/** The start of an element that is closed later. */
function opening(name: string, attributes: Readonly<Record<string, string>>): string {
  const safe = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`@_${key}`, line(value)]));
  return element(name, safe)
    .replace(/\s*\/>\s*$/, '>\n')
    .replace(/\s*><\/[a-z]+>\s*$/, '>\n');
}

/** Text for an attribute: one visible line, not longer than a reader wants. */
function line(text: string): string {
  const safe = visible(text);
  return safe.length <= MOST_LINE ? safe : `${visible(safe.slice(0, MOST_LINE - 3))}...`;
}
