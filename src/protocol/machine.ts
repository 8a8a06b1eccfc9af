/**
 * A state machine as data. One table says, for each role, state and message, what sending it means and what seeing it
 * arrive means: the next state, or the rule that sending it there breaks and the state to go on in. All that is legal
 * stands in the table; code may ask it, never decide beside it.
 *
 * Two things make it a linter's machine. An illegal cell carries a rule and a state to go on in, so that one fault does
 * not set off others. And a cell may depend on which messages either side has sent so far (`when`), because an observer
 * must not multiply states for facts that a bit can hold.
 *
 * The table is compiled into flat arrays at load; a table with a hole, an unknown state or an unreachable name is
 * refused there. Steps are counted by cell, and coverage and the tallies of the rules are computed from the counts.
 */
import type { StepTally } from '../lint/tally.ts';
import type { MachineCoverage, Move, Step } from './coverage.ts';

export type Cell<State extends string, Event extends string> =
  | { readonly kind: 'go'; readonly next: State | undefined }
  | { readonly kind: 'break'; readonly rule: string; readonly next: State | undefined }
  | {
      readonly kind: 'when';
      readonly who: 'self' | 'peer';
      readonly sent: Event;
      readonly then: Cell<State, Event>;
      readonly otherwise: Cell<State, Event>;
    };

/** Legal, and leads to `next`. */
export const to = <S extends string>(next: S): Cell<S, never> => ({ kind: 'go', next });
/** Legal, and changes nothing. */
export const stay: Cell<never, never> = { kind: 'go', next: undefined };
/** What an illegal message means: the rule that it breaks, and where to go on by state; elsewhere nothing moves. */
export interface BreaksBy<State extends string> {
  readonly rule: string;
  readonly nextBy: Readonly<Partial<Record<State, State>>>;
}

/** A rule, or its id where only that is at hand. */
type RuleName = string | { readonly id: string };

/** Breaks a rule. The machine goes on in `next`, or where it is; given by state for a whole table: `{ NEW: 'OPEN' }`. */
export function breaks(rule: RuleName, next?: undefined): Cell<never, never>;
export function breaks<const S extends string>(rule: RuleName, next?: S): Cell<S, never>;
export function breaks<const By extends Readonly<Record<string, string>>>(
  rule: RuleName,
  nextBy: By,
): BreaksBy<(keyof By & string) | By[keyof By]>;
export function breaks(
  rule: RuleName,
  next?: string | Readonly<Record<string, string>>,
): Cell<string, never> | BreaksBy<string> {
  const id = typeof rule === 'string' ? rule : rule.id;
  return typeof next === 'object' ? { rule: id, nextBy: next } : { kind: 'break', rule: id, next };
}

/** Depends on whether the peer has sent a message before, well-formed or not. */
export const ifPeerSent = <S extends string, E extends string>(
  sent: E,
  then: Cell<S, E>,
  otherwise: Cell<S, E>,
): Cell<S, E> => ({ kind: 'when', who: 'peer', sent, then, otherwise });
/** Depends on whether this side has sent a message before, well-formed or not. */
export const ifSelfSent = <S extends string, E extends string>(
  sent: E,
  then: Cell<S, E>,
  otherwise: Cell<S, E>,
): Cell<S, E> => ({ kind: 'when', who: 'self', sent, then, otherwise });

/** A row: one cell an event, or `others` for all events not named. */
export type Row<S extends string, E extends string> = Partial<Readonly<Record<E | 'others', Cell<S, E>>>>;

export interface MachineTable<R extends string, S extends string, E extends string> {
  readonly roles: readonly R[];
  /** The first is where every side begins. */
  readonly states: readonly S[];
  /** States in which a connection is over. */
  readonly final: readonly S[];
  readonly events: readonly E[];
  readonly send: Readonly<Record<R, Readonly<Record<S, Row<S, E>>>>>;
  readonly receive: Readonly<Record<R, Readonly<Record<S, Row<S, E>>>>>;
  /**
   * Rules that come into force with a state ("nothing after ABORT"): checked when a side enters such a state and with
   * each message it sends there. All other rules are checked with each message whose column names them.
   */
  readonly rulesOfStates: readonly string[];
}

/** A cell's two ways, flattened: which applies depends on the mask; a plain cell has the same twice. */
interface Way {
  readonly next: number;
  /** Index into `rules` + 1; 0 for legal. */
  readonly rule: number;
}

/** Ways, as `cell * 2 + way`. */
export interface RuleWays {
  readonly checked: readonly number[];
  readonly broken: readonly number[];
}

const GUARD_NONE = 0;
const GUARD_SELF = 1;
const GUARD_PEER = 2;
/** Events are bits of a mask; states and rules are bytes of the compiled tables. */
const MAX_EVENTS = 31;
const MAX_STATES = 256;
const MAX_RULES = 255;

export class Machine<R extends string = string, S extends string = string, E extends string = string> {
  readonly table: MachineTable<R, S, E>;
  /** Ids of the rules that cells name; a way's `rule` is an index into it + 1. */
  readonly rules: readonly string[];
  readonly cells: number;
  /** Cells of one state, and of one table of states. */
  readonly #row: number;
  readonly #table: number;
  readonly guard: Uint8Array;
  readonly guardMask: Uint32Array;
  /** Next state and rule by `cell * 2 + way`; way 0 is taken when the guard holds or there is none. */
  readonly next: Uint8Array;
  readonly rule: Uint8Array;
  /** By rule: worked out once, asked for by every report. */
  readonly #ways = new Map<string, RuleWays>();

  constructor(table: MachineTable<R, S, E>) {
    if (table.events.length > MAX_EVENTS) throw new Error(`a machine has at most ${MAX_EVENTS} events`);
    if (table.states.length > MAX_STATES) throw new Error(`a machine has at most ${MAX_STATES} states`);
    requireDeclaredKeys(table);
    this.table = table;
    this.#row = table.events.length;
    this.#table = table.states.length * table.events.length;
    this.cells = table.roles.length * 2 * table.states.length * table.events.length;
    this.guard = new Uint8Array(this.cells);
    this.guardMask = new Uint32Array(this.cells);
    this.next = new Uint8Array(this.cells * 2);
    this.rule = new Uint8Array(this.cells * 2);
    const rules: string[] = [];
    table.roles.forEach((role, r) => {
      table.states.forEach((state, s) => {
        table.events.forEach((event, e) => {
          for (const received of [false, true]) {
            const row = (received ? table.receive : table.send)[role]?.[state];
            const cell = row?.[event] ?? row?.others;
            const where = `${role}, ${state}, ${received ? 'receives' : 'sends'} ${event}`;
            if (!cell) throw new Error(`state machine: no cell for ${where}`);
            this.#compile(this.cell(r, s, e, received), cell, s, rules, where);
          }
        });
      });
    });
    for (const rule of table.rulesOfStates) {
      if (!rules.includes(rule))
        throw new Error(`state machine: ${rule} is named as a rule of states, but no cell names it`);
    }
    if (rules.length > MAX_RULES) throw new Error(`a machine names at most ${MAX_RULES} rules`);
    this.rules = rules;
  }

  cell(role: number, state: number, event: number, received: boolean): number {
    return (received ? role * 2 + 1 : role * 2) * this.#table + state * this.#row + event;
  }

  state(name: S): number {
    return this.table.states.indexOf(name);
  }

  event(name: E): number {
    return this.table.events.indexOf(name);
  }

  role(name: R): number {
    return this.table.roles.indexOf(name);
  }

  /** The ways by which the rule with this id is checked, and those that break it. */
  waysOf(ruleId: string): RuleWays {
    const known = this.#ways.get(ruleId);
    if (known) return known;
    const ways = this.#findWays(ruleId);
    this.#ways.set(ruleId, ways);
    return ways;
  }

  #findWays(ruleId: string): RuleWays {
    const rule = this.rules.indexOf(ruleId) + 1;
    const ofStates = this.table.rulesOfStates.includes(ruleId);
    const checked: number[] = [];
    const broken: number[] = [];
    if (rule === 0) return { checked, broken };
    const { roles, states, events } = this.table;
    const names = (role: number, state: number, event: number) => {
      const cell = this.cell(role, state, event, false) * 2;
      return this.rule[cell] === rule || this.rule[cell + 1] === rule;
    };
    // A message that one role may never send is a matter of roles: checked whichever role sends it.
    const ofRoles = events.map((_e, e) => roles.some((_r, r) => states.every((_s, s) => names(r, s, e))));
    roles.forEach((_, r) => {
      const stateNamed = states.map((_s, s) => events.some((_e, e) => names(r, s, e)));
      const columnNamed = events.map((_e, e) => ofRoles[e] || states.some((_s, s) => names(r, s, e)));
      states.forEach((_s, s) => {
        events.forEach((_e, e) => {
          for (const received of [false, true]) {
            for (let way = this.cell(r, s, e, received) * 2, end = way + 2; way < end; way++) {
              const enters = ofStates && !stateNamed[s] && stateNamed[this.next[way]];
              const within = !received && (ofStates ? stateNamed[s] : columnNamed[e]);
              if (enters || within) checked.push(way);
              if (!received && this.rule[way] === rule) broken.push(way);
            }
          }
        });
      });
    });
    return { checked, broken };
  }

  #compile(index: number, cell: Cell<S, E>, state: number, rules: string[], where: string): void {
    let then = cell;
    let otherwise = cell;
    if (cell.kind === 'when') {
      then = cell.then;
      otherwise = cell.otherwise;
      this.guard[index] = cell.who === 'self' ? GUARD_SELF : GUARD_PEER;
      this.guardMask[index] = 1 << indexOf(this.table.events, cell.sent, where);
    }
    [then, otherwise].forEach((part, way) => {
      const { next, rule } = this.#flatten(part, state, rules, where);
      this.next[index * 2 + way] = next;
      this.rule[index * 2 + way] = rule;
    });
  }

  #flatten(cell: Cell<S, E>, state: number, rules: string[], where: string): Way {
    if (cell.kind === 'when') throw new Error(`state machine: a condition inside a condition: ${where}`);
    const next = cell.next === undefined ? state : indexOf(this.table.states, cell.next, where);
    if (cell.kind === 'go') return { next, rule: 0 };
    if (!rules.includes(cell.rule)) rules.push(cell.rule);
    return { next, rule: rules.indexOf(cell.rule) + 1 };
  }
}

function indexOf(names: readonly string[], name: string, where: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new Error(`state machine: ${name} is not declared: ${where}`);
  return index;
}

/** A misspelt key would go unnoticed otherwise, with `others` standing in for the cell it was meant to be. */
function requireDeclaredKeys({
  roles,
  states,
  events,
  final,
  send,
  receive,
}: MachineTable<string, string, string>): void {
  for (const state of final) indexOf(states, state, 'final');
  for (const [table, verb] of [
    [send, 'sends'],
    [receive, 'receives'],
  ] as const) {
    for (const [role, rows] of Object.entries(table)) {
      indexOf(roles, role, verb);
      for (const [state, row] of Object.entries(rows)) {
        indexOf(states, state, `${role}, ${verb}`);
        for (const event of Object.keys(row)) {
          if (event !== 'others') indexOf(events, event, `${role}, ${state}, ${verb}`);
        }
      }
    }
  }
}

const NO_COUNTS = new Float64Array(0);

/** One run of a machine over many connections: it holds no connection's state, only the counts of the steps taken. */
export class MachineRun {
  readonly machine: Machine;
  /** Rule that the last step broke, as an index into `machine.rules`; -1 for none. */
  broken = -1;
  /** Of the connection that the next step belongs to, as `Subject.edition`: the counts are kept apart by it. */
  edition = 0;
  /**
   * Steps by `edition * #ways + cell * 2 + way`: judged ones, and those of connections whose history was not seen whole.
   */
  #judged = NO_COUNTS;
  #withheld = NO_COUNTS;
  readonly #ways: number;
  readonly #editions: number;

  /** @param editions how many there are */
  constructor(machine: Machine, editions = 0) {
    this.machine = machine;
    this.#ways = machine.cells * 2;
    this.#editions = editions + 1;
  }

  /**
   * Takes one step and returns the next state. `self` and `peer` are bit masks of the events either side has sent.
   * With `judge` false the step is counted as one that could not be judged, and `broken` still names its rule.
   */
  step(
    role: number,
    state: number,
    event: number,
    received: boolean,
    self: number,
    peer: number,
    judge: boolean,
  ): number {
    const { machine } = this;
    const way = this.#way(machine.cell(role, state, event, received), self, peer);
    const counted = this.edition * this.#ways + way;
    if (this.#judged.length === 0) this.#makeCounts();
    if (judge) this.#judged[counted]++;
    else this.#withheld[counted]++;
    this.broken = machine.rule[way] - 1;
    return machine.next[way];
  }

  /**
   * A step that leads back to its state and breaks no rule, whatever either side has sent: a number for `stays`.
   * @throws Error for another one
   */
  staying(role: number, state: number, event: number, received: boolean): number {
    const { machine } = this;
    const cell = machine.cell(role, state, event, received);
    const way = cell * 2;
    if (machine.guard[cell] !== GUARD_NONE || machine.next[way] !== state || machine.rule[way] !== 0)
      throw new Error(`state machine: a side does not simply stay in state ${machine.table.states[state]}`);
    return way;
  }

  /** Counts such a step as `step` does, in a connection whose history was seen whole. */
  stays(way: number): void {
    if (this.#judged.length === 0) this.#makeCounts();
    this.#judged[this.edition * this.#ways + way]++;
  }

  /** Whether no step was taken. */
  get isEmpty(): boolean {
    return this.#judged.length === 0;
  }

  /** Id of the rule that the last step broke, if any. */
  get brokenRule(): string | undefined {
    return this.broken < 0 ? undefined : this.machine.rules[this.broken];
  }

  /** The rule that sending this would break here, if any. Takes no step and counts nothing. */
  peek(role: number, state: number, event: number, self: number, peer: number): string | undefined {
    const rule = this.machine.rule[this.#way(this.machine.cell(role, state, event, false), self, peer)];
    return rule === 0 ? undefined : this.machine.rules[rule - 1];
  }

  /** How often the rule with this id was checked and broken in one edition, that which nobody knows if 0. */
  tally(ruleId: string, edition = 0): StepTally {
    const { checked, broken } = this.machine.waysOf(ruleId);
    const first = edition * this.#ways;
    const tally: StepTally = { checked: 0, broken: 0, withheld: { checked: 0, broken: 0 } };
    if (this.#judged.length === 0) return tally;
    for (const way of checked) {
      tally.checked += this.#judged[first + way];
      tally.withheld.checked += this.#withheld[first + way];
    }
    for (const way of broken) {
      tally.broken += this.#judged[first + way];
      tally.withheld.broken += this.#withheld[first + way];
    }
    return tally;
  }

  /** Made with the first step: in most captures most protocols take none. */
  #makeCounts(): void {
    this.#judged = new Float64Array(this.#ways * this.#editions);
    this.#withheld = new Float64Array(this.#ways * this.#editions);
  }

  #way(cell: number, self: number, peer: number): number {
    const { guard, guardMask } = this.machine;
    const sent = guard[cell] === GUARD_PEER ? peer : self;
    return cell * 2 + (guard[cell] !== GUARD_NONE && (sent & guardMask[cell]) === 0 ? 1 : 0);
  }

  /** Adds another run's counts to this one's, those of all its editions to those of none. */
  add(other: MachineRun): void {
    if (other.#judged.length === 0) return;
    if (this.#judged.length === 0) this.#makeCounts();
    other.#judged.forEach((judged, i) => {
      this.#judged[i % this.#ways] += judged;
      this.#withheld[i % this.#ways] += other.#withheld[i];
    });
  }

  /** The steps taken, of all editions, by the way that was gone. */
  steps(): { readonly way: number; readonly judged: number; readonly withheld: number }[] {
    const all = new MachineRun(this.machine);
    all.add(this);
    return [...all.#judged].flatMap((judged, way) => {
      const withheld = all.#withheld[way];
      return judged + withheld === 0 ? [] : [{ way, judged, withheld }];
    });
  }

  /** Adds steps that another run has counted. @param way below twice the number of cells */
  addSteps({ way, judged, withheld }: ReturnType<MachineRun['steps']>[number]): void {
    if (this.#judged.length === 0) this.#makeCounts();
    this.#judged[way] += judged;
    this.#withheld[way] += withheld;
  }

  /** What of the machine was exercised: by judged steps, and by those of connections whose history was not seen whole. */
  coverage(): MachineCoverage {
    const { roles, states, events } = this.machine.table;
    const seen = new Set<number>();
    const sentIn = states.map(() => 0);
    const steps: Step[] = [];
    const moves: Move[] = [];
    roles.forEach((role, r) => {
      states.forEach((state, s) => {
        const leadingTo = states.map(() => 0);
        events.forEach((event, e) => {
          for (const received of [false, true]) {
            for (const { way, condition } of this.#waysOf(r, s, e, received)) {
              const taken = this.#taken(way);
              const next = this.machine.next[way];
              if (taken > 0) seen.add(s).add(next);
              leadingTo[next] += taken;
              if (received) continue;
              sentIn[s] += taken;
              if (this.machine.rule[way] === 0)
                steps.push({ role, state, event, condition, next: states[next], taken });
            }
          }
        });
        for (const [to, taken] of leadingTo.entries()) {
          if (to !== s && taken > 0) moves.push({ role, from: state, to: states[to], taken });
        }
      });
    });
    const exercised = steps.filter(({ taken }) => taken > 0).length;
    return {
      states: states.filter((_, s) => seen.has(s)),
      moves,
      sentIn: Object.fromEntries(states.map((state, s) => [state, sentIn[s]])),
      transitions: { exercised, total: steps.length },
      steps,
    };
  }

  /** How often a way was gone in all editions. */
  #taken(way: number): number {
    let taken = 0;
    for (let at = way; at < this.#judged.length; at += this.#ways) taken += this.#judged[at] + this.#withheld[at];
    return taken;
  }

  /** One way, or the two of a cell with a condition, in words. */
  #waysOf(role: number, state: number, event: number, received: boolean): { way: number; condition: string | null }[] {
    const { guard, guardMask, table } = this.machine;
    const cell = this.machine.cell(role, state, event, received);
    if (guard[cell] === GUARD_NONE) return [{ way: cell * 2, condition: null }];
    const who = guard[cell] === GUARD_PEER ? 'the peer' : 'it';
    const what = table.events.filter((_, e) => guardMask[cell] === 1 << e).join();
    return [
      { way: cell * 2, condition: `${who} has sent ${what}` },
      { way: cell * 2 + 1, condition: `${who} has not sent ${what}` },
    ];
  }
}
