/**
 * UDP (RFC 768): ports and the payload between the header and the length it states. Checksums are not verified: on the
 * sending host a capture shows packets before the network card has filled them in.
 */

import type { DecodeCounters } from './counters.ts';
import type { Cursor } from './cursor.ts';
import type { Packet } from './packet.ts';

const HEADER_LENGTH = 8;
const LARGEST_LENGTH = 0xffff;

/** Fills the packet's ports and payload; false when there is none to hand on, and the reason has been counted. */
export function readUdp(cursor: Cursor, packet: Packet, counters: DecodeCounters): boolean {
  const at = cursor.at;
  if (cursor.end - at < HEADER_LENGTH) {
    counters.tooShort(cursor, HEADER_LENGTH, 'udp');
    return false;
  }
  const available = cursor.wireEnd - at;
  let length = cursor.uint16(at + 4);
  // RFC 2675 section 4: a datagram too long for the field states zero, and the IP payload's length counts.
  if (length === 0 && available > LARGEST_LENGTH) length = available;
  if (length < HEADER_LENGTH || length > available) {
    counters.refuse('udp');
    return false;
  }
  packet.bytes = cursor.bytes;
  packet.sourcePort = cursor.uint16(at);
  packet.destinationPort = cursor.uint16(at + 2);
  packet.payloadStart = at + HEADER_LENGTH;
  packet.payloadEnd = Math.min(cursor.end, at + length);
  packet.payloadLength = length - HEADER_LENGTH;
  counters.udp++;
  return true;
}
