/**
 * TCP conversations for tests, written as they happen:
 *
 *     new TcpTalk().open().client('GET').server('200', { cut: 1 }).close()
 *
 * It keeps the numbers of both sides, so a test states only what is out of the ordinary. Offsets count from the first byte
 * behind the SYN. The segments are data: a test may drop, double and shuffle them before it makes frames, packets or a
 * capture file of them.
 */

import type { Frame } from '../../src/capture/source.ts';
import { Packet } from '../../src/net/packet.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { ACK, FIN, frameOf, RST, SYN, tcpFrame } from '../../src/testkit/packet.ts';

export const CLIENT = 0;
export const SERVER = 1;
export type Side = 0 | 1;

/** Text stands for its Latin-1 bytes. */
export type Payload = string | Uint8Array;

export interface Segment {
  readonly side: Side;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly window: number;
  readonly payload: Uint8Array;
  /** Bytes at the end of the payload that the snap length cut off. */
  readonly cut: number;
  /** Capture time; by default a second more than the segment before. */
  readonly seconds: number;
}

export interface TalkOptions {
  /** `10.0.0.1:40000` or `[2001:db8::1]:40000`. */
  readonly client?: string;
  readonly server?: string;
  /** Initial sequence numbers of client and server. */
  readonly isns?: readonly [client: number, server: number];
  /** Longest payload of a segment; what is longer is sent in several. */
  readonly mss?: number;
  /** Capture time of the first segment. */
  readonly seconds?: number;
}

export interface SegmentOptions {
  /** Offset of the first byte; by default the one behind all that this side has sent. */
  readonly at?: number;
  /** Offset up to which the other side's bytes are acknowledged; by default all that it has sent, a FIN counting one. `null` for no ACK. */
  readonly ack?: number | null;
  /** Besides ACK. */
  readonly flags?: number;
  readonly window?: number;
  readonly cut?: number;
  readonly seconds?: number;
}

export class TcpTalk {
  readonly segments: Segment[] = [];
  readonly #options: Required<TalkOptions>;
  /** Offset behind all that each side has sent. */
  readonly #sent = [0, 0];

  constructor(options: TalkOptions = {}) {
    this.#options = {
      client: '10.0.0.1:40000',
      server: '10.0.0.2:7000',
      isns: [1_000, 50_000],
      mss: 1_460,
      seconds: 1_000,
      ...options,
    };
  }

  /** SYN, SYN-ACK, ACK. */
  open(): this {
    return this.syn().synAck().client('');
  }

  syn(payload: Payload = '', options: SegmentOptions = {}): this {
    return this.#synchronise(CLIENT, payload, { ack: null, ...options });
  }

  synAck(payload: Payload = '', options: SegmentOptions = {}): this {
    return this.#synchronise(SERVER, payload, options);
  }

  /** The client sends; nothing is an acknowledgement alone. */
  client(payload: Payload, options: SegmentOptions = {}): this {
    return this.send(CLIENT, payload, options);
  }

  server(payload: Payload, options: SegmentOptions = {}): this {
    return this.send(SERVER, payload, options);
  }

  send(side: Side, payload: Payload, options: SegmentOptions = {}): this {
    const bytes = bytesOf(payload);
    const { mss } = this.#options;
    const at = options.at ?? this.#sent[side];
    for (let from = 0; from < Math.max(1, bytes.length); from += mss) {
      this.#add(side, bytes.subarray(from, from + mss), { ...options, at: at + from });
    }
    return this;
  }

  /** A FIN of one side. */
  fin(side: Side, options: SegmentOptions = {}): this {
    return this.send(side, '', { ...options, flags: FIN });
  }

  /** FIN of the client, FIN of the server, and the ACK for that. */
  close(): this {
    return this.fin(CLIENT).fin(SERVER).client('');
  }

  reset(side: Side, options: SegmentOptions = {}): this {
    return this.send(side, '', { ...options, flags: RST });
  }

  /** Sends a segment once more, by its index; -1 is the last one. */
  again(index = -1): this {
    this.segments.push({ ...this.segments.at(index)!, seconds: this.#nextSecond() });
    return this;
  }

  /** Segments in place of these: shuffled, doubled, or less. */
  with(segments: readonly Segment[]): TcpTalk {
    const other = new TcpTalk(this.#options);
    other.segments.push(...segments);
    return other;
  }

  /** As a capture source hands them out, numbered from 1. */
  frames(): Frame[] {
    return this.segments.map((segment, index) => {
      const bytes = this.#ethernet(segment);
      const { seconds } = segment;
      const frame = frameOf(bytes.subarray(0, bytes.length - segment.cut), { seconds, wireLength: bytes.length });
      frame.number = index + 1;
      return frame;
    });
  }

  /** A capture file. */
  pcap(): Uint8Array {
    return pcap(
      this.segments.map(segment => {
        const bytes = this.#ethernet(segment);
        const captured = bytes.subarray(0, bytes.length - segment.cut);
        return { bytes: captured, wireLength: bytes.length, seconds: segment.seconds };
      }),
    );
  }

  #ethernet({ side, payload, ...header }: Segment): Uint8Array {
    const { client, server } = this.#options;
    const ends = side === CLIENT ? [client, server] : [server, client];
    return tcpFrame({ ...header, source: ends[0], destination: ends[1] }, payload);
  }

  #synchronise(side: Side, payload: Payload, options: SegmentOptions): this {
    const first = this.segments.length;
    this.#add(side, bytesOf(payload), { ...options, at: options.at ?? 0, flags: SYN | (options.flags ?? 0) });
    const segment = this.segments[first];
    this.segments[first] = { ...segment, sequence: (segment.sequence - 1) >>> 0 };
    return this;
  }

  #add(side: Side, payload: Uint8Array, options: SegmentOptions): void {
    const { at = this.#sent[side], ack = this.#sent[1 - side], flags = 0, window = 65_535, cut = 0 } = options;
    const { isns } = this.#options;
    this.segments.push({
      side,
      flags: flags | (ack === null ? 0 : ACK),
      sequence: (isns[side] + 1 + at) >>> 0,
      acknowledgement: ack === null ? 0 : (isns[1 - side] + 1 + ack) >>> 0,
      window,
      payload,
      cut,
      seconds: options.seconds ?? this.#nextSecond(),
    });
    const end = at + payload.length + (flags & FIN ? 1 : 0);
    this.#sent[side] = Math.max(this.#sent[side], end);
  }

  #nextSecond(): number {
    const last = this.segments.at(-1);
    return last === undefined ? this.#options.seconds : last.seconds + 1;
  }
}

/** What a decoder makes of a segment: its bytes lie in the middle of others, which are not the segment's. */
export function packetOf(segment: Segment): Packet {
  const margin = new Uint8Array(4).fill(0xee);
  const packet = new Packet();
  packet.bytes = concat(margin, segment.payload.subarray(0, segment.payload.length - segment.cut), margin);
  packet.transport = 6;
  packet.payloadStart = margin.length;
  packet.payloadEnd = packet.bytes.length - margin.length;
  packet.payloadLength = segment.payload.length;
  packet.tcpSequence = segment.sequence;
  packet.tcpAcknowledgement = segment.acknowledgement;
  packet.tcpFlags = segment.flags;
  packet.tcpWindow = segment.window;
  return packet;
}

function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? Uint8Array.from(Buffer.from(payload, 'latin1')) : payload;
}
