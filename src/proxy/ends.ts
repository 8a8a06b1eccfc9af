/**
 * The two programs that a proxied flow is between, as the packets of its recording name them: IPv4 or IPv6 as they are;
 * where one is IPv4 and the other IPv6, the first in its IPv6-mapped form (RFC 4291 2.5.5.2). A Unix socket has no such
 * address: its ends stand in the networks kept for documentation (RFC 5737).
 */
import ipaddr from 'ipaddr.js';
import { formatEndpoint } from '../net/address.ts';

export type Side = 0 | 1;
export const CLIENT: Side = 0;
export const SERVER: Side = 1;

export function otherSide(side: Side): Side {
  return side === CLIENT ? SERVER : CLIENT;
}

/** Where a socket is. */
export interface SocketAddress {
  /** IPv4 or IPv6 as text. */
  readonly address: string;
  readonly port: number;
}

/** Both ends, of one family. */
export interface Ends {
  readonly family: 4 | 6;
  /** By side: 4 or 16 bytes. */
  readonly addresses: readonly [Uint8Array, Uint8Array];
  readonly ports: readonly [number, number];
}

export function endsOf(client: SocketAddress, server: SocketAddress): Ends {
  const own = [bytesOf(client.address), bytesOf(server.address)];
  const family = own.every(({ length }) => length === 4) ? 4 : 6;
  const [first, second] = family === 4 ? own : own.map(mapped);
  return { family, addresses: [first, second], ports: [client.port, server.port] };
}

/** A text for each pair of ends, to tell flows apart by. */
export function keyOf({ addresses, ports }: Ends): string {
  return [...addresses, ...ports].join(' ');
}

/** One of them as reports print it. */
export function printedEnd({ family, addresses, ports }: Ends, side: Side): string {
  const bytes = addresses[side];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = Array.from({ length: 4 }, (_, word) => (word * 4 < bytes.length ? view.getUint32(word * 4) : 0));
  return formatEndpoint({ family, words, port: ports[side] });
}

/** Ports of clients of Unix sockets; below them are those of the sockets themselves. */
const FIRST_CLIENT_PORT = 1_024;
const CLIENT_PORTS = 0x1_0000 - FIRST_CLIENT_PORT;
const LAST_HOST = 254;

/** The place of the listening end of a pair's Unix socket. @param pair counted from 0 */
export function unixServer(pair: number): SocketAddress {
  return { address: `198.51.100.${1 + (pair % LAST_HOST)}`, port: 1 + Math.floor(pair / LAST_HOST) };
}

/** The place of a client of a Unix socket. @param flow its number */
export function unixClient(flow: number): SocketAddress {
  const host = 1 + (Math.floor(flow / CLIENT_PORTS) % LAST_HOST);
  return { address: `192.0.2.${host}`, port: FIRST_CLIENT_PORT + (flow % CLIENT_PORTS) };
}

/** Those of an IPv4 address however it is written: a socket that takes both families shows IPv4 in its mapped form. */
function bytesOf(address: string): Uint8Array {
  // The zone of a link-local address is this host's own business.
  const bytes = Uint8Array.from(ipaddr.parse(address.replace(/%.*$/, '')).toByteArray());
  return bytes.length === 16 && MAPPED.every((byte, at) => byte === bytes[at]) ? bytes.subarray(MAPPED.length) : bytes;
}

function mapped(address: Uint8Array): Uint8Array {
  return address.length === 16 ? address : Uint8Array.of(...MAPPED, ...address);
}

/** In front of an IPv4 address in IPv6. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
