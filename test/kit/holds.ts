/**
 * What is held, without a proxy: a gate that remembers what was done to it, and units made from the messages of a capture.
 * What is written to be set comes back as bytes that say so.
 */
import type { ControlStatus, Controls } from '../../src/proxy/controls.ts';
import type { Composition, Destination, Edited, Editing, EditOptions } from '../../src/proxy/editing.ts';
import type { HeldMessage, HeldUnit, HoldChange, Holds, OpenFlow } from '../../src/proxy/holds.ts';
import { WatchedHolds } from '../../src/proxy/watched-holds.ts';
import { UsageError } from '../../src/settings/words.ts';
import type { PastRun } from './history.ts';

/** A message of a past run as it would be held. */
export function heldMessage({ history, bytes }: PastRun, number: number, offset = 0): HeldMessage {
  const { protocol, name, layout, message, connection, state, findings } = history.recall(number, bytes);
  return { protocol, name, layout, message, framing: undefined, offset, connection, state, findings };
}

/** @param messages of a past run, by their numbers from 0; none: bytes that nobody can cut */
export function heldUnit(
  past: PastRun,
  id: number,
  messages: readonly number[],
  more: Partial<HeldUnit> = {},
): HeldUnit {
  let offset = 0;
  const held = messages.map(number => {
    const message = heldMessage(past, number, offset);
    offset += message.message.length;
    return message;
  });
  const [first] = messages;
  const seen = first === undefined ? undefined : past.history.recall(first, past.bytes);
  const [from, to] = [seen?.from ?? '10.0.0.1:5000', seen?.to ?? '10.0.0.9:26999'];
  const isClient = seen?.clientToServer ?? true;
  return {
    id,
    flow: 1,
    pair: 0,
    from: isClient ? 'client' : 'server',
    client: isClient ? from : to,
    server: isClient ? to : from,
    since: 1_700_000_000_000,
    cause: '--break-on mnet',
    wire: Buffer.concat(held.map(({ message }) => message.copy())),
    messages: held,
    ...more,
  };
}

export class FakeGate implements Holds {
  onChange: ((change: HoldChange) => void) | undefined = undefined;
  /** What was done, in order: `forward 1`, `forward 2 0102 (note)`. */
  readonly done: string[] = [];
  readonly units: HeldUnit[] = [];
  open: OpenFlow[] = [];
  #lastId = 0;

  hold(...units: readonly HeldUnit[]): void {
    for (const unit of units) {
      this.#lastId = Math.max(this.#lastId, unit.id);
      this.units.push(unit);
      const { flow, pair, client, server } = unit;
      if (!this.open.some(known => known.flow === flow)) this.open.push({ flow, pair, client, server, held: 1 });
      this.onChange?.({ kind: 'held', unit });
    }
  }

  held(): readonly HeldUnit[] {
    return [...this.units];
  }

  unit(id: number): HeldUnit | undefined {
    return this.units.find(unit => unit.id === id);
  }

  flows(): readonly OpenFlow[] {
    return this.open;
  }

  forward(id: number, bytes?: Uint8Array, note?: string): boolean {
    const changed = bytes ? ` ${Buffer.from(bytes).toString('hex')}` : '';
    return this.#take(id, `forward ${id}${changed}${note ? ` (${note})` : ''}`) !== undefined;
  }

  drop(id: number): boolean {
    return this.#take(id, `drop ${id}`) !== undefined;
  }

  repeat(id: number): number {
    const unit = this.#take(id, `repeat ${id}`);
    if (!unit) return 0;
    this.hold({ ...unit, id: this.#lastId + 1 });
    return this.#lastId;
  }

  send(flow: number, to: 'client' | 'server', bytes: Uint8Array, note: string): boolean {
    if (!this.open.some(known => known.flow === flow)) return false;
    this.done.push(`send ${flow} ${to} ${Buffer.from(bytes).toString('hex')} (${note})`);
    return true;
  }

  /** The flow goes, and what is held of it. */
  abort(flow: number): boolean {
    const isOpen = this.open.some(known => known.flow === flow);
    this.open = this.open.filter(known => known.flow !== flow);
    if (isOpen) this.done.push(`abort ${flow}`);
    for (const unit of this.units.filter(held => held.flow === flow)) {
      this.units.splice(this.units.indexOf(unit), 1);
      this.onChange?.({ kind: 'released', unit });
    }
    return isOpen;
  }

  #take(id: number, what: string): HeldUnit | undefined {
    const place = this.units.findIndex(unit => unit.id === id);
    if (place < 0) return undefined;
    const [unit] = this.units.splice(place, 1);
    this.done.push(what);
    if (unit) this.onChange?.({ kind: 'released', unit });
    return unit;
  }
}

export class FakeControls implements Controls {
  readonly gate: FakeGate;
  readonly holds: WatchedHolds;
  breakOn: string | undefined = undefined;
  faults: readonly string[] = [];

  constructor(gate = new FakeGate()) {
    this.gate = gate;
    this.holds = new WatchedHolds(gate);
  }

  setBreak(filter: string | undefined): void {
    if (filter?.includes('(')) throw new UsageError('column 1: a parenthesis is not closed');
    this.breakOn = filter;
  }

  setFaults(texts: readonly string[]): void {
    for (const text of texts) if (!/^\w+=\d+%$/.test(text)) throw new UsageError(`--fault ${text}: write drop=5%`);
    this.faults = texts;
  }

  status(): ControlStatus {
    const { breakOn, faults } = this;
    const pairs = [{ listen: 'udp:127.0.0.1:27000', upstream: 'udp:127.0.0.1:26999' }];
    return { pairs, breakOn, faults, packets: 3 };
  }
}

/** Whatever is set, the last byte says how often something was; without an equals sign it is refused. */
export class FakeEditing implements Editing {
  set(unit: HeldUnit, assignments: string, { mend }: EditOptions): Edited {
    if (!assignments.includes('=')) throw new UsageError(`${assignments}: write FIELD = VALUE`);
    const wire = Uint8Array.from(unit.wire);
    wire[wire.length - 1] = (wire.at(-1) ?? 0) + 1;
    return { wire, note: `${assignments}${mend ? '' : ', not mended'}` };
  }

  replace(unit: HeldUnit, bytes: Uint8Array, { message, mend }: EditOptions): Edited {
    const held = unit.messages[message];
    const note = `bytes${mend ? '' : ', not mended'}`;
    if (!held) return { wire: bytes, note };
    const behind = unit.wire.subarray(held.offset + held.message.length);
    return { wire: Buffer.concat([unit.wire.subarray(0, held.offset), bytes, behind]), note };
  }

  seenAgain(held: HeldMessage): HeldMessage {
    return held;
  }

  compose({ to }: Destination, { protocol, name, assignments }: Composition): Edited {
    if (name !== 'DATA') throw new UsageError(`unknown message ${name}; known: DATA`);
    return { wire: Uint8Array.of(1, 2, 3), note: `${protocol ?? 'mnet'} ${name} ${assignments} to ${to}` };
  }
}
