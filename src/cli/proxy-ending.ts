/** When a proxy that runs by itself is to end: a signal, enough clients, silence, a time, a command that is over, a fault. */
import { wallTime } from '../clock.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import type { Host } from './host.ts';

export interface EndingConditions {
  /** Milliseconds without a packet. */
  readonly untilIdle: number | undefined;
  /** Milliseconds since the start. */
  readonly duration: number | undefined;
  /** Clients that have come and gone. */
  readonly maxConnections: number | undefined;
}

export class ProxyEnding {
  /** Resolves when it is time. */
  readonly reached: Promise<void>;
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
    this.#timer = conditions.duration === undefined ? undefined : setTimeout(() => this.#end(), conditions.duration);
    this.#dispose = host.onInterrupt(() => this.#end());
  }

  end(): void {
    this.#end();
  }

  fail(): void {
    this.hasFailed = true;
    this.#end();
  }

  /** To be called now and then. */
  look(server: ProxyServer): void {
    const { untilIdle, maxConnections } = this.#conditions;
    if (untilIdle !== undefined && wallTime() - server.lastActive >= untilIdle) this.#end();
    if (maxConnections !== undefined && server.opened >= maxConnections && server.open === 0) this.#end();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#dispose();
  }
}
