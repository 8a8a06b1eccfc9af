/**
 * What a command line of `proxy` asks to be done to what passes, and the control socket by which that may be changed: checked
 * before anything listens.
 */
import { wallTime } from '../clock.ts';
import { parseSeed } from '../faults/seed.ts';
import { HeldEditing } from '../held-editing.ts';
import {
  Intervention,
  type InterventionListeners,
  type InterventionSettings,
  isIntervention,
  scenarioOf,
} from '../intervention.ts';
import { formatAddress } from '../proxy/address.ts';
import { controlPath } from '../proxy/io/control-socket.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import { ClockTimers } from '../proxy/io/timers.ts';
import type { PairNames } from '../report/live-json.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import { ProxyControl } from './proxy-control.ts';
import type { ProxyArguments } from './proxy-options.ts';
import type { ProxySetup } from './proxy-setup.ts';

/** Who hears of what is done. */
export interface ProxyNews extends Omit<InterventionListeners, 'onDeed'> {
  readonly onDeed: NonNullable<InterventionListeners['onDeed']>;
  /** Ends the proxy, for who asks it on the control socket. */
  readonly stop: () => void;
  /** A command on the control socket has thrown what is no fault of its client's. */
  readonly onFault: (error: unknown) => void;
}

export class ProxyIntervention {
  readonly intervention: Intervention;
  readonly editing: HeldEditing;
  readonly #path: string | undefined;
  readonly #news: ProxyNews;
  readonly #program: Program;
  #server: ProxyServer | undefined = undefined;
  #control: ProxyControl | undefined = undefined;
  /** What commands have thrown that is no fault of their clients'. */
  readonly #faults: unknown[] = [];

  private constructor(
    settings: InterventionSettings,
    setup: ProxySetup,
    args: ProxyArguments,
    news: ProxyNews,
    program: Program,
  ) {
    this.#path = args.control === undefined ? undefined : controlPath(args.control);
    this.#news = news;
    const { dialects } = setup.engineOptions;
    this.editing = HeldEditing.of({ protocols: program.protocols, dialects }, setup.pairs);
    this.#program = program;
    this.intervention = new Intervention(
      settings,
      setup.engineOptions,
      {
        ...news,
        onFinding: finding => {
          news.onFinding?.(finding);
          this.#control?.finding(finding);
        },
        onConnection: event => {
          news.onConnection?.(event);
          this.#control?.connection(event);
        },
        onDeed: deed => {
          news.onDeed(deed);
          this.#control?.deed(deed);
        },
      },
      { now: wallTime, timers: new ClockTimers() },
    );
  }

  /**
   * Undefined where nothing is asked for.
   * @throws UsageError for what cannot be done, or for holds that nobody could forward
   */
  static async of(
    args: ProxyArguments,
    setup: ProxySetup,
    news: ProxyNews,
    program: Program,
  ): Promise<ProxyIntervention | undefined> {
    const { fault: faults, attack: attacks, enforce, 'break-on': breakOn, control, inspect } = args;
    const { protocols } = setup.engineOptions;
    const scenario = args.scenario === undefined ? undefined : await scenarioOf(args.scenario, protocols);
    const seed = args.seed === undefined ? undefined : parseSeed(args.seed);
    const settings = { faults, scenario, seed, attacks, enforce, breakOn, isControlled: control !== undefined };
    if (breakOn !== undefined && control === undefined && !inspect)
      throw new UsageError(
        '--break-on holds messages, and something must forward them: add --inspect, or --control unix:PATH',
      );
    return isIntervention(settings) ? new ProxyIntervention(settings, setup, args, news, program) : undefined;
  }

  get hasControlSocket(): boolean {
    return this.#path !== undefined;
  }

  /** For those who hold, look and change. */
  controls() {
    return this.intervention.controls(() => ({
      pairs: this.#server?.pairs.map(namesOf) ?? [],
      packets: this.#server?.capture.facts.packets ?? 0,
    }));
  }

  /** The proxy listens. Where the control socket cannot be opened it is stopped again, and a `UsageError` says why. */
  async started(server: ProxyServer): Promise<void> {
    this.#server = server;
    if (this.#path === undefined) return;
    const { stop } = this.#news;
    const { editing } = this;
    const onFault = (error: unknown) => {
      this.#faults.push(error);
      this.#news.onFault(error);
    };
    const reportSoFar = () => this.#reportSoFar();
    const options = { path: this.#path, controls: this.controls(), editing, reportSoFar, stop, onFault };
    try {
      this.#control = await ProxyControl.open(options, this.#program);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Rejects with what a command has thrown, if one has. */
  async close(): Promise<void> {
    await this.#control?.close();
    this.#control = undefined;
    for (const fault of this.#faults.splice(0)) throw fault;
  }

  #reportSoFar(): RunReport | undefined {
    return this.intervention.hasFailed ? undefined : this.intervention.reportSoFar();
  }
}

function namesOf({ listen, upstream }: ProxyServer['pairs'][number]): PairNames {
  return { listen: formatAddress(listen), upstream: formatAddress(upstream) };
}
