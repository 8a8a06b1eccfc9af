/** Plays one side of a recorded conversation against a live peer: what `wirelint replay` does, as a function. */
import { openBytes, openCapture } from '../capture/open.ts';
import { wallTime } from '../clock.ts';
import { Engine } from '../engine.ts';
import { formatAddress } from '../proxy/address.ts';
import type { ProxyEvent } from '../proxy/io/listener.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import { tlsOptions } from '../proxy/io/tls-settings.ts';
import { readThrough } from '../reading.ts';
import { blamingThePeer, withDepartures } from '../replay/blame.ts';
import { LiveReplay } from '../replay/io/live-replay.ts';
import type { Counts } from '../replay/player.ts';
import { Scribe } from '../replay/scribe.ts';
import { pairOf, type ReplayWords, replaySettings, requireReplayable, USUAL_TIMEOUT } from '../replay/settings.ts';
import type { Departure } from '../report/departure.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import type { Capture } from './check.ts';
import { COMMON_KINDS, type CommonOptions, type Kinds, requireKinds, understandingOf } from './options.ts';
import { type ProxyTlsOptions, TLS_KINDS } from './proxy.ts';

export interface ReplayOptions extends CommonOptions {
  /** Which side of the recording is played; the client by default. */
  readonly as?: 'client' | 'server' | undefined;
  /** The live server, for a client: `tcp:127.0.0.1:1883`. */
  readonly to?: string | undefined;
  /** Where a server listens for the live client: `tcp:0`. */
  readonly listen?: string | undefined;
  /** Numbers of connections, as reports of the recording have them; all by default. */
  readonly connection?: readonly number[] | undefined;
  /** Times as fast as recorded: 1 by default, `'max'` without pauses. */
  readonly speed?: number | string | undefined;
  /** How long the peer may take for what is expected: `'5s'`, which is the default, or milliseconds. */
  readonly timeout?: number | string | undefined;
  /** Go on with a conversation in which something did not come. */
  readonly keepGoing?: boolean | undefined;
  /** Fields of the peer that are not compared, or what is in them: `['CONNACK.properties', '*.payload']`. */
  readonly ignore?: readonly string[] | undefined;
  /** Path of a pcapng file for the live traffic. What is there is overwritten. */
  readonly record?: string | undefined;
  /** Where the address speaks TLS. */
  readonly tls?: ProxyTlsOptions | undefined;
  /** Called once a server listens, with its address as `listen` would have it. */
  readonly onListening?: ((address: string) => void) | undefined;
  /** Breaks the replay off. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReplayOutcome {
  /** Of the live traffic: what the live peer broke, without what was replayed; with the departures. */
  readonly report: RunReport;
  /** Where the live conversation went another way than the recorded one. */
  readonly departures: readonly Departure[];
  readonly counts: Counts;
  /** What of the recording could not be replayed, and what became of the sockets, a line each. */
  readonly remarks: readonly string[];
}

const KINDS: Kinds<ReplayOptions> = {
  ...COMMON_KINDS,
  as: ['client', 'server'],
  to: 'text',
  listen: 'text',
  connection: 'list',
  speed: 'text or number',
  timeout: 'text or number',
  keepGoing: 'flag',
  ignore: 'texts',
  record: 'text',
  tls: 'settings',
  onListening: 'function',
  signal: 'settings',
};

/**
 * Replays a recording.
 *
 *     const { report, departures } = await replay('session.pcap', { to: 'tcp:127.0.0.1:1883', speed: 'max' });
 *     report.summary.errors;   // 0: what the live peer broke
 *     departures;              // []: it went as it was recorded
 *
 * @throws (the promise rejects) UsageError for an option that the command line would refuse, an address that cannot be
 * listened on, and a recording with nothing to replay; CaptureError, in one line, for what cannot be opened or is no capture
 */
export async function replay(capture: Capture, options: ReplayOptions): Promise<ReplayOutcome> {
  requireKinds(options, KINDS);
  if (typeof capture !== 'string' && !(capture instanceof Uint8Array))
    throw new UsageError('replay: a capture is a path, or a Uint8Array with its bytes');
  const { as: role = 'client', to, listen, connection, ignore, keepGoing = false, record } = options;
  const words: ReplayWords = { role, to, listen, connections: connection?.map(String), ignore, ...timesOf(options) };
  const settings = replaySettings(words);
  const { stateHome, keyLog, ...tlsSettings } = options.tls ?? {};
  requireKinds(options.tls ?? {}, TLS_KINDS);
  const tls = tlsOptions(tlsSettings, [pairOf(settings)], { XDG_STATE_HOME: stateHome, SSLKEYLOGFILE: keyLog });
  const { analysis, listing } = await understandingOf(options);
  const reader = new Engine({ ...analysis, ...listing });
  const scribe = new Scribe(reader, analysis.dialects, settings.wanted);
  await readThrough(await (typeof capture === 'string' ? openCapture(capture) : openBytes(capture)), reader);
  const script = scribe.script(role);
  requireReplayable(script, settings);
  const events: ProxyEvent[] = [];
  const live = new LiveReplay({
    script,
    ...settings,
    engine: { ...analysis, ...listing, capture: 'auto', maxFindings: Number.MAX_SAFE_INTEGER },
    tls,
    record: recordingSettings({ record, size: undefined, time: undefined, keep: undefined }),
    keepGoing,
    now: wallTime,
    onEvent: event => events.length < MOST_EVENTS && events.push(event),
    onListening: address => options.onListening?.(formatAddress(address)),
  });
  const stop = () => live.stop('the replay was stopped');
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const { report: whole, departures, omitted, counts, own } = await live.play();
    const report = withDepartures(blamingThePeer(whole, own, listing), departures, omitted);
    const remarks = [...script.remarks, ...events.map(({ message }) => message)];
    return { report, departures, counts, remarks };
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Lines about sockets that are kept. */
const MOST_EVENTS = 100;

function timesOf({ speed = 1, timeout = USUAL_TIMEOUT }: ReplayOptions): Pick<ReplayWords, 'speed' | 'timeout'> {
  return { speed: String(speed), timeout: typeof timeout === 'number' ? `${timeout}ms` : timeout };
}
