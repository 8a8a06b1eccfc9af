/**
 * The course of a flow on which something may be done: what a side says is shown in its own view, judged and cut there into
 * units (unit-cutter.ts), and each unit is passed on when all that was decided about it is done. What is passed on is recorded, and shown in the view of the side that gets it.
 *
 * A stream and a sequence of records keep their order: what comes behind a unit that waits waits, too. Datagrams do not
 * wait for each other.
 */
import type { Decision, Deed, DeedKind, DeedRecord } from '../lint/deed.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Course, NewFlow } from './course.ts';
import { commentOf, wordsOf } from './deed-words.ts';
import { CLIENT, otherSide, printedEnd, SERVER, type Side } from './ends.ts';
import type { Guarding, JudgedFlow } from './guarding.ts';
import type { OpenFlow, Release } from './holds.ts';
import type { Showing } from './showing.ts';
import type { Unit } from './unit.ts';
import { UnitCutter } from './unit-cutter.ts';

/** Milliseconds that a unit waits for another to overtake it. */
const OVERTAKEN_WITHIN = 500;

/** Deeds that are about the connection, and not the unit alone. */
const OF_CONNECTIONS: ReadonlySet<DeedKind> = new Set<DeedKind>(['stall', 'close', 'abort', 'send']);

/** What one side says. */
interface Direction {
  readonly waiting: Unit[];
  waitingBytes: number;
  /** Waits for the next one to be passed on before it. */
  overtaken: Unit | undefined;
  /** Nothing of it is passed on any more. */
  isStalled: boolean;
  hasEnded: boolean;
  isEndPassed: boolean;
}

export class GuardedCourse implements Course, JudgedFlow {
  readonly flow: number;
  readonly #new: NewFlow;
  readonly #guard: Guarding;
  readonly #passedOn: Showing;
  /** By side: as it had the traffic. */
  readonly #views: readonly [Showing, Showing];
  readonly #directions: readonly [Direction, Direction] = [newDirection(), newDirection()];
  readonly #isBlocked: [boolean, boolean] = [false, false];
  /** By side, as reports print it. */
  readonly #ends: readonly [string, string];
  /** What is shown in a view was said, and is not passed on yet. */
  #isAhead = false;
  readonly #cutter: UnitCutter;
  /** Who is being judged. */
  #saying: Side = CLIENT;
  /** What is held, by its number. */
  readonly #held = new Map<number, Unit>();
  #isOver = false;

  constructor(flow: NewFlow, guard: Guarding) {
    this.flow = flow.id;
    this.#new = flow;
    this.#guard = guard;
    this.#ends = [printedEnd(flow.ends, CLIENT), printedEnd(flow.ends, SERVER)];
    this.#cutter = new UnitCutter(flow, guard);
    this.#passedOn = flow.show(flow.emit);
    const view = (side: Side) => flow.show(frame => guard.show(side, frame, flow.pair, this.#isAhead));
    this.#views = [view(CLIENT), view(SERVER)];
  }

  // What happens on the sockets

  open(comment: string): void {
    this.#guard.event(() => {
      this.#passedOn.open(comment);
      for (const view of this.#views) view.open('');
    });
  }

  refuse(comment: string): void {
    this.#guard.event(() => {
      this.#passedOn.refuse(comment);
      for (const view of this.#views) view.refuse('');
    });
  }

  said(from: Side, bytes: Uint8Array): void {
    this.#guard.event(() => this.#take(from, bytes));
  }

  #take(from: Side, bytes: Uint8Array): void {
    this.#saying = from;
    const say = () => this.#ahead(() => this.#views[from].data(from, bytes));
    const units = this.#cutter.units(from, bytes, () => this.#guard.judging(this, from, say));
    // The proxy has got it: what becomes of it then is not this side's affair.
    this.#ahead(() => this.#views[from].acknowledge(otherSide(from)));
    if (this.#isOver) return;
    const direction = this.#directions[from];
    const first = direction.waiting.length;
    for (const unit of units) {
      if (direction.isStalled || direction.isEndPassed) return;
      if (this.#new.carrier !== 'stream' && direction.waitingBytes + unit.wire.length > this.#most) {
        this.#guard.options.onShortage(`${this.#ends[from]}: too much waits, and ${unit.name} was not passed on`);
        continue;
      }
      direction.waiting.push(unit);
      direction.waitingBytes += unit.wire.length;
    }
    this.#advance(from, first);
  }

  /** A message of what is being judged. */
  seen(seen: SeenMessage): void {
    // What makes a protocol known brings the messages before it, of the other side, too.
    if (seen.from !== this.#ends[this.#saying]) return;
    if (this.#cutter.seen(seen)) this.#guard.watch?.said(this.flow, this.#saying, seen);
  }

  unreachable(length: number): void {
    this.#guard.event(() => {
      for (const showing of [this.#passedOn, ...this.#views]) showing.unreachable(length);
    });
  }

  ended(side: Side): void {
    this.#guard.event(() => {
      this.#ahead(() => this.#views[side].end(side));
      this.#directions[side].hasEnded = true;
      this.#guard.watch?.ended(this.flow, side);
      this.#advance(side);
    });
  }

  broken(side: Side): void {
    this.#new.line.reset(otherSide(side));
    this.#guard.watch?.broken(this.flow, side);
    this.#guard.event(() => {
      for (const showing of [this.#passedOn, ...this.#views]) showing.reset(side);
    });
  }

  drained(side: Side): void {
    this.#isBlocked[side] = false;
    this.#guard.event(() => {
      this.#passedOn.acknowledge(side);
      this.#views[side].acknowledge(side);
    });
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

  // What is done to it

  /**
   * Goes on with what waits of a side. Datagrams do not wait for each other, and very many of them may be held: only those
   * from `first` on are looked at; with `isAlone` the first of them, and what has waited for it.
   */
  #advance(from: Side, first = 0, isAlone = false): void {
    const direction = this.#directions[from];
    const { waiting } = direction;
    const isOrdered = this.#new.carrier !== 'datagrams';
    for (let at = isOrdered ? 0 : first; at < waiting.length && !this.#isOver; ) {
      const unit = waiting[at];
      if (!this.#work(unit)) {
        if (isOrdered || isAlone) break;
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
    while (!unit.isWaiting && unit.done < unit.decisions.length) {
      const decision = unit.decisions[unit.done++];
      if (unit.isDropped && !this.#concernsLost(unit, decision)) continue;
      this.#do(unit, decision);
      if (unit === this.#directions[unit.from].overtaken) return true;
    }
    if (unit.isWaiting) return false;
    return unit.trickle > 0 && !unit.isDropped ? this.#trickle(unit) : this.#pass(unit);
  }

  /** Of a unit that is lost nothing is left but the end of its connection, no matter who decided which; and it ends once. */
  #concernsLost({ ending }: Unit, { deed }: Decision): boolean {
    return ending === undefined && OF_CONNECTIONS.has(deed.kind);
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
        // From when it came, however long it has waited for others since; several add up.
        unit.due += deed.milliseconds;
        this.#wait(unit, Math.max(0, unit.due - this.#guard.options.now()));
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
        unit.isDropped ||= deed.when === 'before';
        unit.ending = deed.kind;
        break;
      case 'send':
        this.#send(unit, decision, deed);
        break;
    }
    enter();
  }

  #send({ from, name, followers }: Unit, { cause }: Decision, deed: Extract<Deed, { kind: 'send' }>): void {
    const speaker = deed.to === 'sender' ? otherSide(from) : from;
    const comment = commentOf(wordsOf(deed, name), cause);
    if (deed.when === 'after') followers.push({ from: speaker, bytes: deed.bytes, comment });
    else this.#deliver(speaker, deed.bytes, comment);
  }

  #wait(unit: Unit, milliseconds: number): void {
    unit.isWaiting = true;
    unit.cancel = this.#guard.options.timers.after(milliseconds, () => {
      unit.isWaiting = false;
      unit.cancel = undefined;
      const direction = this.#directions[unit.from];
      if (unit === direction.overtaken) this.#releaseOvertaken(direction, direction.waiting.length);
      this.#guard.event(() => this.#advanceOne(unit));
    });
  }

  /** It waits no more. */
  #advanceOne(unit: Unit): void {
    const place = this.#directions[unit.from].waiting.indexOf(unit);
    this.#advance(unit.from, Math.max(0, place), place >= 0);
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
  #finish({ ending, from, followers }: Unit): void {
    for (const { from: speaker, bytes, comment } of followers.splice(0)) this.#deliver(speaker, bytes, comment);
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
    if (unit.heldAs === 0) return;
    this.#held.delete(unit.heldAs);
    const decision = unit.decisions[unit.done - 1];
    this.#enter(decision, `held ${unit.name} until its connection was over`, unit.from, unit.name, unit.connection);
    this.#guard.holds.delete(unit.heldAs);
    unit.heldAs = 0;
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
    this.#held.set(unit.heldAs, unit);
  }

  release(id: number, { bytes, note, isDropped, isRepeated = false }: Release): number {
    const unit = this.#held.get(id);
    if (!unit) return 0;
    this.#held.delete(id);
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
    this.#guard.event(() => this.#advanceOne(unit));
    return 0;
  }

  inject(to: 'client' | 'server', bytes: Uint8Array, note: string): void {
    const from = to === 'client' ? SERVER : CLIENT;
    const deed: Deed = { kind: 'send', to: 'receiver', bytes, note };
    const words = wordsOf(deed, note);
    this.#enter({ deed, cause: 'by hand', by: 'interception' }, words, from, note);
    this.#deliver(from, bytes, commentOf(words, 'by hand'));
  }

  describe(): OpenFlow {
    const [client, server] = this.#ends;
    return { flow: this.flow, pair: this.#new.pair, client, server, held: this.#held.size };
  }

  // What is said of it

  /** @returns the comment for the recording */
  #enterDeeds(unit: Unit): string {
    const texts = unit.deeds.map(({ decision, words }) => {
      this.#enter(decision, words, unit.from, unit.name, unit.connection);
      return commentOf(words, decision.cause);
    });
    unit.deeds.length = 0;
    const isOther = unit.isDropped || unit.bytes !== unit.wire;
    if (texts.length > 0 && isOther) texts.push(`sent was ${hexOf(unit.wire)}`);
    return texts.join('; ');
  }

  #enter({ deed, cause, by }: Decision, words: string, from: Side, unit: string, connection?: number): void {
    const { now } = this.#guard.options;
    const speaker = deed.kind === 'send' && deed.to === 'sender' ? otherSide(from) : from;
    const record: DeedRecord = {
      kind: deed.kind,
      cause,
      by,
      time: now(),
      frame: (this.#guard.passedOn?.facts.packets ?? 0) + 1,
      flow: this.flow,
      pair: this.#new.pair,
      from: this.#ends[speaker],
      to: this.#ends[otherSide(speaker)],
      sender: from === CLIENT ? 'client' : 'server',
      inNameOf: speaker === CLIENT ? 'client' : 'server',
      connection,
      unit: deed.kind === 'send' ? deed.note : unit,
      note: 'note' in deed ? deed.note : '',
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
    waiting: [],
    waitingBytes: 0,
    overtaken: undefined,
    isStalled: false,
    hasEnded: false,
    isEndPassed: false,
  };
}

/** Bytes that a comment spells out. */
const MOST_SHOWN = 1_024;

function hexOf(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MOST_SHOWN)).toString('hex');
  return bytes.length > MOST_SHOWN ? `${shown}... (${bytes.length} bytes)` : shown;
}
