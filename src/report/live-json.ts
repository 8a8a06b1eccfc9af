/**
 * What happens while traffic runs, for programs: one JSON object a line, each with a `type`, described by
 * schema/event.schema.json. The last line is the report.
 */
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import { visibleJson } from '../wire/escape.ts';
import type { DoneDeed } from './interference.ts';
import { deedWords } from './interference-words.ts';
import {
  connectionObject,
  deedObject,
  findingObject,
  reportObject,
  SCHEMA_VERSION,
  type Tool,
  withLists,
} from './json.ts';
import type { RunReport, RunSummary } from './run-report.ts';
import { isoTime, ownDigits } from './time.ts';

/** Where the proxy listens and whom it speaks to, as the user would write it. */
export interface PairNames {
  readonly listen: string;
  readonly upstream: string;
}

/** What is looked at: what passes between pairs, or captures as the user named them. */
export type LiveSource =
  | { readonly pairs: readonly PairNames[]; readonly captures?: undefined }
  | { readonly captures: readonly string[]; readonly pairs?: undefined };

/** How much has passed. */
export type LiveCounts = Pick<RunSummary, 'packets' | 'messages' | 'connections' | 'errors' | 'warnings' | 'infos'>;

export class LiveJson {
  start(tool: Tool, what: LiveSource): string {
    const { name, version } = tool;
    const pairs = what.pairs?.map(({ listen, upstream }) => ({ listen, upstream }));
    const source = pairs ? { pairs } : { captures: what.captures };
    return line({ type: 'start', schemaVersion: SCHEMA_VERSION, tool: { name, version }, ...source });
  }

  finding(finding: Finding): string {
    return line({ type: 'finding', finding: findingObject(finding, ownDigits(finding.time)) });
  }

  connection(kind: 'opened' | 'closed', connection: ConnectionReport): string {
    const digits = Math.max(ownDigits(connection.start), ownDigits(connection.end));
    return line({ type: `connection-${kind}`, connection: connectionObject(connection, digits) });
  }

  statistics(time: Timestamp, counts: LiveCounts): string {
    const { packets, messages, connections, errors, warnings, infos } = counts;
    const own = { packets, messages, connections, errors, warnings, infos };
    return line({ type: 'statistics', time: isoTime(time, ownDigits(time)), ...own });
  }

  /** Something was done on purpose to what passed. */
  fault(done: DoneDeed): string {
    const deed = deedObject(done, ownDigits(done.time));
    return line({ type: 'event', kind: 'fault', message: deedWords(done), deed });
  }

  /** Something about the proxy itself. */
  event(kind: string, message: string): string {
    return line({ type: 'event', kind, message });
  }

  /** In pieces: of many findings and connections, the line does not stand in memory as a whole. */
  *report(report: RunReport, tool: Tool): Generator<string> {
    const whole = line({ type: 'report', report: reportObject({ ...report, connections: [], findings: [] }, tool) });
    // In a string the quotes would be escaped, and nothing else in it is called so and empty.
    const lists = { connections: '"connections":[]', findings: '"findings":[]' };
    const write = (item: object) => visibleJson(JSON.stringify(item));
    yield* withLists(whole, report, lists, write, { before: '', between: ',', after: '' });
  }
}

function line(value: object): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}
