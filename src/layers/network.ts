/** IPv4 (RFC 791) and IPv6 (RFC 8200) described, with their options, extension headers and fragments. A twin of src/net. */
import { formatAddress } from '../net/address.ts';
import { ETHERTYPE_IPV4 } from '../net/ethernet.ts';
import { headerChecksum, type PseudoHeader } from './checksum.ts';
import { Header, hexNumber, type LayerNode } from './header.ts';

/** The network's headers, and what stands behind them. */
export interface Networked {
  readonly nodes: readonly LayerNode[];
  readonly at: number;
  /** Past the last byte of the packet that was captured, and where it ends as its headers state. */
  readonly end: number;
  readonly wireEnd: number;
  /** Undefined where there is no transport's header: in a later fragment, or behind a header that is cut. */
  readonly protocol: number | undefined;
  readonly pseudo: PseudoHeader;
  /** Only a part of a datagram, so that its checksum cannot be verified. */
  readonly isFragment: boolean;
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'hop-by-hop options',
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'routing',
  44: 'fragment',
  47: 'GRE',
  50: 'ESP',
  51: 'authentication',
  58: 'ICMPv6',
  59: 'nothing',
  60: 'destination options',
  132: 'SCTP',
};
const DSCP: Readonly<Record<number, string>> = { 0: 'default', 8: 'CS1', 34: 'AF41', 46: 'EF', 48: 'CS6', 56: 'CS7' };
const ECN = ['not capable', 'ECT(1)', 'ECT(0)', 'congestion'];
const EXTENSIONS = [0, 43, 44, 51, 60];
const MOST_EXTENSIONS = 16;
const MORE_FRAGMENTS = 0x2000;
const DONT_FRAGMENT = 0x4000;

/** @param wireEnd where the frame ends on the wire */
export function describeNetwork(bytes: Uint8Array, at: number, etherType: number, wireEnd: number): Networked {
  return etherType === ETHERTYPE_IPV4 ? ipv4(bytes, at, wireEnd) : ipv6(bytes, at, wireEnd);
}

function nothing(bytes: Uint8Array, at: number, nodes: readonly LayerNode[] = []): Networked {
  const pseudo = { addresses: new Uint8Array(0), protocol: 0 };
  return { nodes, at, end: bytes.length, wireEnd: bytes.length, protocol: undefined, pseudo, isFragment: false };
}

function ipv4(bytes: Uint8Array, at: number, frameWireEnd: number): Networked {
  const header = new Header(bytes, at, bytes.length, 'RFC 791 3.1');
  const length = (header.uint8(0) & 0x0f) * 4;
  if (!header.has(20) || header.uint8(0) >>> 4 !== 4 || length < 20) return nothing(bytes, at);
  const total = header.uint16(2);
  // Zero is what the kernel leaves for the network card to fill in.
  const wireEnd = total === 0 ? frameWireEnd : at + total;
  const end = Math.min(bytes.length, wireEnd);
  const [fragmentation, protocol] = [header.uint16(6), header.uint8(9)];
  const offset = (fragmentation & 0x1fff) * 8;
  const more = (fragmentation & MORE_FRAGMENTS) !== 0;
  const isFragment = offset > 0 || more;
  const [source, destination] = [addressText(header, 12, 4), addressText(header, 16, 4)];
  const checksum = header.uint16(10);
  const status = header.has(length) ? headerChecksum(bytes, at, at + length, checksum) : 'not verified';
  header.field({ name: 'version', title: 'Version' }, 0, 1, '4', 4);
  header.field({ name: 'headerLength', title: 'Header length' }, 0, 1, `${length} bytes`, length);
  traffic(header, header.uint8(1), 1, 1);
  header.field(
    { name: 'length', title: 'Total length' },
    2,
    2,
    total === 0 ? '0, left to the network card' : `${total} bytes`,
    total,
  );
  header.field(
    { name: 'identification', title: 'Identification' },
    4,
    2,
    `${hexNumber(header.uint16(4), 4)} (${header.uint16(4)})`,
    header.uint16(4),
  );
  const flags = [fragmentation & DONT_FRAGMENT ? "don't fragment" : '', more ? 'more fragments' : ''].filter(
    word => word !== '',
  );
  header.field({ name: 'flags', title: 'Flags' }, 6, 1, flags.join(', ') || 'none');
  header.field({ name: 'fragmentOffset', title: 'Fragment offset' }, 6, 2, `${offset} bytes`, offset);
  header.number({ name: 'ttl', title: 'Time to live' }, 8, 1);
  header.number({ name: 'protocol', title: 'Protocol' }, 9, 1, PROTOCOLS[protocol]);
  header.field({ name: 'checksum', title: 'Checksum' }, 10, 2, `${hexNumber(checksum, 4)}, ${status}`, checksum);
  header.field({ name: 'source', title: 'Source' }, 12, 4, source);
  header.field({ name: 'destination', title: 'Destination' }, 16, 4, destination);
  if (length > 20) header.field({ name: 'options', title: 'Options' }, 20, length - 20, `${length - 20} bytes`);
  const what = isFragment ? `, ${fragmentText(offset, more)}` : '';
  const summary = `${source} -> ${destination}, ${protocolText(protocol)}, TTL ${header.uint8(8)}${what}`;
  return {
    nodes: [header.node('ip', 'IPv4', length, summary)],
    at: at + length,
    end,
    wireEnd,
    protocol: offset > 0 || at + length > end ? undefined : protocol,
    pseudo: { addresses: bytes.subarray(at + 12, at + 20), protocol },
    isFragment,
  };
}

function ipv6(bytes: Uint8Array, at: number, frameWireEnd: number): Networked {
  const header = new Header(bytes, at, bytes.length, 'RFC 8200 3');
  if (!header.has(40) || header.uint8(0) >>> 4 !== 6) return nothing(bytes, at);
  const payload = header.uint16(4);
  const first = header.uint8(6);
  const [source, destination] = [addressText(header, 8, 16), addressText(header, 24, 16)];
  const flow = header.uint32(0) & 0xfffff;
  header.field({ name: 'version', title: 'Version' }, 0, 1, '6', 6);
  traffic(header, (header.uint16(0) >>> 4) & 0xff, 0, 2);
  header.field({ name: 'flowLabel', title: 'Flow label' }, 1, 3, hexNumber(flow, 5), flow);
  header.field({ name: 'length', title: 'Payload length' }, 4, 2, `${payload} bytes`, payload);
  header.number({ name: 'nextHeader', title: 'Next header' }, 6, 1, PROTOCOLS[first]);
  header.number({ name: 'hopLimit', title: 'Hop limit' }, 7, 1);
  header.field({ name: 'source', title: 'Source' }, 8, 16, source);
  header.field({ name: 'destination', title: 'Destination' }, 24, 16, destination);
  const jumbo = payload === 0 && first === 0 ? jumboLength(bytes, at + 40) : 0;
  const stated = payload || jumbo;
  const wireEnd = stated === 0 ? frameWireEnd : at + 40 + stated;
  const rest = extensions(bytes, at + 40, Math.min(bytes.length, wireEnd), first);
  const summary = `${source} -> ${destination}, ${protocolText(rest.protocol ?? rest.last)}, hop limit ${header.uint8(7)}${rest.fragment}`;
  return {
    nodes: [header.node('ipv6', 'IPv6', 40, summary), ...rest.nodes],
    at: rest.at,
    end: Math.min(bytes.length, wireEnd),
    wireEnd,
    protocol: rest.protocol,
    pseudo: { addresses: bytes.subarray(at + 8, at + 40), protocol: rest.last },
    isFragment: rest.fragment !== '',
  };
}

interface Extended {
  readonly nodes: readonly LayerNode[];
  readonly at: number;
  readonly protocol: number | undefined;
  /** The last number of a next header. */
  readonly last: number;
  /** Empty for a datagram in one piece. */
  readonly fragment: string;
}

function extensions(bytes: Uint8Array, from: number, end: number, first: number): Extended {
  const nodes: LayerNode[] = [];
  let [at, next, fragment, isLater] = [from, first, '', false];
  for (let count = 0; EXTENSIONS.includes(next) && !isLater; count++) {
    const header = new Header(bytes, at, end, 'RFC 8200 4');
    const stated = header.uint8(1);
    const length = next === 44 ? 8 : next === 51 ? (stated + 2) * 4 : (stated + 1) * 8;
    if (!header.has(8) || !header.has(length) || count === MOST_EXTENSIONS)
      return { nodes, at, protocol: undefined, last: next, fragment };
    const kind = next;
    next = header.uint8(0);
    header.number({ name: 'nextHeader', title: 'Next header' }, 0, 1, PROTOCOLS[next]);
    if (kind === 44) {
      const word = header.uint16(2);
      const [offset, more] = [word & 0xfff8, (word & 1) !== 0];
      header.field({ name: 'fragmentOffset', title: 'Fragment offset' }, 2, 2, `${offset} bytes`, offset);
      header.field({ name: 'more', title: 'More fragments' }, 3, 1, more ? 'yes' : 'no');
      header.number({ name: 'identification', title: 'Identification' }, 4, 4);
      if (offset > 0 || more) fragment = `, ${fragmentText(offset, more)}`;
      isLater = offset > 0;
    } else header.field({ name: 'length', title: 'Length' }, 1, 1, `${length} bytes`, length);
    nodes.push(header.node('extension', 'IPv6 extension', length, PROTOCOLS[kind]));
    at += length;
  }
  return { nodes, at, protocol: isLater ? undefined : next, last: next, fragment };
}

/** RFC 2675: the payload length as an option of the hop-by-hop header; 0 where there is none. */
function jumboLength(bytes: Uint8Array, at: number): number {
  const header = new Header(bytes, at, bytes.length, '');
  const end = (header.uint8(1) + 1) * 8;
  for (let option = 2; option + 1 < end; ) {
    const length = header.uint8(option + 1);
    if (header.uint8(option) === 0) option++;
    else if (header.uint8(option) === 0xc2 && length === 4) return header.uint32(option + 2);
    else option += 2 + length;
  }
  return 0;
}

/** @param value of the traffic class, at an offset in the header */
function traffic(header: Header, value: number, at: number, length: number): void {
  const dscp = value >>> 2;
  const word = DSCP[dscp];
  header.field({ name: 'dscp', title: 'DSCP' }, at, length, word ? `${word} (${dscp})` : String(dscp), dscp);
  header.field({ name: 'ecn', title: 'ECN' }, at, length, `${ECN[value & 3]} (${value & 3})`, value & 3);
}

function fragmentText(offset: number, more: boolean): string {
  if (offset === 0) return 'first fragment';
  return more ? `fragment from byte ${offset}` : `last fragment, from byte ${offset}`;
}

function protocolText(protocol: number): string {
  return PROTOCOLS[protocol] ?? `protocol ${protocol}`;
}

function addressText(header: Header, at: number, length: 4 | 16): string {
  const words = [0, 4, 8, 12].map(word => header.uint32(at + word));
  return formatAddress(length === 4 ? 4 : 6, words);
}
