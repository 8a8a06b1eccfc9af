/**
 * The outcome of a capture with the numbers that it has in another run: its place among the captures, and its connections,
 * which are counted over all of them.
 */
import { type Finding, plainFinding } from '../lint/finding.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { ApartOutcome } from './outcome.ts';

/** Connections of all protocols in a capture. */
export function connectionsIn({ outcome }: ApartOutcome): number {
  return outcome.lanes.reduce((sum, { connections }) => sum + connections.total, 0);
}

export class Rebase {
  readonly #capture: number;
  /** Of a connection, by the number that it has had. */
  readonly number: (connection: number) => number;

  /** @param capture index of the capture @param connections what is added to the number of each connection, or gives it */
  constructor(capture: number, connections: number | ((connection: number) => number)) {
    this.#capture = capture;
    this.number = typeof connections === 'number' ? connection => connection + connections : connections;
  }

  finding(finding: Finding): Finding {
    const { mentions } = finding;
    const numbers = { capture: this.#capture, connection: this.number(finding.connection) };
    if (mentions === undefined) return { ...plainFinding(finding), ...numbers };
    const number = this.number(mentions);
    const renamed = (text: string) =>
      text.replaceAll(new RegExp(`\\bconnection ${mentions}\\b`, 'g'), `connection ${number}`);
    const { message, expected, actual } = finding;
    const words = { message: renamed(message), expected: renamed(expected), actual: renamed(actual) };
    return { ...plainFinding(finding), ...numbers, ...words, mentions: number };
  }

  connection(report: ConnectionReport): ConnectionReport {
    return { ...report, capture: this.#capture, id: this.number(report.id) };
  }

  outcome({ outcome, remarks, remarked }: ApartOutcome): ApartOutcome {
    return {
      outcome: {
        ...outcome,
        findings: outcome.findings.map(finding => this.finding(finding)),
        lanes: outcome.lanes.map(lane => ({
          ...lane,
          connections: { ...lane.connections, listed: lane.connections.listed.map(report => this.connection(report)) },
        })),
      },
      remarks: remarks.map(remark => ({ ...remark, finding: this.finding(remark.finding) })),
      remarked: remarked.map(lane => ({
        ...lane,
        connections: lane.connections.map(each => ({ ...each, report: this.connection(each.report) })),
      })),
    };
  }
}
