/** Rules about PUBLISH by itself, and about the topics of a Will. */
import { BROKEN, INCONCLUSIVE, type Message, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, type Packet, Part, type Properties } from '../packet.ts';
import { passesIf, REMARK, skipsIf } from '../remarks.ts';
import { PROPERTY, TYPE } from '../terms.ts';
import { wildcardAt } from '../topics.ts';
import { bitsText, broken, cites, inV5, nameOf, textIn } from './form-words.ts';

const FIRST_BYTE = { offset: 0, length: 1 } as const;
const ERROR = { severity: 'error', atFault: 'sender', restsOn: 'bytes' } as const;

export const publishQos: Rule<Formed> = {
  id: 'mqtt/publish-qos',
  ...ERROR,
  ...cites('QoS is 0, 1 or 2.', { '3.1.1': '3.3.1-4', '5.0': '3.3.1-4' }),
  summary: 'both QoS bits of a PUBLISH are set',
  why: 'There is no QoS 3, so that nobody knows whether an identifier stands after the topic.',
  example: 'client > server  36 05 00 01 61 00 01',
  on: ['PUBLISH'],
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ packet }) => (packet.fault === FAULT.PUBLISH_QOS ? BROKEN : PASS),
  describe: ({ packet }) => ({
    message: 'PUBLISH has QoS 3',
    expected: 'QoS 0, 1 or 2',
    actual: bitsText(packet.flags, 4),
    bytes: FIRST_BYTE,
  }),
};

export const dupQos0: Rule<Formed> = {
  id: 'mqtt/dup-qos0',
  ...ERROR,
  ...cites('DUP is 0 in a PUBLISH of QoS 0.', { '3.1.1': '3.3.1-2, 4.3.1-1', '5.0': '3.3.1-2, 4.3.1-1' }),
  summary: 'a PUBLISH of QoS 0 has DUP 1',
  why: 'A message of QoS 0 is never sent again; one that claims it may be delivered twice.',
  example: 'client > server  38 03 00 01 61',
  on: ['PUBLISH'],
  when: REMARK.DUP,
  otherwise: skipsIf(REMARK.QOS),
  check: ({ packet }) => (packet.qos > 0 ? SKIP : packet.dup ? BROKEN : PASS),
  describe: ({ packet }) => ({
    message: 'PUBLISH of QoS 0 has DUP 1',
    expected: 'DUP 0',
    actual: bitsText(packet.flags, 4),
    bytes: FIRST_BYTE,
  }),
};

export const packetIdZero: Rule<Formed> = {
  id: 'mqtt/packet-id-zero',
  ...ERROR,
  ...cites('A Packet Identifier is not 0.', { '3.1.1': '2.3.1-1', '5.0': '2.2.1-3, 2.2.1-4' }),
  summary: 'the Packet Identifier of a PUBLISH, SUBSCRIBE or UNSUBSCRIBE is 0',
  why: 'Many programs take 0 for none, and never acknowledge it.',
  example: 'client > server  32 05 00 01 61 00 00',
  on: ['PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE'],
  when: REMARK.FORM | REMARK.NO_ID,
  otherwise: passesIf(REMARK.QOS),
  check: ({ packet }) => broken(packet, packet.idAt >= 0, packet.id === 0),
  describe: ({ packet }) => ({
    message: `the Packet Identifier of ${nameOf(packet)} is 0`,
    expected: '1 to 65535',
    actual: '0',
    bytes: { offset: packet.idAt, length: 2 },
  }),
};

/** The topic of a PUBLISH, or of the Will that a CONNECT may have. */
const topicOf = ({ type, topic, willTopic }: Packet) => (type === TYPE.PUBLISH ? topic : willTopic);

/** Where a wildcard stands in a part, as an offset in the packet; -1 for none. */
function wildcardIn({ bytes, start }: Message, { at, length }: Part): number {
  const found = at < 0 ? -1 : wildcardAt(bytes, start + at, start + at + length);
  return found < 0 ? -1 : found - start;
}

export const topicWildcard: Rule<Formed> = {
  id: 'mqtt/topic-wildcard',
  ...ERROR,
  ...cites('A Topic Name has no wildcards.', { '3.1.1': '3.3.2-2, 4.7.1-1', '5.0': '3.3.2-2, 4.7.0-1' }),
  summary: '+ or # in a Topic Name, or in the Will Topic',
  why: 'Wildcards are for filters. A server that lets such a message pass sends it to subscribers who did not ask for it, or to none.',
  example: 'client > server  30 05 00 03 61 2f 2b        ("a/+")',
  on: ['PUBLISH', 'CONNECT'],
  when: REMARK.FORM | REMARK.WILDCARD,
  otherwise: PASS,
  check: ({ packet, message }) => {
    const topic = topicOf(packet);
    return broken(packet, topic.at >= 0, wildcardIn(message, topic) >= 0);
  },
  describe: ({ packet, message }) => ({
    message: `the topic ${textIn(message, topicOf(packet))} has a wildcard`,
    expected: 'neither + nor #',
    actual: textIn(message, topicOf(packet)),
    bytes: { offset: wildcardIn(message, topicOf(packet)), length: 1 },
  }),
};

/** The topic or filter of no characters; undefined if none is empty. */
function emptyPart(packet: Packet): Part | undefined {
  const { type, filters, filterCount, properties } = packet;
  if (type === TYPE.PUBLISH || type === TYPE.CONNECT) {
    const topic = topicOf(packet);
    const isAliased = properties.has(PROPERTY.TOPIC_ALIAS);
    return topic.at >= 0 && topic.length === 0 && !isAliased ? topic : undefined;
  }
  for (let i = 0; i < filterCount; i++) if (filters[i].length === 0) return filters[i];
  return undefined;
}

/** A Topic Alias that may stand for the topic was not captured. */
const isAliasUnread = ({ type, isHeadCut }: Packet) => type === TYPE.PUBLISH && isHeadCut;

export const topicEmpty: Rule<Formed> = {
  id: 'mqtt/topic-empty',
  ...ERROR,
  ...cites('A Topic Name and a Topic Filter have at least one character.', { '3.1.1': '4.7.3-1', '5.0': '4.7.3-1' }),
  summary: 'a Topic Name or Topic Filter of no characters (in 5.0 a PUBLISH with a Topic Alias may have it)',
  why: 'Nothing can match it.',
  example: 'client > server  30 02 00 00',
  on: ['PUBLISH', 'CONNECT', 'SUBSCRIBE', 'UNSUBSCRIBE'],
  when: REMARK.FORM | REMARK.EMPTY,
  otherwise: PASS,
  check: (formed): Outcome => {
    const { packet } = formed;
    if (packet.type === TYPE.CONNECT && packet.willTopic.at < 0) return packet.isHeadCut ? INCONCLUSIVE : SKIP;
    if (emptyPart(packet) !== undefined) return isAliasUnread(packet) ? INCONCLUSIVE : BROKEN;
    return packet.isHeadCut ? INCONCLUSIVE : PASS;
  },
  describe: ({ packet }) => {
    const { at } = emptyPart(packet)!;
    const isTopic = packet.type === TYPE.PUBLISH || packet.type === TYPE.CONNECT;
    return {
      message: `${nameOf(packet)} has an empty ${isTopic ? 'topic' : 'filter'}`,
      expected: 'one character at least',
      actual: 'none',
      bytes: { offset: at - 2, length: 2 },
    };
  },
};

/** The Response Topic of these properties. */
function responseTopic({ at, value }: Properties): Part {
  const part = new Part();
  part.put(at[PROPERTY.RESPONSE_TOPIC], value[PROPERTY.RESPONSE_TOPIC]);
  return part;
}

/** The properties that have a Response Topic with a wildcard. */
function withResponseWildcard({ packet, message }: Formed): Properties | undefined {
  return [packet.properties, packet.willProperties].find(
    properties => properties.has(PROPERTY.RESPONSE_TOPIC) && wildcardIn(message, responseTopic(properties)) >= 0,
  );
}

export const responseTopicWildcard: Rule<Formed> = {
  id: 'mqtt/response-topic-wildcard',
  ...ERROR,
  ...cites('A Response Topic has no wildcards.', { '5.0': '3.3.2-14' }),
  summary: '+ or # in a Response Topic, of a PUBLISH of the client or of a Will',
  why: 'Who answers publishes to it, and will break the rule about topics.',
  example: 'client > server  PUBLISH with Response Topic "a/+"',
  on: ['PUBLISH', 'CONNECT'],
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: inV5(formed => {
    const { packet, fromClient } = formed;
    const { properties, willProperties } = packet;
    const isThere = properties.has(PROPERTY.RESPONSE_TOPIC) || willProperties.has(PROPERTY.RESPONSE_TOPIC);
    if (!fromClient) return SKIP;
    return broken(packet, isThere, isThere && withResponseWildcard(formed) !== undefined);
  }),
  describe: formed => {
    const topic = responseTopic(withResponseWildcard(formed)!);
    return {
      message: `the Response Topic ${textIn(formed.message, topic)} has a wildcard`,
      expected: 'neither + nor #',
      actual: textIn(formed.message, topic),
      bytes: { offset: wildcardIn(formed.message, topic), length: 1 },
    };
  },
};

export const topicAliasZero: Rule<Formed> = {
  id: 'mqtt/topic-alias-zero',
  ...ERROR,
  ...cites('A Topic Alias is not 0.', { '5.0': '3.3.2-8' }),
  summary: 'a Topic Alias is 0',
  why: 'No receiver takes it: the connection is closed.',
  example: 'client > server  30 07 00 01 61 03 23 00 00',
  on: ['PUBLISH'],
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: inV5(({ packet }) => {
    const { properties } = packet;
    const isThere = properties.has(PROPERTY.TOPIC_ALIAS);
    return broken(packet, isThere, properties.value[PROPERTY.TOPIC_ALIAS] === 0);
  }),
  describe: ({ packet: { properties } }) => ({
    message: 'the Topic Alias is 0',
    expected: 'above 0',
    actual: '0',
    bytes: { offset: properties.at[PROPERTY.TOPIC_ALIAS] - 1, length: 3 },
  }),
};
