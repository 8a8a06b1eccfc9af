/**
 * A text that the findings of a run can point into, for code hosts that know lines of files and nothing of packets: one
 * line for each capture, protocol and listed connection, and for each message that a finding is about or looks back
 * to. The same run gives the same lines.
 */
import type { Finding } from '../lint/finding.ts';
import { visible, visibleAtLineStart } from '../wire/escape.ts';
import { captureNames } from './cases.ts';
import { counted } from './numbers.ts';
import type { CaptureTally, ConnectionReport, RunReport } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';

/** Findings are named one by one in a line up to so many. */
const MOST_NAMED = 8;

/** What is told of one frame of a connection. */
interface Message {
  readonly frame: number;
  readonly findings: Finding[];
  /** A finding that looks back to it. */
  seenWith: Finding | undefined;
}

export class Transcript {
  readonly #captures: RunReport['captures'];
  readonly #lines: string[] = [];
  readonly #lineOf = new Map<string, number>();

  constructor(report: RunReport) {
    this.#captures = report.captures;
    const connections = new Map(report.connections.map(connection => [connection.id, connection]));
    const messages = messagesOf(report.findings);
    const touched = connectionsOf(report);
    const names = captureNames(report);
    report.captures.forEach((facts, capture) => {
      this.#add(`capture ${capture}`, `capture ${names[capture]}: ${counted(facts.packets, 'packet')}`);
      const tallies = report.tallies.filter(tally => tally.capture === capture);
      for (const tally of tallies) {
        const ids = touched.get(`${capture} ${tally.protocol}`) ?? new Set();
        this.#addProtocol(
          tally,
          [...ids].sort((a, b) => a - b),
          connections,
          messages,
        );
      }
    });
  }

  /** Pieces of the text. */
  *text(): Generator<string> {
    for (const line of this.#lines) yield `${line}\n`;
  }

  /** Number of the line for a message, or for what is nearest to it. */
  ofFrame(connection: number, frame: number): number {
    return this.#lineOf.get(`frame ${connection} ${frame}`) ?? this.#lineOf.get(`connection ${connection}`) ?? 1;
  }

  ofProtocol(capture: number, protocol: string): number {
    return this.#lineOf.get(`protocol ${capture} ${protocol}`) ?? this.#lineOf.get(`capture ${capture}`) ?? 1;
  }

  #addProtocol(
    { capture, protocol, connections, messages }: CaptureTally,
    ids: readonly number[],
    listed: ReadonlyMap<number, ConnectionReport>,
    told: ReadonlyMap<number, ReadonlyMap<number, Message>>,
  ): void {
    const counts = `${counted(connections, 'connection')}, ${counted(messages, 'message')}`;
    this.#add(`protocol ${capture} ${protocol}`, `  ${protocol}: ${counts}`);
    const digits = captureDigits(this.#captures[capture]);
    for (const id of ids) {
      this.#add(`connection ${id}`, `    connection ${id}${connectionText(listed.get(id))}`);
      const ofConnection = [...(told.get(id)?.values() ?? [])].sort((a, b) => a.frame - b.frame);
      for (const message of ofConnection) {
        this.#add(`frame ${id} ${message.frame}`, `      frame ${message.frame}  ${messageText(message, digits)}`);
      }
    }
  }

  #add(key: string, text: string): void {
    this.#lines.push(visibleAtLineStart(text));
    this.#lineOf.set(key, this.#lines.length);
  }
}

/** Connections that are listed or have a finding, by capture and protocol. */
function connectionsOf({ connections, findings }: RunReport): Map<string, Set<number>> {
  const touched = new Map<string, Set<number>>();
  const touch = (capture: number, protocol: string, id: number) => {
    const key = `${capture} ${protocol}`;
    const ids = touched.get(key) ?? new Set<number>();
    touched.set(key, ids.add(id));
  };
  for (const { capture, protocol, id } of connections) touch(capture, protocol, id);
  for (const { capture, protocol, connection } of findings) touch(capture, protocol, connection);
  return touched;
}

function messagesOf(findings: readonly Finding[]): Map<number, Map<number, Message>> {
  const byConnection = new Map<number, Map<number, Message>>();
  for (const finding of findings) {
    const messages = byConnection.get(finding.connection) ?? new Map<number, Message>();
    byConnection.set(finding.connection, messages);
    const at = (frame: number): Message => {
      const message = messages.get(frame) ?? { frame, findings: [], seenWith: undefined };
      messages.set(frame, message);
      return message;
    };
    at(finding.frame).findings.push(finding);
    for (const frame of finding.relatedFrames) at(frame).seenWith ??= finding;
  }
  return byConnection;
}

function connectionText(connection: ConnectionReport | undefined): string {
  if (!connection) return '';
  const { client, server, messages, state, verdict, reasons } = connection;
  const why = reasons.map(({ because }) => `, because ${because}`).join('');
  return `: ${client} -> ${server}, ${counted(messages, 'message')}, ${state}, ${verdict}${why}`;
}

function messageText({ findings, seenWith }: Message, digits: number): string {
  const [first] = findings;
  if (!first) return `see frame ${seenWith?.frame}: ${seenWith?.ruleId}`;
  const { time, messageName, from, to, state } = first;
  const named = findings.slice(0, MOST_NAMED).map(finding => {
    return `${finding.severity} ${finding.ruleId}: ${visible(finding.message)}`;
  });
  const more = findings.length > MOST_NAMED ? [`${findings.length - MOST_NAMED} more findings`] : [];
  const sent = state === '' ? '' : `, sent in ${state}`;
  return `${isoTime(time, digits)}  ${messageName}, ${from} -> ${to}${sent}  ${[...named, ...more].join('; ')}`;
}
