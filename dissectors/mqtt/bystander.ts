/**
 * What sees the whole of a broker (`sees: broker`): packets of all connections, so that what goes in can be held against
 * what comes out. All times are capture time in seconds.
 */
import type { Closing } from '../../src/sdk.ts';
import type { Connection } from './connection.ts';

export interface Bystander {
  /** The well-formed packet in the exchange was judged and taken in. @param isBroken it broke a rule */
  taken(isBroken: boolean): void;
  /** The packet in the exchange is malformed, or crosses a DISCONNECT: who gets it may have taken it all the same. */
  takenMalformed(): void;
  /** A side has ended the connection: FIN, or RST. @param role 0 the client, 1 the server */
  ended(connection: Connection, role: 0 | 1, now: number, isReset: boolean): void;
  /** A connection is over. */
  closed(connection: Connection, now: number, how: Closing): void;
  /** Something that a broker received or sent was not seen, or cannot be read. */
  blinded(): void;
  /** Time has passed. */
  tick(now: number): void;
}
