/**
 * `wirelint inspect CAPTURE...`: looks at captures in the terminal. Everything that draws is loaded from here and by
 * name nowhere else, so that the other commands start without it. Nothing of the terminal is touched before it is
 * certain that there is something to look at; errors are printed when the terminal is the shell's again.
 */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import type { Network } from '../capture/http-request.ts';
import { sorted } from '../capture/sorted.ts';
import { CaptureError } from '../capture/source.ts';
import { type StoredCapture, type StoreOptions, storeCapture } from '../capture/stored.ts';
import { THEME_NAMES } from '../configuration/keys.ts';
import { settingComplaint } from '../configuration/located.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { captureProblems } from '../report/text.ts';
import type { EngineOptions } from '../run/options.ts';
import { parseLimits, UsageError, unknown } from '../settings/words.ts';
import type { Look } from '../tui/app.ts';
import type { AppOptions } from '../tui/app-options.ts';
import { type KeyMap, keyMapOf } from '../tui/key-map.ts';
import type { ScreenSettings } from '../tui/model/effects.ts';
import { keepsTrueColor } from '../tui/screen/colors.ts';
import { depthOf, GROUNDS, type Ground, groundOf, type OwnTheme } from '../tui/screen/theme.ts';
import { ownThemeOf } from '../tui/screen/theme-file.ts';
import { CaptureFiles } from './capture-files.ts';
import { clipboardHost } from './clipboard.ts';
import type { Program } from './command.ts';
import { workingDirectory } from './configuring.ts';
import { exampleHelp } from './examples.ts';
import { CAPTURE, EMPTY, OK, readingCode, USAGE } from './exit-code.ts';
import { exportFile } from './exporting.ts';
import { filterHelp, MessageFilter } from './filtering.ts';
import { complain, type Host } from './host.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { FileMemory, memoryPath } from './memory-file.ts';
import { networkOf } from './network.ts';
import { inGroups } from './option-groups.ts';
import {
  ANALYSIS_OPTIONS,
  type AnalysisArguments,
  analysisOf,
  captureArguments,
  FILTER_OPTION,
  type LayeredArguments,
  nothingToCheck,
  OUTPUT_OPTIONS,
  requireOptionsFor,
  SCREEN_OPTIONS,
} from './options.ts';
import { WALL_CLOCK } from './wall-clock.ts';

export const INSPECT_OPTIONS = {
  ...FILTER_OPTION,
  ...SCREEN_OPTIONS,
  follow: { alias: 'F', type: 'boolean', default: false, describe: 'Keep reading while a file may grow' },
  color: OUTPUT_OPTIONS.color,
  ...ANALYSIS_OPTIONS,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof INSPECT_OPTIONS>;

/** Findings listed for one rule in one connection, the default of `check`. */
const MAX_FINDINGS = 100;
/** Milliseconds that a file gets to show that it is a capture. One that is being written may take longer. */
const HEADER_PATIENCE = 100;

export function addInspect(cli: Argv, program: Program): Argv {
  return cli.command(
    'inspect',
    'Look at captures in the terminal',
    command =>
      command
        .usage(
          '$0 inspect [CAPTURE...]\n\n' +
            'Shows connections, conversations, messages, findings and states in the terminal; ? lists the keys. A capture is ' +
            'a path or a URL; without one, offers recent ones and the files of the folder.',
        )
        .strictCommands(false)
        .options(inGroups(INSPECT_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 inspect trace.pcap', 'look around'],
            ['$0 inspect', 'choose a capture'],
            ["$0 inspect -Y 'severity >= warning' trace.pcap", 'begin with what is wrong'],
            ['tcpdump -U -w - udp | $0 inspect -', 'messages as they are captured'],
          ]),
        )
        .epilogue(
          `${filterHelp('messages')}\n\n` +
            `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 quit, 2 usage or no terminal, 3 a capture unreadable or incomplete, 4 no message, 70 our fault.',
        ),
    async args => program.finish(await inspect(args._, args, program)),
  );
}

async function inspect(words: readonly (string | number)[], args: Arguments, program: Program): Promise<number> {
  const { host, protocols } = program;
  const paths = captureArguments(words);
  if (args.sort && args.follow)
    throw new UsageError('inspect: --sort waits for the end of a capture, which --follow never sees');
  const analysis = analysisOf(args, protocols);
  requireOptionsFor(paths, analysis);
  const base: EngineOptions = {
    ...analysis,
    maxFindings: MAX_FINDINGS,
    allConnections: true,
  };
  const settings = { decodeAs: args['decode-as'] ?? [], dialects: args.dialect ?? [] };
  if (args.filter !== undefined) new MessageFilter(args.filter, protocols);
  const options = await screenOptions(base, settings, args, program);
  // What comes through a pipe was meant to be read.
  const isPiped = paths.length === 0 && host.stdinIsTerminal === false;
  const tty = isPiped ? undefined : host.openTerminal?.(paths.includes('-'));
  if (!tty) {
    if (paths.length === 0) throw new UsageError('inspect: name a capture, or - for standard input');
    complain(
      host,
      'inspect needs a terminal to draw on and one to read keys from; wirelint dissect prints messages anywhere',
    );
    return USAGE;
  }
  const network = networkOf(host.environment);
  const loading = loadApp();
  // Said when it is waited for.
  loading.catch(() => {});
  const { captures, unreadable } = await storeAll(paths, args, network);
  const memory = await memoryOf(args, host);
  const files = new CaptureFiles(path => openOne(path, args, network), host, memory);
  try {
    if (captures.length === 0 && paths.length > 0) {
      for (const reason of unreadable) complain(host, reason);
      return CAPTURE;
    }
    const { runApp } = await loading;
    // What a name has lost of its URL, nobody could open it without.
    for (const { path } of captures) if (paths.includes(path)) files.remember(path);
    const hosts = { ...options.hosts, captures: files };
    const look = await runApp(tty, { ...options, hosts, memory, captures, unopened: unreadable });
    if (captures.length + files.count === 0) return OK;
    // Of what was looked at last.
    return concluded(look, files.count > 0 ? [] : unreadable, args, program);
  } finally {
    await Promise.all([...captures.map(capture => capture.close()), files.close(), memory?.end()]);
  }
}

/** What earlier sessions have left; nothing where the user wants none of it. */
export async function memoryOf(
  { history }: { readonly history?: boolean | undefined },
  { environment }: Host,
): Promise<FileMemory | undefined> {
  const path = history === false ? undefined : memoryPath(environment);
  return path === undefined ? undefined : FileMemory.load(path);
}

/** All that draws. */
export function loadApp() {
  return import('../tui/app.ts');
}

interface ScreenArguments
  extends Pick<AnalysisArguments, 'rule' | 'midstream' | 'limit'>,
    Partial<Pick<AnalysisArguments, 'capture'>>,
    LayeredArguments {
  readonly filter?: string | undefined;
  readonly color?: boolean | undefined;
  readonly theme?: string | undefined;
  readonly bind?: readonly string[] | undefined;
  readonly bell?: boolean | undefined;
}

/**
 * @param base what a run is to do, but for its settings
 * @throws UsageError for a theme or keys that cannot be had
 */
export async function screenOptions(
  base: EngineOptions,
  settings: ScreenSettings,
  args: ScreenArguments,
  program: Program,
): Promise<Omit<AppOptions, 'captures' | 'unopened'>> {
  const { host, protocols } = program;
  return {
    settings,
    engineOptions: changed => ({ ...base, ...settled(changed, args, protocols) }),
    filter: args.filter,
    depth: isColored(args, host) ? depthOf(host.environment) : 0,
    isTrueColor: keepsTrueColor(host.environment),
    ...(await themeFor(args.theme, host)),
    keys: keysFor(args.bind ?? [], program),
    bell: args.bell === true,
    hosts: { exportFile, clipboard: clipboardHost(host) },
  };
}

/** One that is named, or the user's own, in a file; it is laid over the one for the terminal if it does not say otherwise. */
async function themeFor(word = 'auto', host: Host): Promise<{ readonly ground: Ground; readonly ownTheme?: OwnTheme }> {
  const ground = groundOf(host.environment);
  const named = GROUNDS.find(known => known === word);
  if (named || word === 'auto') return { ground: named ?? ground };
  if (!/\.(json|ya?ml)$/i.test(word)) {
    const files = `${THEME_NAMES.join(', ')}, or a file whose name ends in .yaml, .yml or .json`;
    throw new UsageError(`--theme ${word}: ${unknown('theme', word, THEME_NAMES, files)}`);
  }
  const { fileNamed, readData } = await import('../configuration/file.ts');
  const file = fileNamed(word, workingDirectory(host));
  const ownTheme = ownThemeOf(await readData(file, 'a theme'), file, ground);
  return { ground: ownTheme.ground, ownTheme };
}

/** Says where the configuration has what cannot be followed, if it is there. */
function keysFor(words: readonly string[], { configuration }: Program): KeyMap {
  const made = keyMapOf(words);
  if ('table' in made) return made;
  const setting = configuration?.settings.find(({ key, word }) => key.option === 'bind' && word === made.word);
  if (configuration && setting) throw settingComplaint(configuration.file, setting, made.advice);
  throw new UsageError(`--bind ${made.word}: ${made.advice}`);
}

/** What is settled while one looks comes last, and so holds over what a configuration has for a capture. */
function settled(
  { decodeAs, dialects }: ScreenSettings,
  args: ScreenArguments,
  protocols: readonly AnyProtocol[],
): Pick<EngineOptions, 'decodeAs' | 'dialects' | 'optionsFor'> {
  const all = { capture: 'auto' as const, ...args, 'decode-as': [...decodeAs], dialect: [...dialects] };
  const analysis = analysisOf(all, protocols);
  const { optionsFor } = analysis;
  return { decodeAs: analysis.decodeAs, dialects: analysis.dialects, ...(optionsFor && { optionsFor }) };
}

/** What the command line says holds, then NO_COLOR (no-color.org). */
function isColored({ color }: ScreenArguments, { environment }: Host): boolean {
  return color ?? !environment.NO_COLOR;
}

interface StoredCaptures {
  readonly captures: readonly StoredCapture[];
  /** Why the others are none, a line each. */
  readonly unreadable: readonly string[];
}

async function storeAll(paths: readonly string[], args: Arguments, network: Network): Promise<StoredCaptures> {
  const captures: StoredCapture[] = [];
  const unreadable: string[] = [];
  for (const path of paths) {
    try {
      captures.push(await openOne(path, args, network));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      unreadable.push(error.message);
    }
  }
  return { captures, unreadable };
}

/** As the command line wants it. Throws `CaptureError`. */
async function openOne(
  path: string,
  { follow, reader, sort, limit }: Arguments,
  network: Network,
): Promise<StoredCapture> {
  const stored = await storeOne(path, { clock: WALL_CLOCK, follow, reader, network });
  return sort ? sorted(stored, parseLimits(limit ?? [])['sort-frames']) : stored;
}

/** Throws `CaptureError` for what is no capture. Of one whose first bytes are still to come nothing is known yet. */
async function storeOne(path: string, options: StoreOptions): Promise<StoredCapture> {
  const capture = await storeCapture(path, options);
  const patience = AbortSignal.timeout(HEADER_PATIENCE);
  try {
    await capture.open(patience);
  } catch (error) {
    if (!patience.aborted) {
      await capture.close();
      throw error;
    }
  }
  return capture;
}

/** The exit code for what reading met; an early end of looking is no fault of a capture. */
function concluded(
  { run, isComplete }: Look,
  unreadable: readonly string[],
  args: Arguments,
  { host, protocols }: Program,
): number {
  const report = run.report();
  const read = isComplete ? report.captures : report.captures.filter(({ problem }) => problem);
  const reasons = [...new Set([...unreadable, ...run.unreadable])];
  for (const reason of [...reasons, ...captureProblems(read)]) complain(host, reason);
  const outcome = { unreadable: reasons, incomplete: read.some(({ complete }) => !complete), interrupted: false };
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const code = readingCode(outcome, allow);
  if (code !== OK || !isComplete || allow.allowEmpty || report.summary.messages > 0) return code;
  complain(host, nothingToCheck(report.summary.packets, protocols));
  return EMPTY;
}
