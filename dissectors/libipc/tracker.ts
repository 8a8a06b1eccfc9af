/**
 * Follows bare libipc connections: counts their messages, and notes which sides have ended. There is nothing to judge
 * but what the framing judges by itself.
 */
import {
  type FramedMessage,
  type Layout,
  type Message,
  messageCountsOf,
  ROW_START,
  recordView,
  type Tracker,
  type TrackerHost,
  UNKNOWN_MESSAGE,
} from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';
import { FIN, OPEN, STATES, stateOfBoth } from './machine.ts';

/** What is remembered of a connection: the state of each end. */
const Row = recordView(['state0', 'state1']);
export const ROW_WORDS = Row.width;

export class LibipcTracker implements Tracker {
  layout: Layout | undefined = undefined;
  readonly #host: TrackerHost<FramedMessage>;
  readonly #row: InstanceType<typeof Row>;
  /** Slot of each flow's connection + 1. */
  readonly #slots: number[] = [];
  readonly #counts = new Float64Array(LAYOUTS.length + 1);

  constructor(host: TrackerHost<FramedMessage>) {
    this.#host = host;
    this.#row = new Row(host.connections.rows);
  }

  get messageName(): string {
    return this.layout?.name ?? UNKNOWN_MESSAGE;
  }

  message(flow: number, side: number, message: Message): number {
    const slot = this.#connection(flow, message);
    const type = message.byte(0);
    this.layout = LAYOUTS[type];
    this.#counts[this.layout ? type : LAYOUTS.length]++;
    this.#host.connections.touch(slot, message);
    if (message.captured < message.length) this.#host.connections.markInconclusive(slot, 'cut');
    if (this.layout) this.#step(slot, side, type);
    return slot;
  }

  carried(flow: number, _side: number, message: Message): number {
    return this.#connection(flow, message);
  }

  lost(flow: number): void {
    const slot = (this.#slots[flow] ?? 0) - 1;
    if (slot < 0 || this.#host.connections.isInconclusive(slot)) return;
    this.#host.connections.markInconclusive(slot, 'gap');
  }

  ended(flow: number, side: number): void {
    const slot = (this.#slots[flow] ?? 0) - 1;
    if (slot >= 0) this.#step(slot, side, FIN);
  }

  close(flow: number): void {
    const slot = (this.#slots[flow] ?? 0) - 1;
    if (slot < 0) return;
    this.#slots[flow] = 0;
    this.#host.connections.close(slot, this.state(slot));
  }

  state(slot: number): string {
    const row = this.#seek(slot);
    return STATES[stateOfBoth(row.state0, row.state1)];
  }

  stateOf(slot: number, side: number): number {
    const row = this.#seek(slot);
    return side === 0 ? row.state0 : row.state1;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return new Map();
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(LAYOUTS, this.#counts);
  }

  #connection(flow: number, message: Message): number {
    const present = (this.#slots[flow] ?? 0) - 1;
    if (present >= 0) return present;
    const { connections, flows, midstream } = this.#host;
    const slot = connections.open(flow, flows.clientSide(flow), message);
    this.#slots[flow] = slot + 1;
    const row = this.#seek(slot);
    row.state0 = OPEN;
    row.state1 = OPEN;
    if (midstream === 'auto' && !flows.fromStart(flow)) connections.markInconclusive(slot, 'midstream');
    return slot;
  }

  #step(slot: number, side: number, event: number): void {
    const { machineRun, connections } = this.#host;
    const row = this.#seek(slot);
    const role = connections.clientSide(slot) === side ? 0 : 1;
    const [sender, receiver] = side === 0 ? [row.state0, row.state1] : [row.state1, row.state0];
    const sent = machineRun.step(role, sender, event, false, 0, 0, true);
    const received = machineRun.step(1 - role, receiver, event, true, 0, 0, true);
    row.state0 = side === 0 ? sent : received;
    row.state1 = side === 0 ? received : sent;
  }

  #seek(slot: number): InstanceType<typeof Row> {
    this.#row.base = slot * this.#host.connections.rows.width + ROW_START;
    return this.#row;
  }
}
