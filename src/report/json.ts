/**
 * The report for programs: one JSON document of a stable, versioned shape, described by schema/report.schema.json.
 * Properties are written out one by one, in the schema's order: the shape is a promise, and a property that the engine
 * gains must not slip into it unseen. Same run, same bytes: there is no clock in it and nothing depends on the locale.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { StatementOutcome } from '../protocol/statements.ts';
import { visibleJson } from '../wire/escape.ts';
import type { Departure } from './departure.ts';
import type { DoneDeed, Interference } from './interference.ts';
import type { CaptureResult, ProtocolReport, RunReport, RunSummary } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';

export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** Raised when a property changes its meaning or goes; properties may be added without. */
export const SCHEMA_VERSION = 1;

export function jsonReport(report: RunReport, tool: Tool): string {
  return [...jsonPieces(report, tool)].join('');
}

/** The same in pieces: of many findings and connections, neither the objects nor the text stand in memory as a whole. */
export function* jsonPieces(report: RunReport, tool: Tool): Generator<string> {
  const whole = indented(reportObject({ ...report, connections: [], findings: [] }, tool));
  const lists = { connections: '\n  "connections": []', findings: '\n  "findings": []' };
  const write = (item: object) => indented(item).replace(/^/gm, '    ');
  yield* withLists(`${whole}\n`, report, lists, write, { before: '\n', between: ',\n', after: '\n  ' });
}

/**
 * A report whose lists are empty, in pieces, with what belongs into the lists.
 * @param empty how the lists are written in it: as nothing else is, not even in a string
 * @param layout what stands before the first item of a list, between two, and behind the last
 */
export function* withLists(
  whole: string,
  report: RunReport,
  empty: Readonly<Record<'connections' | 'findings', string>>,
  write: (item: object) => string,
  layout: { readonly before: string; readonly between: string; readonly after: string },
): Generator<string> {
  const digits = report.captures.map(captureDigits);
  const behindConnections = whole.indexOf(empty.connections) + empty.connections.length - 1;
  const behindFindings = whole.indexOf(empty.findings, behindConnections) + empty.findings.length - 1;
  let separator = layout.before;
  yield whole.slice(0, behindConnections);
  for (const connection of report.connections) {
    yield separator + write(connectionObject(connection, digits[connection.capture] ?? 0));
    separator = layout.between;
  }
  if (report.connections.length > 0) yield layout.after;
  yield whole.slice(behindConnections, behindFindings);
  separator = layout.before;
  for (const finding of report.findings) {
    yield separator + write(findingObject(finding, digits[finding.capture] ?? 0));
    separator = layout.between;
  }
  if (report.findings.length > 0) yield layout.after;
  yield whole.slice(behindFindings);
}

const indented = (value: object) => visibleJson(JSON.stringify(value, null, 2));

export function reportObject(report: RunReport, tool: Tool): object {
  const digits = report.captures.map(captureDigits);
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: tool.name, version: tool.version },
    captures: report.captures.map((facts, capture) => captureObject(facts, report.results[capture])),
    summary: summaryObject(report.summary),
    protocols: report.protocols.map(protocolObject),
    connections: report.connections.map(connection => connectionObject(connection, digits[connection.capture] ?? 0)),
    findings: report.findings.map(finding => findingObject(finding, digits[finding.capture] ?? 0)),
    ...(report.induced && {
      induced: report.induced.map(finding => findingObject(finding, digits[finding.capture] ?? 0)),
    }),
    ...(report.interference && { interference: interferenceObject(report.interference, digits[0] ?? 0) }),
    omitted: omittedObject(report.omitted),
    notes: report.notes,
    ...(report.departures && { departures: report.departures.map(departureObject) }),
  };
}

function departureObject(departure: Departure): object {
  const { kind, connection, messageName, recordedFrame, liveFrame, text } = departure;
  return {
    kind,
    connection,
    messageName,
    recordedFrame: recordedFrame ?? null,
    liveFrame: liveFrame ?? null,
    message: text,
  };
}

function omittedObject({ findings, connections, induced }: RunReport['omitted']): object {
  return { findings, connections, ...(induced !== undefined && { induced }) };
}

function interferenceObject({ seed, faults, deeds, reactions, omitted }: Interference, digits: number): object {
  return {
    ...(seed !== undefined && { seed }),
    faults: faults.map(({ cause, by, deed, count }) => ({ cause, by, deed, count })),
    deeds: deeds.map(deed => deedObject(deed, digits)),
    reactions: reactions.map(({ rule, cause, frame, connection, reaction, by, messages }) => {
      return { rule, cause, frame, connection, reaction, by, messages };
    }),
    omitted: { deeds: omitted.deeds, reactions: omitted.reactions },
  };
}

/** What was done to something that passed, as the JSON report and a line of `--format ndjson` print it. */
export function deedObject(done: DoneDeed, digits: number): object {
  const { frame, connection, from, to, messageName, deed, cause, note } = done;
  return {
    frame,
    time: isoTime(done.time, digits),
    ...(connection !== undefined && { connection }),
    from,
    to,
    messageName,
    deed,
    cause,
    note,
  };
}

function captureObject(facts: CaptureFacts, result: CaptureResult): object {
  const { firstTime, lastTime, problem } = facts;
  return {
    path: facts.path,
    format: facts.format,
    description: facts.description,
    linkTypes: facts.linkTypes,
    packets: facts.packets,
    bytes: facts.bytes,
    firstTime: firstTime ? isoTime(firstTime, firstTime.digits) : null,
    lastTime: lastTime ? isoTime(lastTime, lastTime.digits) : null,
    dropped: facts.dropped,
    complete: facts.complete,
    ...(problem && { problem: { offset: problem.offset, message: problem.message } }),
    result: resultObject(result),
  };
}

function resultObject(result: CaptureResult): object {
  return {
    messages: result.messages,
    connections: result.connections,
    errors: result.errors,
    warnings: result.warnings,
    infos: result.infos,
    inconclusive: result.inconclusive,
    verdict: result.verdict,
  };
}

function summaryObject(summary: RunSummary): object {
  return {
    packets: summary.packets,
    messages: summary.messages,
    connections: summary.connections,
    errors: summary.errors,
    warnings: summary.warnings,
    infos: summary.infos,
    accepted: summary.accepted,
    inconclusive: summary.inconclusive,
    verdict: summary.verdict,
  };
}

function protocolObject(protocol: ProtocolReport): object {
  const { coverage, statements } = protocol;
  return {
    id: protocol.id,
    connections: protocol.connections,
    messages: protocol.messages,
    dialect: protocol.dialect,
    rules: protocol.rules.map(({ id, severity, checked, broken, inconclusive }) => {
      return { id, severity, checked, broken, inconclusive };
    }),
    coverage: {
      messages: coverage.messages,
      states: coverage.states,
      sentIn: coverage.sentIn,
      moves: coverage.moves.map(({ role, from, to, taken }) => ({ role, from, to, taken })),
      transitions: { exercised: coverage.transitions.exercised, total: coverage.transitions.total },
      steps: coverage.steps.map(({ role, state, event, condition, next, taken }) => {
        return { role, state, event, condition, next, taken };
      }),
    },
    ...(statements && { statements: statements.map(statementObject) }),
  };
}

function statementObject(statement: StatementOutcome): object {
  const { id, edition, status, checked, broken, inconclusive, brokenBy, rules, says, note } = statement;
  return {
    id,
    ...(edition !== undefined && { edition }),
    status,
    checked,
    broken,
    inconclusive,
    brokenBy,
    rules,
    ...(says !== '' && { says }),
    ...(note !== '' && { note }),
  };
}

export function connectionObject(connection: ConnectionReport, digits: number): object {
  return {
    id: connection.id,
    protocol: connection.protocol,
    capture: connection.capture,
    client: connection.client,
    server: connection.server,
    start: isoTime(connection.start, digits),
    end: isoTime(connection.end, digits),
    state: connection.state,
    ...(connection.about && { about: connection.about }),
    messages: connection.messages,
    verdict: connection.verdict,
    reasons: connection.reasons.map(({ kind, because, advice }) => ({ kind, because, advice })),
  };
}

/** A finding as the JSON report and `dissect` print it. */
export function findingObject(finding: Finding, digits: number): object {
  const { bytes, excerpt, spec } = finding;
  return {
    ruleId: finding.ruleId,
    severity: finding.severity,
    message: finding.message,
    capture: finding.capture,
    frame: finding.frame,
    time: isoTime(finding.time, digits),
    protocol: finding.protocol,
    connection: finding.connection,
    from: finding.from,
    to: finding.to,
    atFault: finding.atFault,
    messageName: finding.messageName,
    state: finding.state,
    bytes: bytes && { offset: bytes.offset, length: bytes.length },
    expected: finding.expected,
    actual: finding.actual,
    restsOn: finding.restsOn,
    spec,
    relatedFrames: finding.relatedFrames,
    excerpt: excerpt && {
      offset: excerpt.offset,
      hex: Buffer.from(excerpt.bytes).toString('hex'),
      messageLength: excerpt.messageLength,
    },
  };
}
