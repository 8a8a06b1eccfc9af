/**
 * A held unit as somebody has changed it, to be looked at and changed further before it is passed on. What it is was judged as
 * its sender sent it: what was found then is no finding of what stands there now.
 */
import type { HeldMessage, HeldUnit } from './holds.ts';

/** @param index of the message that was changed, counted from 0 @param wire all bytes of the unit now */
export function editedUnit(unit: HeldUnit, index: number, wire: Uint8Array): HeldUnit {
  const grown = wire.length - unit.wire.length;
  const messages = unit.messages.map((held, place) => {
    if (place < index) return held;
    if (place > index) return { ...held, offset: held.offset + grown };
    return changed(held, grown, wire);
  });
  return { ...unit, wire, messages };
}

function changed(held: HeldMessage, grown: number, wire: Uint8Array): HeldMessage {
  const { framing, message } = held;
  const hidden = framing?.hiddenOf?.(wire, 0, wire.length) ?? framing?.hidden;
  const atEnd = framing?.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing?.hiddenAtEnd ?? 0;
  // What a stream was cut into is one message; a datagram may hold others before and behind it.
  const offset = Math.min(hidden ?? held.offset, wire.length);
  const length = Math.max(0, hidden === undefined ? message.length + grown : wire.length - offset - atEnd);
  const view = message.another();
  view.assign(wire, offset, length, Math.min(length, wire.length - offset));
  view.littleEndian = message.littleEndian;
  view.frame = message.frame;
  view.seconds = message.seconds;
  view.nanoseconds = message.nanoseconds;
  return { ...held, message: view, offset, findings: [] };
}
