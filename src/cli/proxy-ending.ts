/** When to end a running proxy: a signal, enough clients, silence, a time, a command that is over, a fault. */
import { wallTime } from '../clock.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import { counted } from '../report/numbers.ts';
import type { Host } from './host.ts';

export interface EndingConditions {
  /** Milliseconds without a packet. */
  readonly untilIdle: number | undefined;
  /** Milliseconds since the start. */
  readonly duration: number | undefined;
  /** Clients that have come and gone. */
  readonly maxConnections: number | undefined;
}

const DURATION_OVER = 'the time of --duration is over';

export class ProxyEnding {
  /** Resolves when it is time. */
  readonly reached: Promise<void>;
  isReached = false;
  /** Why it ends, as a clause. */
  reason = 'stopped';
  /** By a signal. */
  isInterrupted = false;
  /** Judging has come to its end by a fault of ours. */
  hasFailed = false;
  readonly #conditions: EndingConditions;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #dispose: () => void;
  #end: () => void = () => {};

  constructor(host: Host, conditions: EndingConditions) {
    this.reached = new Promise(resolve => {
      this.#end = resolve;
    });
    this.#conditions = conditions;
    const { duration } = conditions;
    this.#timer = duration === undefined ? undefined : setTimeout(() => this.end(DURATION_OVER), duration);
    this.#dispose = host.onInterrupt(() => {
      this.isInterrupted = true;
      this.end('interrupted');
    });
  }

  end(reason: string): void {
    if (!this.isReached) this.reason = reason;
    this.isReached = true;
    this.#end();
  }

  fail(): void {
    this.hasFailed = true;
    this.end('nothing is judged any more');
  }

  /** To be called now and then. */
  look(server: ProxyServer): void {
    const { untilIdle, maxConnections } = this.#conditions;
    if (untilIdle !== undefined && wallTime() - server.lastActive >= untilIdle)
      this.end(`nothing has passed for ${untilIdle} ms`);
    if (maxConnections !== undefined && server.opened >= maxConnections && server.open === 0)
      this.end(`${counted(maxConnections, 'client')} ${maxConnections === 1 ? 'has' : 'have'} come and gone`);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#dispose();
  }
}
