/**
 * The options that several commands share, as yargs tables, and what they amount to. Each command adds its own; the
 * values are checked in src/settings/words.ts.
 */
import type { InferredOptionTypes, Options } from 'yargs';
import { type AnalysisOptions, analysisOptions, type CaptureLayers } from '../analysis.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import type { PageOptions } from '../report/page.ts';
import { UsageError } from '../settings/words.ts';
import { columnsOf, type Host, wantsColor } from './host.ts';

/** How captures are understood. */
export const ANALYSIS_OPTIONS = {
  'decode-as': {
    alias: 'd',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Port that a protocol is spoken on: udp.port==26999,mnet (repeatable)',
  },
  dialect: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'What the specification leaves open: mnet.tags=sender (repeatable)',
  },
  rule: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Severity of a rule, or of all that a pattern describes: mnet/*=off|info|warning|error (repeatable)',
  },
  midstream: {
    choices: ['auto', 'never'],
    default: 'auto',
    requiresArg: true,
    describe: 'auto: a capture may begin in the middle of a conversation; never: each conversation is complete',
  },
  capture: {
    choices: ['auto', 'complete', 'lossy'],
    default: 'auto',
    requiresArg: true,
    describe: 'Whether captures hold all that was sent: complete, lossy (packets are missing), or auto: look for signs',
  },
  sort: {
    type: 'boolean',
    default: false,
    describe: 'Read each capture in order of time; input that cannot be read twice is kept for that',
  },
  limit: {
    type: 'string',
    array: true,
    requiresArg: true,
    hidden: true,
    describe: 'A bound of the program: flows=100000 (repeatable); wirelint help limits',
  },
  reader: {
    choices: ['wirelint', 'pcap-parser'],
    default: 'wirelint',
    requiresArg: true,
    hidden: true,
    describe: 'What reads the capture file',
  },
  'allow-incomplete': { type: 'boolean', default: false, describe: 'Do not exit with 3 for cut captures' },
  'allow-empty': {
    type: 'boolean',
    default: false,
    describe: 'Do not exit with 4 for captures without a known message',
  },
} as const satisfies Record<string, Options>;

/** Holds for every command: what it loads is there to be checked, dissected and listed. Completion does not load it. */
export const PLUGIN_OPTION = {
  plugin: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Folder of your own protocol; its code is run: ./my-protocol (repeatable)',
  },
} as const satisfies Record<string, Options>;

/** Holds for every command, too. */
export const CONFIG_OPTION = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'Configuration file; one that is code is run. --no-config reads none, even if there is one here',
  },
} as const satisfies Record<string, Options>;

/** What is shown of it. The name of tshark's display filters. */
/** Of the commands that show a screen. */
export const SCREEN_OPTIONS = {
  theme: {
    type: 'string',
    default: 'auto',
    requiresArg: true,
    describe: 'Colours: auto, dark, light, or a file of your own; auto reads COLORFGBG, and assumes dark without it',
  },
  bind: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "Keys in place of an action's: 'next-finding=n C-n' (repeatable; docs/terminal.md)",
  },
  bell: { type: 'boolean', default: false, describe: 'Ring the bell for findings as they come' },
  history: {
    type: 'boolean',
    default: true,
    describe:
      'Remember filters, searches and captures from session to session; --no-history neither reads nor keeps any',
  },
} as const satisfies Record<string, Options>;

export const FILTER_OPTION = {
  filter: {
    alias: 'Y',
    type: 'string',
    requiresArg: true,
    describe: "Only what matches: 'mnet.sequence > 1000 && type == DATA'",
  },
} as const satisfies Record<string, Options>;

/** Of commands that write a catalogue. */
export const FORMAT_OPTION = {
  format: {
    alias: 'f',
    choices: ['text', 'json'],
    default: 'text',
    requiresArg: true,
    describe: 'Format of the output',
  },
} as const satisfies Record<string, Options>;

/** How results are shown, and where. */
export const OUTPUT_OPTIONS = {
  output: { alias: 'o', type: 'string', requiresArg: true, describe: 'Write to a file instead of standard output' },
  color: {
    type: 'boolean',
    describe: '--color or --no-color; by default NO_COLOR, FORCE_COLOR and the terminal decide',
  },
} as const satisfies Record<string, Options>;

export const PROGRESS_OPTION = {
  progress: {
    type: 'boolean',
    default: true,
    describe: 'Show the progress, on a terminal; --no-progress hides it',
  },
} as const satisfies Record<string, Options>;

/** Those that say how traffic is understood; the others are about files. */
export type AnalysisArguments = Pick<
  InferredOptionTypes<typeof ANALYSIS_OPTIONS>,
  'decode-as' | 'dialect' | 'rule' | 'midstream' | 'capture' | 'limit'
>;

/** The engine's options that the shared options make; listing bounds are the command's. */
export function analysisOf(
  args: AnalysisArguments & LayeredArguments,
  protocols: readonly AnyProtocol[],
): AnalysisOptions {
  return analysisOptions({ ...args, decodeAs: args['decode-as'] }, protocols, args[CAPTURE_LAYERS]);
}

/** What a configuration has for single captures, beside the options that it has for all. */
export const CAPTURE_LAYERS = Symbol('settings of single captures');

export interface LayeredArguments {
  readonly [CAPTURE_LAYERS]?: CaptureLayers | undefined;
}

/** Refuses what is wrong about the settings of a single capture before the first one is read. */
export function requireOptionsFor(captures: readonly string[], { optionsFor }: AnalysisOptions): void {
  for (const path of captures) optionsFor?.(path);
}

/** The captures that stand behind the command's name. Standard input can be among them once. */
export function captureArguments(words: readonly (string | number)[]): string[] {
  const captures = words.slice(1).map(String);
  if (captures.filter(path => path === '-').length > 1)
    throw new UsageError('standard input (-) can be read once only');
  return captures;
}

export type OutputArguments = InferredOptionTypes<typeof OUTPUT_OPTIONS>;

/** Does the result go to a file that `-o` names? */
export function toFile({ output }: OutputArguments): boolean {
  return output !== undefined && output !== '-';
}

/** Width and colour of text; a file is coloured only when `--color` asks for it. */
export function pageOptions(args: OutputArguments, { stdout, environment }: Host): PageOptions {
  const color = toFile(args) ? args.color === true : wantsColor(stdout, environment, args.color);
  return { color, width: columnsOf(stdout, environment) };
}

/** What to print when no message of any protocol was seen, and how to fix that. */
export function nothingToCheck(packets: number, protocols: readonly AnyProtocol[]): string {
  const ids = protocols.map(protocol => protocol.id);
  return (
    `nothing to check: no message of ${ids.join(', ')} in ${counted(packets, 'packet')}; a port can be named with ` +
    '-d udp.port==PORT,PROTOCOL or -d tcp.port==PORT,PROTOCOL, and --allow-empty accepts this'
  );
}
