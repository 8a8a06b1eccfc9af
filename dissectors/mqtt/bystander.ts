/**
 * What sees the whole of a broker (`sees: broker`): packets of all connections, so that what goes in can be held against
 * what comes out.
 */
import type { Connection } from './connection.ts';

export interface Bystander {
  /** The well-formed packet in the exchange was taken in. */
  taken(isBroken: boolean): void;
  /** A connection is over; `now` is capture time in seconds. */
  closed(connection: Connection, now: number): void;
}
