/**
 * The checksum of a UDP datagram (RFC 768, RFC 8200 8.1). Only for datagrams that were put together from fragments: of
 * others a capture on the sending host shows what the network card has not filled in yet, but what is cut into fragments
 * the host itself has summed up. There the checksum tells whether the fragments belong together. Where it is what a host
 * leaves for the card after all, the sum of the addresses and the length alone, it tells nothing.
 */

import { IP_PROTOCOL_UDP, type Packet } from './packet.ts';

const HEADER_LENGTH = 8;
const CHECKSUM = 6;

/** False only if there is a checksum in the datagram at `bytes[0, end)`, and it is wrong. */
export function mayBeWhole(packet: Packet, bytes: Uint8Array, end: number): boolean {
  if (end < HEADER_LENGTH || word(bytes, CHECKSUM) === 0) return true;
  const length = word(bytes, 4);
  if (length < HEADER_LENGTH || length > end) return true;
  let sum = IP_PROTOCOL_UDP + length;
  for (const part of [packet.source0, packet.source1, packet.source2, packet.source3]) sum += halves(part);
  for (const part of [packet.destination0, packet.destination1, packet.destination2, packet.destination3])
    sum += halves(part);
  if (folded(sum) === word(bytes, CHECKSUM)) return true;
  for (let at = 0; at + 1 < length; at += 2) sum += word(bytes, at);
  if (length % 2 === 1) sum += bytes[length - 1] << 8;
  return folded(sum) === 0xffff;
}

/** RFC 1071: the ones' complement sum in 16 bits. */
function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function halves(value: number): number {
  return (value >>> 16) + (value & 0xffff);
}
