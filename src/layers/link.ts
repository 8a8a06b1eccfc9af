/**
 * Link layers described: Ethernet with VLAN tags, LLC and SNAP, Linux cooked captures, BSD loopback. A twin of what
 * src/net reads on its way from a frame to its packet, made for people to read; a test holds the two to the same places.
 */
import {
  DLT_RAW,
  DLT_RAW_OPENBSD,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
  LINKTYPE_RAW,
} from '../net/decode.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, LINKTYPE_ETHERNET } from '../net/ethernet.ts';
import { Header, hexNumber, type LayerNode, macText } from './header.ts';

/** The layers down to the network's header: where that begins, and which it is; undefined for none that is described. */
export interface Linked {
  readonly nodes: readonly LayerNode[];
  readonly at: number;
  readonly etherType: number | undefined;
}

const ETHERTYPES: Readonly<Record<number, string>> = {
  [ETHERTYPE_IPV4]: 'IPv4',
  [ETHERTYPE_IPV6]: 'IPv6',
  2054: 'ARP',
  33024: 'VLAN',
  34984: '802.1ad',
  37120: 'VLAN (0x9100)',
  37376: 'VLAN (0x9200)',
  37632: 'VLAN (0x9300)',
};
const VLANS = [0x8100, 0x88a8, 0x9100, 0x9200, 0x9300];
const MOST_VLANS = 8;
/** Up to here the field is a length, and LLC follows (IEEE 802.3 3.2.6). */
const LARGEST_LENGTH = 1500;
const PROTOCOL_802_2_LLC = 0x0004;
const PACKET_TYPES = ['to us', 'broadcast', 'multicast', 'to another host', 'sent by us'];
/** Devices whose protocol field is no EtherType: Frame Relay, 802.11 with radiotap, netlink. */
const WITHOUT_ETHERTYPE = [770, 803, 824];
const HARDWARE: Readonly<Record<number, string>> = { 1: 'Ethernet', 512: 'PPP', 772: 'loopback', 65534: 'none' };
const FAMILIES: Readonly<Record<number, number>> = {
  2: ETHERTYPE_IPV4,
  24: ETHERTYPE_IPV6,
  28: ETHERTYPE_IPV6,
  30: ETHERTYPE_IPV6,
};

export function describeLink(bytes: Uint8Array, linkType: number): Linked {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return ethernet(bytes);
    case LINKTYPE_LINUX_SLL:
      return cooked(bytes);
    case LINKTYPE_LINUX_SLL2:
      return cooked2(bytes);
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return loopback(bytes, linkType === LINKTYPE_NULL);
    case LINKTYPE_RAW:
    case DLT_RAW:
    case DLT_RAW_OPENBSD:
      return { nodes: [], at: 0, etherType: bytes[0] >>> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4 };
    case LINKTYPE_IPV4:
      return { nodes: [], at: 0, etherType: ETHERTYPE_IPV4 };
    case LINKTYPE_IPV6:
      return { nodes: [], at: 0, etherType: ETHERTYPE_IPV6 };
    default:
      return { nodes: [], at: 0, etherType: undefined };
  }
}

function ethernet(bytes: Uint8Array): Linked {
  const header = new Header(bytes, 0, bytes.length, 'IEEE 802.3 3.2');
  const [destination, source] = [macText(bytes, 0), macText(bytes, 6)];
  const type = header.uint16(12);
  header.field({ name: 'destination', title: 'Destination' }, 0, 6, destination);
  header.field({ name: 'source', title: 'Source' }, 6, 6, source);
  const isLength = type <= LARGEST_LENGTH;
  const text = isLength ? { name: 'length', title: 'Length' } : { name: 'type', title: 'Type' };
  header.field(text, 12, 2, isLength ? `${type} bytes` : typeText(type), type);
  const node = header.node('ethernet', 'Ethernet', 14, `${source} -> ${destination}, ${nextText(type)}`);
  return behindType(bytes, 14, type, [node]);
}

/** Goes on behind an EtherType: VLAN tags, LLC, SNAP. */
function behindType(bytes: Uint8Array, from: number, outer: number, before: readonly LayerNode[]): Linked {
  const nodes = [...before];
  let type = outer;
  let at = from;
  for (let tags = 0; VLANS.includes(type) && tags < MOST_VLANS; tags++) {
    const header = new Header(bytes, at, bytes.length, 'IEEE 802.1Q 9.6');
    if (!header.has(4)) return { nodes, at, etherType: undefined };
    const tag = header.uint16(0);
    header.field({ name: 'priority', title: 'Priority' }, 0, 2, String(tag >>> 13), tag >>> 13);
    header.field({ name: 'dropEligible', title: 'Drop eligible' }, 0, 2, tag & 0x1000 ? 'yes' : 'no');
    header.field({ name: 'id', title: 'VLAN' }, 0, 2, String(tag & 0xfff), tag & 0xfff);
    type = header.uint16(2);
    header.field({ name: 'type', title: 'Type' }, 2, 2, typeText(type), type);
    nodes.push(header.node('vlan', 'VLAN', 4, `${tag & 0xfff}, priority ${tag >>> 13}, ${nextText(type)}`));
    at += 4;
  }
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return { nodes, at, etherType: type };
  return type <= LARGEST_LENGTH ? llc(bytes, at, nodes) : { nodes, at, etherType: undefined };
}

function llc(bytes: Uint8Array, at: number, before: readonly LayerNode[]): Linked {
  const header = new Header(bytes, at, bytes.length, 'IEEE 802.2 3.2');
  if (!header.has(3)) return { nodes: before, at, etherType: undefined };
  const [destination, source, control] = [header.uint8(0), header.uint8(1), header.uint8(2)];
  header.field({ name: 'dsap', title: 'Destination SAP' }, 0, 1, hexNumber(destination, 2), destination);
  header.field({ name: 'ssap', title: 'Source SAP' }, 1, 1, hexNumber(source, 2), source);
  header.field({ name: 'control', title: 'Control' }, 2, 1, hexNumber(control, 2), control);
  const isPlain = destination === source && control === 0x03;
  if (!isPlain || destination !== 0xaa) {
    const nodes = [...before, header.node('llc', 'LLC', 3, `SAP ${hexNumber(destination, 2)}`)];
    return { nodes, at: at + 3, etherType: isPlain && destination === 0x06 ? ETHERTYPE_IPV4 : undefined };
  }
  if (!header.has(8)) return { nodes: before, at, etherType: undefined };
  const organisation = header.uint32(3) >>> 8;
  const type = header.uint16(6);
  header.field({ name: 'organisation', title: 'Organisation' }, 3, 3, hexNumber(organisation, 6), organisation);
  header.field({ name: 'type', title: 'Type' }, 6, 2, typeText(type), type);
  const nodes = [...before, header.node('llc', 'LLC and SNAP', 8, nextText(type))];
  if (organisation !== 0 || type <= LARGEST_LENGTH) return { nodes, at: at + 8, etherType: undefined };
  return behindType(bytes, at + 8, type, nodes);
}

const COOKED = 'tcpdump.org, LINKTYPE_LINUX_SLL';

function cooked(bytes: Uint8Array): Linked {
  const header = new Header(bytes, 0, bytes.length, COOKED);
  const protocol = header.uint16(14);
  const type = header.uint16(0);
  header.number({ name: 'packetType', title: 'Packet type' }, 0, 2, PACKET_TYPES[type]);
  header.number({ name: 'hardwareType', title: 'Hardware type' }, 2, 2, HARDWARE[header.uint16(2)]);
  address(header, 4, 2, 6);
  header.field({ name: 'protocol', title: 'Protocol' }, 14, 2, typeText(protocol), protocol);
  const node = header.node(
    'sll',
    'Linux cooked',
    16,
    `${PACKET_TYPES[type] ?? `packet type ${type}`}, ${nextText(protocol)}`,
  );
  return behindCooked(bytes, 16, header.uint16(2), protocol, node);
}

function cooked2(bytes: Uint8Array): Linked {
  const header = new Header(bytes, 0, bytes.length, `${COOKED}2`);
  const protocol = header.uint16(0);
  const type = header.uint8(10);
  header.field({ name: 'protocol', title: 'Protocol' }, 0, 2, typeText(protocol), protocol);
  header.number({ name: 'interface', title: 'Interface index' }, 4, 4);
  header.number({ name: 'hardwareType', title: 'Hardware type' }, 8, 2, HARDWARE[header.uint16(8)]);
  header.number({ name: 'packetType', title: 'Packet type' }, 10, 1, PACKET_TYPES[type]);
  address(header, 11, 1, 12);
  const word = PACKET_TYPES[type] ?? `packet type ${type}`;
  const node = header.node(
    'sll2',
    'Linux cooked 2',
    20,
    `interface ${header.uint32(4)}, ${word}, ${nextText(protocol)}`,
  );
  return behindCooked(bytes, 20, header.uint16(8), protocol, node);
}

/** The sender's address, of which up to 8 bytes are there, behind its length. */
function address(header: Header, lengthAt: number, lengthBytes: 1 | 2, at: number): void {
  const stated = lengthBytes === 1 ? header.uint8(lengthAt) : header.uint16(lengthAt);
  const length = Math.min(8, stated);
  header.number({ name: 'addressLength', title: 'Address length' }, lengthAt, lengthBytes);
  if (length > 0)
    header.field({ name: 'address', title: 'Address' }, at, length, macText(header.bytes, header.start + at, length));
}

function behindCooked(bytes: Uint8Array, at: number, hardware: number, protocol: number, node: LayerNode): Linked {
  if (node.cut || WITHOUT_ETHERTYPE.includes(hardware)) return { nodes: [node], at, etherType: undefined };
  if (protocol === PROTOCOL_802_2_LLC) return llc(bytes, at, [node]);
  if (protocol === 1) return { nodes: [node], at, etherType: undefined };
  return behindType(bytes, at, protocol, [node]);
}

function loopback(bytes: Uint8Array, isHostOrder: boolean): Linked {
  const header = new Header(bytes, 0, bytes.length, 'tcpdump.org, LINKTYPE_NULL');
  const network = header.uint32(0);
  const swapped = (header.uint8(0) | (header.uint8(1) << 8) | (header.uint8(2) << 16) | (header.uint8(3) << 24)) >>> 0;
  const family = isHostOrder && network > 0xffff ? swapped : network;
  const etherType = FAMILIES[family];
  const word = etherType === undefined ? `family ${family}` : ETHERTYPES[etherType];
  header.field(
    { name: 'family', title: 'Address family' },
    0,
    4,
    etherType === undefined ? String(family) : `${word} (${family})`,
    family,
  );
  return { nodes: [header.node('loopback', 'Loopback', 4, word)], at: 4, etherType };
}

function typeText(type: number): string {
  const word = ETHERTYPES[type];
  return word === undefined ? hexNumber(type, 4) : `${word} (${hexNumber(type, 4)})`;
}

function nextText(type: number): string {
  return type <= LARGEST_LENGTH ? `length ${type}` : (ETHERTYPES[type] ?? `type ${hexNumber(type, 4)}`);
}
