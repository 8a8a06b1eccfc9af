/**
 * What happens while traffic runs, for programs: one JSON object a line, each with a `type`, described by
 * schema/event.schema.json. The last line is the report.
 */
import type { Finding, Timestamp } from '../lint/finding.ts';
import { visibleJson } from '../wire/escape.ts';
import { connectionObject, findingObject, reportObject, SCHEMA_VERSION, type Tool } from './json.ts';
import type { ConnectionReport, RunReport } from './run-report.ts';
import { isoTime, ownDigits } from './time.ts';

/** Where the proxy listens and whom it speaks to, as the user would write it. */
export interface PairNames {
  readonly listen: string;
  readonly upstream: string;
}

/** How much has passed. */
export interface LiveCounts {
  readonly packets: number;
  readonly messages: number;
  readonly connections: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

export class LiveJson {
  start(tool: Tool, pairs: readonly PairNames[]): string {
    const own = pairs.map(({ listen, upstream }) => ({ listen, upstream }));
    return line({
      type: 'start',
      schemaVersion: SCHEMA_VERSION,
      tool: { name: tool.name, version: tool.version },
      pairs: own,
    });
  }

  finding(finding: Finding): string {
    return line({ type: 'finding', ...findingObject(finding, ownDigits(finding.time)) });
  }

  connection(kind: 'opened' | 'closed', connection: ConnectionReport): string {
    const { id, protocol, capture, client, server, start } = connection;
    if (kind === 'opened') {
      const time = isoTime(start, ownDigits(start));
      return line({ type: 'connection-opened', id, protocol, capture, client, server, start: time });
    }
    return line({ type: 'connection-closed', ...connectionObject(connection, ownDigits(connection.end)) });
  }

  statistics(time: Timestamp, counts: LiveCounts): string {
    const { packets, messages, connections, errors, warnings, infos } = counts;
    const own = { packets, messages, connections, errors, warnings, infos };
    return line({ type: 'statistics', time: isoTime(time, ownDigits(time)), ...own });
  }

  /** Something about the proxy itself. */
  event(kind: string, message: string): string {
    return line({ type: 'event', kind, message });
  }

  report(report: RunReport, tool: Tool): string {
    return line({ type: 'report', report: reportObject(report, tool) });
  }
}

function line(value: object): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}
