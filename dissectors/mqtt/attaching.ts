/**
 * Which session a connection carries. A CONNECT opens one of its own, in which is kept what the client sends before it can
 * know more; the CONNACK tells whether the server goes on with a stored one, and the two become one then.
 */
import { KeyedStore, type OwnBound, type TrackerHost } from '../../src/sdk.ts';
import { Client, STORED } from './clients.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { FLOWS_BOUND, KIND } from './flows.ts';
import { NONE, Session } from './session.ts';
import { Subscriptions } from './subscriptions.ts';
import { PROPERTY, TYPE } from './terms.ts';
import { bytesText, keyOf } from './texts.ts';

const NEVER_SEEN = Number.POSITIVE_INFINITY;
/** Filters remembered of one session. */
const MOST_FILTERS = 65_536;

export class Attaching {
  /** Called with an open connection whose client has another, before that one looks at its session. */
  onRival: (connection: Connection) => void = () => {};
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #clients: KeyedStore<Client<Connection>>;
  readonly #address = new Uint32Array(4);
  /** One for all sessions. */
  readonly #onBound: (bound: OwnBound) => void;
  readonly #onFlowsBound: () => void;
  /** Connections so far whose client is not known. */
  #blind = 0;

  constructor(host: TrackerHost<Exchange>, exchange: Exchange) {
    this.#host = host;
    this.#exchange = exchange;
    this.#onBound = bound => host.limitHit(bound);
    this.#onFlowsBound = () => host.limitHit(FLOWS_BOUND);
    this.#clients = new KeyedStore({ most: host.limits.sessions, onFull: () => host.limitHit('sessions') });
  }

  /** Not all of a connection was seen: what became of its client's session is not known, and whose it is may not be either. */
  lose(connection: Connection): void {
    const { connect, client, session } = connection;
    connection.plain = undefined;
    session.isKnown = false;
    client?.forget();
    // It may have been any client's.
    if (connect.clientId !== undefined) return;
    this.#blind++;
    this.#host.across?.holds('blind', '');
  }

  /** A session of which nothing is known. */
  newSession(serial: number, isKnown: boolean): Session {
    return new Session(serial, isKnown, new Subscriptions(MOST_FILTERS, this.#onBound), this.#onFlowsBound);
  }

  /** The CONNECT in hand was taken in: finds what is known of its client. */
  connect(connection: Connection): void {
    const { clientId } = connection.connect;
    if (clientId !== undefined && clientId !== '') this.#find(connection, clientId);
    const { client } = connection;
    connection.session.isKnown = connection.connect.isClean && !connection.isPartial;
    if (connection.isPartial) client?.forget();
    if (connection.connect.isClean) connection.session.former = this.#formerOf(client);
    connection.stored = client === undefined ? STORED.UNKNOWN : this.#stored(client, this.#exchange.now);
    // Until it is answered nobody knows whether what was stored is discarded.
    connection.bringsDoubt = connection.connect.isClean && client?.isUncertain === false;
    if (client && connection.bringsDoubt) client.isUncertain = true;
  }

  /** The CONNACK in hand refuses. */
  refuse({ client, bringsDoubt }: Connection): void {
    if (client && bringsDoubt) client.isUncertain = false;
  }

  /** Before the accepting CONNACK in hand is judged: what it is held against. */
  prepareConnack(connection: Connection): void {
    const exchange = this.#exchange;
    const assigned = this.#assignedId();
    if (assigned !== undefined) this.#find(connection, assigned);
    const { client } = connection;
    exchange.assignedInUse = 0;
    exchange.stored = STORED.UNKNOWN;
    exchange.storedFrame = 0;
    if (!client) return;
    const other = client.connection;
    exchange.storedFrame = client.frame;
    if (assigned !== undefined && other && other !== connection) {
      exchange.assignedInUse = other.connect.frame;
      // Whose session the server keeps under it is not known any more.
      client.forget();
      connection.client = undefined;
    }
    if (assigned !== undefined) return;
    // What the server had may have changed while it thought about the CONNECT: then either answer is right.
    const now = this.#stored(client, exchange.now);
    exchange.stored = now === connection.stored && this.#isSameUser(client) ? now : STORED.EITHER;
    if (client.isAccepted && !this.#isSameUser(client)) exchange.stored = STORED.UNKNOWN;
  }

  /** The accepting CONNACK in hand was judged. */
  accept(connection: Connection, isPresent: boolean): void {
    const { client } = connection;
    if (client?.connection && client.connection !== connection) this.onRival(client.connection);
    const prior = client?.isAccepted && this.#isSameUser(client) ? client.session : undefined;
    // Who has asked for a clean start begins a new session, whatever the server says it has; what has ended is not there.
    const isGone = connection.connect.isClean || this.#exchange.stored === STORED.GONE;
    if (isPresent && prior && connection.level !== 3 && !isGone) {
      prior.leave();
      this.#merge(connection, prior);
    } else this.#begin(connection, isPresent, client);
    connection.isResumed = isPresent && connection.session.began !== connection.serial;
    if (client) this.#occupy(client, connection);
  }

  /**
   * A connection is over.
   * @param now capture time in seconds
   * @param isTorn by a RST
   * @param wasHeard TCP has acknowledged all that the client said
   */
  leave(connection: Connection, now: number, isTorn: boolean, wasHeard: boolean): void {
    const { client } = connection;
    connection.session.leave();
    if (!client) return;
    if (!connection.isAccepted) {
      // What the server answered was not seen.
      if (connection.sides[1].isLost || connection.connack.code < 0) client.isUncertain = true;
      return;
    }
    if (client.connection !== connection) return;
    client.connection = undefined;
    this.#note(client, connection, connection.ended, now, wasHeard);
    client.isTorn = isTorn;
    if (client.expiryHigh > 0) return;
    client.former = connection.session.inFlight();
    client.session = undefined;
  }

  #begin(connection: Connection, isPresent: boolean, client: Client<Connection> | undefined): void {
    const { session } = connection;
    const isTold = connection.level !== 3 || connection.connect.isClean;
    session.isKnown = !isPresent && isTold && !connection.isPartial;
    if (!client?.isAccepted || !this.#isSameUser(client)) return;
    if (!isPresent) session.former = this.#formerOf(client);
    // The client's own state goes on (Certainty 4), if it had one to keep.
    if (connection.keepsOwnState && client.session && client.expiryHigh > 0)
      session.books[0].adopt(client.session.books[0], connection.serial);
  }

  /** Identifiers that were in flight in the session that the client has had. */
  #formerOf(client: Client<Connection> | undefined): ReadonlySet<number> {
    if (!client?.isAccepted || !this.#isSameUser(client)) return NONE;
    return client.session?.inFlight() ?? client.former;
  }

  /** What was sent before the CONNACK belongs to the stored session. */
  #merge(connection: Connection, prior: Session): void {
    const { session } = connection;
    for (const flow of session.books[0].open.values()) {
      if (flow.kind !== KIND.SUBSCRIBE) continue;
      for (const [place, filter] of flow.filters.entries())
        prior.subscriptions.ask(filter, flow.options[place], flow.subscriptionId);
    }
    for (const role of [0, 1] as const) prior.books[role].take(session.books[role], connection.serial);
    connection.session = prior;
  }

  /** The client's last connection, if it is open, is taken over. */
  #occupy(client: Client<Connection>, connection: Connection): void {
    const { connection: other, key } = client;
    if (other && other !== connection) {
      other.plain = undefined;
      other.takenOver = this.#exchange.now;
      other.takeoverOrdinal = other.ordinal;
      other.takeoverOffset = other.sides[0].lastOffset;
      other.takenFrom = other.session;
      other.session = this.newSession(0, false);
      for (const list of other.waits) list.clear();
    }
    client.connection = connection;
    client.session = connection.session;
    client.userName = connection.connect.userName;
    client.frame = connection.connect.frame;
    client.isAccepted = true;
    client.blind = this.#blind;
    client.isUncertain = false;
    client.ended = Number.POSITIVE_INFINITY;
    client.isTorn = false;
    client.expiryLow = connection.connect.expiry;
    client.expiryHigh = connection.connect.expiry;
    this.#clients.set(key, client);
  }

  #stored(client: Client<Connection>, now: number): number {
    const { connection } = client;
    const { ended = NEVER_SEEN, fins = [NEVER_SEEN] } = connection ?? {};
    // It is over for the server, though its other half is still open; or may be, as the client has closed it.
    const left = ended === NEVER_SEEN ? fins[0] : ended;
    if (connection && left !== NEVER_SEEN) this.#note(client, connection, ended, left, true);
    return client.stored(now, this.#exchange.settings.clockSkew, connection !== undefined && left > now);
  }

  #note(client: Client<Connection>, connection: Connection, ended: number, now: number, wasHeard: boolean): void {
    // A DISCONNECT that crossed the server's close, or did not arrive, has changed nothing.
    const { formerExpiry, isExpiryOpen, connect } = connection;
    const other = formerExpiry >= 0 && (isExpiryOpen || !wasHeard) ? formerExpiry : connect.expiry;
    client.leave(ended, now, Math.min(connect.expiry, other), Math.max(connect.expiry, other));
  }

  #isSameUser(client: Client<Connection>): boolean {
    return client.userName === this.#exchange.connection.connect.userName;
  }

  #find(connection: Connection, clientId: string): void {
    if (this.#exchange.settings.sees === 'connection') return;
    const { flow, clientSide } = connection;
    const port = this.#host.flows.copyEndpoint(flow, 1 - clientSide, this.#address);
    // Joined, and not put together: that would be a chain of texts for each client.
    const key = [...this.#address, port, keyOf(clientId)].join(' ');
    // The client may come from another host each time, and any connection that was not seen to begin may have been its.
    this.#host.across?.asks('client', key);
    this.#host.across?.holds('client', key);
    const known = this.#clients.get(key) ?? new Client<Connection>(key);
    if (known.isAccepted && known.blind !== this.#blind) known.forget();
    else if (known.isAccepted) this.#host.across?.asks('blind', '');
    this.#clients.set(key, known);
    if (known.connection && known.connection !== connection) this.onRival(known.connection);
    connection.client = known;
  }

  #assignedId(): string | undefined {
    const { packet, message, level } = this.#exchange;
    const { properties } = packet;
    if (packet.type !== TYPE.CONNACK || level !== 5 || !properties.has(PROPERTY.ASSIGNED_CLIENT_IDENTIFIER))
      return undefined;
    return bytesText(
      message,
      properties.at[PROPERTY.ASSIGNED_CLIENT_IDENTIFIER],
      properties.value[PROPERTY.ASSIGNED_CLIENT_IDENTIFIER],
    );
  }
}
