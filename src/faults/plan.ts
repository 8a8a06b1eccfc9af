/**
 * The faults of a run, as the overseer that the proxy asks. Pure: what it decides follows from the seed and from what it was
 * asked about, and chance depends on the place of a unit alone (draws.ts).
 *
 * Each fault does something to a unit once at most, however many of its messages match. Of what is decided about one unit by
 * several faults nothing is left but the loss where one loses it, and before it what ends its connection. What replaces bytes builds on what was replaced before: the
 * last replacement holds all of them, and what was cut is replaced no more. Delays add up, from when the unit came.
 */

import { MessageSubject } from '../filter/message-subject.ts';
import type { Decision, Deed, DeedKind } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { Bottleneck } from './bottleneck.ts';
import { Bursts } from './burst.ts';
import { corrupted } from './corruption.ts';
import { Draws } from './draws.ts';
import { type Fault, OF_STREAMS, type OwnMessage, type Replacement, SetProblem, type Setting } from './fault.ts';
import { MessagePlace } from './message-place.ts';
import { OccasionCounter } from './occasion.ts';
import type { Overseer, Passage } from './passage.ts';
import { Recent } from './recent.ts';
import { type Scenario, type Step, StepWatch } from './step.ts';

const NOTHING: readonly Decision[] = [];
/** What is of no consequence for a unit that is lost. */
const MOOT: ReadonlySet<DeedKind> = new Set<DeedKind>([
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'replace',
  'trickle',
  'cut',
]);
/** Flows of which it is remembered which connection they carry: far more than are open at once. */
const MOST_FLOWS = 65_536;
/** Number of the first fault of a scenario: its draws are the same whatever faults there are beside it. */
const FIRST_OF_SCENARIO = 2 ** 20;
/** Places of draws: whether it happens, and how much of it. */
const CHANCE = 0;
const AMOUNT = 1;

/** Reasons that are reported, at most: what peers have sent stands in them. */
const MOST_PROBLEMS = 1_000;

/** A fault that did nothing to a message for which it was meant. */
export interface FaultProblem {
  readonly cause: string;
  /** Safe to print. */
  readonly reason: string;
}

/** A fault with what it counts and remembers. */
interface Live {
  readonly fault: Fault;
  /** On which its draws depend: its place among the faults, or among those of the scenario. */
  readonly index: number;
  readonly seed: number;
  readonly watch: StepWatch | undefined;
  readonly counter: OccasionCounter;
  readonly bursts: Bursts | undefined;
  readonly bottleneck: Bottleneck | undefined;
  /** The unit that it last did something to. */
  doneTo: number;
}

export class FaultPlan implements Overseer {
  /** In the order in which they are asked; those of steps last. */
  readonly faults: readonly Fault[];
  readonly steps: readonly Step[];
  readonly seed: number;
  /** Called when a fault cannot do to a message what it should, once for each reason and fault. */
  onProblem: ((problem: FaultProblem) => void) | undefined = undefined;
  readonly #problems = new Set<string>();
  readonly #aimed: readonly Live[];
  readonly #general: readonly Live[];
  readonly #bottlenecks: readonly Live[];
  readonly #watches: readonly StepWatch[];
  /** Whether a fault sets fields, for which messages must be found in their units. */
  readonly #sets: boolean;
  readonly #draws = new Draws();
  readonly #connections = new Recent<number>(MOST_FLOWS);
  #subject: MessageSubject | undefined = undefined;
  /** The unit in hand: its place, and what became of it. */
  #flow = 0;
  #from: Passage['from'] = 'client';
  #ordinal = -1;
  readonly #place = new MessagePlace();
  /** Units so far. */
  #units = 0;
  #connection = 0;
  #isLost = false;
  #isCut = false;
  /** As it would be passed on by now, and whether the message in hand was found in it. */
  #isPlaced = false;
  #wire: Uint8Array = new Uint8Array(0);
  /** As it was last shown. */
  #given: Uint8Array = this.#wire;

  /**
   * @param faults those that are always on
   * @param seed of faults that have none of their own
   * @param scenario further ones, that are numbered by themselves
   */
  constructor(faults: readonly Fault[], seed: number, scenario?: Pick<Scenario, 'faults' | 'steps'>) {
    const { steps = [] } = scenario ?? {};
    const watches = steps.map(step => new StepWatch(step));
    const own = faults.map((fault, index) => liveOf(fault, index, seed, undefined));
    const further = [
      ...(scenario?.faults ?? []).map(fault => ({ fault, watch: undefined })),
      ...steps.flatMap((step, index) => step.faults.map(fault => ({ fault, watch: watches[index] }))),
    ].map(({ fault, watch }, index) => liveOf(fault, FIRST_OF_SCENARIO + index, seed, watch));
    const live = [...own, ...further];
    this.faults = live.map(({ fault }) => fault);
    this.steps = steps;
    this.seed = seed;
    this.#watches = watches;
    this.#sets = live.some(({ fault }) => fault.action.kind === 'set');
    this.#aimed = live.filter(({ fault }) => fault.occasion.condition);
    this.#bottlenecks = live.filter(({ bottleneck }) => bottleneck);
    this.#general = live.filter(({ fault, bottleneck }) => !fault.occasion.condition && !bottleneck);
  }

  message(seen: SeenMessage, passage: Passage, origin: Timestamp): readonly Decision[] {
    this.#show(passage);
    this.#connection = seen.connection;
    this.#connections.set(passage.flow, seen.connection);
    if (this.#aimed.length === 0 && this.#watches.length === 0) return NOTHING;
    this.#subject ??= new MessageSubject(seen, origin);
    const subject = this.#subject.show(seen, origin);
    this.#isPlaced = this.#sets && this.#place.next(seen, passage, this.#wire);
    const decisions: Decision[] = [];
    for (const live of this.#aimed) {
      if (this.#isFor(live, passage) && live.fault.occasion.condition?.matches(subject))
        this.#decide(live, passage, seen, decisions);
    }
    for (const watch of this.#watches) watch.message(subject, seen.connection, passage.now);
    return this.#consequent(decisions);
  }

  unit(passage: Passage): readonly Decision[] {
    this.#show(passage);
    const decisions: Decision[] = [];
    for (const live of this.#general) if (this.#isFor(live, passage)) this.#decide(live, passage, undefined, decisions);
    const consequent = this.#consequent(decisions);
    const waiting: Decision[] = [];
    // What is lost does not take the line's time.
    if (!this.#isLost)
      for (const live of this.#bottlenecks)
        if (this.#isFor(live, passage)) this.#decide(live, passage, undefined, waiting);
    for (const watch of this.#watches) watch.passed(this.#connection, passage.now);
    this.#ordinal = -1;
    return waiting.length > 0 ? [...consequent, ...waiting] : consequent;
  }

  /** Goes on to a unit, unless it is in hand already. */
  #show({ flow, from, ordinal, wire }: Passage): void {
    const isOther = wire !== this.#given;
    this.#given = wire;
    if (flow === this.#flow && ordinal === this.#ordinal && from === this.#from) {
      // Another overseer has changed it meanwhile, on top of what was changed here.
      if (isOther) this.#wire = wire;
      return;
    }
    this.#flow = flow;
    this.#from = from;
    this.#ordinal = ordinal;
    this.#units++;
    this.#isLost = false;
    this.#isCut = false;
    this.#wire = wire;
    this.#place.begin();
    // What cannot be said to belong to a connection belongs to the flow's last one, or to the flow.
    this.#connection = this.#connections.get(flow) ?? -flow;
  }

  #isFor({ fault }: Live, { from, carrier }: Passage): boolean {
    if (fault.from !== undefined && fault.from !== from) return false;
    return carrier === 'stream' || !OF_STREAMS.has(fault.action.kind);
  }

  /** Counts what matches, and adds what is done to it. */
  #decide(live: Live, passage: Passage, seen: SeenMessage | undefined, decisions: Decision[]): void {
    const { fault, watch, counter } = live;
    const { chance, perConnection } = fault.occasion;
    const draws = this.#draws.show(live.seed, live.index, passage);
    // A channel turns with every unit, whether its step is on or not.
    const direction = passage.flow * 2 + (passage.from === 'client' ? 0 : 1);
    const isHit = live.bursts?.loses(direction, draws) ?? true;
    const beginning = watch?.beginning(this.#connection, passage.now) ?? 1;
    if (beginning === 0) return;
    const isLucky = isHit && live.doneTo !== this.#units && (chance === undefined || draws.happens(CHANCE, chance));
    const isOwn = perConnection || watch?.perConnection === true;
    if (!counter.matched(isOwn ? this.#connection : undefined, beginning, isLucky)) return;
    const deed = this.#deed(live, passage, seen, direction);
    if (!deed) return;
    live.doneTo = this.#units;
    if (deed.kind === 'replace') this.#wire = deed.bytes;
    if (deed.kind === 'cut') this.#isCut = true;
    decisions.push({ deed, cause: fault.cause, by: 'fault' });
  }

  /** @returns undefined where it cannot be done to this unit */
  #deed(
    { fault, bottleneck }: Live,
    passage: Passage,
    seen: SeenMessage | undefined,
    direction: number,
  ): Deed | undefined {
    const { action } = fault;
    const wire = this.#wire;
    switch (action.kind) {
      case 'drop':
      case 'burst':
        return { kind: 'drop' };
      case 'delay':
        return { kind: 'delay', milliseconds: action.milliseconds + action.jitter * this.#between() };
      case 'corrupt':
        return this.#isCut ? undefined : replaced('corrupt', corrupted(wire, passage, action.anywhere, this.#draws));
      case 'set':
        return this.#isCut ? undefined : replaced('set', seen && this.#set(action.setting, seen, passage, fault.cause));
      case 'cut':
        return { kind: 'cut', length: wire.length < 2 ? 0 : 1 + this.#draws.below(AMOUNT, wire.length - 1) };
      case 'rate': {
        const milliseconds = bottleneck?.wait(direction, wire.length, passage.now) ?? 0;
        return milliseconds > 0 ? { kind: 'delay', milliseconds } : undefined;
      }
      case 'duplicate':
        return { kind: 'duplicate', copies: action.copies };
      case 'trickle':
        return { kind: 'trickle', milliseconds: action.milliseconds };
      case 'send': {
        const { what, when, text: note } = action;
        const bytes = what instanceof Uint8Array ? what : this.#made(what, seen, passage, fault.cause);
        const to = action.to === passage.from ? 'sender' : 'receiver';
        return bytes && { kind: 'send', to, bytes, when, note };
      }
      case 'close':
      case 'abort':
        return { kind: action.kind, when: action.when };
      case 'reorder':
      case 'stall':
        return { kind: action.kind };
    }
  }

  #set(setting: Setting, seen: SeenMessage, passage: Passage, cause: string): Replacement | undefined {
    const { framing } = passage;
    const wire = this.#wire;
    try {
      if (!this.#isPlaced) throw new SetProblem('the message was changed before, or came in pieces');
      const replacement = setting.applied(seen, wire, this.#place, framing);
      if (replacement) this.#place.changed(replacement.bytes, wire, passage);
      return replacement;
    } catch (error) {
      if (!(error instanceof SetProblem)) throw error;
      this.#report({ cause, reason: error.message });
      return undefined;
    }
  }

  #made(message: OwnMessage, seen: SeenMessage | undefined, passage: Passage, cause: string): Uint8Array | undefined {
    try {
      return message.bytesFor(seen, passage);
    } catch (error) {
      if (!(error instanceof SetProblem)) throw error;
      this.#report({ cause, reason: error.message });
      return undefined;
    }
  }

  #report(problem: FaultProblem): void {
    const key = `${problem.cause}\n${problem.reason}`;
    if (this.#problems.has(key) || this.#problems.size === MOST_PROBLEMS) return;
    this.#problems.add(key);
    this.onProblem?.(problem);
  }

  /** From -1 to below 1. */
  #between(): number {
    return this.#draws.fraction(AMOUNT) * 2 - 1;
  }

  #consequent(decisions: readonly Decision[]): readonly Decision[] {
    const isLost = decisions.find(({ deed }) => deed.kind === 'drop');
    const wasLost = this.#isLost;
    if (!isLost && !wasLost) return decisions;
    this.#isLost = true;
    const left = decisions.filter(({ deed }) => !MOOT.has(deed.kind));
    return isLost && !wasLost ? [...left, isLost] : left;
  }
}

function liveOf(fault: Fault, index: number, seed: number, watch: StepWatch | undefined): Live {
  const { action, occasion } = fault;
  return {
    fault,
    index,
    seed: fault.seed ?? seed,
    watch,
    counter: new OccasionCounter(occasion),
    bursts: action.kind === 'burst' ? new Bursts(action) : undefined,
    bottleneck: action.kind === 'rate' ? new Bottleneck(action.bytesPerSecond) : undefined,
    doneTo: 0,
  };
}

function replaced(how: 'corrupt' | 'set', replacement: Replacement | undefined): Deed | undefined {
  return replacement && { kind: 'replace', how, ...replacement };
}
