/**
 * Works out what its Packet Identifier says of a packet: whether it begins a flow, goes on with one, and if not, what is
 * wrong.
 */
import type { Exchange } from './exchange.ts';
import { type Flow, type FlowBook, KIND, STAGE, UNREAD } from './flows.ts';
import { STANDING } from './standing.ts';
import { REFUSAL, TYPE } from './terms.ts';

/** Sets `standing` and `flow`. The packet is well-formed and has an identifier. */
export function assess(exchange: Exchange): void {
  const { packet, connection, role } = exchange;
  const { books } = connection.session;
  switch (packet.type) {
    case TYPE.PUBLISH:
      stand(exchange, packet.dup ? assessDup(exchange, books[role]) : assessNew(exchange, books[role]));
      return;
    case TYPE.SUBSCRIBE:
    case TYPE.UNSUBSCRIBE:
      stand(exchange, assessRequest(exchange, books[role]));
      return;
    case TYPE.PUBREL:
      stand(exchange, assessPubrel(exchange, books[role]));
      return;
    default:
      stand(exchange, assessAcknowledgement(exchange, books[1 - role]));
  }
}

function stand(exchange: Exchange, standing: number): void {
  exchange.standing = standing;
}

/** The flow under the identifier in hand, with its numbers those of this connection. */
function live({ packet, connection }: Exchange, book: FlowBook, isQos2 = false): Flow | undefined {
  const flow = book.find(packet.id, isQos2);
  flow?.enter(connection.serial);
  return flow;
}

/** A PUBLISH with DUP 0. */
function assessNew(exchange: Exchange, book: FlowBook): number {
  const flow = live(exchange, book);
  exchange.flow = flow;
  if (flow === undefined) return STANDING.FRESH;
  if (flow.isFaulty || flow.isWeak) return STANDING.EXCUSED;
  if (!flow.isPublish) return STANDING.IN_USE;
  if (isLeftOver(exchange, flow)) return STANDING.EXCUSED;
  if (flow.digest === UNREAD || exchange.digest === UNREAD) return STANDING.UNTOLD;
  if (flow.digest === exchange.digest)
    return flow.stage === STAGE.RELEASED ? STANDING.AFTER_PUBREL : STANDING.DUP_MISSING;
  return inUse(exchange, flow);
}

/**
 * Is the flow left from an earlier connection, and nobody knows what became of it? The session began with this one, and a
 * client of 3.1.1 keeps its own state; or there may have been connections that were not seen.
 */
export function isLeftOver({ connection: { session, serial } }: Exchange, flow: Flow): boolean {
  return (session.began === serial || !session.isKnown) && flow.born !== serial && !flow.isHere(serial);
}

/** A SUBSCRIBE or UNSUBSCRIBE. */
function assessRequest(exchange: Exchange, book: FlowBook): number {
  const flow = live(exchange, book);
  exchange.flow = flow;
  if (flow === undefined) return STANDING.FRESH;
  if (flow.isFaulty || flow.isWeak) return STANDING.EXCUSED;
  const kind = exchange.packet.type === TYPE.SUBSCRIBE ? KIND.SUBSCRIBE : KIND.UNSUBSCRIBE;
  if (exchange.level !== 5 && flow.kind === kind) {
    if (flow.digest === UNREAD || exchange.digest === UNREAD) return STANDING.UNTOLD;
    if (flow.digest === exchange.digest) return STANDING.RIGHT;
  }
  return inUse(exchange, flow);
}

function inUse(exchange: Exchange, flow: Flow): number {
  const { connection, receiver, now } = exchange;
  if (flow.isHere(connection.serial)) return STANDING.IN_USE;
  if (isLeftOver(exchange, flow)) return STANDING.EXCUSED;
  return mustBeResent(flow, receiver.announced.maximumPacketSize, connection.connack, now)
    ? STANDING.RESUMED_IN_USE
    : STANDING.EXCUSED;
}

/** What a CONNACK says that binds a client's PUBLISHes. */
export interface ClientLimits {
  readonly maximumQos: number;
  readonly retainAvailable: boolean;
}

/**
 * Must a flow of an earlier connection be sent again in this one (Certainty 15)?
 * @param connack the limits that bind a client; a server's PUBLISH is within them anyway
 */
export function mustBeResent(flow: Flow, maximumPacketSize: number, connack: ClientLimits, now: number): boolean {
  if (!flow.isPublish || flow.isFaulty || flow.isWeak || flow.isOptional) return false;
  if (flow.kind === KIND.QOS1 && (now >= flow.expires || flow.isShared)) return false;
  return !isForbidden(flow, maximumPacketSize, connack);
}

/** Do the limits of a connection forbid to send the flow's PUBLISH again in it (3.1.2-25)? */
export function isForbidden(flow: Flow, maximumPacketSize: number, connack: ClientLimits): boolean {
  if (flow.stage !== STAGE.SENT) return false;
  if (flow.length > maximumPacketSize) return true;
  return flow.kind > connack.maximumQos || (flow.isRetained && !connack.retainAvailable);
}

/** The flow that a PUBLISH with DUP 1 goes on with: where two are under its identifier, that with its content. */
function repeated(exchange: Exchange, book: FlowBook): Flow | undefined {
  const { packet, connection, digest } = exchange;
  const newest = live(exchange, book);
  if (newest?.other === undefined || newest.digest === digest) return newest;
  for (let flow: Flow | undefined = newest; flow !== undefined; flow = flow.other) {
    if (flow.stage === STAGE.OVER || flow.digest !== digest || !flow.isPublish) continue;
    if (flow.kind !== packet.qos) continue;
    flow.enter(connection.serial);
    return flow;
  }
  return newest;
}

/** A PUBLISH with DUP 1. */
function assessDup(exchange: Exchange, book: FlowBook): number {
  const { packet, connection, sender, level } = exchange;
  const flow = repeated(exchange, book);
  exchange.flow = flow?.isPublish ? flow : undefined;
  if (flow?.isPublish) {
    if (flow.isFaulty || isLeftOver(exchange, flow)) return STANDING.RIGHT;
    if (flow.stage === STAGE.RELEASED) return STANDING.AFTER_PUBREL;
    return flow.isHere(connection.serial) && level === 5 ? STANDING.RESENT : STANDING.RIGHT;
  }
  if (sender.published.has(packet.id)) return level === 5 ? STANDING.RESENT : STANDING.RIGHT;
  if (book.used.has(packet.id)) return STANDING.RIGHT;
  return neverUsed(exchange);
}

/** DUP 1 under an identifier that its sender has never used in this session. */
function neverUsed({ packet, connection, fromClient, knowsConnack }: Exchange): number {
  const { session, serial } = connection;
  if (fromClient && connection.keepsOwnState) return STANDING.RIGHT;
  // Before it can know of the CONNACK, a client knows by Clean Session or Clean Start alone that the session is new.
  if (fromClient && !knowsConnack && !connection.connect.isClean) return STANDING.UNTOLD;
  if (fromClient && session.former.has(packet.id)) return STANDING.CARRIED_OVER;
  if (!session.isKnown) return STANDING.UNTOLD;
  return session.began === serial ? STANDING.DUP_FIRST : STANDING.RIGHT;
}

/** Where two are under the identifier, the flow that a PUBREL is due for. */
function received({ packet, connection }: Exchange, book: FlowBook): Flow | undefined {
  const newest = book.open.get(packet.id);
  if (newest?.other === undefined) return undefined;
  let oldest: Flow | undefined;
  for (let flow: Flow | undefined = newest; flow !== undefined; flow = flow.other)
    if (flow.stage === STAGE.RECEIVED) oldest = flow;
  if (oldest) oldest.isFaulty ||= book.isLoose(oldest);
  oldest?.enter(connection.serial);
  return oldest;
}

function assessPubrel(exchange: Exchange, book: FlowBook): number {
  const { packet, connection, sender, receiver, level, fromClient } = exchange;
  const { session } = connection;
  const flow = received(exchange, book) ?? live(exchange, book, true);
  exchange.flow = flow;
  if (flow) {
    if (flow.isFaulty || (flow.isWeak && flow.stage === STAGE.SENT)) return STANDING.RIGHT;
    if (flow.stage === STAGE.SENT) return STANDING.EARLY_PUBREL;
    if (flow.stage === STAGE.RELEASED && level === 5 && sender.released.has(packet.id)) return STANDING.RESENT;
    return STANDING.RIGHT;
  }
  if (receiver.strayPubrecs.has(packet.id)) return STANDING.RIGHT;
  if (sender.released.has(packet.id)) return level === 5 ? STANDING.RESENT : STANDING.RIGHT;
  if (sender.refused.has(packet.id)) return STANDING.PUBREL_AFTER_REFUSAL;
  if (book.usedForQos2.has(packet.id) || (fromClient && connection.keepsOwnState)) return STANDING.RIGHT;
  return session.isKnown ? STANDING.UNKNOWN_PUBREL : STANDING.UNTOLD;
}

/** PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK. @param book that of the sender of what it acknowledges */
function assessAcknowledgement(exchange: Exchange, book: FlowBook): number {
  const { packet, connection } = exchange;
  const awaiting = awaitingFlow(exchange, book);
  exchange.flow = awaiting;
  if (awaiting) return STANDING.RIGHT;
  if (book.crowded.has(packet.id)) return STANDING.UNTOLD;
  const flow = live(exchange, book);
  exchange.flow = flow;
  if (flow?.isFaulty) return STANDING.RIGHT;
  if (flow?.isPublish && flow.isHere(connection.serial)) {
    const isQos2 = flow.kind === KIND.QOS2;
    if (packet.type === TYPE.PUBACK && isQos2) return STANDING.WRONG_TYPE;
    if (packet.type === TYPE.PUBREC && !isQos2) return STANDING.WRONG_TYPE;
    if (packet.type === TYPE.PUBCOMP && (!isQos2 || flow.stage === STAGE.SENT)) return STANDING.WRONG_TYPE;
    if (packet.type === TYPE.PUBCOMP && flow.stage === STAGE.RECEIVED) return STANDING.EARLY_PUBCOMP;
  }
  return connection.session.isKnown ? STANDING.UNKNOWN : STANDING.UNTOLD;
}

/** The flow that this acknowledgement is for: the oldest in flight, else one that is over and was sent once more. */
function awaitingFlow({ packet, connection }: Exchange, book: FlowBook): Flow | undefined {
  let open: Flow | undefined;
  let over: Flow | undefined;
  for (let flow = book.open.get(packet.id); flow !== undefined; flow = flow.other) {
    flow.enter(connection.serial);
    if (!awaits(flow, packet.type)) continue;
    if (flow.stage !== STAGE.OVER) open = flow;
    over ??= flow;
  }
  return open ?? over;
}

function awaits({ kind, sent, released }: Flow, type: number): boolean {
  switch (type) {
    case TYPE.PUBACK:
      return kind === KIND.QOS1 && sent > 0;
    case TYPE.PUBREC:
      return kind === KIND.QOS2 && sent > 0;
    case TYPE.PUBCOMP:
      return kind === KIND.QOS2 && released > 0;
    case TYPE.SUBACK:
      return kind === KIND.SUBSCRIBE && sent > 0;
    default:
      return kind === KIND.UNSUBSCRIBE && sent > 0;
  }
}

/** Does the code accept what it answers? So does an answer without one (-1), as in 3.1.1. */
export function accepts(code: number): boolean {
  return code < REFUSAL;
}
