/**
 * A proxy inside a program: what `wirelint proxy` does, as an object. It takes no signal, prints nothing and ends nothing,
 * so that several stand side by side in one process; what it has open is closed by `stop`.
 */
import { wallTime } from '../clock.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import { formatAddress, isPath, type Pair, parsePair } from '../proxy/address.ts';
import { type ProxyEvent, USUAL_IDLE } from '../proxy/io/listener.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import { ProxyServer } from '../proxy/io/server.ts';
import { type TlsSettings, tlsOptions } from '../proxy/io/tls-settings.ts';
import { LiveRun } from '../proxy/live-run.ts';
import { withSpoken } from '../proxy/pair-ports.ts';
import type { RunReport } from '../report/run-report.ts';
import { parseDuration, UsageError } from '../settings/words.ts';
import { type Listener, Listeners } from './listeners.ts';
import { COMMON_KINDS, type CommonOptions, type Kinds, requireKinds, understandingOf } from './options.ts';

/**
 * Where to listen, and whom to speak to: `tcp:HOST:PORT`, `udp:HOST:PORT`, `tls:HOST:PORT`, `unix:PATH`,
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
  /** Begin another file after so many bytes: `'100MB'`, or a number. */
  readonly recordSize?: string | number | undefined;
  /** Begin another file after so long: `'1h'`, or milliseconds. */
  readonly recordTime?: string | number | undefined;
  /** Keep so many files, the newest ones. */
  readonly recordKeep?: number | undefined;
  /** Forget a client of a UDP pair that has been silent for so long: `'60s'`, which is the default, or milliseconds. */
  readonly idle?: string | number | undefined;
  /** For pairs that speak TLS on either side (`tls:HOST:PORT`). */
  readonly tls?: ProxyTlsOptions | undefined;
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
  readonly run: LiveRun;
  readonly listeners: Listeners<ProxyEvents>;
}

/** A proxy that runs. `startProxy` makes it. */
export class RunningProxy {
  /** In the order of the options. */
  readonly pairs: readonly ListeningPair[];
  readonly #server: ProxyServer;
  readonly #run: LiveRun;
  readonly #listeners: Listeners<ProxyEvents>;
  #stopped: Promise<RunReport> | undefined = undefined;
  #report: RunReport | undefined = undefined;

  constructor({ server, run, listeners }: Parts) {
    this.pairs = server.pairs.map(listening);
    this.#server = server;
    this.#run = run;
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
   * throws disturbs nobody until `stop` rejects with it.
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

  /**
   * Lets what has been sent pass (until nothing has for a tenth of a second, for at most one second), then closes every
   * connection and gives the report. Called again, it gives the same.
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
  const asked = pairsOf(options);
  const pairs = asked.map(({ listen, upstream }) => parsePair(listen, upstream));
  const record = recordingSettings({
    record: options.record,
    size: asText(options.recordSize),
    time: options.recordTime === undefined ? undefined : inMilliseconds(options.recordTime),
    keep: asText(options.recordKeep),
  });
  const { stateHome, keyLog, ...settings } = options.tls ?? {};
  requireKinds(options.tls ?? {}, TLS_KINDS);
  const tls = tlsOptions(settings, pairs, { XDG_STATE_HOME: stateHome, SSLKEYLOGFILE: keyLog });
  const names = asked.map(({ protocol }) => protocol ?? options.protocol);
  const { analysis: understood, listing, others } = await understandingOf(options);
  const usualIdle = others.get('proxy.idle') ?? USUAL_IDLE;
  const idle = parseDuration('--idle', inMilliseconds(options.idle ?? String(usualIdle)));
  const analysis = withSpoken(understood, pairs, names);
  const listeners = new Listeners<ProxyEvents>();
  const run = new LiveRun(
    { ...analysis, ...listing },
    {
      onFinding: finding => listeners.tell('finding', finding),
      onConnection: event => listeners.tell('connection', event),
      // The traffic goes on, since programs depend on it; `stop` and `report` say what has happened.
      onFailure: () => {},
    },
  );
  const onEvent = (event: ProxyEvent) => listeners.tell('event', event);
  const server = await ProxyServer.start(
    { pairs, limits: analysis.limits, idle, record, tls, now: wallTime, onEvent },
    run,
  );
  return new RunningProxy({ server, run, listeners });
}

function pairsOf({ listen, upstream, pairs = [] }: ProxyOptions): readonly PairOptions[] {
  const whole = "name where to listen and whom to speak to: { listen: 'udp:0', upstream: 'udp:127.0.0.1:26999' }";
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
