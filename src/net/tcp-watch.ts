/**
 * What is noted of the segments of watched connections besides their bytes: what brought each piece of a stream, and how
 * long each side could not be expected to speak. Costs nothing for connections that nobody watches.
 */

import type { Delivered, Moment, Origin } from './moment.ts';
import type { Packet } from './packet.ts';
import type { PendingSegments } from './pending.ts';
import { StallClock } from './stall-clock.ts';
import {
  ACKNOWLEDGED,
  ahead,
  BEGUN,
  type Direction,
  SEEN,
  STALLED,
  type TcpConnection,
  WATCHED,
  WINDOW,
} from './tcp-connection.ts';

const ACK = 0x10;

export class TcpWatch {
  readonly stalls = new StallClock();
  /** Of the segment in hand, if its connection is watched. */
  readonly inHand: Readonly<Delivered>;
  readonly #inHand: Delivered = { frame: 0, seconds: 0, nanoseconds: 0, isResent: false, acknowledged: -1 };
  readonly #moment: Readonly<Moment>;
  readonly #pending: PendingSegments;
  readonly #origin: Origin | undefined;

  /** @param origin set to what brought the bytes that are handed out; nothing is watched if absent */
  constructor(moment: Readonly<Moment>, pending: PendingSegments, origin: Origin | undefined) {
    this.inHand = this.#inHand;
    this.#moment = moment;
    this.#pending = pending;
    this.#origin = origin;
  }

  /** A connection begins: it is watched if any is. */
  begin(connection: TcpConnection): void {
    if (this.#origin) connection.flags |= WATCHED;
  }

  /** Nothing more is asked of a connection. */
  end(connection: TcpConnection, direction: Direction, flow: number): void {
    connection.flags &= ~WATCHED;
    this.forget(flow);
    for (const side of [0, 1]) {
      direction.look(flow, side);
      direction.flags &= ~STALLED;
    }
  }

  forget(flow: number): void {
    if (this.#origin) this.stalls.forget(flow);
  }

  /** The segment in hand is of the sender, and the first byte of it has the sequence number `start`. */
  take(packet: Packet, start: number, sender: Direction, receiver: Direction): void {
    const { tcpAcknowledgement, tcpFlags } = packet;
    const isKnown =
      (tcpFlags & ACK) !== 0 && receiver.has(BEGUN) && Math.abs(ahead(tcpAcknowledgement, receiver.next)) <= WINDOW;
    const { frame, seconds, nanoseconds } = this.#moment;
    const inHand = this.#inHand;
    inHand.frame = frame;
    inHand.seconds = seconds;
    inHand.nanoseconds = nanoseconds;
    inHand.isResent = ahead(start, this.#pending.sentTo(sender)) < 0;
    inHand.acknowledged = isKnown ? receiver.bytesBefore(tcpAcknowledgement) : -1;
  }

  /** The next bytes of a direction are handed out. @param source what brought them, if that is not the segment in hand */
  handOut(direction: Direction, source: Readonly<Delivered> = this.#inHand): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    origin.frame = source.frame;
    origin.seconds = source.seconds;
    origin.nanoseconds = source.nanoseconds;
    origin.isResent = source.isResent;
    origin.acknowledged = source.acknowledged;
    origin.at = direction.bytesBefore(direction.next);
  }

  /** The segment in hand is taken: can the sides be expected to speak before the next one? */
  settle(connection: TcpConnection, sender: Direction, receiver: Direction): void {
    const now = this.#moment.seconds + this.#moment.nanoseconds * 1e-9;
    this.stalls.set(sender, this.#isStalled(connection, sender, receiver), now);
    this.stalls.set(receiver, this.#isStalled(connection, receiver, sender), now);
  }

  /** Bytes of either side wait for their acknowledgement, or the other one takes none. */
  #isStalled(connection: TcpConnection, direction: Direction, other: Direction): boolean {
    if ((connection.flags & (SEEN << other.side)) !== 0 && other.window === 0) return true;
    return this.#waits(direction) || this.#waits(other);
  }

  #waits(direction: Direction): boolean {
    const acknowledged = direction.has(ACKNOWLEDGED) ? direction.acknowledged : direction.first;
    return direction.has(BEGUN) && ahead(this.#pending.sentTo(direction), acknowledged) > 0;
  }
}
