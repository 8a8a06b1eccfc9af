/**
 * A proxy inside a program: what `wirelint proxy` does, as an object. It takes no signal, prints nothing and ends nothing,
 * so that several stand side by side in one process; what it has open is closed by `stop`.
 */
import { wallTime } from '../clock.ts';
import { type Setting, wordsOf } from '../configuration/settings.ts';
import { ENFORCING, type Enforcing } from '../faults/enforcement.ts';
import { parseSeed } from '../faults/seed.ts';
import { HeldEditing } from '../held-editing.ts';
import { Intervention, type InterventionSettings, isIntervention, scenarioOf } from '../intervention.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { formatAddress, isPath, type Pair, parsePair } from '../proxy/address.ts';
import type { HeldUnit, OpenFlow } from '../proxy/holds.ts';
import { type ProxyEvent, USUAL_IDLE } from '../proxy/io/listener.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import { ProxyServer } from '../proxy/io/server.ts';
import { ClockTimers } from '../proxy/io/timers.ts';
import { type TlsSettings, tlsOptions } from '../proxy/io/tls-settings.ts';
import { LiveRun } from '../proxy/live-run.ts';
import { withSpoken } from '../proxy/pair-ports.ts';
import type { RunReport } from '../report/run-report.ts';
import { parseDuration, UsageError } from '../settings/words.ts';
import { type HoldChanges, Interception, type OwnMessage, type ReleasedUnit } from './interception.ts';
import { type Listener, Listeners } from './listeners.ts';
import { COMMON_KINDS, type CommonOptions, type Kinds, requireKinds, understandingOf } from './options.ts';

/**
 * Where to listen, and where to connect: `tcp:HOST:PORT`, `udp:HOST:PORT`, `tls:HOST:PORT`, `unix:PATH`,
 * `unix-seqpacket:PATH`.
 */
export interface PairOptions {
  /** Without a host the loopback, port 0 for any free one: `udp:0`. */
  readonly listen: string;
  readonly upstream: string;
  /** Id of the protocol that is spoken there; by default the traffic tells. */
  readonly protocol?: string | undefined;
}

export interface ProxyOptions extends Omit<CommonOptions, 'capture'> {
  /** One pair. With `pairs` beside it, the first one. */
  readonly listen?: string | undefined;
  readonly upstream?: string | undefined;
  /** Of every pair that does not name its own. */
  readonly protocol?: string | undefined;
  readonly pairs?: readonly PairOptions[] | undefined;
  /** Path of a pcapng file that keeps what passes. What is there is overwritten. */
  readonly record?: string | undefined;
  /** Begin another file after this many bytes: `'100MB'`, or a number. */
  readonly recordSize?: string | number | undefined;
  /** Begin another file after so long: `'1h'`, or milliseconds. */
  readonly recordTime?: string | number | undefined;
  /** Keep only this many files, the newest. */
  readonly recordKeep?: number | undefined;
  /** Forget a client of a UDP pair that has been silent for so long: `'60s'`, which is the default, or milliseconds. */
  readonly idle?: string | number | undefined;
  /** For pairs that speak TLS on either side (`tls:HOST:PORT`). */
  readonly tls?: ProxyTlsOptions | undefined;
  /** What is done to what passes, as `--fault` spells it: `'drop=5%,delay=20ms'`, `'drop if type == COOKIE-ACK nth=1'`. */
  readonly faults?: readonly string[] | undefined;
  /** Path of a YAML or JSON file of faults that come and go. */
  readonly scenario?: string | undefined;
  /** Of what is left to chance, where a fault has none of its own: a whole number from 0 to 2^53 - 1. */
  readonly seed?: number | undefined;
  /** Ids of rules that are broken once on purpose. */
  readonly attacks?: readonly string[] | undefined;
  /** Keeps messages that break a rule of severity error from the other side. */
  readonly enforce?: Enforcing | undefined;
  /** A filter, as `-Y` takes it: what matches is held until `forward` or `drop`. */
  readonly breakOn?: string | undefined;
  /**
   * Has the proxy take what is done while it runs: `setFaults`, `setBreak`, `send`, `abort`. It does so in any case where one
   * of the options above asks for something.
   */
  readonly control?: boolean | undefined;
}

export interface ProxyTlsOptions extends TlsSettings {
  /** Folder in which the authority is kept that makes certificates for clients, as `$XDG_STATE_HOME` would have it. */
  readonly stateHome?: string | undefined;
  /** File that the secrets of all connections are appended to, as SSLKEYLOGFILE would. */
  readonly keyLog?: string | undefined;
}

/** A pair that listens. */
export interface ListeningPair {
  /** With the port that was chosen: `udp:127.0.0.1:40123`. */
  readonly listen: string;
  readonly upstream: string;
  /** Parts of `listen`: host and port, or the path of a Unix socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

/** What a listener is given, by the name that it listens to. */
export interface ProxyEvents {
  /** A finding that stands: as soon as it does, which for some is later than their message. */
  readonly finding: Finding;
  /** A connection has opened, or is over. */
  readonly connection: ConnectionEvent;
  /** Something about the proxy itself: a server that refuses, a bound that was hit, a recording that broke off. */
  readonly event: ProxyEvent;
  /** Something was done on purpose to what passes. */
  readonly deed: DeedRecord;
  /** Something is held. */
  readonly held: HeldUnit;
  /** Something is no longer held. */
  readonly released: ReleasedUnit;
}

const { capture: _, ...KINDS_IN_COMMON } = COMMON_KINDS;
const KINDS: Kinds<ProxyOptions> = {
  ...KINDS_IN_COMMON,
  listen: 'text',
  upstream: 'text',
  protocol: 'text',
  pairs: 'list',
  record: 'text',
  recordSize: 'text or number',
  recordTime: 'text or number',
  recordKeep: 'number',
  idle: 'text or number',
  tls: 'settings',
  faults: 'texts',
  scenario: 'text',
  seed: 'number',
  attacks: 'texts',
  enforce: ENFORCING,
  breakOn: 'text',
  control: 'flag',
};
export const TLS_KINDS: Kinds<ProxyTlsOptions> = {
  cert: 'text',
  key: 'text',
  requestClientCert: 'flag',
  clientCa: 'text',
  upstreamCa: 'text',
  insecure: 'flag',
  clientCert: 'text',
  clientKey: 'text',
  alpn: 'text',
  stateHome: 'text',
  keyLog: 'text',
};
const PAIR_KINDS: Kinds<PairOptions> = { listen: 'text', upstream: 'text', protocol: 'text' };

interface Parts {
  readonly server: ProxyServer;
  readonly run: LiveRun | Intervention;
  readonly interception: Interception | undefined;
  readonly listeners: Listeners<ProxyEvents>;
}

/** A proxy that runs. `startProxy` makes it. */
export class RunningProxy {
  /** In the order of the options. */
  readonly pairs: readonly ListeningPair[];
  readonly #server: ProxyServer;
  readonly #run: LiveRun | Intervention;
  readonly #interception: Interception | undefined;
  readonly #listeners: Listeners<ProxyEvents>;
  #stopped: Promise<RunReport> | undefined = undefined;
  #report: RunReport | undefined = undefined;

  constructor({ server, run, interception, listeners }: Parts) {
    this.pairs = server.pairs.map(listening);
    this.#server = server;
    this.#run = run;
    this.#interception = interception;
    this.#listeners = listeners;
  }

  /** Where the first pair listens; 0 where that is a Unix socket. */
  get port(): number {
    return this.pairs[0].port ?? 0;
  }

  /** Paths of the recording, the oldest first, without those that rotation removed; empty when nothing is recorded. */
  get recorded(): readonly string[] {
    return [...(this.#server.recording?.paths ?? [])];
  }

  /**
   * Calls `listener` with what happens from now on, soon after it has happened, and never while traffic is passed on. What it
   * throws has no effect until `stop` rejects with it.
   */
  on<Name extends keyof ProxyEvents>(name: Name, listener: Listener<ProxyEvents[Name]>): this {
    this.#listeners.add(name, listener);
    return this;
  }

  /** Calls it no more. */
  off<Name extends keyof ProxyEvents>(name: Name, listener: Listener<ProxyEvents[Name]>): this {
    this.#listeners.delete(name, listener);
    return this;
  }

  /**
   * What was judged up to here; once `stop` has resolved, all of it. What may still be excused by what comes is not in it.
   * @throws what judging has ended with, if it has
   */
  report(): RunReport {
    return this.#report ?? this.#run.reportSoFar();
  }

  // What is done to what passes. Each throws UsageError, in one line, for what cannot be done, and for a proxy that was started
  // to pass all on as it is.

  /** What is held now, the oldest first. */
  held(): readonly HeldUnit[] {
    return this.#acting.held();
  }

  /** The flows that are open. */
  flows(): readonly OpenFlow[] {
    return this.#acting.flows();
  }

  /**
   * Passes on what is held, as it is or changed, and then what waited for it.
   * @param hold `id` of a held unit @returns what is different: `mnet.acknowledged = 9999 (was 17)`; empty where nothing is
   */
  forward(hold: number, changes: HoldChanges = {}): string {
    return this.#acting.forward(hold, changes);
  }

  /** Passes nothing on in its place. */
  drop(hold: number): void {
    this.#acting.drop(hold);
  }

  /** Passes on what is held, and holds a copy, which may be passed on again. @returns the `id` of the copy */
  repeat(hold: number): number {
    return this.#acting.repeat(hold);
  }

  /** Sends one side of a flow a message of your own. @returns its bytes, framing and all */
  send(flow: number, to: 'client' | 'server', message: OwnMessage): Uint8Array {
    return this.#acting.send(flow, to, message);
  }

  /** Breaks a flow off, towards both sides. */
  abort(flow: number): void {
    this.#acting.abort(flow);
  }

  /** Injects these faults from now on, and no others; those of a scenario neither. What was in force stays where one is wrong. */
  setFaults(faults: readonly string[]): void {
    requireKinds({ faults }, { faults: 'texts' });
    this.#acting.intervention.setFaults(faults);
  }

  /** Holds what this filter matches, from now on; undefined: nothing more. What is held stays held. */
  setBreak(filter: string | undefined): void {
    requireKinds({ filter }, { filter: 'text' });
    this.#acting.intervention.setBreak(filter);
  }

  /**
   * Lets what has been sent pass (until nothing has for a tenth of a second, for at most one second), then closes every
   * connection and gives the report. What is held then is `gone`. Called again, it gives the same.
   * @throws (the promise rejects) what judging has ended with, such as a protocol's fault, or what a listener has thrown. The
   * addresses are free and the recording is whole even so.
   */
  stop(): Promise<RunReport> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** `await using proxy = await startProxy(...)` stops it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #acting(): Interception {
    if (this.#interception) return this.#interception;
    throw new UsageError(
      'this proxy passes all on as it is: start it with control: true, or with faults, scenario, attacks, enforce or breakOn',
    );
  }

  async #stop(): Promise<RunReport> {
    await this.#server.quiet();
    await this.#server.stop();
    const report = await this.#run.end();
    this.#listeners.throwProblem();
    const problem = this.#server.recording?.problem;
    this.#report =
      problem === undefined ? report : { ...report, notes: [...report.notes, `not all was recorded: ${problem}`] };
    return this.#report;
  }
}

/**
 * Starts a proxy. When it resolves, all pairs listen.
 *
 *     const proxy = await startProxy({ listen: 'udp:0', upstream: 'udp:127.0.0.1:26999', protocol: 'mnet' });
 *     await runTheSystemUnderTest({ port: proxy.port });
 *     const report = await proxy.stop();
 *
 * @throws (the promise rejects) UsageError, in one line, for an option that the command line would refuse, an address that
 * cannot be listened on, a recording that cannot be written
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  requireKinds(options, KINDS);
  const spoken = pairsOf(options);
  const pairs = spoken.map(({ listen, upstream }) => parsePair(listen, upstream));
  const record = recordingSettings({
    record: options.record,
    size: asText(options.recordSize),
    time: options.recordTime === undefined ? undefined : inMilliseconds(options.recordTime),
    keep: asText(options.recordKeep),
  });
  const { stateHome, keyLog, ...settings } = options.tls ?? {};
  requireKinds(options.tls ?? {}, TLS_KINDS);
  const tls = tlsOptions(settings, pairs, { XDG_STATE_HOME: stateHome, SSLKEYLOGFILE: keyLog });
  const names = spoken.map(({ protocol }) => protocol ?? options.protocol);
  const { analysis: understood, listing, others, configured } = await understandingOf(options);
  const usualIdle = others.get('proxy.idle') ?? USUAL_IDLE;
  const idle = parseDuration('--idle', inMilliseconds(options.idle ?? String(usualIdle)));
  const analysis = withSpoken(understood, pairs, names);
  const listeners = new Listeners<ProxyEvents>();
  const engineOptions = { ...analysis, ...listing };
  const onEvent = (event: ProxyEvent) => listeners.tell('event', event);
  const hearing = {
    onFinding: (finding: Finding) => listeners.tell('finding', finding),
    onConnection: (event: ConnectionEvent) => listeners.tell('connection', event),
    onDeed: (deed: DeedRecord) => listeners.tell('deed', deed),
    onEvent,
    // The traffic goes on, since programs depend on it; `stop` and `report` say what has happened.
    onFailure: () => {},
  };
  const asked = await interventionOf(options, configured, analysis.protocols);
  const clock = { now: wallTime, timers: new ClockTimers() };
  const intervention = isIntervention(asked) ? new Intervention(asked, engineOptions, hearing, clock) : undefined;
  intervention?.holds.watch(news => {
    if (news.kind === 'held') listeners.tell('held', news.unit);
    else listeners.tell('released', { unit: news.unit, how: news.how, note: news.note });
  });
  const run = intervention ?? new LiveRun(engineOptions, hearing);
  const server = await ProxyServer.start(
    { pairs, limits: analysis.limits, idle, record, tls, guard: intervention?.guard, now: wallTime, onEvent },
    run instanceof LiveRun ? run : run.judge,
  );
  const interception = intervention && new Interception(intervention, HeldEditing.of(analysis, pairs));
  return new RunningProxy({ server, run, interception, listeners });
}

/** What is to be done to what passes: the options, with those of the configuration where they say nothing. */
async function interventionOf(
  options: ProxyOptions,
  configured: readonly Setting[],
  protocols: readonly AnyProtocol[],
): Promise<InterventionSettings> {
  const { faults = [], attacks, breakOn, control } = options;
  const one = (option: string) => wordsOf(configured, option).at(-1);
  const path = options.scenario ?? one('scenario');
  const seed = options.seed ?? one('seed');
  return {
    faults: [...wordsOf(configured, 'fault'), ...faults],
    scenario: path === undefined ? undefined : await scenarioOf(path, protocols),
    seed: seed === undefined ? undefined : parseSeed(String(seed)),
    attacks,
    enforce: options.enforce ?? ENFORCING.find(word => word === one('enforce')),
    breakOn,
    isControlled: control,
  };
}

function pairsOf({ listen, upstream, pairs = [] }: ProxyOptions): readonly PairOptions[] {
  const whole = "name where to listen and where to connect: { listen: 'udp:0', upstream: 'udp:127.0.0.1:26999' }";
  for (const pair of pairs) {
    if (typeof pair !== 'object' || pair === null) throw new UsageError(`pairs: ${whole}`);
    requireKinds(pair, PAIR_KINDS);
    if (pair.listen === undefined || pair.upstream === undefined) throw new UsageError(`pairs: ${whole}`);
  }
  if (listen === undefined && upstream === undefined && pairs.length > 0) return pairs;
  if (listen === undefined || upstream === undefined) throw new UsageError(whole);
  return [{ listen, upstream }, ...pairs];
}

function asText(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function inMilliseconds(time: string | number): string {
  return typeof time === 'number' ? `${time}ms` : time;
}

function listening({ listen, upstream }: Pair): ListeningPair {
  const place = isPath(listen)
    ? { host: undefined, port: undefined, path: listen.path }
    : { host: listen.host, port: listen.port, path: undefined };
  return { listen: formatAddress(listen), upstream: formatAddress(upstream), ...place };
}
