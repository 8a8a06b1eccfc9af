/**
 * `wirelint proxy --inspect`: the screen of `inspect` on what passes through the proxy. What passes is kept in a temporary
 * file, which the screen reads as a capture that is still being written; so the screen's run is the one that judges, and
 * its report is the proxy's. The terminal is the screen's alone until it is given back.
 */
import { CaptureError } from '../capture/source.ts';
import { type StoredCapture, storeInput } from '../capture/stored.ts';
import { wallTime } from '../clock.ts';
import { KeptTraffic } from '../proxy/io/kept-traffic.ts';
import { ProxyServer } from '../proxy/io/server.ts';
import { captureProblems } from '../report/text.ts';
import { UsageError } from '../settings/words.ts';
import type { Look } from '../tui/app.ts';
import type { Tty } from '../tui/screen/terminal.ts';
import type { Program } from './command.ts';
import { CAPTURE, USAGE } from './exit-code.ts';
import { complain } from './host.ts';
import { loadApp, memoryOf, screenOptions } from './inspect.ts';
import { LivePrinter } from './live-printer.ts';
import { concludeProxy } from './proxy-conclusion.ts';
import { ProxyEnding } from './proxy-ending.ts';
import { ProxyIntervention } from './proxy-intervention.ts';
import type { ProxyArguments } from './proxy-options.ts';
import type { ProxySetup } from './proxy-setup.ts';
import { attend } from './proxy-traffic.ts';
import type { Reporting } from './reporting.ts';
import type { Reports } from './reports.ts';
import { ScreenLog } from './screen-log.ts';

export async function inspectProxy(
  setup: ProxySetup,
  args: ProxyArguments,
  reporting: Reporting,
  program: Program,
): Promise<number> {
  const { host } = program;
  const screen = await screenOptions(setup.engineOptions, setup.settings, args, program);
  const tty = host.openTerminal?.(false);
  if (!tty) {
    complain(
      host,
      'proxy --inspect needs a terminal to draw on and one to read keys from; without it findings are printed',
    );
    return USAGE;
  }
  const ending = new ProxyEnding(host, setup.conditions);
  const printer = new LivePrinter(reporting, program);
  const inspection = new Inspection(setup, args, { ending, printer, program, screen });
  try {
    const reports = await reporting.open([]);
    await inspection.start();
    return await inspection.look(tty, reports, reporting);
  } finally {
    ending.dispose();
    await inspection.close();
    tty.close();
    await printer.end();
  }
}

interface Parts {
  readonly ending: ProxyEnding;
  readonly printer: LivePrinter;
  readonly program: Program;
  readonly screen: Awaited<ReturnType<typeof screenOptions>>;
}

class Inspection {
  readonly #setup: ProxySetup;
  readonly #args: ProxyArguments;
  readonly #parts: Parts;
  readonly #log: ScreenLog;
  readonly #kept: KeptTraffic;
  #interfering: ProxyIntervention | undefined = undefined;
  #capture: StoredCapture | undefined = undefined;
  #server: ProxyServer | undefined = undefined;
  #isOver = false;
  /** Where the proxy goes on without the screen: the run that goes on with it. */
  #unseen: Look['run'] | undefined = undefined;

  constructor(setup: ProxySetup, args: ProxyArguments, parts: Parts) {
    this.#setup = setup;
    this.#args = args;
    this.#parts = parts;
    this.#log = new ScreenLog(parts.program.host, setup.pairs, parts.printer);
    this.#kept = new KeptTraffic({
      mostWaiting: setup.server.limits['recording-bytes'],
      onCaughtUp: () => this.#server?.caughtUp(),
      onGone: () => {
        if (!this.#isOver) this.#log.failed('what passes cannot be kept, and is neither shown nor judged any more');
      },
    });
  }

  /** Throws a `UsageError` for what cannot be listened on, recorded to or kept. */
  async start(): Promise<void> {
    const { server: options } = this.#setup;
    const { ending, program } = this.#parts;
    const news = {
      onFailure: () => ending.fail(),
      onDeed: this.#log.deed,
      onEvent: this.#log.event,
      stop: () => ending.end('stopped'),
      onFault: () => ending.fail(),
    };
    this.#interfering = await ProxyIntervention.of(this.#args, this.#setup, news, program);
    try {
      // As it comes, without waiting for others that may be earlier: there is one clock, and it does not run backwards.
      this.#capture = storeInput(options.record?.path ?? 'proxy', this.#kept, { order: 'capture' });
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      throw new UsageError(`--inspect: what passes ${error.message}`);
    }
    const { event, client } = this.#log;
    const guard = this.#interfering?.intervention.guard;
    this.#server = await ProxyServer.start({ ...options, guard, onEvent: event, onClient: client }, this.#kept);
    await this.#interfering?.started(this.#server);
    this.#log.listening(this.#server.pairs);
    this.#log.doing(this.#interfering?.intervention.describe() ?? []);
    this.#parts.printer.begin(this.#server.capture.facts);
  }

  /** From the first screen to the report. @returns the exit code */
  async look(tty: Tty, reports: Reports, reporting: Reporting): Promise<number> {
    const { program, ending, printer } = this.#parts;
    const traffic = this.#attend();
    // Keeps an early rejection from ending the process: the caller awaits it later.
    traffic.catch(() => {});
    const look = await this.#show(tty).catch(async error => {
      // A fault of ours costs nobody their traffic.
      ending.fail();
      await traffic;
      throw error;
    });
    if (look.keepsProxy && !ending.isReached) {
      this.#log.print();
      this.#unseen = look.run;
      printer.start(this.#serving.pairs);
      look.reading.catch(() => ending.fail());
    } else {
      ending.end('stopped');
    }
    const commandFailed = await traffic;
    await look.reading;
    const { description } = this.#serving.capture.facts;
    // What was changed on its way is judged as each side had it; the screen shows what was passed on.
    const seen = (await this.#interfering?.intervention.end()) ?? look.run.report();
    // The user does not know this file; to them, the input is the traffic itself.
    const report = { ...seen, captures: seen.captures.map(facts => ({ ...facts, description })) };
    await printer.end();
    const outcome = { report, server: this.#serving, commandFailed };
    const code = await concludeProxy(outcome, reports, reporting, this.#args['allow-empty'], program);
    const problems = captureProblems(report.captures);
    for (const problem of problems) complain(program.host, problem);
    return problems.length > 0 ? CAPTURE : code;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#interfering?.close();
    await this.#server?.stop();
    this.#kept.end();
    await this.#capture?.close();
  }

  get #serving(): ProxyServer {
    if (!this.#server) throw new Error('the proxy was not started');
    return this.#server;
  }

  /** The traffic, to its end. What was seen of it stays on the screen, if somebody is there. */
  async #attend(): Promise<boolean> {
    const { ending } = this.#parts;
    const { host } = this.#log;
    try {
      return await attend({
        server: this.#serving,
        ending,
        command: this.#setup.command,
        readyFile: this.#args['ready-file'],
        host,
        onBeat: () => this.#interfering?.intervention.settle(),
        onSecond: () => this.#tellStatistics(),
      });
    } catch (error) {
      this.#log.leave();
      throw error;
    } finally {
      this.#isOver = true;
      this.#kept.end();
      this.#log.end(ending.reason);
      if (ending.isInterrupted || host.stdinIsTerminal === false) this.#log.leave();
    }
  }

  #tellStatistics(): void {
    const run = this.#unseen;
    if (run) this.#parts.printer.statistics(this.#serving, { hasFailed: false, reportSoFar: () => run.report() });
  }

  async #show(tty: Tty): Promise<Look> {
    const { program, screen } = this.#parts;
    const interfering = this.#interfering;
    const interception = interfering && {
      controls: interfering.controls(),
      editing: interfering.editing,
      hasOthers: interfering.hasControlSocket,
      now: wallTime,
    };
    const { runApp } = await loadApp();
    const memory = await memoryOf(this.#args, program.host);
    try {
      const captures = this.#capture ? [this.#capture] : [];
      return await runApp(tty, { ...screen, captures, unopened: [], proxy: this.#log, interception, memory });
    } finally {
      this.#log.release();
      await memory?.end();
    }
  }
}
