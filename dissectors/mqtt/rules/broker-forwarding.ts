/**
 * Rules about how a server passes messages on, where all that it received and sent was seen. Nobody asks them: what
 * watches the whole broker reports them (`broker/copies.ts`), on the copy that the server sent.
 */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { SEES_BROKER } from './sees.ts';

export const forwardAltered: Rule<Exchange> = {
  id: 'mqtt/forward-altered',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '',
    '3.1.3-10, 3.3.2-4, 3.3.2-15, 3.3.2-16, 3.3.2-17, 3.3.2-18, 3.3.2-20',
    'The server passes on Payload Format Indicator, Content Type, Response Topic, Correlation Data and User Properties as it got them, User Properties in their order.',
  ),
  editionHere,
  summary: 'a copy has other properties than the message that was published',
  why: 'What sender and receiver agree on by these properties breaks: an answer goes to another topic, or fits no request.',
  example: 'PUBLISH with Correlation Data 01, and a copy of it without Correlation Data',
};

export const forwardQos: Rule<Exchange> = {
  id: 'mqtt/forward-qos',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.8.4-6',
    '3.8.4-8',
    'A message is sent to a subscriber with the QoS it was published with, or the granted one where that is lower.',
  ),
  editionHere,
  summary: 'a copy has a QoS that is the lower one of published and granted for none of the subscriptions',
  why: 'With a lower one the message may get lost where it must not, with a higher one the subscriber gets what it did not ask for.',
  example: 'QoS 2 granted, published with QoS 1, and the copy has QoS 0',
};

export const forwardRetain: Rule<Exchange> = {
  id: 'mqtt/forward-retain',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.3.1-8, 3.3.1-9',
    '3.3.1-12, 3.3.1-13',
    'RETAIN is 1 in what a new subscription brings of retained messages, and 0 in what an established one brings.',
    'In what an established subscription brings RETAIN is 0, or with Retain As Published as it was published.',
  ),
  editionHere,
  summary: 'RETAIN of a copy is not what the subscription makes it',
  why: 'The subscriber takes news for an old state, or an old state for news.',
  example: 'SUBSCRIBE, SUBACK, then a PUBLISH with RETAIN 1 of another client, and a copy with RETAIN 1',
};

export const forwardExpiry: Rule<Exchange> = {
  id: 'mqtt/forward-expiry',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '',
    '3.3.2-5, 3.3.2-6',
    'A copy has the Message Expiry Interval less the time that the message waited in the server, and none begins to be sent after it has run out.',
  ),
  editionHere,
  summary: 'a copy has more Message Expiry Interval than is left of it, or is first sent after it ran out',
  why: 'Old messages are taken for valid: a command is carried out long after it was meant.',
  example: 'Message Expiry Interval 60, the subscriber comes 20 s later, and the copy says 60',
};

export const forwardOrder: Rule<Exchange> = {
  id: 'mqtt/forward-order',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '4.6.0-5, 4.6.0-6',
    '4.6.0-5, 4.6.0-6',
    'Messages of one client with one topic and one QoS are sent to a subscriber in the order in which they came.',
  ),
  editionHere,
  summary: 'messages of one client, topic and QoS are delivered in another order than they came',
  why: 'The subscriber ends up with the older of two states.',
  example: 'PUBLISH "1", PUBLISH "2", and the copies come as "2", "1"',
};

export const forwardDuplicate: Rule<Exchange> = {
  id: 'mqtt/forward-duplicate',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '4.3.3-2',
    '3.8.4-3, 4.3.3-10',
    'A message of QoS 2 is passed on once, to a subscriber at most once for each of its subscriptions.',
  ),
  editionHere,
  summary: 'a message of QoS 2 is delivered more often than there are matching subscriptions',
  why: 'Who publishes with QoS 2 relies on it that nothing happens twice.',
  example: 'one PUBLISH of QoS 2, one subscription, and two copies under different identifiers',
};
