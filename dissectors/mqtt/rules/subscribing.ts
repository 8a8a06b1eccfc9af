/** Rules about what a server has said that it does not take in a SUBSCRIBE (5.0). */
import { BROKEN, type ByteRange, frames, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import type { FilterPart } from '../parts.ts';
import { filtersOf } from '../taking.ts';
import { PROPERTY } from '../terms.ts';
import { hasWildcard } from '../topics.ts';
import { FIRST_BYTE, propertyBytes } from './evidence.ts';
import { isBound } from './limits.ts';

export const wildcardNotSupported: Rule<Exchange> = {
  id: 'mqtt/wildcard-not-supported',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '§3.2.2.3.11',
    'A client subscribes with no wildcards where Wildcard Subscription Available is 0.',
  ),
  editionHere,
  summary: 'a Topic Filter has a wildcard although Wildcard Subscription Available is 0',
  why: 'The server closes the connection with 0xA2: all subscriptions of the client are lost with it.',
  example: 'CONNACK with Wildcard Subscription Available 0, SUBSCRIBE "a/+"',
  on: ['SUBSCRIBE'],
  check: exchange => {
    if (!exchange.fromClient || !isBound(exchange) || exchange.connection.connack.wildcardAvailable) return SKIP;
    return filterThat(exchange, hasWildcard) === undefined ? PASS : BROKEN;
  },
  describe: exchange => ({
    message: 'SUBSCRIBE with a wildcard, and the server takes none',
    expected: 'Topic Filters without + and #',
    actual: 'a wildcard',
    bytes: filterBytes(filterThat(exchange, hasWildcard)),
    relatedFrames: frames(exchange.connection.connack.frame),
  }),
};

export const sharedNotSupported: Rule<Exchange> = {
  id: 'mqtt/shared-not-supported',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '§3.2.2.3.13',
    'A client asks for no Shared Subscription where Shared Subscription Available is 0.',
  ),
  editionHere,
  summary: 'a Shared Subscription although Shared Subscription Available is 0',
  why: 'The server closes the connection with 0x9E: all subscriptions of the client are lost with it.',
  example: 'CONNACK with Shared Subscription Available 0, SUBSCRIBE "$share/g/a"',
  on: ['SUBSCRIBE'],
  check: exchange => {
    if (!exchange.fromClient || !isBound(exchange) || exchange.connection.connack.sharedAvailable) return SKIP;
    return filterThat(exchange, filter => filter.startsWith('$share/')) === undefined ? PASS : BROKEN;
  },
  describe: exchange => ({
    message: 'SUBSCRIBE asks for a Shared Subscription, and the server has none',
    expected: 'Topic Filters that do not begin with $share/',
    actual: 'a Shared Subscription',
    bytes: filterBytes(filterThat(exchange, filter => filter.startsWith('$share/'))),
    relatedFrames: frames(exchange.connection.connack.frame),
  }),
};

export const subscriptionIdNotSupported: Rule<Exchange> = {
  id: 'mqtt/subscription-id-not-supported',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '§3.2.2.3.12',
    'A client sends no Subscription Identifier where Subscription Identifiers Available is 0.',
  ),
  editionHere,
  summary: 'a Subscription Identifier although Subscription Identifiers Available is 0',
  why: 'The server closes the connection with 0xA1: all subscriptions of the client are lost with it.',
  example: 'CONNACK with Subscription Identifiers Available 0, SUBSCRIBE with Subscription Identifier 5',
  on: ['SUBSCRIBE'],
  check: exchange => {
    const { fromClient, connection, packet } = exchange;
    if (!fromClient || !isBound(exchange) || connection.connack.subscriptionIdsAvailable) return SKIP;
    return packet.properties.has(PROPERTY.SUBSCRIPTION_IDENTIFIER) ? BROKEN : PASS;
  },
  describe: ({ packet, connection }) => ({
    message: 'SUBSCRIBE with a Subscription Identifier, and the server takes none',
    expected: 'no Subscription Identifier',
    actual: `Subscription Identifier ${packet.properties.value[PROPERTY.SUBSCRIPTION_IDENTIFIER]}`,
    bytes: propertyBytes(packet.properties, PROPERTY.SUBSCRIPTION_IDENTIFIER),
    relatedFrames: frames(connection.connack.frame),
  }),
};

/** The first filter of the SUBSCRIBE that is so. */
function filterThat(exchange: Exchange, isSo: (filter: string) => boolean): FilterPart | undefined {
  const place = filtersOf(exchange).findIndex(isSo);
  return exchange.packet.filters[place];
}

function filterBytes(filter: FilterPart | undefined): ByteRange {
  return filter ? { offset: filter.at, length: filter.length } : FIRST_BYTE;
}
