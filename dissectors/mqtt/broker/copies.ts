/**
 * Judges what a server delivers: each first copy of a message against what was published, and against the subscriptions
 * that may explain it. Without an explanation one rule says what is wrong; with some, each of QoS, RETAIN, order and
 * content is held against them.
 */
import { BROKEN, type Evidence, frames, PASS, type RuleDocument, type TrackerHost } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { deliveryAfterUnsubscribe, noLocal, sharedDuplicate } from '../rules/broker-delivery.ts';
import {
  forwardAltered,
  forwardDuplicate,
  forwardExpiry,
  forwardOrder,
  forwardQos,
  forwardRetain,
} from '../rules/broker-forwarding.ts';
import { retainedUnexpected } from '../rules/broker-retained.ts';
import { willAltered, willUnexpected } from '../rules/broker-wills.ts';
import { FIRST_BYTE, propertyBytes, topicBytes } from '../rules/evidence.ts';
import { PROPERTY } from '../terms.ts';
import { orderOf } from './awaited.ts';
import { PASSED_ON, passedOn } from './content.ts';
import { allowsQos, type Explanations, explain } from './explaining.ts';
import type { Presence } from './presence.ts';
import { type Copies, NOT_YET, type Publication } from './publication.ts';
import type { RetainedMessages } from './retained.ts';
import { ORDERS_BOUND, type Subscriber } from './subscriber.ts';

/** A first copy, and whom it went to. */
export interface Copy {
  readonly publication: Publication;
  readonly presence: Presence;
  readonly subscriber: Subscriber;
  /** This one among them. */
  readonly copies: Copies;
}

export class CopyJudge {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #retained: RetainedMessages;

  constructor(host: TrackerHost<Exchange>, exchange: Exchange, retained: RetainedMessages) {
    this.#host = host;
    this.#exchange = exchange;
    this.#retained = retained;
  }

  /** The packet in hand is a first copy of a message that is known. */
  judge(copy: Copy): void {
    const { publication, subscriber, presence } = copy;
    const explained = explain(publication, subscriber, presence.level, this.#retained);
    if (publication.isWill && this.#isWillUnexpected(copy, explained)) return;
    if (explained.explanations.length === 0) {
      this.#unexplained(copy, explained);
      return;
    }
    const { possible, over } = explained;
    if (over.length > 0 || possible.some(({ removed }) => removed !== NOT_YET)) this.#pass(deliveryAfterUnsubscribe);
    if (possible.some(({ isNoLocal }) => isNoLocal)) this.#pass(noLocal);
    if (!this.#isRetainWrong(copy, explained)) this.#qos(copy, explained);
    if (this.#exchange.level === 5) {
      this.#properties(copy);
      this.#expiry(copy);
      this.#share(copy, explained);
    }
    this.#order(copy, explained);
    if (publication.qos === 2 && !publication.isWill) this.#number(copy, explained);
  }

  /** No subscription can have brought it. */
  #unexplained({ publication, subscriber }: Copy, { possible, over }: Explanations): void {
    const { retain } = this.#exchange.packet;
    if (possible.length === 0) {
      // Never subscribed at all is another rule's affair.
      if (over.length === 0) return;
      const frame = over[over.length - 1].frame;
      this.#break(deliveryAfterUnsubscribe, () => ({
        message: `the message of frame ${publication.frame} comes though all subscriptions for it had ended by then`,
        expected: 'no message for a filter that was unsubscribed',
        actual: 'a copy of it',
        bytes: topicBytes(this.#exchange),
        relatedFrames: frames(frame, publication.frame),
      }));
      return;
    }
    const isOwn = subscriber.isOwn(publication);
    if (isOwn && possible.every(({ isNoLocal, isShared }) => isNoLocal && !isShared)) {
      if (retain) return;
      this.#break(noLocal, () => ({
        message: `the client gets its own message of frame ${publication.frame}, and its subscriptions have No Local`,
        expected: 'no copy for its publisher',
        actual: 'a copy for its publisher',
        bytes: topicBytes(this.#exchange),
        relatedFrames: frames(possible[0].frame, publication.frame),
      }));
      return;
    }
    this.#notRetained(publication);
  }

  /** It comes as what was retained, and is not that. */
  #notRetained(publication: Publication): void {
    const isAltered = publication.isWill && !publication.retain;
    const replacing = this.#retained.wasReplaced(publication, NOT_YET);
    const why =
      !publication.retain || publication.isEmpty
        ? `was published with RETAIN ${publication.retain ? '1 and no payload' : '0'}`
        : replacing
          ? `was ${replacing.isEmpty ? 'cleared' : 'replaced'} in frame ${replacing.frame}`
          : 'was not to be sent again';
    this.#break(isAltered ? willAltered : retainedUnexpected, () => ({
      message: `a subscription brings the ${publication.isWill ? 'Will' : 'message'} of frame ${publication.frame}, which ${why}`,
      expected: 'the last message that was retained, if the subscription brings one',
      actual: 'another message',
      bytes: FIRST_BYTE,
      relatedFrames: frames(publication.frame, replacing?.frame ?? 0),
    }));
  }

  #isRetainWrong({ publication, presence, copies }: Copy, { possible, explanations }: Explanations): boolean {
    const { retain } = this.#exchange.packet;
    // Bridges may have been promised RETAIN as it was published, by no word of the standard.
    if (presence.isBridge) return false;
    const isNew = possible.some(span => span.granted > publication.earliest);
    const allowed = explanations.filter(each => each.retain === retain);
    if (retain && isNew) {
      const most = allowed.reduce((sum, each) => sum + (each.isOfRetained ? 1 : publication.transmissions), 0);
      if (copies.retained > most) {
        this.#notRetained(publication);
        copies.retained--;
        return true;
      }
      this.#pass(retainedUnexpected);
      if (publication.isWill && explanations.some(({ isOfRetained }) => isOfRetained)) this.#pass(willAltered);
    }
    if (allowed.length > 0) {
      this.#pass(forwardRetain);
      return false;
    }
    // It is one of the other kind, and counts as such from now on.
    copies.retained += retain ? -1 : 1;
    copies.plain += retain ? 1 : -1;
    const [{ span, isOfRetained }] = explanations;
    this.#break(forwardRetain, () => ({
      message: `the message of frame ${publication.frame} comes ${isOfRetained ? 'as what was retained' : 'to an established subscription'} with RETAIN ${retain ? 1 : 0}`,
      expected: `RETAIN ${retain ? 0 : 1}`,
      actual: `RETAIN ${retain ? 1 : 0}`,
      bytes: FIRST_BYTE,
      relatedFrames: frames(span.frame, publication.frame),
    }));
    return true;
  }

  #qos({ publication }: Copy, { possible }: Explanations): void {
    const { qos } = this.#exchange.packet;
    const isRight = possible.some(span => allowsQos(span, publication.qos, qos));
    this.#enter(forwardQos, isRight, () => {
      const granted = possible.map(span => (span.qos < 0 ? span.asks : span.qos));
      const allowed = [...new Set(granted.map(most => Math.min(publication.qos, most)))].sort();
      return {
        message: `the message of frame ${publication.frame} was published with QoS ${publication.qos} and comes with QoS ${qos}`,
        expected: `QoS ${allowed.join(' or ')}`,
        actual: `QoS ${qos}`,
        bytes: FIRST_BYTE,
        relatedFrames: frames(...possible.map(({ frame }) => frame), publication.frame),
      };
    });
  }

  #properties({ publication }: Copy): void {
    const { packet, message } = this.#exchange;
    const { properties } = publication;
    if (!properties) return;
    const sent = passedOn(message, packet.properties.range);
    const place = sent.findIndex((value, at) => value !== properties[at]);
    this.#enter(forwardAltered, place < 0, () => {
      const { property, name } = PASSED_ON[place];
      const was = properties[place] === '' ? 'none was published' : 'another was published';
      return {
        message: `${name} of the copy: ${sent[place] === '' ? 'it has none, and there was one' : was}`,
        expected: `${name} as in frame ${publication.frame}`,
        actual: sent[place] === '' ? `no ${name}` : `another ${name}`,
        ...(sent[place] !== '' && { bytes: propertyBytes(packet.properties, property) }),
        relatedFrames: frames(publication.frame),
      };
    });
  }

  #expiry({ publication }: Copy): void {
    const { packet, settings, began } = this.#exchange;
    const { expiry, expiresFrom } = publication;
    if (expiry === NOT_YET || expiresFrom === NOT_YET) return;
    const { properties } = packet;
    const waited = began - expiresFrom;
    const left = expiry - waited;
    const given = properties.has(PROPERTY.MESSAGE_EXPIRY) ? properties.value[PROPERTY.MESSAGE_EXPIRY] : NOT_YET;
    // Whole seconds: what a server has left out of its count is less than one.
    const isRight = left >= -settings.clockSkew && given <= Math.ceil(left) + settings.clockSkew;
    this.#enter(forwardExpiry, isRight, () => ({
      message: `the message of frame ${publication.frame} has waited ${waited.toFixed(1)} of its ${expiry} s, and the copy says ${given === NOT_YET ? 'that it does not expire' : `${given} s`}`,
      expected: left < 0 ? 'no copy any more' : `Message Expiry Interval ${Math.ceil(left)}`,
      actual: given === NOT_YET ? 'no Message Expiry Interval' : `Message Expiry Interval ${given}`,
      ...(given !== NOT_YET && { bytes: propertyBytes(properties, PROPERTY.MESSAGE_EXPIRY) }),
      relatedFrames: frames(publication.frame),
    }));
  }

  #order({ publication, subscriber, copies }: Copy, { possible }: Explanations): void {
    const { retain, qos } = this.#exchange.packet;
    if (publication.isWill || retain || copies.plain + copies.retained > 1 || publication.transmissions > 1) return;
    if (possible.some(({ isShared }) => isShared)) return;
    const order = orderOf(publication, qos);
    const furthest = subscriber.furthest(order);
    const isLate = furthest !== undefined && publication.isCertainlyBefore(furthest);
    if (furthest) {
      this.#enter(forwardOrder, !isLate, () => ({
        message: `the message of frame ${publication.frame} comes after that of frame ${furthest.frame}, which was published later`,
        expected: 'the order in which they came',
        actual: 'another order',
        relatedFrames: frames(publication.frame, furthest.frame),
      }));
    }
    if (!isLate && !subscriber.setFurthest(order, publication)) this.#host.limitHit(ORDERS_BOUND);
  }

  #number({ publication, copies }: Copy, { possible, explanations }: Explanations): void {
    // What came as retained, with the wrong RETAIN, was reported already.
    if (this.#exchange.packet.retain || explanations.every(({ isOfRetained }) => isOfRetained)) return;
    const most = possible.filter(({ asked }) => asked < publication.latest).length;
    this.#enter(forwardDuplicate, copies.plain <= most, () => ({
      message: `this is copy number ${copies.plain} of the message of frame ${publication.frame}, which matches ${most} subscription${most > 1 ? 's' : ''}`,
      expected: `${most} at most`,
      actual: `${copies.plain}`,
      relatedFrames: frames(publication.frame),
    }));
  }

  #share({ publication, presence, subscriber }: Copy, { possible }: Explanations): void {
    const [{ text, isShared }] = possible;
    if (!isShared || possible.some(span => span.text !== text)) return;
    publication.groups ??= new Map();
    const first = publication.groups.get(text);
    const { message, packet } = this.#exchange;
    if (!first) {
      const { qos } = packet;
      publication.groups.set(text, { subscriber, presence, qos, frame: message.frame, isAnswered: false });
      this.#pass(sharedDuplicate);
      return;
    }
    if (first.subscriber === subscriber || first.presence.publisher === presence.publisher) return;
    const isTaken = first.qos === 2 || (first.isAnswered && first.presence.isThere);
    this.#enter(sharedDuplicate, !isTaken, () => ({
      message: `the message of frame ${publication.frame} went to another member of this Shared Subscription in frame ${first.frame}`,
      expected: 'one member that gets it',
      actual: 'a second one',
      relatedFrames: frames(publication.frame, first.frame),
    }));
  }

  #isWillUnexpected({ publication, copies }: Copy, { explanations }: Explanations): boolean {
    const { isWillVoid, isLeft, isContested } = publication.presence;
    const { retain } = this.#exchange.packet;
    const most = explanations.filter(({ isOfRetained }) => !isOfRetained).length;
    // What is retained of it is reported once, where it came first.
    const isNews = !retain || publication.latest === NOT_YET;
    const isVoid = isNews && (isWillVoid || (isLeft && !isContested));
    const isAgain = !retain && most > 0 && copies.plain > most;
    this.#enter(willUnexpected, !isVoid && !isAgain, () => {
      const why = isAgain
        ? 'was published already'
        : isWillVoid
          ? 'was discarded when its session was taken up again'
          : 'was discarded by DISCONNECT';
      return {
        message: `the Will of frame ${publication.frame} comes, and ${why}`,
        expected: 'no Will',
        actual: 'the Will',
        relatedFrames: frames(publication.frame),
      };
    });
    return isVoid || isAgain;
  }

  #enter(rule: RuleDocument, isRight: boolean, evidence: () => Evidence): void {
    this.#host.judge.enter(rule, isRight ? PASS : BROKEN, this.#exchange.subject, evidence);
  }

  #break(rule: RuleDocument, evidence: () => Evidence): void {
    this.#enter(rule, false, evidence);
  }

  #pass(rule: RuleDocument): void {
    this.#enter(rule, true, () => NOTHING);
  }
}

/** Of what was right. */
const NOTHING: Evidence = { message: '', expected: '', actual: '' };
