/**
 * The proxy put together: listeners around the relay, what passes as a capture, the recording. Knows nothing of
 * protocols: who judges is handed each packet. Nothing here belongs to the process, so that several live side by side.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureFacts, Frame } from '../../capture/source.ts';
import type { NamedInterface } from '../../capture/writer.ts';
import { type Address, formatAddress, isPath, type Pair } from '../address.ts';
import type { Guard } from '../guard.ts';
import { LiveCapture } from '../live-capture.ts';
import { LINKTYPE_RAW, Packets } from '../packets.ts';
import { type ClientNews, Relay } from '../relay.ts';
import { Credentials, isTls, type TlsOptions } from './credentials.ts';
import { DatagramListener } from './datagrams.ts';
import { SocketTable } from './flow-sockets.ts';
import type { Listener, ListenerContext, ProxyEvent } from './listener.ts';
import { Recording } from './recording.ts';
import { RecordListener } from './records.ts';
import type { RecordingSettings } from './rotation.ts';
import { openPlain } from './stream-opening.ts';
import { StreamListener } from './streams.ts';
import { openTls } from './tls.ts';

export interface ProxyLimits {
  /** Flows at once. */
  readonly 'proxy-flows': number;
  /** Bytes that may wait for one side of a flow. */
  readonly 'proxy-bytes': number;
  /** Bytes that may wait for the recording's disk. */
  readonly 'recording-bytes': number;
}

export interface ServerOptions {
  readonly pairs: readonly Pair[];
  readonly limits: ProxyLimits;
  /** Milliseconds after which a silent client of a UDP pair is forgotten. */
  readonly idle: number;
  readonly record?: RecordingSettings | undefined;
  /** For pairs that speak TLS on either side. */
  readonly tls?: TlsOptions | undefined;
  /** Watches over what passes, if it is not simply passed on. */
  readonly guard?: Guard | undefined;
  /** Milliseconds since the Unix epoch, with a fraction as fine as the clock has it. */
  readonly now: () => number;
  /** Something about the proxy itself. */
  readonly onEvent: (event: ProxyEvent) => void;
  /** A client has come, or has gone. */
  readonly onClient?: ((news: ClientNews) => void) | undefined;
}

/** Gets each packet of the traffic once it was forwarded and recorded. */
export interface FrameJudge {
  /** Whether packets are kept, to be read by others: they need their checksums. */
  readonly keeps?: boolean;
  /** So much waits for it that those who can wait should send no more, until `caughtUp` of the server is called. */
  readonly isBehind?: boolean;
  /** @param facts of what passes; they grow @param interfaces of the packets, by their numbers */
  begin(facts: CaptureFacts, interfaces: readonly NamedInterface[]): void;
  frame(frame: Frame): void;
  /** Called now and then, for what takes time beside the traffic. */
  settle?(): void;
}

interface Parts {
  readonly guard: Guard | undefined;
  readonly capture: LiveCapture;
  readonly recording: Recording | undefined;
  readonly relay: Relay;
  readonly table: SocketTable;
  readonly credentials: Credentials | undefined;
}

/** Milliseconds between two looks at what time has done. */
const TICK = 50;
/** Milliseconds in which nothing must have passed for the proxy to be quiet, how long that is waited for, and how often looked at. */
const QUIET = 100;
const MOST_QUIET_WAIT = 1_000;
const QUIET_LOOK = 25;

export class ProxyServer {
  /** Where it listens and whom it speaks to, with the ports that were chosen. */
  readonly pairs: readonly Pair[];
  /** Flows since the start. */
  opened = 0;
  /** When something last passed, or a flow came or went: milliseconds since the Unix epoch. */
  lastActive: number;
  readonly capture: LiveCapture;
  readonly recording: Recording | undefined;
  readonly #relay: Relay;
  readonly #table: SocketTable;
  readonly #credentials: Credentials | undefined;
  readonly #guard: Guard | undefined;
  readonly #listeners: readonly Listener[];
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  readonly #judge: FrameJudge;
  #stopped: Promise<void> | undefined = undefined;

  private constructor({ pairs, now }: ServerOptions, judge: FrameJudge, parts: Parts, listeners: readonly Listener[]) {
    this.pairs = pairs.map(({ upstream }, index) => ({ listen: listeners[index].address, upstream }));
    this.capture = parts.capture;
    this.recording = parts.recording;
    this.#relay = parts.relay;
    this.#table = parts.table;
    this.#credentials = parts.credentials;
    this.#guard = parts.guard;
    this.#listeners = listeners;
    this.#now = now;
    this.#judge = judge;
    this.lastActive = now();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /**
   * Listens on all pairs, or on none.
   * @throws UsageError what cannot be listened on or recorded to
   */
  static async start(options: ServerOptions, judge: FrameJudge): Promise<ProxyServer> {
    const { pairs, record, limits, now, guard } = options;
    const table = new SocketTable();
    const recording = record && recordingOf(options, record, () => relay.caughtUp());
    const note = () => {
      if (server) server.lastActive = now();
    };
    const judged = (frame: Frame) => judge.frame(frame);
    const sinks = recording ? [(frame: Frame) => recording.frame(frame), judged] : [judged];
    const capture = new LiveCapture({ path: record?.path ?? 'proxy', now, sinks: [...sinks, note] });
    if (guard) guard.passedOn = capture;
    judge.begin(capture.facts, interfacesOf(pairs));
    const relay = new Relay({
      sockets: table,
      packets: new Packets(recording !== undefined || judge.keeps === true),
      emit: (frame, pair, comment) => capture.frame(frame, pair, comment),
      mayRead: () => !recording?.isBehind && !judge.isBehind,
      now,
      guard: guard?.course,
      onClient: options.onClient,
    });
    const onFlows = () => {
      if (!server) return;
      server.lastActive = now();
      server.opened = relay.opened;
    };
    let server: ProxyServer | undefined;
    const credentials = await Credentials.open(options.tls, pairs, now, options.onEvent);
    const listeners: Listener[] = [];
    try {
      for (const [pair, { listen, upstream }] of pairs.entries()) {
        const context: ListenerContext = {
          pair,
          upstream,
          relay,
          table,
          mostWaiting: limits['proxy-bytes'],
          mostFlows: limits['proxy-flows'],
          idle: options.idle,
          now,
          onEvent: options.onEvent,
          onFlows,
        };
        listeners.push(await listenOn(listen, context, credentials));
      }
      // Last, as it overwrites what is there; until then the recording keeps what passes.
      await recording?.open();
    } catch (error) {
      await Promise.all([...listeners.map(listener => listener.close()), credentials?.close()]);
      throw error;
    }
    server = new ProxyServer(options, judge, { capture, recording, relay, table, credentials, guard }, listeners);
    return server;
  }

  /** Flows that are open. */
  get open(): number {
    return this.#relay.size;
  }

  /** The reader of the traffic was behind, and can take more. */
  caughtUp(): void {
    this.#relay.caughtUp();
  }

  /** Takes no more clients; flows that are open go on. */
  drain(): void {
    for (const listener of this.#listeners) listener.stop();
  }

  /**
   * Resolves when what peers have sent until now has passed, as far as can be known: nothing came for a moment. For
   * peers that never pause it waits no longer than a second.
   */
  async quiet(): Promise<void> {
    const until = this.#now() + MOST_QUIET_WAIT;
    // What a peer has only just sent is seen when the loop comes round.
    do await delay(QUIET_LOOK);
    while (this.#now() < until && this.#now() - this.lastActive < QUIET);
  }

  /** Ends everything. Resolves when the addresses are free and the recording is whole. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#relay.stop();
    this.#guard?.stop();
    const closing = this.#listeners.map(listener => listener.close());
    for (const flow of [...this.#table.all()]) flow.destroy();
    await Promise.all([...closing, this.recording?.close(this.capture.takeNotes()), this.#credentials?.close()]);
  }

  #tick(): void {
    const now = this.#now();
    for (const listener of this.#listeners) listener.tick(now);
    this.#judge.settle?.();
  }
}

function recordingOf(
  { pairs, limits, now, onEvent }: ServerOptions,
  { path, rotation }: RecordingSettings,
  onCaughtUp: () => void,
): Recording {
  return new Recording({
    path,
    rotation,
    interfaces: interfacesOf(pairs),
    mostWaiting: limits['recording-bytes'],
    now,
    onProblem: reason => onEvent({ kind: 'recording', message: `${path}: ${reason}; the traffic goes on unrecorded` }),
    onCaughtUp,
  });
}

function interfacesOf(pairs: readonly Pair[]): readonly NamedInterface[] {
  return pairs.map(({ listen, upstream }) => ({
    linkType: LINKTYPE_RAW,
    name: formatAddress(isPath(upstream) || !isPath(listen) ? upstream : listen),
    description: `wirelint proxy, ${formatAddress(listen)} to ${formatAddress(upstream)}`,
  }));
}

function listenOn(listen: Address, context: ListenerContext, credentials: Credentials | undefined): Promise<Listener> {
  const { upstream } = context;
  switch (listen.scheme) {
    case 'udp':
      return DatagramListener.listen(listen, context);
    case 'tcp':
    case 'tls':
    case 'unix':
      return StreamListener.listen(listen, context, bound =>
        isTls(listen) || isTls(upstream)
          ? openTls({ listen: bound, upstream }, needed(credentials))
          : openPlain(upstream),
      );
    case 'unix-seqpacket':
      return RecordListener.listen(listen, context);
  }
}

function needed(credentials: Credentials | undefined): Credentials {
  if (!credentials) throw new Error('a pair that speaks TLS, and no options for it');
  return credentials;
}
