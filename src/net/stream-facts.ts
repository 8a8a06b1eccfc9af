/**
 * What may be asked about a TCP connection at any time, also while one of its segments is in hand: who is the client, what
 * was seen of its beginning, who has spoken. And the one thing that its content may add to what its segments say.
 */

import type { Records } from '../storage/records.ts';
import {
  BEGUN,
  CLIENT_IS_1,
  CLIENT_KNOWN,
  CONNECTION_WORDS,
  Connection,
  Direction,
  FROM_START,
  SEEN,
} from './tcp-connection.ts';

export class StreamFacts {
  readonly #connection: Connection;
  readonly #direction: Direction;

  constructor(rows: Records) {
    this.#connection = new Connection(rows);
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
    for (const side of [0, 1]) {
      this.#direction.look(flow, side);
      this.#direction.flags |= FROM_START;
    }
  }

  #look(flow: number): Connection {
    this.#connection.base = flow * CONNECTION_WORDS;
    return this.#connection;
  }

  #flagsOf(flow: number, side: number): number {
    this.#direction.look(flow, side);
    return this.#direction.flags;
  }
}
