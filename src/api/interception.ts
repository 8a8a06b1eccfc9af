/**
 * What may be done to the traffic of a proxy while it runs: what is held is looked at, changed and released, and faults and
 * the filter that holds may be others from now on. What cannot be done throws a `UsageError` of one line.
 */
import type { HeldEditing } from '../held-editing.ts';
import type { Intervention } from '../intervention.ts';
import { noFlow, notHeld } from '../proxy/controls.ts';
import type { Edited } from '../proxy/editing.ts';
import type { HeldUnit, OpenFlow } from '../proxy/holds.ts';
import type { Release } from '../proxy/watched-holds.ts';
import { UsageError } from '../settings/words.ts';
import { type Kinds, requireKinds } from './options.ts';

/** What a held message is to be when it is passed on. */
export interface HoldChanges {
  /** Values of fields: `mnet.acknowledged = 9999`, several parted by commas or as a list. */
  readonly set?: string | readonly string[] | undefined;
  /** All bytes of the message, without what the framing puts around it. */
  readonly bytes?: Uint8Array | undefined;
  /** Which of the messages, where several are held as one; 0 by default. */
  readonly message?: number | undefined;
  /** Whether lengths and checksums follow what was changed; they do by default. */
  readonly mend?: boolean | undefined;
}

/** A message that neither program has sent: a name with values of its fields, or all of its bytes. */
export interface OwnMessage {
  readonly name?: string | undefined;
  /** As in `HoldChanges`; what is not named is what it always is (a magic), else 0 or empty. */
  readonly set?: string | readonly string[] | undefined;
  /** Where several protocols have a message of that name. */
  readonly protocol?: string | undefined;
  /** Of the specification, where messages of several have one name. */
  readonly edition?: string | undefined;
  /** As they stand on the wire, framing and all. */
  readonly bytes?: Uint8Array | undefined;
}

/** A unit that is held no more. */
export interface ReleasedUnit {
  readonly unit: HeldUnit;
  /** `gone`: its flow is over. */
  readonly how: Release;
  /** What was different from what its sender had sent. */
  readonly note: string;
}

const CHANGE_KINDS: Kinds<HoldChanges> = { set: 'text or texts', bytes: 'bytes', message: 'number', mend: 'flag' };
const MESSAGE_KINDS: Kinds<OwnMessage> = {
  name: 'text',
  set: 'text or texts',
  protocol: 'text',
  edition: 'text',
  bytes: 'bytes',
};

export class Interception {
  readonly intervention: Intervention;
  readonly #editing: HeldEditing;

  constructor(intervention: Intervention, editing: HeldEditing) {
    this.intervention = intervention;
    this.#editing = editing;
  }

  held(): readonly HeldUnit[] {
    return this.#holds.held();
  }

  flows(): readonly OpenFlow[] {
    return this.#holds.flows();
  }

  /** @returns what is different */
  forward(hold: number, changes: HoldChanges): string {
    requireKinds(changes, CHANGE_KINDS);
    const { wire, note } = this.#changed(this.#unit(hold), changes);
    this.#holds.forward(hold, wire, note);
    return note;
  }

  drop(hold: number): void {
    if (!this.#holds.drop(hold)) throw notHeld(hold);
  }

  /** @returns the number of the copy */
  repeat(hold: number): number {
    const copy = this.#holds.repeat(hold);
    if (copy === 0) throw notHeld(hold);
    return copy;
  }

  /** @returns its bytes */
  send(flow: number, to: 'client' | 'server', message: OwnMessage): Uint8Array {
    requireKinds({ to }, { to: ['client', 'server'] });
    requireKinds(message, MESSAGE_KINDS);
    const open = this.flows().find(candidate => candidate.flow === flow);
    if (!open) throw noFlow(flow);
    const { wire, note } = this.#composed(open, to, message);
    this.#holds.send(flow, to, wire, note);
    return wire;
  }

  abort(flow: number): void {
    if (!this.#holds.abort(flow)) throw noFlow(flow);
  }

  get #holds() {
    return this.intervention.holds;
  }

  #unit(hold: number): HeldUnit {
    const unit = this.#holds.unit(hold);
    if (!unit) throw notHeld(hold);
    return unit;
  }

  #changed(unit: HeldUnit, { set, bytes, message = 0, mend = true }: HoldChanges): Partial<Edited> & { note: string } {
    if (set !== undefined && bytes) throw new UsageError('forward: set fields or give bytes, not both');
    // Bytes of which nobody knows what they are stand for the whole unit.
    if (!Number.isInteger(message) || message < 0 || message >= Math.max(1, unit.messages.length))
      throw new UsageError(`forward: hold ${unit.id} has no message ${message}`);
    if (bytes) return this.#editing.replace(unit, bytes, { message, mend });
    return set === undefined ? { note: '' } : this.#editing.set(unit, joined(set), { message, mend });
  }

  #composed({ flow, pair }: OpenFlow, to: 'client' | 'server', message: OwnMessage): Edited {
    const { name, set, protocol, edition, bytes } = message;
    if ((name === undefined) === (bytes === undefined))
      throw new UsageError('send: a message takes either its name, with fields set, or its bytes');
    if (bytes && (set ?? protocol ?? edition) !== undefined)
      throw new UsageError('send: bytes are all of a message; nothing can be set in them');
    if (bytes) return { wire: bytes, note: `${bytes.length} bytes` };
    const like = this.held().find(unit => unit.flow === flow && unit.messages.length > 0)?.messages[0];
    return this.#editing.compose(
      { flow, pair, to, like },
      { protocol, name: name ?? '', assignments: joined(set ?? []), edition },
    );
  }
}

function joined(texts: string | readonly string[]): string {
  return typeof texts === 'string' ? texts : texts.join(', ');
}
