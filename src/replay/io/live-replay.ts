/**
 * A replay put together: sockets to the live peer, the player, and between them what the proxy has, too: what passes as
 * packets, their recording, and the engine that judges them. The relay stands between the player and the peer as it does
 * between a client and a server, so that a replay and the proxy's traffic are one path.
 */
import type { CaptureFacts, Frame } from '../../capture/source.ts';
import type { Engine } from '../../engine.ts';
import type { Finding } from '../../lint/finding.ts';
import type { ConnectionEvent } from '../../protocol/connections.ts';
import type { SeenMessage } from '../../protocol/protocol.ts';
import { type Address, formatAddress } from '../../proxy/address.ts';
import {
  CLIENT,
  endsOf,
  otherSide,
  printedEnd,
  SERVER,
  type Side,
  type SocketAddress,
  unixClient,
  unixServer,
} from '../../proxy/ends.ts';
import { Credentials, type TlsOptions } from '../../proxy/io/credentials.ts';
import { type FlowSockets, SocketTable } from '../../proxy/io/flow-sockets.ts';
import type { ProxyEvent } from '../../proxy/io/listener.ts';
import { Recording } from '../../proxy/io/recording.ts';
import type { RecordingSettings } from '../../proxy/io/rotation.ts';
import { LiveCapture } from '../../proxy/live-capture.ts';
import { LiveRun } from '../../proxy/live-run.ts';
import { LINKTYPE_RAW, Packets } from '../../proxy/packets.ts';
import { withSpoken } from '../../proxy/pair-ports.ts';
import { Relay } from '../../proxy/relay.ts';
import type { Departure } from '../../report/departure.ts';
import type { RunReport } from '../../report/run-report.ts';
import type { FlowListener } from '../../run/flow-listener.ts';
import type { EngineOptions } from '../../run/options.ts';
import { type Counts, Player, type Stage } from '../player.ts';
import type { Script } from '../script.ts';
import { type Connect, connecting } from './connecting.ts';
import { listening, type Waiting } from './listening.ts';
import type { Plug, PlugEnds, PlugNews } from './plug.ts';

export interface LiveReplayOptions {
  readonly script: Script;
  /** Whom the client is played to, or where the server that is played listens. */
  readonly address: Address;
  readonly engine: EngineOptions;
  /** Where the address speaks TLS. */
  readonly tls: TlsOptions | undefined;
  readonly record: RecordingSettings | undefined;
  readonly speed: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly keepGoing: boolean;
  /** Fields of the peer that are not compared. */
  readonly ignored: readonly string[];
  /** Milliseconds since the Unix epoch, with a fraction as fine as the clock has it. */
  readonly now: () => number;
  readonly onEvent: (event: ProxyEvent) => void;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  readonly onConnection?: ((event: ConnectionEvent) => void) | undefined;
  /** Called with the engine before it judges anything. */
  readonly watch?: ((engine: Engine) => void) | undefined;
  /** The played server listens there; waited for. */
  readonly onListening?: ((address: Address) => void | Promise<void>) | undefined;
}

export interface Replayed {
  /** Of the live traffic. */
  readonly report: RunReport;
  readonly departures: readonly Departure[];
  /** Departures beyond the bound. */
  readonly omitted: number;
  readonly counts: Counts;
  /** Ends of ours, printed. */
  readonly own: ReadonlySet<string>;
  /** Why not all was recorded. */
  readonly recordingProblem: string | undefined;
}

/** Milliseconds between two looks at what takes time beside the traffic. */
const TICK = 50;

interface LiveFlow {
  /** The relay's number. */
  readonly id: number;
  readonly plug: Plug;
  /** Where the server of the flow is. */
  readonly server: SocketAddress | undefined;
}

export class LiveReplay {
  /** Ends of ours so far, printed: what they are at fault for was recorded so. */
  readonly ownEnds = new Set<string>();
  readonly #options: LiveReplayOptions;
  readonly #player: Player;
  readonly #relay: Relay;
  readonly #table = new SocketTable();
  readonly #capture: LiveCapture;
  readonly #recording: Recording | undefined;
  readonly #own: Side;
  /** By conversation. */
  readonly #flows = new Map<number, LiveFlow>();
  /** By conversation whose peer is being reached: what ends that. */
  readonly #abandons = new Map<number, () => void>();
  #run: LiveRun | undefined = undefined;
  #connect: Connect | undefined = undefined;
  #waiting: Waiting | undefined = undefined;
  #credentials: Credentials | undefined = undefined;
  /** Conversation whose bytes pass now; -1 between. */
  #current = -1;
  /** Clients that have come. */
  #clients = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  #finish: () => void = () => {};

  constructor(options: LiveReplayOptions) {
    const { script, record, now, speed, timeout, keepGoing, ignored, engine, address } = options;
    this.#options = options;
    this.#own = script.role === 'client' ? CLIENT : SERVER;
    const recording = record && this.#recordingOf(record);
    const judged = (frame: Frame) => this.#run?.frame(frame);
    const sinks = recording ? [(frame: Frame) => recording.frame(frame), judged] : [judged];
    this.#recording = recording;
    const path = record?.path ?? `replay ${formatAddress(address)}`;
    this.#capture = new LiveCapture({ path, now, sinks, description: 'live, replayed' });
    this.#relay = new Relay({
      sockets: this.#table,
      packets: new Packets(recording !== undefined),
      emit: (frame, pair, comment) => this.#capture.frame(frame, pair, comment),
      mayRead: () => !recording?.isBehind,
      now,
    });
    const keepsApart = address.scheme === 'unix-seqpacket';
    const play = { speed, timeout, keepGoing, ignored, keepsApart, seed: engine.seed, now };
    this.#player = new Player(script, play, this.#stage());
  }

  /**
   * Plays to the end.
   * @throws (the promise rejects) UsageError for what cannot be listened on, looked up or recorded to; what judging ended with
   */
  async play(): Promise<Replayed> {
    await this.#open();
    const beat = setInterval(() => this.#run?.settle(), TICK);
    try {
      await new Promise<void>(resolve => {
        this.#finish = resolve;
        this.#pump();
      });
    } finally {
      clearInterval(beat);
      clearTimeout(this.#timer);
      await this.#close();
    }
    const report = await this.#run!.end();
    const { departures, omitted, counts } = this.#player;
    return {
      report,
      departures,
      omitted,
      counts,
      own: this.ownEnds,
      recordingProblem: this.#recording?.problem,
    };
  }

  /** Of the live traffic; they grow. */
  get facts(): CaptureFacts {
    return this.#capture.facts;
  }

  /** Breaks the replay off. @param reason a clause */
  stop(reason: string): void {
    this.#player.stop(reason);
    this.#pump();
  }

  async #open(): Promise<void> {
    const { address, tls, now, onEvent, script, onListening } = this.#options;
    const isClient = script.role === 'client';
    const nowhere: Address = { scheme: 'tcp', host: '127.0.0.1', port: 0 };
    const pair = isClient ? { listen: nowhere, upstream: address } : { listen: address, upstream: nowhere };
    this.#credentials = await Credentials.open(tls, [pair], now, onEvent);
    try {
      if (isClient) this.#connect = await connecting(address, this.#credentials);
      else this.#waiting = await listening(address, this.#credentials, () => this.#accept());
      await this.#recording?.open();
      this.#judge(this.#waiting?.address ?? address);
      if (this.#waiting) await onListening?.(this.#waiting.address);
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** The engine takes what passes for what was recorded. */
  #judge(server: Address): void {
    const { engine, script, onFinding, onConnection } = this.#options;
    const names = script.conversations.slice(0, 1).map(({ protocol }) => protocol.id);
    const options = withSpoken(engine, [{ listen: server, upstream: server }], names);
    const run = new LiveRun(options, {
      ...(onFinding && { onFinding }),
      ...(onConnection && { onConnection }),
      onFailure: () => this.#player.stop('nothing is judged any more'),
    });
    run.engine.onFlow = this.#listener();
    this.#options.watch?.(run.engine);
    run.begin(this.#capture.facts);
    this.#run = run;
  }

  #listener(): FlowListener {
    const ignore = () => {};
    return {
      preface: ignore,
      bytes: ignore,
      lost: ignore,
      uncut: ignore,
      ended: ignore,
      reset: ignore,
      closed: ignore,
      message: (_, side, seen) => this.#message(side, seen),
    };
  }

  /** @param side end 0 of a flow is who has sent its first packet, and that is always the client */
  #message(side: number, seen: SeenMessage): void {
    if (side !== this.#own && this.#current >= 0) this.#player.heard(this.#current, seen);
  }

  #stage(): Stage {
    return {
      open: flow => {
        const abandon = this.#connect?.(this.#news(flow));
        if (abandon) this.#abandons.set(flow, abandon);
      },
      send: (flow, bytes) => this.#pass(flow, this.#own, bytes),
      end: flow => this.#during(flow, ({ id }) => this.#relay.ended(id, this.#own)),
      reset: flow => {
        this.#during(flow, ({ id }) => this.#relay.broken(id, this.#own));
        this.#drop(flow);
      },
      close: flow => this.#drop(flow),
    };
  }

  #accept(): PlugNews | undefined {
    const { script, onEvent } = this.#options;
    const flow = this.#clients++;
    if (flow < script.conversations.length && !this.#player.isOver) return this.#news(flow);
    onEvent({ kind: 'limit', message: 'a client more than were recorded was sent away' });
    return undefined;
  }

  #news(flow: number): PlugNews {
    const peer = otherSide(this.#own);
    const unlessOver = (what: (live: LiveFlow) => void) => {
      this.#during(flow, what);
      this.#pump();
    };
    return {
      opened: (plug, ends) => this.#opened(flow, plug, ends),
      failed: reason => {
        this.#player.refused(flow, reason);
        this.#pump();
      },
      data: bytes => {
        this.#player.received(flow, bytes);
        this.#pass(flow, peer, bytes);
        this.#pump();
      },
      drained: () => unlessOver(({ id }) => this.#relay.drained(id, peer)),
      ended: () => {
        this.#during(flow, ({ id }) => this.#relay.ended(id, peer));
        this.#player.ended(flow, 'fin');
        this.#pump();
      },
      broken: () => {
        this.#during(flow, ({ id }) => this.#relay.broken(id, peer));
        this.#player.ended(flow, 'reset');
        this.#pump();
      },
      unreachable: length => {
        this.#during(flow, ({ id }) => this.#relay.unreachable(id, length));
        this.#player.refused(flow, `${formatAddress(this.#options.address)}: nobody listens there`);
        this.#pump();
      },
    };
  }

  #opened(flow: number, plug: Plug, { local, remote, comment }: PlugEnds): void {
    if (this.#player.isOver) {
      plug.destroy();
      return;
    }
    this.#abandons.delete(flow);
    const isClient = this.#own === CLIENT;
    const [client, server] = isClient ? [local, remote] : [remote, local];
    const id = this.#relay.open({ pair: 0, client, listen: undefined });
    this.#flows.set(flow, { id, plug, server });
    this.#table.add(
      id,
      socketsOf(plug, this.#own, isHeldUp => this.#player.heldUp(flow, isHeldUp)),
    );
    this.ownEnds.add(printedEnd(endsOf(client ?? unixClient(id), server ?? unixServer(0)), this.#own));
    if (this.#isStream) this.#during(flow, () => this.#relay.connected(id, server, comment));
    this.#player.opened(flow);
    this.#pump();
  }

  get #isStream(): boolean {
    return this.#options.address.scheme !== 'udp';
  }

  #pass(flow: number, from: Side, bytes: Uint8Array): void {
    this.#during(flow, ({ id, server }) => {
      if (this.#isStream) this.#relay.data(id, from, bytes);
      else if (server) this.#relay.datagram(id, from, bytes, server);
    });
  }

  #during(flow: number, what: (live: LiveFlow) => void): void {
    const live = this.#flows.get(flow);
    if (!live) return;
    this.#current = flow;
    what(live);
    this.#current = -1;
  }

  #drop(flow: number): void {
    this.#abandons.get(flow)?.();
    this.#abandons.delete(flow);
    const live = this.#flows.get(flow);
    if (!live) return;
    this.#flows.delete(flow);
    live.plug.destroy();
    this.#table.delete(live.id);
    this.#relay.close(live.id);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    const wake = this.#player.advance();
    if (wake !== undefined)
      this.#timer = setTimeout(() => this.#pump(), Math.min(Math.max(0, wake - this.#options.now()), LONGEST_SLEEP));
    else this.#finish();
  }

  async #close(): Promise<void> {
    for (const flow of [...this.#flows.keys(), ...this.#abandons.keys()]) this.#drop(flow);
    await Promise.all([this.#waiting?.close(), this.#recording?.close(), this.#credentials?.close()]);
  }

  #recordingOf({ path, rotation }: RecordingSettings): Recording {
    const { address, engine, now, onEvent, script } = this.#options;
    const name = formatAddress(address);
    return new Recording({
      path,
      rotation,
      interfaces: [{ linkType: LINKTYPE_RAW, name, description: `wirelint replay as ${script.role}, ${name}` }],
      mostWaiting: engine.limits['recording-bytes'],
      now,
      onProblem: reason => onEvent({ kind: 'recording', message: `${path}: ${reason}; the replay goes on unrecorded` }),
      onCaughtUp: () => {
        this.#relay.caughtUp();
        this.#pump();
      },
    });
  }
}

/** What a timer takes. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * The relay's two sockets of a flow: the peer's, and the player, who has no socket.
 * @param holdUp called when the player is to say no more for now, and when it may again
 */
function socketsOf(plug: Plug, own: Side, holdUp: (isHeldUp: boolean) => void): FlowSockets {
  const isPeer = (side: Side) => side !== own;
  return {
    send: (to, bytes) => (isPeer(to) ? plug.send(bytes) : true),
    end: to => {
      if (isPeer(to)) plug.end();
    },
    reset: to => {
      if (isPeer(to)) plug.reset();
    },
    pause: side => {
      if (isPeer(side)) plug.pause();
      else holdUp(true);
    },
    resume: side => {
      if (isPeer(side)) plug.resume();
      else holdUp(false);
    },
    destroy: () => plug.destroy(),
  };
}
