/**
 * TCP connections to one MQTT server in one capture, written as they happen:
 *
 *     const net = new MqttNet();
 *     const a = net.open('a');
 *     a.client(v5.connect()).server(v5.connack());
 *     net.wait(2);
 *     const b = net.open('b');
 *     a.fin('client').fin('server');
 *     net.frames();
 *
 * Frames count from 1, a millisecond apart. Each packet goes into a segment of its own, which acknowledges all that the other
 * side has sent, unless it is `unaware`; `acks: 'once'` makes the receiver of a packet acknowledge it at once, too.
 */
import type { Frame } from '../../src/capture/source.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { ACK, FIN, frameOf, PSH, RST, SYN, tcpFrame } from '../../src/testkit/packet.ts';

export type Side = 'client' | 'server';

export const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client');

export const MQTT_SERVER = '10.0.0.2:1883';
/** Capture time of the first frame, in Unix seconds. */
export const MQTT_START = 1_700_000_000;
const STEP = 1_000;
const MICROSECONDS = 1_000_000;
/** Initial sequence numbers of connections are so far apart. */
const SEQUENCE_STEP = 10_000_000;

/** One segment, as the capture shows it. */
export interface SegmentSeen {
  readonly connection: string;
  readonly side: Side;
  /** Its frame's number. */
  readonly frame: number;
  /** Microseconds since the first frame. */
  readonly time: number;
  readonly flags: number;
  /** Offset of its first byte among those of its side. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** How many bytes of the other side it acknowledges; a FIN behind them counts one. */
  readonly acknowledged: number;
  readonly window: number;
}

export interface SegmentChoice {
  /** Acknowledges no more than this side has acknowledged before: what crossed it on its way is not known to its sender. */
  readonly unaware?: boolean;
  readonly window?: number;
  /** Longest payload of a segment. */
  readonly cut?: number;
}

export interface SegmentParts extends SegmentChoice {
  readonly bytes?: Uint8Array;
  /** Offset of the first byte; behind all that this side has sent by default. */
  readonly at?: number;
  /** Bytes of the other side that it acknowledges, a FIN counting one; all that it has sent by default. */
  readonly acknowledged?: number;
  /** It acknowledges nothing at all, as the first SYN. */
  readonly isFirst?: boolean;
}

export interface OpenChoice {
  /** Seconds since the first frame. */
  readonly at?: number;
  /** `10.0.0.1:50001`; an own port by default. */
  readonly client?: string;
  readonly server?: string;
  /** False for a capture that begins later. */
  readonly handshake?: boolean;
}

export interface NetChoice {
  /** Are packets acknowledged by pure ACKs at once, or with the next segment only (the default)? */
  readonly acks?: 'once' | 'next';
  /** Microseconds from one frame to the next, if nothing is waited for; 1,000 by default. */
  readonly step?: number;
}

export class MqttNet {
  readonly segments: SegmentSeen[] = [];
  readonly acks: 'once' | 'next';
  readonly #step: number;
  readonly #packets: { readonly bytes: Uint8Array; readonly time: number }[] = [];
  #time = 0;
  #connections = 0;

  constructor({ acks = 'next', step = STEP }: NetChoice = {}) {
    this.acks = acks;
    this.#step = step;
  }

  /** The number of the last frame. */
  get frame(): number {
    return this.#packets.length;
  }

  /** Seconds since the first frame; that of the next one. */
  get now(): number {
    return this.#time / MICROSECONDS;
  }

  /** Lets time pass. */
  wait(seconds: number): this {
    this.#time += Math.round(seconds * MICROSECONDS);
    return this;
  }

  /** Lets time pass until so many seconds after the first frame, if that is to come. */
  waitUntil(seconds: number): this {
    this.#time = Math.max(this.#time, Math.round(seconds * MICROSECONDS));
    return this;
  }

  /** A TCP connection with its handshake. The name is for those who read `segments`. */
  open(name: string, choice: OpenChoice = {}): MqttConnection {
    if (choice.at !== undefined) this.waitUntil(choice.at);
    const { server = MQTT_SERVER, client = `10.0.0.1:${50_001 + this.#connections}` } = choice;
    const connection = new MqttConnection(this, name, { client, server }, ++this.#connections * SEQUENCE_STEP);
    return choice.handshake === false ? connection : connection.handshake();
  }

  add(packet: Uint8Array, segment: Omit<SegmentSeen, 'frame' | 'time'>): void {
    this.#packets.push({ bytes: packet, time: this.#time });
    this.segments.push({ ...segment, frame: this.frame, time: this.#time });
    this.#time += this.#step;
  }

  /** As a capture source hands them out. */
  frames(): Frame[] {
    return this.#packets.map(({ bytes, time }, index) => {
      const frame = frameOf(bytes, { seconds: MQTT_START + Math.floor(time / MICROSECONDS) });
      frame.number = index + 1;
      frame.nanoseconds = (time % MICROSECONDS) * 1_000;
      return frame;
    });
  }

  pcap(): Uint8Array {
    return pcap(
      this.#packets.map(({ bytes, time }) => ({
        bytes,
        seconds: MQTT_START + Math.floor(time / MICROSECONDS),
        fraction: time % MICROSECONDS,
      })),
    );
  }
}

export class MqttConnection {
  readonly name: string;
  readonly #net: MqttNet;
  readonly #addresses: Readonly<Record<Side, string>>;
  readonly #sequence: number;
  /** How many bytes each side has sent, its FIN counting one. */
  readonly #sent = { client: 0, server: 0 };
  /** How many of the other side's bytes each side has acknowledged. */
  readonly #acknowledged = { client: 0, server: 0 };
  readonly #window = { client: 65_535, server: 65_535 };

  /** @param sequence initial sequence number of both sides */
  constructor(net: MqttNet, name: string, addresses: Readonly<Record<Side, string>>, sequence: number) {
    this.#net = net;
    this.name = name;
    this.#addresses = addresses;
    this.#sequence = sequence;
  }

  handshake(): this {
    this.segment('client', SYN, { at: -1, isFirst: true });
    this.segment('server', SYN | ACK, { at: -1 });
    return this.segment('client', ACK);
  }

  /** The client sends these packets, each in a segment of its own. */
  client(...packets: readonly Uint8Array[]): this {
    return this.send('client', packets);
  }

  server(...packets: readonly Uint8Array[]): this {
    return this.send('server', packets);
  }

  send(side: Side, packets: readonly Uint8Array[], choice: SegmentChoice = {}): this {
    for (const bytes of packets) {
      const size = Math.max(1, choice.cut ?? bytes.length);
      for (let at = 0; at < bytes.length; at += size) {
        this.segment(side, PSH | ACK, { ...choice, bytes: bytes.subarray(at, at + size) });
      }
      if (this.#net.acks === 'once') this.ack(otherSide(side));
    }
    return this;
  }

  /** Several packets in one segment. */
  together(side: Side, packets: readonly Uint8Array[], choice: SegmentChoice = {}): this {
    return this.send(side, [concat(...packets)], choice);
  }

  /** A pure ACK: this side has got all that was sent to it. */
  ack(side: Side, choice: SegmentChoice = {}): this {
    return this.segment(side, ACK, choice);
  }

  /** Sends the last segment with bytes of this side once more. */
  again(side: Side): this {
    const last = this.#net.segments.findLast(
      ({ connection, side: from, bytes }) => connection === this.name && from === side && bytes.length > 0,
    );
    if (last === undefined) throw new Error(`nothing was sent by the ${side} of ${this.name}`);
    return this.segment(side, PSH | ACK, { bytes: last.bytes, at: last.at });
  }

  fin(side: Side, choice: SegmentChoice = {}): this {
    return this.segment(side, FIN | ACK, choice);
  }

  reset(side: Side, choice: SegmentChoice = {}): this {
    return this.segment(side, RST | ACK, choice);
  }

  /** Both FINs, the one of this side first, and the ACK of the second. */
  close(side: Side = 'client'): this {
    return this.fin(side).fin(otherSide(side)).ack(side);
  }

  /** Any segment, by its parts. */
  segment(side: Side, flags: number, choice: SegmentParts = {}): this {
    const other = otherSide(side);
    const { bytes = new Uint8Array(), at = this.#sent[side], unaware = false, isFirst = false } = choice;
    const { window = this.#window[side] } = choice;
    this.#window[side] = window;
    if (!unaware) this.#acknowledged[side] = choice.acknowledged ?? this.#sent[other];
    const acknowledged = this.#acknowledged[side];
    const header = {
      source: this.#addresses[side],
      destination: this.#addresses[other],
      sequence: (this.#sequence + 1 + at) >>> 0,
      acknowledgement: isFirst ? 0 : (this.#sequence + 1 + acknowledged) >>> 0,
      flags,
      window,
    };
    this.#sent[side] = Math.max(this.#sent[side], at + bytes.length + (flags & FIN ? 1 : 0));
    const seen = { connection: this.name, side, flags, at, bytes, acknowledged, window };
    this.#net.add(tcpFrame(header, bytes), seen);
    return this;
  }
}
