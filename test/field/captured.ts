/**
 * A capture as a list of packets that can be altered, lost, doubled and moved, each of which knows which packet of the
 * untouched capture it is; and what a capture file, a switch, a router or a network card makes of one packet. Packets are
 * Ethernet frames with IPv4 or IPv6 until something here makes them another kind; nothing changes the packet it is given.
 */
import type { Frame } from '../../src/capture/source.ts';
import { LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2 } from '../../src/net/decode.ts';
import { LINKTYPE_ETHERNET } from '../../src/net/ethernet.ts';
import { concat, uint16, uint32 } from '../../src/testkit/bytes.ts';
import { enhancedPacketBlock, interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { internetChecksum } from '../../src/testkit/packet.ts';

export interface Captured {
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly interfaceId: number;
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly wireLength: number;
  /** Number of the frame that it is, or is part of, in the untouched capture. */
  readonly origin: number;
  /** Further ones that it holds as well. */
  readonly others?: readonly number[];
  /** The same packet is there besides, as itself. */
  readonly copy: boolean;
}

const ETHERNET_LENGTH = 14;
const IPV4_HEADER = 20;
const ETHERTYPE_IPV4 = 0x0800;

/** Frames that are all Ethernet. */
export function capturedFrom(frames: readonly Frame[]): Captured[] {
  return frames.map((frame, index) => {
    if (frame.linkType !== LINKTYPE_ETHERNET) throw new Error(`frame ${index + 1} is not Ethernet`);
    const bytes = frame.bytes.slice(frame.start, frame.end);
    const time = frame.seconds * 1e6 + Math.floor(frame.nanoseconds / 1000);
    return captured(bytes, time, index + 1, frame.wireLength);
  });
}

export function captured(bytes: Uint8Array, time: number, origin: number, wireLength = bytes.length): Captured {
  return { bytes, linkType: LINKTYPE_ETHERNET, interfaceId: 0, time, wireLength, origin, copy: false };
}

/** A classic pcap in microseconds where that will do, else a pcapng with all interfaces and link types. */
export function captureFile(packets: readonly Captured[]): Uint8Array {
  const plain = packets.every(({ linkType, interfaceId }) => linkType === packets[0].linkType && interfaceId === 0);
  if (plain) {
    const records = packets.map(({ bytes, time, wireLength }) => {
      return { bytes, wireLength, seconds: Math.floor(time / 1e6), fraction: time % 1e6 };
    });
    return pcap(records, { linkType: packets[0]?.linkType ?? LINKTYPE_ETHERNET });
  }
  const kinds = [...new Set(packets.map(({ linkType, interfaceId }) => `${linkType} ${interfaceId}`))];
  const blocks = packets.map(({ bytes, time, wireLength, linkType, interfaceId }) => {
    const number = kinds.indexOf(`${linkType} ${interfaceId}`);
    return enhancedPacketBlock(bytes, { time: BigInt(time), wireLength, interfaceId: number });
  });
  const interfaces = kinds.map(kind => interfaceBlock({ linkType: Number(kind.split(' ')[0]) }));
  return concat(sectionBlock(), ...interfaces, ...blocks);
}

export const at = (time: number, packet: Captured): Captured => ({ ...packet, time });
export const copyOf = (packet: Captured): Captured => ({ ...packet, copy: true });
export const onInterface = (interfaceId: number, packet: Captured): Captured => ({ ...packet, interfaceId });

/** Whether a packet goes to one of these ports. */
export function goesTo(ports: readonly number[], { bytes }: Captured): boolean {
  const ip = bytes.subarray(ETHERNET_LENGTH);
  const transport = ip[0] >>> 4 === 4 ? (ip[0] & 0xf) * 4 : 40;
  return ports.includes((ip[transport + 2] << 8) | ip[transport + 3]);
}

/** As the snap length leaves it. */
export function cutTo(length: number, packet: Captured): Captured {
  return { ...packet, bytes: packet.bytes.subarray(0, length) };
}

/** With a VLAN tag. */
export function tagged(vlan: number, packet: Captured): Captured {
  const { bytes, wireLength } = packet;
  const tag = [...uint16(0x8100), ...uint16(vlan)];
  return { ...packet, bytes: concat(bytes.subarray(0, 12), tag, bytes.subarray(12)), wireLength: wireLength + 4 };
}

/** On the other side of a router. */
export function routed(packet: Captured): Captured {
  const bytes = packet.bytes.slice();
  bytes.set([2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8]);
  const ip = bytes.subarray(ETHERNET_LENGTH);
  if (isIpv4(bytes)) {
    ip[8]--;
    seal(ip);
  } else ip[7]--;
  return { ...packet, bytes };
}

/** From Linux's `any` device: received by this host (0), sent by it (4), or between others (3). */
export function cooked(kind: number, packet: Captured): Captured {
  const { bytes, wireLength } = packet;
  const header = concat(uint16(kind), uint16(1), uint16(6), bytes.subarray(6, 12), [0, 0]);
  const all = concat(header, bytes.subarray(12));
  return { ...packet, bytes: all, linkType: LINKTYPE_LINUX_SLL, wireLength: wireLength + all.length - bytes.length };
}

/** The same in its second version, which names the interface. */
export function cooked2(device: number, kind: number, packet: Captured): Captured {
  const { bytes, wireLength } = packet;
  const protocol = bytes.subarray(12, 14);
  const header = concat(protocol, [0, 0], uint32(device), uint16(1), [kind, 6], bytes.subarray(6, 12), [0, 0]);
  const all = concat(header, bytes.subarray(ETHERNET_LENGTH));
  return { ...packet, bytes: all, linkType: LINKTYPE_LINUX_SLL2, wireLength: wireLength + all.length - bytes.length };
}

/** With an IPv4 identification; `mayFragment: false` as stacks have it that number nothing. */
export function identified(identification: number, mayFragment: boolean, packet: Captured): Captured {
  if (!isIpv4(packet.bytes)) return packet;
  const bytes = packet.bytes.slice();
  const ip = bytes.subarray(ETHERNET_LENGTH);
  ip.set(uint16(identification), 4);
  if (!mayFragment) ip[6] |= 0x40;
  else ip[6] &= ~0x40;
  seal(ip);
  return { ...packet, bytes };
}

/** With the identifications that the stack of each source counts, each packet its own. */
export function numbered(packets: readonly Captured[]): Captured[] {
  const counters = new Map<string, number>();
  return packets.map(packet => {
    const source = packet.bytes.subarray(ETHERNET_LENGTH + 12, ETHERNET_LENGTH + 16).join('.');
    const next = counters.get(source) ?? 100 + counters.size * 9_000;
    counters.set(source, next + 1);
    return identified(next & 0xffff, true, packet);
  });
}

/** In fragments of up to so many bytes, a multiple of 8; whole where it needs none, is IPv6 or was cut. */
export function fragmented(length: number, packet: Captured): Captured[] {
  const { bytes, time, wireLength, origin, copy } = packet;
  const payload = bytes.subarray(ETHERNET_LENGTH + IPV4_HEADER);
  const plain = isIpv4(bytes) && bytes[ETHERNET_LENGTH] === 0x45 && wireLength === bytes.length;
  if (!plain || payload.length <= length) return [packet];
  const pieces: Captured[] = [];
  for (let from = 0; from < payload.length; from += length) {
    const piece = payload.subarray(from, from + length);
    const more = from + length < payload.length;
    const frame = concat(bytes.subarray(0, ETHERNET_LENGTH + IPV4_HEADER), piece);
    const ip = frame.subarray(ETHERNET_LENGTH);
    ip.set(uint16(IPV4_HEADER + piece.length), 2);
    ip.set(uint16((more ? 0x2000 : 0) | (from / 8)), 6);
    seal(ip);
    pieces.push({ ...captured(frame, time, origin), copy });
  }
  return pieces;
}

const UDP_HEADER = 8;
const UDP_AT = ETHERNET_LENGTH + IPV4_HEADER;
const PAYLOAD_AT = UDP_AT + UDP_HEADER;

/**
 * As they stand where a network card has yet to cut them: datagrams of one sender, one right behind the other and of one length
 * but for the last, are one datagram without a checksum. `isPart` says which may be joined.
 */
export function joined(packets: readonly Captured[], isPart: (payload: Uint8Array) => boolean): Captured[] {
  const result: Captured[] = [];
  let open = false;
  let length = 0;
  for (const packet of packets) {
    const payload = payloadOf(packet);
    const last = result.at(-1);
    const ends = (bytes: Uint8Array) => Buffer.from(bytes.subarray(ETHERNET_LENGTH + 12, UDP_AT + 4)).toString('hex');
    const isJoined = payload !== undefined && isPart(payload);
    const follows = last !== undefined && open && isJoined && payload.length <= length;
    if (follows && ends(last.bytes) === ends(packet.bytes)) {
      result[result.length - 1] = behind(last, packet, payload);
      open = payload.length === length;
    } else {
      result.push(packet);
      open = isJoined;
      length = payload?.length ?? 0;
    }
  }
  return result;
}

function behind(packet: Captured, next: Captured, payload: Uint8Array): Captured {
  const bytes = concat(packet.bytes, payload);
  const ip = bytes.subarray(ETHERNET_LENGTH);
  ip.set(uint16(ip.length), 2);
  seal(ip);
  bytes.set([...uint16(bytes.length - UDP_AT), 0, 0], UDP_AT + 4);
  return { ...packet, bytes, wireLength: bytes.length, others: [...(packet.others ?? []), next.origin] };
}

/** Of a whole UDP datagram in IPv4 without options. */
function payloadOf({ bytes, wireLength }: Captured): Uint8Array | undefined {
  const isUdp = isIpv4(bytes) && bytes[ETHERNET_LENGTH] === 0x45 && bytes[ETHERNET_LENGTH + 9] === 17;
  return isUdp && wireLength === bytes.length ? bytes.subarray(PAYLOAD_AT) : undefined;
}

function isIpv4(bytes: Uint8Array): boolean {
  return ((bytes[12] << 8) | bytes[13]) === ETHERTYPE_IPV4;
}

/** Writes the checksum of an IPv4 header. */
function seal(ip: Uint8Array): void {
  ip.set([0, 0], 10);
  ip.set(uint16(internetChecksum(ip.subarray(0, (ip[0] & 0xf) * 4))), 10);
}
