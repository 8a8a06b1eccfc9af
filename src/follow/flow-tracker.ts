/**
 * The tracker of a protocol that has one connection a flow, and whose carrier delivers each message once and in order
 * (TCP) or whose datagrams are judged as if it did. Such protocols differ in their tables, in what they remember and in
 * what a message adds to that; the rest is bookkeeping, and stands here: finding and opening the connection, counting,
 * telling the judge what it stands on, one state a side, requests that wait, what a connection met in the middle is
 * taken to be. `defineProtocol` makes one from its tables.
 *
 * The order of things for each message: what is overdue by then; its form; a step of the machine on both sides; its
 * content, unless the step broke a rule; then `take`, which makes it part of the memory. A malformed message does the
 * first two alone, and so does one of whose fixed fields the capture holds only a part; what a check reads in a field
 * behind those may be cut.
 *
 * A protocol that carries several connections over a flow writes a `Tracker` of its own on the same parts.
 */
import type { Doubt } from '../lint/doubt.ts';
import { Subject } from '../lint/subject.ts';
import type { Machine } from '../protocol/machine.ts';
import { messageCountsOf } from '../protocol/message-counts.ts';
import { type EarlierMessage, type Tracker, type TrackerHost, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { FlowSlots } from '../storage/flow-slots.ts';
import { Records, recordView } from '../storage/records.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { Steps } from './steps.ts';
import { type Wait, Waiting, type WaitingOptions } from './waiting.ts';

/** What a check looks at: a message in its connection. Reused, and right only while the check runs. */
export interface Exchange<Memory, WaitName extends string = string> {
  readonly message: Message;
  /** Place of the message's layout in `layouts`; `layouts.length` for a type that they do not have. */
  readonly type: number;
  readonly layout: Layout | undefined;
  readonly fromClient: boolean;
  /** What the protocol remembers of the connection, as it was before the message. */
  readonly memory: Memory;
  /** Requests that wait for answers, as they were before the message. */
  readonly waits: Readonly<Record<WaitName, Wait>>;
  /** For `judge.enter`. */
  readonly subject: Subject;
}

/** What `take` and `prepare` return where they need what the capture does not hold: the memory is not whole then. */
export const NOT_CAPTURED: unique symbol = Symbol('not captured');

/** What one protocol has of its own. */
export interface FlowProtocol<Memory> {
  readonly layouts: readonly Layout[];
  /** Its first role is that of the client: who opened the TCP connection, or spoke first. Each layout is an event. */
  readonly machine: Machine;
  /** Place of the message's layout in `layouts`, or any other number when its type is unknown. */
  typeOf(message: Message, fromClient: boolean): number;
  /** The memory of a new connection. What peers can put into it must have a bound. */
  remember(): Memory;
  /** Makes a well-formed message part of the memory, after it was judged. */
  take?(exchange: Exchange<Memory>): unknown;
  /** Looks at a well-formed message whose fields are all there before anything but its form is judged. */
  prepare?(exchange: Exchange<Memory>): unknown;
  /** Messages that begin a connection. One whose beginning was seen in no other way is complete if it starts so. */
  readonly opening: readonly string[];
  /** Messages that only servers send: they tell the roles in a connection that was met in the middle. */
  readonly answers?: readonly string[];
  /** State of the machine that both sides of such a connection are taken to be in. */
  readonly midstream: string;
  /** Event of the machine for the end of a side's stream (FIN), if it has one. */
  readonly endOfStream?: string;
  /** By role and state: what cuts the bytes of a side, as `Tracker.framingOf` has it; 0 if absent. */
  readonly framings?: readonly (readonly number[])[];
  /** State of a connection whose ends are in these states; the further one if absent. */
  stateOfBoth?(client: number, server: number): number;
  /** Requests that wait for their answers. */
  readonly waits?: readonly WaitingOptions[];
  /** Sets readers of its own on the exchange, once. */
  extend?(exchange: Exchange<Memory>): void;
  /** The edition that a connection speaks, as `Subject.edition`. Not known if absent. */
  editionOf?(memory: Memory): number;
  /** What `auto` options settled on: option -> values found. */
  settled?(): ReadonlyMap<string, readonly string[]>;
}

/** Of each connection: the state of each end, a mask of the events that it has sent, and marks. */
const Side = recordView(['state', 'sent']);
const Marks = recordView(['flags']);
const WIDTH = 2 * Side.width + Marks.width;
/** Not all of it was seen. */
const PARTIAL = 1;

export class FlowTracker<Memory> implements Tracker {
  layout: Layout | undefined = undefined;
  messageName = '';
  repeated = false;
  answers: EarlierMessage | undefined = undefined;
  readonly #answered = { ordinal: 0, frame: 0, seconds: 0, nanoseconds: 0 };
  readonly #host: TrackerHost<Exchange<Memory>>;
  readonly #protocol: FlowProtocol<Memory>;
  readonly #exchange: { -readonly [Key in keyof Exchange<Memory>]: Exchange<Memory>[Key] };
  readonly #waits: readonly Waiting[];
  /** Event of the machine by type. */
  readonly #events: readonly number[];
  readonly #endOfStream: number;
  readonly #steps: Steps;
  readonly #counts: Float64Array;
  readonly #slots: FlowSlots;
  /** Flows of which bytes were lost before their first message. */
  readonly #lostBefore = new Set<number>();
  readonly #memories: (Memory | undefined)[] = [];
  readonly #rows = new Records(WIDTH);
  readonly #marks = new Marks(this.#rows);
  readonly #sender = new Side(this.#rows);
  readonly #receiver = new Side(this.#rows);
  /** For messages that a rule is entered for later. */
  readonly #other = new Side(this.#rows);

  /** @param message the view that messages will be handed in */
  constructor(host: TrackerHost<Exchange<Memory>>, message: Message, protocol: FlowProtocol<Memory>) {
    const { layouts, machine } = protocol;
    this.#host = host;
    this.#protocol = protocol;
    this.#slots = host.connections.inForce;
    this.#events = layouts.map(({ name }) => machine.event(name));
    this.#endOfStream = protocol.endOfStream === undefined ? -1 : machine.event(protocol.endOfStream);
    this.#steps = new Steps(host.machineRun);
    this.#counts = new Float64Array(layouts.length + 1);
    this.#waits = (protocol.waits ?? []).map(options => {
      return new Waiting(options, {
        judge: host.judge,
        seed: host.seed,
        most: host.limits.requests,
        limitHit: bound => host.limitHit(bound),
        forgot: slot => host.connections.markInconclusive(slot, 'bound'),
        place: (subject, slot, side, type) => this.#place(subject, slot, side, type),
      });
    });
    this.#exchange = {
      message,
      type: layouts.length,
      layout: undefined,
      fromClient: true,
      memory: protocol.remember(),
      waits: Object.fromEntries((protocol.waits ?? []).map(({ name }, at) => [name, this.#waits[at]])),
      subject: new Subject(),
    };
    protocol.extend?.(this.#exchange);
  }

  message(flow: number, side: number, message: Message): number {
    const { connections } = this.#host;
    const present = this.#slots.slotOf(flow);
    const slot = present >= 0 ? present : this.#begin(flow, side, message);
    const fromClient = side === connections.clientSide(slot);
    const type = this.#protocol.typeOf(message, fromClient);
    const layout = this.#protocol.layouts[type];
    const exchange = this.#exchange;
    exchange.message = message;
    exchange.layout = layout;
    exchange.type = layout ? type : this.#protocol.layouts.length;
    exchange.fromClient = fromClient;
    this.layout = layout;
    this.messageName = layout?.name ?? UNKNOWN_MESSAGE;
    this.repeated = false;
    this.answers = undefined;
    this.#counts[exchange.type]++;
    connections.touch(slot, message);
    this.#enter(slot, side, message);
    this.#judge(slot, side);
    return slot;
  }

  carried(flow: number, side: number, message: Message): number {
    const present = this.#slots.slotOf(flow);
    return present >= 0 ? present : this.#open(flow, side, message, undefined);
  }

  /** What was lost may have been anything: from here on nothing can be argued from what was not seen. */
  lost(flow: number): void {
    const slot = this.#slots.slotOf(flow);
    if (slot < 0) this.#lostBefore.add(flow);
    else if (!this.#isPartial(slot)) this.#lose(slot, 'gap');
  }

  ended(flow: number, side: number, now: number): void {
    const slot = this.#slots.slotOf(flow);
    if (slot < 0) return;
    for (const wait of this.#waits) wait.ended(slot, now);
    if (this.#endOfStream >= 0) this.#step(slot, side, this.#endOfStream);
  }

  close(flow: number, now: number): void {
    this.#lostBefore.delete(flow);
    const slot = this.#slots.slotOf(flow);
    if (slot < 0) return;
    for (const wait of this.#waits) wait.close(slot, now);
    this.#slots.clear(flow);
    this.#memories[slot] = undefined;
    this.#host.connections.close(slot, this.state(slot));
  }

  /** Of both ends together: the further one's, in the order of the machine's table, where the protocol says no more. */
  state(slot: number): string {
    const { stateOfBoth, machine } = this.#protocol;
    const clientSide = this.#host.connections.clientSide(slot);
    const client = this.stateOf(slot, clientSide);
    const server = this.stateOf(slot, 1 - clientSide);
    const both = stateOfBoth?.(client, server) ?? Math.max(client, server);
    return machine.table.states[both];
  }

  framingOf(flow: number, side: number): number {
    const slot = this.#slots.slotOf(flow);
    const { framings } = this.#protocol;
    if (slot < 0 || !framings) return 0;
    return framings[side === this.#host.connections.clientSide(slot) ? 0 : 1][this.stateOf(slot, side)];
  }

  stateOf(slot: number, side: number): number {
    return this.#seek(this.#other, slot, side).state;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#protocol.settled?.() ?? new Map();
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(this.#protocol.layouts, this.#counts);
  }

  /** Opens the connection that a message begins; its name is what it is called when the flow's opener is the client. */
  #begin(flow: number, side: number, message: Message): number {
    const { layouts } = this.#protocol;
    const type = this.#protocol.typeOf(message, side === this.#host.flows.clientSide(flow));
    return this.#open(flow, side, message, layouts[type]?.name ?? UNKNOWN_MESSAGE);
  }

  /** @param name of the message that it begins with, if it begins with one */
  #open(flow: number, side: number, message: Message, name: string | undefined): number {
    const { connections, flows, midstream } = this.#host;
    const { opening, answers, machine, remember } = this.#protocol;
    const hasLost = this.#lostBefore.delete(flow);
    const begins = midstream === 'never' || flows.fromStart(flow) || (name !== undefined && opening.includes(name));
    const whole = begins && !hasLost;
    const answered = !whole && name !== undefined && answers?.includes(name);
    const clientSide = answered ? 1 - side : flows.clientSide(flow);
    const slot = connections.open(flow, clientSide, message);
    const state = whole ? 0 : machine.state(this.#protocol.midstream);
    this.#slots.set(flow, slot);
    this.#memories[slot] = remember.call(this.#protocol);
    this.#rows.reset(slot);
    this.#seek(this.#sender, slot, 0).state = state;
    this.#seek(this.#receiver, slot, 1).state = state;
    for (const wait of this.#waits) wait.open(slot);
    if (!whole) this.#lose(slot, hasLost ? 'gap' : 'midstream');
    return slot;
  }

  #lose(slot: number, doubt: Doubt): void {
    this.#marksOf(slot).flags |= PARTIAL;
    for (const wait of this.#waits) wait.lost(slot);
    this.#host.connections.markInconclusive(slot, doubt);
  }

  #enter(slot: number, side: number, message: Message): void {
    const exchange = this.#exchange;
    const { subject } = exchange;
    exchange.memory = this.#memories[slot] as Memory;
    subject.hold(slot, side, message);
    subject.doubt = message.captured === message.length ? 'ambiguous' : message.skipped ? 'bound' : 'cut';
    this.#place(subject, slot, side, exchange.type);
  }

  /** Sets up a subject with what is known of the connection: for the message in hand, or one that came before. */
  #place(subject: Subject, slot: number, side: number, type: number): void {
    const { machine, layouts } = this.#protocol;
    subject.messageName = layouts[type]?.name ?? UNKNOWN_MESSAGE;
    subject.state = machine.table.states[this.stateOf(slot, side)];
    subject.partial = this.#isPartial(slot);
    subject.edition = this.#editionOf(slot);
  }

  #editionOf(slot: number): number {
    return this.#protocol.editionOf?.(this.#memories[slot] as Memory) ?? 0;
  }

  #judge(slot: number, side: number): void {
    const { judge } = this.#host;
    const exchange = this.#exchange;
    const { layout, type, message, subject } = exchange;
    if (this.#waits.length > 0) {
      const now = message.seconds + message.nanoseconds * 1e-9;
      const state = this.stateOf(slot, side);
      for (const wait of this.#waits) {
        wait.check(slot, now);
        wait.look(slot, side, type, message, state);
      }
    }
    const malformed = judge.judgeForm(type, exchange, subject);
    if (!layout || malformed) for (const wait of this.#waits) wait.malformed();
    if (!layout) {
      // Its type may be what was not captured: it may have been any message.
      if (!malformed && message.captured < message.length) this.#lose(slot, 'cut');
      return;
    }
    if (malformed || message.captured < Math.min(layout.fixedLength, message.length)) {
      this.#seek(this.#sender, slot, side).sent |= 1 << this.#events[type];
      if (!malformed) this.#lose(slot, 'cut');
      return;
    }
    if (this.#protocol.prepare?.(exchange) === NOT_CAPTURED) this.#lose(slot, 'cut');
    // The message may be the one that tells.
    subject.edition = this.#editionOf(slot);
    const broken = this.#step(slot, side, this.#events[type]);
    if (broken !== undefined) judge.enterStep(broken, exchange, subject);
    else judge.judgeContent(type, exchange, subject);
    for (const wait of this.#waits) {
      if (wait.isRepeat) this.repeated = true;
      if (wait.copyAnswered(this.#answered)) this.answers = this.#answered;
      wait.take();
    }
    if (this.#protocol.take?.(exchange) === NOT_CAPTURED) this.#lose(slot, 'cut');
  }

  /** Steps the sender's side and then the receiver's. Returns the rule that the sender broke, if any. */
  #step(slot: number, side: number, event: number): string | undefined {
    const sender = this.#seek(this.#sender, slot, side);
    const receiver = this.#seek(this.#receiver, slot, 1 - side);
    const isClient = side === this.#host.connections.clientSide(slot);
    this.#host.machineRun.edition = this.#editionOf(slot);
    return this.#steps.take(event, isClient, sender, receiver, !this.#isPartial(slot));
  }

  #seek(view: InstanceType<typeof Side>, slot: number, side: number): InstanceType<typeof Side> {
    view.base = slot * WIDTH + side * Side.width;
    return view;
  }

  #isPartial(slot: number): boolean {
    return (this.#marksOf(slot).flags & PARTIAL) !== 0;
  }

  #marksOf(slot: number): InstanceType<typeof Marks> {
    this.#marks.base = slot * WIDTH + 2 * Side.width;
    return this.#marks;
  }
}
