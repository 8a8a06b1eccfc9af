/**
 * IPv4 (RFC 791): addresses, options skipped, lengths checked, fragments handed to reassembly. Header checksums are not
 * verified: on the sending host a capture shows packets before the network card has filled them in.
 */

import type { Frame } from '../capture/source.ts';
import { type Cursor, DONE } from './cursor.ts';
import { hashOfIpv4 } from './hosts.ts';
import type { IpStage } from './ip-stage.ts';
import type { Packet } from './packet.ts';

const SHORTEST_HEADER = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** Moves to the transport header and returns the protocol number, or `DONE`. */
export function readIpv4(frame: Frame, cursor: Cursor, packet: Packet, stage: IpStage): number {
  const { bytes, at } = cursor;
  const { hostless } = stage;
  if (cursor.end - at < SHORTEST_HEADER) return hostless.tooShort(cursor, SHORTEST_HEADER, 'ipv4');
  const headerLength = (bytes[at] & 0x0f) * 4;
  if (bytes[at] >>> 4 !== 4 || headerLength < SHORTEST_HEADER) return hostless.refuse('ipv4');
  const totalLength = cursor.uint16(at + 2);
  // Zero is what the kernel leaves for the network card to fill in (segmentation offload, BIG TCP).
  if (totalLength !== 0) {
    if (totalLength < headerLength) return hostless.refuse('ipv4');
    cursor.narrow(totalLength);
  }
  if (cursor.end - at < headerLength) return hostless.tooShort(cursor, headerLength, 'ipv4');

  packet.family = 4;
  packet.source0 = cursor.uint32(at + 12);
  packet.source1 = 0;
  packet.source2 = 0;
  packet.source3 = 0;
  packet.destination0 = cursor.uint32(at + 16);
  packet.destination1 = 0;
  packet.destination2 = 0;
  packet.destination3 = 0;
  packet.hosts = hashOfIpv4(packet.source0, packet.destination0);
  cursor.at = at + headerLength;

  const protocol = bytes[at + 9];
  const fragmentation = cursor.uint16(at + 6);
  const isFragment = (fragmentation & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
  const isPassed = stage.passesBy(frame, packet.hosts);
  if (isPassed && !isFragment) return DONE;
  const identification = cursor.uint16(at + 4);
  const number = (identification << 16) | fragmentation;
  if (!isPassed && stage.duplicates?.isCopy(frame, cursor, packet, at, number, protocol, bytes[at + 8])) return DONE;
  if (!isFragment) return protocol;
  return (isPassed ? stage.passedFragments : stage.fragments).add(
    cursor,
    packet,
    identification,
    protocol,
    (fragmentation & FRAGMENT_OFFSET) * 8,
    (fragmentation & MORE_FRAGMENTS) !== 0,
  );
}
