/** What a decoder made of a frame, in text and numbers that a test can state. */

import type { Frame } from '../../src/capture/source.ts';
import { formatEndpoint } from '../../src/net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder, type DecoderLimits } from '../../src/net/decode.ts';
import type { Packet } from '../../src/net/packet.ts';

export interface Decoded {
  readonly transport: number;
  readonly source: string;
  readonly destination: string;
  readonly payload: Uint8Array;
  /** As the headers state it. */
  readonly length: number;
}

export function newDecoder(limits: Partial<DecoderLimits> = {}): Decoder {
  return new Decoder({ ...DEFAULT_DECODER_LIMITS, ...limits }, 1);
}

export function decoded(decoder: Decoder, frame: Frame): Decoded | undefined {
  const packet = decoder.decode(frame);
  return packet && describePacket(packet);
}

export function describePacket(packet: Packet): Decoded {
  const { family } = packet;
  const source = [packet.source0, packet.source1, packet.source2, packet.source3];
  const destination = [packet.destination0, packet.destination1, packet.destination2, packet.destination3];
  return {
    transport: packet.transport,
    source: formatEndpoint({ family, words: source, port: packet.sourcePort }),
    destination: formatEndpoint({ family, words: destination, port: packet.destinationPort }),
    payload: packet.bytes.slice(packet.payloadStart, packet.payloadEnd),
    length: packet.payloadLength,
  };
}
