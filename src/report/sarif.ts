/**
 * SARIF 2.1.0, as GitHub's code scanning reads it and other viewers do. GitHub shows a result at a line of a text file,
 * and a capture has no lines: so each result points into the transcript that is written beside the file, and says in its
 * properties, logical locations and code flow which frame, connection and bytes it is about.
 *
 * GitHub makes an alert of every result, whatever its kind; so the file holds broken rules alone unless all results are
 * asked for. It takes 25,000 of them, and says nothing of the others: this file does.
 */
import type {
  ArtifactLocation,
  Location,
  Notification,
  PhysicalLocation,
  ReportingDescriptor,
  Result,
  Run,
} from 'sarif';
import { isUrl } from '../capture/location.ts';
import { citation, citationText, clausesOf, demandText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import { Occurrences } from '../lint/fingerprint.ts';
import { SEVERITIES, type Severity } from '../lint/rule.ts';
import { visible, visibleJson } from '../wire/escape.ts';
import { type Case, captureNames, type Suite, suitesOf } from './cases.ts';
import { markdownBlock, markdownText } from './encode.ts';
import type { CatalogueRule, FormatInput, Renderer } from './format.ts';
import { counted } from './numbers.ts';
import { FAULT_WORDS } from './rule-words.ts';
import type { RunReport } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';
import { Transcript, transcript } from './transcript.ts';

export const TRANSCRIPT_SUFFIX = '.txt';
const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** What GitHub takes: results of a run, places of a code flow that it shows, characters of a description. */
const MOST_RESULTS = 25_000;
const MOST_PLACES = 1_000;
const MOST_DESCRIPTION = 1_024;

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>;

export const sarif: Renderer = {
  render: sarifReport,
  companion: { suffix: TRANSCRIPT_SUFFIX, render: ({ report }) => transcript(report) },
};

function* sarifReport(input: FormatInput): Generator<string> {
  const { tool } = input;
  const writer = new ResultWriter(input);
  const { results, left } = selected(input);
  const head = {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        semanticVersion: tool.version,
        rules: writer.rules.map(entry => descriptor(entry)),
      },
    },
    automationDetails: { id: `${tool.name}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [
      { executionSuccessful: input.troubles.length === 0, toolExecutionNotifications: notices(input, left) },
    ],
    artifacts: [
      ...(writer.transcript === undefined ? [] : [{ location: writer.transcript, mimeType: 'text/plain' }]),
      ...input.report.captures.map(({ path }) => ({
        location: { uri: uriOf(path) },
        roles: ['analysisTarget' as const],
      })),
    ],
    properties: { summary: input.report.summary, resultsLeftOut: left },
  } satisfies Partial<Run>;
  yield `{\n"$schema": ${JSON.stringify(SCHEMA)},\n"version": "2.1.0",\n"runs": [\n`;
  yield `${visibleJson(JSON.stringify(head)).slice(0, -1)},\n"results": [`;
  let separator = '\n';
  for (const item of results) {
    yield separator + visibleJson(JSON.stringify(writer.result(item)));
    separator = ',\n';
  }
  yield '\n]}\n]\n}\n';
}

type Item = { readonly finding: Finding } | { readonly suite: Suite; readonly item: Case };

/** The results there is room for: the worst first where there is not room for all, in the order of the report. */
function selected(input: FormatInput): { readonly results: readonly Item[]; readonly left: number } {
  const { findings } = input.report;
  const wanted = new Set<Finding>();
  for (const severity of SEVERITIES) {
    for (const finding of findings) {
      if (finding.severity === severity && wanted.size < MOST_RESULTS) wanted.add(finding);
    }
  }
  const broken = findings.filter(finding => wanted.has(finding)).map((finding): Item => ({ finding }));
  const others = input.sarifResults === 'all' ? unbroken(input) : [];
  const kept = others.slice(0, MOST_RESULTS - broken.length);
  return { results: [...broken, ...kept], left: findings.length - broken.length + others.length - kept.length };
}

/** What was judged and stands, and what could not be judged, a result for each rule in each capture. */
function unbroken(input: FormatInput): Item[] {
  return suitesOf({ ...input, granularity: 'rule' }).flatMap(suite =>
    suite.cases.filter(({ findings, unlisted }) => findings.length + unlisted === 0).map(item => ({ suite, item })),
  );
}

const KINDS = { passed: 'pass', inconclusive: 'open', 'not exercised': 'notApplicable', failed: 'fail' } as const;

class ResultWriter {
  readonly rules: readonly CatalogueRule[];
  /** Absent where the report goes to standard output: there is nothing beside it. */
  readonly transcript: ArtifactLocation | undefined;
  readonly #lines: Transcript;
  readonly #report: RunReport;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #names: readonly string[];
  readonly #occurrences = new Occurrences();

  constructor({ report, rules, file }: FormatInput) {
    this.#report = report;
    const inForce = new Set(report.protocols.flatMap(protocol => protocol.rules.map(({ id }) => id)));
    for (const { ruleId } of report.findings) inForce.add(ruleId);
    this.rules = [...inForce].flatMap(id => rules.get(id) ?? []);
    this.#indexes = new Map(this.rules.map(({ rule }, index) => [rule.id, index]));
    this.#names = captureNames(report);
    this.#lines = new Transcript(report);
    this.transcript = file === undefined ? undefined : { uri: uriOf(file + TRANSCRIPT_SUFFIX) };
  }

  result(item: Item): Result {
    return 'finding' in item ? this.#failed(item.finding) : this.#other(item.suite, item.item);
  }

  #failed(finding: Finding): Result {
    const { fingerprint, occurrence } = this.#occurrences.next(finding);
    const place = this.#place(finding, finding.frame);
    return {
      ...this.#rule(finding.ruleId),
      kind: 'fail',
      level: LEVELS[finding.severity],
      message: { text: plainText(sentences(finding)) },
      locations: [place],
      partialFingerprints: { primaryLocationLineHash: `${fingerprint}:${occurrence}` },
      ...(finding.relatedFrames.length > 0 && { codeFlows: [{ threadFlows: [this.#flow(finding, place)] }] }),
      properties: this.#properties(finding),
    };
  }

  /** The frames that the finding looks back to, then its own. */
  #flow(finding: Finding, place: Location) {
    const { relatedFrames, ruleId, message } = finding;
    const steps = relatedFrames.slice(0, MOST_PLACES - 1).map(frame => ({
      location: { ...this.#place(finding, frame), message: { text: `frame ${frame}` } },
      importance: 'important' as const,
    }));
    const last = {
      location: { ...place, message: { text: plainText(`frame ${finding.frame}: ${ruleId}: ${message}`) } },
      importance: 'essential' as const,
    };
    return { locations: [...steps, last] };
  }

  #place({ capture, connection }: Finding, frame: number): Location {
    const name = this.#names[capture] ?? '';
    return {
      physicalLocation: this.#line(capture, this.#lines.ofFrame(connection, frame), frame),
      logicalLocations: [
        {
          name: `frame ${frame}`,
          fullyQualifiedName: visible(`${name}/connection ${connection}/frame ${frame}`),
          kind: 'message',
        },
      ],
    };
  }

  #other(suite: Suite, { name, outcome, reason }: Case): Result {
    const { capture, protocol, captureName } = suite;
    const text = `${name} in ${captureName}: ${reason === '' ? outcome : reason}`;
    return {
      ...this.#rule(name),
      kind: KINDS[outcome],
      level: 'none',
      message: { text: plainText(text) },
      locations: [
        {
          physicalLocation: this.#line(capture, this.#lines.ofProtocol(capture, protocol), 1),
          logicalLocations: [
            { name: protocol, fullyQualifiedName: visible(`${captureName}/${protocol}`), kind: 'module' },
          ],
        },
      ],
      partialFingerprints: { primaryLocationLineHash: `${KINDS[outcome]}:${name}:${visible(captureName)}` },
    };
  }

  /** @param frame stands for the line where there is no transcript */
  #line(capture: number, line: number, frame: number): PhysicalLocation {
    if (this.transcript) return { artifactLocation: { ...this.transcript, index: 0 }, region: { startLine: line } };
    const uri = uriOf(this.#report.captures[capture]?.path ?? '');
    return { artifactLocation: { uri }, region: { startLine: frame } };
  }

  #rule(id: string): Pick<Result, 'ruleId' | 'ruleIndex'> {
    const index = this.#indexes.get(id);
    return { ruleId: id, ...(index !== undefined && { ruleIndex: index }) };
  }

  #properties(finding: Finding) {
    const { capture, bytes, spec } = finding;
    return {
      capture: visible(this.#report.captures[capture]?.path ?? ''),
      protocol: finding.protocol,
      connection: finding.connection,
      frame: finding.frame,
      time: isoTime(finding.time, captureDigits(this.#report.captures[capture])),
      from: visible(finding.from),
      to: visible(finding.to),
      atFault: finding.atFault === null ? null : visible(finding.atFault),
      messageName: visible(finding.messageName),
      state: visible(finding.state),
      ...(bytes && { byteOffset: bytes.offset, byteLength: bytes.length }),
      expected: visible(finding.expected),
      actual: visible(finding.actual),
      specification: visible(citationText(spec)),
      ...(spec.says !== undefined && { says: visible(spec.says) }),
    };
  }
}

function sentences(finding: Finding): string {
  const { message, expected, actual, atFault, messageName, from, to } = finding;
  const parts = [message];
  if (expected !== '') parts.push(`expected: ${expected}`);
  if (actual !== '') parts.push(`actual: ${actual}`);
  parts.push(`at fault: ${atFault ?? 'nobody'}`, `${messageName}, ${from} -> ${to}, frame ${finding.frame}`);
  return parts.join('; ');
}

function descriptor({ rule, specification }: CatalogueRule): ReportingDescriptor {
  const clauses = clausesOf(rule);
  const all = citation(specification, clauses);
  const demands = clauses.map(clause => `Clause: ${demandText(citation(specification, [clause]))}`);
  const facts = [...demands, `At fault: ${FAULT_WORDS[rule.atFault]}`];
  return {
    id: rule.id,
    shortDescription: { text: clipped(plainText(rule.summary)) },
    fullDescription: { text: clipped(plainText(all.says === undefined ? rule.why : `${all.says} ${rule.why}`)) },
    help: {
      text: [rule.why, ...facts, `Example: ${rule.example}`].map(plainLines).join('\n\n'),
      markdown: [
        ...[...rule.why.split('\n'), ...facts].map(markdownText),
        markdownBlock(rule.example.split('\n')),
      ].join('\n\n'),
    },
    defaultConfiguration: { level: LEVELS[rule.severity], enabled: !rule.offByDefault },
    properties: {
      tags: ['protocol', visible(rule.id.split('/')[0] ?? '')],
      precision: rule.restsOn === 'unseen' ? 'high' : 'very-high',
      'problem.severity': rule.severity === 'info' ? 'recommendation' : rule.severity,
      clause: visible(citationText(all)),
      restsOn: rule.restsOn,
    },
  };
}

/** What a reader of the results must know beside them. */
function notices({ report, troubles }: FormatInput, left: number): Notification[] {
  const notice = (level: 'error' | 'warning' | 'note', text: string): Notification => {
    return { level, message: { text: plainText(text) } };
  };
  const lines = troubles.map(text => notice('error', text));
  if (left > 0)
    lines.push(
      notice('warning', `${counted(left, 'result')} left out: GitHub takes ${counted(MOST_RESULTS, 'result')}`),
    );
  const { findings } = report.omitted;
  if (findings > 0) lines.push(notice('warning', `${counted(findings, 'more finding')} not listed (--max-findings)`));
  return [...lines, ...report.notes.map(text => notice('note', text))];
}

/** Text for a message of SARIF, in which `[text](target)` is a link and `{0}` stands for something else. */
function plainText(text: string): string {
  const safe = visible(text).replace(/\{(\d+)\}/g, '{{$1}}');
  return /\]\s*\(/.test(safe) ? safe.replace(/[\\[\]]/g, '\\$&') : safe;
}

function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

function clipped(text: string): string {
  return text.length <= MOST_DESCRIPTION
    ? text
    : `${visible(text.slice(0, MOST_DESCRIPTION - 3))}...`.slice(0, MOST_DESCRIPTION);
}

/** A path as a reference to it: relative ones stay so, as code hosts want them. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin';
  if (isUrl(path)) return path;
  const encoded = path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded.replace(/^(\.\/)+/, '');
}
