/**
 * The short way of an ordinary packet: one of those that `Packet.readPlain` reads, in a connection about which nothing is
 * out of the ordinary (`isPlain`). It does exactly what the whole way does (`judging.ts`), or nothing. It is short because
 * most of what a packet may mean, and may change, is ruled out from the beginning. Whether a rule has something to say the
 * judge decides by the same remarks, and what the packet adds to what is remembered is added by the same hands.
 */
import type { TrackerHost } from '../../src/sdk.ts';
import type { Connecting } from './connecting.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { type Flow, KIND, STAGE } from './flows.ts';
import type { Judging } from './judging.ts';
import { LAYOUTS, layoutIndex } from './layouts.ts';
import { eventOf, STATES } from './machine.ts';
import { digestOf, type Reading } from './reading.ts';
import { plainRemarks, remarksInConversation } from './remarks.ts';
import { STANDING } from './standing.ts';
import type { Taking } from './taking.ts';
import { editionNumber, LEVEL, TYPE } from './terms.ts';

const CONNECTED = STATES.indexOf('CONNECTED');
const NEVER = Number.POSITIVE_INFINITY;

/** What it shares with the whole way. */
export interface OrdinaryParts {
  readonly reading: Reading;
  readonly judging: Judging;
  readonly connecting: Connecting;
  readonly taking: Taking;
}

export class Ordinary {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #reading: Reading;
  readonly #judging: Judging;
  readonly #connecting: Connecting;
  readonly #taking: Taking;

  constructor(
    host: TrackerHost<Exchange>,
    exchange: Exchange,
    { reading, judging, connecting, taking }: OrdinaryParts,
  ) {
    this.#host = host;
    this.#exchange = exchange;
    this.#reading = reading;
    this.#judging = judging;
    this.#connecting = connecting;
    this.#taking = taking;
  }

  /** Judges the packet in the exchange and takes in what it says, if it is an ordinary one; else false, and nothing is changed. */
  takes(connection: Connection): boolean {
    connection.plain ??= isPlain(connection);
    if (!connection.plain) return false;
    const exchange = this.#exchange;
    exchange.level = connection.level;
    if (this.#take(connection)) return true;
    exchange.clear();
    return false;
  }

  #take(connection: Connection): boolean {
    const exchange = this.#exchange;
    const { packet, message, level, fromClient } = exchange;
    if (!packet.readPlain(message, level, fromClient)) return false;
    this.#reading.measure(connection);
    if (!this.#isInPlace(connection)) return false;
    const { type } = packet;
    const { subject } = exchange;
    const layout = layoutIndex(type, level);
    exchange.type = layout;
    subject.edition = editionNumber(level);
    const remarks = plainRemarks(packet) | remarksInConversation(exchange);
    if (!this.#host.judge.passesUnasked(layout, exchange, subject.edition, remarks)) return false;
    subject.messageName = LAYOUTS[layout].name;
    this.#host.machineRun.edition = subject.edition;
    this.#reading.advance(connection);
    this.#judging.step(connection, exchange.role, eventOf(type), true);
    if (type === TYPE.PUBLISH && packet.qos > 0) this.#reading.identify(exchange.topicDigest);
    this.#reading.note();
    this.#connecting.take(connection, undefined);
    if (packet.id > 0) this.#taking.take(false);
    this.#reading.finish(connection);
    return true;
  }

  /** Works out what the packet is about, as far as that is ordinary. */
  #isInPlace(connection: Connection): boolean {
    const { type } = this.#exchange.packet;
    this.#judging.begin();
    if (type === TYPE.PUBLISH) return this.#isFreshPublish(connection);
    if (type === TYPE.PUBACK) return this.#isDuePuback(connection);
    if (type === TYPE.PINGREQ) return true;
    if (connection.pings.length === 0) return false;
    this.#reading.answer(connection);
    this.#judging.noteAnswered();
    return true;
  }

  /** Of the server only on a topic that was compared with the subscriptions before. */
  #isFreshPublish({ session }: Connection): boolean {
    const exchange = this.#exchange;
    const { packet, message, role } = exchange;
    const { qos, id, topic } = packet;
    if (qos > 0) {
      if (id === 0 || session.books[role].open.has(id)) return false;
      exchange.standing = STANDING.FRESH;
    } else if (role === 0) return true;
    const from = message.start + topic.at;
    exchange.topicDigest = digestOf(message.bytes, from, topic.length, 0);
    if (role === 0) return true;
    const known = session.subscriptions.known(exchange.topicDigest, message.bytes, from, topic.length);
    if (!known) return false;
    exchange.topic = known.topic;
    exchange.match = known.match;
    return true;
  }

  /** It answers the one PUBLISH of QoS 1 under its identifier, which was sent once, in this connection. */
  #isDuePuback(connection: Connection): boolean {
    const exchange = this.#exchange;
    const { packet, role } = exchange;
    const flow = connection.session.books[1 - role].open.get(packet.id);
    if (flow === undefined || !isOnce(flow, connection)) return false;
    exchange.standing = STANDING.RIGHT;
    exchange.flow = flow;
    this.#reading.order();
    this.#reading.answer(connection);
    this.#judging.noteAnswered();
    return true;
  }
}

function isOnce(flow: Flow, { serial }: Connection): boolean {
  const { kind, stage, sent, transmissions, other } = flow;
  if (kind !== KIND.QOS1 || stage !== STAGE.SENT || other !== undefined) return false;
  return sent === 1 && transmissions === 1 && flow.isHere(serial);
}

/** Is there nothing about the connection that is out of the ordinary? */
function isPlain(connection: Connection): boolean {
  const { level, sides, connack, resendDue, fins } = connection;
  const [client, server] = sides;
  return (
    connection.isAccepted &&
    (level === LEVEL.V311 || level === LEVEL.V5) &&
    connack.frame > 0 &&
    connack.code === 0 &&
    client.state === CONNECTED &&
    server.state === CONNECTED &&
    client.disconnected + server.disconnected === 0 &&
    !(connection.isForeign || connection.isUnknown || connection.isBridge) &&
    !(connection.isUnopened || connection.isPartial || connection.isMidstream) &&
    !(client.isLost || server.isLost || client.isOverWindow || server.isOverWindow) &&
    connection.resetBy < 0 &&
    fins[0] === NEVER &&
    fins[1] === NEVER &&
    resendDue[0] === NEVER &&
    resendDue[1] === NEVER &&
    connection.faultOrdinal === 0 &&
    connection.repeatedConnect === 0 &&
    connection.takenOver === NEVER &&
    connection.takenFrom === undefined
  );
}
