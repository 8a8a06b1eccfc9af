/** What CONNECT, CONNACK, AUTH, PINGREQ, PINGRESP and DISCONNECT add to what is remembered of a connection. */
import type { Attaching } from './attaching.ts';
import { announcing, type Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { copyPlace } from './place.ts';
import { LEVEL, NEVER, PROPERTY, TYPE } from './terms.ts';
import { bytesText } from './texts.ts';
import { AWAITED } from './waits.ts';
import type { Watch } from './watch.ts';

/** A packet that breaks one of these has no place in the conversation: it adds nothing. */
const OUT_OF_PLACE: ReadonlySet<string> = new Set([
  'mqtt/connect-repeated',
  'mqtt/connack-repeated',
  'mqtt/connack-unsolicited',
  'mqtt/after-refusal',
  'mqtt/after-disconnect',
  'mqtt/wrong-direction',
]);

export const isOutOfPlace = (rule: string): boolean => OUT_OF_PLACE.has(rule);

/** Continue Authentication. */
const CONTINUE = 0x18;

export class Connecting {
  readonly #exchange: Exchange;
  readonly #attaching: Attaching;
  readonly #watch: Watch;

  constructor(exchange: Exchange, attaching: Attaching, watch: Watch) {
    this.#exchange = exchange;
    this.#attaching = attaching;
    this.#watch = watch;
  }

  /** A well-formed packet. @param broken id of the rule that it broke, if it broke one */
  take(connection: Connection, broken: string | undefined): void {
    switch (this.#exchange.packet.type) {
      case TYPE.CONNECT:
        this.#connect(connection, broken);
        return;
      case TYPE.CONNACK:
        this.#connack(connection, broken !== undefined);
        return;
      case TYPE.AUTH:
        this.#auth(connection);
        return;
      case TYPE.PINGREQ:
        this.#ping(connection, broken !== undefined);
        return;
      case TYPE.PINGRESP:
        this.#pong(connection);
        return;
      case TYPE.DISCONNECT:
        this.#disconnect(connection, broken !== undefined);
    }
  }

  /** A malformed one: that it was sent is all that counts. */
  takeMalformed(connection: Connection, broken: string | undefined): void {
    const { packet, message, sender } = this.#exchange;
    const { connect, connack } = connection;
    switch (packet.type) {
      case TYPE.CONNECT:
        // What it says counts if the server accepts it.
        if (packet.clientId.at >= 0) this.#connect(connection, broken ?? '');
        else {
          copyPlace(message, connect);
          connect.broken = broken;
        }
        return;
      case TYPE.CONNACK:
        connack.frame = message.frame;
        connack.end = sender.lastOffset;
        this.#watch.answered(connection.connectWait);
        return;
      case TYPE.PINGREQ:
        this.#ping(connection, true);
        return;
      case TYPE.PINGRESP:
        this.#pong(connection);
        return;
      case TYPE.DISCONNECT:
        sender.disconnected = message.frame;
        this.#watch.ended(connection);
    }
  }

  #connect(connection: Connection, broken: string | undefined): void {
    const { packet, message, level, sender } = this.#exchange;
    const { connect } = connection;
    const { properties, connectFlags } = packet;
    copyPlace(message, connect);
    connect.broken = broken;
    connect.clientId =
      packet.clientId.at < 0 ? undefined : bytesText(message, packet.clientId.at, packet.clientId.length);
    connect.userName =
      packet.userName.at < 0 ? undefined : bytesText(message, packet.userName.at, packet.userName.length);
    connect.isClean = (connectFlags & 0x02) !== 0;
    connect.keepAlive = packet.keepAlive;
    connect.hasWill = (connectFlags & 0x04) !== 0;
    connect.willQos = (connectFlags >> 3) & 3;
    connect.willRetain = (connectFlags & 0x20) !== 0;
    const number = (property: number, absent: number) =>
      level === LEVEL.V5 && properties.has(property) ? properties.value[property] : absent;
    connect.expiry = level === LEVEL.V5 ? number(PROPERTY.SESSION_EXPIRY, 0) : connect.isClean ? 0 : NEVER;
    connect.hadExpiry = connect.expiry > 0;
    connect.wantsProblemInformation = number(PROPERTY.REQUEST_PROBLEM_INFORMATION, 1) !== 0;
    connect.wantsResponseInformation = number(PROPERTY.REQUEST_RESPONSE_INFORMATION, 0) === 1;
    connect.authenticationMethod = this.#text(PROPERTY.AUTHENTICATION_METHOD);
    const isCut = connect.clientId === undefined;
    sender.announced = announcing(
      number(PROPERTY.RECEIVE_MAXIMUM, 65_535),
      number(PROPERTY.MAXIMUM_PACKET_SIZE, Number.POSITIVE_INFINITY),
      number(PROPERTY.TOPIC_ALIAS_MAXIMUM, isCut ? MOST_ALIASES : 0),
    );
    this.#attaching.connect(connection);
    if (broken === undefined) connection.connectWait = this.#watch.begin(AWAITED.CONNACK);
  }

  #connack(connection: Connection, isBroken: boolean): void {
    const { packet, message, sender, now } = this.#exchange;
    const { connack } = connection;
    connack.frame = message.frame;
    connack.seconds = now;
    connack.end = sender.lastOffset;
    connack.code = packet.code;
    connack.isSessionPresent = (packet.acknowledgeFlags & 1) !== 0;
    this.#watch.answered(connection.connectWait);
    if (packet.code === 0) {
      this.#limits(connection);
      this.#attaching.accept(connection, connack.isSessionPresent);
      connection.isAccepted = true;
    } else if (packet.code < 0) {
      // Whether it accepts was not captured.
      this.#limits(connection);
      connection.isPartial = true;
    } else {
      this.#attaching.refuse(connection);
      this.#watch.ended(connection);
      if (!isBroken) this.#watch.begin(AWAITED.CLOSE_AFTER_REFUSAL);
    }
  }

  /** What an accepting CONNACK announces. */
  #limits(connection: Connection): void {
    const { packet, level, sender } = this.#exchange;
    const { connack, connect } = connection;
    const { properties } = packet;
    const number = (property: number, absent: number) =>
      level === LEVEL.V5 && properties.has(property) ? properties.value[property] : absent;
    connack.maximumQos = number(PROPERTY.MAXIMUM_QOS, 2);
    connack.retainAvailable = number(PROPERTY.RETAIN_AVAILABLE, 1) !== 0;
    connack.wildcardAvailable = number(PROPERTY.WILDCARD_AVAILABLE, 1) !== 0;
    connack.subscriptionIdsAvailable = number(PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 1) !== 0;
    connack.sharedAvailable = number(PROPERTY.SHARED_AVAILABLE, 1) !== 0;
    connack.keepAlive = number(PROPERTY.SERVER_KEEP_ALIVE, -1);
    sender.announced = announcing(
      number(PROPERTY.RECEIVE_MAXIMUM, 65_535),
      number(PROPERTY.MAXIMUM_PACKET_SIZE, Number.POSITIVE_INFINITY),
      // What was not captured may allow anything.
      packet.isHeadCut ? MOST_ALIASES : number(PROPERTY.TOPIC_ALIAS_MAXIMUM, 0),
    );
    connect.expiry = number(PROPERTY.SESSION_EXPIRY, connect.expiry);
    connect.hadExpiry ||= connect.expiry > 0;
    if (packet.isHeadCut) connack.keepAlive = 0;
  }

  #auth(connection: Connection): void {
    const { packet, fromClient } = this.#exchange;
    connection.isAuthOpen = !fromClient && packet.code === CONTINUE;
    if (fromClient) connection.authOrdinal = connection.ordinal;
    if (!fromClient) this.#watch.answered(connection.connectWait);
  }

  #ping(connection: Connection, isBroken: boolean): void {
    const { pings } = connection;
    if (pings.length >= MOST_PINGS) {
      this.#watch.forget(pings.shift()?.wait, `pings=${MOST_PINGS}`);
      connection.forgottenPings++;
    }
    const wait = isBroken ? undefined : this.#watch.begin(AWAITED.PINGRESP);
    const { ordinal, frame, seconds, nanoseconds } = this.#exchange.message;
    pings.push({ ordinal, frame, seconds, nanoseconds, wait });
  }

  #pong({ pings }: Connection): void {
    this.#watch.answered(pings.shift()?.wait);
  }

  #disconnect(connection: Connection, isBroken: boolean): void {
    const { packet, message, sender, fromClient, level } = this.#exchange;
    const { connect, fins } = connection;
    const { properties } = packet;
    sender.disconnected = message.frame;
    this.#watch.ended(connection);
    if (!fromClient || level !== LEVEL.V5 || !properties.has(PROPERTY.SESSION_EXPIRY)) return;
    connection.formerExpiry = connect.expiry;
    connect.expiry = properties.value[PROPERTY.SESSION_EXPIRY];
    // The server may have closed before it came, and need not take what was not allowed.
    connection.isExpiryOpen = isBroken || fins[1] !== Number.POSITIVE_INFINITY;
  }

  /** A property's characters, one a byte; undefined where the packet does not have it. */
  #text(property: number): string | undefined {
    const { packet, message, level } = this.#exchange;
    const { properties } = packet;
    if (level !== LEVEL.V5 || !properties.has(property)) return undefined;
    return bytesText(message, properties.at[property], properties.value[property]);
  }
}

/** The largest Topic Alias Maximum. */
const MOST_ALIASES = 65_535;
/** PINGREQs remembered that were not answered. */
const MOST_PINGS = 1024;
