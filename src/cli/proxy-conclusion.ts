/** What is left to do when a proxy has ended: write the report, and return the exit code. */
import type { ProxyServer } from '../proxy/io/server.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Program } from './command.ts';
import { COMMAND_FAILED, checkCode, EMPTY, FINDINGS, OK, USAGE } from './exit-code.ts';
import { complain } from './host.ts';
import { nothingToCheck } from './options.ts';
import type { Reporting } from './reporting.ts';
import type { Reports } from './reports.ts';
import { troublesOf } from './troubles.ts';

export interface ProxyOutcome {
  readonly report: RunReport;
  readonly server: ProxyServer;
  readonly commandFailed: boolean;
}

/** @returns the exit code */
export async function concludeProxy(
  { report, server, commandFailed }: ProxyOutcome,
  reports: Reports,
  reporting: Reporting,
  allowEmpty: boolean,
  { host, protocols }: Program,
): Promise<number> {
  const narrow = reporting.narrow(report);
  const allow = { allowIncomplete: true, allowEmpty };
  const shortfalls = reporting.shortfalls(narrow);
  await reporting.write(reports, narrow, [...troublesOf(narrow, undefined, allow, protocols), ...shortfalls]);
  for (const line of shortfalls) complain(host, line);
  if (server.recording?.problem !== undefined) return USAGE;
  const code = checkCode(narrow.summary, reporting.threshold, allow) || (shortfalls.length > 0 ? FINDINGS : OK);
  if (code === EMPTY) complain(host, nothingToCheck(narrow.summary.packets, protocols));
  return code === OK && commandFailed ? COMMAND_FAILED : code;
}
