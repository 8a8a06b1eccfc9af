/**
 * A guarded relay without sockets and clocks: the test says what the two programs of a flow send and lets time pass, and
 * looks at what each of them gets, at what was recorded, and at the reports of both sides.
 */
import { protocols } from '../../dissectors/index.ts';
import type { Overseer } from '../../src/faults/passage.ts';
import type { DeedRecord } from '../../src/lint/deed.ts';
import { CLIENT, SERVER, type Side } from '../../src/proxy/ends.ts';
import { Guard } from '../../src/proxy/guard.ts';
import type { Timers } from '../../src/proxy/guarding.ts';
import { LiveCapture } from '../../src/proxy/live-capture.ts';
import { Packets } from '../../src/proxy/packets.ts';
import { Relay, type Sockets } from '../../src/proxy/relay.ts';
import { SidedRun } from '../../src/proxy/sided-run.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';

export { CLIENT, SERVER };

/** Timers that a test turns on by hand. */
export class HandTimers implements Timers {
  /** Milliseconds since the Unix epoch. */
  now = 1_700_000_000_000;
  #waiting: { readonly at: number; readonly call: () => void }[] = [];

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.now + milliseconds, call };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter(other => other !== timer);
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Lets so many milliseconds pass, calling what becomes due in its order. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter(other => other !== next);
      this.now = Math.max(this.now, next.at);
      next.call();
    }
    this.now = end;
  }
}

export interface BenchOptions {
  readonly protocol: string;
  readonly carrier?: 'stream' | 'datagrams' | 'records';
  readonly overseers?: readonly Overseer[];
  readonly engine?: Partial<EngineOptions>;
  readonly keepsMessages?: boolean;
  readonly mostWaiting?: number;
}

const CLIENT_PORT = 40_000;
const SERVER_AT = { address: '10.0.0.2', port: 7_000 };

export class GuardBench implements Sockets {
  readonly timers = new HandTimers();
  /** What a side got, piece by piece, in hex; `fin` and `rst` among it. */
  readonly got: readonly [string[], string[]] = [[], []];
  readonly deeds: DeedRecord[] = [];
  onDeed: ((deed: DeedRecord) => void) | undefined = undefined;
  readonly shortages: string[] = [];
  /** Comments of the recording, by the number of their packet. */
  readonly comments = new Map<number, string>();
  readonly run: SidedRun;
  readonly guard: Guard;
  readonly relay: Relay;
  readonly passedOn: LiveCapture;
  /** Sides that are not read for now, `FLOW SIDE`. */
  readonly paused = new Set<string>();
  hasRoom = true;
  /** Both programs end the connection as soon as something was done to it, as those do that refuse what they were given. */
  closesAtDeeds = false;
  readonly #carrier: NonNullable<BenchOptions['carrier']>;
  #flows = 0;

  constructor(options: BenchOptions) {
    const { protocol, carrier = 'stream', overseers = [], engine, keepsMessages, mostWaiting } = options;
    const now = () => this.timers.now;
    const transport = carrier === 'datagrams' ? 'udp' : 'tcp';
    this.#carrier = carrier;
    this.run = new SidedRun(
      {
        ...DEFAULT_ENGINE_OPTIONS,
        protocols,
        decodeAs: [{ transport, from: SERVER_AT.port, to: SERVER_AT.port, protocol }],
        ...engine,
      },
      {
        onFailure: error => {
          throw error;
        },
      },
    );
    this.guard = new Guard({
      views: this.run,
      overseers,
      keepsMessages: () => keepsMessages ?? true,
      mostWaiting: mostWaiting ?? 1_000_000,
      now,
      timers: this.timers,
      onDeed: deed => {
        this.deeds.push(deed);
        this.onDeed?.(deed);
      },
      onShortage: message => this.shortages.push(message),
    });
    this.passedOn = new LiveCapture({
      path: 'proxy',
      now,
      sinks: [
        frame => {
          if (frame.comment !== '') this.comments.set(frame.number, frame.comment);
        },
      ],
    });
    this.guard.passedOn = this.passedOn;
    this.relay = new Relay({
      sockets: this,
      packets: new Packets(false),
      emit: (frame, pair, comment) => this.passedOn.frame(frame, pair, comment),
      mayRead: () => true,
      now,
      guard: this.guard.course,
    });
  }

  /** A client comes, and its server is there. @returns the flow's number, from 1 */
  connect(): number {
    const client = { address: '10.0.0.1', port: CLIENT_PORT + ++this.#flows };
    const id = this.relay.open({ pair: 0, client, listen: SERVER_AT, keepsRecords: this.#carrier === 'records' });
    if (this.#carrier !== 'datagrams') this.relay.connected(id, SERVER_AT);
    return id;
  }

  /** How many there were. */
  get flows(): number {
    return this.#flows;
  }

  say(side: Side, bytes: Uint8Array, flow = 1): this {
    if (this.#carrier === 'datagrams') this.relay.datagram(flow, side, bytes, SERVER_AT);
    else this.relay.data(flow, side, bytes);
    this.timers.pass(1);
    if (this.closesAtDeeds && this.deeds.length > 0) this.close(flow);
    return this;
  }

  /** Both programs end. */
  close(flow: number): void {
    for (const side of [CLIENT, SERVER]) this.relay.ended(flow, side);
    this.relay.close(flow);
  }

  /** The reports of both sides, when both programs have ended. */
  async over(flow = 1): Promise<readonly [client: RunReport, server: RunReport]> {
    this.close(flow);
    return this.run.end();
  }

  // Sockets

  send(_flow: number, to: Side, bytes: Uint8Array): boolean {
    this.got[to].push(Buffer.from(bytes).toString('hex'));
    return this.hasRoom;
  }

  end(_flow: number, to: Side): void {
    this.got[to].push('fin');
  }

  reset(_flow: number, to: Side): void {
    this.got[to].push('rst');
  }

  pause(flow: number, side: Side): void {
    this.paused.add(`${flow} ${side}`);
  }

  resume(flow: number, side: Side): void {
    this.paused.delete(`${flow} ${side}`);
  }
}
