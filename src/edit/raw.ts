/** A message with other bytes, for those who edit its hex: over those that are there, or between them. */
import type { Scope } from '../wire/layout.ts';
import { joined } from '../wire/write.ts';
import { Change } from './change.ts';
import type { Edited, EditOptions } from './edited.ts';
import { EditError } from './error.ts';
import { bytesShown } from './notes.ts';
import { containerOf, levelOf } from './places.ts';
import type { Target } from './target.ts';
import { before, replaced, rewired } from './wire.ts';

export interface RawOptions extends EditOptions {
  /** Bytes that are taken out for them: 0 inserts. As many as there are new ones if absent, as far as the message goes. */
  readonly over?: number;
}

/**
 * The message with these bytes from an offset on, which counts from its beginning.
 * @throws EditError, and nothing else, for bytes that would not lie in the message or right behind it
 */
export function withBytes(target: Target, offset: number, bytes: Uint8Array, options: RawOptions = {}): Edited {
  const { mend = true, over = bytes.length } = options;
  const { layout, message } = target;
  const was = before(target);
  if (!Number.isInteger(offset) || offset < 0 || offset > was.length) {
    throw new EditError(`byte ${offset} is not in the message, which has ${was.length} bytes`);
  }
  if (!Number.isInteger(over) || over < 0) throw new EditError(`${over} is no number of bytes to take out`);
  const to = Math.min(was.length, offset + over);
  const note = `${placeOf(offset, bytes.length)} = ${bytesShown(bytes)} (was ${bytesShown(was.subarray(offset, to))})`;
  if (!mend) return { wire: replaced(target, joined([was.subarray(0, offset), bytes, was.subarray(to)])), note };
  const change = new Change(was, true);
  const level = levelOf(was, layout ?? NO_FIELDS, message.littleEndian);
  const container = containerOf(level, offset, to);
  change.setBytes(container.level, container.field, { from: offset, to, bytes });
  return { wire: rewired(target, change.bytes(), { fields: [], from: offset, to }), note };
}

/** Of a message of a type that nobody knows. */
const NO_FIELDS: Scope = { rows: [], fields: {}, fixedLength: 0, open: true, walked: false, slots: 0 };

function placeOf(offset: number, count: number): string {
  return count > 1 ? `bytes ${offset} to ${offset + count - 1}` : `byte ${offset}`;
}
