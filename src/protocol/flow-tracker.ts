/**
 * The tracker of a protocol that has one connection a flow, and whose carrier delivers each message once and in order
 * (TCP) or whose datagrams are judged as if it did. Such protocols differ in their tables, in what they remember and in
 * what a message adds to that; the rest is bookkeeping, and stands here: finding and opening the connection, counting,
 * telling the judge what it stands on, one state a side, what a connection met in the middle is taken to be.
 *
 * The order of things for each message: its form; a step of the machine on both sides; its content, unless the step
 * broke a rule; then `take`, which makes it part of the memory. A malformed message does the first alone, and so does one
 * of whose fixed fields the capture holds only a part; what a check reads in a field that takes the rest may be cut.
 *
 * A protocol that carries several connections over a flow, or expects doubled datagrams, writes a `Tracker` of its own.
 */
import type { Doubt } from '../lint/doubt.ts';
import { Subject } from '../lint/subject.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { Machine } from './machine.ts';
import { messageCountsOf } from './message-counts.ts';
import { type Tracker, type TrackerHost, UNKNOWN_MESSAGE } from './protocol.ts';

/** What a check looks at: a message in its connection. Reused, and right only while the check runs. */
export interface Exchange<Memory> {
  readonly message: Message;
  /** Place of the message's layout in `layouts`; `layouts.length` for a type that they do not have. */
  readonly type: number;
  readonly layout: Layout | undefined;
  readonly fromClient: boolean;
  /** What the protocol remembers of the connection, as it was before the message. */
  readonly memory: Memory;
  /** For `judge.enter`. */
  readonly subject: Subject;
}

/** What one protocol has of its own. */
export interface FlowProtocol<Memory> {
  readonly layouts: readonly Layout[];
  /** Its first role is that of the client: who opened the TCP connection, or spoke first. Each layout is an event. */
  readonly machine: Machine;
  /** Place of the message's layout in `layouts`, or any other number when its type is unknown. */
  typeOf(message: Message): number;
  /** The memory of a new connection. What peers can put into it must have a bound. */
  remember(): Memory;
  /** Makes a well-formed message part of the memory, after it was judged. */
  take?(exchange: Exchange<Memory>): void;
  /** Looks at a well-formed message whose fields are all there before anything but its form is judged. */
  prepare?(exchange: Exchange<Memory>): void;
  /** Messages that begin a connection. One whose beginning was seen in no other way is complete if it starts so. */
  readonly opening: readonly string[];
  /** Messages that only servers send: they tell the roles in a connection that was met in the middle. */
  readonly answers?: readonly string[];
  /** State of the machine that both sides of such a connection are taken to be in. */
  readonly midstream: string;
  /** What `auto` options settled on: option -> values found. */
  settled?(): ReadonlyMap<string, readonly string[]>;
}

interface Connection<Memory> {
  readonly clientSide: number;
  readonly memory: Memory;
  /** Not all of it was seen. */
  partial: boolean;
  /** By side: its state, and a mask of the events that it has sent. */
  readonly states: [number, number];
  readonly sent: [number, number];
}

export class FlowTracker<Memory> implements Tracker {
  layout: Layout | undefined = undefined;
  messageName = '';
  readonly #host: TrackerHost<Exchange<Memory>>;
  readonly #protocol: FlowProtocol<Memory>;
  readonly #exchange: { -readonly [Key in keyof Exchange<Memory>]: Exchange<Memory>[Key] };
  /** Event of the machine by type. */
  readonly #events: readonly number[];
  readonly #counts: Float64Array;
  readonly #slots = new Map<number, number>();
  readonly #connections: Connection<Memory>[] = [];

  /** @param message the view that messages will be handed in */
  constructor(host: TrackerHost<Exchange<Memory>>, message: Message, protocol: FlowProtocol<Memory>) {
    const { layouts, machine } = protocol;
    this.#host = host;
    this.#protocol = protocol;
    this.#events = layouts.map(({ name }) => machine.event(name));
    this.#counts = new Float64Array(layouts.length + 1);
    this.#exchange = {
      message,
      type: layouts.length,
      layout: undefined,
      fromClient: true,
      memory: protocol.remember(),
      subject: new Subject(),
    };
  }

  message(flow: number, side: number, message: Message): number {
    const { layouts, prepare, take } = this.#protocol;
    const { judge, connections } = this.#host;
    const exchange = this.#exchange;
    const type = this.#protocol.typeOf(message);
    const layout = layouts[type];
    exchange.message = message;
    exchange.layout = layout;
    exchange.type = layout ? type : layouts.length;
    this.layout = layout;
    this.messageName = layout?.name ?? UNKNOWN_MESSAGE;
    this.#counts[exchange.type]++;
    const slot = this.#slots.get(flow) ?? this.#open(flow, side, message, this.messageName);
    const connection = this.#connections[slot];
    connections.touch(slot, message);
    this.#enter(slot, side, message);
    const malformed = judge.judgeForm(exchange.type, exchange, exchange.subject);
    if (!layout) return slot;
    const event = 1 << this.#events[exchange.type];
    if (malformed) {
      connection.sent[side] |= event;
      return slot;
    }
    if (message.captured < Math.min(layout.fixedLength, message.length)) {
      connection.sent[side] |= event;
      this.#lose(slot, 'cut');
      return slot;
    }
    prepare?.call(this.#protocol, exchange);
    if (!this.#step(connection, side)) judge.judgeContent(exchange.type, exchange, exchange.subject);
    take?.call(this.#protocol, exchange);
    return slot;
  }

  carried(flow: number, side: number, message: Message): number {
    return this.#slots.get(flow) ?? this.#open(flow, side, message, undefined);
  }

  /** What was lost may have been anything: from here on nothing can be argued from what was not seen. */
  lost(flow: number): void {
    const slot = this.#slots.get(flow);
    if (slot !== undefined && !this.#connections[slot].partial) this.#lose(slot, 'gap');
  }

  close(flow: number): void {
    const slot = this.#slots.get(flow);
    if (slot === undefined) return;
    this.#slots.delete(flow);
    this.#host.connections.close(slot, this.state(slot));
  }

  /** The further one of both sides' states, in the order of the machine's table. */
  state(slot: number): string {
    const { states } = this.#connections[slot];
    return this.#protocol.machine.table.states[Math.max(...states)];
  }

  stateOf(slot: number, side: number): number {
    return this.#connections[slot].states[side];
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#protocol.settled?.() ?? new Map();
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(this.#protocol.layouts, this.#counts);
  }

  /** @param name of the message that it begins with, if it begins with one */
  #open(flow: number, side: number, message: Message, name: string | undefined): number {
    const { connections, flows, midstream } = this.#host;
    const { opening, answers, machine, remember } = this.#protocol;
    const whole = midstream === 'never' || flows.fromStart(flow) || (name !== undefined && opening.includes(name));
    const answered = !whole && name !== undefined && answers?.includes(name);
    const clientSide = answered ? 1 - side : flows.clientSide(flow);
    const slot = connections.open(flow, clientSide, message);
    const state = whole ? 0 : machine.state(this.#protocol.midstream);
    this.#slots.set(flow, slot);
    this.#connections[slot] = {
      clientSide,
      memory: remember.call(this.#protocol),
      partial: false,
      states: [state, state],
      sent: [0, 0],
    };
    if (!whole) this.#lose(slot, 'midstream');
    return slot;
  }

  #lose(slot: number, doubt: Doubt): void {
    this.#connections[slot].partial = true;
    this.#host.connections.markInconclusive(slot, doubt);
  }

  #enter(slot: number, side: number, message: Message): void {
    const { clientSide, memory, states, partial } = this.#connections[slot];
    const exchange = this.#exchange;
    const { subject } = exchange;
    exchange.fromClient = side === clientSide;
    exchange.memory = memory;
    subject.connection = slot;
    subject.side = side;
    subject.frame = message.frame;
    subject.seconds = message.seconds;
    subject.nanoseconds = message.nanoseconds;
    subject.messageName = this.messageName;
    subject.state = this.#protocol.machine.table.states[states[side]];
    subject.partial = partial;
    subject.message = message;
  }

  /** Steps the sender's side and then the receiver's. True when sending the message broke a rule. */
  #step({ clientSide, states, sent, partial }: Connection<Memory>, side: number): boolean {
    const { judge, machineRun } = this.#host;
    const { type, subject } = this.#exchange;
    const event = this.#events[type];
    const other = 1 - side;
    const serverRole = this.#protocol.machine.table.roles.length - 1;
    const role = side === clientSide ? 0 : serverRole;
    const otherRole = side === clientSide ? serverRole : 0;
    states[side] = machineRun.step(role, states[side], event, false, sent[side], sent[other], !partial);
    const { brokenRule } = machineRun;
    if (brokenRule !== undefined) judge.enterStep(brokenRule, this.#exchange, subject);
    states[other] = machineRun.step(otherRole, states[other], event, true, sent[other], sent[side], !partial);
    sent[side] |= 1 << event;
    return brokenRule !== undefined;
  }
}
