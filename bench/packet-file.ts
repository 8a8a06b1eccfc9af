/**
 * A classic pcap file of UDP datagrams and TCP segments over IPv4 and Ethernet, written in large pieces.
 *
 * Each packet is built where it goes to disk from: the caller asks for room, writes its payload there, and the commit
 * puts the headers before it, all lengths and checksums right. Memory stays at one buffer whatever the file's size.
 */

import { closeSync, openSync, writeSync } from 'node:fs';

const BUFFER_SIZE = 1 << 20;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const UDP_HEADER = 8;
const TCP_HEADER = 20;
const LOWER_HEADERS = RECORD_HEADER + ETHERNET_HEADER + IPV4_HEADER;
const IP_PROTOCOL_TCP = 6;
const IP_PROTOCOL_UDP = 17;

/** Flags of a TCP segment (RFC 9293, 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const PSH = 0x08;
export const ACK = 0x10;

/** Longest payload of a segment: Ethernet's 1,500 bytes less the two headers. A SYN announces it. */
export const MAXIMUM_SEGMENT = 1_460;
const MAXIMUM_SEGMENT_OPTION = 0x0204;
const WINDOW = 0xffff;

export interface Endpoint {
  /** IPv4 address, the first octet in the top bits. */
  readonly address: number;
  readonly port: number;
}

export interface Segment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly payload: Uint8Array;
}

export class PacketFile {
  /** Packets written so far. */
  packets = 0;
  readonly #file: number;
  readonly #bytes = new Uint8Array(BUFFER_SIZE);
  /** Where the payload of the packet in work is written. */
  readonly view = new DataView(this.#bytes.buffer);
  #end = 0;
  #identification = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
    const view = this.view;
    view.setUint32(0, 0xa1b2c3d4, true); // microseconds, little-endian
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, 262144, true); // snap length
    view.setUint32(20, 1, true); // LINKTYPE_ETHERNET
    this.#end = 24;
  }

  /** Makes room for a datagram and returns the offset in `view` at which its payload, at most `length` bytes, goes. */
  reserve(length: number): number {
    return this.#reserve(UDP_HEADER, length) + UDP_HEADER;
  }

  /** Completes the datagram whose `length` bytes of payload were written at the offset that `reserve` gave. */
  commit(length: number, microseconds: number, from: Endpoint, to: Endpoint): void {
    const udp = this.#end + LOWER_HEADERS;
    const view = this.view;
    view.setUint16(udp, from.port);
    view.setUint16(udp + 2, to.port);
    view.setUint16(udp + 4, UDP_HEADER + length);
    view.setUint16(udp + 6, 0);
    this.#putLowerHeaders(IP_PROTOCOL_UDP, UDP_HEADER + length, microseconds, from, to);
    // RFC 768: a sum of zero is sent as all ones, for zero says that there is none.
    view.setUint16(udp + 6, this.#transportChecksum(IP_PROTOCOL_UDP, UDP_HEADER + length) || 0xffff);
    this.#end = udp + UDP_HEADER + length;
  }

  /** Writes a segment; one with SYN announces the longest payload, as TCP must for more than 536 bytes. */
  putSegment({ from, to, flags, sequence, acknowledged, payload }: Segment, microseconds: number): void {
    const header = (flags & SYN) === 0 ? TCP_HEADER : TCP_HEADER + 4;
    const tcp = this.#reserve(header, payload.length);
    const length = header + payload.length;
    const view = this.view;
    view.setUint16(tcp, from.port);
    view.setUint16(tcp + 2, to.port);
    view.setUint32(tcp + 4, sequence);
    view.setUint32(tcp + 8, acknowledged);
    view.setUint8(tcp + 12, (header / 4) << 4);
    view.setUint8(tcp + 13, flags);
    view.setUint16(tcp + 14, WINDOW);
    view.setUint32(tcp + 16, 0);
    if (header > TCP_HEADER) {
      view.setUint16(tcp + TCP_HEADER, MAXIMUM_SEGMENT_OPTION);
      view.setUint16(tcp + TCP_HEADER + 2, MAXIMUM_SEGMENT);
    }
    this.#bytes.set(payload, tcp + header);
    this.#putLowerHeaders(IP_PROTOCOL_TCP, length, microseconds, from, to);
    view.setUint16(tcp + 16, this.#transportChecksum(IP_PROTOCOL_TCP, length));
    this.#end = tcp + length;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  /** Makes room for a packet; returns the offset of its transport header. */
  #reserve(header: number, length: number): number {
    if (this.#end + LOWER_HEADERS + header + length > BUFFER_SIZE) this.#flush();
    return this.#end + LOWER_HEADERS;
  }

  /** Puts the headers below the transport's, for a packet of `length` bytes from there on. */
  #putLowerHeaders(protocol: number, length: number, microseconds: number, from: Endpoint, to: Endpoint): void {
    const view = this.view;
    const record = this.#end;
    const ethernet = record + RECORD_HEADER;
    const ip = ethernet + ETHERNET_HEADER;
    const frameLength = ETHERNET_HEADER + IPV4_HEADER + length;

    view.setUint32(record, Math.floor(microseconds / 1e6), true);
    view.setUint32(record + 4, microseconds % 1e6, true);
    view.setUint32(record + 8, frameLength, true);
    view.setUint32(record + 12, frameLength, true);

    // Locally administered MAC addresses, 02:00 and the IPv4 address.
    view.setUint16(ethernet, 0x0200);
    view.setUint32(ethernet + 2, to.address);
    view.setUint16(ethernet + 6, 0x0200);
    view.setUint32(ethernet + 8, from.address);
    view.setUint16(ethernet + 12, 0x0800);

    view.setUint16(ip, 0x4500);
    view.setUint16(ip + 2, IPV4_HEADER + length);
    view.setUint16(ip + 4, this.#identification);
    view.setUint16(ip + 6, 0x4000); // don't fragment
    view.setUint16(ip + 8, (64 << 8) | protocol);
    view.setUint16(ip + 10, 0);
    view.setUint32(ip + 12, from.address);
    view.setUint32(ip + 16, to.address);
    view.setUint16(ip + 10, checksum(this.#sum(ip, IPV4_HEADER)));

    this.#identification = (this.#identification + 1) & 0xffff;
    this.packets++;
  }

  /** Checksum of the packet in work, whose headers are in place but for the checksum itself. */
  #transportChecksum(protocol: number, length: number): number {
    const transport = this.#end + LOWER_HEADERS;
    const pseudoHeader = this.#sum(transport - 8, 8) + protocol + length;
    return checksum(pseudoHeader + this.#sum(transport, length));
  }

  /** Sum of the 16-bit words at [start, start + length), an odd last byte padded with zero (RFC 1071). */
  #sum(start: number, length: number): number {
    const bytes = this.#bytes;
    const last = start + length - 1;
    let sum = 0;
    let at = start;
    for (; at < last; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
    return at === last ? sum + (bytes[at] << 8) : sum;
  }

  #flush(): void {
    let written = 0;
    while (written < this.#end) written += writeSync(this.#file, this.#bytes, written, this.#end - written);
    this.#end = 0;
  }
}

/** Folds a sum of 16-bit words into the ones' complement checksum (RFC 1071). */
function checksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}
