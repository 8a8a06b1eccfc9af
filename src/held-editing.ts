/**
 * Somebody's words for what a held message shall be, as bytes: what `edit/` knows of messages, for what the proxy holds. What
 * cannot be done is a `UsageError` of one line, whichever part has found it.
 */

import { dialectOf } from './dialect.ts';
import { parseAssignments } from './edit/assignments.ts';
import { edited } from './edit/edited.ts';
import { EditError } from './edit/error.ts';
import { composedLike, protocolWith } from './edit/own-message.ts';
import { withBytes } from './edit/raw.ts';
import type { Target } from './edit/target.ts';
import { catalogueOf, type FieldCatalogue } from './filter/catalogue.ts';
import { FilterError } from './filter/error.ts';
import type { Framing } from './framing/framing.ts';
import { carrierOf, framingOf } from './protocol/carrier.ts';
import { type AnyProtocol, type Transport, UNKNOWN_MESSAGE } from './protocol/protocol.ts';
import type { Pair } from './proxy/address.ts';
import type { Composition, Destination, Edited, Editing, EditOptions } from './proxy/editing.ts';
import type { HeldMessage, HeldUnit } from './proxy/holds.ts';
import { transportOf } from './proxy/pair-ports.ts';
import { UsageError } from './settings/words.ts';
import { visible } from './wire/escape.ts';
import type { Field, Layout } from './wire/layout.ts';

export interface HeldEditingOptions {
  readonly protocols: readonly AnyProtocol[];
  /** As the run that judges has them. */
  readonly dialects: ReadonlyMap<string, string>;
  /** By which a pair, counted from 0, is judged. */
  readonly transportOf: (pair: number) => Transport;
}

export class HeldEditing implements Editing {
  readonly #options: HeldEditingOptions;
  readonly #catalogue: FieldCatalogue;

  constructor(options: HeldEditingOptions) {
    this.#options = options;
    this.#catalogue = catalogueOf(options.protocols);
  }

  /** @param pairs of the proxy */
  static of(
    { protocols, dialects }: Pick<HeldEditingOptions, 'protocols' | 'dialects'>,
    pairs: readonly Pair[],
  ): HeldEditing {
    return new HeldEditing({ protocols, dialects, transportOf: pair => transportOf(pairs[pair].upstream) });
  }

  set(unit: HeldUnit, assignments: string, { message, mend }: EditOptions): Edited {
    const target = this.#targetOf(unit, message);
    return refusing(() => {
      if (!target) throw new EditError('these bytes could not be cut into messages, so they have no fields');
      return edited(target, parseAssignments(assignments, this.#catalogue), { mend });
    });
  }

  replace(unit: HeldUnit, bytes: Uint8Array, { message, mend }: EditOptions): Edited {
    const target = this.#targetOf(unit, message);
    if (!target) return { wire: bytes, note: `${bytes.length} other bytes (were ${unit.wire.length})` };
    const was = target.wire.subarray(target.offset, target.offset + target.message.length);
    // What is the same stays out of it: lengths follow that are about what is different.
    const from = commonStart(was, bytes);
    const end = commonEnd(was.subarray(from), bytes.subarray(from));
    if (was.length === bytes.length && from === was.length) throw new UsageError('these are the bytes that it has');
    const over = was.length - from - end;
    return refusing(() => withBytes(target, from, bytes.subarray(from, bytes.length - end), { mend, over }));
  }

  compose({ pair, like }: Destination, { protocol: id, name, assignments, edition }: Composition): Edited {
    const protocol = refusing(() => protocolWith(name, id ?? like?.protocol, this.#options.protocols));
    const values = refusing(() => (assignments.trim() === '' ? [] : parseAssignments(assignments, this.#catalogue)));
    const framing = this.#framingOf(protocol, pair);
    const wire = refusing(() => composedLike(protocol, { name, values, edition }, like, framing));
    return {
      wire,
      note: `${protocol.id} ${name}${assignments.trim() === '' ? '' : `, ${visible(assignments.trim())}`}`,
    };
  }

  seenAgain(held: HeldMessage, from: HeldUnit['from']): HeldMessage {
    const { layout, message, protocol: id } = held;
    const type = layout && typeFieldOf(layout);
    if (!type || !message.has(type)) return held;
    const code = message.uint(type);
    if (code === layout.code) return held;
    const { layouts = [] } = this.#options.protocols.find(protocol => protocol.id === id) ?? {};
    const known = layouts.find(
      other =>
        other.code === code && other.edition === layout.edition && (other.from === undefined || other.from === from),
    );
    return { ...held, layout: known, name: known?.name ?? UNKNOWN_MESSAGE };
  }

  #framingOf(protocol: AnyProtocol, pair: number): Framing | undefined {
    const { protocols, dialects, transportOf } = this.#options;
    const transport = transportOf(pair);
    const carrier = carrierOf(protocol, transport, dialectOf(protocol, dialects));
    if (!carrier) throw new UsageError(`${protocol.id} is not carried by what this flow is`);
    return transport === 'udp' ? undefined : framingOf(carrier, protocols);
  }

  /** Nothing where nobody could cut it. */
  #targetOf({ wire, messages }: HeldUnit, index: number): Target | undefined {
    const held = messages[index];
    const protocol = held && this.#options.protocols.find(({ id }) => id === held.protocol);
    if (!held || !protocol) return undefined;
    const { framing, offset, message, layout } = held;
    return { wire, framing, offset, message, layout, protocol };
  }
}

/** The field that says what message it is, where the table tells: the code point of the layout is called as the layout is. */
function typeFieldOf({ rows, code, name }: Layout): Field | undefined {
  return rows.flatMap(row => [row, ...row.parts]).find(({ labels }) => labels?.[code] === name);
}

function refusing<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof EditError || error instanceof FilterError) throw new UsageError(error.message);
    throw error;
  }
}

function commonStart(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length++;
  return length;
}

function commonEnd(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[one.length - 1 - length] === other[other.length - 1 - length]) length++;
  return length;
}
