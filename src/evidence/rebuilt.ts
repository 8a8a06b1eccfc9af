/**
 * Packets made again with nothing in them that a finding does not need: IP, UDP or TCP and the payload, between addresses
 * that are kept for documentation. Link layers, tunnels, fragments, options and copies are gone; who talks to whom, ports,
 * sequence numbers, times and lengths stay.
 */
import { Frame } from '../capture/source.ts';
import { formatAddress } from '../net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../net/decode.ts';
import { IP_PROTOCOL_TCP, type Packet } from '../net/packet.ts';
import { CLIENT, type Ends, endsOf } from '../proxy/ends.ts';
import { FIN, Packets, PSH, SEGMENT } from '../proxy/packets.ts';

/** One packet of the evidence. */
export interface Rebuilt {
  /** Number of the frame that it came in, or that made it whole. */
  readonly frame: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** The sender's first. */
  readonly ends: Ends;
  readonly payload: Uint8Array;
  /** Bytes that stood behind the payload and were not captured. */
  readonly missing: number;
  /** Undefined for UDP. */
  readonly segment: { readonly sequence: number; readonly acknowledgement: number; readonly flags: number } | undefined;
}

/** What frames bring to the engine, packet by packet. @param frames in the order of time */
export function rebuilt(frames: readonly Frame[]): Rebuilt[] {
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 0);
  const places = new Documentation();
  const packets: Rebuilt[] = [];
  for (const frame of frames) {
    const packet = decoder.decode(frame);
    if (packet) packets.push(...piecesOf(packet, frame, places));
  }
  return packets;
}

/** More than one where the host handed its network card more than a segment at once. */
function piecesOf(packet: Packet, frame: Frame, places: Documentation): Rebuilt[] {
  const { family, sourcePort, destinationPort, payloadStart, payloadEnd } = packet;
  const words = [packet.source0, packet.source1, packet.source2, packet.source3];
  const toWords = [packet.destination0, packet.destination1, packet.destination2, packet.destination3];
  const ends = endsOf(
    { address: places.of(family, formatAddress(family, words)), port: sourcePort },
    { address: places.of(family, formatAddress(family, toWords)), port: destinationPort },
  );
  const payload = packet.bytes.slice(payloadStart, payloadEnd);
  const missing = Math.max(0, packet.payloadLength - payload.length);
  const { seconds, nanoseconds } = frame;
  const whole = { frame: frame.number, seconds, nanoseconds, ends };
  if (packet.transport !== IP_PROTOCOL_TCP) return [{ ...whole, payload, missing, segment: undefined }];
  const { tcpSequence, tcpAcknowledgement: acknowledgement, tcpFlags } = packet;
  const pieces: Rebuilt[] = [];
  let at = 0;
  do {
    const end = Math.min(payload.length, at + SEGMENT);
    const isLast = end === payload.length;
    const flags = isLast ? tcpFlags : tcpFlags & ~(FIN | PSH);
    const segment = { sequence: (tcpSequence + at) >>> 0, acknowledgement, flags };
    pieces.push({ ...whole, payload: payload.subarray(at, end), missing: isLast ? missing : 0, segment });
    at = end;
  } while (at < payload.length);
  return pieces;
}

/**
 * Frames of the packets, numbered from 1 and each with a position of its own, in one buffer.
 * @param payloads in place of the packets' own, of the same lengths
 */
export function framesOf(packets: readonly Rebuilt[], payloads?: readonly Uint8Array[]): Frame[] {
  const builder = new Packets(true);
  const built = packets.map((packet, index) => {
    const payload = payloads?.[index] ?? packet.payload;
    const frame = build(builder, packet, payload);
    return Object.assign(new Frame(), frame, { bytes: frame.bytes.slice(frame.start, frame.end) });
  });
  const buffer = new Uint8Array(built.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let position = 0;
  for (const [index, frame] of built.entries()) {
    const { seconds, nanoseconds, missing } = packets[index];
    buffer.set(frame.bytes, position);
    const end = position + frame.bytes.length;
    Object.assign(frame, { bytes: buffer, start: position, end: end - missing, position });
    Object.assign(frame, { number: index + 1, seconds, nanoseconds });
    position = end;
  }
  return built;
}

function build(builder: Packets, { ends, segment, missing }: Rebuilt, payload: Uint8Array): Frame {
  const whole = missing === 0 ? payload : new Uint8Array(payload.length + missing);
  if (missing > 0) whole.set(payload);
  return segment ? builder.tcp(ends, CLIENT, segment, whole, 0, whole.length) : builder.udp(ends, CLIENT, whole);
}

/** Addresses for documentation (RFC 5737, RFC 3849), then those for benchmarks (RFC 2544), in the order of appearance. */
class Documentation {
  readonly #places = new Map<string, string>();
  readonly #counts = { 4: 0, 6: 0 };

  of(family: 4 | 6, address: string): string {
    const present = this.#places.get(address);
    if (present !== undefined) return present;
    const place = family === 4 ? ipv4Place(this.#counts[4]++) : `2001:db8::${(++this.#counts[6]).toString(16)}`;
    this.#places.set(address, place);
    return place;
  }
}

const NETWORKS = ['192.0.2', '198.51.100', '203.0.113'];
const HOSTS = 254;

function ipv4Place(count: number): string {
  const network = NETWORKS[Math.floor(count / HOSTS)];
  const host = 1 + (count % HOSTS);
  if (network !== undefined) return `${network}.${host}`;
  const further = Math.floor(count / HOSTS) - NETWORKS.length;
  return `198.${18 + (Math.floor(further / 256) % 2)}.${further % 256}.${host}`;
}
