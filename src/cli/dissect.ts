/**
 * `wirelint dissect CAPTURE`: every message as it comes by, with its fields and the findings that came up with it.
 * What is printed is handed on after each chunk of the capture, so that memory does not grow with the capture and a slow
 * reader slows the reading.
 */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import type { AnalysisOptions } from '../analysis.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';
import { captureProblems } from '../report/text.ts';
import { parseCount, UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import { CountPrinter, countedField } from './count-printer.ts';
import { type DissectPrinter, JsonPrinter, TextPrinter } from './dissect-printer.ts';
import { exampleHelp } from './examples.ts';
import { EMPTY, OK, readingCode } from './exit-code.ts';
import { filterHelp, MessageFilter } from './filtering.ts';
import { FrameLayers } from './frame-layers.ts';
import { complain, type Host } from './host.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { inGroups } from './option-groups.ts';
import {
  ANALYSIS_OPTIONS,
  analysisOf,
  captureArguments,
  FILTER_OPTION,
  nothingToCheck,
  OUTPUT_OPTIONS,
  PROGRESS_OPTION,
  pageOptions,
  requireOptionsFor,
  toFile,
} from './options.ts';
import { openOutput } from './output.ts';
import { readCaptures } from './reading.ts';

export const DISSECT_OPTIONS = {
  format: {
    alias: 'f',
    choices: ['text', 'json', 'ndjson'],
    default: 'text',
    requiresArg: true,
    describe: 'Format of the messages; ndjson is one JSON object a line',
  },
  ...OUTPUT_OPTIONS,
  frame: {
    type: 'string',
    requiresArg: true,
    describe: 'Only the message of this frame, numbered from 1 as Wireshark does',
  },
  connection: { type: 'string', requiresArg: true, describe: 'Only the messages of this connection' },
  ...FILTER_OPTION,
  'count-by': {
    type: 'string',
    requiresArg: true,
    describe: 'Instead of the messages a table: how many have each value of this field, as mqtt.topic',
  },
  fields: { alias: 'V', type: 'boolean', default: false, describe: 'Text: every field on a line of its own' },
  layers: {
    type: 'boolean',
    default: false,
    describe: 'Text: the layers below each message too, from its frame to UDP or TCP; implies --fields',
  },
  hex: { alias: 'x', type: 'boolean', default: false, describe: "The message's bytes too" },
  ...ANALYSIS_OPTIONS,
  ...PROGRESS_OPTION,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof DISSECT_OPTIONS>;

/** Listing bound of the report that is made on the side; a message's own findings are shown whatever it is. */
const MAX_FINDINGS = 100;

export function addDissect(cli: Argv, program: Program): Argv {
  return cli.command(
    'dissect',
    'Print every message of a capture',
    command =>
      command
        .usage(
          '$0 dissect CAPTURE\n\nPrints every message of a capture, a path or URL, with its fields and the findings that came up with it.',
        )
        .strictCommands(false)
        .options(inGroups(DISSECT_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 dissect trace.pcap', 'a line for each message'],
            ['$0 dissect --frame 12 --fields --hex trace.pcap', 'one message in full'],
            ["$0 dissect -Y 'severity >= warning || type == ABORT' trace.pcap", 'only what matches'],
            ['$0 dissect -f ndjson trace.pcap | jq \'select(.name == "DATA").fields\'', 'for programs'],
            ['$0 dissect --count-by type trace.pcap', 'how many of each message'],
            ['tcpdump -U -w - udp | $0 dissect -', 'messages as they are captured'],
          ]),
        )
        .epilogue(
          `${filterHelp('messages')}\n\n` +
            `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 messages were printed, 2 usage, 3 capture unreadable or incomplete, 4 no message, 70 our fault.',
        ),
    async args => program.finish(await dissect(args._, args, program)),
  );
}

async function dissect(words: readonly (string | number)[], args: Arguments, program: Program): Promise<number> {
  const { host, protocols } = program;
  const captures = captureArguments(words);
  if (captures.length !== 1) throw new UsageError('dissect: name one capture, or - for standard input');
  const frame = args.frame === undefined ? undefined : parseCount('--frame', args.frame, 1);
  const connection = args.connection === undefined ? undefined : parseCount('--connection', args.connection, 1);
  const filter = args.filter === undefined ? undefined : new MessageFilter(args.filter, protocols);
  const analysis = analysisOf(args, protocols);
  requireOptionsFor(captures, analysis);
  const counting = args['count-by'] === undefined ? undefined : countPrinter(args, args['count-by'], program, analysis);
  // What is counted is not listed, so that no rule and no connection has too many.
  const maxFindings = counting ? analysis.limits.findings : MAX_FINDINGS;
  const engine = new Engine({ ...analysis, maxFindings, allConnections: false });
  const output = await openOutput(args.output, host.stdout, captures);
  const layers = args.layers && args.format === 'text' && !counting ? layersIn(engine) : undefined;
  const printer = counting ?? printerFor(args, host, layers);
  const selects = (seen: SeenMessage): boolean =>
    (frame === undefined || seen.message.frame === frame) &&
    (connection === undefined || seen.connection === connection) &&
    (filter === undefined || filter.matches(seen));
  let printed = 0;
  const shown = new Set<Finding>();
  let begun = false;
  let reached = false;
  engine.onMessage = seen => {
    for (const finding of seen.findings) if (!counting || finding.frame === seen.message.frame) shown.add(finding);
    if (!selects(seen)) return;
    printer.message(seen);
    printed++;
  };
  if (counting) engine.onFinding = finding => counting.stands(finding);
  const outcome = await readCaptures(captures, engine, host, {
    reader: args.reader,
    ...(args.sort && { sortFrames: analysis.limits['sort-frames'] }),
    progress: args.progress && (toFile(args) || host.stdout.isTTY !== true),
    onFrame: seen => {
      layers?.frame(seen);
      if (!begun) {
        begun = true;
        printer.begin(seen);
        filter?.begin(seen);
      }
      if (seen.number === frame) reached = true;
    },
    afterChunk: async () => {
      await output.write(printer.take());
      return !output.closed && !reached;
    },
  });
  if (outcome.unreadable.length === 0) await output.write(printer.take() + printer.end());
  await output.end();
  for (const reason of outcome.unreadable) complain(host, reason);
  if (output.closed) return OK;
  const report = engine.report();
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const code = readingCode(outcome, allow);
  tellProblems(report, host);
  if (counting && report.omitted.findings > 0)
    complain(host, `${counted(report.omitted.findings, 'finding')} beyond --limit findings are in no row`);
  if (frame === undefined && connection === undefined)
    tellLateFindings(report.findings.filter(finding => !shown.has(finding)).length, host);
  if (code !== OK || printed > 0 || allow.allowEmpty) return code;
  const selection = frame !== undefined || connection !== undefined;
  if (report.summary.messages > 0 && filter)
    complain(host, `no message matches the filter${selection ? ' there' : ''}`);
  else if (report.summary.messages > 0 && selection) complain(host, 'no message is in that frame or connection');
  else complain(host, nothingToCheck(report.summary.packets, protocols));
  return EMPTY;
}

function countPrinter(
  args: Arguments,
  field: string,
  { host, protocols }: Program,
  { limits }: Pick<AnalysisOptions, 'limits'>,
): CountPrinter {
  if (args.fields || args.layers || args.hex)
    throw new UsageError('dissect: --count-by prints no messages; --fields, --layers and --hex do not go with it');
  const { format } = args as { format: 'text' | 'json' | 'ndjson' };
  return new CountPrinter(countedField(field, protocols), {
    ...pageOptions(args, host),
    format,
    most: limits['counted-values'],
  });
}

/** Their numbers come from a history. */
function layersIn(engine: Engine): FrameLayers {
  engine.history = new History(engine.protocols);
  return new FrameLayers(engine.history);
}

function printerFor(args: Arguments, host: Host, layers: FrameLayers | undefined): DissectPrinter {
  if (args.format !== 'text') return new JsonPrinter(args.format, args.hex);
  const fields = args.fields || args.layers;
  const below = layers && ((seen: SeenMessage) => layers.of(seen));
  return new TextPrinter({ ...pageOptions(args, host), fields, hex: args.hex, layers: below });
}

function tellProblems({ captures }: RunReport, host: Host): void {
  for (const problem of captureProblems(captures)) complain(host, problem);
}

/** What only the end of the capture can show has no message to stand at. */
function tellLateFindings(count: number, host: Host): void {
  if (count > 0) complain(host, `${counted(count, 'finding')} came up too late to be shown here; see wirelint check`);
}
