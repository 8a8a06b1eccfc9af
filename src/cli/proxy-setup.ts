/**
 * What a command line of `proxy` asks for, checked before anything listens.
 */
import { wallTime } from '../clock.ts';
import type { DecodeAs } from '../protocol/identify.ts';
import { type Pair, parsePair, splitPair } from '../proxy/address.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import type { ServerOptions } from '../proxy/io/server.ts';
import { tlsOptions } from '../proxy/io/tls-settings.ts';
import { withSpoken } from '../proxy/pair-ports.ts';
import { counted } from '../report/numbers.ts';
import type { EngineOptions } from '../run/options.ts';
import { parseCount, parseDuration, UsageError } from '../settings/words.ts';
import type { ScreenSettings } from '../tui/model/effects.ts';
import { type CommandLine, commandOf } from './child.ts';
import type { Program } from './command.ts';
import { openFilesLimit } from './open-files.ts';
import { analysisOf } from './options.ts';
import type { EndingConditions } from './proxy-ending.ts';
import { commandWords, type ProxyArguments } from './proxy-options.ts';
import { tlsSettings } from './proxy-tls.ts';
import type { Reporting } from './reporting.ts';

export interface ProxySetup {
  readonly pairs: readonly Pair[];
  readonly command: CommandLine | undefined;
  readonly engineOptions: EngineOptions;
  /** Those of the engine's options that can be changed while one looks, as the command line spells them. */
  readonly settings: ScreenSettings;
  readonly server: Omit<ServerOptions, 'onEvent'>;
  readonly conditions: EndingConditions;
}

/** Files that are open beside the flows' sockets. */
const OTHER_FILES = 64;

/** @param words that stand behind the command's name. Throws a `UsageError`. */
export function proxySetup(
  args: ProxyArguments,
  words: readonly string[],
  reporting: Reporting,
  { host, protocols }: Program,
): ProxySetup {
  const pairs = pairsOf(words, args.pair ?? []);
  const command = commandOf(args.run, commandWords(host.args));
  const analysis = analysisOf({ ...args, capture: 'auto' }, protocols);
  const spoken = withSpoken(analysis, pairs, protocolsOf(pairs, args.protocol ?? []));
  const engineOptions = { ...spoken, ...reporting.listing };
  return {
    pairs,
    command,
    engineOptions,
    settings: {
      decodeAs: [...(args['decode-as'] ?? []), ...spoken.decodeAs.slice(analysis.decodeAs.length).map(spelt)],
      dialects: args.dialect ?? [],
    },
    server: serverOptions(args, pairs, engineOptions, host.environment),
    conditions: {
      untilIdle: optional(args['until-idle'], text => parseDuration('--until-idle', text)),
      duration: optional(args.duration, text => parseDuration('--duration', text)),
      maxConnections: optional(args['max-connections'], text => parseCount('--max-connections', text, 1)),
    },
  };
}

function spelt({ transport, from, protocol }: DecodeAs): string {
  return `${transport}.port==${from},${protocol}`;
}

function serverOptions(
  args: ProxyArguments,
  pairs: readonly Pair[],
  { limits }: EngineOptions,
  environment: Program['host']['environment'],
): Omit<ServerOptions, 'onEvent'> {
  return {
    pairs,
    limits: { ...limits, 'proxy-flows': Math.min(limits['proxy-flows'], flowsOfDescriptors()) },
    idle: parseDuration('--idle', args.idle),
    tls: tlsOptions(tlsSettings(args), pairs, environment),
    record: recordingSettings({
      record: args.record,
      size: args['record-size'],
      time: args['record-time'],
      keep: args['record-keep'],
    }),
    now: wallTime,
  };
}

/** Flows for which there are descriptors, two for each; what is left is for files, and for telling who is refused. */
function flowsOfDescriptors(): number {
  return Math.max(1, Math.floor(((openFilesLimit() ?? Number.POSITIVE_INFINITY) - OTHER_FILES) / 2));
}

function optional<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function pairsOf(words: readonly string[], texts: readonly string[]): Pair[] {
  if (words.length !== 0 && words.length !== 2)
    throw new UsageError('proxy: name where to listen and where to connect: proxy udp:27000 udp:127.0.0.1:26999');
  const pairs = [
    ...(words.length === 2 ? [parsePair(words[0], words[1])] : []),
    ...texts.map(text => parsePair(...splitPair(text))),
  ];
  if (pairs.length === 0)
    throw new UsageError('proxy: name where to listen and where to connect: proxy udp:27000 udp:127.0.0.1:26999');
  return pairs;
}

/** The protocol of each pair: that of all, or each its own. */
function protocolsOf(pairs: readonly Pair[], names: readonly string[]): (string | undefined)[] {
  if (names.length > 1 && names.length !== pairs.length)
    throw new UsageError(
      `-p: ${names.length} protocols for ${counted(pairs.length, 'pair')}: give one, or one for each`,
    );
  return pairs.map((_, index) => names[names.length === 1 ? 0 : index]);
}
