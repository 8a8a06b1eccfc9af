/**
 * Builds packets for tests and the bench, layer by layer: `ethernet({}, ipv4({...}, udp({...}, payload)))`. Lengths and
 * checksums are right unless an option says otherwise, so that other programs read what is built here without complaint.
 * Slow and clear: nothing of it belongs in a measured loop.
 */

import ipaddr from 'ipaddr.js';
import { Frame } from '../capture/source.ts';
import { concat, hex, uint16, uint32 } from './bytes.ts';

const NOTHING = new Uint8Array(0);

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** RFC 1071: the ones' complement of the ones' complement sum of 16-bit words. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** `10.0.0.1:7654` or `[2001:db8::1]:7654`. */
export function splitEndpoint(endpoint: string): { address: string; port: number } {
  const colon = endpoint.lastIndexOf(':');
  return { address: endpoint.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(endpoint.slice(colon + 1)) };
}

export function addressBytes(address: string): number[] {
  return ipaddr.parse(address).toByteArray();
}

export interface EthernetOptions {
  /** EtherType; by default that of the payload's IP version. */
  readonly type?: number;
  /** VLAN numbers, outermost first. */
  readonly vlan?: readonly number[];
  /** EtherType of the tags. */
  readonly tagType?: number;
}

export function ethernet(options: EthernetOptions, payload: Uint8Array): Uint8Array {
  const tags = (options.vlan ?? []).map(id => [...uint16(options.tagType ?? 0x8100), ...uint16(id)]);
  const addresses = hex('020000000002 020000000001');
  return concat(addresses, tags.flat(), uint16(options.type ?? etherTypeOf(payload)), payload);
}

/** LINKTYPE_LINUX_SLL. */
export function sll(
  payload: Uint8Array,
  options: { readonly protocol?: number; readonly hardwareType?: number } = {},
): Uint8Array {
  const protocol = uint16(options.protocol ?? etherTypeOf(payload));
  const source = hex('0006 020000000001 0000');
  return concat(uint16(0), uint16(options.hardwareType ?? 1), source, protocol, payload);
}

/** LINKTYPE_LINUX_SLL2. */
export function sll2(
  payload: Uint8Array,
  options: { readonly protocol?: number; readonly hardwareType?: number } = {},
): Uint8Array {
  const protocol = uint16(options.protocol ?? etherTypeOf(payload));
  const source = hex('00 06 020000000001 0000');
  return concat(protocol, uint16(0), uint32(2), uint16(options.hardwareType ?? 1), source, payload);
}

/** LINKTYPE_NULL of a little-endian host, or LINKTYPE_LOOP when the order is `network`. */
export function loopback(
  payload: Uint8Array,
  options: { readonly family?: number; readonly order?: 'network' | 'little' } = {},
): Uint8Array {
  const family = uint32(options.family ?? (payload[0] >>> 4 === 6 ? 30 : 2));
  return concat(options.order === 'network' ? family : family.reverse(), payload);
}

export interface Ipv4Options {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly identification?: number;
  /** Options of the header, padded to a multiple of four by the caller. */
  readonly options?: Uint8Array;
  /** In bytes, a multiple of eight. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** In place of the true one. */
  readonly totalLength?: number;
}

export function ipv4(header: Ipv4Options, payload: Uint8Array): Uint8Array {
  const options = header.options ?? NOTHING;
  const headerLength = 20 + options.length;
  const bytes = concat(
    [0x40 | (headerLength / 4), 0],
    uint16(header.totalLength ?? headerLength + payload.length),
    uint16(header.identification ?? 0),
    uint16((header.moreFragments ? 0x2000 : 0) | ((header.fragmentOffset ?? 0) / 8)),
    [64, header.protocol, 0, 0],
    addressBytes(header.source),
    addressBytes(header.destination),
    options,
  );
  bytes.set(uint16(internetChecksum(bytes)), 10);
  return concat(bytes, payload);
}

export interface Ipv6Options {
  readonly source: string;
  readonly destination: string;
  /** Of the first header in `payload`: an extension or the transport. */
  readonly nextHeader: number;
  /** In place of the true one. */
  readonly payloadLength?: number;
}

export function ipv6(header: Ipv6Options, payload: Uint8Array): Uint8Array {
  return concat(
    [0x60, 0, 0, 0],
    uint16(header.payloadLength ?? payload.length),
    [header.nextHeader, 64],
    addressBytes(header.source),
    addressBytes(header.destination),
    payload,
  );
}

/** A hop-by-hop, routing or destination options header; `content` fills it up to a multiple of eight, less two. */
export function ipv6Extension(nextHeader: number, content: Uint8Array, payload: Uint8Array): Uint8Array {
  return concat([nextHeader, (content.length + 2) / 8 - 1], content, payload);
}

export interface Ipv6FragmentOptions {
  readonly nextHeader: number;
  readonly identification: number;
  /** In bytes, a multiple of eight. */
  readonly offset: number;
  readonly moreFragments: boolean;
}

/** A fragment header (44) and what it carries. */
export function ipv6Fragment(header: Ipv6FragmentOptions, payload: Uint8Array): Uint8Array {
  const fragmentation = uint16(header.offset | (header.moreFragments ? 1 : 0));
  return concat([header.nextHeader, 0], fragmentation, uint32(header.identification), payload);
}

export interface UdpOptions {
  /** `10.0.0.1:7654` or `[2001:db8::1]:7654`; the addresses go into the checksum. */
  readonly source: string;
  readonly destination: string;
  /** In place of the true one. */
  readonly length?: number;
}

export function udp(header: UdpOptions, payload: Uint8Array): Uint8Array {
  const source = splitEndpoint(header.source);
  const destination = splitEndpoint(header.destination);
  const length = header.length ?? 8 + payload.length;
  const bytes = concat(uint16(source.port), uint16(destination.port), uint16(length), [0, 0], payload);
  const checksum = transportChecksum(source.address, destination.address, 17, bytes);
  // RFC 768: zero means that there is no checksum, so a sum of zero is sent as its other form.
  bytes.set(uint16(checksum === 0 ? 0xffff : checksum), 6);
  return bytes;
}

export interface TcpOptions {
  readonly source: string;
  readonly destination: string;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** As in byte 13 of the header: `SYN | ACK`. */
  readonly flags?: number;
  readonly window?: number;
  /** Options of the header, padded to a multiple of four by the caller. */
  readonly options?: Uint8Array;
}

export function tcp(header: TcpOptions, payload: Uint8Array): Uint8Array {
  const source = splitEndpoint(header.source);
  const destination = splitEndpoint(header.destination);
  const options = header.options ?? NOTHING;
  const bytes = concat(
    uint16(source.port),
    uint16(destination.port),
    uint32(header.sequence ?? 0),
    uint32(header.acknowledgement ?? 0),
    [((20 + options.length) / 4) << 4, header.flags ?? ACK],
    uint16(header.window ?? 65_535),
    [0, 0, 0, 0],
    options,
    payload,
  );
  bytes.set(uint16(transportChecksum(source.address, destination.address, 6, bytes)), 16);
  return bytes;
}

/** An IP packet around a transport segment, of the family that the addresses belong to. */
export function ip(source: string, destination: string, protocol: number, payload: Uint8Array): Uint8Array {
  return source.includes(':')
    ? ipv6({ source, destination, nextHeader: protocol }, payload)
    : ipv4({ source, destination, protocol }, payload);
}

export function udpPacket(source: string, destination: string, payload: Uint8Array): Uint8Array {
  const [from, to] = [splitEndpoint(source).address, splitEndpoint(destination).address];
  return ip(from, to, 17, udp({ source, destination }, payload));
}

/** An Ethernet frame with one UDP datagram: `udpFrame('10.0.0.1:1024', '10.0.0.2:26999', payload)`, or `[2001:db8::1]:1`. */
export function udpFrame(
  source: string,
  destination: string,
  payload: Uint8Array,
  options: EthernetOptions = {},
): Uint8Array {
  return ethernet(options, udpPacket(source, destination, payload));
}

/** An Ethernet frame with one TCP segment. */
export function tcpFrame(header: TcpOptions, payload: Uint8Array, options: EthernetOptions = {}): Uint8Array {
  const [from, to] = [splitEndpoint(header.source).address, splitEndpoint(header.destination).address];
  return ethernet(options, ip(from, to, 6, tcp(header, payload)));
}

export interface FrameOptions {
  readonly linkType?: number;
  readonly seconds?: number;
  /** Larger than the bytes when the snap length cut the frame. */
  readonly wireLength?: number;
}

/** A frame as a capture source hands it out: in the middle of a chunk whose other bytes are not the frame's. */
export function frameOf(bytes: Uint8Array, options: FrameOptions = {}): Frame {
  const margin = new Uint8Array(16).fill(0xee);
  const frame = new Frame();
  frame.number = 1;
  frame.seconds = options.seconds ?? 1_000;
  frame.linkType = options.linkType ?? 1;
  frame.bytes = concat(margin, bytes, margin);
  frame.start = margin.length;
  frame.end = margin.length + bytes.length;
  frame.wireLength = options.wireLength ?? bytes.length;
  return frame;
}

function etherTypeOf(payload: Uint8Array): number {
  return payload[0] >>> 4 === 6 ? 0x86dd : 0x0800;
}

function transportChecksum(source: string, destination: string, protocol: number, segment: Uint8Array): number {
  const ends = concat(addressBytes(source), addressBytes(destination));
  const pseudoHeader =
    ends.length === 8
      ? concat(ends, [0, protocol], uint16(segment.length))
      : concat(ends, uint32(segment.length), [0, 0, 0, protocol]);
  return internetChecksum(concat(pseudoHeader, segment));
}
