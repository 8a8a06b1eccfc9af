/** Rules about Topic Aliases (5.0): each side sets its own, up to what the other takes. */
import { BROKEN, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { REMARK } from '../remarks.ts';
import { PROPERTY } from '../terms.ts';
import { propertyBytes, receiverName, senderName } from './evidence.ts';
import { announcedIn, isBound } from './limits.ts';

/** 0 for none: an alias of 0 breaks a rule of its own. */
function aliasOf({ packet: { properties } }: Exchange): number {
  return properties.has(PROPERTY.TOPIC_ALIAS) ? properties.value[PROPERTY.TOPIC_ALIAS] : 0;
}

const aliasBytes = ({ packet }: Exchange) => propertyBytes(packet.properties, PROPERTY.TOPIC_ALIAS);

export const topicAliasTooLarge: Rule<Exchange> = {
  id: 'mqtt/topic-alias-too-large',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.1.2-26, 3.1.2-27, 3.2.2-17, 3.2.2-18, 3.3.2-9, 3.3.2-11',
    'No Topic Alias is above the Topic Alias Maximum of its receiver, and there is none where that is 0 or absent.',
  ),
  editionHere,
  summary: 'a Topic Alias is above the Topic Alias Maximum of its receiver',
  why: 'The receiver has no place for it and closes the connection with 0x94.',
  example: 'CONNACK without Topic Alias Maximum, PUBLISH with Topic Alias 1',
  on: ['PUBLISH'],
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: exchange => {
    const alias = aliasOf(exchange);
    if (alias === 0 || !isBound(exchange)) return SKIP;
    return alias > exchange.receiver.announced.topicAliasMaximum ? BROKEN : PASS;
  },
  describe: exchange => {
    const most = exchange.receiver.announced.topicAliasMaximum;
    return {
      message: `Topic Alias ${aliasOf(exchange)}, and the ${receiverName(exchange)} takes ${most === 0 ? 'none' : `${most} at most`}`,
      expected: most === 0 ? 'no Topic Alias' : `1 to ${most}`,
      actual: `${aliasOf(exchange)}`,
      bytes: aliasBytes(exchange),
      relatedFrames: frames(announcedIn(exchange)),
    };
  },
};

export const topicAliasUnknown: Rule<Exchange> = {
  id: 'mqtt/topic-alias-unknown',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.3.2-7, §3.3.4',
    'An alias without a topic was set before by the same side in the same connection.',
  ),
  editionHere,
  summary: 'a PUBLISH without a topic has an alias that its sender has not set in this connection',
  why: 'Its receiver does not know where the message belongs. Aliases do not outlive a connection: clients that keep them lose messages.',
  example: 'PUBLISH with an empty topic and Topic Alias 3, and no PUBLISH before it that sets 3',
  on: ['PUBLISH'],
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: exchange => {
    const { level, packet, sender } = exchange;
    const alias = aliasOf(exchange);
    if (level !== 5 || alias === 0 || packet.topic.at < 0 || packet.topic.length > 0) return SKIP;
    if (sender.aliases?.has(alias)) return PASS;
    return sender.isAliasForgotten ? INCONCLUSIVE : BROKEN;
  },
  describe: exchange => ({
    message: `the ${senderName(exchange)} has not set Topic Alias ${aliasOf(exchange)} in this connection`,
    expected: 'a topic, or an alias that was set before',
    actual: `no topic, and Topic Alias ${aliasOf(exchange)}`,
    bytes: aliasBytes(exchange),
  }),
};
