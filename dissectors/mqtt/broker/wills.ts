/**
 * Wills: messages that a server holds, and publishes when the connection they came by ends otherwise than with DISCONNECT.
 * When that is can be seen only by what it delivers.
 */
import type { Connection } from '../connection.ts';
import type { Exchange } from '../exchange.ts';
import { CONNECT_FLAG } from '../packet.ts';
import { NEVER, PROPERTY } from '../terms.ts';
import { textOf } from '../texts.ts';
import type { Awaiting } from './awaited.ts';
import { keyOf, passedOn } from './content.ts';
import type { Presence } from './presence.ts';
import { type Given, NOT_YET, Publication } from './publication.ts';
import type { Publications } from './publications.ts';
import type { RetainedMessages } from './retained.ts';
import type { Span } from './span.ts';
import { canExpect, type Subscribers } from './subscribers.ts';

/** A Will of a connection that was not accepted yet. */
interface Offered {
  readonly key: string;
  readonly facts: Omit<Given, 'earliest'>;
  readonly isSure: boolean;
}

export class Wills {
  readonly #publications: Publications;
  readonly #retained: RetainedMessages;
  readonly #awaiting: Awaiting;
  readonly #subscribers: Subscribers;
  readonly #clockSkew: number;
  readonly #offered = new WeakMap<Presence, Offered | 'not captured'>();

  /** @param clockSkew seconds */
  constructor(
    publications: Publications,
    retained: RetainedMessages,
    awaiting: Awaiting,
    subscribers: Subscribers,
    clockSkew: number,
  ) {
    this.#publications = publications;
    this.#retained = retained;
    this.#awaiting = awaiting;
    this.#subscribers = subscribers;
    this.#clockSkew = clockSkew;
  }

  /** The CONNECT in hand may have a Will. @param isBroken the CONNECT broke a rule */
  register({ packet, message, level, now }: Exchange, presence: Presence, isBroken: boolean): void {
    const { willTopic, willPayload, willProperties, connectFlags } = packet;
    if ((connectFlags & CONNECT_FLAG.WILL) === 0) return;
    if (willTopic.at < 0 || willPayload.at < 0) {
      this.#offered.set(presence, 'not captured');
      return;
    }
    const number = (property: number, absent: number) =>
      willProperties.has(property) ? willProperties.value[property] : absent;
    const topic = textOf(message, willTopic.at, willTopic.length);
    presence.willDelay = number(PROPERTY.WILL_DELAY, 0);
    this.#offered.set(presence, {
      key: keyOf(topic, message, willPayload),
      isSure: !isBroken,
      facts: {
        topic,
        presence,
        qos: (connectFlags >> 3) & 3,
        retain: (connectFlags & CONNECT_FLAG.WILL_RETAIN) !== 0,
        isWill: true,
        isEmpty: willPayload.length === 0,
        expiry: number(PROPERTY.MESSAGE_EXPIRY, NOT_YET),
        properties: level === 5 ? passedOn(message, willProperties.range) : undefined,
        length: willTopic.length + willPayload.length + Math.max(0, willProperties.range.length),
        frame: message.frame,
        seconds: now,
      },
    });
  }

  /**
   * The connection was accepted: from now on its Will may be published.
   * @returns false where nobody knows what that is
   */
  accept(presence: Presence, place: number): boolean {
    const offered = this.#offered.get(presence);
    if (!offered) return true;
    if (offered === 'not captured') return false;
    const will = new Publication({ ...offered.facts, earliest: place });
    will.isUnique = offered.isSure;
    presence.will = will;
    this.#publications.add(offered.key, will);
    if (will.retain) this.#retained.add(will);
    return true;
  }

  /** A connection has ended, in one of the ways that a server notices for certain or not. */
  await(connection: Connection, presence: Presence, now: number): void {
    const { will, end } = presence;
    const { sides, fins, finHeard, connect } = connection;
    if (!will || !end || will.qos === 0 || !will.isUnique) return;
    // A DISCONNECT that may not have arrived leaves open whether there is a Will.
    if (presence.hasLeft || presence.mayHaveLeft || (sides[0].disconnected > 0 && !presence.wantsWill)) return;
    if (fins[1] === NOT_YET && finHeard[0] === NOT_YET) return;
    const expiry = connect.expiry === NEVER ? NOT_YET : connect.expiry;
    const delay = connection.level === 5 ? Math.min(presence.willDelay, expiry) : 0;
    for (const subscriber of this.#subscribers.matching(will.topic)) {
      if (subscriber.isVague || subscriber.server !== presence.server) continue;
      const span = subscriber
        .matching(will.topic)
        .find(each => this.#wasThere(each, presence) && canExpect(each, will, subscriber));
      if (span) this.#awaiting.add(subscriber, { publication: will, kind: 'will', span }, now, now + delay);
    }
  }

  /**
   * Was the subscription certainly in force when the Will was published? Where the server ended the connection, it
   * may have published it a little before that was seen.
   */
  #wasThere({ granted, grantedSeconds }: Span, { end }: Presence): boolean {
    if (!end || granted >= end.place) return false;
    return !end.byServer || grantedSeconds < end.seconds - this.#clockSkew;
  }
}
