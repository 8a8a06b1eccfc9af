/**
 * `wirelint proxy LISTEN UPSTREAM`: stands between two programs, forwards every byte, judges as it goes, and reports when
 * it ends. Findings go to standard output as they come up; what concerns the proxy itself goes to standard error.
 */
import { rename, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { wallTime } from '../clock.ts';
import { parseCount, parseDuration, UsageError } from '../config.ts';
import { formatAddress, type Pair, parsePair, splitPair } from '../proxy/address.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import { ProxyServer, type ServerOptions, USUAL_IDLE } from '../proxy/io/server.ts';
import { tlsOptions } from '../proxy/io/tls-settings.ts';
import { LiveRun } from '../proxy/live-run.ts';
import { withSpoken } from '../proxy/pair-ports.ts';
import { counted } from '../report/numbers.ts';
import type { EngineOptions } from '../run/options.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';
import { type CommandLine, commandOf, commandWords, startChild } from './child.ts';
import type { Program } from './command.ts';
import { COMMAND_FAILED, checkCode, EMPTY, OK, USAGE } from './exit-code.ts';
import { filterHelp } from './filtering.ts';
import { complain } from './host.ts';
import { LivePrinter } from './live-printer.ts';
import { openFilesLimit } from './open-files.ts';
import { ANALYSIS_OPTIONS, analysisOf, nothingToCheck } from './options.ts';
import { type Output, openOutput } from './output.ts';
import { ProxyEnding } from './proxy-ending.ts';
import { printAuthority, TLS_OPTIONS, tlsSettings } from './proxy-tls.ts';
import { REPORT_OPTIONS, Reporting } from './reporting.ts';

const { 'decode-as': decodeAs, dialect, rule, midstream, limit, 'allow-empty': allowEmpty } = ANALYSIS_OPTIONS;

export const PROXY_OPTIONS = {
  pair: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Where to listen and whom to speak to: udp:27000=udp:127.0.0.1:26999 (repeatable)',
  },
  protocol: {
    alias: 'p',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Protocol spoken there: one for all pairs, or one for each in order; by default the traffic tells',
  },
  record: { type: 'string', requiresArg: true, describe: 'Record what passes as pcapng' },
  'record-size': { type: 'string', requiresArg: true, describe: 'Begin another file after so many bytes: 100MB' },
  'record-time': { type: 'string', requiresArg: true, describe: 'Begin another file after so long: 1h' },
  'record-keep': { type: 'string', requiresArg: true, describe: 'Keep so many files, the newest ones' },
  'ready-file': {
    type: 'string',
    requiresArg: true,
    describe: 'Write this file, JSON with the ports, once all pairs listen',
  },
  idle: {
    type: 'string',
    default: USUAL_IDLE,
    requiresArg: true,
    describe: 'UDP: forget a client that has been silent for so long',
  },
  'until-idle': { type: 'string', requiresArg: true, describe: 'End when nothing has passed for so long: 5s' },
  duration: { type: 'string', requiresArg: true, describe: 'End after so long' },
  'max-connections': {
    type: 'string',
    requiresArg: true,
    describe: 'End when so many clients have come and the last of them has gone',
  },
  run: {
    type: 'string',
    requiresArg: true,
    describe: 'Run this shell command through the proxy, and end with it; or write -- COMMAND ARGUMENTS',
  },
  ...TLS_OPTIONS,
  ...REPORT_OPTIONS,
  'decode-as': decodeAs,
  dialect,
  rule,
  midstream,
  limit,
  'allow-empty': allowEmpty,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof PROXY_OPTIONS>;

export function addProxy(cli: Argv, program: Program): Argv {
  return cli.command(
    'proxy',
    'Stand between two programs and check what they say to each other',
    command =>
      command
        .usage(
          '$0 proxy LISTEN UPSTREAM [-- COMMAND...]\n\nForwards every byte between clients of LISTEN and UPSTREAM, and checks as it goes. ' +
            'Addresses: tcp:HOST:PORT, tls:HOST:PORT, udp:HOST:PORT, unix:PATH, unix-seqpacket:PATH; without a host the loopback, port 0 for any free one.',
        )
        .strictCommands(false)
        .options(PROXY_OPTIONS)
        .example('$0 proxy udp:27000 udp:127.0.0.1:26999', 'findings as they come up, the report at Ctrl-C')
        .example('$0 proxy tcp:0 tcp:localhost:9000 --record trace.pcapng', 'keep what passed')
        .example('$0 proxy tls:8443 tls:example.org:443', 'judge what is said in TLS')
        .example(
          '$0 proxy udp:27000 udp:127.0.0.1:26999 -p mnet -- npm test',
          'end with the command, fail with its faults',
        )
        .epilogue(
          `${filterHelp('findings')}\n\n` +
            'Exit codes: 0 clean, 1 findings, 2 usage, 4 nothing to check, 5 only the command that was run failed, 70 our fault.',
        ),
    async args => program.finish(await new ProxyCommand(args, program).run(positionals(args._, program))),
  );
}

/** What stands before `--`, behind the command's name. */
function positionals(words: readonly (string | number)[], { host }: Program): string[] {
  return words.slice(1, words.length - commandWords(host.args).length).map(String);
}

/** Milliseconds in which flows may end by themselves once judging has failed, and between two looks at them. */
const DRAIN = 5_000;
const DRAIN_LOOK = 100;
/** Files that are open beside the flows' sockets. */
const OTHER_FILES = 64;
/** Milliseconds between two lines of statistics, and between two looks at whether it is time to end. */
const STATISTICS_INTERVAL = 1_000;
const BEAT = 50;

interface Parts {
  readonly server: ProxyServer;
  readonly run: LiveRun;
  readonly printer: LivePrinter;
  readonly ending: ProxyEnding;
}

class ProxyCommand {
  readonly #args: Arguments;
  readonly #program: Program;
  readonly #reporting: Reporting;

  constructor(args: Arguments, program: Program) {
    this.#args = args;
    this.#program = program;
    this.#reporting = new Reporting(args, program);
  }

  async run(words: readonly string[]): Promise<number> {
    // Every read brings a buffer of its own. What comes while the heap is being marked counts as live until that is done, so
    // that under load one marking calls for the next: forty whole collections a gigabyte, where without it one is enough.
    setFlagsFromString('--no-incremental-marking');
    const args = this.#args;
    const { host } = this.#program;
    if (args['print-ca']) {
      await printAuthority(host, [...words, ...(args.pair ?? [])]);
      return OK;
    }
    const pairs = pairsOf(words, args.pair ?? []);
    const command = commandOf(args.run, commandWords(host.args));
    const engineOptions = this.#engineOptions(pairs);
    const ending = new ProxyEnding(host, {
      untilIdle: optional(args['until-idle'], text => parseDuration('--until-idle', text)),
      duration: optional(args.duration, text => parseDuration('--duration', text)),
      maxConnections: optional(args['max-connections'], text => parseCount('--max-connections', text, 1)),
    });
    const serverOptions = this.#serverOptions(pairs, engineOptions);
    const output = await openOutput(args.output, host.stdout, []);
    const printer = new LivePrinter(this.#reporting, this.#program);
    const run = new LiveRun(engineOptions, {
      onFinding: finding => printer.finding(finding),
      onConnection: event => printer.connection(event),
      onFailure: () => ending.fail(),
    });
    try {
      const server = await ProxyServer.start({ ...serverOptions, onEvent: event => printer.event(event) }, run);
      printer.begin(server.capture.facts);
      const failed = await this.#attend({ server, run, printer, ending }, command);
      return await this.#conclude({ server, run, printer, ending }, output, failed);
    } finally {
      ending.dispose();
      await printer.end();
    }
  }

  /** From the first client to the last. @returns whether the command that was run failed */
  async #attend({ server, run, printer, ending }: Parts, command: CommandLine | undefined): Promise<boolean> {
    const { 'ready-file': readyFile } = this.#args;
    const beat = setInterval(() => ending.look(server), BEAT);
    const statistics = setInterval(() => printer.statistics(server, run), STATISTICS_INTERVAL);
    try {
      printer.start(server.pairs);
      if (readyFile !== undefined) await writeReady(readyFile, server.pairs);
      const child = command && startChild(command, server.pairs, this.#program.host, ending);
      await ending.reached;
      if (ending.hasFailed) await this.#drained(server);
      // What the command has left behind may still be on its way.
      else if (child?.hasEnded) await server.quiet();
      return child ? await child.end() : false;
    } finally {
      clearInterval(beat);
      clearInterval(statistics);
      await server.stop();
    }
  }

  async #conclude({ server, run, printer }: Parts, output: Output, commandFailed: boolean): Promise<number> {
    const { host, protocols } = this.#program;
    const report = this.#reporting.narrow(await run.end());
    await printer.end();
    await output.write(this.#reporting.render(report));
    await output.end();
    if (server.recording?.problem !== undefined) return USAGE;
    const allow = { allowIncomplete: true, allowEmpty: this.#args['allow-empty'] };
    const code = checkCode(report.summary, this.#reporting.threshold, allow);
    if (code === EMPTY) complain(host, nothingToCheck(report.summary.packets, protocols));
    return code === OK && commandFailed ? COMMAND_FAILED : code;
  }

  /** Nobody is judged any more; those who are connected may finish. */
  async #drained(server: ProxyServer): Promise<void> {
    complain(this.#program.host, 'nothing is judged any more, by a fault; clients that are connected may finish');
    server.drain();
    const until = wallTime() + DRAIN;
    while (server.open > 0 && wallTime() < until) await delay(DRAIN_LOOK);
  }

  #engineOptions(pairs: readonly Pair[]): EngineOptions {
    const { protocols } = this.#program;
    const analysis = analysisOf({ ...this.#args, capture: 'auto' }, protocols);
    return {
      ...withSpoken(analysis, pairs, protocolsOf(pairs, this.#args.protocol ?? [])),
      ...this.#reporting.listing,
    };
  }

  #serverOptions(pairs: readonly Pair[], { limits }: EngineOptions): Omit<ServerOptions, 'onEvent'> {
    const args = this.#args;
    return {
      pairs,
      limits: { ...limits, 'proxy-flows': Math.min(limits['proxy-flows'], flowsOfDescriptors()) },
      idle: parseDuration('--idle', args.idle),
      tls: tlsOptions(tlsSettings(args), pairs, this.#program.host.environment),
      record: recordingSettings({
        record: args.record,
        size: args['record-size'],
        time: args['record-time'],
        keep: args['record-keep'],
      }),
      now: wallTime,
    };
  }
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
    throw new UsageError('proxy: name where to listen and whom to speak to: proxy udp:27000 udp:127.0.0.1:26999');
  const pairs = [
    ...(words.length === 2 ? [parsePair(words[0], words[1])] : []),
    ...texts.map(text => parsePair(...splitPair(text))),
  ];
  if (pairs.length === 0)
    throw new UsageError('proxy: name where to listen and whom to speak to: proxy udp:27000 udp:127.0.0.1:26999');
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

/** Written beside it and then renamed: who waits for it finds all of it. */
async function writeReady(path: string, pairs: readonly Pair[]): Promise<void> {
  const own = pairs.map(({ listen, upstream }) => ({
    listen: formatAddress(listen),
    upstream: formatAddress(upstream),
  }));
  const beside = `${path}.${process.pid}`;
  try {
    await writeFile(beside, `${JSON.stringify({ pid: process.pid, pairs: own })}\n`);
    await rename(beside, path);
  } catch (error) {
    throw new UsageError(`cannot write --ready-file ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
}
