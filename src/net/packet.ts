/**
 * The reused view of one decoded packet: who sent it to whom, and where its transport payload lies. It holds numbers
 * and offsets only; no object, string or subarray is made for a packet (see bench/ for why).
 *
 * Addresses are four 32-bit words each in network order; an IPv4 address stands in the first, the others are 0.
 */

import { UNPLACED } from './extents.ts';

export const IP_PROTOCOL_TCP = 6;
export const IP_PROTOCOL_UDP = 17;

export class Packet {
  /** Buffer that the offsets below refer to: the frame's chunk, or a reassembled datagram. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the buffer lies in the capture, as extents.ts has it. */
  base = UNPLACED;
  /** 4 or 6. */
  family: 4 | 6 = 4;
  /** IP protocol number of the transport: 6 or 17. */
  transport = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** Of both hosts, as `hashOfHosts` has it. */
  hosts = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Captured transport payload: [payloadStart, payloadEnd) of `bytes`. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Payload length that the headers state; larger than the captured part when the snap length cut the packet. */
  payloadLength = 0;
  /** TCP only: sequence, acknowledgement and window as unsigned 32 and 16 bits, flags as in byte 13 of the header. */
  tcpSequence = 0;
  tcpAcknowledgement = 0;
  tcpFlags = 0;
  tcpWindow = 0;
}
