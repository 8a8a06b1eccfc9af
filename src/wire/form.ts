/**
 * Does a message fit its layout: is it as long as that says, and does each of its lengths lead to where it must? Rules of form
 * ask this first, and what they read then is there. What the capture cut off is kept apart from what the message lacks: the
 * first is nobody's fault.
 */
import type { Field, Layout, Scope } from './layout.ts';
import type { Message } from './message.ts';
import { baseOf, type WalkFault, walkOf } from './walk.ts';

/** `fits`, or what is wrong first. */
export type Form = Fit | Misfit;

export interface Fit {
  readonly fits: true;
}

export interface Misfit {
  readonly fits: false;
  /** `cut`: the capture holds too little to tell; all else is the message's own fault. */
  readonly fault: WalkFault;
  /** The field that it is in, or behind which bytes are left over; undefined in a layout without fields. */
  readonly field: Field | undefined;
  /** Where that begins to be wrong, in bytes from the start of the message. */
  readonly offset: number;
}

const FITS: Fit = { fits: true };

/** Looks at the bytes only as far as lengths stand in them. */
export function formOf(message: Message, layout: Layout): Form {
  const left = layout.describe !== undefined;
  return misfitOf(message, layout, left) ?? FITS;
}

/** @param left may bytes be left over? */
function misfitOf(message: Message, scope: Scope, left: boolean): Misfit | undefined {
  const { walked, open, fixedLength, rows } = scope;
  const { length } = message;
  if (!walked) {
    if (length < fixedLength) {
      const field = rows.find(({ offset, size }) => offset + size > length);
      return misfit(message, 'short', field, field?.offset ?? length);
    }
    return length > fixedLength && !open ? misfit(message, 'left', rows.at(-1), fixedLength) : undefined;
  }
  const { end, fault, faultIn, faultAt } = walkOf(message, scope);
  // Lists first: what is wrong in one stands before what is wrong behind it.
  const inLists = misfitInLists(message, rows);
  if (fault !== undefined) {
    const own = misfit(message, fault, faultIn, faultAt);
    return inLists && inLists.offset < own.offset ? inLists : own;
  }
  if (inLists) return inLists;
  return end < length && !left ? misfit(message, 'left', rows.at(-1), end) : undefined;
}

function misfitInLists(message: Message, rows: readonly Field[]): Misfit | undefined {
  for (const field of rows) {
    const found = field.kind === 'list' ? misfitInItems(message, field) : misfitInLists(message, field.members);
    if (found) return found;
  }
  return undefined;
}

function misfitInItems(message: Message, list: Field): Misfit | undefined {
  let found: Misfit | undefined;
  const stop = (fault: WalkFault, field: Field, at: number) => {
    found ??= misfit(message, fault, field, at);
    return -1;
  };
  message.eachItem(
    list,
    (item, { rows }) => {
      found ??= misfitInLists(item, rows);
      return found !== undefined;
    },
    { stop },
  );
  return found;
}

function misfit(message: Message, fault: WalkFault, field: Field | undefined, at: number): Misfit {
  return { fits: false, fault, field, offset: baseOf(message) + at };
}
