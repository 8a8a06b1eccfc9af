/**
 * Whether the checksums of IPv4, UDP and TCP are right (RFC 1071), for people to read. On the sending host a capture shows
 * packets before the network card has filled them in: then there is what the kernel leaves there, which is not wrong.
 */

export type ChecksumStatus = 'correct' | 'not used' | 'left to the network card' | 'wrong' | 'not verified';

/** The addresses and the transport that a segment's checksum covers, too. */
export interface PseudoHeader {
  /** Of source and destination, as they stand in the header. */
  readonly addresses: Uint8Array;
  readonly protocol: number;
}

export function headerChecksum(bytes: Uint8Array, from: number, to: number, stated: number): ChecksumStatus {
  if (stated === 0) return 'left to the network card';
  return folded(sumOf(bytes, from, to)) === 0xffff ? 'correct' : 'wrong';
}

/** @param stated the checksum in the header of the segment at `bytes[from, to)` */
export function transportChecksum(
  { addresses, protocol }: PseudoHeader,
  bytes: Uint8Array,
  from: number,
  to: number,
  stated: number,
): ChecksumStatus {
  const isUdp = protocol === 17;
  if (isUdp && stated === 0) return 'not used';
  const pseudo = sumOf(addresses, 0, addresses.length) + protocol + to - from;
  if (folded(pseudo + sumOf(bytes, from, to)) === 0xffff) return 'correct';
  return folded(pseudo) === stated ? 'left to the network card' : 'wrong';
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at + 1 < to; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  return (to - from) % 2 === 1 ? sum + (bytes[to - 1] << 8) : sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}
