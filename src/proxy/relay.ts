/**
 * The proxy's core, without a socket or a clock: it is called with what happens on the sockets, says what to do there,
 * and shows the traffic as packets. Thin sockets stand around it (io/), tests drive it by hand.
 *
 * A flow is one client and the server that was reached for it: a stream, a sequence of records, or the datagrams of one
 * client's socket. Everything that a program says passes through `#pass`, the one place before it is forwarded.
 *
 * Forwarding comes first and showing after it: the peers do not wait for the judge. Back-pressure goes through: a side whose
 * bytes the other one cannot take is not read until it can.
 */
import type { Frame } from '../capture/source.ts';
import { Conversation } from './conversation.ts';
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
}

interface Flow {
  readonly pair: number;
  /** The client's address as its socket has it. */
  readonly from: SocketAddress | undefined;
  readonly client: SocketAddress;
  readonly listen: SocketAddress;
  /** Undefined until the server was reached. */
  ends: Ends | undefined;
  /** Undefined for datagrams. */
  conversation: Conversation | undefined;
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
  open({ pair, client, listen }: Opening): number {
    const id = ++this.#lastFlow;
    if (this.#isStopped) return id;
    this.#flows.set(id, {
      pair,
      from: client,
      client: client ?? unixClient(id),
      listen: listen ?? unixServer(pair),
      ends: undefined,
      conversation: undefined,
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
    if (flow) this.#converse(flow, server ?? unixServer(flow.pair)).open(comment);
  }

  /** The server of a stream was not reached; `server` as far as it is known. The flow is over: its client is refused, too. */
  refused(id: number, server: SocketAddress | undefined, comment = ''): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    this.#converse(flow, server ?? flow.listen).refuse(comment);
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
    flow.ends ??= this.#claim(flow, server);
    this.#pass(id, flow, from, bytes);
  }

  /** Nobody was there for a datagram of the client. @param length of its payload, as far as that is known */
  unreachable(id: number, length: number): void {
    const flow = this.#flows.get(id);
    if (flow?.ends) this.#show(flow, this.#options.packets.portUnreachable(flow.ends, SERVER, length));
  }

  /** One side of a stream will say no more. */
  ended(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    if (!flow || flow.ended[side]) return;
    flow.ended[side] = true;
    this.#options.sockets.end(id, otherSide(side));
    flow.conversation?.end(side);
  }

  /** One side of a stream has broken it off. The flow is over. */
  broken(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    this.#options.sockets.reset(id, otherSide(side));
    flow.conversation?.reset(side);
    this.close(id);
  }

  /** One side can take bytes again. */
  drained(id: number, side: Side): void {
    const flow = this.#flows.get(id);
    const from = otherSide(side);
    flow?.conversation?.acknowledge(side);
    if (flow?.paused[from] && this.#options.mayRead()) this.#resume(id, flow, from);
  }

  /** What was shown is written. */
  caughtUp(): void {
    for (const [id, flow] of this.#flows) {
      for (const side of [CLIENT, SERVER] as const) if (flow.paused[side]) this.#resume(id, flow, side);
    }
  }

  /** What happens from now on is the proxy's own end, and nothing that its clients or servers have said. */
  stop(): void {
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
    this.#options.onClient?.({ kind: 'gone', flow: id, pair: flow.pair, client: flow.from });
  }

  /** Everything passes here before it is forwarded. */
  #pass(id: number, flow: Flow, from: Side, bytes: Uint8Array): void {
    const { sockets } = this.#options;
    const isTaken = sockets.send(id, otherSide(from), bytes);
    if (flow.conversation) {
      flow.conversation.data(from, bytes);
      // Who judges counts the silence of a side from when it has got what it does not answer.
      if (isTaken) flow.conversation.acknowledge(otherSide(from));
    } else if (flow.ends) this.#show(flow, this.#options.packets.udp(flow.ends, from, bytes));
    if ((isTaken && this.#options.mayRead()) || flow.paused[from]) return;
    flow.paused[from] = true;
    sockets.pause(id, from);
  }

  #resume(id: number, flow: Flow, side: Side): void {
    flow.paused[side] = false;
    this.#options.sockets.resume(id, side);
  }

  #converse(flow: Flow, server: SocketAddress): Conversation {
    const { packets, emit, now } = this.#options;
    flow.ends = this.#claim(flow, server);
    const sequence = Math.floor(now() * TICKS_PER_MILLISECOND) % SEQUENCE_NUMBERS;
    flow.conversation = new Conversation(flow.ends, sequence, packets, (frame, comment) => {
      emit(frame, flow.pair, comment);
    });
    return flow.conversation;
  }

  #claim({ client, listen }: Flow, server: SocketAddress): Ends {
    const ends = endsOf(client, server);
    const claimed = this.#taken.has(keyOf(ends)) ? endsOf(client, listen) : ends;
    this.#taken.add(keyOf(claimed));
    return claimed;
  }

  #show(flow: Flow, frame: Frame): void {
    this.#options.emit(frame, flow.pair);
  }
}
