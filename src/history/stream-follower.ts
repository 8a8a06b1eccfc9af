/**
 * Follows one conversation through its capture, frame by frame, as the run did: copies set aside, fragments put together,
 * TCP in order with each byte once. It needs no protocol, so that it also shows bytes that are part of no message, and
 * flows that no protocol claimed.
 */
import type { CaptureFacts, Frame } from '../capture/source.ts';
import type { Endpoint } from '../net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../net/decode.ts';
import { Extents, positionOf, UNPLACED } from '../net/extents.ts';
import type { Arrival } from '../net/moment.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from '../net/packet.ts';
import { TcpStreams } from '../net/reassembly.ts';
import type { StreamSink } from '../net/stream-sink.ts';
import type { Transport } from '../protocol/protocol.ts';
import { StreamMemory } from '../storage/stream-memory.ts';
import { FollowedStream, type StreamSide } from './followed-stream.ts';
import type { CaptureBytes } from './recall.ts';

/** A flow as it is followed. */
export interface FollowedFlow {
  readonly transport: Transport;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Index of its capture in the run. */
  readonly capture: number;
  /** A frame of it: the same two ports may have had several TCP connections, one after the other. 0 for the first. */
  readonly frame: number;
  /** The last frame to look at. */
  readonly until: number;
  /** Of datagrams between its ends: whether this frame belongs to another connection. */
  readonly isOthers?: (frame: number) => boolean;
}

/** Only one flow is followed at a time, so that its id can be any. */
const FLOW = 0;
/** With a known seed, crafted fragments can slow the decoder's table down, at worst by its few thousand places. */
const SEED = 0;
/** Bytes of segments that wait for an earlier one, as by default in a run. */
const PENDING = { bytes: 64 * 1024 * 1024, streamBytes: 1024 * 1024 };
/** Bytes of the stream to tell which of those that are sent again were sent before; that they differ is the run's business. */
const REMEMBERED = 64 * 1024;

export class StreamFollower implements StreamSink {
  readonly stream: FollowedStream;
  readonly flow: FollowedFlow;
  /** No further frame can add anything. */
  isDone = false;
  /** The highest number of the frames so far. */
  reached = 0;
  readonly #extents = new Extents();
  readonly #decoder: Decoder;
  readonly #moment: Arrival = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  readonly #tcp = new TcpStreams(this, this.#moment, new StreamMemory(REMEMBERED), PENDING);
  #isBegun = false;
  #ended = 0;

  /** @param facts of its capture @param bytes to read the conversation again */
  constructor(flow: FollowedFlow, facts: CaptureFacts, bytes: CaptureBytes) {
    this.flow = flow;
    this.#decoder = new Decoder(DEFAULT_DECODER_LIMITS, SEED, this.#extents, facts);
    this.stream = new FollowedStream(flow.transport === 'udp', flow.capture, this.#extents, bytes);
  }

  /** The next frame of the capture, in the order in which it was judged. */
  frame(frame: Frame): void {
    this.reached = Math.max(this.reached, frame.number);
    if (this.isDone || frame.number > this.flow.until) return;
    const packet = this.#decoder.decode(frame);
    if (packet === undefined) return;
    const side = this.#sideOf(packet);
    if (side === undefined) return;
    this.#moment.frame = frame.number;
    this.#moment.seconds = frame.seconds;
    this.#moment.nanoseconds = frame.nanoseconds;
    if (packet.transport === IP_PROTOCOL_TCP) this.#segment(side, packet);
    else this.#datagram(side, packet);
    if (this.stream.isCut) this.isDone = true;
  }

  /** No frame will come any more. */
  close(): void {
    if (this.#isBegun && !this.isDone) this.#tcp.finish(FLOW);
    this.isDone = true;
    this.stream.isWhole = true;
  }

  #segment(side: StreamSide, packet: Packet): void {
    if (!this.#isBegun && !this.#tcp.opens(packet)) return;
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    this.#tcp.segment(FLOW, side, packet, isFirst);
  }

  #datagram(side: StreamSide, { base, payloadStart, payloadEnd, payloadLength }: Packet): void {
    const { frame } = this.#moment;
    if (this.flow.isOthers?.(frame)) {
      this.stream.leftOut++;
      return;
    }
    const captured = payloadEnd - payloadStart;
    this.stream.add(side, positionOf(base, payloadStart), captured, frame);
    this.stream.add(side, -1, payloadLength - captured, frame);
  }

  #sideOf(packet: Packet): StreamSide | undefined {
    const { transport, client, server } = this.flow;
    if (packet.transport !== (transport === 'tcp' ? IP_PROTOCOL_TCP : IP_PROTOCOL_UDP)) return undefined;
    if (isFrom(packet, client) && isTo(packet, server)) return 0;
    return isFrom(packet, server) && isTo(packet, client) ? 1 : undefined;
  }

  // What reassembly reports

  restart(): void {
    if (this.#moment.frame > this.flow.frame) this.isDone = true;
    else this.stream.clear();
    this.#ended = 0;
  }

  data(_: number, side: number, _bytes: Uint8Array, from: number, to: number): void {
    const { base, frame } = this.#moment;
    if (!this.isDone) this.stream.add(side === 0 ? 0 : 1, positionOf(base, from), to - from, frame);
  }

  gap(_: number, side: number, length: number): void {
    if (!this.isDone) this.stream.add(side === 0 ? 0 : 1, -1, length, this.#moment.frame);
  }

  end(): void {
    if (++this.#ended === 2) this.#over();
  }

  reset(): void {
    this.#over();
  }

  acknowledged(): void {}
  resent(): void {}
  unseenAcknowledged(): void {}
  apart(): void {}

  /** One that came before the connection that is meant may be followed by it. */
  #over(): void {
    if (this.#moment.frame >= this.flow.frame) this.isDone = true;
  }
}

function isFrom(packet: Packet, { family, words, port }: Endpoint): boolean {
  const { source0, source1, source2, source3 } = packet;
  return packet.family === family && packet.sourcePort === port && isSame(words, source0, source1, source2, source3);
}

function isTo(packet: Packet, { family, words, port }: Endpoint): boolean {
  const { destination0, destination1, destination2, destination3 } = packet;
  const isPort = packet.family === family && packet.destinationPort === port;
  return isPort && isSame(words, destination0, destination1, destination2, destination3);
}

function isSame(words: readonly number[], one: number, two: number, three: number, four: number): boolean {
  return words[0] === one && words[1] === two && words[2] === three && words[3] === four;
}
