/**
 * What the user has asked to be done to what passes through a proxy, made into those who do it: faults, attacks, enforcement,
 * what is held. The command line and the API put a proxy together with it; where nothing is asked for, there is none,
 * and the traffic is simply passed on.
 */
import { dirname, resolve } from 'node:path';
import { readScenario } from './configuration/scenario.ts';
import type { Engine } from './engine.ts';
import { type Attack, attacksOn } from './faults/attack.ts';
import { Breakpoint } from './faults/breakpoint.ts';
import { describe, describeStep } from './faults/description.ts';
import { ENFORCING_WORDS, Enforcement, type Enforcing } from './faults/enforcement.ts';
import type { Fault } from './faults/fault.ts';
import { parseFaults } from './faults/parse.ts';
import type { Overseer } from './faults/passage.ts';
import type { FaultPlan, FaultProblem } from './faults/plan.ts';
import { faultReaderOf, messageReadersOf } from './faults/reader.ts';
import type { Scenario } from './faults/step.ts';
import { catalogueOf, type FieldCatalogue } from './filter/catalogue.ts';
import type { Predicate } from './filter/compile.ts';
import { FilterError } from './filter/error.ts';
import { makeFilter } from './filter/filter.ts';
import type { DeedRecord } from './lint/deed.ts';
import type { AnyProtocol } from './protocol/protocol.ts';
import type { ControlStatus, Controls } from './proxy/controls.ts';
import { CLIENT, SERVER } from './proxy/ends.ts';
import { Guard } from './proxy/guard.ts';
import type { Timers } from './proxy/guarding.ts';
import { doneDeed, InterferenceLog, MOST_CAUSES } from './proxy/interference-log.ts';
import type { ProxyEvent } from './proxy/io/listener.ts';
import type { FrameJudge } from './proxy/io/server.ts';
import type { LiveListeners } from './proxy/live-run.ts';
import { Reactions } from './proxy/reactions.ts';
import { SidedRun } from './proxy/sided-run.ts';
import { bothSides } from './proxy/two-sides.ts';
import { WatchedHolds } from './proxy/watched-holds.ts';
import type { RunReport } from './report/run-report.ts';
import type { EngineOptions } from './run/options.ts';
import { UsageError } from './settings/words.ts';

export interface InterventionSettings {
  /** As `--fault` spells them. */
  readonly faults?: readonly string[] | undefined;
  /** As its file has it. */
  readonly scenario?: Scenario | undefined;
  /** Of faults that have none of their own; the scenario's if undefined. */
  readonly seed?: number | undefined;
  /** Ids of rules to break once. */
  readonly attacks?: readonly string[] | undefined;
  readonly enforce?: Enforcing | undefined;
  /** A filter: what matches is held. */
  readonly breakOn?: string | undefined;
  /** What is done may be changed while the proxy runs. */
  readonly isControlled?: boolean | undefined;
}

export interface InterventionListeners extends LiveListeners {
  readonly onDeed?: ((deed: DeedRecord) => void) | undefined;
  /** So much waited that something was not passed on; a fault could not be done to a message that it was for. */
  readonly onEvent: (event: ProxyEvent) => void;
}

/** What it needs of the world. */
export interface InterventionClock {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly timers: Timers;
}

export function isIntervention({ faults, attacks, ...others }: InterventionSettings): boolean {
  const { scenario, enforce, breakOn, isControlled } = others;
  const isListed = (faults?.length ?? 0) + (attacks?.length ?? 0) > 0;
  return isListed || scenario !== undefined || enforce !== undefined || breakOn !== undefined || isControlled === true;
}

/** Reads the scenario of a file. @throws (the promise rejects) UsageError of one line: file, line and column, what is wrong */
export function scenarioOf(path: string, protocols: readonly AnyProtocol[]): Promise<Scenario> {
  const whole = resolve(path);
  return readScenario({ path: whole, name: path, folder: dirname(whole) }, faultReaderOf(protocols, '--scenario'));
}

export class Intervention {
  readonly guard: Guard;
  readonly run: SidedRun;
  readonly holds: WatchedHolds;
  readonly #options: EngineOptions;
  readonly #catalogue: FieldCatalogue;
  readonly #log = new InterferenceLog();
  readonly #fixed: readonly Overseer[];
  readonly #breakpoint = new Breakpoint();
  readonly #seed: number | undefined;
  readonly #onEvent: (event: ProxyEvent) => void;
  readonly #enforcing: Enforcing | undefined;
  readonly #attacks: readonly Attack[];
  readonly #scenario: string | undefined;
  #faults: readonly string[] = [];
  #plan: FaultPlan;

  /** @throws UsageError of one line for the first setting that cannot be */
  constructor(
    settings: InterventionSettings,
    options: EngineOptions,
    listeners: InterventionListeners,
    clock: InterventionClock,
  ) {
    const { protocols } = options;
    this.#options = options;
    this.#catalogue = catalogueOf(protocols);
    this.#seed = settings.seed;
    this.#onEvent = listeners.onEvent;
    this.#enforcing = settings.enforce;
    this.#scenario = settings.scenario?.name;
    this.#plan = this.#planOf(settings.faults ?? [], settings.scenario);
    this.#faults = settings.faults ?? [];
    const attacks = attacksOn(settings.attacks ?? [], protocols, this.#catalogue, messageReadersOf(protocols));
    for (const attack of attacks) attack.onProblem = this.#tellProblem;
    this.#attacks = attacks;
    this.#fixed = [...(settings.enforce ? [new Enforcement(settings.enforce, protocols)] : []), ...attacks];
    const rules = new Map(attacks.map(attack => [attack.cause, attack.provocation.rule]));
    this.setBreak(settings.breakOn);
    this.run = new SidedRun({ ...options, allConnections: true }, listeners);
    const reactions = new Reactions(protocols, (reaction, side) => this.#log.reacted(reaction, side));
    this.guard = new Guard({
      views: this.run,
      overseers: this.#overseers(),
      keepsMessages: () => this.#breakpoint.condition !== undefined,
      mostWaiting: options.limits['proxy-bytes'],
      now: clock.now,
      timers: clock.timers,
      onDeed: deed => {
        const sender = deed.sender === 'client' ? CLIENT : SERVER;
        this.#log.done(deed.by, doneDeed(deed), sender);
        const rule = rules.get(deed.cause);
        if (rule !== undefined) reactions.attacked(rule, deed, sender);
        listeners.onDeed?.(deed);
      },
      onShortage: message => listeners.onEvent({ kind: 'limit', message }),
    });
    if (attacks.length > 0) this.guard.watch = reactions;
    this.holds = new WatchedHolds(this.guard.holds);
  }

  /** For who runs the proxy: what passes on is judged as each side has it, and not once more. */
  readonly judge: FrameJudge = { begin() {}, frame() {}, settle: () => this.settle() };

  get hasFailed(): boolean {
    return this.run.hasFailed;
  }

  /** The engine of the clients' view: what it is shown is what clients said, and what they were given. */
  get engine(): Engine {
    return this.run.engine;
  }

  /** Finishes what takes time, beside the traffic. To be called now and then. */
  settle(): void {
    this.run.settle();
  }

  /** What will be done, in plain words, a line each: `drop=5%: loses 5% of what passes`. */
  describe(): readonly string[] {
    const { faults, steps } = this.#plan;
    const ofSteps = new Set(steps.flatMap(step => step.faults));
    const line = (fault: Fault) => `${fault.cause}: ${describe(fault)}`;
    const condition = this.#breakpoint.condition?.text;
    const enforcing = this.#enforcing;
    return [
      ...(enforcing
        ? [`--enforce ${enforcing}: what breaks a rule of severity error ${ENFORCING_WORDS[enforcing]}`]
        : []),
      ...this.#attacks.map(({ cause, descriptions, provocation: { needs } }) => {
        const lacking = needs === undefined ? '' : `; needs ${needs}`;
        return `${cause}: ${descriptions.join('; ')}${lacking}`;
      }),
      ...(this.#scenario ? [`scenario ${this.#scenario}`] : []),
      ...faults.filter(fault => !ofSteps.has(fault)).map(line),
      ...steps.flatMap((step, index) => [
        describeStep(step, index + 1),
        ...step.faults.map(fault => `  ${line(fault)}`),
      ]),
      ...(condition === undefined ? [] : [`--break-on ${condition}: holds what matches`]),
      ...(faults.length > 0 ? [`seed ${this.seed}`] : []),
    ];
  }

  /** By which what was left to chance can be done again. */
  get seed(): number {
    return this.#plan.seed;
  }

  /** @throws UsageError of one line; what was in force then stays */
  setBreak(text: string | undefined): void {
    this.#breakpoint.condition = text === undefined ? undefined : { text, matches: this.#filterOf(text) };
  }

  /** Injects these faults from now on, and no others, those of a scenario neither. @throws UsageError of one line; what was in force then stays */
  setFaults(texts: readonly string[]): void {
    this.#plan = this.#planOf(texts);
    this.#faults = texts;
    this.guard.overseers = this.#overseers();
  }

  /** For those who change what is done while the proxy runs. @param status what else they may know */
  controls(status: () => Pick<ControlStatus, 'pairs' | 'packets'>): Controls {
    return {
      holds: this.holds,
      setBreak: text => this.setBreak(text),
      setFaults: texts => this.setFaults(texts),
      status: () => ({ ...status(), breakOn: this.#breakpoint.condition?.text, faults: this.#faults }),
    };
  }

  /**
   * What was judged and done up to here.
   * @throws what judging has ended with, if it has
   */
  reportSoFar(): RunReport {
    return this.#both(this.run.reportsSoFar());
  }

  /** Nothing will pass any more. Rejects with what was thrown, if anything was. */
  async end(): Promise<RunReport> {
    return this.#both(await this.run.end());
  }

  #both([client, server]: readonly [RunReport, RunReport]): RunReport {
    const { passedOn } = this.guard;
    if (!passedOn) throw new Error('a proxy was not started');
    const options = { ...this.#options, protocols: this.run.protocols };
    const isByChance = this.#plan.faults.length > 0;
    const report = bothSides(client, server, passedOn.facts, options, {
      log: this.#log,
      ...(isByChance && { seed: this.seed }),
    });
    return { ...report, notes: [...report.notes, ...this.#idle(report)] };
  }

  /** A test that asks for a fault which never comes to be tests nothing: the report says so. */
  #idle({ interference }: RunReport): readonly string[] {
    const done = new Set(interference?.faults.map(({ cause }) => cause));
    // Beyond it causes are not kept apart.
    if (done.size >= MOST_CAUSES) return [];
    const asked = [...this.#attacks, ...this.#plan.faults].map(({ cause }) => cause);
    return [...new Set(asked)].filter(cause => !done.has(cause)).map(cause => `${cause}: was done to nothing`);
  }

  /** In the order in which they are asked: what a peer has done wrong, what we do, and at last who looks. */
  #overseers(): readonly Overseer[] {
    return [...this.#fixed, this.#plan, this.#breakpoint];
  }

  #planOf(texts: readonly string[], scenario?: Scenario): FaultPlan {
    const readers = messageReadersOf(this.#options.protocols);
    const plan = parseFaults(texts, this.#catalogue, { ...readers, seed: this.#seed, scenario });
    plan.onProblem = this.#tellProblem;
    return plan;
  }

  readonly #tellProblem = ({ cause, reason }: FaultProblem): void => {
    this.#onEvent({ kind: 'undone', message: `${cause}: ${reason}` });
  };

  #filterOf(text: string): Predicate {
    try {
      return makeFilter(text, this.#catalogue, 'messages');
    } catch (error) {
      if (error instanceof FilterError) throw new UsageError(`--break-on: ${error.message}`, error.message);
      throw error;
    }
  }
}
