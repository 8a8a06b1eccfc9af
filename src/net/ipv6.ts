/**
 * IPv6 (RFC 8200): addresses, the extension headers up to the transport, jumbograms (RFC 2675), fragments handed to
 * reassembly. The destination is the one in the fixed header, also where a routing header names a later one: that is
 * whom the packet was under way to when it was captured.
 */

import type { Frame } from '../capture/source.ts';
import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';
import type { FragmentTaker } from './fragments.ts';
import { hashOfHosts } from './hosts.ts';
import type { IpStage } from './ip-stage.ts';
import type { Packet } from './packet.ts';

const HEADER_LENGTH = 40;
const SHORTEST_EXTENSION = 8;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

const FRAGMENT_OFFSET = 0xfff8;
const MORE_FRAGMENTS = 0x0001;

const OPTION_PAD1 = 0;
const OPTION_JUMBO = 0xc2;
const JUMBO_LENGTH = 4;

/** Moves to the transport header and returns the protocol number, or `DONE`. */
export function readIpv6(
  frame: Frame,
  cursor: Cursor,
  packet: Packet,
  stage: IpStage,
  maximumExtensionHeaders: number,
): number {
  const { bytes, at } = cursor;
  const { hostless } = stage;
  if (cursor.end - at < HEADER_LENGTH) return hostless.tooShort(cursor, HEADER_LENGTH, 'ipv6');
  if (bytes[at] >>> 4 !== 6) return hostless.refuse('ipv6');
  packet.family = 6;
  packet.source0 = cursor.uint32(at + 8);
  packet.source1 = cursor.uint32(at + 12);
  packet.source2 = cursor.uint32(at + 16);
  packet.source3 = cursor.uint32(at + 20);
  packet.destination0 = cursor.uint32(at + 24);
  packet.destination1 = cursor.uint32(at + 28);
  packet.destination2 = cursor.uint32(at + 32);
  packet.destination3 = cursor.uint32(at + 36);
  packet.hosts = hashOfHosts(packet);
  cursor.at = at + HEADER_LENGTH;

  const payloadLength = cursor.uint16(at + 4);
  const nextHeader = bytes[at + 6];
  if (payloadLength !== 0) cursor.narrow(payloadLength);
  else if (nextHeader === HOP_BY_HOP) narrowToJumbo(cursor);
  // Zero before any other header is what the kernel leaves for the network card to fill in: the frame's end counts.
  if (stage.passesBy(frame, packet.hosts)) {
    skipExtensionHeaders(
      cursor,
      packet,
      stage.passedCounters,
      stage.passedFragments,
      nextHeader,
      maximumExtensionHeaders,
    );
    return DONE;
  }
  if (stage.duplicates?.isCopy(frame, cursor, packet, at, 0, nextHeader, bytes[at + 7])) return DONE;
  return skipExtensionHeaders(cursor, packet, stage.counters, stage.fragments, nextHeader, maximumExtensionHeaders);
}

/** With the cursor behind the fixed header; RFC 8200 section 4 lets the headers come in any order and number. */
function skipExtensionHeaders(
  cursor: Cursor,
  packet: Packet,
  counters: DecodeCounters,
  fragments: FragmentTaker,
  firstHeader: number,
  maximumExtensionHeaders: number,
): number {
  let header = firstHeader;
  let reassembled = false;
  for (let skipped = 0; isExtension(header); skipped++) {
    if (skipped >= maximumExtensionHeaders) return counters.refuse('ipv6');
    if (cursor.end - cursor.at < SHORTEST_EXTENSION) return counters.tooShort(cursor, SHORTEST_EXTENSION, 'ipv6');
    const length = extensionLength(cursor, header);
    if (cursor.end - cursor.at < length) return counters.tooShort(cursor, length, 'ipv6');
    const start = cursor.at;
    const nextHeader = cursor.bytes[start];
    cursor.at = start + length;
    if (header === FRAGMENT && !isAtomic(cursor, start)) {
      // A datagram within a fragmented one has no business here; refusing it keeps reassembly from nesting.
      if (reassembled) return counters.refuse('fragment');
      reassembled = true;
      header = addFragment(cursor, packet, fragments, start, nextHeader);
      if (header === DONE) return DONE;
    } else {
      header = nextHeader;
    }
  }
  return header;
}

function isExtension(header: number): boolean {
  return (
    header === HOP_BY_HOP ||
    header === ROUTING ||
    header === FRAGMENT ||
    header === DESTINATION_OPTIONS ||
    header === AUTHENTICATION
  );
}

/** Authentication counts in words of four bytes without two (RFC 4302 2.2), the others in words of eight without one. */
function extensionLength(cursor: Cursor, header: number): number {
  if (header === FRAGMENT) return SHORTEST_EXTENSION;
  const stated = cursor.bytes[cursor.at + 1];
  return header === AUTHENTICATION ? (stated + 2) * 4 : (stated + 1) * 8;
}

/** RFC 6946: a fragment header on a datagram in one piece says nothing about other fragments. */
function isAtomic(cursor: Cursor, start: number): boolean {
  return (cursor.uint16(start + 2) & (FRAGMENT_OFFSET | MORE_FRAGMENTS)) === 0;
}

function addFragment(
  cursor: Cursor,
  packet: Packet,
  fragments: FragmentTaker,
  start: number,
  nextHeader: number,
): number {
  const fragmentation = cursor.uint16(start + 2);
  return fragments.add(
    cursor,
    packet,
    cursor.uint32(start + 4),
    nextHeader,
    fragmentation & FRAGMENT_OFFSET,
    (fragmentation & MORE_FRAGMENTS) !== 0,
  );
}

/** RFC 2675: the payload length is an option of a hop-by-hop header, which counts as payload itself. */
function narrowToJumbo(cursor: Cursor): void {
  const { bytes, at } = cursor;
  if (cursor.end - at < SHORTEST_EXTENSION) return;
  const end = Math.min(cursor.end, at + extensionLength(cursor, HOP_BY_HOP));
  let option = at + 2;
  while (option + 1 < end) {
    if (bytes[option] === OPTION_PAD1) {
      option++;
      continue;
    }
    const length = bytes[option + 1];
    if (bytes[option] === OPTION_JUMBO && length === JUMBO_LENGTH && option + 2 + JUMBO_LENGTH <= end) {
      cursor.narrow(cursor.uint32(option + 2));
      return;
    }
    option += 2 + length;
  }
}
