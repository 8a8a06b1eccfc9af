/**
 * What is known of each client of each server beyond its connections: its session, and whether the server must still
 * have it. Keyed by the server's address and port and the Client Identifier.
 */
import { NONE, type Session } from './session.ts';
import { NEVER } from './terms.ts';

/** What the server has of a client's session at some time. */
export const STORED = {
  /** Nothing is known of it. */
  UNKNOWN: 0,
  /** It must be there; it must be gone; it may be either. */
  THERE: 1,
  GONE: 2,
  EITHER: 3,
} as const;

/** @template Holder what holds its session */
export class Client<Holder = unknown> {
  readonly key: string;
  /** The last accepted connection, if it is open; it carries the session then. */
  connection: Holder | undefined = undefined;
  session: Session | undefined = undefined;
  /** Of the last accepted connection. `undefined` when it had none. */
  userName: string | undefined = undefined;
  /** How many connections of unknown clients there were when its last one was accepted. */
  blind = 0;
  /** A connection of it was accepted. */
  isAccepted = false;
  /** When the last connection was over for the server, in seconds; infinity where it may be open for it. */
  ended = Number.POSITIVE_INFINITY;
  /** When the capture saw it end, in seconds. */
  left = 0;
  /** Seconds that the session outlives its connection, at least and at most. */
  expiryLow = 0;
  expiryHigh = 0;
  /** The last connection was ended by a RST or taken over: a session that ends with it may or may not be there. */
  isTorn = false;
  /** A CONNECT that would have discarded the session had no answer. */
  isUncertain = false;

  /** Identifiers that were in flight when its last session ended. */
  former: ReadonlySet<number> = NONE;
  /** Of the last accepted CONNECT. */
  frame = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** Its session may have become another since. */
  forget(): void {
    this.isAccepted = false;
    this.session = undefined;
    this.former = new Set();
  }

  /** Its last connection is over, or will be: when that was so for the server, and when the capture saw it, in seconds. */
  leave(ended: number, left: number, expiryLow: number, expiryHigh: number): void {
    this.ended = ended;
    this.left = Math.min(ended, left);
    this.expiryLow = expiryLow;
    this.expiryHigh = expiryHigh;
  }

  /**
   * What the server has of its session at `now`, in seconds; clocks may differ by `skew`.
   * @param isOpen its last connection is open
   */
  stored(now: number, skew: number, isOpen: boolean): number {
    if (!this.isAccepted) return STORED.UNKNOWN;
    if (this.isUncertain) return STORED.EITHER;
    const mayBeOpen = isOpen || this.ended === Number.POSITIVE_INFINITY;
    if (this.expiryHigh === 0) return mayBeOpen || this.isTorn ? STORED.EITHER : STORED.GONE;
    if (this.expiryLow === 0) return STORED.EITHER;
    if (isOpen) return STORED.THERE;
    const since = now - this.left;
    if (this.expiryHigh !== NEVER && !mayBeOpen && since > this.expiryHigh + skew) return STORED.GONE;
    return this.expiryLow === NEVER || since < this.expiryLow - skew ? STORED.THERE : STORED.EITHER;
  }
}
