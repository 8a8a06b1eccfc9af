/** `wirelint check CAPTURE...`: reads all captures as one run and prints its conformance report. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import type { AnalysisOptions } from '../analysis.ts';
import { captureName } from '../capture/location.ts';
import { Engine } from '../engine.ts';
import { MOST_SHARES } from '../run/share.ts';
import { parseCount, UsageError } from '../settings/words.ts';
import { Annotation } from './annotating.ts';
import { type Batch, batchOf } from './batches.ts';
import { BlobOutput } from './blob-output.ts';
import type { Program } from './command.ts';
import { conclude } from './concluding.ts';
import { exampleHelp } from './examples.ts';
import type { ReadingOutcome } from './exit-code.ts';
import { filterHelp } from './filtering.ts';
import type { JudgingSetup } from './judging.ts';
import { judgeAtOnce, setupOf } from './judging-at-once.ts';
import { ThreadCarrier, threadsFor } from './judging-threads.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { LivePrinter } from './live-printer.ts';
import { networkOf } from './network.ts';
import { inGroups } from './option-groups.ts';
import { ANALYSIS_OPTIONS, analysisOf, captureArguments, PROGRESS_OPTION, requireOptionsFor } from './options.ts';
import { requireApart } from './output.ts';
import type { Carrier } from './parallel.ts';
import { openQueue, type Queueing } from './queueing.ts';
import { readCaptures } from './reading.ts';
import { REPORT_OPTIONS, Reporting } from './reporting.ts';
import { parseShard, placesOf, type Shard } from './shard.ts';
import { MANY } from './taking-in.ts';

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
  jobs: {
    alias: 'j',
    type: 'string',
    requiresArg: true,
    describe:
      'Threads that judge captures, by default as many as there are cores, if that pays; of one capture they divide the flows. With --queue, jobs that a large capture is divided into',
  },
  queue: {
    type: 'string',
    requiresArg: true,
    describe: 'Redis whose workers judge the captures (wirelint worker): redis://HOST[:PORT][/DB], rediss:// for TLS',
  },
  shard: {
    type: 'string',
    requiresArg: true,
    describe: 'Check one part of the captures: 2/5 is the second of five; with --report blob=FILE, for merge',
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
          '$0 check CAPTURE...\n\nChecks pcap and pcapng files (gzip too) by path or URL, all in a folder, or those that a list names (@list), and reports every departure from the specification.',
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
            ['$0 check https://host/trace.pcapng', 'what a server has'],
            ["$0 check -Y 'rule ~ mnet/* && severity == error' trace.pcap", 'these findings only'],
            ['$0 check --queue redis://queue.example /shared/traces', 'judged by the workers of a cluster'],
            ['$0 check --queue redis://queue.example --jobs 4 huge.pcap', 'its flows divided among four jobs of them'],
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
  const { protocols } = program;
  const named = captureArguments(words);
  if (named.length === 0)
    throw new UsageError('check: name a capture (a path or URL), a folder or @list, or - for standard input');
  const jobs = args.jobs === undefined ? undefined : parseCount('--jobs', args.jobs, 1);
  const shard = args.shard === undefined ? undefined : parseShard(args.shard);
  const batch = await batchOf(named);
  const reporting = new Reporting(args, program);
  const analysis = analysisOf(args, protocols);
  requireOptionsFor(batch.captures, analysis);
  const engine = new Engine({ ...analysis, ...reporting.listing, keepsRows: true });
  reporting.watch(engine);
  requireApart([...reporting.files, { option: '--annotate', path: args.annotate }]);
  const places = shard
    ? await placesOf(shard, batch.captures, networkOf(program.host.environment))
    : [...batch.captures.keys()];
  const captures = places.map(place => batch.captures[place]);
  await Annotation.requirePossible(args, captures);
  const queue = args.queue === undefined ? undefined : await openQueue(args.queue, captures, analysis, program);
  const run = { batch, places, shard, analysis, reporting, engine, jobs, queue };
  try {
    return await checkAll(run, args, program);
  } finally {
    await queue?.close();
  }
}

/** What the command line comes to. */
interface Run {
  readonly batch: Batch;
  /** Of the captures that are read, in the batch. */
  readonly places: readonly number[];
  readonly shard: Shard | undefined;
  readonly analysis: AnalysisOptions;
  readonly reporting: Reporting;
  readonly engine: Engine;
  readonly jobs: number | undefined;
  readonly queue: Queueing | undefined;
}

async function checkAll(
  { batch, places, shard, analysis, reporting, engine, jobs, queue }: Run,
  args: Arguments,
  program: Program,
): Promise<number> {
  const { host } = program;
  const captures = places.map(place => batch.captures[place]);
  const names = batch.captures.map(captureName);
  const reports = await reporting.open(batch.captures);
  const annotation = await Annotation.open(args, captures, host);
  const printer = new LivePrinter(reporting, program);
  const blob = await BlobOutput.open(
    reporting,
    { ...analysis, ...reporting.listing },
    { ...batch, captures: names, shard, hasConnections: printer.isJson },
    program,
  );
  const recorder = blob?.record(engine, place => places[place]);
  if (printer.isJson) {
    engine.onConnection = event => {
      recorder?.connection(event);
      printer.connection(event);
    };
  }
  printer.startReading(captures.map(captureName));
  // What annotates a capture reads it a second time; the other reader is for comparison.
  const isDivisible = annotation === undefined && args.reader === 'wirelint';
  const setup = setupOf(args, reporting, printer);
  const carrier = await carrierFor(captures, args, { jobs, queue, engine, isDivisible }, setup, program);
  const inOrder = () =>
    readCaptures(captures, engine, host, {
      onCapture: (facts, isLive, index) => {
        blob?.begin(index);
        printer.begin(facts, captures.length > 1 ? facts.path : '', () => engine.origin);
        const isShown = isLive || printer.isJson || captures.length > MANY;
        engine.onFinding = finding => {
          recorder?.finding(finding);
          if (isShown) printer.finding(finding);
        };
        if (!isShown && !recorder) engine.onFinding = undefined;
      },
      onUnreadable: (index, reason) => blob?.unread(places[index], reason),
      afterCapture: () => blob?.written() ?? Promise.resolve(),
      reader: args.reader,
      progress: args.progress,
      ...(args.sort && { sortFrames: analysis.limits['sort-frames'] }),
    });
  const named = places.map(index => ({ index, path: batch.captures[index] }));
  const parts = { engine, reporting, printer, blob, program };
  const reading = await (carrier ? judgeAtOnce(named, carrier, args, parts) : inOrder());
  await blob?.end(reading.interrupted);
  const outcome: ReadingOutcome = { ...reading, unreadable: [...batch.unreadable, ...reading.unreadable] };
  const judged = { report: engine.report(), outcome, notes: batch.notes };
  const { code, report } = await conclude(judged, args, { reporting, reports, printer }, program);
  await annotation?.write(report);
  return code;
}

/** Who judges the captures, if that is not done here, one after another. */
async function carrierFor(
  captures: readonly string[],
  { progress }: Arguments,
  { jobs, queue, engine, isDivisible }: Pick<Run, 'jobs' | 'queue' | 'engine'> & { readonly isDivisible: boolean },
  setup: JudgingSetup,
  program: Program,
): Promise<Carrier | undefined> {
  const parts = { setup, captures, isShown: progress, engine };
  if (queue) return queue.carrier(parts, isDivisible ? Math.min(jobs ?? 1, MOST_SHARES) : 1);
  // Who shows findings as they come has none of one capture's as long as it is divided.
  const isOneByDefault = setup.hasConnections && captures.length === 1;
  const threads = await threadsFor(captures, jobs ?? (isOneByDefault ? 1 : undefined), program);
  if (threads === 1 || (captures.length === 1 && !isDivisible)) return undefined;
  return ThreadCarrier.start(program, threads, parts);
}
