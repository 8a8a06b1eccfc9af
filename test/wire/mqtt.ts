/** Some messages of MQTT 5.0 as layouts: fields of every kind that a table can say. */
import {
  bitField,
  bits,
  bytes,
  flag,
  group,
  optional,
  properties,
  repeated,
  text,
  uint,
  varint,
  when,
} from '../../src/wire/fields.ts';
import { layoutOf } from '../../src/wire/layout.ts';

const TABLE = {
  1: uint('payloadFormat', 1),
  2: uint('expiry', 4, { title: 'Message Expiry Interval' }),
  11: varint('subscription'),
  31: text('reasonString', { prefix: 2 }),
  38: [text('name', { prefix: 2 }, { title: 'User Property' }), text('value', { prefix: 2 })],
};

const head = (type: number, name: string) =>
  [
    bits('head', 1, [
      bitField('type', 4, 4, { [type]: name }),
      flag('dup', 3),
      bitField('qos', 1, 2, { 1: 'at least once' }),
      flag('retain', 0),
    ]),
    varint('remaining', { brief: false }),
  ] as const;

export const CONNECT = layoutOf('CONNECT', { code: 1, meaning: 'opens a session', clause: '3.1' }, [
  ...head(1, 'CONNECT'),
  text('protocol', { prefix: 2 }),
  uint('level', 1),
  bits('flags', 1, [flag('userNameFlag', 7), flag('passwordFlag', 6), bitField('willQos', 3, 2), flag('willFlag', 2)]),
  uint('keepAlive', 2),
  when('level', 5, properties('properties', TABLE)),
  text('client', { prefix: 2 }),
  when(
    'flags.willFlag',
    1,
    group('will', [
      when('level', 5, properties('willProperties', TABLE)),
      text('willTopic', { prefix: 2 }),
      bytes('willPayload', { prefix: 2 }),
    ]),
  ),
  when('userNameFlag', 1, text('userName', { prefix: 2 })),
  when('passwordFlag', 1, bytes('password', { prefix: 2 })),
]);

export const PUBLISH = layoutOf('PUBLISH', { code: 3, meaning: 'carries a message', clause: '3.3' }, [
  ...head(3, 'PUBLISH'),
  text('topic', { prefix: 2 }),
  when('head.qos', qos => qos > 0, uint('packetId', 2), 'if QoS is above 0'),
  properties('properties', TABLE),
  bytes('payload', 'rest'),
]);

export const PUBACK = layoutOf('PUBACK', { code: 4, meaning: 'acknowledges', clause: '3.4' }, [
  ...head(4, 'PUBACK'),
  uint('packetId', 2),
  optional(uint('reason', 1)),
  optional(properties('properties', TABLE)),
]);

export const SUBSCRIBE = layoutOf('SUBSCRIBE', { code: 8, meaning: 'asks for topics', clause: '3.8' }, [
  ...head(8, 'SUBSCRIBE'),
  uint('packetId', 2),
  properties('properties', TABLE),
  repeated('topics', [
    text('filter', { prefix: 2 }),
    bits('options', 1, [bitField('maximumQos', 0, 2), flag('noLocal', 2)]),
  ]),
]);
