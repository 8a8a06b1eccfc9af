/**
 * Cuts what the two sides of a guarded flow say into units, as the engine finds messages in it while it is judged, and asks
 * the overseers about each. A message of a stream is a unit; bytes in which nobody finds one are a unit as they come, and
 * what may yet become a message is kept until it is whole. A datagram and a record are units with all that is in them.
 */

import type { Overseer, Passage } from '../faults/passage.ts';
import type { Framing } from '../framing/framing.ts';
import type { Decision } from '../lint/deed.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { ByteQueue } from './byte-queue.ts';
import type { NewFlow } from './course.ts';
import { CLIENT, type Side } from './ends.ts';
import type { Guarding } from './guarding.ts';
import { heldMessage } from './held-message.ts';
import type { HeldMessage } from './holds.ts';
import { newUnit, type Unit } from './unit.ts';

export class UnitCutter {
  readonly #flow: Pick<NewFlow, 'id' | 'pair' | 'carrier'>;
  readonly #guard: Pick<Guarding, 'overseers' | 'origin' | 'options'>;
  /** By side: what is not cut yet, and how many units there were. */
  readonly #bytes: readonly [ByteQueue, ByteQueue] = [new ByteQueue(), new ByteQueue()];
  readonly #counts: [number, number] = [0, 0];
  /** What is being judged: the units that were cut, and of a datagram or record its messages and what was decided. */
  #from: Side = CLIENT;
  #said: Uint8Array = NOTHING;
  /** Where the first message of a datagram begins in its packet. */
  #firstStart = -1;
  #cut: Unit[] = [];
  #names: string[] = [];
  #connection: number | undefined = undefined;
  #messages: HeldMessage[] = [];
  #decisions: Decision[] = [];
  /** The bytes of the unit as they would be passed on by now, where somebody has changed them. */
  #changed: Uint8Array | undefined = undefined;

  constructor(
    flow: Pick<NewFlow, 'id' | 'pair' | 'carrier'>,
    guard: Pick<Guarding, 'overseers' | 'origin' | 'options'>,
  ) {
    this.#flow = flow;
    this.#guard = guard;
  }

  /**
   * Cuts what a side says.
   * @param judge has it judged; its messages come to `seen` meanwhile
   */
  units(from: Side, bytes: Uint8Array, judge: () => void): readonly Unit[] {
    const queue = this.#bytes[from];
    const isStream = this.#flow.carrier === 'stream';
    this.#from = from;
    this.#said = bytes;
    this.#firstStart = -1;
    this.#cut = [];
    if (isStream) queue.push(bytes);
    judge();
    const { views, mostWaiting } = this.#guard.options;
    if (isStream) {
      const unfinished = views.unfinished(from);
      this.#cutRaw(queue.length - (unfinished > mostWaiting ? 0 : unfinished));
    } else this.#cutUnit(this.#passage(bytes, this.#names.length > 0));
    if (this.#flow.carrier === 'records') queue.skip(bytes.length);
    return this.#cut;
  }

  /** A message of what is being judged. @returns false for one that was passed on before its protocol was known */
  seen(seen: SeenMessage): boolean {
    const { begun, framing } = seen.cut ?? {};
    const queue = this.#bytes[this.#from];
    if (this.#flow.carrier === 'datagrams') return this.#datagram(seen);
    if (this.#flow.carrier === 'records') {
      if (begun && begun.at >= 0 && begun.end <= queue.taken) return false;
      const at = begun ? Math.max(0, begun.at - queue.taken) : 0;
      const offset = Math.min(at + hiddenBy(framing, this.#said, at), this.#said.length);
      this.#decide(seen, { ...this.#passage(this.#said, false), framing, offset });
      return true;
    }
    if (!begun || !framing || begun.at < 0) return true;
    if (begun.end <= queue.taken) return false;
    if (begun.at < queue.taken) {
      this.#cutRaw(begun.end - queue.taken);
      return true;
    }
    this.#cutRaw(begun.at - queue.taken);
    const wire = queue.take(begun.end - begun.at);
    const isWhole = wire.length === begun.end - begun.at;
    const passage = { ...this.#passage(wire, isWhole), framing, offset: hiddenBy(framing, wire, 0) };
    this.#decide(seen, passage);
    this.#cutUnit(passage);
    return true;
  }

  #datagram(seen: SeenMessage): boolean {
    const { bytes, start, captured } = seen.message;
    const offset = this.#firstStart < 0 ? 0 : start - this.#firstStart;
    const place = this.#said.subarray(Math.max(0, offset), offset + captured);
    // With the datagram that makes a protocol known those before it are seen.
    if (Buffer.compare(bytes.subarray(start, start + captured), place) !== 0) return false;
    if (this.#firstStart < 0) this.#firstStart = start;
    this.#decide(seen, { ...this.#passage(this.#said, false), offset });
    return true;
  }

  #decide(seen: SeenMessage, passage: Passage): void {
    const { origin, options } = this.#guard;
    this.#ask(passage, (overseer, asked) => overseer.message?.(seen, asked, origin));
    this.#names.push(seen.name);
    this.#connection ??= seen.connection;
    if (options.keepsMessages() || this.#decisions.some(({ deed }) => deed.kind === 'hold'))
      this.#messages.push(heldMessage(seen, passage));
  }

  /** The next bytes of the stream belong to no message that could be cut in time. */
  #cutRaw(count: number): void {
    if (count > 0) this.#cutUnit(this.#passage(this.#bytes[this.#from].take(count), false));
  }

  #cutUnit(passage: Passage): void {
    const { wire } = passage;
    this.#ask(passage, (overseer, asked) => overseer.unit?.(asked));
    const name = this.#names.join(', ') || `${wire.length} ${wire.length === 1 ? 'byte' : 'bytes'}`;
    this.#cut.push(
      newUnit(
        {
          from: this.#from,
          wire,
          name,
          connection: this.#connection,
          decisions: this.#decisions,
          messages: this.#messages,
        },
        passage.now,
      ),
    );
    this.#counts[this.#from]++;
    this.#decisions = [];
    this.#changed = undefined;
    this.#messages = [];
    this.#names = [];
    this.#connection = undefined;
  }

  /** Each overseer is shown what those before it have made of the unit, so that what they change adds up. */
  #ask(passage: Passage, ask: (overseer: Overseer, passage: Passage) => readonly Decision[] | undefined): void {
    let asked = this.#changed ? { ...passage, wire: this.#changed } : passage;
    for (const overseer of this.#guard.overseers) {
      for (const decision of ask(overseer, asked) ?? []) {
        this.#decisions.push(decision);
        this.#changed = bytesAfter(decision, asked.wire) ?? this.#changed;
      }
      if (this.#changed && this.#changed !== asked.wire) asked = { ...asked, wire: this.#changed };
    }
  }

  #passage(wire: Uint8Array, isWhole: boolean): Passage {
    const { id, pair, carrier } = this.#flow;
    return {
      flow: id,
      pair,
      from: this.#from === CLIENT ? 'client' : 'server',
      ordinal: this.#counts[this.#from],
      carrier,
      now: this.#guard.options.now(),
      wire,
      offset: 0,
      framing: undefined,
      isWhole,
    };
  }
}

/** What is left of the bytes of a unit, if this changes them. */
function bytesAfter({ deed }: Decision, wire: Uint8Array): Uint8Array | undefined {
  if (deed.kind === 'replace') return deed.bytes;
  return deed.kind === 'cut' ? wire.subarray(0, deed.length) : undefined;
}

/** Bytes at the head of a message that are its framing's. */
function hiddenBy(framing: Framing | undefined, bytes: Uint8Array, at: number): number {
  return framing?.hiddenOf?.(bytes, at, bytes.length - at) ?? framing?.hidden ?? 0;
}

const NOTHING = new Uint8Array(0);
