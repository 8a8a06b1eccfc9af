/** `wirelint check CAPTURE...`: reads all captures as one run and prints its conformance report. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { Engine } from '../engine.ts';
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import { Annotation } from './annotating.ts';
import { batchOf } from './batches.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { checkCode, EMPTY, FINDINGS, OK, type ReadingOutcome, readingCode } from './exit-code.ts';
import { filterHelp } from './filtering.ts';
import { complain } from './host.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { LivePrinter } from './live-printer.ts';
import { inGroups } from './option-groups.ts';
import {
  ANALYSIS_OPTIONS,
  analysisOf,
  captureArguments,
  nothingToCheck,
  PROGRESS_OPTION,
  requireOptionsFor,
} from './options.ts';
import { requireApart } from './output.ts';
import { readCaptures } from './reading.ts';
import { REPORT_OPTIONS, Reporting } from './reporting.ts';
import { troublesOf } from './troubles.ts';

export const CHECK_OPTIONS = {
  ...REPORT_OPTIONS,
  annotate: {
    type: 'string',
    requiresArg: true,
    describe: 'Write the capture to this file, with what was found as packet comments (pcapng)',
  },
  'require-each': {
    type: 'boolean',
    default: false,
    describe: 'Exit code 4 when one of several captures holds no known message',
  },
  ...ANALYSIS_OPTIONS,
  ...PROGRESS_OPTION,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof CHECK_OPTIONS>;

export function addCheck(cli: Argv, program: Program): Argv {
  return cli.command(
    'check',
    'Check captures against the specifications of their protocols',
    command =>
      command
        .usage(
          '$0 check CAPTURE...\n\nChecks pcap and pcapng files (gzip too), all in a folder, or those that a list names (@list), and reports every departure from the specification.',
        )
        .strictCommands(false)
        .options(inGroups(CHECK_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 check trace.pcap', 'report on the terminal'],
            ['$0 check --format json -o report.json *.pcapng', 'one report for several captures'],
            ['$0 check --require-each traces', 'all captures in a folder, none of which may be empty'],
            ['$0 check --report junit=report.xml --report sarif=results.sarif *.pcapng', 'for CI, beside the text'],
            ['$0 check -d udp.port==27001,mnet --dialect mnet.tags=sender trace.pcap', 'settle port and dialect'],
            ['$0 check --rule mnet/reordered=off --fail-on warning trace.pcap', 'a strict gate in CI'],
            ["$0 check -Y 'rule ~ mnet/* && severity == error' trace.pcap", 'these findings only'],
            ['tcpdump -U -w - udp | $0 check -', 'check what is being captured'],
          ]),
        )
        .epilogue(
          `${filterHelp('findings')}\n\n` +
            `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 clean, 1 findings, 2 usage, 3 capture unreadable or incomplete, 4 nothing to check, 70 our fault. ' +
            'Where several hold, 3 goes before 4, and 4 before 1: a report on half a capture is no verdict.',
        ),
    async args => program.finish(await check(args._, args, program)),
  );
}

async function check(words: readonly (string | number)[], args: Arguments, program: Program): Promise<number> {
  const { host, protocols } = program;
  const named = captureArguments(words);
  if (named.length === 0) throw new UsageError('check: name a capture, a folder or @list, or - for standard input');
  const batch = await batchOf(named);
  const { captures } = batch;
  const reporting = new Reporting(args, program);
  const analysis = analysisOf(args, protocols);
  requireOptionsFor(captures, analysis);
  const engine = new Engine({ ...analysis, ...reporting.listing });
  reporting.watch(engine);
  requireApart([...reporting.files, { option: '--annotate', path: args.annotate }]);
  await Annotation.requirePossible(args, captures);
  const reports = await reporting.open(captures);
  const annotation = await Annotation.open(args, captures, host);
  const printer = new LivePrinter(reporting, program);
  if (printer.isJson) engine.onConnection = event => printer.connection(event);
  printer.startReading(captures);
  const reading = await readCaptures(captures, engine, host, {
    onCapture: (facts, isLive) => {
      printer.begin(facts, captures.length > 1 ? facts.path : '');
      const isShown = isLive || printer.isJson || captures.length > MANY;
      engine.onFinding = isShown ? finding => printer.finding(finding) : undefined;
    },
    reader: args.reader,
    progress: args.progress,
    ...(args.sort && { sortFrames: analysis.limits['sort-frames'] }),
  });
  const outcome = { ...reading, unreadable: [...batch.unreadable, ...reading.unreadable] };
  const report = reporting.narrow(withNotes(engine.report(), outcome, batch.notes));
  await printer.end();
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const shortfalls = reporting.shortfalls(report);
  const silent = args['require-each'] ? silentOnes(report) : [];
  const troubles = [...troublesOf(report, outcome, allow, protocols), ...silent, ...shortfalls];
  await reporting.write(reports, report, troubles);
  await annotation?.write(report);
  for (const line of [...outcome.unreadable, ...silent, ...shortfalls]) complain(host, line);
  if (reporting.matches && args.quiet && reporting.isText)
    complain(host, 'only findings that match the filter are reported');
  const code =
    readingCode(outcome, allow) ||
    (silent.length > 0 ? EMPTY : OK) ||
    checkCode(report.summary, reporting.threshold, allow) ||
    (shortfalls.length > 0 ? FINDINGS : OK);
  if (code === EMPTY && silent.length === 0) complain(host, nothingToCheck(report.summary.packets, protocols));
  return code;
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

/** From so many captures on, findings are shown as they come up: nobody waits for the end of all of them. */
const MANY = 16;

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
