/** `wirelint check CAPTURE...`: reads all captures as one run and prints its conformance report. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { parseCount, UsageError } from '../config.ts';
import { Engine } from '../engine.ts';
import { jsonReport } from '../report/json.ts';
import type { RunReport } from '../report/run-report.ts';
import { textReport } from '../report/text.ts';
import type { Program } from './command.ts';
import { checkCode, EMPTY, type ReadingOutcome, readingCode, type Threshold } from './exit-code.ts';
import { filterHelp, findingFilter, narrowed } from './filtering.ts';
import { complain } from './host.ts';
import {
  ANALYSIS_OPTIONS,
  analysisOptions,
  captureArguments,
  FILTER_OPTION,
  nothingToCheck,
  OUTPUT_OPTIONS,
  PROGRESS_OPTION,
  pageOptions,
} from './options.ts';
import { openOutput } from './output.ts';
import { readCaptures } from './reading.ts';

export const CHECK_OPTIONS = {
  format: {
    alias: 'f',
    choices: ['text', 'json'],
    default: 'text',
    requiresArg: true,
    describe: 'Form of the report',
  },
  ...OUTPUT_OPTIONS,
  quiet: { alias: 'q', type: 'boolean', default: false, describe: 'Text report: errors and the summary only' },
  'fail-on': {
    choices: ['error', 'warning', 'never'],
    default: 'error',
    requiresArg: true,
    describe: 'Least severity that makes the exit code 1',
  },
  'max-warnings': { type: 'string', requiresArg: true, describe: 'More warnings than this make the exit code 1' },
  'max-findings': {
    type: 'string',
    default: '100',
    requiresArg: true,
    describe: 'Findings listed for one rule in one connection; counts stay exact',
  },
  ...FILTER_OPTION,
  'all-connections': { type: 'boolean', default: false, describe: 'List conformant connections too' },
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
          '$0 check CAPTURE...\n\nChecks pcap and pcapng files (gzip too) and reports every departure from the specification.',
        )
        .strictCommands(false)
        .options(CHECK_OPTIONS)
        .example('$0 check trace.pcap', 'report on the terminal')
        .example('$0 check --format json -o report.json *.pcapng', 'one report for several captures')
        .example('$0 check -d udp.port==27001,mnet --dialect mnet.tags=sender trace.pcap', 'settle port and dialect')
        .example('$0 check --rule mnet/reordered=off --fail-on warning trace.pcap', 'a strict gate in CI')
        .example("$0 check -Y 'rule ~ mnet/* && severity == error' trace.pcap", 'these findings only')
        .example('tcpdump -U -w - udp | $0 check -', 'check what is being captured')
        .epilogue(
          `${filterHelp('findings')}\n\n` +
            'Exit codes: 0 clean, 1 findings, 2 usage, 3 capture unreadable or incomplete, 4 nothing to check, 70 our fault.',
        ),
    async args => program.finish(await check(args._, args, program)),
  );
}

async function check(words: readonly (string | number)[], args: Arguments, program: Program): Promise<number> {
  const { host, protocols } = program;
  const captures = captureArguments(words);
  if (captures.length === 0) throw new UsageError('check: name a capture, or - for standard input');
  const threshold: Threshold = {
    failOn: args['fail-on'],
    maxWarnings: args['max-warnings'] === undefined ? undefined : parseCount('--max-warnings', args['max-warnings'], 0),
  };
  const maxFindings = parseCount('--max-findings', args['max-findings'], 1);
  const allConnections = args['all-connections'];
  const matches = args.filter === undefined ? undefined : findingFilter(args.filter, protocols);
  const analysis = analysisOptions(args, protocols);
  const engine = new Engine({
    ...analysis,
    // Which findings a listing has room for is known only when the filter was asked about all of them.
    maxFindings: matches ? Number.MAX_SAFE_INTEGER : maxFindings,
    allConnections,
  });
  const output = await openOutput(args.output, host.stdout, captures);
  const outcome = await readCaptures(captures, engine, host, {
    reader: args.reader,
    progress: args.progress,
    ...(args.sort && { sortFrames: analysis.limits['sort-frames'] }),
  });
  const whole = withUnread(engine.report(), outcome);
  const report = matches ? narrowed(whole, { text: args.filter ?? '', matches, maxFindings, allConnections }) : whole;
  if (report.captures.length > 0) await output.write(render(report, args, program));
  await output.end();
  for (const reason of outcome.unreadable) complain(host, reason);
  if (matches && args.quiet && args.format === 'text')
    complain(host, 'only findings that match the filter are reported');
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const code = readingCode(outcome, allow) || checkCode(report.summary, threshold, allow);
  if (code === EMPTY) complain(host, nothingToCheck(report.summary.packets, protocols));
  return code;
}

function render(report: RunReport, args: Arguments, { host, tool }: Program): string {
  if (args.format === 'json') return jsonReport(report, tool);
  return textReport(report, { ...pageOptions(args, host), quiet: args.quiet });
}

/** A report that is silent about a capture it was asked for would mislead whoever reads it without the exit code. */
function withUnread(report: RunReport, { unreadable, interrupted }: ReadingOutcome): RunReport {
  const notes = unreadable.map(reason => `not read: ${reason}`);
  if (interrupted) notes.push('the run was interrupted: captures, or their ends, were not read');
  return notes.length === 0 ? report : { ...report, notes: [...report.notes, ...notes] };
}
