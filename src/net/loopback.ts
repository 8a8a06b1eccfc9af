/**
 * BSD loopback: four bytes of address family before the IP header. LINKTYPE_NULL has them in the byte order of the host
 * that captured, which the capture does not say; LINKTYPE_LOOP in network order.
 */

import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './ethernet.ts';

const HEADER_LENGTH = 4;
const LARGEST_FAMILY = 0xffff;
const AF_INET = 2;
/** NetBSD and OpenBSD, FreeBSD, Darwin. */
const AF_INET6: readonly number[] = [24, 28, 30];

/** LINKTYPE_NULL: a family is a small number, so the order in which it is small is the right one. */
export function readNull(cursor: Cursor, counters: DecodeCounters): number {
  if (cursor.end - cursor.at < HEADER_LENGTH) return counters.tooShort(cursor, HEADER_LENGTH, 'loopback');
  const networkOrder = cursor.uint32(cursor.at);
  return followFamily(cursor, counters, networkOrder <= LARGEST_FAMILY ? networkOrder : swapBytes(networkOrder));
}

/** LINKTYPE_LOOP. */
export function readLoop(cursor: Cursor, counters: DecodeCounters): number {
  if (cursor.end - cursor.at < HEADER_LENGTH) return counters.tooShort(cursor, HEADER_LENGTH, 'loopback');
  return followFamily(cursor, counters, cursor.uint32(cursor.at));
}

function followFamily(cursor: Cursor, counters: DecodeCounters, family: number): number {
  cursor.at += HEADER_LENGTH;
  if (family === AF_INET) return ETHERTYPE_IPV4;
  if (AF_INET6.includes(family)) return ETHERTYPE_IPV6;
  counters.unknownAddressFamily.add(family);
  return DONE;
}

function swapBytes(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
