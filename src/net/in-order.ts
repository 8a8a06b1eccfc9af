/**
 * The short way of a segment. Most are the next one of their side, in a connection in which nothing waits, nothing is missed and
 * nothing has ended: bytes behind all that came, or an acknowledgement of bytes that did. Such a segment is taken here, and
 * exactly what the long way does with it (`reassembly.ts`) is done; of all others nothing is taken.
 *
 * It works on the words of the connection's row and not through views, and makes no object.
 */
import type { Records } from '../storage/records.ts';
import type { StreamMemory } from '../storage/stream-memory.ts';
import type { Arrival, Origin } from './moment.ts';
import type { Packet } from './packet.ts';
import type { StallClock } from './stall-clock.ts';
import type { StreamSink } from './stream-sink.ts';
import {
  ACKNOWLEDGED,
  advanceAt,
  ahead,
  BEGUN,
  bytesAt,
  CONNECTION_AT,
  CONNECTION_WORDS,
  DIRECTION_AT,
  directionAt,
  FIN_SEEN,
  OVER,
  SEEN,
  SETTLED,
  SPOKE,
  STALLED,
  SUSPECTED,
  WAITS,
  WATCHED,
} from './tcp-connection.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const CONTROL = FIN | SYN | RST | ACK;
/** What neither direction must be. */
const UNUSUAL = WAITS | FIN_SEEN;

const { flags: FLAGS, next: NEXT, memory: MEMORY, acknowledged: ACKNOWLEDGED_TO, window: ANNOUNCED } = DIRECTION_AT;
const { first: FIRST } = DIRECTION_AT;

/** What it shares with the long way. */
export interface InOrderParts {
  readonly sink: StreamSink;
  readonly moment: Readonly<Arrival>;
  readonly memory: StreamMemory;
  readonly stalls: StallClock;
  readonly origin: Origin | undefined;
}

export class InOrder {
  readonly #rows: Records;
  readonly #sink: StreamSink;
  readonly #moment: Readonly<Arrival>;
  readonly #memory: StreamMemory;
  readonly #stalls: StallClock;
  readonly #origin: Origin | undefined;

  /** @param rows of connections */
  constructor(rows: Records, { sink, moment, memory, stalls, origin }: InOrderParts) {
    this.#rows = rows;
    this.#sink = sink;
    this.#moment = moment;
    this.#memory = memory;
    this.#stalls = stalls;
    this.#origin = origin;
  }

  /** Takes the segment of a flow that is known, if it is such a one; else false, and nothing is changed. */
  takes(flow: number, side: number, packet: Packet): boolean {
    const { words } = this.#rows;
    const row = flow * CONNECTION_WORDS;
    const sender = directionAt(flow, side);
    const receiver = directionAt(flow, 1 - side);
    const marks = words[row + CONNECTION_AT.flags];
    const seen = SEEN << side;
    if ((marks & (OVER | SUSPECTED | seen)) !== seen) return false;
    const others = words[receiver + FLAGS];
    if ((words[sender + FLAGS] & (BEGUN | UNUSUAL)) !== BEGUN || (others & (BEGUN | UNUSUAL)) !== BEGUN) return false;
    if (packet.tcpSequence !== words[sender + NEXT] || (packet.tcpFlags & CONTROL) !== ACK) return false;
    const { tcpAcknowledgement, payloadStart, payloadEnd } = packet;
    const reached = words[receiver + NEXT];
    if (ahead(tcpAcknowledgement, reached) > 0 || ahead(tcpAcknowledgement, words[receiver + FIRST]) < 0) return false;
    if (payloadEnd - payloadStart !== packet.payloadLength) return false;

    words[row + CONNECTION_AT.segments]++;
    const isFirst = (others & ACKNOWLEDGED) === 0;
    const more = isFirst ? 1 : ahead(tcpAcknowledgement, words[receiver + ACKNOWLEDGED_TO]);
    if (more > 0) {
      words[receiver + ACKNOWLEDGED_TO] = tcpAcknowledgement;
      const isSettled = tcpAcknowledgement === reached && (others & SPOKE) !== 0;
      words[receiver + FLAGS] = others | ACKNOWLEDGED | (isSettled ? SETTLED : 0);
      if ((marks & WATCHED) !== 0) this.#tellAcknowledged(flow, 1 - side, bytesAt(words, receiver, tcpAcknowledgement));
    }
    if (more >= 0) words[sender + ANNOUNCED] = packet.tcpWindow;
    if (payloadStart < payloadEnd) this.#deliver(flow, side, packet);
    if ((words[row + CONNECTION_AT.flags] & WATCHED) !== 0) this.#settle(flow, side);
    return true;
  }

  #tellAcknowledged(flow: number, side: number, bytes: number): void {
    if (bytes > 0) this.#sink.acknowledged(flow, side, bytes);
  }

  #deliver(flow: number, side: number, packet: Packet): void {
    const { words } = this.#rows;
    const row = flow * CONNECTION_WORDS;
    const sender = directionAt(flow, side);
    const { bytes, payloadStart, payloadEnd } = packet;
    const length = payloadEnd - payloadStart;
    const next = words[sender + NEXT];
    if ((words[row + CONNECTION_AT.flags] & WATCHED) !== 0) this.#nameOrigin(flow, side, packet.tcpAcknowledgement);
    const owner = words[row + CONNECTION_AT.owner] + side;
    words[sender + MEMORY] = this.#memory.append(owner, words[sender + MEMORY], next, bytes, payloadStart, length);
    advanceAt(words, sender, length);
    words[sender + FLAGS] |= SPOKE;
    this.#sink.data(flow, side, bytes, payloadStart, payloadEnd);
  }

  /** The next bytes of a side come out of the segment in hand. */
  #nameOrigin(flow: number, side: number, acknowledgement: number): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    const { words } = this.#rows;
    const sender = directionAt(flow, side);
    const receiver = directionAt(flow, 1 - side);
    const { frame, seconds, nanoseconds } = this.#moment;
    origin.frame = frame;
    origin.seconds = seconds;
    origin.nanoseconds = nanoseconds;
    origin.isResent = false;
    origin.acknowledged = bytesAt(words, receiver, acknowledgement);
    origin.at = bytesAt(words, sender, words[sender + NEXT]);
  }

  /** The segment in hand is taken: can the sides be expected to speak before the next one? See `TcpWatch.settle`. */
  #settle(flow: number, side: number): void {
    const { words } = this.#rows;
    const sender = directionAt(flow, side);
    const receiver = directionAt(flow, 1 - side);
    const waits = this.#waits(sender) || this.#waits(receiver);
    const isOtherSeen = (words[flow * CONNECTION_WORDS + CONNECTION_AT.flags] & (SEEN << (1 - side))) !== 0;
    this.#turn(sender, flow * 2 + side, waits || (isOtherSeen && words[receiver + ANNOUNCED] === 0));
    this.#turn(receiver, flow * 2 + 1 - side, waits || words[sender + ANNOUNCED] === 0);
  }

  /** Do bytes of a direction wait for their acknowledgement? */
  #waits(at: number): boolean {
    const { words } = this.#rows;
    const acknowledged = (words[at + FLAGS] & ACKNOWLEDGED) !== 0 ? words[at + ACKNOWLEDGED_TO] : words[at + FIRST];
    return ahead(words[at + NEXT], acknowledged) > 0;
  }

  #turn(at: number, key: number, isStalled: boolean): void {
    const { words } = this.#rows;
    const flags = words[at + FLAGS];
    if (((flags & STALLED) !== 0) === isStalled) return;
    words[at + FLAGS] = flags ^ STALLED;
    this.#stalls.turn(key, isStalled, this.#moment.seconds + this.#moment.nanoseconds * 1e-9);
  }
}
