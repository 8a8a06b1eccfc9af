/**
 * Watches all that servers receive and send (`sees: broker`): what was published is held against what is delivered. Here
 * each packet finds its place; who subscribes is in `subscribers.ts`, Wills in `wills.ts`, the judgement in `copies.ts` and
 * `awaited.ts`. From the moment on in which something was not seen, nothing is claimed any more.
 */
import { type Closing, INCONCLUSIVE, type TrackerHost } from '../../../src/sdk.ts';
import { accepts } from '../assess.ts';
import type { Bystander } from '../bystander.ts';
import type { Connection } from '../connection.ts';
import type { Exchange } from '../exchange.ts';
import type { Flow } from '../flows.ts';
import { forwardQos } from '../rules/broker-forwarding.ts';
import { STANDING } from '../standing.ts';
import { LEVEL, PROPERTY, TYPE } from '../terms.ts';
import { textOf } from '../texts.ts';
import { Awaiting } from './awaited.ts';
import { keyOf, passedOn } from './content.ts';
import { CopyJudge } from './copies.ts';
import type { Presence } from './presence.ts';
import { NOT_YET, Publication } from './publication.ts';
import { Publications } from './publications.ts';
import { RetainedMessages } from './retained.ts';
import { Subscribers } from './subscribers.ts';
import { Wills } from './wills.ts';

export class Broker implements Bystander {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #publications: Publications;
  readonly #retained: RetainedMessages;
  readonly #awaiting: Awaiting;
  readonly #subscribers: Subscribers;
  readonly #wills: Wills;
  readonly #copies: CopyJudge;
  /** What the flows of clients carry. */
  readonly #byFlow = new WeakMap<Flow, Publication>();
  /** Of the packet in hand; grows with each, and with what ends connections. */
  #place = 0;
  #isBlind = false;

  constructor(host: TrackerHost<Exchange>, exchange: Exchange) {
    const limitHit = host.limitHit.bind(host);
    this.#host = host;
    this.#exchange = exchange;
    this.#publications = new Publications(limitHit);
    this.#retained = new RetainedMessages(limitHit);
    this.#awaiting = new Awaiting(host, exchange.settings.answerTimeout, this.#retained);
    this.#subscribers = new Subscribers(host, exchange, this.#awaiting, this.#retained);
    const { clockSkew } = exchange.settings;
    this.#wills = new Wills(this.#publications, this.#retained, this.#awaiting, this.#subscribers, clockSkew);
    this.#copies = new CopyJudge(host, exchange, this.#retained);
  }

  taken(isBroken: boolean): void {
    if (this.#isBlind) {
      this.#withhold();
      return;
    }
    const place = ++this.#place;
    const { fromClient, packet, connection, answersOrdinal } = this.#exchange;
    if (fromClient && packet.type === TYPE.CONNECT) {
      const presence = this.#subscribers.connect(connection);
      this.#wills.register(this.#exchange, presence, isBroken);
      return;
    }
    const presence = this.#subscribers.presenceOf(connection);
    if (!presence) {
      // Its CONNECT was malformed: if it is accepted, nobody knows who that is, and what Will it has.
      if (packet.type === TYPE.CONNACK && packet.code === 0) this.blinded();
      return;
    }
    if (fromClient) {
      if (isBroken) presence.isContested = true;
      this.#ofClient(presence, isBroken, place);
      return;
    }
    if (answersOrdinal > 0) presence.answered(answersOrdinal, place);
    this.#ofServer(presence, isBroken, place);
  }

  takenMalformed(): void {
    const { fromClient, packet, connection } = this.#exchange;
    const presence = this.#subscribers.presenceOf(connection);
    if (this.#isBlind) return;
    if (!fromClient) {
      if (presence && packet.type === TYPE.PUBLISH) this.#crossed(presence);
      return;
    }
    if (presence) presence.isContested = true;
    switch (packet.type) {
      case TYPE.PUBLISH:
        this.#unreadPublish();
        return;
      case TYPE.SUBSCRIBE:
      case TYPE.UNSUBSCRIBE:
        if (presence) this.#subscribers.lose(presence);
        return;
      case TYPE.DISCONNECT:
        if (presence) presence.mayHaveLeft = true;
    }
  }

  ended(connection: Connection, role: 0 | 1, now: number, isReset: boolean): void {
    const presence = this.#subscribers.presenceOf(connection);
    if (!presence || this.#isBlind) return;
    this.#place++;
    if (role === 0) {
      presence.isLeft = presence.hasLeft && !isReset;
      if (isReset) presence.isContested = true;
    }
    this.#subscribers.leave(presence, { place: this.#place, seconds: now, byServer: role === 1 });
  }

  closed(connection: Connection, now: number, how: Closing): void {
    const presence = this.#subscribers.presenceOf(connection);
    if (!presence || this.#isBlind) return;
    this.#place++;
    this.#subscribers.settle(presence, now, how);
    if (how === 'ended' || how === 'reset') this.#wills.await(connection, presence, now);
    this.#subscribers.close(connection, presence);
  }

  /** Whatever was claimed may have another reason from now on. */
  blinded(): void {
    this.#isBlind = true;
    this.#subscribers.forget();
  }

  tick(now: number): void {
    if (!this.#isBlind) this.#awaiting.tick(now);
  }

  // What clients send

  #ofClient(presence: Presence, isBroken: boolean, place: number): void {
    const { packet, flow } = this.#exchange;
    switch (packet.type) {
      case TYPE.PUBLISH:
        this.#publish(presence, isBroken, place);
        return;
      case TYPE.PUBREL: {
        const publication = flow && this.#byFlow.get(flow);
        if (publication) this.#released(publication, place);
        return;
      }
      case TYPE.PUBACK:
      case TYPE.PUBREC:
      case TYPE.PUBCOMP:
        this.#acknowledged(presence);
        return;
      case TYPE.SUBSCRIBE:
      case TYPE.UNSUBSCRIBE:
        this.#subscribers.request(presence, isBroken, place);
        return;
      case TYPE.DISCONNECT:
        this.#disconnect(presence);
    }
  }

  #publish(presence: Presence, isBroken: boolean, place: number): void {
    const { packet, message, connection, standing, topic, now, level } = this.#exchange;
    const { properties, qos } = packet;
    if (topic === undefined || packet.isCut || packet.payload.at < 0) {
      this.#unreadPublish();
      return;
    }
    const key = keyOf(topic, message, packet.payload);
    const flow = packet.id > 0 ? connection.session.books[0].find(packet.id) : undefined;
    const known = flow && this.#byFlow.get(flow);
    const goesOn = connection.isResumed || flow?.born === connection.serial;
    if (standing === STANDING.RIGHT && !isBroken && known && goesOn && this.#publications.find(key) === known) {
      known.transmissions++;
      return;
    }
    const publication = new Publication({
      topic,
      presence,
      qos,
      retain: packet.retain,
      isWill: false,
      isEmpty: packet.payload.length === 0,
      expiry: properties.has(PROPERTY.MESSAGE_EXPIRY) ? properties.value[PROPERTY.MESSAGE_EXPIRY] : NOT_YET,
      properties: level === LEVEL.V5 ? passedOn(message, properties.range) : undefined,
      length: message.length,
      frame: message.frame,
      seconds: now,
      earliest: place,
    });
    // What broke a rule, or was sent once more, may have been passed on or not.
    const isSure = !isBroken && (qos === 0 || standing === STANDING.FRESH);
    if (!isSure) publication.isUnique = false;
    this.#publications.add(key, publication);
    if (publication.retain) this.#retained.add(publication);
    if (qos === 0) presence.sentQos0(publication, connection.ordinal);
    else if (flow) this.#byFlow.set(flow, publication);
  }

  /** A message that nobody could read, or tell from others. */
  #unreadPublish(): void {
    const { packet, message } = this.#exchange;
    const { at, length } = packet.topic;
    if (at < 0 || length === 0 || !this.#publications.spoilTopic(textOf(message, at, length))) this.blinded();
    else if (packet.retain) this.#retained.spoil(textOf(message, at, length));
  }

  #released(publication: Publication, place: number): void {
    if (publication.released !== NOT_YET) return;
    publication.released = place;
    // A server may begin to pass it on only now.
    publication.expiresFrom = this.#exchange.now;
  }

  /** The client has acknowledged something that the server sent. */
  #acknowledged(presence: Presence): void {
    const { packet, now } = this.#exchange;
    const { underWay } = presence;
    const subscriber = this.#subscribers.subscriberOf(presence);
    if (packet.type !== TYPE.PUBCOMP) {
      for (const copy of underWay.get(packet.id)?.groups?.values() ?? [])
        if (copy.subscriber === subscriber) copy.isAnswered = true;
    }
    if (packet.type === TYPE.PUBREC && accepts(packet.code)) return;
    if (!underWay.delete(packet.id) || underWay.size > 0) return;
    presence.idleSince = this.#awaiting.clock(presence, now);
  }

  #disconnect(presence: Presence): void {
    const { packet, connection, silence, now } = this.#exchange;
    const keepAlive = connection.keepAlive(true);
    const mayBeLate = keepAlive > 0 && silence > keepAlive;
    if (packet.code > 0) presence.wantsWill = true;
    else presence.hasLeft = true;
    if (presence.end || mayBeLate || now > connection.takenOver || connection.faultOrdinal > 0)
      presence.isContested = true;
    this.#subscribers.depart(presence);
  }

  // What servers send

  #ofServer(presence: Presence, isBroken: boolean, place: number): void {
    const { packet, flow, standing, connection, now } = this.#exchange;
    const publication = standing === STANDING.RIGHT && flow ? this.#byFlow.get(flow) : undefined;
    switch (packet.type) {
      case TYPE.CONNACK:
        if (packet.code === 0 && connection.isAccepted) {
          this.#subscribers.accept(connection, presence);
          if (!this.#wills.accept(presence, place)) this.blinded();
        }
        return;
      case TYPE.PUBACK:
      case TYPE.PUBCOMP:
        if (publication) this.#settled(publication, accepts(packet.code), place);
        return;
      case TYPE.PUBREC:
        if (publication && !accepts(packet.code)) this.#settled(publication, false, place);
        return;
      case TYPE.SUBACK:
      case TYPE.UNSUBACK:
        this.#subscribers.answer(presence, place);
        return;
      case TYPE.PUBLISH:
        this.#deliver(presence, isBroken, place);
        return;
      case TYPE.DISCONNECT:
        this.#subscribers.leave(presence, { place, seconds: now, byServer: true });
    }
  }

  /** The server has taken a message over, or refused it. */
  #settled(publication: Publication, isAccepted: boolean, place: number): void {
    if (!isAccepted) {
      publication.isUnique = false;
      this.#retained.remove(publication);
      return;
    }
    if (publication.latest !== NOT_YET) return;
    publication.latest = place;
    this.#subscribers.expect(publication);
  }

  #deliver(presence: Presence, isBroken: boolean, place: number): void {
    const { packet, message, topic, standing, subject, now } = this.#exchange;
    const subscriber = this.#subscribers.subscriberOf(presence);
    if (!subscriber) return;
    const isReadable = topic !== undefined && !packet.isCut && packet.payload.at >= 0;
    const key = isReadable ? keyOf(topic, message, packet.payload) : '';
    const publication = isReadable ? this.#publications.find(key) : undefined;
    if (packet.qos > 0) presence.underWay.set(packet.id, publication);
    if (!isReadable) {
      this.#awaiting.drop(subscriber, topic);
      return;
    }
    if (!publication || publication.presence.server !== presence.server) {
      // It comes from nowhere that was seen: should it be published later, there are two.
      if (!topic.startsWith('$')) this.#publications.spoil(key);
      return;
    }
    this.#awaiting.came(subscriber, publication, subject);
    const copies = this.#publications.copiesOf(publication, subscriber);
    copies.last = place;
    if (packet.dup || (packet.qos > 0 && standing !== STANDING.FRESH)) return;
    if (packet.retain) copies.retained++;
    else copies.plain++;
    if (publication.isWill && publication.expiresFrom === NOT_YET) publication.expiresFrom = now;
    if (subscriber.isVague) this.#withhold();
    else if (!isBroken && publication.isUnique) this.#copies.judge({ publication, presence, subscriber, copies });
    if (publication.isWill) this.#cameOut(publication, place);
  }

  /** A copy that crosses a DISCONNECT, or is malformed: the server has sent it, and no more is said of it. */
  #crossed(presence: Presence): void {
    const { packet, message } = this.#exchange;
    const subscriber = this.#subscribers.subscriberOf(presence);
    const { at, length } = packet.topic;
    if (!subscriber) return;
    if (length <= 0 || packet.isCut || packet.payload.at < 0) {
      this.#awaiting.drop(subscriber);
      return;
    }
    const publication = this.#publications.find(keyOf(textOf(message, at, length), message, packet.payload));
    if (!publication) return;
    this.#awaiting.drop(subscriber, publication.topic);
    this.#publications.copiesOf(publication, subscriber).last = this.#place;
    if (publication.isWill) this.#cameOut(publication, this.#place);
  }

  /** A copy of a Will shows that it was published. */
  #cameOut(will: Publication, place: number): void {
    will.isOut = true;
    will.latest = Math.min(will.latest, place);
  }

  /** What a delivery is held against was not seen. */
  #withhold(): void {
    const { fromClient, packet, subject } = this.#exchange;
    if (fromClient || packet.type !== TYPE.PUBLISH || packet.dup) return;
    this.#host.judge.enter(forwardQos, INCONCLUSIVE, subject, () => ({ message: '', expected: '', actual: '' }));
  }
}
