/** `wirelint merge BLOB...`: the reports of one run over all captures that several runs have judged. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import type { Captured, Unread } from '../blob/captured.ts';
import { differenceOf, identityOf, optionsOfRun } from '../blob/run.ts';
import { Engine } from '../engine.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../run/options.ts';
import { UsageError } from '../settings/words.ts';
import { BlobReader } from './blob-file.ts';
import type { Program } from './command.ts';
import { conclude } from './concluding.ts';
import { exampleHelp } from './examples.ts';
import { filterHelp } from './filtering.ts';
import { LivePrinter } from './live-printer.ts';
import { inGroups } from './option-groups.ts';
import { ANALYSIS_OPTIONS } from './options.ts';
import { requireApart } from './output.ts';
import { REPORT_OPTIONS, Reporting } from './reporting.ts';
import { TakingIn } from './taking-in.ts';

const { 'max-findings': _, ...OPTIONS_OF_REPORTS } = REPORT_OPTIONS;

export const MERGE_OPTIONS = {
  ...OPTIONS_OF_REPORTS,
  'require-each': {
    type: 'boolean',
    default: false,
    describe: 'Exit code 4 when one of several captures holds no known message',
  },
  'allow-incomplete': ANALYSIS_OPTIONS['allow-incomplete'],
  'allow-empty': ANALYSIS_OPTIONS['allow-empty'],
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof MERGE_OPTIONS>;

export function addMerge(cli: Argv, program: Program): Argv {
  return cli.command(
    'merge',
    'Make one report of several runs of check',
    command =>
      command
        .usage(
          '$0 merge BLOB...\n\nReads what check --report blob=FILE wrote, of shards or of several runs, and reports all captures as one run would have: the same bytes in every format. Give it the report options of that one run.',
        )
        .strictCommands(false)
        .options(inGroups(MERGE_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 check --shard 1/2 --report blob=1.blob traces', 'on one machine'],
            ['$0 check --shard 2/2 --report blob=2.blob traces', 'on another'],
            ['$0 merge 1.blob 2.blob --report junit=report.xml', 'one report and one exit code'],
          ]),
        )
        .epilogue(`${filterHelp('findings')}\n\nExit codes as those of check.`),
    async args => program.finish(await merge(args._.slice(1).map(String), args, program)),
  );
}

async function merge(paths: readonly string[], args: Arguments, program: Program): Promise<number> {
  if (paths.length === 0) throw new UsageError('merge: name the blobs that check --report blob=FILE has written');
  const blobs: BlobReader[] = [];
  try {
    for (const path of paths) blobs.push(await BlobReader.open(path, program.protocols, program.tool));
    return await mergeAll(blobs, args, program);
  } finally {
    for (const blob of blobs) await blob.close();
  }
}

async function mergeAll(blobs: readonly BlobReader[], args: Arguments, program: Program): Promise<number> {
  const runs = runsOf(blobs);
  const [{ run }] = blobs;
  const settings = { 'max-findings': String(run.maxFindings), 'all-connections': run.allConnections };
  if (args['all-connections'] && !run.allConnections)
    throw new UsageError(`--all-connections: ${blobs[0].path} has not kept all; give it to check, too`);
  const reporting = new Reporting({ ...args, ...settings }, program);
  if (reporting.blob !== undefined) throw new UsageError('--report blob: check writes blobs; merge reads them');
  if (reporting.listing.allConnections && !run.allConnections)
    throw new UsageError(
      `--junit-granularity connection: ${blobs[0].path} has not kept all connections; give check --all-connections`,
    );
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    ...optionsOfRun(run, program.protocols),
    ...reporting.listing,
    keepsRows: true,
  });
  const captures = runs.flatMap(([first]) => first.run.captures);
  requireApart(reporting.files);
  const reports = await reporting.open(blobs.map(({ path }) => path));
  const printer = new LivePrinter(reporting, program);
  if (printer.isJson && !run.hasConnections)
    throw new UsageError(`--format ndjson: ${blobs[0].path} has not kept how connections went; give it to check, too`);
  printer.startReading(captures);
  const takingIn = new TakingIn(engine, reporting, printer, captures.length);
  for (const shards of runs) {
    for await (const [given, blob] of inOrder(shards)) {
      if ('apart' in given) requireFindings(given, blob, reporting);
      takingIn.take(given);
    }
  }
  const read = takingIn.outcome(blobs.some(blob => blob.isInterrupted));
  const outcome = { ...read, unreadable: [...runs.flatMap(([first]) => first.run.unreadable), ...read.unreadable] };
  const notes = runs.flatMap(([first]) => first.run.notes);
  const { code } = await conclude(
    { report: engine.report(), outcome, notes },
    args,
    { reporting, reports, printer },
    program,
  );
  return code;
}

/** The blobs of each run: all its shards, or the one there is. @throws UsageError where they do not belong together */
function runsOf(blobs: readonly BlobReader[]): BlobReader[][] {
  const [first] = blobs;
  const runs = new Map<string, BlobReader[]>();
  for (const [place, blob] of blobs.entries()) {
    const other = differenceOf(first.run, blob.run);
    if (other !== undefined)
      throw new UsageError(`${blob.path}: judged by another ${other} than ${first.path}; give both the same`);
    const key = blob.run.shard ? identityOf(blob.run) : String(place);
    runs.set(key, [...(runs.get(key) ?? []), blob]);
  }
  for (const shards of runs.values()) requireWhole(shards);
  return [...runs.values()];
}

function requireWhole(shards: readonly BlobReader[]): void {
  const [{ path, run }] = shards;
  if (!run.shard) return;
  const { of } = run.shard;
  const given = new Map<number, string>();
  for (const shard of shards) {
    const index = shard.run.shard!.index;
    const other = given.get(index);
    if (other !== undefined)
      throw new UsageError(`${shard.path}: shard ${index}/${of}, as ${other} is; name each once`);
    given.set(index, shard.path);
  }
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter(index => !given.has(index));
  if (missing.length === 0) return;
  const names = missing.slice(0, 8).map(index => `${index}/${of}`);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  throw new UsageError(
    `${path}: one of ${of} shards, and shard ${names.join(', ')}${more} of the same captures and options was not named`,
  );
}

/** The captures of a run in its order, each with its blob. */
async function* inOrder(shards: readonly BlobReader[]): AsyncGenerator<[Captured | Unread, BlobReader]> {
  const heads: { blob: BlobReader; given: Captured | Unread }[] = [];
  const advance = async (blob: BlobReader) => {
    const given = await blob.next();
    if (given) heads.push({ blob, given });
  };
  for (const blob of shards) await advance(blob);
  while (heads.length > 0) {
    heads.sort((one, other) => one.given.index - other.given.index);
    const { blob, given } = heads.shift()!;
    yield [given, blob];
    await advance(blob);
  }
}

/** Refuses a capture of which other findings are listed than one run with these options would list. */
function requireFindings({ apart }: Captured, { path, run }: BlobReader, reporting: Reporting): void {
  if (run.keepsAll === reporting.keepsAll) return;
  const { findings, omittedFindings } = apart.outcome;
  const counts = new Map<string, number>();
  for (const { connection, ruleId } of findings) {
    const key = `${connection} ${ruleId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (omittedFindings === 0 && Math.max(0, ...counts.values()) <= reporting.maxFindings) return;
  throw new UsageError(
    run.keepsAll
      ? `${path}: it was judged with a filter (-Y) or a baseline, and more findings were kept for that; give them to merge, too`
      : `${path}: a filter (-Y) or a baseline asks about each finding, and some were left out (--max-findings ${run.maxFindings}); give it to check, too`,
  );
}
