/**
 * A text that the findings of a run can point into, for code hosts that know lines of files and nothing of packets: one
 * line for each capture, protocol and listed connection, and for each message that a finding is about or looks back
 * to. The same run gives the same lines.
 */
import type { Finding } from '../lint/finding.ts';
import type { CaptureTally } from '../lint/tally.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import { visible, visibleAtLineStart } from '../wire/escape.ts';
import { captureNames } from './cases.ts';
import { groupBy } from './group-by.ts';
import { counted } from './numbers.ts';
import type { RunReport } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';

/** Findings are named one by one in a line up to so many. */
const MOST_NAMED = 8;

/** A frame of a connection and the findings about it. */
interface NotedMessage {
  readonly frame: number;
  readonly findings: Finding[];
  /** A finding that looks back to it. */
  seenWith: Finding | undefined;
}

/** A line, put into words when it is written. */
interface Line {
  readonly key: string | number;
  readonly text: () => string;
}

/** Above all frames of a capture: pcap and pcapng have no number for them, and nobody has so many. */
const FRAMES = 2 ** 32;

export class Transcript {
  /** Numbers of lines, from 1. */
  readonly #numbers = new Map<string | number, number>();

  constructor(report: RunReport) {
    let number = 0;
    for (const { key } of linesOf(report)) this.#numbers.set(key, ++number);
  }

  /** Number of the line for a message, or for what is nearest to it. */
  ofFrame(connection: number, frame: number): number {
    return this.#numbers.get(frameKey(connection, frame)) ?? this.#numbers.get(frameKey(connection, 0)) ?? 1;
  }

  ofProtocol(capture: number, protocol: string): number {
    return this.#numbers.get(protocolKey(capture, protocol)) ?? this.#numbers.get(captureKey(capture)) ?? 1;
  }
}

/** The text, a line each. */
export function* transcript(report: RunReport): Generator<string> {
  for (const { text } of linesOf(report)) yield `${visibleAtLineStart(text())}\n`;
}

const captureKey = (capture: number) => `${capture}`;
const protocolKey = (capture: number, protocol: string) => `${capture} ${protocol}`;
/** Frame 0, which no capture has, stands for the connection. */
const frameKey = (connection: number, frame: number) => connection * FRAMES + frame;

function* linesOf(report: RunReport): Generator<Line> {
  const listed = new Map(report.connections.map(connection => [connection.id, connection]));
  const found = groupBy(report.findings, ({ connection }) => connection);
  const touched = connectionsOf(report);
  const names = captureNames(report);
  const tallies = groupBy(report.tallies, ({ capture }) => capture);
  for (const [capture, facts] of report.captures.entries()) {
    const packets = counted(facts.packets, 'packet');
    yield { key: captureKey(capture), text: () => `capture ${names[capture]}: ${packets}` };
    const digits = captureDigits(facts);
    for (const tally of tallies.get(capture) ?? []) {
      const key = protocolKey(capture, tally.protocol);
      yield { key, text: () => `  ${tallyText(tally)}` };
      for (const id of [...(touched.get(key) ?? [])].sort((a, b) => a - b)) {
        yield { key: frameKey(id, 0), text: () => `    connection ${id}${connectionText(listed.get(id))}` };
        for (const message of notedMessages(found.get(id) ?? [])) {
          const text = () => `      frame ${message.frame}  ${messageText(message, digits)}`;
          yield { key: frameKey(id, message.frame), text };
        }
      }
    }
  }
}

/** Connections that are listed or have a finding, by capture and protocol. */
function connectionsOf({ connections, findings }: RunReport): Map<string, Set<number>> {
  const touched = new Map<string, Set<number>>();
  const touch = (capture: number, protocol: string, id: number) => {
    const key = protocolKey(capture, protocol);
    const ids = touched.get(key) ?? new Set<number>();
    touched.set(key, ids.add(id));
  };
  for (const { capture, protocol, id } of connections) touch(capture, protocol, id);
  for (const { capture, protocol, connection } of findings) touch(capture, protocol, connection);
  return touched;
}

/** The messages that the findings of one connection are about or look back to, by frame. */
function notedMessages(findings: readonly Finding[]): NotedMessage[] {
  const messages = new Map<number, NotedMessage>();
  const at = (frame: number): NotedMessage => {
    const message = messages.get(frame) ?? { frame, findings: [], seenWith: undefined };
    messages.set(frame, message);
    return message;
  };
  for (const finding of findings) {
    at(finding.frame).findings.push(finding);
    for (const frame of finding.relatedFrames) at(frame).seenWith ??= finding;
  }
  return [...messages.values()].sort((a, b) => a.frame - b.frame);
}

function tallyText({ protocol, connections, messages }: CaptureTally): string {
  return `${protocol}: ${counted(connections, 'connection')}, ${counted(messages, 'message')}`;
}

function connectionText(connection: ConnectionReport | undefined): string {
  if (!connection) return '';
  const { client, server, messages, state, verdict, reasons } = connection;
  const why = reasons.map(({ because }) => `, because ${because}`).join('');
  return `: ${client} -> ${server}, ${counted(messages, 'message')}, ${state}, ${verdict}${why}`;
}

function messageText({ findings, seenWith }: NotedMessage, digits: number): string {
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
