/**
 * Bytes that an acknowledgement covers and no segment brought: they were sent, so the capture is not complete. Looked
 * for in every connection, also where nobody wants the bytes; there it is known of each direction how far it was seen,
 * and of what came early one stretch, which is enough not to take for lost what was only out of order.
 *
 * An acknowledgement may be captured before what it acknowledges, by a card with several queues or by two taps. So it is a
 * sign only when the bytes do not come shortly afterwards, or not before the connection is over. And what was on its way
 * when the capture began proves nothing: of a direction whose SYN was not seen, acknowledgements count from the moment
 * when all that was seen of it was acknowledged, and no more.
 */

import type { Moment } from './moment.ts';
import type { Packet } from './packet.ts';
import {
  APART,
  ahead,
  BEGUN,
  type Direction,
  FIN_SEEN,
  FROM_START,
  MISSED,
  SETTLED,
  SPOKE,
  SUSPECTED,
  type TcpConnection,
  WAITS,
  WINDOW,
} from './tcp-connection.ts';

/** Seconds by which an acknowledgement may be captured too early. */
const EARLY = 0.1;
/** Stretches that are waited for in one direction, and directions in which some are; what is beyond is not waited for. */
const MOST_STRETCHES = 16;
const MOST_DIRECTIONS = 4_096;

const FIN = 0x01;
const RST = 0x04;
const ACK = 0x10;

/** Sequence numbers [from, to) that were acknowledged, and where. */
interface Stretch {
  from: number;
  to: number;
  readonly frame: number;
  readonly time: number;
}

/** Who is notified, of each thing once a connection. */
export interface UnseenSink {
  /** Bytes that this frame acknowledges were not captured. */
  unseenAcknowledged(flow: number, frame: number): void;
  /** Acknowledged bytes have come behind their acknowledgement. */
  apart(flow: number): void;
}

export class UnseenBytes {
  readonly #sink: UnseenSink;
  readonly #moment: Readonly<Moment>;
  /** Directions that were waited for at once, at most. */
  #peak = 0;
  /** By the direction's key. */
  readonly #stretches = new Map<number, Stretch[]>();

  constructor(moment: Readonly<Moment>, sink: UnseenSink) {
    this.#moment = moment;
    this.#sink = sink;
  }

  /** Would there be too many directions to wait for, if there were so many times as many? */
  isCrowded(times: number): boolean {
    return this.#peak * times > MOST_DIRECTIONS;
  }

  /** The acknowledgement in hand passes `length` bytes of a direction, from its sequence number `from` on. */
  acknowledged(connection: TcpConnection, direction: Direction, from: number, length: number): void {
    const counts = direction.has(FROM_START | SETTLED);
    direction.flags &= ~SPOKE;
    if (!counts || connection.flags & MISSED) return;
    const { frame, seconds, nanoseconds } = this.#moment;
    const stretches = this.#stretches.get(direction.key) ?? [];
    const full = stretches.length === 0 && this.#stretches.size >= MOST_DIRECTIONS;
    if (full || stretches.length >= MOST_STRETCHES) {
      this.#miss(connection, direction.flow, stretches[0]?.frame ?? frame);
      return;
    }
    stretches.push({ from, to: (from + length) >>> 0, frame, time: seconds + nanoseconds * 1e-9 });
    this.#stretches.set(direction.key, stretches);
    if (this.#stretches.size > this.#peak) this.#peak = this.#stretches.size;
    connection.flags |= SUSPECTED;
  }

  /** A segment of a connection under suspicion brings the sequence numbers [start, end), a FIN counting one. */
  came(connection: TcpConnection, direction: Direction, start: number, end: number): void {
    const stretches = this.#stretches.get(direction.key);
    if (stretches === undefined || start === end) return;
    if (!(connection.flags & APART) && stretches.some(({ from, to }) => ahead(end, from) > 0 && ahead(start, to) < 0)) {
      connection.flags |= APART;
      this.#sink.apart(direction.flow);
    }
    const left = stretches.flatMap(stretch => without(stretch, start, end));
    if (left.length > 0) this.#stretches.set(direction.key, left);
    else {
      this.#stretches.delete(direction.key);
      if (!this.#stretches.has(direction.key ^ 1)) connection.flags &= ~SUSPECTED;
    }
  }

  /** Time has passed in a connection under suspicion. */
  check(connection: TcpConnection, flow: number): void {
    const now = this.#moment.seconds + this.#moment.nanoseconds * 1e-9;
    const oldest = this.#oldest(flow);
    if (oldest && now - oldest.time > EARLY) this.#miss(connection, flow, oldest.frame);
  }

  /** The connection is over: what has not come will not. */
  end(connection: TcpConnection, flow: number): void {
    if ((connection.flags & SUSPECTED) === 0) return;
    const oldest = this.#oldest(flow);
    if (oldest) this.#miss(connection, flow, oldest.frame);
  }

  forget(flow: number): void {
    if (this.#stretches.size === 0) return;
    this.#stretches.delete(flow * 2);
    this.#stretches.delete(flow * 2 + 1);
  }

  /** Looks at a segment of a connection whose bytes nobody wants. */
  pass(connection: TcpConnection, sender: Direction, receiver: Direction, packet: Packet): void {
    const { tcpFlags: flags, tcpSequence: start } = packet;
    // Behind a reset, or a sign, there is nothing more to learn.
    if (flags & RST) connection.flags |= MISSED;
    if (connection.flags & MISSED) return;
    if (sender.has(BEGUN) && Math.abs(ahead(start, sender.next)) > WINDOW) return;
    if (flags & ACK && receiver.has(BEGUN)) this.#passAcknowledgement(connection, receiver, packet.tcpAcknowledgement);
    this.passBytes(connection, sender, start, packet.payloadLength, (flags & FIN) !== 0);
  }

  /** The same of the bytes of a segment alone, from sequence number `start` on. */
  passBytes(connection: TcpConnection, sender: Direction, start: number, length: number, fin: boolean): void {
    const end = (start + length + (fin ? 1 : 0)) >>> 0;
    if (start === end) return;
    if (!sender.has(BEGUN)) sender.begin(start, 0);
    if (fin && !sender.has(FIN_SEEN)) {
      sender.flags |= FIN_SEEN;
      sender.fin = (start + length) >>> 0;
    }
    if (connection.flags & SUSPECTED) this.came(connection, sender, start, end);
    if (ahead(end, sender.next) <= 0) return;
    if (ahead(start, sender.next) <= 0) {
      sender.advance(ahead(end, sender.next));
      sender.flags |= SPOKE;
      joinIsland(sender);
    } else if (!sender.has(WAITS)) {
      sender.flags |= WAITS;
      sender.islandStart = start;
      sender.islandEnd = end;
    } else {
      if (ahead(start, sender.islandStart) < 0) sender.islandStart = start;
      if (ahead(end, sender.islandEnd) > 0) sender.islandEnd = end;
    }
  }

  #passAcknowledgement(connection: TcpConnection, receiver: Direction, acknowledgement: number): void {
    const lead = ahead(acknowledgement, receiver.next);
    if (lead === 0) noteSettled(receiver);
    if (lead <= 0 || lead > WINDOW) return;
    if (receiver.has(FIN_SEEN) && ahead(acknowledgement, receiver.fin) > 1) return;
    const hole = receiver.has(WAITS) ? Math.min(lead, ahead(receiver.islandStart, receiver.next)) : lead;
    this.acknowledged(connection, receiver, receiver.next, hole);
    receiver.advance(hole);
    joinIsland(receiver);
    if (ahead(acknowledgement, receiver.next) > 0) receiver.advance(ahead(acknowledgement, receiver.next));
  }

  #oldest(flow: number): Stretch | undefined {
    const own = this.#stretches.get(flow * 2)?.[0];
    const other = this.#stretches.get(flow * 2 + 1)?.[0];
    return own === undefined || (other !== undefined && other.frame < own.frame) ? other : own;
  }

  #miss(connection: TcpConnection, flow: number, frame: number): void {
    connection.flags = (connection.flags & ~SUSPECTED) | MISSED;
    this.forget(flow);
    this.#sink.unseenAcknowledged(flow, frame);
  }
}

/** All that was seen of a direction is acknowledged, and nothing else: what is acknowledged from here on was sent from here on. */
export function noteSettled(direction: Direction): void {
  if (direction.has(SPOKE)) direction.flags |= SETTLED;
}

/** What came early is not early any more once all before it has come. */
function joinIsland(direction: Direction): void {
  if (!direction.has(WAITS) || ahead(direction.islandStart, direction.next) > 0) return;
  direction.flags &= ~WAITS;
  const rest = ahead(direction.islandEnd, direction.next);
  if (rest > 0) direction.advance(rest);
}

/** What is left of a stretch when [start, end) has come: nothing, it, or a part or two. */
function without(stretch: Stretch, start: number, end: number): Stretch[] {
  const { from, to } = stretch;
  if (ahead(end, from) <= 0 || ahead(start, to) >= 0) return [stretch];
  const left: Stretch[] = [];
  if (ahead(start, from) > 0) left.push({ ...stretch, to: start });
  if (ahead(to, end) > 0) left.push({ ...stretch, from: end });
  return left;
}
