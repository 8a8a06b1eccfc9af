/** Packets that break one rule of form each, and packets beside them that break none. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { unhex } from './reading.ts';

export type Level = 3 | 4 | 5;

/** @param broken the rule and the bytes to blame: `utf8 4+1` */
export type Case = readonly [
  situation: string,
  level: Level,
  packet: Uint8Array,
  from: 'client' | 'server',
  broken: string,
];

/** The same without what is broken. */
export type RightCase = readonly [situation: string, level: Level, packet: Uint8Array, from: 'client' | 'server'];

const v5 = mqtt(5);
const v311 = mqtt(4);
const v31 = mqtt(3);
const both = [v311, v5] as const;
const all = [v31, v311, v5] as const;

type Encoder = typeof v5;

/** The same situation in several versions. */
const each = (
  encoders: readonly Encoder[],
  situation: string,
  make: (encoder: Encoder) => Uint8Array,
  broken: string,
  from: 'client' | 'server' = 'client',
): Case[] => encoders.map(encoder => [situation, encoder.version, make(encoder), from, broken]);

const one = (
  encoder: Encoder,
  situation: string,
  packet: string | Uint8Array,
  broken: string,
  from: 'client' | 'server' = 'client',
): Case => [situation, encoder.version, typeof packet === 'string' ? unhex(packet) : packet, from, broken];

const right = (
  encoders: readonly Encoder[],
  situation: string,
  make: (encoder: Encoder) => Uint8Array,
  from: 'client' | 'server' = 'client',
): RightCase[] => encoders.map(encoder => [situation, encoder.version, make(encoder), from]);

export const PACKETS: readonly Case[] = [
  ...each(all, 'type 0', () => unhex('00 00'), 'reserved-type 0+1'),
  ...each([v31, v311], 'type 15 before 5.0', () => unhex('f0 00'), 'reserved-type 0+1'),
  ...each([v31, v311], 'DISCONNECT of the server', encoder => encoder.disconnect(), 'wrong-direction 0+1', 'server'),
  ...each(both, 'PUBREL with 0000', encoder => encoder.packet(6, 0, [0, 1]), 'header-flags 0+1'),
  ...each(both, 'PINGREQ with 0001', encoder => encoder.packet(12, 1), 'header-flags 0+1'),
  ...each(both, 'CONNECT with 0001', encoder => withFirst(encoder.connect(), 0x11), 'header-flags 0+1'),
  one(v5, 'AUTH with 1000', withFirst(v5.auth(0x18), 0xf8), 'header-flags 0+1'),
  one(v5, 'Remaining Length in two bytes', 'c0 80 00', 'varint-not-minimal 1+2'),
  one(v5, 'Property Length in two bytes', '30 05 0001 61 8000', 'varint-not-minimal 5+2'),
  ...each(all, 'a topic beyond the packet', () => unhex('30 04 0005 6162'), 'length 2+4'),
  ...each(all, 'an identifier of one byte', encoder => encoder.packet(6, 2, [1]), 'length 2+1'),
  ...each(all, 'PINGREQ with a body', encoder => encoder.packet(12, 0, [7, 7]), 'length 2+2'),
  one(v311, 'DISCONNECT with a Reason Code in 3.1.1', 'e0 01 00', 'length 2+1'),
  one(v311, 'a UNSUBACK with codes in 3.1.1', 'b0 03 0001 00', 'length 4+1', 'server'),
];

export const TEXTS: readonly Case[] = [
  ...each(both, 'a topic with ff', encoder => encoder.publish({ topic: [0x61, 0xff] }), 'utf8 5+1'),
  ...each(both, 'a surrogate in a filter', encoder => encoder.unsubscribe(1, [[0xed, 0xa0, 0x80]]), `utf8 6+2`).map(
    movedBy5,
  ),
  one(v5, 'a Reason String', v5.puback(1, 0, [[PROPERTY.REASON_STRING, [0xc0]]]), 'utf8 9+1'),
  ...each(both, 'U+0000 in a topic', encoder => encoder.publish({ topic: 'a\0b' }), 'utf8-null 5+1'),
  one(v5, 'U+0000 in a User Property', v5.disconnect(0, [[PROPERTY.USER_PROPERTY, ['a', '\0']]]), 'utf8-null 10+1'),
  ...each(both, 'a line feed', encoder => encoder.publish({ topic: 'a\n' }), 'utf8-control 5+1'),
  ...each(both, 'U+FFFE', encoder => encoder.publish({ topic: 'a\ufffe' }), 'utf8-control 5+3'),
  one(
    v5,
    'a payload that is no text',
    v5.publish({ topic: 'a', payload: [0x61, 0xff], properties: [[PROPERTY.PAYLOAD_FORMAT, 1]] }),
    'payload-format 9+1',
  ),
  one(
    v5,
    'a Will Payload that is no text',
    v5.connect({ clientId: 'a', will: { topic: 'w', payload: [0xfe], properties: [[PROPERTY.PAYLOAD_FORMAT, 1]] } }),
    'payload-format 24+1',
  ),
];

export const PROPERTIES: readonly Case[] = [
  one(v5, 'PUBLISH in the form of 3.1.1', '30 03 0001 61', 'property-length 5+0'),
  one(v5, 'a Property Length beyond the packet', '30 04 0001 61 05', 'property-length 5+1'),
  one(v5, 'one that ends inside a property', '30 06 0001 61 02 23 00', 'property-length 6+2'),
  one(v5, 'an unknown identifier', '30 06 0001 61 02 04 00', 'property-unknown 6+1'),
  one(v5, 'Session Expiry in PUBLISH', v5.publish({ topic: 'a', properties: [[17, 1]] }), 'property-not-allowed 6+5'),
  one(
    v5,
    'Receive Maximum in the Will',
    v5.connect({ clientId: 'a', will: { topic: 'w', properties: [[33, 1]] } }),
    'property-not-allowed 17+3',
  ),
  one(
    v5,
    'two Reason Strings',
    v5.puback(1, 0, [
      [31, ''],
      [31, ''],
    ]),
    'property-repeated 9+3',
  ),
  one(
    v5,
    'two Subscription Identifiers in SUBSCRIBE',
    v5.subscribe(
      1,
      ['a'],
      [
        [11, 1],
        [11, 2],
      ],
    ),
    'property-repeated 7+2',
  ),
  one(v5, 'Request Problem Information 2', v5.connect({ properties: [[23, 2]] }), 'property-value 13+2'),
  one(v5, 'Receive Maximum 0', v5.connack(0, { properties: [[33, 0]] }), 'property-value 5+3', 'server'),
  one(v5, 'Maximum Packet Size 0', v5.connack(0, { properties: [[39, 0]] }), 'property-value 5+5', 'server'),
  one(v5, 'Subscription Identifier 0', v5.subscribe(1, ['a'], [[11, 0]]), 'property-value 5+2'),
  one(
    v5,
    'a Subscription Identifier of the client',
    v5.publish({ topic: 'a', properties: [[11, 300]] }),
    'subscription-id-from-client 6+3',
  ),
  one(
    v5,
    'two of them, the last of which is blamed',
    v5.publish({
      topic: 'a',
      properties: [
        [11, 1],
        [11, 2],
      ],
    }),
    'subscription-id-from-client 8+2',
  ),
  one(
    v5,
    'a Session Expiry Interval of the server',
    v5.disconnect(0, [[17, 1]]),
    'session-expiry-from-server 4+5',
    'server',
  ),
  one(v5, 'Authentication Data alone', v5.connect({ properties: [[22, 'abc']] }), 'auth-data-without-method 13+6'),
];

export const CONNECTS: readonly Case[] = [
  ...each(both, 'the name mqtt', encoder => encoder.connect({ name: 'mqtt' }), 'protocol-name 4+4'),
  one(v31, 'the name MQTT with level 3', v31.connect({ name: 'MQTT' }), 'protocol-name 4+4'),
  one(v311, 'the name MQIsdp with level 4', v311.connect({ name: 'MQIsdp' }), 'protocol-name 4+6'),
  ...each(both, 'level 6', encoder => encoder.connect({ level: 6, flags: 0xff }), 'unknown-version 8+1'),
  one(v31, 'MQTT 3.1', v31.connect(), 'legacy-version 10+1'),
  one(v311, 'a bridge', v311.connect({ level: 0x84 }), 'legacy-version 8+1'),
  ...each(both, 'bit 0', encoder => encoder.connect({ flags: 0x03 }), 'connect-reserved-flag 9+1'),
  ...each(both, 'Will QoS 3', encoder => encoder.connect({ will: { topic: 'w', qos: 3 } }), 'will-qos 9+1'),
  one(v31, 'Will QoS 3', v31.connect({ will: { topic: 'w', qos: 3 } }), 'will-qos 11+1'),
  ...each(both, 'Will QoS without Will', encoder => encoder.connect({ flags: 0x0a }), 'will-flags 9+1'),
  ...each(both, 'Will Retain without Will', encoder => encoder.connect({ flags: 0x22 }), 'will-flags 9+1'),
  one(v311, 'a Password alone', v311.connect({ password: 'p' }), 'password-without-username 9+1'),
  one(v311, 'no User Name', v311.connect({ clientId: 'a', flags: 0x82 }), 'connect-payload 15+0'),
  one(v5, 'no User Name', v5.connect({ clientId: 'a', flags: 0x82 }), 'connect-payload 16+0'),
  one(v311, 'a User Name that no flag announces', v311.connect({ userName: 'u', flags: 2 }), 'connect-payload 20+3'),
  one(v5, 'no Will', v5.connect({ clientId: 'a', flags: 0x06 }), 'connect-payload 16+0'),
  one(v311, 'a CONNECT that ends in its head', '10 08 00044d515454 04 02', 'connect-payload 10+0'),
  one(v311, 'no Client Identifier', v311.connect({ clientId: '', clean: false }), 'client-id-empty 12+2'),
];

export const ANSWERS: readonly Case[] = [
  ...each(both, 'a reserved flag', encoder => encoder.connack(0, { flags: 2 }), 'connack-flags 2+1', 'server'),
  one(v311, 'Session Present in a refusal', '20 02 01 05', 'session-present-refused 2+1', 'server'),
  one(v5, 'Session Present in a refusal', '20 03 01 87 00', 'session-present-refused 2+1', 'server'),
  ...each([v31, v311], 'code 6', encoder => encoder.connack(6), 'reason-code 3+1', 'server'),
  one(v5, 'a code of DISCONNECT in CONNACK', v5.connack(0x8b), 'reason-code 3+1', 'server'),
  ...each([v31, v311], 'QoS 3 granted', encoder => encoder.suback(1, [0, 3]), 'reason-code 5+1', 'server'),
  one(v5, 'QoS 3 granted', v5.suback(1, [0, 3]), 'reason-code 6+1', 'server'),
  one(v5, 'a code of SUBACK in PUBACK', v5.puback(1, 1), 'reason-code 4+1'),
  one(v5, 'a code of PUBACK in PUBREL', v5.pubrel(1, 0x80), 'reason-code 4+1'),
  one(v5, 'UNSUBACK with 01', v5.unsuback(1, [1]), 'reason-code 5+1', 'server'),
  one(v5, 'DISCONNECT with 8a', v5.disconnect(0x8a), 'reason-code 2+1', 'server'),
  one(v5, 'AUTH with 01', v5.auth(1), 'reason-code 2+1'),
  one(v5, 'DISCONNECT 04 of the server', v5.disconnect(4), 'reason-code-role 2+1', 'server'),
  one(v5, 'DISCONNECT 8e of the client', v5.disconnect(0x8e), 'reason-code-role 2+1'),
  one(v5, 'PUBREC 10 of the client', v5.pubrec(1, 0x10), 'reason-code-role 4+1'),
];

export const PUBLISHES: readonly Case[] = [
  ...each(all, 'QoS 3', encoder => encoder.publish({ qos: 3 }), 'publish-qos 0+1'),
  ...each(all, 'DUP with QoS 0', encoder => encoder.publish({ dup: true }), 'dup-qos0 0+1'),
  ...each(all, 'identifier 0', encoder => encoder.publish({ topic: 'a', qos: 1, id: 0 }), 'packet-id-zero 5+2'),
  ...each(all, 'identifier 0', encoder => encoder.subscribe(0, ['a']), 'packet-id-zero 2+2'),
  ...each(all, 'identifier 0', encoder => encoder.unsubscribe(0, ['a']), 'packet-id-zero 2+2'),
  ...each(all, '+ in a topic', encoder => encoder.publish({ topic: 'a/+/b' }), 'topic-wildcard 6+1'),
  ...each(
    all,
    '# in a topic of the server',
    encoder => encoder.publish({ topic: '#' }),
    'topic-wildcard 4+1',
    'server',
  ),
  one(v311, '# in the Will Topic', v311.connect({ clientId: 'a', will: { topic: 'w#' } }), 'topic-wildcard 18+1'),
  ...each(all, 'no topic', encoder => encoder.publish({ topic: '' }), 'topic-empty 2+2'),
  ...each([v31, v311], 'no filter', encoder => encoder.subscribe(1, ['a', '']), 'topic-empty 8+2'),
  one(v5, 'no filter', v5.unsubscribe(1, ['']), 'topic-empty 5+2'),
  one(v5, '+ in a Response Topic', v5.publish({ topic: 'a', properties: [[8, 'b+']] }), 'response-topic-wildcard 10+1'),
  one(
    v5,
    '# in the Response Topic of a Will',
    v5.connect({ clientId: 'a', will: { topic: 'w', properties: [[8, '#']] } }),
    'response-topic-wildcard 20+1',
  ),
  one(v5, 'Topic Alias 0', v5.publish({ topic: '', properties: [[35, 0]] }), 'topic-alias-zero 5+3'),
];

export const FILTERS: readonly Case[] = [
  ...each(all, 'no filter at all', encoder => encoder.subscribe(1, []), 'subscribe-empty 4+0').map(atEnd),
  ...each(all, 'no filter at all', encoder => encoder.unsubscribe(1, []), 'unsubscribe-empty 4+0').map(atEnd),
  ...each([v31, v311], 'QoS 3', encoder => encoder.subscribe(1, [['a', 3]]), 'subscribe-options 7+1'),
  one(v311, 'options of 5.0', v311.subscribe(1, [['a', 4]]), 'subscribe-options 7+1'),
  one(v5, 'QoS 3', v5.subscribe(1, [['a', 3]]), 'subscribe-options 8+1'),
  one(v5, 'Retain Handling 3', v5.subscribe(1, [['a', 0x30]]), 'subscribe-options 8+1'),
  one(v5, 'a reserved bit', v5.subscribe(1, [['a', 0x40]]), 'subscribe-options 8+1'),
  one(v5, 'No Local and shared', v5.subscribe(1, [['$share/g/a', 4]]), 'no-local-shared 17+1'),
  one(v5, 'no ShareName', v5.subscribe(1, ['$share//a']), 'shared-filter 7+9'),
  one(v5, '+ in the ShareName', v5.subscribe(1, ['$share/+/a']), 'shared-filter 7+10'),
  one(v5, 'no filter behind the ShareName', v5.unsubscribe(1, ['$share/g/']), 'shared-filter 7+9'),
  ...each([v31, v311], 'a#', encoder => encoder.subscribe(1, ['a#']), 'filter-wildcard 7+1'),
  ...each([v31, v311], '+a', encoder => encoder.unsubscribe(1, ['+a']), 'filter-wildcard 6+1'),
  one(v5, '#/a behind the ShareName', v5.subscribe(1, ['$share/g/#/a']), 'filter-wildcard 16+1'),
  one(v5, 'a+', v5.unsubscribe(1, ['b', 'a+']), 'filter-wildcard 11+1'),
];

export const BROKEN_CASES: readonly Case[] = [
  ...PACKETS,
  ...TEXTS,
  ...PROPERTIES,
  ...CONNECTS,
  ...ANSWERS,
  ...PUBLISHES,
  ...FILTERS,
];

export const RIGHT_CASES: readonly RightCase[] = [
  ...right(both, 'a CONNECT', encoder => encoder.connect({ clientId: 'a', userName: 'u', password: 'p' })),
  ...right(both, 'a Will', encoder => encoder.connect({ will: { topic: 'w', qos: 2, retain: true } })),
  ...right([v311], 'no Client Identifier and CleanSession', encoder => encoder.connect({ clientId: '' })),
  ...right([v5], 'no Client Identifier and no Clean Start', encoder => encoder.connect({ clientId: '', clean: false })),
  ...right([v5], 'a Password alone', encoder => encoder.connect({ password: 'p' })),
  ...right([v5], 'Authentication Data and its method', encoder =>
    encoder.connect({
      properties: [
        [22, 'abc'],
        [21, 'm'],
      ],
    }),
  ),
  ...right(all, 'a CONNACK', encoder => encoder.connack(0, { sessionPresent: true }), 'server'),
  ...right(all, 'a refusal', encoder => encoder.connack(encoder.version === 5 ? 0x87 : 5), 'server'),
  ...right([v5], 'the refusal of a 3.1.1 server', () => unhex('20 02 00 01'), 'server'),
  ...right([v31], 'a reserved flag of CONNACK in MQTT 3.1', () => unhex('20 02 03 01'), 'server'),
  ...right(all, 'DUP with QoS 1', encoder => encoder.publish({ dup: true, qos: 1 })),
  ...right([v5], 'no topic, and an alias', encoder => encoder.publish({ topic: '', properties: [[35, 1]] })),
  ...right([v5], 'a Response Topic', encoder => encoder.publish({ properties: [[8, 'b']] })),
  ...right([v5], '+ in a Response Topic, passed on', encoder => encoder.publish({ properties: [[8, '+']] }), 'server'),
  ...right(both, 'a control character, passed on', encoder => encoder.publish({ topic: 'a\n' }), 'server'),
  ...right([v5], 'a payload that is text', encoder => encoder.publish({ payload: 'ä\0', properties: [[1, 1]] })),
  ...right([v5], 'one that does not say so', encoder => encoder.publish({ payload: [0xff], properties: [[1, 0]] })),
  ...right(
    [v5],
    'one that is none, passed on',
    encoder => encoder.publish({ payload: [0xff], properties: [[1, 1]] }),
    'server',
  ),
  ...right(
    [v5],
    'Subscription Identifiers',
    encoder =>
      encoder.publish({
        properties: [
          [11, 1],
          [11, 2],
        ],
      }),
    'server',
  ),
  ...right([v5], 'User Properties', encoder =>
    encoder.publish({
      properties: [
        [38, ['a', 'b']],
        [38, ['a', 'b']],
      ],
    }),
  ),
  ...right([v5], 'a Session Expiry Interval of the client', encoder => encoder.disconnect(0, [[17, 1]])),
  ...right([v5], 'DISCONNECT of the server', encoder => encoder.disconnect(0x8e), 'server'),
  ...right(
    [v5],
    'DISCONNECT of the server with its reason',
    encoder => encoder.disconnect(0x8e, [[31, 'x']]),
    'server',
  ),
  ...right([v5], 'DISCONNECT 04 of the client', encoder => encoder.disconnect(4)),
  ...right([v5], 'PUBACK 10 of the server', encoder => encoder.puback(1, 0x10), 'server'),
  ...right([v5], 'AUTH of the server', encoder => encoder.auth(0x18, [[21, 'm']]), 'server'),
  ...right(all, 'a DISCONNECT', encoder => encoder.disconnect()),
  ...right(all, 'identifier 0 of an answer', encoder => encoder.puback(0)),
  ...right(all, 'wildcards', encoder => encoder.subscribe(1, ['#', '+', '+/a/#', ['$SYS/#', 2]])),
  ...right(all, 'wildcards given back', encoder => encoder.unsubscribe(1, ['+/+/#'])),
  ...right([v5], 'a Shared Subscription', encoder => encoder.subscribe(1, [['$share/g/a/#', 0x2a]])),
  ...right([v311], '$share in 3.1.1', encoder => encoder.subscribe(1, ['$share//a'])),
  ...right([v31], 'reserved bits behind a filter in MQTT 3.1', encoder => encoder.subscribe(1, [['a', 0x81]])),
  ...right([v31], 'a SUBSCRIBE sent again in MQTT 3.1', encoder => withFirst(encoder.subscribe(1, ['a']), 0x8a)),
  ...right([v31], 'no UTF-8 in MQTT 3.1', encoder => encoder.publish({ topic: [0x61, 0xc0, 0x80, 0x07] })),
  ...right(all, 'SUBACK with a refusal', encoder => encoder.suback(1, [0, 1, 2, 0x80]), 'server'),
  ...right(all, 'UNSUBACK', encoder => encoder.unsuback(1, [0x11]), 'server'),
  ...right(all, 'PINGRESP', encoder => encoder.pingresp(), 'server'),
  ...right([v31, v311], 'a Remaining Length in two bytes before 5.0', () => unhex('c0 80 00')),
];

/** The same packet with another first byte. */
function withFirst(packet: Uint8Array, first: number): Uint8Array {
  return Uint8Array.from(packet, (byte, at) => (at === 0 ? first : byte));
}

/** Behind a Property Length of 0 all stands one byte further. */
function movedBy5([situation, level, packet, from, broken]: Case): Case {
  const moved = broken.replace(/(\d+)\+/, (_, at) => `${Number(at) + (level === 5 ? 1 : 0)}+`);
  return [situation, level, packet, from, moved];
}

/** At the packet's end there is no byte to blame. */
function atEnd([situation, level, packet, from, broken]: Case): Case {
  return [situation, level, packet, from, broken.replace(/\d+\+/, `${packet.length}+`)];
}
