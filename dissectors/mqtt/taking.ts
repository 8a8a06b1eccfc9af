/**
 * What a packet adds to what is remembered, once it was judged. A packet that broke a rule was sent all the same, but
 * leaves nothing waiting; a malformed one changes nothing but what its head says for certain.
 */

import { accepts, isLeftOver } from './assess.ts';
import { awaiting } from './due.ts';
import type { Exchange } from './exchange.ts';
import { type Flow, type FlowBook, KIND, STAGE } from './flows.ts';
import { including } from './ids.ts';
import { copyPlace } from './place.ts';
import type { Session } from './session.ts';
import { STANDING } from './standing.ts';
import { PROPERTY, TYPE } from './terms.ts';
import { AWAITED } from './waits.ts';
import type { Watch } from './watch.ts';

export class Taking {
  readonly #exchange: Exchange;
  readonly #watch: Watch;

  constructor(exchange: Exchange, watch: Watch) {
    this.#exchange = exchange;
    this.#watch = watch;
  }

  /**
   * Takes in a packet with an identifier.
   * @param isBroken it broke a rule
   */
  take(isBroken: boolean): void {
    switch (this.#exchange.packet.type) {
      case TYPE.PUBLISH:
        this.#publish(isBroken);
        return;
      case TYPE.PUBACK:
        this.#puback();
        return;
      case TYPE.PUBREC:
        this.#pubrec(isBroken);
        return;
      case TYPE.PUBREL:
        this.#pubrel(isBroken);
        return;
      case TYPE.PUBCOMP:
        this.#pubcomp();
        return;
      case TYPE.SUBSCRIBE:
      case TYPE.UNSUBSCRIBE:
        this.#request(isBroken);
        return;
      default:
        this.#granted();
    }
  }

  /** An acknowledgement to a side that has sent DISCONNECT: it may have taken it, and may not. */
  takeCrossing(): void {
    const { packet, connection, role } = this.#exchange;
    if (packet.type < TYPE.PUBACK || packet.type > TYPE.PUBCOMP || packet.type === TYPE.PUBREL) return;
    const flow = connection.session.books[1 - role].find(packet.id);
    if (flow) flow.isOptional = true;
  }

  /** A malformed packet: its identifier was used, and what it would have acknowledged may be taken for acknowledged. */
  takeMalformed(): void {
    const { packet, connection, role, digest } = this.#exchange;
    const { serial, session } = connection;
    const isRequest =
      packet.type === TYPE.PUBLISH || packet.type === TYPE.SUBSCRIBE || packet.type === TYPE.UNSUBSCRIBE;
    const book = session.books[isRequest || packet.type === TYPE.PUBREL ? role : 1 - role];
    const present = book.find(packet.id);
    if (!isRequest) {
      if (present) this.#loosen(present);
      else if (packet.id < 0) this.#loosenAll(book);
      return;
    }
    if (packet.id <= 0) return;
    const flow = book.begin(packet.id, kindOf(packet), digest, serial, true);
    flow.isFaulty = true;
    this.#send(flow);
    // Its receiver may have taken it all the same.
    if (packet.type !== TYPE.PUBLISH) this.#ask(flow);
  }

  /** What comes on a connection that was taken over may belong to the session that it carried, and may not. */
  loosenIn({ books }: Session): void {
    const { packet, receiver, standing } = this.#exchange;
    for (const book of books) {
      const flow = book.find(packet.id);
      if (flow) flow.isFaulty = true;
    }
    const { type, code } = packet;
    const isLast = type === TYPE.PUBACK || type === TYPE.PUBCOMP || (type === TYPE.PUBREC && !accepts(code));
    if (isLast && standing === STANDING.UNTOLD) receiver.outstanding = Math.max(0, receiver.outstanding - 1);
  }

  /** Which flow the packet acknowledges could not be read. */
  #loosenAll(book: FlowBook): void {
    const { connection, packet, sender, receiver, role } = this.#exchange;
    book.loosen();
    const owner = packet.type === TYPE.PUBREL ? sender : receiver;
    owner.outstanding = 0;
    for (const side of connection.sides)
      for (const due of [side.pubacksDue, side.pubrecsDue, side.pubrelsDue]) due.clear();
    connection.waits[role === 0 ? 1 : 0].clear();
  }

  /** What became of a flow is not certain any more: nobody is accused over it. */
  #loosen(flow: Flow): void {
    const { connection } = this.#exchange;
    flow.enter(connection.serial);
    for (const side of connection.sides) side.leaveOut(flow);
    this.#watch.drop(flow.wait);
    flow.isFaulty = true;
    flow.send(0);
    flow.release(0);
    this.#free(flow);
  }

  #send(flow: Flow): void {
    flow.send(this.#exchange.message.ordinal);
    flow.transmissions++;
    copyPlace(this.#exchange.message, flow);
  }

  #publish(isBroken: boolean): void {
    const exchange = this.#exchange;
    const { packet, connection, sender, standing, role, level } = exchange;
    const book = connection.session.books[role];
    const flow = this.#flowOfPublish(book);
    const isAgain = flow.transmissions > 0;
    if (isBroken && !isAgain && flow.born === connection.serial) flow.isWeak = true;
    if (flow.stage === STAGE.RELEASED && isLeftOver(exchange, flow)) flow.stage = STAGE.SENT;
    this.#send(flow);
    sender.published = including(sender.published, packet.id);
    if (standing === STANDING.FRESH || standing === STANDING.EXCUSED) sender.released.delete(packet.id);
    if (standing === STANDING.FRESH) sender.refused.delete(packet.id);
    if (isAgain || (packet.dup && flow.stage === STAGE.OVER)) sender.repeated = including(sender.repeated, packet.id);
    if (level === 5 && !isAgain && standing !== STANDING.IN_USE && flow.stage !== STAGE.OVER) sender.outstanding++;
    if (flow.born !== connection.serial && !isAgain && flow.hasOrder)
      sender.resentOrder = Math.max(sender.resentOrder, flow.order);
    if (flow.stage === STAGE.OVER) return;
    const isRepeated = packet.dup || flow.isCrossed || sender.repeated.has(packet.id);
    flow.hasPlace = !isAgain && !isRepeated && flow.born === connection.serial;
    if (!flow.hasPlace) {
      sender.pubacksDue.leaveOut(flow);
      sender.pubrecsDue.leaveOut(flow);
    } else if (!isBroken && flow.kind === KIND.QOS1) sender.pubacksDue = awaiting(sender.pubacksDue, flow);
    else if (!isBroken) sender.pubrecsDue = awaiting(sender.pubrecsDue, flow);
    if (isBroken || isAgain || flow.stage !== STAGE.SENT) return;
    flow.wait = this.#watch.begin(AWAITED.ACKNOWLEDGEMENT);
  }

  /** The flow that a PUBLISH belongs to, begun where it begins one. */
  #flowOfPublish(book: FlowBook): Flow {
    const { packet, connection, standing, flow: present, digest, sender, receiver } = this.#exchange;
    const { serial } = connection;
    const begins =
      standing === STANDING.FRESH ||
      standing === STANDING.EXCUSED ||
      standing === STANDING.IN_USE ||
      standing === STANDING.RESUMED_IN_USE ||
      standing === STANDING.DUP_FIRST ||
      standing === STANDING.CARRIED_OVER;
    if (!begins && present) return present;
    if (present && standing !== STANDING.IN_USE) book.end(present);
    const isCrossed = !begins && (book.used.has(packet.id) || standing === STANDING.RESENT);
    const wasHere = sender.published.has(packet.id);
    const flow = book.begin(packet.id, kindOf(packet), digest, serial, standing === STANDING.IN_USE);
    if (isCrossed && wasHere) flow.stage = STAGE.OVER;
    flow.isCrossed = isCrossed;
    flow.hasOrder = !packet.dup;
    if (present && standing === STANDING.IN_USE) {
      flow.isAmbiguous = true;
      present.isAmbiguous = true;
      sender.leaveOut(present);
      receiver.leaveOut(present);
    }
    this.#describe(flow);
    return flow;
  }

  #describe(flow: Flow): void {
    const { packet, message, now, match, role } = this.#exchange;
    flow.length = message.length;
    flow.isRetained = packet.retain;
    if (packet.properties.has(PROPERTY.MESSAGE_EXPIRY))
      flow.expires = now + packet.properties.value[PROPERTY.MESSAGE_EXPIRY];
    flow.isShared = role === 1 && match !== undefined && match.isShared;
  }

  #puback(): void {
    const { flow, standing, receiver, sender } = this.#exchange;
    if (!flow || standing === STANDING.UNKNOWN || standing === STANDING.UNTOLD) return;
    receiver.pubacksDue.settle(flow);
    receiver.pubrecsDue.settle(flow);
    sender.pubrelsDue.settle(flow);
    flow.sent = Math.max(0, flow.sent - 1);
    this.#over(flow);
  }

  #pubrec(isBroken: boolean): void {
    const { packet, flow, standing, sender, receiver } = this.#exchange;
    if (!flow || standing === STANDING.UNKNOWN || standing === STANDING.UNTOLD) {
      sender.strayPubrecs = including(sender.strayPubrecs, packet.id);
      return;
    }
    receiver.pubrecsDue.settle(flow);
    receiver.pubacksDue.settle(flow);
    flow.sent = Math.max(0, flow.sent - 1);
    if (standing === STANDING.WRONG_TYPE) {
      this.#over(flow);
      return;
    }
    if (!accepts(packet.code)) {
      receiver.refused = including(receiver.refused, packet.id);
      this.#over(flow);
      return;
    }
    if (flow.stage !== STAGE.SENT) return;
    this.#watch.answered(flow.wait);
    flow.stage = STAGE.RECEIVED;
    flow.isWeak = false;
    copyPlace(this.#exchange.message, flow);
    flow.wait = isBroken || flow.isAmbiguous ? undefined : this.#watch.begin(AWAITED.PUBREL);
    if (!isBroken && flow.hasPlace && !flow.isAmbiguous) sender.pubrelsDue = awaiting(sender.pubrelsDue, flow);
  }

  #pubrel(isBroken: boolean): void {
    const { packet, standing, connection, sender, receiver, role, message } = this.#exchange;
    const book = connection.session.books[role];
    let { flow } = this.#exchange;
    if (!flow) {
      flow = book.begin(packet.id, KIND.QOS2, 0, connection.serial, true);
      flow.stage = STAGE.OVER;
      // It answers nothing of this connection: an earlier one carried the PUBREC.
      flow.isCrossed = !sender.released.has(packet.id) && !receiver.strayPubrecs.has(packet.id);
    }
    sender.released = including(sender.released, packet.id);
    receiver.strayPubrecs.delete(packet.id);
    receiver.pubrelsDue.settle(flow);
    flow.release(message.ordinal);
    flow.transmissions++;
    copyPlace(message, flow);
    if (flow.stage === STAGE.OVER) return;
    const isAgain =
      flow.stage === STAGE.RELEASED && standing === STANDING.RIGHT && flow.wait?.awaited === AWAITED.PUBCOMP;
    flow.stage = STAGE.RELEASED;
    if (isAgain) return;
    this.#watch.answered(flow.wait);
    flow.wait = isBroken || flow.isAmbiguous ? undefined : this.#watch.begin(AWAITED.PUBCOMP);
  }

  #pubcomp(): void {
    const { flow, standing, receiver, sender } = this.#exchange;
    if (!flow || standing === STANDING.UNKNOWN || standing === STANDING.UNTOLD) return;
    receiver.pubrecsDue.settle(flow);
    receiver.pubacksDue.settle(flow);
    sender.pubrelsDue.settle(flow);
    if (standing === STANDING.RIGHT) flow.released = Math.max(0, flow.released - 1);
    else flow.sent = Math.max(0, flow.sent - 1);
    this.#over(flow);
  }

  /** A flow has its last acknowledgement. */
  #over(flow: Flow): void {
    this.#free(flow);
    if (flow.stage !== STAGE.OVER) {
      this.#watch.answered(flow.wait);
      flow.wait = undefined;
    }
    this.#book.end(flow);
  }

  /** A place in the window of what the flow's sender may have under way is free, whichever PUBLISH had filled it (§4.9). */
  #free(flow: Flow): void {
    const { receiver, sender, packet, connection, now } = this.#exchange;
    const owner = packet.type === TYPE.PUBREL || packet.type === TYPE.PUBLISH ? sender : receiver;
    const peer = owner === sender ? receiver : sender;
    const wasFull = owner.outstanding >= peer.announced.receiveMaximum;
    if (flow.isPublish) owner.outstanding = Math.max(0, owner.outstanding - 1);
    // Until now its sender had to keep the rest back, or did well to.
    if (wasFull || flow.born !== connection.serial || flow.isCrossed) owner.freeSince = now;
  }

  get #book(): FlowBook {
    const { connection, role } = this.#exchange;
    return connection.session.books[1 - role];
  }

  #request(isBroken: boolean): void {
    const { packet, connection, standing, flow: present, role, digest, message } = this.#exchange;
    const book = connection.session.books[role];
    if (standing === STANDING.RIGHT && present) {
      // A retry asks once more, and has an answer of its own.
      this.#send(present);
      this.#ask(present);
      return;
    }
    if (present && standing !== STANDING.IN_USE) book.end(present);
    const flow = book.begin(packet.id, kindOf(packet), digest, connection.serial, standing === STANDING.IN_USE);
    this.#send(flow);
    flow.isWeak = isBroken;
    // Which of two is answered nobody can tell.
    if (standing === STANDING.IN_USE) {
      flow.isFaulty = true;
      if (present) present.isFaulty = true;
    }
    this.#ask(flow);
    flow.length = message.length;
    const isSubscribe = packet.type === TYPE.SUBSCRIBE;
    if (!isBroken) flow.wait = this.#watch.begin(isSubscribe ? AWAITED.SUBACK : AWAITED.UNSUBACK);
  }

  /** The filters of a SUBSCRIBE or UNSUBSCRIBE, and what a SUBSCRIBE asks for. */
  #ask(flow: Flow): void {
    const { packet, connection } = this.#exchange;
    const { properties } = packet;
    flow.filters = filtersOf(this.#exchange);
    flow.options = packet.filters.slice(0, packet.filterCount).map(({ options }) => options);
    if (packet.type !== TYPE.SUBSCRIBE) return;
    flow.subscriptionId = properties.has(PROPERTY.SUBSCRIPTION_IDENTIFIER) ? (properties.subscriptionIds[0] ?? 0) : 0;
    for (const [place, filter] of flow.filters.entries())
      connection.session.subscriptions.ask(filter, flow.options[place], flow.subscriptionId);
  }

  /** SUBACK or UNSUBACK. */
  #granted(): void {
    const { packet, flow, standing, message, connection } = this.#exchange;
    if (!flow || standing !== STANDING.RIGHT) return;
    if (packet.type === TYPE.SUBACK && flow.kind === KIND.SUBSCRIBE) {
      const { at, length } = packet.codes;
      for (const [place, filter] of flow.filters.entries()) {
        const code = place < length && !flow.isFaulty ? message.byte(at + place) : ASKED;
        connection.session.subscriptions.grant(filter, flow.options[place], code);
      }
    }
    flow.sent = Math.max(0, flow.sent - 1);
    this.#watch.answered(flow.wait);
    flow.wait = undefined;
    this.#book.end(flow);
  }
}

/** What a SUBACK grants where it does not say, or nobody knows which SUBSCRIBE it answers: what was asked for. */
const ASKED = -1;

function kindOf({ type, qos }: Exchange['packet']): number {
  if (type === TYPE.PUBLISH) return qos === 2 ? KIND.QOS2 : KIND.QOS1;
  return type === TYPE.SUBSCRIBE ? KIND.SUBSCRIBE : KIND.UNSUBSCRIBE;
}

/** The filters of the packet in hand, as text. */
export function filtersOf({ packet, message }: Exchange): readonly string[] {
  return packet.filters.slice(0, packet.filterCount).map(({ at, length }) => textOf(message, at, length));
}

const decoder = new TextDecoder();

/** Characters of a part of the packet. */
export function textOf(message: Exchange['message'], at: number, length: number): string {
  const from = message.start + at;
  return decoder.decode(message.bytes.subarray(from, from + length));
}
