/**
 * Pairs of hosts, and the classes that they fall into: by these the flows of a capture are divided among those who judge them,
 * each of whom decodes the packets of its own classes and passes the others by.
 */
import type { Packet } from './packet.ts';

export const CLASS_BITS = 4;
export const CLASSES = 1 << CLASS_BITS;

/** The classes whose packets are decoded here, where others decode the rest. */
export interface OwnClasses {
  /** Bit by bit, from class 0 on. */
  readonly mask: number;
  /** Frames whose hosts cannot be read are counted here too. */
  readonly hasHostless: boolean;
  /** What becomes of a packet hangs on packets that others have. @param reason for who looks for it */
  needsAll(reason: string): void;
}

/** Hash, as a signed integer, of the two hosts of a packet, whichever way it goes. */
export function hashOfHosts(packet: Packet): number {
  const { source0, destination0 } = packet;
  if (packet.family === 4) return hashOfIpv4(source0, destination0);
  return mixed(
    sumOf(source0, destination0) ^
      Math.imul(packet.source1 ^ packet.destination1, 0x1e3779b1) ^
      Math.imul(packet.source2 ^ packet.destination2, 0x45ebca6b) ^
      Math.imul(packet.source3 ^ packet.destination3, 0x2545f491),
  );
}

/** The same of two addresses of IPv4. */
export function hashOfIpv4(source: number, destination: number): number {
  return mixed(sumOf(source, destination));
}

function sumOf(source: number, destination: number): number {
  // The sum, too: of a host that speaks with itself nothing else is left.
  return source ^ destination ^ Math.imul(source + destination, 0x7feb352d);
}

function mixed(sum: number): number {
  let hash = Math.imul(sum ^ (sum >>> 15), 0x6c8e9cf5);
  hash = Math.imul(hash ^ (hash >>> 13), 0x2c1b3c6d);
  return hash ^ (hash >>> 16);
}

/** @param hash of two hosts */
export function classOfHosts(hash: number): number {
  return hash >>> (32 - CLASS_BITS);
}
