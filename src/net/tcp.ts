/**
 * The TCP header (RFC 9293 3.1): ports, numbers, flags, and where the segment's payload lies. Options are skipped, streams
 * are put together elsewhere. Checksums are not verified, for the reason that udp.ts gives.
 */

import type { DecodeCounters } from './counters.ts';
import type { Cursor } from './cursor.ts';
import type { Packet } from './packet.ts';

const SHORTEST_HEADER = 20;

/** Fills the packet's ports, TCP fields and payload; false when there is none to hand on, and the reason has been counted. */
export function readTcp(cursor: Cursor, packet: Packet, counters: DecodeCounters): boolean {
  const { bytes, at } = cursor;
  if (cursor.end - at < SHORTEST_HEADER) {
    counters.tooShort(cursor, SHORTEST_HEADER, 'tcp');
    return false;
  }
  const headerLength = (bytes[at + 12] >>> 4) * 4;
  if (headerLength < SHORTEST_HEADER) {
    counters.refuse('tcp');
    return false;
  }
  if (cursor.end - at < headerLength) {
    counters.tooShort(cursor, headerLength, 'tcp');
    return false;
  }
  packet.bytes = bytes;
  packet.sourcePort = cursor.uint16(at);
  packet.destinationPort = cursor.uint16(at + 2);
  packet.tcpSequence = cursor.uint32(at + 4);
  packet.tcpAcknowledgement = cursor.uint32(at + 8);
  packet.tcpFlags = bytes[at + 13];
  packet.tcpWindow = cursor.uint16(at + 14);
  packet.payloadStart = at + headerLength;
  packet.payloadEnd = cursor.end;
  packet.payloadLength = cursor.wireEnd - packet.payloadStart;
  counters.tcp++;
  return true;
}
