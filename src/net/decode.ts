/**
 * From a frame to its UDP datagram or TCP segment: link layer, IP, copies, fragments, transport. Every frame either gives
 * the one reused `Packet`, or is counted under the reason why not; nothing that stands in a frame makes it throw.
 *
 * Tunnels are not opened (GRE, VXLAN, IP in IP, MPLS, PPPoE): they are counted by their number, like any other protocol
 * that is not decoded. The layers are plain functions over one `Cursor`, so that nothing is made for a frame.
 */

import type { Frame } from '../capture/source.ts';
import { DecodeCounters, type FragmentCounters, type MalformedCounters } from './counters.ts';
import { Cursor, DONE } from './cursor.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, LINKTYPE_ETHERNET, readEthernet } from './ethernet.ts';
import type { Extents } from './extents.ts';
import type { FragmentLimits, IncompleteDatagram } from './fragments.ts';
import type { OwnClasses } from './hosts.ts';
import { type FrameOrigin, IpStage } from './ip-stage.ts';
import { readIpv4 } from './ipv4.ts';
import { readIpv6 } from './ipv6.ts';
import { readLinuxSll, readLinuxSll2 } from './linux-sll.ts';
import { readLoop, readNull } from './loopback.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, Packet } from './packet.ts';
import { readTcp } from './tcp.ts';
import { readUdp } from './udp.ts';

/** LINKTYPE_ values of tcpdump.org/linktypes.html. */
export const LINKTYPE_NULL = 0;
/** DLT_RAW of most systems and of OpenBSD, which some programs wrote to files in place of LINKTYPE_RAW. */
export const DLT_RAW = 12;
export const DLT_RAW_OPENBSD = 14;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_LINUX_SLL2 = 276;

export interface DecoderLimits extends FragmentLimits {
  /** VLAN tags on one frame. */
  readonly vlanTags: number;
  /** Extension headers in one IPv6 packet. */
  readonly extensionHeaders: number;
  /** Different numbers of each kind of unknown protocol that are counted apart. */
  readonly talliedNumbers: number;
}

export const DEFAULT_DECODER_LIMITS: DecoderLimits = {
  fragmentDatagrams: 8_192,
  fragmentBytes: 32 * 1024 * 1024,
  fragmentSeconds: 30,
  vlanTags: 8,
  extensionHeaders: 16,
  talliedNumbers: 64,
};

/** What became of all frames so far, as plain data. Tallies map a number to its count. */
export interface DecodeSummary {
  readonly frames: number;
  readonly udp: number;
  readonly tcp: number;
  /** Packets that the capture has twice, each counted once for every copy (duplicates.ts). */
  readonly copies: number;
  readonly cut: number;
  readonly cutPayload: number;
  readonly unknownLinkType: Record<string, number>;
  readonly unknownEtherType: Record<string, number>;
  readonly unknownLlc: Record<string, number>;
  readonly unknownHardwareType: Record<string, number>;
  readonly unknownAddressFamily: Record<string, number>;
  readonly unknownIpProtocol: Record<string, number>;
  readonly malformed: Readonly<MalformedCounters>;
  readonly fragments: Readonly<FragmentCounters> & { readonly incompleteAtEnd: number };
}

/** Of what several decoders have decoded of the same frames, each its own classes of hosts: all of it. */
export function addDecoded(parts: readonly DecodeSummary[]): DecodeSummary {
  const sums = parts.reduce<object>((sum, part) => added(sum, part), {});
  return { ...(sums as DecodeSummary), frames: parts[0].frames };
}

/** Would one decoder, too, have counted each number apart? */
export function isCountedApart(parts: readonly DecodeSummary[]): boolean {
  const { unknownIpProtocol } = addDecoded(parts);
  return (
    !('other' in unknownIpProtocol) && Object.keys(unknownIpProtocol).length <= DEFAULT_DECODER_LIMITS.talliedNumbers
  );
}

type Counts = { readonly [name: string]: number | Counts };

function added(one: object, other: object): Counts {
  const sum: Record<string, number | Counts> = { ...one };
  for (const [name, count] of Object.entries(other)) {
    if (typeof count === 'number') sum[name] = Number(sum[name] ?? 0) + count;
    else sum[name] = added(Object(sum[name] ?? {}), count);
  }
  return sum;
}

export class Decoder {
  readonly counters: DecodeCounters;
  readonly #limits: DecoderLimits;
  readonly #stage: IpStage;
  readonly #cursor = new Cursor();
  readonly #packet = new Packet();

  /**
   * @param seed any 32-bit number that the peers cannot know
   * @param extents where reassembled datagrams are entered, if their bytes must be found again
   * @param own where others decode some packets: those that are decoded here; frames are counted all the same
   */
  constructor(limits: DecoderLimits, seed: number, extents?: Extents, origin: FrameOrigin = {}, own?: OwnClasses) {
    const counters = new DecodeCounters(limits.talliedNumbers);
    this.#limits = limits;
    this.counters = counters;
    this.#stage = new IpStage({ limits, seed, counters, extents, origin, own });
  }

  /**
   * The packet in a frame, or the one that this frame's fragment completes; undefined when there is none. The packet is
   * the same object every time, valid until the next call and no longer than the frame's bytes.
   */
  decode(frame: Frame): Packet | undefined {
    const packet = this.#packet;
    const counters = this.counters;
    counters.frames++;
    if (this.#stage.passesByAtOnce(frame)) return undefined;
    this.#cursor.load(frame);
    const protocol = this.#readNetwork(frame, this.#readLink(frame.linkType));
    if (!this.#readTransport(protocol)) return undefined;
    packet.base = this.#cursor.base;
    if (packet.payloadEnd - packet.payloadStart < packet.payloadLength) counters.cutPayload++;
    return packet;
  }

  /** Called for each datagram of which a fragment was seen and that will never be whole. */
  set onIncomplete(tell: (lost: IncompleteDatagram) => void) {
    this.#stage.fragments.onIncomplete = tell;
  }

  /** No frame will come any more: what is incomplete stays so. */
  finish(): void {
    this.#stage.fragments.finish();
  }

  summary(): DecodeSummary {
    const counters = this.counters;
    return {
      frames: counters.frames,
      udp: counters.udp,
      tcp: counters.tcp,
      copies: this.#stage.copies,
      cut: counters.cut,
      cutPayload: counters.cutPayload,
      unknownLinkType: counters.unknownLinkType.summary(),
      unknownEtherType: counters.unknownEtherType.summary(),
      unknownLlc: counters.unknownLlc.summary(),
      unknownHardwareType: counters.unknownHardwareType.summary(),
      unknownAddressFamily: counters.unknownAddressFamily.summary(),
      unknownIpProtocol: counters.unknownIpProtocol.summary(),
      malformed: { ...counters.malformed },
      fragments: { ...counters.fragments, incompleteAtEnd: this.#stage.fragments.unfinished },
    };
  }

  /** Moves the cursor to the network header and returns its EtherType, or `DONE`. */
  #readLink(linkType: number): number {
    const cursor = this.#cursor;
    const counters = this.#stage.hostless;
    const { vlanTags } = this.#limits;
    switch (linkType) {
      case LINKTYPE_ETHERNET:
        return readEthernet(cursor, counters, vlanTags);
      case LINKTYPE_LINUX_SLL:
        return readLinuxSll(cursor, counters, vlanTags);
      case LINKTYPE_LINUX_SLL2:
        return readLinuxSll2(cursor, counters, vlanTags);
      case LINKTYPE_NULL:
        return readNull(cursor, counters);
      case LINKTYPE_LOOP:
        return readLoop(cursor, counters);
      case LINKTYPE_RAW:
      case DLT_RAW:
      case DLT_RAW_OPENBSD:
        return readRawIp(cursor, counters);
      case LINKTYPE_IPV4:
        return ETHERTYPE_IPV4;
      case LINKTYPE_IPV6:
        return ETHERTYPE_IPV6;
      default:
        counters.unknownLinkType.add(linkType);
        return DONE;
    }
  }

  /** Moves the cursor to the transport header and returns its protocol number, or `DONE`. */
  #readNetwork(frame: Frame, etherType: number): number {
    if (etherType === ETHERTYPE_IPV4) return readIpv4(frame, this.#cursor, this.#packet, this.#stage);
    if (etherType === DONE) return DONE;
    return readIpv6(frame, this.#cursor, this.#packet, this.#stage, this.#limits.extensionHeaders);
  }

  #readTransport(protocol: number): boolean {
    this.#packet.transport = protocol;
    if (protocol === IP_PROTOCOL_UDP) return readUdp(this.#cursor, this.#packet, this.counters);
    if (protocol === IP_PROTOCOL_TCP) return readTcp(this.#cursor, this.#packet, this.counters);
    if (protocol !== DONE) this.counters.unknownIpProtocol.add(protocol);
    return false;
  }
}

/** IP without a link layer: the version tells which. */
function readRawIp(cursor: Cursor, counters: DecodeCounters): number {
  if (cursor.end === cursor.at) return counters.tooShort(cursor, 1, 'rawIp');
  const version = cursor.bytes[cursor.at] >>> 4;
  if (version === 4) return ETHERTYPE_IPV4;
  if (version === 6) return ETHERTYPE_IPV6;
  return counters.refuse('rawIp');
}
