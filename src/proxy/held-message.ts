/** A message of a held unit: a copy of what the engine shows, which is gone with the next message. */
import type { Passage } from '../faults/passage.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { HeldMessage } from './holds.ts';

export function heldMessage(seen: SeenMessage, { framing, offset }: Passage): HeldMessage {
  const { message } = seen;
  const copy = message.another();
  copy.assign(message.copy(), 0, message.length, message.captured);
  copy.littleEndian = message.littleEndian;
  copy.frame = message.frame;
  copy.seconds = message.seconds;
  copy.nanoseconds = message.nanoseconds;
  return {
    protocol: seen.protocol,
    name: seen.name,
    layout: seen.layout,
    message: copy,
    framing,
    offset,
    connection: seen.connection,
    state: seen.state,
    findings: [...seen.findings],
  };
}
