/** What is left to do when a proxy has ended: write the report, and return the exit code. */
import type { ProxyServer } from '../proxy/io/server.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Program } from './command.ts';
import { COMMAND_FAILED, checkCode, EMPTY, OK, USAGE } from './exit-code.ts';
import { complain } from './host.ts';
import { nothingToCheck } from './options.ts';
import type { Output } from './output.ts';
import type { Reporting } from './reporting.ts';

export interface ProxyOutcome {
  readonly report: RunReport;
  readonly server: ProxyServer;
  readonly commandFailed: boolean;
}

/** @returns the exit code */
export async function concludeProxy(
  { report, server, commandFailed }: ProxyOutcome,
  output: Output,
  reporting: Reporting,
  allowEmpty: boolean,
  { host, protocols }: Program,
): Promise<number> {
  const narrow = reporting.narrow(report);
  await output.write(reporting.render(narrow));
  await output.end();
  if (server.recording?.problem !== undefined) return USAGE;
  const code = checkCode(narrow.summary, reporting.threshold, { allowIncomplete: true, allowEmpty });
  if (code === EMPTY) complain(host, nothingToCheck(narrow.summary.packets, protocols));
  return code === OK && commandFailed ? COMMAND_FAILED : code;
}
