/**
 * Why a run is no verdict, beyond what was found: in the words of the reports that are read without the exit code and
 * without standard error. There is one where, and only where, the exit code says the same.
 */
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { RunReport } from '../report/run-report.ts';
import { captureProblems } from '../report/text.ts';
import type { Allowances, ReadingOutcome } from './exit-code.ts';
import { nothingToCheck } from './options.ts';

/** @param reading undefined where nothing was read from files */
export function troublesOf(
  report: RunReport,
  reading: ReadingOutcome | undefined,
  allow: Allowances,
  protocols: readonly AnyProtocol[],
): string[] {
  const troubles = [...(reading?.unreadable ?? [])];
  if (reading?.interrupted) troubles.push('interrupted: not everything was read');
  if (reading?.incomplete && !allow.allowIncomplete) {
    troubles.push(...captureProblems(report.captures.filter(({ complete }) => !complete)));
  }
  const { messages, packets } = report.summary;
  // What could not be read at all is in the list already.
  if (messages === 0 && !allow.allowEmpty && troubles.length === 0) troubles.push(nothingToCheck(packets, protocols));
  return troubles;
}
