/**
 * IP packets as the proxy's traffic would have made them, built in place in one buffer: IPv4 or IPv6, UDP, TCP, and the
 * ICMP message of a closed port. Lengths and checksums are right, so that other programs read them without complaint.
 *
 * The payload stands at a multiple of four and the headers end there, so that its sum can be taken four bytes at a time:
 * as 2^16 is 1 modulo 2^16 - 1, the sum of 32-bit words has the remainder of the sum of their halves (RFC 1071 2(B)), and
 * doubles add up 2^21 of such words exactly.
 */
import { Frame } from '../capture/source.ts';
import type { Ends, Side } from './ends.ts';
import { otherSide } from './ends.ts';

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** Bytes of one TCP segment at most, as the SYN announces them. */
export const SEGMENT = 32_768;
/** No datagram is longer. */
const LONGEST = 0x1_0000;

export const LINKTYPE_RAW = 101;

const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMPV6 = 58;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const TCP_LENGTH = 20;
const UDP_LENGTH = 8;
const HOPS = 64;
const DONT_FRAGMENT = 0x4000;
const PAYLOAD = 128;
/** Sums are taken of so many bytes at once; zeros fill up the last ones. */
const STRIDE = 16;

/** Maximum segment size, and a window scale of 14 (RFC 7323): no sender ever seems to run into the window. */
const SYN_OPTIONS = Uint8Array.of(2, 4, SEGMENT >>> 8, SEGMENT & 0xff, 1, 3, 3, 14);
const WINDOW = 0xffff;

export interface Segment {
  readonly sequence: number;
  readonly acknowledgement: number;
  /** As in byte 13 of the header: `SYN | ACK`. */
  readonly flags: number;
}

export class Packets {
  /** The last packet built; its bytes hold until the next one. Number, time and interface are the caller's to set. */
  readonly frame = new Frame();
  readonly #buffer = new Uint8Array(PAYLOAD + LONGEST + STRIDE);
  readonly #words = new Uint32Array(this.#buffer.buffer);
  readonly #withChecksums: boolean;
  /** Every packet has its own, which tells a repetition from a copy. */
  #identification = 0;
  /** Length of the payload of the packet in hand. */
  #payload = 0;

  /** @param withChecksums of the transport; they cost as much as copying, and only who records them needs them */
  constructor(withChecksums: boolean) {
    this.#withChecksums = withChecksums;
    this.frame.linkType = LINKTYPE_RAW;
    this.frame.bytes = this.#buffer;
  }

  /** A datagram from one end; `payload` of at most 65,507 bytes over IPv4, 65,527 over IPv6. */
  udp(ends: Ends, from: Side, payload: Uint8Array): Frame {
    this.#load(payload, 0, payload.length);
    this.#udp(ends, from);
    return this.#finish(ends, from, PROTOCOL_UDP, UDP_LENGTH, 6);
  }

  /** A segment with the bytes [start, end) of `payload`, at most `SEGMENT` of them. */
  tcp(ends: Ends, from: Side, segment: Segment, payload: Uint8Array, start: number, end: number): Frame {
    this.#load(payload, start, end);
    const options = segment.flags & SYN ? SYN_OPTIONS : undefined;
    const length = TCP_LENGTH + (options?.length ?? 0);
    const at = PAYLOAD - length;
    this.#half(at, ends.ports[from]);
    this.#half(at + 2, ends.ports[otherSide(from)]);
    this.#word(at + 4, segment.sequence);
    this.#word(at + 8, segment.acknowledgement);
    this.#buffer[at + 12] = (length / 4) << 4;
    this.#buffer[at + 13] = segment.flags;
    this.#half(at + 14, WINDOW);
    this.#word(at + 16, 0);
    if (options) this.#buffer.set(options, at + TCP_LENGTH);
    return this.#finish(ends, from, PROTOCOL_TCP, length, 16);
  }

  /**
   * The answer of the host at `from` to a datagram for which no program was there: destination unreachable, port
   * unreachable (RFC 792, RFC 4443 3.1), around the headers of that datagram.
   * @param length of the payload that the datagram had
   */
  portUnreachable(ends: Ends, from: Side, length: number): Frame {
    const original = this.#refusedHeaders(ends, otherSide(from), length);
    this.#load(original, 0, original.length);
    const at = PAYLOAD - 8;
    const isIpv4 = ends.family === 4;
    this.#buffer[at] = isIpv4 ? 3 : 1;
    this.#buffer[at + 1] = isIpv4 ? 3 : 4;
    this.#half(at + 2, 0);
    this.#word(at + 4, 0);
    return this.#finish(ends, from, isIpv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6, 8, 2);
  }

  /** The IP and UDP headers of a datagram, without its payload. */
  #refusedHeaders(ends: Ends, from: Side, length: number): Uint8Array {
    this.#payload = length;
    this.#udp(ends, from);
    const start = this.#ip(ends, from, PROTOCOL_UDP, UDP_LENGTH);
    return this.#buffer.slice(start, PAYLOAD);
  }

  #udp(ends: Ends, from: Side): void {
    const at = PAYLOAD - UDP_LENGTH;
    this.#half(at, ends.ports[from]);
    this.#half(at + 2, ends.ports[otherSide(from)]);
    this.#half(at + 4, UDP_LENGTH + this.#payload);
    this.#half(at + 6, 0);
  }

  #load(payload: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#buffer.set(start === 0 && end === payload.length ? payload : payload.subarray(start, end), PAYLOAD);
    this.#buffer.fill(0, PAYLOAD + length, PAYLOAD + length + STRIDE);
    this.#payload = length;
  }

  /** @param length of the transport header @param checksum where in it its checksum stands */
  #finish(ends: Ends, from: Side, protocol: number, length: number, checksum: number): Frame {
    const { frame } = this;
    frame.start = this.#ip(ends, from, protocol, length);
    frame.end = PAYLOAD + this.#payload;
    frame.wireLength = frame.end - frame.start;
    if (this.#withChecksums) this.#sum(ends, protocol, length, checksum);
    return frame;
  }

  #sum(ends: Ends, protocol: number, length: number, checksum: number): void {
    const at = PAYLOAD - length;
    let sum = 0;
    if (protocol !== PROTOCOL_ICMP) {
      sum = protocol + length + this.#payload;
      for (const address of ends.addresses) sum += sumOf(address, 0, address.length);
    }
    sum += sumOf(this.#buffer, at, PAYLOAD) + this.#payloadSum();
    const complement = ~folded(sum) & 0xffff;
    // RFC 768: zero says that there is none, so a sum of zero is sent in its other form.
    this.#half(at + checksum, complement === 0 && protocol === PROTOCOL_UDP ? 0xffff : complement);
  }

  /** What the payload adds to a checksum, modulo 2^16 - 1. */
  #payloadSum(): number {
    const words = this.#words;
    const last = (PAYLOAD + this.#payload + 3) >>> 2;
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let i = PAYLOAD >>> 2; i < last; i += 4) {
      first += words[i];
      second += words[i + 1];
      third += words[i + 2];
      fourth += words[i + 3];
    }
    const sum = (first + second + third + fourth) % 0xffff;
    // The words were read as this host has them, and the sum of swapped bytes is the swapped sum.
    return IS_LITTLE_ENDIAN ? ((sum & 0xff) << 8) | (sum >>> 8) : sum;
  }

  /** @returns where the packet begins */
  #ip(ends: Ends, from: Side, protocol: number, transport: number): number {
    const length = transport + this.#payload;
    const { addresses } = ends;
    if (ends.family === 6) {
      const at = PAYLOAD - transport - IPV6_LENGTH;
      this.#word(at, 0x6000_0000);
      this.#half(at + 4, length);
      this.#buffer[at + 6] = protocol;
      this.#buffer[at + 7] = HOPS;
      this.#buffer.set(addresses[from], at + 8);
      this.#buffer.set(addresses[otherSide(from)], at + 24);
      return at;
    }
    const at = PAYLOAD - transport - IPV4_LENGTH;
    this.#identification = (this.#identification % 0xffff) + 1;
    this.#half(at, 0x4500);
    this.#half(at + 2, IPV4_LENGTH + length);
    this.#half(at + 4, this.#identification);
    this.#half(at + 6, DONT_FRAGMENT);
    this.#buffer[at + 8] = HOPS;
    this.#buffer[at + 9] = protocol;
    this.#half(at + 10, 0);
    this.#buffer.set(addresses[from], at + 12);
    this.#buffer.set(addresses[otherSide(from)], at + 16);
    this.#half(at + 10, ~folded(sumOf(this.#buffer, at, at + IPV4_LENGTH)) & 0xffff);
    return at;
  }

  #half(at: number, value: number): void {
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
  }

  #word(at: number, value: number): void {
    this.#half(at, value >>> 16);
    this.#half(at + 2, value);
  }
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The sum of the 16-bit words of bytes [from, to), an even number of them. */
function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  return sum;
}

/** RFC 1071: the ones' complement sum in 16 bits. */
function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return rest;
}
