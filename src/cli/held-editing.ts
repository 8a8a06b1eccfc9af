/**
 * Somebody's words for what a held message shall be, as bytes: what `edit/` knows of messages, for what the proxy holds. What
 * cannot be done is a `UsageError` of one line, whichever part has found it.
 */
import { parseAssignments } from '../edit/assignments.ts';
import { edited } from '../edit/edited.ts';
import { EditError } from '../edit/error.ts';
import { withBytes } from '../edit/raw.ts';
import type { Target } from '../edit/target.ts';
import { catalogueOf, type FieldCatalogue } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Destination, Edited, Editing, EditOptions } from '../proxy/editing.ts';
import type { HeldUnit } from '../proxy/holds.ts';
import { UsageError } from '../settings/words.ts';

export class HeldEditing implements Editing {
  readonly #protocols: readonly AnyProtocol[];
  readonly #catalogue: FieldCatalogue;

  constructor(protocols: readonly AnyProtocol[]) {
    this.#protocols = protocols;
    this.#catalogue = catalogueOf(protocols);
  }

  set(unit: HeldUnit, assignments: string, { message, mend }: EditOptions): Edited {
    const target = this.#targetOf(unit, message);
    return refusing(() => {
      if (!target) throw new EditError('nobody could cut these bytes into messages: they have no fields');
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

  compose(_destination: Destination, _protocol: string | undefined, _name: string, _assignments: string): Edited {
    throw new UsageError('messages cannot be composed yet; send bytes');
  }

  /** Nothing where nobody could cut it. */
  #targetOf({ wire, messages }: HeldUnit, index: number): Target | undefined {
    const held = messages[index];
    const protocol = held && this.#protocols.find(({ id }) => id === held.protocol);
    if (!held || !protocol) return undefined;
    const { framing, offset, message, layout } = held;
    return { wire, framing, offset, message, layout, protocol };
  }
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
