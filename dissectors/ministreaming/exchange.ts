/**
 * One message in its connection: what a rule gets to see. Reused for every message; the tracker fills it before the
 * rules run, and what it shows is the state before the message.
 */
import { ALL_REMARKS, hex, type Message, type Outcome, SKIP } from '../../src/sdk.ts';
import { LAYOUTS, TYPE } from './layouts.ts';
import { type Moment, NEVER } from './moment.ts';
import type { Session } from './sessions.ts';
import type { Connection, ConnectionTable, Detail } from './state.ts';
import { STATES } from './states.ts';

/** How a message found its connection. */
export const FOUND = {
  /** By the id in its header, where it must be looked up, or by opening it. */
  BY_ID: 0,
  /** By an id of the receiver's, but of its other role. */
  REVERSED: 1,
  /** By an id that the sender itself chose. */
  OWN: 2,
  /** The id names none that was seen, and may name one that was not. */
  LEARNED: 3,
  /** The id names none. */
  UNKNOWN: 4,
  /** It carries the reserved id, which names none. */
  RESERVED: 5,
  /** It belongs to none: no message of the protocol, malformed, or about what was found wrong before. */
  NONE: 6,
} as const;

/**
 * What may be remarkable about a message, as bits of a mask: rules are asked only where one that they name is set. An
 * ordinary message has none: its header is whole and its id names a connection.
 */
export const REMARK = {
  /** Its form cannot be seen at a glance. */
  FORM: 1 << 0,
  /** Its id names no connection where it must, or it gives out a reserved one. */
  ID: 1 << 1,
} as const;

export class Exchange {
  message: Message;
  /** Type number, see `TYPE`. */
  type: number = TYPE.UNKNOWN;
  flow = 0;
  /** End of the flow that sent it, and slot of its connection. */
  side = 0;
  slot = 0;
  /** The identifier in its header, and of an ACK the server id; 0 where they were not captured. */
  id = 0;
  serverId = 0;
  /** How it found its connection, see `FOUND`. */
  found: number = FOUND.NONE;
  /** Mask of `REMARK`. */
  remarks: number = ALL_REMARKS;
  readonly connection: Connection;
  readonly detail: Detail;
  readonly #table: ConnectionTable;
  readonly #other: Connection;
  readonly ignoresChaff: boolean;
  readonly wantsDestination: boolean;

  /** A server id that nobody was seen to give out, and that this message shows to have been; 0 for none. */
  explained = 0;
  /** Of a client's message whose id names none: one of its SYNs was refused a short while ago. */
  isRefused = false;
  /** Of a session that ends, by its ends: when the first SYN of this one came that had no answer, or never. */
  readonly unansweredSince: [Moment, Moment] = [NEVER, NEVER];
  /** The same by its servers: since when one of them has had a connection, or been asked for one, that it did not close since. */
  readonly heldSince: [Moment, Moment] = [NEVER, NEVER];
  /** Of a session that ends: it began before the capture did, though a SYN is the first that was seen of it. */
  isOlder = false;
  /** The session of the message at hand. */
  readonly session: Session;
  /** Of an ACK: is the server id free, and first frame of the connection that has it otherwise. */
  serverIdFree: Outcome = SKIP;
  holderFrame = 0;

  constructor(
    message: Message,
    table: ConnectionTable,
    session: Session,
    dialect: { readonly ignoresChaff: boolean; readonly wantsDestination: boolean },
  ) {
    this.message = message;
    this.session = session;
    this.#table = table;
    this.#other = table.connection();
    this.connection = table.connection();
    this.detail = table.detail();
    this.ignoresChaff = dialect.ignoresChaff;
    this.wantsDestination = dialect.wantsDestination;
  }

  /** Flags of any connection that is remembered. */
  flagsOf(slot: number): number {
    this.#table.seek(this.#other, slot);
    return this.#other.flags;
  }

  /** Capture time of the message in seconds. */
  get now(): number {
    return this.message.seconds + this.message.nanoseconds * 1e-9;
  }

  get messageName(): string {
    if (this.type === TYPE.CHAFF) return 'CHAFF';
    return LAYOUTS[this.type]?.name ?? `unknown type ${hex(this.message.byte(0), 1)}`;
  }

  get state(): string {
    return STATES[this.connection.state];
  }

  /** Is its sender the client of the connection? */
  get fromClient(): boolean {
    return this.connection.clientSide === this.side;
  }

  /** `client` or `server`, for people. */
  get senderRole(): string {
    return this.fromClient ? 'client' : 'server';
  }
}

/** An identifier as it stands on the wire. */
export function idText(id: number): string {
  return hex(id, 3);
}

/** Where the identifier of the header stands, and the server id of an ACK. */
export const ID_BYTES = { offset: 1, length: 3 } as const;
export const SERVER_ID_BYTES = { offset: 4, length: 3 } as const;
export const TYPE_BYTE = { offset: 0, length: 1 } as const;
