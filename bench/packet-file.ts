/**
 * A classic pcap file of UDP datagrams between one listener and many clients, written in large pieces.
 *
 * Each packet is built where it goes to disk from: the caller asks for room, writes its payload there, and `commit`
 * puts the pcap, Ethernet, IPv4 and UDP headers before it, both checksums right. Memory stays at one buffer whatever
 * the file's size.
 */

import { closeSync, openSync, writeSync } from 'node:fs';

const BUFFER_SIZE = 1 << 20;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const UDP_HEADER = 8;
const HEADERS = RECORD_HEADER + ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER;
const IP_PROTOCOL_UDP = 17;

export interface Endpoint {
  /** IPv4 address, the first octet in the top bits. */
  readonly address: number;
  readonly port: number;
}

export class PacketFile {
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

  /** Makes room for one packet and returns the offset in `view` at which its payload, at most `length` bytes, goes. */
  reserve(length: number): number {
    if (this.#end + HEADERS + length > BUFFER_SIZE) this.#flush();
    return this.#end + HEADERS;
  }

  /** Completes the packet whose `length` bytes of payload were written at the offset that `reserve` gave. */
  commit(length: number, microseconds: number, from: Endpoint, to: Endpoint): void {
    const view = this.view;
    const record = this.#end;
    const ethernet = record + RECORD_HEADER;
    const ip = ethernet + ETHERNET_HEADER;
    const udp = ip + IPV4_HEADER;
    const frameLength = HEADERS - RECORD_HEADER + length;

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
    view.setUint16(ip + 2, IPV4_HEADER + UDP_HEADER + length);
    view.setUint16(ip + 4, this.#identification);
    view.setUint16(ip + 6, 0x4000); // don't fragment
    view.setUint16(ip + 8, (64 << 8) | IP_PROTOCOL_UDP);
    view.setUint16(ip + 10, 0);
    view.setUint32(ip + 12, from.address);
    view.setUint32(ip + 16, to.address);
    view.setUint16(ip + 10, checksum(this.#sum(ip, IPV4_HEADER)));

    view.setUint16(udp, from.port);
    view.setUint16(udp + 2, to.port);
    view.setUint16(udp + 4, UDP_HEADER + length);
    view.setUint16(udp + 6, 0);
    const pseudoHeader = this.#sum(ip + 12, 8) + IP_PROTOCOL_UDP + UDP_HEADER + length;
    // RFC 768: a sum of zero is sent as all ones, for zero says that there is none.
    view.setUint16(udp + 6, checksum(pseudoHeader + this.#sum(udp, UDP_HEADER + length)) || 0xffff);

    this.#identification = (this.#identification + 1) & 0xffff;
    this.#end = udp + UDP_HEADER + length;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
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
