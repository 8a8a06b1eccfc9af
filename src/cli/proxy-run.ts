/**
 * A run of `wirelint proxy`, from its command line to its exit code. Findings go to standard output as they come up; what
 * concerns the proxy itself goes to standard error. With `--inspect` both go to the screen (proxy-screen.ts).
 */
import { setFlagsFromString } from 'node:v8';
import { ProxyServer } from '../proxy/io/server.ts';
import { LiveRun } from '../proxy/live-run.ts';
import type { Program } from './command.ts';
import { OK } from './exit-code.ts';
import { LivePrinter } from './live-printer.ts';
import { requireApart } from './output.ts';
import { concludeProxy } from './proxy-conclusion.ts';
import { ProxyEnding } from './proxy-ending.ts';
import { ProxyIntervention } from './proxy-intervention.ts';
import type { ProxyArguments } from './proxy-options.ts';
import { inspectProxy } from './proxy-screen.ts';
import { proxySetup } from './proxy-setup.ts';
import { printAuthority } from './proxy-tls.ts';
import { attend } from './proxy-traffic.ts';
import { Reporting } from './reporting.ts';

/** @param words that stand behind the command's name @returns the exit code */
export async function runProxy(args: ProxyArguments, words: readonly string[], program: Program): Promise<number> {
  const { host } = program;
  if (args['print-ca']) {
    await printAuthority(host, [...words, ...(args.pair ?? [])]);
    return OK;
  }
  // Every read brings a buffer of its own. What comes while the heap is being marked counts as live until that is done, so
  // that under load one marking calls for the next: forty whole collections a gigabyte, where without it one is enough.
  setFlagsFromString('--no-incremental-marking');
  const reporting = new Reporting(args, program);
  requireApart([...reporting.files, { option: '--record', path: args.record }]);
  const setup = proxySetup(args, words, reporting, program);
  if (args.inspect) return inspectProxy(setup, args, reporting, program);
  const ending = new ProxyEnding(host, setup.conditions);
  const printer = new LivePrinter(reporting, program);
  const listeners = {
    onFinding: printer.finding.bind(printer),
    onConnection: printer.connection.bind(printer),
    onFailure: () => ending.fail(),
  };
  const interfering = await ProxyIntervention.of(
    args,
    setup,
    {
      ...listeners,
      onDeed: deed => printer.deed(deed),
      onEvent: event => printer.event(event),
      stop: () => ending.end('stopped'),
      onFault: () => ending.fail(),
    },
    program,
  );
  try {
    const reports = await reporting.open([]);
    const run = interfering?.intervention ?? new LiveRun(setup.engineOptions, listeners);
    reporting.watch(run.engine);
    const options = { ...setup.server, guard: interfering?.intervention.guard, onEvent: printer.event.bind(printer) };
    const server = await ProxyServer.start(options, run instanceof LiveRun ? run : run.judge);
    await interfering?.started(server);
    printer.begin(server.capture.facts);
    printer.start(server.pairs);
    printer.doing(interfering?.intervention.describe() ?? []);
    const commandFailed = await attend({
      server,
      ending,
      command: setup.command,
      readyFile: args['ready-file'],
      host,
      onBeat: () => run.settle(),
      onSecond: () => printer.statistics(server, { hasFailed: run.hasFailed, reportSoFar: () => run.reportSoFar() }),
    });
    const report = await run.end();
    await printer.end();
    return await concludeProxy({ report, server, commandFailed }, reports, reporting, args['allow-empty'], program);
  } finally {
    await interfering?.close();
    ending.dispose();
    await printer.end();
  }
}
