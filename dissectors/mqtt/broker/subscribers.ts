/** All connections and sessions of the servers: who is there, what each has subscribed, and what that lets it expect. */
import { type Closing, KeyedStore, type TrackerHost } from '../../../src/sdk.ts';
import { accepts } from '../assess.ts';
import type { Connection } from '../connection.ts';
import type { Exchange } from '../exchange.ts';
import { STANDING } from '../standing.ts';
import { filtersOf } from '../taking.ts';
import { LEVEL, TYPE } from '../terms.ts';
import type { Awaiting } from './awaited.ts';
import { FilterIndex } from './filter-index.ts';
import { Presence, type PresenceEnd } from './presence.ts';
import { NOT_YET, type Publication } from './publication.ts';
import type { RetainedMessages } from './retained.ts';
import { Span } from './span.ts';
import { Subscriber } from './subscriber.ts';

/** Subscriptions that are remembered with their history, over all sessions. */
const MOST_SPANS = 262_144;

/** Retain Handling. */
const ALWAYS = 0;
const ONLY_IF_NEW = 1;

export class Subscribers {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #awaiting: Awaiting;
  readonly #retained: RetainedMessages;
  readonly #presences = new Map<Connection, Presence>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #index = new FilterIndex();
  readonly #byClient: KeyedStore<Subscriber>;
  readonly #byPresence = new WeakMap<Presence, Subscriber>();
  readonly #address = new Uint32Array(4);
  #spans = 0;

  constructor(host: TrackerHost<Exchange>, exchange: Exchange, awaiting: Awaiting, retained: RetainedMessages) {
    this.#host = host;
    this.#exchange = exchange;
    this.#awaiting = awaiting;
    this.#retained = retained;
    this.#byClient = new KeyedStore({
      most: host.limits.sessions,
      onFull: forgotten => {
        host.limitHit('sessions');
        if (forgotten) this.#forget(forgotten);
      },
    });
  }

  /** Those that have subscriptions for a topic, or had. */
  matching(topic: string): Iterable<Subscriber> {
    return this.#index.matching(topic);
  }

  presenceOf(connection: Connection): Presence | undefined {
    return this.#presences.get(connection);
  }

  /** The session that a connection carries, once it was accepted. */
  subscriberOf(presence: Presence): Subscriber | undefined {
    return this.#byPresence.get(presence);
  }

  /** The CONNECT in hand. */
  connect(connection: Connection): Presence {
    const { message, now } = this.#exchange;
    const presence = new Presence(connection, this.#serverOf(connection), message.frame, now);
    this.#presences.set(connection, presence);
    // Another connection of its client is about to be taken over.
    const other = connection.client && this.#byClient.get(connection.client.key)?.presence;
    if (other?.connection) other.isContested = true;
    return presence;
  }

  /** The CONNACK in hand accepts. */
  accept(connection: Connection, presence: Presence): void {
    const { now, settings } = this.#exchange;
    const { session, client, connack } = connection;
    const key = client?.key ?? '';
    presence.clientKey = key;
    const before = key === '' ? undefined : this.#byClient.get(key);
    const former = before?.presence;
    const goesOn = before?.session === session;
    if (before && !goesOn) this.#forget(before);
    const subscriber =
      goesOn && before ? before : new Subscriber(session, presence.server, key, !session.isKnown || presence.isLost);
    if (former && former !== presence) {
      former.isThere = false;
      former.isSucceeded = true;
      if (former.connection) former.isContested = true;
      const ended = former.end?.seconds ?? now;
      former.isWillVoid = connack.isSessionPresent && now < ended + former.willDelay - settings.clockSkew;
    }
    this.#subscribers.add(subscriber);
    if (key !== '') this.#byClient.set(key, subscriber);
    subscriber.presence = presence;
    this.#byPresence.set(presence, subscriber);
    presence.isThere = true;
    presence.idleSince = this.#awaiting.clock(presence, now);
    for (const spans of presence.asked.values()) for (const span of spans) this.#ask(subscriber, span);
    this.#awaiting.arrived(subscriber, now);
  }

  /** A SUBSCRIBE or UNSUBSCRIBE is in hand. */
  request(presence: Presence, isBroken: boolean, place: number): void {
    const { packet, message, standing, now } = this.#exchange;
    if (isBroken || standing !== STANDING.FRESH || packet.isCut) {
      this.lose(presence);
      return;
    }
    const subscriber = this.subscriberOf(presence);
    const filters = filtersOf(this.#exchange);
    if (packet.type === TYPE.UNSUBSCRIBE) {
      presence.endsAsked.set(packet.id, { filters, place });
      for (const filter of filters) subscriber?.askEnd(filter, place);
      return;
    }
    const at = { presence, frame: message.frame, seconds: now };
    const spans = filters.map((filter, index) => new Span(filter, packet.filters[index].options, place, at));
    presence.asked.set(packet.id, spans);
    if (subscriber) for (const span of spans) this.#ask(subscriber, span);
  }

  /** A SUBACK or UNSUBACK is in hand. */
  answer(presence: Presence, place: number): void {
    const { packet, message, level, standing } = this.#exchange;
    const subscriber = this.subscriberOf(presence);
    if (standing !== STANDING.RIGHT || !subscriber) return;
    const codeAt = (index: number) => message.byte(packet.codes.at + index);
    const ends = packet.type === TYPE.UNSUBACK ? presence.endsAsked.get(packet.id) : undefined;
    if (ends) {
      presence.endsAsked.delete(packet.id);
      for (const [index, filter] of ends.filters.entries())
        if (level !== LEVEL.V5 || (index < packet.codes.length && accepts(codeAt(index))))
          subscriber.end(filter, ends.place, place);
    }
    const spans = packet.type === TYPE.SUBACK ? presence.asked.get(packet.id) : undefined;
    if (!spans) return;
    presence.asked.delete(packet.id);
    if (spans.length !== packet.codes.length) this.lose(presence);
    else for (const [index, span] of spans.entries()) this.#grant(subscriber, span, codeAt(index), place);
  }

  /** What it has subscribed is not known any more. */
  lose(presence: Presence): void {
    const subscriber = this.subscriberOf(presence);
    presence.asked.clear();
    if (subscriber) this.#makeVague(subscriber);
    else presence.isLost = true;
  }

  /** The message in hand was taken over by the server: who must get it? */
  expect(publication: Publication): void {
    const { now } = this.#exchange;
    if (!publication.isUnique || publication.qos === 0) return;
    for (const subscriber of this.#index.matching(publication.topic)) {
      if (subscriber.isVague || subscriber.server !== publication.presence.server) continue;
      const span = subscriber
        .matching(publication.topic)
        .find(each => each.granted < publication.earliest && canExpect(each, publication, subscriber));
      if (span) this.#awaiting.add(subscriber, { publication, kind: 'message', span }, now);
    }
  }

  /** The client says DISCONNECT. */
  depart(presence: Presence): void {
    presence.isThere = false;
    const subscriber = this.subscriberOf(presence);
    if (subscriber?.presence === presence) this.#awaiting.left(subscriber);
  }

  /** The first sign of the connection's end. */
  leave(presence: Presence, end: PresenceEnd): void {
    const { isThere } = presence;
    const subscriber = this.subscriberOf(presence);
    if (subscriber?.presence === presence && isThere) this.#awaiting.check(subscriber, end.seconds);
    presence.ends(end);
    if (isThere) this.depart(presence);
  }

  /** The connection is over. */
  settle(presence: Presence, now: number, how: Closing): void {
    const subscriber = this.subscriberOf(presence);
    if (subscriber?.presence !== presence) return;
    this.#awaiting.check(subscriber, now);
    this.#awaiting.closed(subscriber, how);
    this.depart(presence);
  }

  close(connection: Connection, presence: Presence): void {
    const subscriber = this.subscriberOf(presence);
    this.#presences.delete(connection);
    presence.connection = undefined;
    presence.underWay.clear();
    // A session that ends with its connection.
    if (subscriber?.presence === presence && connection.client?.session === undefined) this.#forget(subscriber);
  }

  /** Nothing is known any more. */
  forget(): void {
    for (const subscriber of this.#subscribers) this.#makeVague(subscriber);
    this.#subscribers.clear();
    this.#presences.clear();
  }

  #ask(subscriber: Subscriber, span: Span): void {
    if (subscriber.isVague) return;
    if (this.#spans >= MOST_SPANS) {
      this.#host.limitHit(`subscription-history=${MOST_SPANS}`);
      this.#makeVague(subscriber);
      return;
    }
    this.#spans++;
    this.#index.add(span.filter, subscriber);
    subscriber.ask(span);
  }

  #grant(subscriber: Subscriber, span: Span, code: number, place: number): void {
    const { message, now } = this.#exchange;
    if (!accepts(code)) {
      this.#spans -= subscriber.refuse(span);
      return;
    }
    subscriber.grant(span, code, place, { frame: message.frame, seconds: now });
    if (!canExpectRetained(span)) return;
    for (const publication of this.#retained.matching(span.filter)) {
      if (publication.presence.server !== subscriber.server) continue;
      if (!this.#retained.isInForce(publication, span.asked)) continue;
      if (canExpect(span, publication, subscriber))
        this.#awaiting.add(subscriber, { publication, kind: 'retained', span }, now);
    }
  }

  #makeVague(subscriber: Subscriber): void {
    this.#awaiting.drop(subscriber);
    const spans = subscriber.forget();
    this.#spans -= spans.length;
    for (const { filter } of spans) this.#index.remove(filter, subscriber);
    subscriber.isVague = true;
  }

  #forget(subscriber: Subscriber): void {
    this.#makeVague(subscriber);
    this.#subscribers.delete(subscriber);
    const known = this.#byClient.get(subscriber.clientKey);
    if (known === subscriber) this.#byClient.delete(subscriber.clientKey);
  }

  #serverOf({ flow, clientSide }: Connection): string {
    const port = this.#host.flows.copyEndpoint(flow, 1 - clientSide, this.#address);
    return `${this.#address.join(' ')} ${port}`;
  }
}

/** Does the subscription oblige the server to send the message? */
export function canExpect(span: Span, publication: Publication, subscriber: Subscriber): boolean {
  return (
    span.qos > 0 && !span.isShared && span.endAsked === NOT_YET && !(span.isNoLocal && subscriber.isOwn(publication))
  );
}

function canExpectRetained({ retainHandling, mayReplace, qos, isShared }: Span): boolean {
  if (isShared || qos <= 0) return false;
  return retainHandling === ALWAYS || (retainHandling === ONLY_IF_NEW && !mayReplace);
}
