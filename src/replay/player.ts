/**
 * Plays one side of a script against a peer that is there: without sockets and clocks, which call it with what happens and
 * do what it says. A step of ours waits for its time and for all that came before it in the recording: the peer's
 * messages, but for those that may come or not. What does not come in time, comes as another, or was never recorded is
 * a departure; after one that makes going on senseless the conversation is broken off, and the others go on.
 *
 * Called in two ways: with news (`opened`, `heard`, `ended` ...), which it only takes in, as they come in the middle of
 * other things; and with `advance`, when it may speak.
 */
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Departure, DepartureKind } from '../report/departure.ts';
import { counted } from '../report/numbers.ts';
import { adapted } from './adapting.ts';
import { Chance } from './chance.ts';
import { quoted, wordsOf } from './difference.ts';
import { Expectations, type Expected } from './expectation.ts';
import type { EndStep, HearStep, PrefaceStep, SayStep, Script, Step } from './script.ts';
import { ReplayTable } from './table.ts';
import { LiveValues } from './values.ts';

/** What the player asks of those who have the sockets. */
export interface Stage {
  /** Reaches the peer of a conversation, or waits until it comes; `opened` or `refused` follows. */
  open(flow: number): void;
  send(flow: number, bytes: Uint8Array): void;
  /** Says no more on a stream. */
  end(flow: number): void;
  reset(flow: number): void;
  /** The conversation is over: nobody listens to it any more. */
  close(flow: number): void;
}

export interface PlayerOptions {
  /** Times as fast as recorded; infinite for no pauses at all. */
  readonly speed: number;
  /** Milliseconds that the peer has for what is expected, beyond the pause that was recorded. */
  readonly timeout: number;
  /** Goes on with a conversation after something did not come. */
  readonly keepGoing: boolean;
  /** Fields of the peer that are not compared: `CONNACK.properties`. */
  readonly ignored?: readonly string[];
  /** The transport keeps what is sent apart: each message goes by itself. */
  readonly keepsApart?: boolean;
  readonly seed: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export interface Counts {
  /** Messages of ours, and those of them that were said. */
  readonly toSay: number;
  readonly said: number;
  /** Messages that the peer had to say, and those that came. */
  readonly expected: number;
  readonly heard: number;
}

/** Milliseconds of silence after the last step, in which something may come that was not recorded, and the most of them. */
const QUIET = 150;
const MOST_QUIET_WAIT = 1_000;
/** By which a step may be late without those after it being shifted. */
const MOST_LATE = 100;
/** Departures that are kept; further ones are counted. */
const MOST_DEPARTURES = 1_000;
/** Extra messages that may have come in the place of another, and bytes of the beginning of a stream. */
const MOST_EXTRA = 16;
const LONGEST_PREFACE = 64 * 1024;

type FlowState = 'waiting' | 'opening' | 'open' | 'over';

interface Extra {
  readonly name: string;
  readonly frame: number;
  readonly departure: Departure;
}

class Flow {
  state: FlowState = 'waiting';
  hasEnded = false;
  /** Its peer takes no more for now. */
  isHeldUp = false;
  peerEnded: 'fin' | 'reset' | undefined = undefined;
  /** What the peer has sent first. */
  head: Uint8Array = new Uint8Array(0);
  /** Bytes of it that steps have taken. */
  taken = 0;
  readonly expectations: Expectations;
  /** Came since something expected last did. */
  extras: Extra[] = [];

  constructor(expectations: Expectations) {
    this.expectations = expectations;
  }
}

export class Player {
  readonly departures: Departure[] = [];
  /** Departures beyond the bound. */
  omitted = 0;
  isOver = false;
  readonly #script: Script;
  readonly #options: PlayerOptions;
  readonly #stage: Stage;
  readonly #flows: readonly Flow[];
  readonly #tables: readonly ReplayTable[];
  readonly #expected = new Map<HearStep, Expected>();
  readonly #values = new LiveValues();
  readonly #chance: Chance;
  #cursor = 0;
  /** A step of the recording, and when it was done. */
  #anchor: { readonly recorded: number; readonly live: number };
  /** For the step at hand: until when it is waited for. */
  #deadline: { readonly cursor: number; readonly at: number } | undefined = undefined;
  #lastActive: number;
  #finishedAt = -1;
  #said = 0;

  constructor(script: Script, options: PlayerOptions, stage: Stage) {
    this.#script = script;
    this.#options = options;
    this.#stage = stage;
    this.#chance = new Chance(options.seed);
    const tables = new Map(
      script.conversations.map(({ protocol }) => [protocol, new ReplayTable(protocol, options.ignored)]),
    );
    this.#tables = script.conversations.map(({ protocol }) => tables.get(protocol)!);
    const values = this.#values;
    this.#flows = this.#tables.map((table, flow) => new Flow(new Expectations({ table, values, flow })));
    for (const step of script.steps) {
      if (step.kind === 'hear') this.#expected.set(step, this.#flows[step.flow].expectations.add(step));
    }
    const now = options.now();
    this.#anchor = { recorded: script.steps[0]?.time ?? 0, live: now };
    this.#lastActive = now;
  }

  get counts(): Counts {
    const needed = [...this.#expected.values()].filter(({ isOptional }) => !isOptional);
    return {
      toSay: this.#script.steps.filter(({ kind }) => kind === 'say').length,
      said: this.#said,
      expected: needed.length,
      heard: needed.filter(({ isMet }) => isMet).length,
    };
  }

  // News

  opened(flow: number): void {
    const own = this.#flows[flow];
    if (own && own.state !== 'over') own.state = 'open';
    this.#touch();
  }

  /** @param reason a clause */
  refused(flow: number, reason: string): void {
    const own = this.#flows[flow];
    if (!own || own.state === 'over') return;
    this.#depart('refused', flow, reason);
    this.#giveUp(flow);
  }

  /** Whether the peer of a conversation takes no more for now. */
  heldUp(flow: number, isHeldUp: boolean): void {
    const own = this.#flows[flow];
    if (own) own.isHeldUp = isHeldUp;
  }

  /** Bytes of the peer on a stream, before its messages are heard. */
  received(flow: number, bytes: Uint8Array): void {
    const own = this.#flows[flow];
    if (!own || own.head.length >= LONGEST_PREFACE) return;
    own.head = Buffer.concat([own.head, bytes.subarray(0, LONGEST_PREFACE - own.head.length)]);
    this.#touch();
  }

  /** A message of the peer, as it was judged; read at once. */
  heard(flow: number, seen: SeenMessage): void {
    const own = this.#flows[flow];
    if (!own || own.state === 'over') return;
    this.#touch();
    const step = this.#script.steps[this.#cursor];
    const awaited = step?.kind === 'hear' && step.flow === flow ? this.#expected.get(step) : undefined;
    const reception = own.expectations.hear(seen, awaited, this.#options.now());
    const { frame } = seen.message;
    if (reception.kind === 'extra') {
      const departure = this.#depart('extra', flow, `${reception.about} was not recorded`, seen.name, undefined, frame);
      if (departure && own.extras.length < MOST_EXTRA) own.extras.push({ name: seen.name, frame, departure });
    } else if (reception.kind === 'met') {
      own.extras = [];
      const { expected, differences } = reception;
      if (differences.length === 0) return;
      this.#depart('differs', flow, `${seen.name}: ${wordsOf(differences)}`, seen.name, expected.step, frame);
    }
  }

  /** The peer says no more on a stream, or has broken it off. */
  ended(flow: number, how: 'fin' | 'reset'): void {
    const own = this.#flows[flow];
    if (!own || own.state === 'over' || own.peerEnded === 'reset') return;
    this.#touch();
    own.peerEnded = how;
    const missed = own.hasEnded
      ? this.#nextOf(flow, isHear)
      : this.#nextOf(flow, step => isHear(step) || step.kind === 'say');
    if (!missed) return;
    const what = missed.kind === 'hear' ? `${missed.recorded.name} came` : `${nameOf(missed)} was sent`;
    const ending = how === 'fin' ? 'ended the connection' : 'aborted the connection';
    this.#depart('closed', flow, `the peer ${ending} before ${what}`, nameOf(missed), missed);
    this.#giveUp(flow);
  }

  /** Breaks all off. @param reason a clause */
  stop(reason: string): void {
    if (this.isOver) return;
    const open = this.#flows.findIndex(({ state }) => state !== 'over');
    if (this.#cursor < this.#script.steps.length) this.#depart('missing', Math.max(0, open), reason);
    this.#conclude();
  }

  /**
   * Does what is to be done by now.
   * @returns when to call again at the latest, in milliseconds since the Unix epoch; undefined when all is over
   */
  advance(): number | undefined {
    const { steps } = this.#script;
    while (!this.isOver && this.#cursor < steps.length) {
      const step = steps[this.#cursor];
      const wake = this.#flows[step.flow].state === 'over' ? undefined : this.#perform(step);
      if (wake !== undefined) return wake;
      this.#cursor++;
    }
    return this.isOver ? undefined : this.#linger();
  }

  /** @returns when to try again; undefined when it is done */
  #perform(step: Step): number | undefined {
    switch (step.kind) {
      case 'open':
        return this.#open(step);
      case 'say':
        return this.#say(step);
      case 'hear':
        return this.#awaitMessage(step);
      case 'preface':
        return this.#awaitPreface(step);
      case 'end':
        return step.by === 'own' ? this.#end(step) : this.#awaitEnd(step);
    }
  }

  #open(step: Step): number | undefined {
    const flow = this.#flows[step.flow];
    const due = this.#dueAt(step);
    if (flow.state === 'waiting') {
      if (due > this.#options.now()) return due;
      flow.state = 'opening';
      this.#stage.open(step.flow);
    }
    if (flow.state === 'open') return this.#done(step);
    if (flow.state === 'over') return undefined;
    return this.#await(step, () => {
      const who = this.#script.role === 'client' ? 'no connection' : 'no client came';
      this.#depart('refused', step.flow, `${who} within ${this.#patience}`, '', step);
      this.#giveUp(step.flow);
    });
  }

  #say(step: SayStep): number | undefined {
    const due = this.#dueAt(step);
    if (due > this.#options.now()) return due;
    if (this.#flows[step.flow].isHeldUp) {
      return this.#await(step, () => {
        this.#depart('closed', step.flow, `the peer took nothing more for ${this.#patience}`, nameOf(step), step);
        this.#giveUp(step.flow);
      });
    }
    const { steps, conversations } = this.#script;
    const parts = [this.#wireOf(step)];
    // What stood in one segment goes in one.
    if (conversations[step.flow].transport === 'tcp' && !this.#options.keepsApart) {
      for (let next = steps[this.#cursor + 1]; goesOn(step, next); next = steps[this.#cursor + 1]) {
        parts.push(this.#wireOf(next));
        this.#cursor++;
      }
    }
    this.#said += parts.length;
    this.#touch();
    this.#done(step, due);
    const [first] = parts;
    this.#stage.send(step.flow, parts.length === 1 ? first : Buffer.concat(parts));
    return undefined;
  }

  #wireOf(step: SayStep): Uint8Array {
    if (!step.recorded) return step.wire;
    const now = this.#options.now();
    const conversation = this.#script.conversations[step.flow];
    const table = this.#tables[step.flow];
    const adapting = { conversation, table, values: this.#values, chance: this.#chance, now };
    const { wire, unwritten } = adapted(step, step.recorded, adapting);
    if (unwritten.length > 0) {
      const what = unwritten.map(quoted).join(', ');
      this.#depart('unchanged', step.flow, `sent as recorded, for want of room: ${what}`, step.recorded.name, step);
    }
    return wire;
  }

  #awaitMessage(step: HearStep): number | undefined {
    const expected = this.#expected.get(step);
    if (!expected) return undefined;
    if (expected.isMet) return this.#done(step, expected.metAt);
    if (expected.isOptional) {
      expected.isPassed = true;
      return undefined;
    }
    return this.#await(step, () => {
      expected.isPassed = true;
      const { name } = step.recorded;
      const flow = this.#flows[step.flow];
      const [extra] = flow.extras;
      if (extra) {
        const at = this.departures.indexOf(extra.departure);
        if (at >= 0) this.departures.splice(at, 1);
        const text = `no ${name} within ${this.#patience}; ${extra.name} came instead`;
        this.#depart('instead', step.flow, text, name, step, extra.frame);
        flow.extras = [];
      } else this.#depart('missing', step.flow, `no ${name} within ${this.#patience}`, name, step);
      this.#goOnWithout(step.flow);
    });
  }

  #awaitPreface(step: PrefaceStep): number | undefined {
    const flow = this.#flows[step.flow];
    const to = flow.taken + step.bytes.length;
    if (flow.head.length >= to) {
      const came = flow.head.subarray(flow.taken, to);
      flow.taken = to;
      if (Buffer.compare(came, step.bytes) !== 0) {
        const [expected, actual] = [step.bytes, came].map(bytes => quoted(Buffer.from(bytes).toString('latin1')));
        this.#depart('differs', step.flow, `the first bytes are ${actual}, not ${expected}`, '', step);
      }
      return this.#done(step);
    }
    return this.#await(step, () => {
      const wanted = quoted(Buffer.from(step.bytes).toString('latin1'));
      this.#depart('missing', step.flow, `no ${wanted} before the first message within ${this.#patience}`, '', step);
      this.#goOnWithout(step.flow);
    });
  }

  #awaitEnd(step: EndStep): number | undefined {
    const flow = this.#flows[step.flow];
    if (flow.peerEnded) return this.#done(step);
    return this.#await(step, () => {
      this.#depart('open', step.flow, `the peer did not end the connection within ${this.#patience}`, '', step);
    });
  }

  #end(step: EndStep): number | undefined {
    const due = this.#dueAt(step);
    if (due > this.#options.now()) return due;
    const flow = this.#flows[step.flow];
    this.#done(step, due);
    flow.hasEnded = true;
    if (step.how === 'reset') {
      this.#stage.reset(step.flow);
      flow.state = 'over';
    } else this.#stage.end(step.flow);
    return undefined;
  }

  /** Waits for something of the peer. @param missed called when the time is over; the step is done then */
  #await(step: Step, missed: () => void): number | undefined {
    const now = this.#options.now();
    if (this.#deadline?.cursor !== this.#cursor) {
      // A peer's own pauses do not get shorter.
      const pause = step.kind === 'say' ? 0 : Math.max(0, step.time - this.#anchor.recorded);
      this.#deadline = { cursor: this.#cursor, at: now + pause + this.#options.timeout };
    }
    if (now < this.#deadline.at) return this.#deadline.at;
    missed();
    this.#anchor = { recorded: step.time, live: now };
    return undefined;
  }

  get #patience(): string {
    const { timeout } = this.#options;
    return `${timeout >= 1_000 ? `${timeout / 1_000} s` : `${timeout} ms`} (--timeout)`;
  }

  #goOnWithout(flow: number): void {
    if (!this.#options.keepGoing) this.#giveUp(flow);
  }

  #dueAt({ time }: Step): number {
    const { speed } = this.#options;
    const { recorded, live } = this.#anchor;
    return speed === Number.POSITIVE_INFINITY ? live : live + Math.max(0, time - recorded) / speed;
  }

  /** @param at when it was due, or came */
  #done(step: Step, at = this.#options.now()): undefined {
    const now = this.#options.now();
    this.#anchor = { recorded: step.time, live: Math.max(at, this.#anchor.live, now - MOST_LATE) };
  }

  /** All is said and heard: something may still come that was not recorded. */
  #linger(): number | undefined {
    const now = this.#options.now();
    if (this.#finishedAt < 0) this.#finishedAt = now;
    const isQuiet = this.#flows.every(({ state, hasEnded, peerEnded }) => {
      return state === 'over' || state === 'waiting' || (hasEnded && peerEnded !== undefined);
    });
    // What the peer has not taken yet is on its way to it.
    const isHeldUp = this.#flows.some(flow => flow.state !== 'over' && flow.isHeldUp);
    const until = isHeldUp
      ? this.#finishedAt + this.#options.timeout
      : Math.min(this.#lastActive + QUIET, this.#finishedAt + MOST_QUIET_WAIT);
    if (!isQuiet && now < until) return until;
    this.#conclude();
    return undefined;
  }

  #conclude(): void {
    this.isOver = true;
    this.#flows.forEach((flow, index) => {
      if (flow.state !== 'over' && flow.state !== 'waiting') this.#stage.close(index);
      flow.state = 'over';
    });
  }

  #giveUp(flow: number): void {
    const own = this.#flows[flow];
    const wasOpen = own.state !== 'waiting';
    own.state = 'over';
    if (wasOpen) this.#stage.close(flow);
  }

  /** The next step of a conversation that is of this kind, up to where the peer ended it. */
  #nextOf(flow: number, isKind: (step: Step) => boolean): Step | undefined {
    const { steps } = this.#script;
    for (let at = this.#cursor; at < steps.length; at++) {
      const step = steps[at];
      if (step.flow !== flow) continue;
      if (step.kind === 'end' && step.by === 'peer') return undefined;
      const expected = step.kind === 'hear' ? this.#expected.get(step) : undefined;
      if (isKind(step) && !expected?.isMet && !expected?.isOptional) return step;
    }
    return undefined;
  }

  #touch(): void {
    this.#lastActive = this.#options.now();
  }

  #depart(
    kind: DepartureKind,
    flow: number,
    text: string,
    messageName = '',
    step?: Step,
    liveFrame?: number,
  ): Departure | undefined {
    const recorded = step && 'recorded' in step ? step.recorded : undefined;
    const connection = recorded?.connection ?? this.#script.conversations[flow]?.connections[0] ?? 0;
    if (this.departures.length >= MOST_DEPARTURES) {
      this.omitted++;
      return undefined;
    }
    const departure = { kind, connection, messageName, recordedFrame: step?.frame, liveFrame, text };
    this.departures.push(departure);
    return departure;
  }
}

function isHear({ kind }: Step): boolean {
  return kind === 'hear';
}

function goesOn(step: SayStep, next: Step | undefined): next is SayStep {
  return next?.kind === 'say' && next.flow === step.flow && next.frame === step.frame;
}

/** For people: the message, or how many bytes. */
function nameOf(step: Step): string {
  if (step.kind === 'hear') return step.recorded.name;
  if (step.kind !== 'say') return '';
  return step.recorded?.name ?? counted(step.wire.length, 'byte');
}
