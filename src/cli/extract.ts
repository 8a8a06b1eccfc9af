/**
 * `wirelint extract CAPTURE`: takes the frames behind a finding out of a capture, for those who are to look at it: few of
 * them, and without anybody's data, if that is wanted.
 */
import type { Argv } from 'yargs';
import { sorted } from '../capture/sorted.ts';
import { CaptureError, type CaptureFacts } from '../capture/source.ts';
import { LONG_AFTER } from '../capture/store.ts';
import { type StoredCapture, storeCapture } from '../capture/stored.ts';
import { Engine } from '../engine.ts';
import { evidenceOf, type Failure, pcapngOf } from '../evidence/evidence.ts';
import { KeptFrames } from '../evidence/kept-frames.ts';
import { exportFrames, type OpenCapture, readFrames, type Selection, selectFrames } from '../history/export.ts';
import { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import { readThrough } from '../reading.ts';
import { counted } from '../report/numbers.ts';
import type { EngineOptions } from '../run/options.ts';
import { UsageError } from '../settings/words.ts';
import { visible } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { CAPTURE, EMPTY, OK } from './exit-code.ts';
import { Choice, EXTRACT_OPTIONS, type ExtractArguments } from './extract-choice.ts';
import { complain, type Host } from './host.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { networkOf } from './network.ts';
import { inGroups } from './option-groups.ts';
import { captureArguments } from './options.ts';
import { openOutput } from './output.ts';

export function addExtract(cli: Argv, program: Program): Argv {
  return cli.command(
    'extract',
    'Take the frames behind a finding out of a capture',
    command =>
      command
        .usage(
          '$0 extract CAPTURE -o FILE\n\nWrites the frames behind findings as pcapng, with the findings as packet comments.',
        )
        .strictCommands(false)
        .options(
          inGroups(EXTRACT_OPTIONS, {
            'What to take:': [
              'finding',
              'connection',
              'rule',
              'filter',
              'max-findings',
              'minimize',
              'redact',
              'output',
            ],
          }),
        )
        .epilogue(
          exampleHelp([
            ['$0 extract trace.pcap --finding 3 -o finding.pcapng', 'the conversation of the third finding'],
            ['$0 extract trace.pcap --connection 7 -o seven.pcapng', 'a connection, with all that was found in it'],
            ['$0 extract trace.pcap --rule mnet/sequence-gap -o gaps.pcapng', 'all that breaks a rule'],
            [
              '$0 extract trace.pcap --finding 3 --minimize --redact -o report.pcapng',
              'the fewest frames, for a public report',
            ],
          ]),
        )
        .epilogue(
          `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 written, 2 usage, or the frames alone do not give the finding, 3 capture unreadable or incomplete, ' +
            '4 nothing of that kind was found, 70 our fault.',
        ),
    async args => program.finish(await extract(args._, args, program)),
  );
}

async function extract(words: readonly (string | number)[], args: ExtractArguments, program: Program): Promise<number> {
  const { host } = program;
  const captures = captureArguments(words);
  const [path] = captures;
  if (path === undefined || captures.length > 1)
    throw new UsageError('extract: name one capture, or - for standard input');
  const choice = new Choice(args, path, program.protocols);
  if (args.output === undefined) throw new UsageError('extract: name the file to write: -o evidence.pcapng');
  if (args.output === '-' && host.stdout.isTTY === true)
    throw new UsageError('extract: -o -: a terminal cannot show a capture; name a file');
  try {
    const stored = await storeCapture(path, {
      reader: args.reader,
      clock: LONG_AFTER,
      network: networkOf(host.environment),
    });
    try {
      const { 'sort-frames': most } = choice.options.limits;
      return await extractFrom(args.sort ? sorted(stored, most) : stored, choice, args, program);
    } finally {
      await stored.close();
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    complain(host, error.message);
    return CAPTURE;
  }
}

/** What has come into the file. */
interface Extracted {
  readonly frames: number;
  readonly findings: readonly Finding[];
  /** The findings come up again only with `--capture complete`. */
  readonly needsComplete: boolean;
  readonly remarks: readonly string[];
}

async function extractFrom(
  stored: StoredCapture,
  choice: Choice,
  args: ExtractArguments,
  { host }: Program,
): Promise<number> {
  const engine = new Engine(choice.options);
  const history = new History(engine.protocols);
  engine.history = history;
  const source = await stored.open();
  const { facts } = source;
  await readThrough(source, engine);
  const selection = choice.of(engine.report(), history);
  if (selection === undefined) {
    complain(host, choice.nothing);
    return EMPTY;
  }
  const open: OpenCapture = order => stored.open(undefined, order);
  const extracted =
    args.minimize || args.redact
      ? await writeEvidence(open, selection, facts, choice, args, host)
      : await writeSelection(open, selection, facts, args, host);
  if (args.output !== '-') for (const line of summary(extracted, args, choice.options)) complain(host, line);
  if (facts.problem) complain(host, `${facts.path}: ${facts.problem.message}`);
  return facts.complete || args['allow-incomplete'] ? OK : CAPTURE;
}

async function writeSelection(
  open: OpenCapture,
  selection: Selection,
  facts: CaptureFacts,
  args: ExtractArguments,
  host: Host,
): Promise<Extracted> {
  const output = await openOutput(args.output, host.stdout, [facts.path]);
  const frames = await exportFrames(open, selection, bytes => output.write(bytes));
  await output.end();
  return { frames, findings: selection.findings, needsComplete: facts.knownComplete, remarks: [] };
}

async function writeEvidence(
  open: OpenCapture,
  selection: Selection,
  { path, knownComplete: isKnownComplete }: CaptureFacts,
  { options }: Choice,
  { minimize, redact, output: target }: ExtractArguments,
  host: Host,
): Promise<Extracted> {
  const numbers = await selectFrames(open, selection);
  const kept = new KeptFrames();
  await readFrames(open, numbers, frame => kept.add(frame));
  if (kept.isFull) throw new UsageError(`extract: ${counted(numbers.length, 'frame')} ${REASONS.many}`);
  const evidence = await evidenceOf(kept.frames, selection.findings, options, { minimize, redact, isKnownComplete });
  if (typeof evidence === 'string') throw new UsageError(`extract: ${REASONS[evidence]}`);
  const output = await openOutput(target, host.stdout, [path]);
  await output.write(pcapngOf(evidence));
  await output.end();
  const remarks: string[] = [];
  if (evidence.isCutShort) remarks.push('perhaps not the fewest frames: there were too many to try them all');
  if (evidence.kept !== undefined) {
    const staying =
      evidence.kept === 0
        ? 'no byte of it stays'
        : `${counted(evidence.kept, 'byte')} of it stay, which a finding needs`;
    remarks.push(`addresses and content are replaced; ${staying}`);
  }
  return { ...evidence, frames: evidence.frames.length, remarks };
}

const REASONS: Readonly<Record<Failure | 'many', string>> = {
  many: 'are too many to try which can go; take them without --minimize and --redact',
  alone: 'the finding also needs frames outside this range; take them without --minimize and --redact',
  remade:
    'the finding rests on how the packets were sent (fragments, link layers, copies), which --redact does not keep',
};

function summary(
  { frames, findings, needsComplete, remarks }: Extracted,
  args: ExtractArguments,
  options: EngineOptions,
): string[] {
  const counts = new Map<string, number>();
  for (const { ruleId } of findings) counts.set(ruleId, (counts.get(ruleId) ?? 0) + 1);
  const found = [...counts].map(([id, count]) => (count === 1 ? id : `${count} x ${id}`)).join(', ') || 'no finding';
  const lines = [`${args.output}: ${counted(frames, 'frame')}, ${found}`, ...remarks];
  if (findings.length > 0)
    lines.push(`to see it again: ${commandLine(args, options, [...counts.keys()], needsComplete)}`);
  return lines;
}

/** By which the findings come up in the file, wherever it is: with what a configuration has settled, too. */
function commandLine(
  args: ExtractArguments,
  { decodeAs, dialects, severities, midstream, capture }: EngineOptions,
  rules: readonly string[],
  needsComplete: boolean,
): string {
  const ports = decodeAs.map(({ transport, from, to, protocol }) => {
    return `${transport}.port==${from}${to === from ? '' : `-${to}`},${protocol}`;
  });
  const settings = [
    ...repeated('-d', ports),
    ...repeated(
      '--dialect',
      [...dialects].map(setting => setting.join('=')),
    ),
    ...repeated(
      '--rule',
      rules.filter(id => severities.has(id)).map(id => `${id}=${severities.get(id)}`),
    ),
    ...repeated('--limit', args.limit),
    ...repeated('--plugin', (args as { readonly plugin?: readonly string[] }).plugin),
    ...(midstream === 'auto' ? [] : ['--midstream', midstream]),
    ...(needsComplete ? ['--capture', 'complete'] : capture === 'auto' ? [] : ['--capture', capture]),
  ];
  return ['wirelint', 'check', ...settings, args.output ?? ''].map(quoted).join(' ');
}

function repeated(option: string, values: readonly string[] = []): string[] {
  return values.flatMap(value => [option, value]);
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${visible(word).replaceAll("'", "'\\''")}'`;
}
