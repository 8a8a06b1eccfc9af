/**
 * A message that was changed, back in its unit. What only its protocol can say of it follows first, then what its framing says
 * of the whole; what the user has set is set again where that wrote over it.
 */
import type { Framing } from '../framing/framing.ts';
import { MOST_NOTES } from '../framing/framing.ts';
import type { Layout } from '../wire/layout.ts';
import { joined } from '../wire/write.ts';
import type { Assignment } from './assignments.ts';
import { Change } from './change.ts';
import { EditError } from './error.ts';
import { levelOf, type Spot, spotsOf } from './places.ts';
import type { Target } from './target.ts';
import { contentFor, integerFor } from './values.ts';

/** What the user has set himself, which nothing mends: fields, or the bytes [from, to) of the message before. */
export interface Own {
  readonly fields: readonly Assignment[];
  readonly from: number;
  readonly to: number;
}

/**
 * The unit with these bytes in place of the message, and what must follow.
 * @throws EditError for a message that the framing cannot carry
 */
export function rewired(target: Target, bytes: Uint8Array, own: Own): Uint8Array {
  const { framing, layout, message } = target;
  const { fields: set } = own;
  const mended = layout ? mendedBy(target, layout, bytes, own) : bytes;
  if (framing === undefined || mended.length === before(target).length) return replaced(target, mended);
  const wire = wrappedIn(framing, mended, target);
  const hidden = framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden;
  const atEnd = framing.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing.hiddenAtEnd ?? 0;
  if (layout === undefined || set.length === 0) return wire;
  const within = wire.subarray(hidden, wire.length - atEnd);
  const again = set.reduce((now, assignment) => setAgain(now, layout, assignment, message.littleEndian), within);
  return again === within ? wire : joined([wire.subarray(0, hidden), again, wire.subarray(wire.length - atEnd)]);
}

/** The unit with these bytes in place of the message, and nothing else. */
export function replaced(target: Target, bytes: Uint8Array): Uint8Array {
  const { wire, offset } = target;
  return joined([wire.subarray(0, offset), bytes, wire.subarray(offset + before(target).length)]);
}

/** The bytes of the message, as far as the unit has them. */
export function before({ wire, offset, message }: Target): Uint8Array {
  return wire.subarray(offset, offset + message.length);
}

/** Values that only the protocol knows, where they were right before. */
function mendedBy(target: Target, layout: Layout, bytes: Uint8Array, own: Own): Uint8Array {
  const { protocol, message } = target;
  if (protocol.mended === undefined) return bytes;
  const then = levelOf(before(target), layout, message.littleEndian);
  const right = protocol.mended(then.view, layout);
  let now = bytes;
  for (const name of Object.keys(right)) {
    const level = levelOf(now, layout, message.littleEndian);
    const { [name]: value } = protocol.mended(level.view, layout);
    const [was] = spotsOf(then, { field: name, path: [] });
    const [spot] = spotsOf(level, { field: name, path: [] });
    if (value === undefined || was === undefined || spot === undefined || isOwn(own, was)) continue;
    if (then.view.value(was.field) !== right[name]) continue;
    now = valued(now, spot, value);
  }
  return now;
}

function isOwn({ fields, from, to }: Own, spot: Spot): boolean {
  return (
    fields.some(({ field, path }) => field === spot.field.name && path.length === 0) ||
    (spot.from < to && from < spot.to)
  );
}

/** The message in which a field says this. */
export function valued(bytes: Uint8Array, spot: Spot, value: number | string): Uint8Array {
  const { level, field } = spot;
  const change = new Change(bytes, true);
  const isInteger = field.kind === 'uint' || field.kind === 'unixTime';
  const text = field.kind === 'id' || field.kind === 'bytes' ? `0x${value}` : String(value);
  const literal = { text, quoted: field.kind === 'text' || field.kind === 'json', column: 1 };
  try {
    if (isInteger) change.setInteger(level, field, BigInt(value));
    else change.set(spot, contentFor(field, literal, level.view.littleEndian, true));
  } catch (error) {
    throw error instanceof EditError
      ? new EditError(`the message is too long: ${field.name}: ${error.message}`)
      : error;
  }
  return change.bytes();
}

/** An integer of the user's that was written over. */
function setAgain(bytes: Uint8Array, layout: Layout, assignment: Assignment, littleEndian: boolean): Uint8Array {
  const [spot] = spotsOf(levelOf(bytes, layout, littleEndian), assignment);
  if (spot === undefined || spot.inJson || (spot.field.kind !== 'uint' && spot.field.kind !== 'unixTime')) return bytes;
  const wanted = integerFor(spot.field, assignment.value);
  if (BigInt(spot.level.view.wide(spot.field)) === wanted) return bytes;
  const change = new Change(bytes, false);
  change.setInteger(spot.level, spot.field, wanted);
  return change.bytes();
}

/** The message in its framing, which cuts it out again as a whole. */
function wrappedIn(framing: Framing, content: Uint8Array, target: Target): Uint8Array {
  const wire = wireOf(framing, content, target);
  const { headLength, id } = framing;
  const length =
    wire.length < headLength
      ? 0
      : framing.lengthOf(wire, 0, wire.length, 0, new Float64Array(framing.notes ?? MOST_NOTES));
  if (length === wire.length) return wire;
  throw new EditError(`${id} would not cut this message out again as a whole: its end would be elsewhere`);
}

function wireOf(framing: Framing, content: Uint8Array, target: Target): Uint8Array {
  if (framing.wrap === undefined) return replaced(target, content);
  try {
    return framing.wrap(content, target.wire);
  } catch (error) {
    throw error instanceof RangeError ? new EditError(error.message) : error;
  }
}
