/** Rules about acknowledgements: the order in which they are due, and what SUBACK and UNSUBACK say. */
import { BROKEN, type Evidence, frames, INCONCLUSIVE, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { UNREAD } from '../flows.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { STANDING } from '../standing.ts';
import { flowFrame, idBytes, numbered } from './evidence.ts';

export const pubackOrder: Rule<Exchange> = {
  id: 'mqtt/puback-order',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '4.6.0-2',
    '4.6.0-2',
    'A client sends PUBACKs in the order in which the PUBLISHes of QoS 1 came that they answer.',
  ),
  editionHere,
  summary: 'a PUBACK of the client while an earlier PUBLISH of QoS 1 waits for its own',
  why: 'Servers that count on the order take the passed message for lost and send it again, or wait for it for good.',
  example: 'PUBLISH 1, PUBLISH 2, PUBACK 2',
  on: ['PUBACK'],
  when: REMARK.STRANGE,
  otherwise: passesIf(REMARK.IN_ORDER),
  check: checkOrder,
  describe: exchange => describeOrder(exchange, 'PUBLISH'),
};

export const pubrecOrder: Rule<Exchange> = {
  id: 'mqtt/pubrec-order',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '4.6.0-3',
    '4.6.0-3',
    'A client sends PUBRECs in the order in which the PUBLISHes of QoS 2 came that they answer.',
  ),
  editionHere,
  summary: 'a PUBREC of the client while an earlier PUBLISH of QoS 2 waits for its own',
  why: 'Servers that count on the order take the passed message for lost and send it again, or wait for it for good.',
  example: 'PUBLISH 1, PUBLISH 2, PUBREC 2',
  on: ['PUBREC'],
  check: checkOrder,
  describe: exchange => describeOrder(exchange, 'PUBLISH'),
};

export const pubrelOrder: Rule<Exchange> = {
  id: 'mqtt/pubrel-order',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('4.6.0-4', '4.6.0-4', 'A client sends PUBRELs in the order in which the PUBRECs came.'),
  editionHere,
  summary: 'a PUBREL of the client while an earlier PUBREC waits for its own',
  why: 'Servers that pass a message on when its PUBREL comes deliver the messages in the wrong order.',
  example: 'PUBREC 1, PUBREC 2, PUBREL 2',
  on: ['PUBREL'],
  check: checkOrder,
  describe: exchange => describeOrder(exchange, 'PUBREC'),
};

function checkOrder({ fromClient, isMqtt31, standing, dueBefore }: Exchange): Outcome {
  if (!fromClient || isMqtt31 || standing !== STANDING.RIGHT) return SKIP;
  return dueBefore === undefined ? PASS : BROKEN;
}

function describeOrder(exchange: Exchange, answered: string): Evidence {
  const { dueBefore, subject } = exchange;
  return {
    message: `${numbered(exchange)} comes while ${answered} ${dueBefore?.id}, which came earlier, waits for its own`,
    expected: `${subject.messageName} ${dueBefore?.id} first`,
    actual: numbered(exchange),
    bytes: idBytes(exchange),
    relatedFrames: frames(dueBefore?.frame ?? 0, flowFrame(exchange)),
  };
}

export const resendOrder: Rule<Exchange> = {
  id: 'mqtt/resend-order',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '4.6.0-1',
    '4.6.0-1',
    'A client that sends PUBLISHes again does so in the order in which it first sent them.',
  ),
  editionHere,
  summary: 'a client sends a PUBLISH again after that of a younger one, in a resumed connection',
  why: 'Subscribers get the messages of one topic in the wrong order: a switch ends in the state that was meant to be over.',
  example: 'PUBLISH 1 and 2 without PUBACK; in the resumed connection PUBLISH 2, then PUBLISH 1',
  on: ['PUBLISH'],
  when: REMARK.DUP,
  otherwise: SKIP,
  check: ({ fromClient, isMqtt31, standing, flow, connection, sender }) => {
    if (!fromClient || isMqtt31 || standing !== STANDING.RIGHT || flow === undefined) return SKIP;
    if (flow.isFaulty || flow.isWeak) return SKIP;
    if (connection.session.began === connection.serial) return SKIP;
    if (flow.born === connection.serial || flow.isHere(connection.serial)) return SKIP;
    if (!flow.hasOrder) return INCONCLUSIVE;
    return sender.resentOrder > flow.order ? BROKEN : PASS;
  },
  describe: exchange => ({
    message: `${numbered(exchange)} is sent again after a message that was first sent later`,
    expected: 'the order in which they were first sent',
    actual: 'a younger one came before it',
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const subackCount: Rule<Exchange> = {
  id: 'mqtt/suback-count',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.8.4-4, 3.8.4-5',
    '3.8.4-5, 3.8.4-6',
    'A SUBACK has a Return Code for each Topic Filter of its SUBSCRIBE.',
    'A SUBACK has a Reason Code for each Topic Filter of its SUBSCRIBE.',
  ),
  editionHere,
  summary: 'a SUBACK has more or fewer codes than its SUBSCRIBE has Topic Filters',
  why: 'The client cannot tell which of its filters were granted, and with which QoS.',
  example: 'SUBSCRIBE with three filters, SUBACK with one code',
  on: ['SUBACK'],
  check: checkCount,
  describe: exchange => describeCount(exchange, 'SUBSCRIBE'),
};

export const unsubackCount: Rule<Exchange> = {
  id: 'mqtt/unsuback-count',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.11.3-1, 3.11.3-2',
    'An UNSUBACK has a Reason Code for each Topic Filter of its UNSUBSCRIBE, in their order.',
  ),
  editionHere,
  summary: 'an UNSUBACK has more or fewer codes than its UNSUBSCRIBE has Topic Filters',
  why: 'The client cannot tell which of its subscriptions are gone.',
  example: 'UNSUBSCRIBE with two filters, UNSUBACK with one code',
  on: ['UNSUBACK'],
  check: exchange => (exchange.level === 5 ? checkCount(exchange) : SKIP),
  describe: exchange => describeCount(exchange, 'UNSUBSCRIBE'),
};

function checkCount(exchange: Exchange): Outcome {
  const { packet, flow } = exchange;
  if (!isForGoodRequest(exchange)) return SKIP;
  // Both filters and codes were captured whole, or nobody can count them.
  if (flow?.digest === UNREAD || packet.codes.at < 0) return INCONCLUSIVE;
  return packet.codes.length === flow?.filters.length ? PASS : BROKEN;
}

function describeCount(exchange: Exchange, request: string): Evidence {
  const { packet, flow } = exchange;
  const filters = flow?.filters.length;
  const { at, length } = packet.codes;
  return {
    message: `${numbered(exchange)} has ${counted(length, 'code')}, its ${request} has ${counted(filters ?? 0, 'filter')}`,
    expected: counted(filters ?? 0, 'code'),
    actual: counted(length, 'code'),
    bytes: length === 0 ? idBytes(exchange) : { offset: at, length },
    relatedFrames: frames(flowFrame(exchange)),
  };
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const grantedAboveRequested: Rule<Exchange> = {
  id: 'mqtt/granted-above-requested',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.9.3-1',
    '3.8.4-7, 3.9.3-1',
    'The codes of a SUBACK stand in the order of the Topic Filters in its SUBSCRIBE.',
    'The codes of a SUBACK stand in the order of the Topic Filters in its SUBSCRIBE, and none grants more than was asked for.',
  ),
  editionHere,
  summary: 'a SUBACK grants a QoS above the one asked for at its place',
  why: 'Most often its codes are out of order: the client takes a refused filter for granted, and a granted one for refused.',
  example: 'SUBSCRIBE a with QoS 0 and b with QoS 2, SUBACK 2, 0',
  on: ['SUBACK'],
  check: exchange => {
    if (!isForGoodRequest(exchange)) return SKIP;
    if (exchange.packet.codes.at < 0) return INCONCLUSIVE;
    return placeAbove(exchange) < 0 ? PASS : BROKEN;
  },
  describe: exchange => {
    const { packet, message, flow } = exchange;
    const place = placeAbove(exchange);
    const offset = packet.codes.at + place;
    return {
      message: `${numbered(exchange)} grants QoS ${message.byte(offset)} at place ${place + 1}, where the SUBSCRIBE asks for ${asked(flow?.options[place])}`,
      expected: `QoS ${asked(flow?.options[place])} at most, or a refusal`,
      actual: `QoS ${message.byte(offset)}`,
      bytes: { offset, length: 1 },
      relatedFrames: frames(flowFrame(exchange)),
    };
  },
};

/** Whether it answers a SUBSCRIBE or UNSUBSCRIBE that broke no rule, so that one knows what it has to say. */
function isForGoodRequest({ standing, flow }: Exchange): boolean {
  return standing === STANDING.RIGHT && flow !== undefined && !flow.isFaulty && !flow.isWeak;
}

const HIGHEST_QOS = 2;
const asked = (options = 0): number => options & 3;

/** Place of the first code that grants more than was asked for there; -1 for none. */
function placeAbove({ packet, message, flow }: Exchange): number {
  const { at, length } = packet.codes;
  return (flow?.options ?? []).findIndex((options, place) => {
    const code = place < length ? message.byte(at + place) : 0;
    return code <= HIGHEST_QOS && code > asked(options);
  });
}
