/** One connection as a broker has it: who it is, what it has asked for, its Will, and how it ended. Outlives the connection. */
import type { Connection } from '../connection.ts';
import { NOT_YET, type Publication, type Publisher } from './publication.ts';
import type { Span } from './span.ts';

/** Messages of QoS 0 of one connection whose arrival is still to be seen. */
const MOST_UNCONFIRMED = 1_024;

/** An UNSUBSCRIBE that was not answered yet. */
export interface EndAsked {
  readonly filters: readonly string[];
  readonly place: number;
}

/** How far a connection is from its end. */
export interface PresenceEnd {
  /** Place and time, in seconds, of the first sign of it. */
  readonly place: number;
  readonly seconds: number;
  readonly byServer: boolean;
}

export class Presence implements Publisher {
  /** While it is open. */
  connection: Connection | undefined;
  readonly server: string;
  /** Server and Client Identifier; empty where it has none. */
  clientKey = '';
  readonly serial: number;
  readonly level: number;
  readonly isBridge: boolean;
  /** Frame of the CONNECT, and its time in seconds. */
  readonly frame: number;
  readonly seconds: number;
  /** It was accepted, and neither side has ended it. */
  isThere = false;
  /** Identifiers of the server's messages that wait for their acknowledgement, with what they carry. */
  readonly underWay = new Map<number, Publication | undefined>();
  /** Since when, on the server's clock (`ServerClock`), nothing is under way. */
  idleSince = 0;
  /** SUBSCRIBEs and UNSUBSCRIBEs that were not answered, by identifier. */
  readonly asked = new Map<number, readonly Span[]>();
  readonly endsAsked = new Map<number, EndAsked>();
  /** Messages of QoS 0, with the ordinals of their packets: they have arrived when something behind them is answered. */
  readonly #unconfirmed: { readonly ordinal: number; readonly publication: Publication }[] = [];
  will: Publication | undefined = undefined;
  /** Seconds after its end, at least, after which the Will is published. */
  willDelay = 0;
  end: PresenceEnd | undefined = undefined;
  /** The client said DISCONNECT: one that discards the Will, or another one. */
  hasLeft = false;
  wantsWill = false;
  /** It said DISCONNECT, and nobody knows whether that counts. */
  mayHaveLeft = false;
  /** The client's FIN followed on a DISCONNECT that discards the Will. */
  isLeft = false;
  /** It subscribed something that is not known, before it was accepted. */
  isLost = false;
  /** What it did, or another connection of the same client, may make the server end it. */
  isContested = false;
  /** Another connection of the client was accepted later; it has taken up the session before the Will was due. */
  isSucceeded = false;
  isWillVoid = false;

  constructor(connection: Connection, server: string, frame: number, seconds: number) {
    this.connection = connection;
    this.server = server;
    this.serial = connection.serial;
    this.level = connection.level;
    this.isBridge = connection.isBridge;
    this.frame = frame;
    this.seconds = seconds;
  }

  /** Tells its client from others, or the connection where it has no Client Identifier. */
  get publisher(): string {
    return this.clientKey === '' ? `${this.serial}` : this.clientKey;
  }

  sentQos0(publication: Publication, ordinal: number): void {
    if (this.#unconfirmed.length >= MOST_UNCONFIRMED) this.#unconfirmed.shift();
    this.#unconfirmed.push({ ordinal, publication });
  }

  /** The server has answered the client's packet with this ordinal: what came before that has arrived. */
  answered(ordinal: number, place: number): void {
    let count = 0;
    for (const each of this.#unconfirmed) {
      if (each.ordinal >= ordinal) break;
      each.publication.latest = Math.min(each.publication.latest, place);
      count++;
    }
    this.#unconfirmed.splice(0, count);
  }

  /** Ends it, as far as nobody has. */
  ends(end: PresenceEnd): void {
    if (this.end) return;
    this.end = end;
    const { place, byServer } = end;
    const { will } = this;
    if (!will || this.hasLeft) return;
    will.isOut = true;
    if (!byServer && will.latest === NOT_YET) will.earliest = place;
  }
}
