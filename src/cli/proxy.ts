/**
 * `wirelint proxy LISTEN UPSTREAM`: stands between two programs, forwards every byte, judges as it goes, and reports when
 * it ends. Findings go to standard output as they come up; what concerns the proxy itself goes to standard error. With
 * `--inspect` both go to the screen (proxy-screen.ts).
 */
import { setFlagsFromString } from 'node:v8';
import type { Argv } from 'yargs';
import { ProxyServer } from '../proxy/io/server.ts';
import { LiveRun } from '../proxy/live-run.ts';
import { commandWords } from './child.ts';
import type { Program } from './command.ts';
import { OK } from './exit-code.ts';
import { filterHelp } from './filtering.ts';
import { LivePrinter } from './live-printer.ts';
import { openOutput } from './output.ts';
import { concludeProxy } from './proxy-conclusion.ts';
import { ProxyEnding } from './proxy-ending.ts';
import { inspectProxy } from './proxy-screen.ts';
import { PROXY_OPTIONS, type ProxyArguments, proxySetup } from './proxy-setup.ts';
import { printAuthority } from './proxy-tls.ts';
import { attend } from './proxy-traffic.ts';
import { Reporting } from './reporting.ts';

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
        .example('$0 proxy udp:27000 udp:127.0.0.1:26999 --inspect', 'look at what passes, in the terminal')
        .epilogue(
          `${filterHelp('findings')}\n\n` +
            'Exit codes: 0 clean, 1 findings, 2 usage, 4 nothing to check, 5 only the command that was run failed, 70 our fault.',
        ),
    async args => program.finish(await proxy(args, positionals(args._, program), program)),
  );
}

/** What stands before `--`, behind the command's name. */
function positionals(words: readonly (string | number)[], { host }: Program): string[] {
  return words.slice(1, words.length - commandWords(host.args).length).map(String);
}

async function proxy(args: ProxyArguments, words: readonly string[], program: Program): Promise<number> {
  const { host } = program;
  if (args['print-ca']) {
    await printAuthority(host, [...words, ...(args.pair ?? [])]);
    return OK;
  }
  // Every read brings a buffer of its own. What comes while the heap is being marked counts as live until that is done, so
  // that under load one marking calls for the next: forty whole collections a gigabyte, where without it one is enough.
  setFlagsFromString('--no-incremental-marking');
  const reporting = new Reporting(args, program);
  const setup = proxySetup(args, words, reporting, program);
  if (args.inspect) return inspectProxy(setup, args, reporting, program);
  const ending = new ProxyEnding(host, setup.conditions);
  const printer = new LivePrinter(reporting, program);
  try {
    const output = await openOutput(args.output, host.stdout, []);
    const run = new LiveRun(setup.engineOptions, {
      onFinding: finding => printer.finding(finding),
      onConnection: event => printer.connection(event),
      onFailure: () => ending.fail(),
    });
    const server = await ProxyServer.start({ ...setup.server, onEvent: event => printer.event(event) }, run);
    printer.begin(server.capture.facts);
    printer.start(server.pairs);
    const commandFailed = await attend({
      server,
      ending,
      command: setup.command,
      readyFile: args['ready-file'],
      host,
      onBeat: () => run.settle(),
      onSecond: () =>
        printer.statistics(server, { hasFailed: run.hasFailed, reportSoFar: () => run.engine.reportSoFar() }),
    });
    const report = await run.end();
    await printer.end();
    return await concludeProxy({ report, server, commandFailed }, output, reporting, args['allow-empty'], program);
  } finally {
    ending.dispose();
    await printer.end();
  }
}
