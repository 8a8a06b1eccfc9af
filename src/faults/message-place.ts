/**
 * Where the message in hand stands in its unit: on a stream behind what the framing hides, in a datagram or record behind
 * the messages before it. What is changed about the unit may move it.
 */
import type { Framing } from '../framing/framing.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Passage } from './passage.ts';

export class MessagePlace {
  /** In the unit as it is now. */
  offset = 0;
  length = 0;

  /** The first message of a unit is yet to come. */
  begin(): void {
    this.offset = 0;
    this.length = 0;
  }

  /**
   * Goes on to the next message of the unit. @param wire the unit as it is now. @returns false where it is not found there,
   * as where its bytes were changed before, or came in several units
   */
  next({ message }: SeenMessage, passage: Pick<Passage, 'framing' | 'carrier'>, wire: Uint8Array): boolean {
    const { framing } = passage;
    const { bytes, start, captured, length } = message;
    const content = bytes.subarray(start, start + captured);
    const from = this.offset + this.length;
    const hidden = framing ? Math.max(from, framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden) : from;
    const offset = Buffer.from(wire.buffer, wire.byteOffset, wire.length).indexOf(content, hidden);
    if (offset < 0 || offset + length > wire.length) {
      // Another overseer has changed it. On a stream the message is all there is.
      if (!framing || passage.carrier !== 'stream' || wire.length < framing.headLength) return false;
      this.#whole(wire, framing);
      return this.length >= 0;
    }
    this.offset = offset;
    this.length = length;
    return true;
  }

  /** The unit was changed in this message. */
  changed(wire: Uint8Array, before: Uint8Array, { framing, carrier }: Pick<Passage, 'framing' | 'carrier'>): void {
    const grown = wire.length - before.length;
    // A record may hold several; on a stream the message is all there is, and its head may have grown, too.
    if (!framing || carrier !== 'stream') {
      this.length += grown;
      return;
    }
    this.#whole(wire, framing);
  }

  #whole(wire: Uint8Array, framing: Framing): void {
    const atEnd = framing.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing.hiddenAtEnd ?? 0;
    this.offset = framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden;
    this.length = wire.length - atEnd - this.offset;
  }
}
