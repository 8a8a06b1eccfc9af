/**
 * The proxy's core, without a socket or a clock: it is called with what happens on the sockets, says what to do there,
 * and shows the traffic as packets. Thin sockets stand around it (io/), tests drive it by hand.
 *
 * A flow is one client and the server that was reached for it: a stream, a sequence of records, or the datagrams of one
 * client's socket. What a program says goes its flow's course (course.ts), which passes it on and shows it.
 *
 * Back-pressure goes through: a side whose bytes the other one cannot take is not read until it can.
 */
import type { Frame } from '../capture/source.ts';
import { Conversation } from './conversation.ts';
import { type Course, type CourseMaker, DirectCourse, type FlowLine } from './course.ts';
import {
  CLIENT,
  type Ends,
  endsOf,
  keyOf,
  otherSide,
  SERVER,
  type Side,
  type SocketAddress,
  unixClient,
  unixServer,
} from './ends.ts';
import type { Packets } from './packets.ts';
import { DatagramShowing, type ShowFrame } from './showing.ts';

/** What the core asks of the sockets. A flow that is over is not asked for any more. */
export interface Sockets {
  /** Gives bytes to one side. False when it can take no more for now: `drained` is called when it can. */
  send(flow: number, to: Side, bytes: Uint8Array): boolean;
  /** Says to one side that the other one has ended. */
  end(flow: number, to: Side): void;
  /** Breaks the connection to one side off. */
  reset(flow: number, to: Side): void;
  /** Reads no more from one side until `resume`. */
  pause(flow: number, side: Side): void;
  resume(flow: number, side: Side): void;
}

/** What passes, packet by packet, in the order in which it happened. */
export type Emit = (frame: Frame, pair: number, comment?: string) => void;

/** A flow that is being opened. */
export interface Opening {
  /** Counted from 0. */
  readonly pair: number;
  /** Undefined for a Unix socket. */
  readonly client: SocketAddress | undefined;
  /** Where the client has connected to: how the server is shown when another flow has the same two ends. */
  readonly listen: SocketAddress | undefined;
  /** Its stream is one of records, whose boundaries stay. */
  readonly keepsRecords?: boolean;
}

interface Flow {
  readonly pair: number;
  readonly keepsRecords: boolean;
  /** The client's address as its socket has it. */
  readonly from: SocketAddress | undefined;
  readonly client: SocketAddress;
  readonly listen: SocketAddress;
  /** Undefined until the server was reached. */
  ends: Ends | undefined;
  /** Undefined until then. */
  course: Course | undefined;
  /** By side: it will say no more; it is not read for now. */
  readonly ended: [boolean, boolean];
  readonly paused: [boolean, boolean];
}

const SEQUENCE_NUMBERS = 2 ** 32;
/** RFC 9293 3.4.1: initial sequence numbers follow a clock that ticks every four microseconds. */
const TICKS_PER_MILLISECOND = 250;

export interface RelayOptions {
  readonly sockets: Sockets;
  readonly packets: Packets;
  readonly emit: Emit;
  /** False while what was shown has yet to be written: sides that can wait are not read, until `caughtUp`. */
  readonly mayRead: () => boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Makes the courses of flows that are not simply passed on. */
  readonly guard?: CourseMaker | undefined;
  /** A client has come or gone; not called for those that `stop` ends. */
  readonly onClient?: ((news: ClientNews) => void) | undefined;
}

export interface ClientNews {
  readonly kind: 'came' | 'gone';
  /** The flow's number, from 1. */
  readonly flow: number;
  /** Counted from 0. */
  readonly pair: number;
  /** Undefined for a Unix socket. */
  readonly client: SocketAddress | undefined;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #flows = new Map<number, Flow>();
  /** Ends of the flows that are open: no two may look the same. */
  readonly #taken = new Set<string>();
  #lastFlow = 0;
  #isStopped = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Flows that are open. */
  get size(): number {
    return this.#flows.size;
  }

  /** Flows since the start. */
  get opened(): number {
    return this.#lastFlow;
  }

  /** A client has come. @returns the flow's number, from 1 */
  open({ pair, client, listen, keepsRecords = false }: Opening): number {
    const id = ++this.#lastFlow;
    if (this.#isStopped) return id;
    this.#flows.set(id, {
      pair,
      keepsRecords,
      from: client,
      client: client ?? unixClient(id),
      listen: listen ?? unixServer(pair),
      ends: undefined,
      course: undefined,
      ended: [false, false],
      paused: [false, false],
    });
    this.#options.onClient?.({ kind: 'came', flow: id, pair, client });
    return id;
  }

  /**
   * The server of a stream was reached.
   * @param server undefined for a Unix socket
   * @param comment about the flow, for the recording
   */
  connected(id: number, server: SocketAddress | undefined, comment = ''): void {
    const flow = this.#flows.get(id);
    if (flow) this.#begin(id, flow, server ?? unixServer(flow.pair)).open(comment);
  }

  /** The server of a stream was not reached; `server` as far as it is known. The flow is over: its client is refused, too. */
  refused(id: number, server: SocketAddress | undefined, comment = ''): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    this.#begin(id, flow, server ?? flow.listen).refuse(comment);
    this.#options.sockets.reset(id, CLIENT);
    this.close(id);
  }

  /** One side has said something. For a stream any part of it, else a record or datagram as it stands. */
  data(id: number, from: Side, bytes: Uint8Array): void {
    const flow = this.#flows.get(id);
    if (flow) this.#pass(id, flow, from, bytes);
  }

  /** The first datagram of a flow, or one more, as `data`; the server is known from the first one on. */
  datagram(id: number, from: Side, bytes: Uint8Array, server: SocketAddress): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    if (!flow.course) this.#begin(id, flow, server, false);
    this.#pass(id, flow, from, bytes);
  }

  /** Nobody was there for a datagram of the client. @param length of its payload, as far as that is known */
  unreachable(id: number, length: number): void {
    this.#flows.get(id)?.course?.unreachable(length);
  }

  /** One side of a stream will say no more. */
  ended(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    if (!flow || flow.ended[side]) return;
    flow.ended[side] = true;
    if (flow.course) flow.course.ended(side);
    else this.#options.sockets.end(id, otherSide(side));
  }

  /** One side of a stream has broken it off. The flow is over. */
  broken(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    if (flow.course) flow.course.broken(side);
    else this.#options.sockets.reset(id, otherSide(side));
    this.close(id);
  }

  /** One side can take bytes again. */
  drained(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    flow.course?.drained(side);
    this.#eased(id, flow, otherSide(side));
  }

  /** What was shown is written. */
  caughtUp(): void {
    for (const [id, flow] of this.#flows) {
      for (const side of [CLIENT, SERVER] as const) this.#eased(id, flow, side);
    }
  }

  /** What happens from now on is the proxy's own end, and nothing that its clients or servers have said. */
  stop(): void {
    for (const { course } of this.#flows.values()) course?.close();
    this.#flows.clear();
    this.#taken.clear();
    this.#isStopped = true;
  }

  /** The sockets of a flow are gone, or it was idle for too long. */
  close(id: number): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    if (flow.ends) this.#taken.delete(keyOf(flow.ends));
    this.#flows.delete(id);
    flow.course?.close();
    this.#options.onClient?.({ kind: 'gone', flow: id, pair: flow.pair, client: flow.from });
  }

  #pass(id: number, flow: Flow, from: Side, bytes: Uint8Array): void {
    const { course } = flow;
    if (!course) return;
    course.said(from, bytes);
    if (flow.paused[from] || (this.#options.mayRead() && !course.isFull(from)) || !this.#flows.has(id)) return;
    flow.paused[from] = true;
    this.#options.sockets.pause(id, from);
  }

  /** What kept a side from being read may be gone. */
  #eased(id: number, flow: Flow, side: Side): void {
    if (!flow.paused[side] || !this.#options.mayRead() || flow.course?.isFull(side)) return;
    flow.paused[side] = false;
    this.#options.sockets.resume(id, side);
  }

  /** Both ends are known. */
  #begin(id: number, flow: Flow, server: SocketAddress, isStream = true): Course {
    const { sockets, packets, emit, now, guard } = this.#options;
    const ends = this.#claim(flow, server);
    flow.ends = ends;
    const line: FlowLine = {
      send: (to, bytes) => sockets.send(id, to, bytes),
      end: to => sockets.end(id, to),
      reset: to => sockets.reset(id, to),
    };
    const sequence = Math.floor(now() * TICKS_PER_MILLISECOND) % SEQUENCE_NUMBERS;
    const show = (to: ShowFrame) =>
      isStream ? new Conversation(ends, sequence, packets, to) : new DatagramShowing(ends, packets, to);
    const passedOn: ShowFrame = (frame, comment) => emit(frame, flow.pair, comment);
    const onEased = (from: Side) => this.#eased(id, flow, from);
    const { pair, keepsRecords } = flow;
    const carrier = keepsRecords ? 'records' : isStream ? 'stream' : 'datagrams';
    flow.course = guard
      ? guard({ id, pair, ends, line, carrier, show, emit: passedOn, onEased, onOver: () => this.close(id) })
      : new DirectCourse(line, show(passedOn));
    return flow.course;
  }

  #claim({ client, listen }: Flow, server: SocketAddress): Ends {
    const ends = endsOf(client, server);
    const claimed = this.#taken.has(keyOf(ends)) ? endsOf(client, listen) : ends;
    this.#taken.add(keyOf(claimed));
    return claimed;
  }
}
