/**
 * Traffic that a test writes down: datagrams and TCP connections, frame after frame, as a capture would hold them.
 * Lengths, checksums, sequence and acknowledgement numbers are right, so that other programs read it, too.
 */
import type { Frame } from '../capture/source.ts';
import { concat, hex } from './bytes.ts';
import { pcap } from './capture.ts';
import { ACK, FIN, frameOf, PSH, RST, SYN, tcpFrame, udpFrame } from './packet.ts';

/** Hexadecimal text, in which blanks are for the reader, or bytes. */
export type Bytes = string | Uint8Array | readonly number[];

/** Time of the first frame, in whole seconds since 1970, and microseconds from one frame to the next. */
const FIRST_SECOND = 1_700_000_000;
const STEP = 1_000;
const MICROSECONDS = 1_000_000;
const SEQUENCE_NUMBERS = 2 ** 32;
/** From one connection's initial sequence number to the next one's: they may use the same ports. */
const SEQUENCE_STEP = 10_000_000;

interface TimedFrame {
  readonly bytes: Uint8Array;
  /** Microseconds since the first frame. */
  readonly time: number;
}

/**
 * One capture. Frames are a millisecond apart, unless `wait` says otherwise.
 *
 *     const traffic = new Traffic();
 *     traffic.datagram('10.0.0.1:40000', '10.0.0.2:7000', '01 0002 6869');
 *     traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client('0001 00').server('0001 80').close();
 */
export class Traffic {
  readonly #frames: TimedFrame[] = [];
  #time = 0;
  #connections = 0;

  /** Frames so far, and so the number of the last one. */
  get length(): number {
    return this.#frames.length;
  }

  /** Lets capture time pass. */
  wait(seconds: number): this {
    this.#time += seconds * MICROSECONDS;
    return this;
  }

  /** A UDP datagram in an Ethernet frame: `datagram('10.0.0.1:40000', '[2001:db8::1]:7000', '00 01')`, of one family. */
  datagram(from: string, to: string, payload: Bytes): this {
    return this.frame(udpFrame(from, to, bytesOf(payload)));
  }

  /** A TCP connection, its handshake included: SYN, SYN and ACK, ACK. */
  connect(client: string, server: string): TcpConversation {
    return this.join(client, server).handshake();
  }

  /** A TCP connection of which the capture saw no beginning. */
  join(client: string, server: string): TcpConversation {
    return new TcpConversation(this, client, server, ++this.#connections * SEQUENCE_STEP);
  }

  /** An Ethernet frame as it stands. */
  frame(bytes: Uint8Array): this {
    this.#frames.push({ bytes, time: this.#time });
    this.#time += STEP;
    return this;
  }

  /** The frames as a capture source hands them out. */
  *frames(): Generator<Frame> {
    for (const [index, { bytes, time }] of this.#frames.entries()) {
      const frame = frameOf(bytes, { seconds: FIRST_SECOND + Math.floor(time / MICROSECONDS) });
      frame.number = index + 1;
      frame.nanoseconds = Math.floor(time % MICROSECONDS) * 1_000;
      yield frame;
    }
  }

  /** The same as the bytes of a pcap file. */
  pcap(): Uint8Array {
    return pcap(
      this.#frames.map(({ bytes, time }) => ({
        bytes,
        seconds: FIRST_SECOND + Math.floor(time / MICROSECONDS),
        fraction: Math.floor(time % MICROSECONDS),
      })),
    );
  }
}

export interface SendOptions {
  /** Longest segment in bytes; all that is said goes into one segment otherwise. */
  readonly cut?: number;
  /** False for segments that reach the other side and not the capture. */
  readonly captured?: boolean;
  /** Each segment is there twice, as when its acknowledgement was lost. */
  readonly doubled?: boolean;
  /** The segments are there the other way round, the last one first. */
  readonly reversed?: boolean;
}

/** One end of a connection: where it is, and the number of the next byte that it sends. */
interface End {
  readonly address: string;
  next: number;
}

/** What both ends of one TCP connection say, in turn. Each segment acknowledges all that came before it. */
export class TcpConversation {
  readonly #traffic: Traffic;
  readonly #client: End;
  readonly #server: End;

  /** @param sequence initial sequence number of both sides */
  constructor(traffic: Traffic, client: string, server: string, sequence: number) {
    this.#traffic = traffic;
    this.#client = { address: client, next: sequence };
    this.#server = { address: server, next: sequence };
  }

  handshake(): this {
    this.#segment(this.#client, this.#server, SYN, []);
    this.#segment(this.#server, this.#client, SYN | ACK, []);
    return this.#segment(this.#client, this.#server, ACK, []);
  }

  /** Bytes from the client to the server. */
  client(payload: Bytes, options: SendOptions = {}): this {
    return this.#send(this.#client, this.#server, bytesOf(payload), options);
  }

  /** Bytes from the server to the client. */
  server(payload: Bytes, options: SendOptions = {}): this {
    return this.#send(this.#server, this.#client, bytesOf(payload), options);
  }

  /** Ends both directions in order, the client's first: FIN, FIN, ACK. */
  close(): this {
    this.#segment(this.#client, this.#server, FIN | ACK, []);
    this.#segment(this.#server, this.#client, FIN | ACK, []);
    return this.#segment(this.#client, this.#server, ACK, []);
  }

  /** The client gives the connection up: RST. */
  reset(): this {
    return this.#segment(this.#client, this.#server, RST | ACK, []);
  }

  #send(from: End, to: End, payload: Uint8Array, options: SendOptions): this {
    const { cut = payload.length, captured = true, doubled = false, reversed = false } = options;
    const size = Math.max(1, cut);
    const segments: Uint8Array[] = [];
    for (let at = 0; at < payload.length; at += size) {
      segments.push(this.#next(from, to, PSH | ACK, payload.subarray(at, at + size)));
    }
    if (reversed) segments.reverse();
    if (captured) for (const segment of segments) this.#put(segment, doubled ? 2 : 1);
    return this;
  }

  #segment(from: End, to: End, flags: number, payload: readonly number[]): this {
    return this.#put(this.#next(from, to, flags, payload), 1);
  }

  #put(segment: Uint8Array, times: number): this {
    for (let time = 0; time < times; time++) this.#traffic.frame(segment);
    return this;
  }

  /** The next segment of an end. */
  #next(from: End, to: End, flags: number, payload: Uint8Array | readonly number[]): Uint8Array {
    const header = {
      source: from.address,
      destination: to.address,
      sequence: from.next,
      acknowledgement: flags & ACK ? to.next : 0,
      flags,
    };
    from.next = (from.next + payload.length + (flags & (SYN | FIN) ? 1 : 0)) % SEQUENCE_NUMBERS;
    return tcpFrame(header, concat(payload));
  }
}

export function bytesOf(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? hex(bytes) : Uint8Array.from(bytes);
}
