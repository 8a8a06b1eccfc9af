/**
 * The form that nearly all frames of most captures have, Ethernet and then IPv4 without options: what stands in such a frame
 * can be read where it is, without the layers. Places count from the first byte of the frame.
 */
import { hashOfIpv4 } from './hosts.ts';

const ETHERTYPE = 12;
const IPV4_HEADER = 14;
const TOTAL_LENGTH = 16;
const FRAGMENTATION = 20;
export const PLAIN_PROTOCOL = 23;
export const PLAIN_SOURCE = 26;
export const PLAIN_DESTINATION = 30;
export const PLAIN_PORTS = 34;

const ETHERTYPE_AND_VERSION = 0x0800_45;
const IPV4_LENGTH = 20;
/** Of the two bytes: all but the bit that says that there are no fragments, and the reserved one. */
const IS_FRAGMENT = 0x3fff;

/** Has the frame the form? 15 bytes of it are there. */
export function isPlain(bytes: Uint8Array, at: number): boolean {
  const form = (bytes[at + ETHERTYPE] << 16) | (bytes[at + ETHERTYPE + 1] << 8) | bytes[at + IPV4_HEADER];
  return form === ETHERTYPE_AND_VERSION;
}

/** Would IPv4 find nothing wrong with its header, and no fragment? Both headers of a frame of the form are there. */
export function isPlainWhole(bytes: Uint8Array, at: number): boolean {
  const fragmentation = (bytes[at + FRAGMENTATION] << 8) | bytes[at + FRAGMENTATION + 1];
  const totalLength = (bytes[at + TOTAL_LENGTH] << 8) | bytes[at + TOTAL_LENGTH + 1];
  return (fragmentation & IS_FRAGMENT) === 0 && (totalLength >= IPV4_LENGTH || totalLength === 0);
}

/** Of both hosts, as `hashOfHosts` has it. */
export function plainHosts(bytes: Uint8Array, at: number): number {
  return hashOfIpv4(wordAt(bytes, at + PLAIN_SOURCE), wordAt(bytes, at + PLAIN_DESTINATION));
}

export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
