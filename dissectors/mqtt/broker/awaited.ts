/**
 * What a broker owes its subscribers, and when that is overdue: a message that matches a subscription in force, the
 * retained message of a new subscription's topic, a Will. The time counts while the subscriber is there, on the server's
 * clock, which stands still while TCP keeps the server from sending.
 *
 * A server may keep messages back while others wait for their acknowledgement, and says to nobody how many it sends at
 * once. So something is overdue only when nothing was under way for as long, or when a younger message of the same
 * publisher, topic and QoS was delivered, which may not go first (§4.6).
 */
import {
  BROKEN,
  type Closing,
  frames,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  Subject,
  type TrackerHost,
} from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { deliveryMissing } from '../rules/broker-delivery.ts';
import { retainedMissing } from '../rules/broker-retained.ts';
import { willAltered, willMissing } from '../rules/broker-wills.ts';
import { editionNumber } from '../terms.ts';
import type { Awaited } from './owed.ts';
import type { Presence } from './presence.ts';
import { NOT_YET, type Publication } from './publication.ts';
import type { RetainedMessages } from './retained.ts';
import type { Span } from './span.ts';
import type { Subscriber } from './subscriber.ts';

/** Messages that subscribers are to get, over all of them. */
const MOST_AWAITED = 262_144;
/** What a server may add to a message: Subscription Identifiers, and a Property Length where there was none. */
const ADDED_BYTES = 256;
/** Bytes of a character in UTF-8, at most. */
const CHARACTER_BYTES = 3;

/** By publisher, topic and QoS: within these the order of messages is kept. */
export function orderOf({ presence, topic, qos }: Publication, delivered: number): string {
  return `${qos}${delivered} ${presence.publisher}\0${topic}`;
}

export class Awaiting {
  readonly #host: TrackerHost<Exchange>;
  readonly #timeout: number;
  readonly #retained: RetainedMessages;
  readonly #subject = new Subject();
  readonly #subscribers = new Set<Subscriber>();
  #count = 0;
  /** Time before which nothing is overdue. */
  #next = NOT_YET;

  /** @param timeout seconds after which something is overdue */
  constructor(host: TrackerHost<Exchange>, timeout: number, retained: RetainedMessages) {
    this.#host = host;
    this.#timeout = timeout;
    this.#retained = retained;
  }

  /** @param now capture time in seconds @param due when it may begin to be waited for */
  add(subscriber: Subscriber, what: Omit<Awaited, 'since' | 'due'>, now: number, due = now): void {
    const { publication, span, kind } = what;
    if (subscriber.awaited.has(publication) || isSpared(publication, span, subscriber, now)) return;
    const last = publication.copies.get(subscriber)?.last;
    if (last !== undefined && (kind !== 'retained' || last > span.asked)) {
      this.#host.judge.passed(ruleOf(what), 1, editionNumber(subscriber.presence?.level ?? 0));
      return;
    }
    if (this.#count >= MOST_AWAITED) {
      this.#host.limitHit(`awaited=${MOST_AWAITED}`);
      return;
    }
    const awaited = { ...what, due, since: NOT_YET };
    subscriber.awaited.set(publication, awaited);
    this.#subscribers.add(subscriber);
    this.#count++;
    this.#begin(subscriber, awaited, now);
  }

  /** A copy of the message in hand. */
  came(subscriber: Subscriber, publication: Publication, subject: Subject): void {
    const awaited = subscriber.awaited.get(publication);
    if (!awaited) return;
    this.#remove(subscriber, publication);
    this.#host.judge.enter(ruleOf(awaited), PASS, subject, () => words(awaited, this.#timeout));
  }

  /** Nobody knows what became of these. */
  drop(subscriber: Subscriber, topic?: string): void {
    for (const { publication } of [...subscriber.awaited.values()])
      if (topic === undefined || publication.topic === topic) this.#remove(subscriber, publication);
  }

  /** The subscriber is there again. */
  arrived(subscriber: Subscriber, now: number): void {
    for (const awaited of subscriber.awaited.values()) this.#begin(subscriber, awaited, now);
  }

  /** The subscriber is not there any more: what it has not got waits for it, but what came of a SUBSCRIBE. */
  left(subscriber: Subscriber): void {
    for (const awaited of [...subscriber.awaited.values()]) {
      awaited.since = NOT_YET;
      if (awaited.kind === 'retained') this.#remove(subscriber, awaited.publication);
    }
  }

  /** Its connection is over. Where nobody ended it, what it waited for may still come. */
  closed(subscriber: Subscriber, how: Closing): void {
    if (how !== 'end of capture' && how !== 'given up') return;
    for (const awaited of [...subscriber.awaited.values()]) {
      if (awaited.since !== NOT_YET) this.#enter(subscriber, awaited, INCONCLUSIVE);
      this.#remove(subscriber, awaited.publication);
    }
  }

  /** Reports what is overdue. */
  tick(now: number): void {
    if (now <= this.#next) return;
    this.#next = NOT_YET;
    for (const subscriber of this.#subscribers) this.check(subscriber, now);
  }

  check(subscriber: Subscriber, now: number): void {
    const { presence } = subscriber;
    if (!presence?.isThere) return;
    const clock = this.clock(presence, now);
    for (const awaited of [...subscriber.awaited.values()]) {
      const waited = clock - awaited.since;
      if (waited <= this.#timeout) this.#plan(now + this.#timeout - waited);
      else if (isSpared(awaited.publication, awaited.span, subscriber, now) || this.#isOver(awaited))
        this.#remove(subscriber, awaited.publication);
      else if (this.#isHeldUp(subscriber, presence, awaited, clock)) this.#plan(now + this.#timeout / 4);
      else {
        this.#enter(subscriber, awaited, BROKEN);
        this.#remove(subscriber, awaited.publication);
      }
    }
  }

  /** Time on the server's clock of a connection. */
  clock({ connection }: Presence, now: number): number {
    if (!connection) return now;
    return now - this.#host.flows.stalled(connection.flow, 1 - connection.clientSide, now);
  }

  #begin(subscriber: Subscriber, awaited: Awaited, now: number): void {
    const { presence } = subscriber;
    if (!presence?.isThere) return;
    awaited.since = this.clock(presence, now) + Math.max(0, awaited.due - now);
    this.#plan(Math.max(now, awaited.due) + this.#timeout);
  }

  #plan(time: number): void {
    this.#next = Math.min(this.#next, time);
  }

  /** What it waits for is no more to come. */
  #isOver({ publication, kind, span }: Awaited): boolean {
    if (kind === 'retained') return !this.#retained.isInForce(publication, span.asked);
    const { presence } = publication;
    return kind === 'will' && (presence.isWillVoid || (presence.willDelay > 0 && presence.isSucceeded));
  }

  #isHeldUp(subscriber: Subscriber, presence: Presence, { publication, span }: Awaited, clock: number): boolean {
    if (presence.underWay.size === 0 && clock - presence.idleSince > this.#timeout) return false;
    const furthest = subscriber.furthest(orderOf(publication, Math.min(publication.qos, span.qos)));
    return !furthest || !publication.isCertainlyBefore(furthest);
  }

  #remove(subscriber: Subscriber, publication: Publication): void {
    if (!subscriber.awaited.delete(publication)) return;
    this.#count--;
    if (subscriber.awaited.size === 0) this.#subscribers.delete(subscriber);
  }

  #enter(subscriber: Subscriber, awaited: Awaited, outcome: Outcome): void {
    const { presence: here } = subscriber;
    const { publication, span } = awaited;
    const place = placeOf(subscriber, awaited);
    if (!here || !place?.presence.connection) return;
    const { slot, clientSide, isPartial } = place.presence.connection;
    const { frame, name } = place;
    const seconds = Math.floor(place.seconds);
    const subject = this.#subject;
    const side = place.isOfServer ? 1 - clientSide : clientSide;
    subject.recall(slot, side, frame, seconds, Math.round((place.seconds - seconds) * 1e9));
    subject.messageName = name;
    subject.state = name === 'CONNECT' ? 'NEW' : 'CONNECTED';
    subject.edition = editionNumber(place.presence.level);
    subject.partial = isPartial;
    subject.doubt = 'ended';
    subject.excerpt = null;
    const related = [publication.frame, span.frame, here.frame].filter(each => each !== frame);
    this.#host.judge.enter(ruleOf(awaited), outcome, subject, () => ({
      ...words(awaited, this.#timeout),
      relatedFrames: frames(...related),
    }));
  }
}

/**
 * The message that was left waiting: the PUBLISH, while its connection is open; else the SUBSCRIBE, or, where that
 * came by an earlier connection, the CONNECT that the subscriber is there with. Of what a Will should have left, the SUBACK.
 */
function placeOf({ presence: here }: Subscriber, { publication, kind, span }: Awaited) {
  if (!here) return undefined;
  const { frame, seconds, presence } = publication;
  if (kind === 'message' && presence.connection)
    return { presence, frame, seconds, name: 'PUBLISH', isOfServer: false };
  if (kind === 'retained' && publication.isWill) {
    const { grantedFrame, grantedSeconds } = span;
    return { presence: here, frame: grantedFrame, seconds: grantedSeconds, name: 'SUBACK', isOfServer: true };
  }
  const [at, name] = span.presence === here ? [span, 'SUBSCRIBE'] : [here, 'CONNECT'];
  return { presence: here, frame: at.frame, seconds: at.seconds, name, isOfServer: false };
}

/** Nothing is claimed: the law spares it, or nobody can know. */
function isSpared(publication: Publication, span: Span, subscriber: Subscriber, now: number): boolean {
  const { presence } = subscriber;
  const size = publication.length + publication.topic.length * CHARACTER_BYTES + ADDED_BYTES;
  const isOwn = subscriber.isOwn(publication);
  return (
    subscriber.isVague ||
    !publication.isUnique ||
    publication.qos === 0 ||
    span.qos <= 0 ||
    span.isShared ||
    span.endAsked !== NOT_YET ||
    // Such topics are the server's (§4.7.2).
    publication.topic.startsWith('$') ||
    publication.mayHaveExpired(now) ||
    (isOwn && (span.isNoLocal || presence?.isBridge === true)) ||
    size > (presence?.connection?.sides[0].announced.maximumPacketSize ?? NOT_YET)
  );
}

function ruleOf({ kind, publication }: Pick<Awaited, 'kind' | 'publication'>) {
  if (kind === 'retained') return publication.isWill ? willAltered : retainedMissing;
  return kind === 'will' ? willMissing : deliveryMissing;
}

function words({ kind, publication, span }: Awaited, timeout: number) {
  const what = `the ${kind === 'retained' ? 'retained ' : ''}${publication.isWill ? 'Will' : 'message'}`;
  return {
    message: `${what} of frame ${publication.frame} did not come to the subscription of frame ${span.frame} in ${timeout} s`,
    expected: `PUBLISH of the server within ${timeout} s`,
    actual: 'no copy of it in that time',
  };
}
