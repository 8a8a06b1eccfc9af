/**
 * The course of a flow on which something may be done: what a side says is shown in its own view, judged and cut there into
 * units (messages of a stream, datagrams, records; bytes that nobody can cut go on as they come), and each unit is passed on
 * when all that was decided about it is done. What is passed on is recorded, and shown in the view of the side that gets it.
 *
 * A stream and a sequence of records keep their order: what comes behind a unit that waits waits, too. Datagrams do not
 * wait for each other.
 */
import type { Decision, Deed, DeedRecord } from '../faults/deed.ts';
import type { Passage } from '../faults/passage.ts';
import type { Framing } from '../framing/framing.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Course } from './course.ts';
import { commentOf, wordsOf } from './deed-words.ts';
import { CLIENT, endText, otherSide, SERVER, type Side } from './ends.ts';
import type { Guard } from './guard.ts';
import { heldMessage } from './held-message.ts';
import type { Release } from './held-units.ts';
import type { HeldMessage, OpenFlow } from './holds.ts';
import type { NewFlow } from './relay.ts';
import type { Showing } from './showing.ts';

/** Milliseconds that a unit waits for another to overtake it. */
const OVERTAKEN_WITHIN = 500;

/** A part of what one side says, on its way. */
interface Unit {
  readonly from: Side;
  /** As it was sent. */
  readonly wire: Uint8Array;
  /** Names of its messages, or how many bytes nobody could cut. */
  readonly name: string;
  readonly decisions: readonly Decision[];
  readonly messages: readonly HeldMessage[];
  /** What is passed on, and how many times more. */
  bytes: Uint8Array;
  copies: number;
  isDropped: boolean;
  /** How many decisions are done with. */
  done: number;
  /** For a timer, or for somebody. */
  isWaiting: boolean;
  /** Calls the timer off. */
  cancel: (() => void) | undefined;
  /** Its number among those that are held, and since when. */
  heldAs: number;
  heldSince: number;
  /** What is to happen to the connection once it is passed on. */
  ending: 'close' | 'abort' | undefined;
  /** Milliseconds between its bytes, and how many were passed on. */
  trickle: number;
  passed: number;
  /** Deeds that are done when it is passed on, or is not. */
  readonly deeds: { readonly decision: Decision; readonly words: string }[];
}

/** What one side says. */
interface Direction {
  /** Not cut yet. */
  readonly bytes: ByteQueue;
  readonly waiting: Unit[];
  waitingBytes: number;
  /** Units so far. */
  count: number;
  /** Waits for the next one to be passed on before it. */
  overtaken: Unit | undefined;
  /** Nothing of it is passed on any more. */
  isStalled: boolean;
  hasEnded: boolean;
  isEndPassed: boolean;
}

export class GuardedCourse implements Course {
  readonly flow: number;
  readonly #new: NewFlow;
  readonly #guard: Guard;
  readonly #passedOn: Showing;
  /** By side: as it had the traffic. */
  readonly #views: readonly [Showing, Showing];
  readonly #directions: readonly [Direction, Direction] = [newDirection(), newDirection()];
  readonly #isBlocked: [boolean, boolean] = [false, false];
  /** By side, as reports print it. */
  readonly #ends: readonly [string, string];
  /** What is shown in a view was said, and is not passed on yet. */
  #isAhead = false;
  /** What is being judged: the units that were cut, and of a datagram or record its messages and what was decided. */
  #saying: Side = CLIENT;
  #said: Uint8Array = NOTHING;
  /** Where the first message of a datagram begins in its packet. */
  #firstStart = -1;
  #cut: Unit[] = [];
  #names: string[] = [];
  #messages: HeldMessage[] = [];
  #decisions: Decision[] = [];
  #isOver = false;

  constructor(flow: NewFlow, guard: Guard) {
    this.flow = flow.id;
    this.#new = flow;
    this.#guard = guard;
    this.#ends = [endText(flow.ends, CLIENT), endText(flow.ends, SERVER)];
    this.#passedOn = flow.show(flow.emit);
    const view = (side: Side) => flow.show(frame => guard.show(side, frame, flow.pair, this.#isAhead));
    this.#views = [view(CLIENT), view(SERVER)];
  }

  // What happens on the sockets

  open(comment: string): void {
    this.#passedOn.open(comment);
    for (const view of this.#views) view.open('');
  }

  refuse(comment: string): void {
    this.#passedOn.refuse(comment);
    for (const view of this.#views) view.refuse('');
  }

  said(from: Side, bytes: Uint8Array): void {
    const units = this.#judged(from, bytes);
    if (this.#isOver) return;
    const direction = this.#directions[from];
    for (const unit of units) {
      if (direction.isStalled || direction.isEndPassed) return;
      if (this.#new.carrier !== 'stream' && direction.waitingBytes + unit.wire.length > this.#most) {
        this.#guard.options.onShortage(`${this.#ends[from]}: too much waits, and ${unit.name} was not passed on`);
        continue;
      }
      direction.waiting.push(unit);
      direction.waitingBytes += unit.wire.length;
    }
    this.#advance(from);
  }

  unreachable(length: number): void {
    this.#passedOn.unreachable(length);
    for (const view of this.#views) view.unreachable(length);
  }

  ended(side: Side): void {
    this.#ahead(() => this.#views[side].end(side));
    this.#directions[side].hasEnded = true;
    this.#guard.watch?.ended(this.flow, side);
    this.#advance(side);
  }

  broken(side: Side): void {
    this.#new.line.reset(otherSide(side));
    this.#guard.watch?.broken(this.flow, side);
    for (const showing of [this.#passedOn, ...this.#views]) showing.reset(side);
  }

  drained(side: Side): void {
    this.#isBlocked[side] = false;
    this.#passedOn.acknowledge(side);
    this.#views[side].acknowledge(side);
  }

  isFull(from: Side): boolean {
    return this.#isBlocked[otherSide(from)] || this.#directions[from].waitingBytes > this.#most;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { waiting, overtaken } of this.#directions)
      for (const unit of [...waiting, ...(overtaken ? [overtaken] : [])]) this.#letGo(unit);
    this.#guard.watch?.over(this.flow);
    this.#guard.forget(this);
  }

  // What is cut out of what was said

  /** Shows a message of what is being judged. */
  seen(seen: SeenMessage): void {
    this.#guard.watch?.said(this.flow, this.#saying, seen);
    const { begun, framing } = seen.cut ?? {};
    const { bytes } = this.#directions[this.#saying];
    if (this.#new.carrier === 'datagrams') {
      if (this.#firstStart < 0) this.#firstStart = seen.message.start;
      this.#decide(seen, { ...this.#passage(this.#said, false), offset: seen.message.start - this.#firstStart });
      return;
    }
    if (this.#new.carrier === 'records') {
      const at = begun ? Math.max(0, begun.at - bytes.taken) : 0;
      const offset = Math.min(at + hiddenBy(framing, this.#said, at), this.#said.length);
      this.#decide(seen, { ...this.#passage(this.#said, false), framing, offset });
      return;
    }
    // Bytes that were passed on before the protocol was known.
    if (!begun || !framing || begun.at < 0 || begun.end <= bytes.taken) return;
    if (begun.at < bytes.taken) {
      this.#cutRaw(begun.end - bytes.taken);
      return;
    }
    this.#cutRaw(begun.at - bytes.taken);
    const wire = bytes.take(begun.end - begun.at);
    const isWhole = wire.length === begun.end - begun.at;
    const passage = { ...this.#passage(wire, isWhole), framing, offset: hiddenBy(framing, wire, 0) };
    this.#decide(seen, passage);
    this.#cutUnit(passage);
  }

  /** Has what a side says judged, and cut. */
  #judged(from: Side, bytes: Uint8Array): readonly Unit[] {
    const direction = this.#directions[from];
    const { views } = this.#guard.options;
    const isStream = this.#new.carrier === 'stream';
    this.#saying = from;
    this.#said = bytes;
    this.#firstStart = -1;
    this.#cut = [];
    if (isStream) direction.bytes.push(bytes);
    this.#guard.judging(this, from, () => this.#ahead(() => this.#views[from].data(from, bytes)));
    // The proxy has got it: what becomes of it then is not this side's affair.
    this.#ahead(() => this.#views[from].acknowledge(otherSide(from)));
    if (isStream) {
      const unfinished = views.unfinished(from);
      this.#cutRaw(direction.bytes.length - (unfinished > this.#most ? 0 : unfinished));
    } else this.#cutUnit(this.#passage(bytes, this.#names.length > 0));
    if (this.#new.carrier === 'records') direction.bytes.skip(bytes.length);
    return this.#cut;
  }

  #decide(seen: SeenMessage, passage: Passage): void {
    const { overseers, origin, options } = this.#guard;
    for (const overseer of overseers) this.#decisions.push(...(overseer.message?.(seen, passage, origin) ?? []));
    this.#names.push(seen.name);
    if (options.keepsMessages || this.#decisions.some(({ deed }) => deed.kind === 'hold'))
      this.#messages.push(heldMessage(seen, passage));
  }

  /** The next bytes of the stream belong to no message that could be cut in time. */
  #cutRaw(count: number): void {
    if (count <= 0) return;
    this.#cutUnit(this.#passage(this.#directions[this.#saying].bytes.take(count), false));
  }

  #cutUnit(passage: Passage): void {
    const { wire } = passage;
    for (const overseer of this.#guard.overseers) this.#decisions.push(...(overseer.unit?.(passage) ?? []));
    this.#cut.push({
      from: this.#saying,
      wire,
      name: this.#names.join(', ') || `${wire.length} ${wire.length === 1 ? 'byte' : 'bytes'}`,
      decisions: this.#decisions,
      messages: this.#messages,
      bytes: wire,
      copies: 0,
      isDropped: false,
      done: 0,
      isWaiting: false,
      cancel: undefined,
      heldAs: 0,
      heldSince: 0,
      ending: undefined,
      trickle: 0,
      passed: 0,
      deeds: [],
    });
    this.#directions[this.#saying].count++;
    this.#decisions = [];
    this.#messages = [];
    this.#names = [];
  }

  #passage(wire: Uint8Array, isWhole: boolean): Passage {
    const { id, pair, carrier } = this.#new;
    return {
      flow: id,
      pair,
      from: this.#saying === CLIENT ? 'client' : 'server',
      ordinal: this.#directions[this.#saying].count,
      carrier,
      now: this.#guard.options.now(),
      wire,
      offset: 0,
      framing: undefined,
      isWhole,
    };
  }

  // What is done to it

  /** Goes on with what waits of a side. */
  #advance(from: Side): void {
    const direction = this.#directions[from];
    const { waiting } = direction;
    const isOrdered = this.#new.carrier !== 'datagrams';
    for (let at = 0; at < waiting.length && !this.#isOver; ) {
      const unit = waiting[at];
      if (!this.#work(unit)) {
        if (isOrdered) break;
        at++;
        continue;
      }
      // Doing it may have closed the connection, and all that waited is gone.
      if (waiting[at] !== unit) break;
      waiting.splice(at, 1);
      if (unit === direction.overtaken) continue;
      direction.waitingBytes -= unit.wire.length;
      this.#releaseOvertaken(direction, at);
    }
    if (this.#isOver) return;
    if (waiting.length === 0 && direction.hasEnded) this.#passEnd(from);
    this.#new.onEased(from);
  }

  /** @returns whether it is done with; otherwise it waits */
  #work(unit: Unit): boolean {
    while (!unit.isWaiting && !unit.isDropped && unit.done < unit.decisions.length) {
      const decision = unit.decisions[unit.done++];
      this.#do(unit, decision);
      if (unit === this.#directions[unit.from].overtaken) return true;
    }
    if (unit.isWaiting) return false;
    return unit.trickle > 0 && !unit.isDropped ? this.#trickle(unit) : this.#pass(unit);
  }

  #do(unit: Unit, decision: Decision): void {
    const { deed } = decision;
    const direction = this.#directions[unit.from];
    const enter = () => unit.deeds.push({ decision, words: wordsOf(deed, unit.name) });
    switch (deed.kind) {
      case 'hold':
        this.#hold(unit, decision);
        return;
      case 'delay':
        this.#wait(unit, deed.milliseconds);
        break;
      case 'reorder':
        if (direction.overtaken !== undefined) return;
        this.#wait(unit, OVERTAKEN_WITHIN);
        direction.overtaken = unit;
        break;
      case 'duplicate':
        unit.copies += deed.copies;
        break;
      case 'replace':
        unit.bytes = deed.bytes;
        break;
      case 'trickle':
        if (this.#new.carrier !== 'stream') return;
        unit.trickle = deed.milliseconds;
        break;
      case 'cut':
        if (this.#new.carrier !== 'stream') return;
        unit.bytes = unit.bytes.subarray(0, deed.length);
        unit.ending = 'close';
        break;
      case 'drop':
        unit.isDropped = true;
        break;
      case 'stall':
        unit.isDropped = true;
        direction.isStalled = true;
        break;
      case 'close':
      case 'abort':
        unit.isDropped = deed.when === 'before';
        unit.ending = deed.kind;
        break;
      case 'send':
        this.#deliver(deed.to === 'sender' ? otherSide(unit.from) : unit.from, deed.bytes, wordsOf(deed, unit.name));
        break;
    }
    enter();
  }

  #wait(unit: Unit, milliseconds: number): void {
    unit.isWaiting = true;
    unit.cancel = this.#guard.options.timers.after(milliseconds, () => {
      unit.isWaiting = false;
      unit.cancel = undefined;
      const direction = this.#directions[unit.from];
      if (unit === direction.overtaken) this.#releaseOvertaken(direction, direction.waiting.length);
      this.#advance(unit.from);
    });
  }

  /** The unit that was to be overtaken has been, or nobody came: it is next. */
  #releaseOvertaken(direction: Direction, at: number): void {
    const { overtaken } = direction;
    if (!overtaken) return;
    overtaken.cancel?.();
    overtaken.cancel = undefined;
    overtaken.isWaiting = false;
    direction.overtaken = undefined;
    direction.waiting.splice(at, 0, overtaken);
  }

  /** @returns whether all of it was passed on */
  #trickle(unit: Unit): boolean {
    if (unit.passed === 0) this.#enterDeeds(unit);
    if (unit.passed < unit.bytes.length) this.#deliver(unit.from, unit.bytes.subarray(unit.passed, ++unit.passed), '');
    if (unit.passed < unit.bytes.length) {
      this.#wait(unit, unit.trickle);
      return false;
    }
    this.#finish(unit);
    return true;
  }

  #pass(unit: Unit): boolean {
    const comment = this.#enterDeeds(unit);
    if (!unit.isDropped) {
      this.#deliver(unit.from, unit.bytes, comment);
      for (let copy = 0; copy < unit.copies; copy++) this.#deliver(unit.from, unit.bytes, 'a copy that wirelint made');
    } else if (comment !== '') this.#guard.passedOn?.note(comment);
    this.#finish(unit);
    return true;
  }

  /** What was decided about the connection with the unit. */
  #finish({ ending, from }: Unit): void {
    if (ending === 'abort') this.abort();
    else if (ending === 'close') this.#closeBoth();
    else if (this.#directions[from].isStalled) this.#clear(this.#directions[from]);
  }

  #deliver(from: Side, bytes: Uint8Array, comment: string): void {
    if (this.#isOver || (bytes.length === 0 && this.#new.carrier === 'stream')) return;
    const to = otherSide(from);
    const isTaken = this.#new.line.send(to, bytes);
    this.#passedOn.data(from, bytes, comment);
    this.#views[to].data(from, bytes);
    if (!isTaken) {
      this.#isBlocked[to] = true;
      return;
    }
    this.#passedOn.acknowledge(to);
    this.#views[to].acknowledge(to);
  }

  #passEnd(from: Side): void {
    const direction = this.#directions[from];
    if (direction.overtaken) {
      this.#releaseOvertaken(direction, 0);
      this.#advance(from);
      return;
    }
    if (direction.isEndPassed || direction.isStalled) return;
    direction.isEndPassed = true;
    const to = otherSide(from);
    this.#new.line.end(to);
    this.#passedOn.end(from);
    this.#views[to].end(from);
  }

  /** Closes the connection in order, towards both sides. What they say from then on goes nowhere. */
  #closeBoth(): void {
    for (const from of [SERVER, CLIENT]) {
      const direction = this.#directions[from];
      this.#clear(direction);
      direction.isStalled = false;
      this.#passEnd(from);
    }
  }

  /** Breaks the connection off towards both sides. */
  abort(): void {
    if (this.#isOver) return;
    const { line, onOver } = this.#new;
    this.#passedOn.reset(SERVER);
    for (const side of [CLIENT, SERVER] as const) {
      this.#views[side].reset(otherSide(side));
      line.reset(side);
    }
    onOver();
  }

  #clear(direction: Direction): void {
    for (const unit of [...direction.waiting, ...(direction.overtaken ? [direction.overtaken] : [])]) this.#letGo(unit);
    direction.waiting.length = 0;
    direction.waitingBytes = 0;
    direction.overtaken = undefined;
  }

  #letGo(unit: Unit): void {
    unit.cancel?.();
    if (unit.heldAs > 0) this.#guard.holds.delete(unit.heldAs);
  }

  // What is held

  #hold(unit: Unit, { cause }: Decision): void {
    unit.isWaiting = true;
    unit.heldSince = this.#guard.options.now();
    const { messages, wire, from } = unit;
    unit.heldAs = this.#guard.holds.add(this, {
      flow: this.flow,
      pair: this.#new.pair,
      from: from === CLIENT ? 'client' : 'server',
      client: this.#ends[CLIENT],
      server: this.#ends[SERVER],
      since: unit.heldSince,
      cause,
      wire,
      messages,
    });
  }

  /** Lets go of a held unit. @returns the number of the copy that is held in its place, if one is */
  release(id: number, { bytes, note, isDropped, isRepeated = false }: Release): number {
    const unit = this.#directions.flatMap(({ waiting }) => waiting).find(({ heldAs }) => heldAs === id);
    if (!unit) return 0;
    const decision = unit.decisions[unit.done - 1];
    const seconds = ((this.#guard.options.now() - unit.heldSince) / 1_000).toFixed(1);
    const done = (deed: Deed) =>
      unit.deeds.push({ decision: { ...decision, deed }, words: wordsOf(deed, unit.name, `after ${seconds} s`) });
    if (bytes) done({ kind: 'replace', bytes, note, how: 'set' });
    else done(isDropped ? { kind: 'drop' } : { kind: 'hold' });
    this.#guard.holds.delete(id);
    unit.heldAs = 0;
    if (isRepeated) {
      this.#deliver(unit.from, unit.bytes, this.#enterDeeds(unit));
      this.#hold(unit, decision);
      return unit.heldAs;
    }
    unit.bytes = bytes ?? unit.bytes;
    unit.isDropped = isDropped;
    unit.isWaiting = false;
    this.#advance(unit.from);
    return 0;
  }

  /** Gives one side bytes that nobody has sent. */
  inject(to: 'client' | 'server', bytes: Uint8Array, note: string): void {
    const from = to === 'client' ? SERVER : CLIENT;
    const deed: Deed = { kind: 'send', to: 'receiver', bytes, note };
    const words = wordsOf(deed, note);
    this.#enter({ deed, cause: 'by hand', by: 'interception' }, words, from, note);
    this.#deliver(from, bytes, commentOf(words, 'by hand'));
  }

  describe(): OpenFlow {
    const held = this.#directions.flatMap(({ waiting }) => waiting.filter(({ heldAs }) => heldAs > 0)).length;
    const [client, server] = this.#ends;
    return { flow: this.flow, pair: this.#new.pair, client, server, held };
  }

  // What is said of it

  /** @returns the comment for the recording */
  #enterDeeds(unit: Unit): string {
    const texts = unit.deeds.map(({ decision, words }) => {
      this.#enter(decision, words, unit.from, unit.name);
      return commentOf(words, decision.cause);
    });
    unit.deeds.length = 0;
    const isOther = unit.isDropped || unit.bytes !== unit.wire;
    if (texts.length > 0 && isOther) texts.push(`sent was ${hexOf(unit.wire)}`);
    return texts.join('; ');
  }

  #enter({ deed, cause, by }: Decision, words: string, from: Side, unit: string): void {
    const { now } = this.#guard.options;
    const record: DeedRecord = {
      kind: deed.kind,
      cause,
      by,
      time: now(),
      frame: (this.#guard.passedOn?.facts.packets ?? 0) + 1,
      flow: this.flow,
      pair: this.#new.pair,
      from: this.#ends[from],
      to: this.#ends[otherSide(from)],
      unit,
      words,
    };
    this.#guard.done(record);
  }

  #ahead(show: () => void): void {
    this.#isAhead = true;
    show();
    this.#isAhead = false;
  }

  get #most(): number {
    return this.#guard.options.mostWaiting;
  }
}

function newDirection(): Direction {
  return {
    bytes: new ByteQueue(),
    waiting: [],
    waitingBytes: 0,
    count: 0,
    overtaken: undefined,
    isStalled: false,
    hasEnded: false,
    isEndPassed: false,
  };
}

/** Bytes at the head of a message that are its framing's. */
function hiddenBy(framing: Framing | undefined, bytes: Uint8Array, at: number): number {
  return framing?.hiddenOf?.(bytes, at, bytes.length - at) ?? framing?.hidden ?? 0;
}

/** Bytes that a comment spells out. */
const MOST_SHOWN = 1_024;

function hexOf(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MOST_SHOWN)).toString('hex');
  return bytes.length > MOST_SHOWN ? `${shown}... (${bytes.length} bytes)` : shown;
}

const NOTHING = new Uint8Array(0);
