/**
 * What may be asked about a TCP connection at any time, also while one of its segments is in hand: who is the client, what
 * was seen of its beginning, who has spoken; where it is watched, how far each side has got. And the one thing that its content may add to what its segments say.
 */

import type { Records } from '../storage/records.ts';
import type { PendingSegments } from './pending.ts';
import type { StallClock } from './stall-clock.ts';
import {
  ACKNOWLEDGED,
  APART,
  ahead,
  BEGUN,
  CLIENT_IS_1,
  CLIENT_KNOWN,
  CONNECTION_WORDS,
  Direction,
  FIN_SEEN,
  FROM_START,
  SEEN,
  STALLED,
  TcpConnection,
  WAITS,
} from './tcp-connection.ts';

/**
 * Against what came before: the next bytes; the next ones, behind which others wait; bytes that came before, all or some of
 * them; behind a gap, beyond all that waits or not.
 */
export type SegmentPlace = 'next' | 'fills' | 'again' | 'overlaps' | 'keep-alive' | 'early' | 'between';

export class StreamFacts {
  readonly #connection: TcpConnection;
  readonly #direction: Direction;

  readonly #pending: PendingSegments;
  readonly #stalls: StallClock;

  constructor(rows: Records, pending: PendingSegments, stalls: StallClock) {
    this.#pending = pending;
    this.#stalls = stalls;
    this.#connection = new TcpConnection(rows);
    this.#direction = new Direction(rows);
  }

  /** The side that sent the SYN; where none was seen, the one that spoke first. */
  clientSide(flow: number): number {
    return this.#look(flow).flags & CLIENT_IS_1 ? 1 : 0;
  }

  /** A SYN or the content shows which side is the client; else the side that spoke first is taken for it. */
  clientIsKnown(flow: number): boolean {
    return (this.#look(flow).flags & CLIENT_KNOWN) !== 0;
  }

  /** Ends that have sent a segment of this connection: bit 0 for end 0, bit 1 for end 1. */
  spoke(flow: number): number {
    return (this.#look(flow).flags / SEEN) & 3;
  }

  /** The handshake was seen, so that the first byte delivered in either direction is the first that was sent. */
  fromStart(flow: number): boolean {
    const begun = this.#flagsOf(flow, 0) | this.#flagsOf(flow, 1);
    return (begun & BEGUN) !== 0 && this.startsWhole(flow, 0) && this.startsWhole(flow, 1);
  }

  /** The first byte delivered of this direction is, or will be, the first that was sent. */
  startsWhole(flow: number, side: number): boolean {
    return (this.#flagsOf(flow, side) & (BEGUN | FROM_START)) !== BEGUN;
  }

  /** Bytes of this side that the other one has acknowledged, lost ones counted; -1 where none of its acknowledgements was seen. */
  acknowledged(flow: number, side: number): number {
    const direction = this.#lookAt(flow, side);
    return direction.has(ACKNOWLEDGED) ? direction.bytesBefore(direction.acknowledged) : -1;
  }

  /** Bytes that this side is known to have sent, lost ones counted. */
  sent(flow: number, side: number): number {
    const direction = this.#lookAt(flow, side);
    return direction.has(BEGUN) ? direction.bytesBefore(this.#pending.sentTo(direction)) : 0;
  }

  /** The number before the first byte of this side, which is that of its SYN; undefined where nothing of it was seen. */
  sequenceBase(flow: number, side: number): number | undefined {
    const direction = this.#lookAt(flow, side);
    return direction.has(BEGUN) ? direction.isn : undefined;
  }

  /** How `length` bytes from a sequence number on would lie in this direction as it stands; asked before they are taken. */
  placeOf(flow: number, side: number, sequence: number, length: number): SegmentPlace {
    const direction = this.#lookAt(flow, side);
    if (length <= 0 || !direction.has(BEGUN)) return 'next';
    const lead = ahead(sequence, direction.next);
    if (lead === 0) return direction.has(WAITS) ? 'fills' : 'next';
    if (lead < 0) return lead + length > 0 ? 'overlaps' : lead === -1 && length === 1 ? 'keep-alive' : 'again';
    return ahead(sequence, this.#pending.sentTo(direction)) >= 0 ? 'early' : 'between';
  }

  /** The side has sent a FIN, and the other one has acknowledged it. */
  finAcknowledged(flow: number, side: number): boolean {
    const direction = this.#lookAt(flow, side);
    return direction.has(FIN_SEEN) && direction.has(ACKNOWLEDGED) && ahead(direction.acknowledged, direction.fin) > 0;
  }

  /**
   * Seconds up to `now`, capture time, in which the side could not be expected to speak. Counted where the connection is
   * watched.
   */
  stalled(flow: number, side: number, now: number): number {
    return this.#stalls.seconds(this.#lookAt(flow, side), now);
  }

  isStalled(flow: number, side: number): boolean {
    return this.#lookAt(flow, side).has(STALLED);
  }

  /** Bytes came behind the frame that acknowledges them. */
  isRecordedApart(flow: number): boolean {
    return (this.#look(flow).flags & APART) !== 0;
  }

  /** Segments of this connection so far. */
  segments(flow: number): number {
    return this.#look(flow).segments;
  }

  /** The content tells who is the client. */
  setClient(flow: number, side: number): void {
    this.#look(flow).setClient(side, true);
  }

  /** The content tells that the first bytes which were seen of either side are the first that it sent. */
  setFromStart(flow: number): void {
    for (const side of [0, 1]) this.#lookAt(flow, side).flags |= FROM_START;
  }

  #look(flow: number): TcpConnection {
    this.#connection.base = flow * CONNECTION_WORDS;
    return this.#connection;
  }

  #flagsOf(flow: number, side: number): number {
    return this.#lookAt(flow, side).flags;
  }

  #lookAt(flow: number, side: number): Direction {
    this.#direction.look(flow, side);
    return this.#direction;
  }
}
