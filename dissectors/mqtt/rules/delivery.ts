/**
 * Rules about what a server delivers, compared with all that was ever subscribed in the session (Certainty 6). They are
 * warnings, since a server may subscribe a client by itself (§4.5).
 */
import { BROKEN, type Evidence, INCONCLUSIVE, type Outcome, PASS, type Rule, SKIP, visible } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { passesIf, REMARK } from '../remarks.ts';
import type { Match } from '../subscriptions.ts';
import { PROPERTY } from '../terms.ts';
import { FIRST_BYTE, propertyBytes, topicBytes } from './evidence.ts';

export const topicNotSubscribed: Rule<Exchange> = {
  id: 'mqtt/topic-not-subscribed',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.3.2-3, 4.7.3-4',
    '3.3.2-3, 4.7.3-4',
    'The topic of a PUBLISH of the server matches a Topic Filter of the subscription, compared byte by byte.',
  ),
  editionHere,
  summary: 'a topic of the server matches no Topic Filter ever subscribed in this session',
  why: 'The client gets what it did not ask for: another client sees messages not meant for it, or the server has changed the topic.',
  example: 'SUBSCRIBE "a/b", PUBLISH of the server with topic "a/c"',
  on: ['PUBLISH'],
  when: REMARK.ODD_DELIVERY,
  otherwise: passesIf(REMARK.DELIVERED),
  check: exchange =>
    judged(exchange, ({ isMatched, isMatchedByWildcard }) => {
      if (isMatched) return PASS;
      return isMatchedByWildcard ? SKIP : BROKEN;
    }),
  describe: exchange => ({
    message: `no Topic Filter of this session matches the topic ${topicText(exchange)}`,
    expected: 'a topic that the client has subscribed',
    actual: topicText(exchange),
    bytes: topicBytes(exchange),
  }),
};

export const dollarTopicMatched: Rule<Exchange> = {
  id: 'mqtt/dollar-topic-matched',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '4.7.2-1',
    '4.7.2-1',
    'A Topic Filter that begins with a wildcard matches no topic that begins with $.',
  ),
  editionHere,
  summary: 'a topic that begins with $ matches only filters that begin with a wildcard',
  why: 'A client that asks for all gets the messages of the server about itself too, at each change of its numbers.',
  example: 'SUBSCRIBE "#", PUBLISH of the server with topic "$SYS/broker/uptime"',
  on: ['PUBLISH'],
  when: REMARK.ODD_DELIVERY,
  otherwise: SKIP,
  check: exchange =>
    judged(exchange, ({ isMatched, isMatchedByWildcard }) => {
      if (!isMatchedByWildcard || !exchange.topic?.startsWith('$')) return SKIP;
      return isMatched ? PASS : BROKEN;
    }),
  describe: exchange => ({
    message: `the topic ${topicText(exchange)} matches only Topic Filters that begin with a wildcard`,
    expected: 'a Topic Filter that begins with $ as well',
    actual: 'filters that begin with + or #',
    bytes: topicBytes(exchange),
  }),
};

export const qosAboveGranted: Rule<Exchange> = {
  id: 'mqtt/qos-above-granted',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.3.5-1, 3.8.4-6',
    '3.3.4-2, 3.8.4-8, 4.8.2-3',
    'A message is delivered with the highest QoS that its matching subscriptions were granted, or with less.',
  ),
  editionHere,
  summary: 'a message of the server has a QoS above what any matching subscription was granted',
  why: 'The client must acknowledge what it did not ask to, and a client that knows QoS 0 alone cannot.',
  example: 'SUBSCRIBE "a" with QoS 0, SUBACK 0, PUBLISH of the server to "a" with QoS 1',
  on: ['PUBLISH'],
  when: REMARK.ODD_DELIVERY,
  otherwise: passesIf(REMARK.DELIVERED),
  check: exchange =>
    judged(exchange, ({ isMatched, qos }) => {
      if (!isMatched) return SKIP;
      return exchange.packet.qos > qos ? BROKEN : PASS;
    }),
  describe: exchange => {
    const { packet, match } = exchange;
    return {
      message: `${topicText(exchange)} comes with QoS ${packet.qos}, and its subscriptions were granted QoS ${match?.qos} at most`,
      expected: `QoS ${match?.qos} at most`,
      actual: `QoS ${packet.qos}`,
      bytes: FIRST_BYTE,
    };
  },
};

export const retainFlagUnwanted: Rule<Exchange> = {
  id: 'mqtt/retain-flag-unwanted',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.3.1-11, 3.3.1-12',
    'With Retain Handling 2 no retained messages are sent at the SUBSCRIBE, and with Retain As Published 0 RETAIN is 0 on what is passed on.',
  ),
  editionHere,
  summary: 'RETAIN 1 on a message of the server although no matching subscription lets it be',
  why: 'The client takes a new message for an old one that was kept, and may ignore it.',
  example: 'SUBSCRIBE "a" with Retain Handling 2 and Retain As Published 0, PUBLISH of the server to "a" with RETAIN 1',
  on: ['PUBLISH'],
  when: REMARK.RETAIN,
  otherwise: SKIP,
  check: exchange => {
    if (exchange.level !== 5 || !exchange.packet.retain) return SKIP;
    return judged(exchange, ({ isMatched, mayRetain }) => {
      if (!isMatched) return SKIP;
      return mayRetain ? PASS : BROKEN;
    });
  },
  describe: exchange => ({
    message: `${topicText(exchange)} comes with RETAIN 1, which none of its subscriptions allows`,
    expected: 'RETAIN 0',
    actual: 'RETAIN 1',
    bytes: FIRST_BYTE,
  }),
};

export const subscriptionIdUnknown: Rule<Exchange> = {
  id: 'mqtt/subscription-id-unknown',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '§3.3.4',
    'The Subscription Identifiers of a PUBLISH of the server are those that the client gave with its subscriptions.',
  ),
  editionHere,
  summary: 'a Subscription Identifier of the server that the client has never given in this session',
  why: 'The client hands the message to the wrong part of its program, or to none.',
  example: 'SUBSCRIBE "a" with Subscription Identifier 1, PUBLISH of the server with Subscription Identifier 2',
  on: ['PUBLISH'],
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: exchange => {
    const { level, fromClient, packet, connection } = exchange;
    if (level !== 5 || fromClient || !packet.properties.has(PROPERTY.SUBSCRIPTION_IDENTIFIER)) return SKIP;
    if (!isHistoryKnown(exchange)) return INCONCLUSIVE;
    return packet.properties.subscriptionIds.every(id => connection.session.subscriptions.hasId(id)) ? PASS : BROKEN;
  },
  describe: describeUnknownId,
};

function describeUnknownId({ packet: { properties }, connection }: Exchange): Evidence {
  const { subscriptionIds, range } = properties;
  const unknown = subscriptionIds.find(id => !connection.session.subscriptions.hasId(id));
  // Of several the reader keeps only where the last one stands.
  const isAlone = subscriptionIds.length === 1;
  return {
    message: `the client has never given Subscription Identifier ${unknown} in this session`,
    expected: 'an identifier of a SUBSCRIBE',
    actual: `${unknown}`,
    bytes: isAlone
      ? propertyBytes(properties, PROPERTY.SUBSCRIPTION_IDENTIFIER)
      : { offset: range.at, length: range.length },
  };
}

export const subscriptionIdMissing: Rule<Exchange> = {
  id: 'mqtt/subscription-id-missing',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.3.4-3, 3.3.4-4, 3.3.4-5',
    'A message that was sent for a subscription with a Subscription Identifier has that identifier.',
  ),
  editionHere,
  summary: 'no Subscription Identifier although every matching subscription of the session has one',
  why: 'The client does not know which of its subscriptions the message is for, and may drop it.',
  example: 'SUBSCRIBE "a" with Subscription Identifier 1, PUBLISH of the server to "a" without one',
  on: ['PUBLISH'],
  when: REMARK.ODD_DELIVERY,
  otherwise: SKIP,
  check: exchange => {
    const { level, packet } = exchange;
    if (level !== 5) return SKIP;
    return judged(exchange, ({ isMatched, mustHaveId }) => {
      if (!isMatched || !mustHaveId) return SKIP;
      if (packet.properties.has(PROPERTY.SUBSCRIPTION_IDENTIFIER)) return PASS;
      return packet.isHeadCut ? INCONCLUSIVE : BROKEN;
    });
  },
  describe: exchange => ({
    message: `${topicText(exchange)} comes without a Subscription Identifier, and each of its subscriptions has one`,
    expected: 'a Subscription Identifier',
    actual: 'none',
    bytes: topicBytes(exchange),
  }),
};

/** All subscriptions of the session were seen, and are remembered. */
function isHistoryKnown({ connection: { session } }: Exchange): boolean {
  return session.isKnown && !session.subscriptions.isFull;
}

/** Of a PUBLISH of the server, by what the subscriptions say of its topic. */
function judged(exchange: Exchange, judge: (match: Match) => Outcome): Outcome {
  if (exchange.fromClient) return SKIP;
  if (!isHistoryKnown(exchange)) return INCONCLUSIVE;
  return exchange.match === undefined ? SKIP : judge(exchange.match);
}

/** Characters of a topic that people are shown. */
const MOST_SHOWN = 80;

function topicText({ topic = '' }: Exchange): string {
  return `"${visible(topic.slice(0, MOST_SHOWN))}${topic.length > MOST_SHOWN ? '...' : ''}"`;
}
