/** The end of a run over captures, however they were judged: its reports, what is said on standard error, and the exit code. */
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Program } from './command.ts';
import { checkCode, EMPTY, FINDINGS, OK, type ReadingOutcome, readingCode } from './exit-code.ts';
import { complain } from './host.ts';
import type { LivePrinter } from './live-printer.ts';
import { nothingToCheck } from './options.ts';
import type { Reporting } from './reporting.ts';
import type { Reports } from './reports.ts';
import { troublesOf } from './troubles.ts';

/** What the command line says of it. */
interface Arguments {
  readonly 'allow-incomplete': boolean;
  readonly 'allow-empty': boolean;
  readonly 'require-each': boolean;
  readonly quiet: boolean;
}

export interface Run {
  /** Of the engine. */
  readonly report: RunReport;
  readonly outcome: ReadingOutcome;
  /** What was left out of folders, a line each. */
  readonly notes: readonly string[];
}

/** @returns the exit code, and the report as it was written */
export async function conclude(
  run: Run,
  args: Arguments,
  to: { readonly reporting: Reporting; readonly reports: Reports; readonly printer: LivePrinter },
  { host, protocols }: Program,
): Promise<{ readonly code: number; readonly report: RunReport }> {
  const { reporting, reports, printer } = to;
  const { outcome } = run;
  const report = reporting.narrow(withNotes(run.report, outcome, run.notes));
  await printer.end();
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const shortfalls = reporting.shortfalls(report);
  const silent = args['require-each'] ? silentOnes(report) : [];
  const troubles = [...troublesOf(report, outcome, allow, protocols), ...silent, ...shortfalls];
  await reporting.write(reports, report, troubles);
  for (const line of [...outcome.unreadable, ...silent, ...shortfalls]) complain(host, line);
  if (reporting.matches && args.quiet && reporting.isText)
    complain(host, 'only findings that match the filter are reported');
  const code =
    readingCode(outcome, allow) ||
    (silent.length > 0 ? EMPTY : OK) ||
    checkCode(report.summary, reporting.threshold, allow) ||
    (shortfalls.length > 0 ? FINDINGS : OK);
  if (code === EMPTY && silent.length === 0) complain(host, nothingToCheck(report.summary.packets, protocols));
  return { code, report };
}

/** Captures without a message of a known protocol, a line each. */
function silentOnes({ captures, results }: RunReport): string[] {
  return captures.flatMap(({ path, packets }, index) => {
    const isSilent = results[index]?.messages === 0;
    return isSilent
      ? [`${path}: no message of a known protocol in ${counted(packets, 'packet')} (--require-each)`]
      : [];
  });
}

/** A report that left out an unreadable capture would mislead readers who do not see the exit code. */
function withNotes(
  report: RunReport,
  { unreadable, interrupted }: ReadingOutcome,
  ofFolders: readonly string[],
): RunReport {
  const notes = [...ofFolders, ...unreadable.map(reason => `not read: ${reason}`)];
  if (interrupted) notes.push('the run was interrupted: captures, or their ends, were not read');
  return notes.length === 0 ? report : { ...report, notes: [...report.notes, ...notes] };
}
