/**
 * A message that was changed, back in its unit. What only its protocol can say of it follows first, then what its framing says
 * of the whole; what the user has set is set again where that wrote over it.
 */
import type { Framing } from '../framing/framing.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import { joined } from '../wire/write.ts';
import type { Assignment } from './assignments.ts';
import { Change } from './change.ts';
import { EditError } from './error.ts';
import { levelOf, type Spot, spotsOf } from './places.ts';
import type { Target } from './target.ts';
import { contentFor, integerFor, literalOf } from './values.ts';

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
  const { framing, layout, message, wire } = target;
  const mended = layout ? mendedBy(target, layout, bytes, own) : bytes;
  const was = before(target).length;
  // Bytes that were written over may be those of a length, and shall stay; a field may hold what ends a line.
  const isAsLong = mended.length === was && own.fields.length === 0;
  if (framing === undefined || isAsLong || isItsOwn(framing) || was < message.length) return replaced(target, mended);
  const framed = framing.wrap ? wrap(framing, mended, wire) : replaced(target, mended);
  return settled(framing, framed, layout, own.fields, message.littleEndian);
}

/** Messages tell their own end, and so does a changed one, right or wrong. */
function isItsOwn({ wrap, hidden, hiddenAtEnd = 0 }: Framing): boolean {
  return wrap === undefined && hidden === 0 && hiddenAtEnd === 0;
}

/** A message that nobody has sent, in its framing. @throws EditError for one that it cannot carry */
export function framedAlone(
  framing: Framing,
  bytes: Uint8Array,
  layout: Layout,
  set: readonly Assignment[],
  littleEndian: boolean,
): Uint8Array {
  if (isItsOwn(framing)) return bytes;
  if (framing.wrap) return settled(framing, wrap(framing, bytes, NOTHING), layout, set, littleEndian);
  throw new EditError(`${framing.id} does not say what stands around a message`);
}

const NOTHING = new Uint8Array(0);

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
  const then = levelOf(before(target), layout, message.littleEndian);
  const right = protocol.mended?.(then.view, layout) ?? {};
  const follows = (name: string) => {
    const [was] = spotsOf(then, { field: name, path: [] });
    return was !== undefined && !isOwn(own, was) && then.view.value(was.field) === right[name];
  };
  return valuedBy(protocol, layout, bytes, message.littleEndian, follows);
}

/** The message with the values that its protocol knows, of the fields that follow. */
export function valuedBy(
  protocol: AnyProtocol,
  layout: Layout,
  bytes: Uint8Array,
  littleEndian: boolean,
  follows: (name: string) => boolean,
): Uint8Array {
  if (protocol.mended === undefined) return bytes;
  const names = Object.keys(protocol.mended(levelOf(bytes, layout, littleEndian).view, layout)).filter(follows);
  return names.reduce((now, name) => {
    // What was given its value before may have moved the rest.
    const level = levelOf(now, layout, littleEndian);
    const value = protocol.mended?.(level.view, layout)[name];
    const [spot] = spotsOf(level, { field: name, path: [] });
    return value === undefined || spot === undefined ? now : valued(now, spot, value);
  }, bytes);
}

function isOwn({ fields, from, to }: Own, spot: Spot): boolean {
  return (
    fields.some(({ field, path }) => field === spot.field.name && path.length === 0) ||
    (spot.from < to && from < spot.to)
  );
}

/** The message in which a field says this. */
function valued(bytes: Uint8Array, spot: Spot, value: number | string): Uint8Array {
  const { level, field } = spot;
  const change = new Change(bytes, true);
  const isInteger = field.kind === 'uint' || field.kind === 'unixTime';
  try {
    if (isInteger) change.setInteger(level, field, BigInt(value));
    else
      change.set(
        spot,
        contentFor(field, literalOf(field, value), level.view.littleEndian, true, bytes.subarray(spot.from, spot.to)),
      );
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

/** What the framing cuts out again as a whole, and what the user has set in it, which need not be so. */
function settled(
  framing: Framing,
  wire: Uint8Array,
  layout: Layout | undefined,
  set: readonly Assignment[],
  littleEndian: boolean,
): Uint8Array {
  const { headLength, id, notes = 0 } = framing;
  const isHead = wire.length >= headLength;
  const length = isHead ? framing.lengthOf(wire, 0, wire.length, 0, new Float64Array(notes)) : 0;
  if (length !== wire.length) {
    throw new EditError(`${id} would not cut this message out again as a whole: its end would be elsewhere`);
  }
  if (layout === undefined || set.length === 0) return wire;
  const hidden = framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden;
  const end = wire.length - (framing.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing.hiddenAtEnd ?? 0);
  const within = wire.subarray(hidden, end);
  const again = set.reduce((now, assignment) => setAgain(now, layout, assignment, littleEndian), within);
  return again === within ? wire : joined([wire.subarray(0, hidden), again, wire.subarray(end)]);
}

function wrap(framing: Framing, content: Uint8Array, sample: Uint8Array): Uint8Array {
  try {
    return framing.wrap!(content, sample);
  } catch (error) {
    throw error instanceof RangeError ? new EditError(error.message) : error;
  }
}
