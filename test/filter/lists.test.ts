/** Filters on what stands behind fields of no fixed length, in integers of bits and in lists. */
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { complete } from '../../src/filter/complete.ts';
import { FilterError } from '../../src/filter/error.ts';
import { makeFilter } from '../../src/filter/filter.ts';
import { MessageSubject } from '../../src/filter/message-subject.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { json, repeated, text, uint } from '../../src/wire/fields.ts';
import { type Layout, layoutOf } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { toy } from '../kit/toy.ts';
import { CONNECT, PUBLISH, SUBSCRIBE } from '../wire/mqtt.ts';

const BIG = layoutOf('BIG', { code: 9, meaning: 'm', clause: '1' }, [
  uint('serial', 8),
  repeated('parts', [uint('number', 8), json('body', { size: { prefix: 1 } }), text('mark', { prefix: 1 })]),
]);

const mqtt: AnyProtocol = { ...toy, id: 'mqtt', title: 'MQTT', layouts: [CONNECT, PUBLISH, SUBSCRIBE, BIG] };
const catalogue = catalogueOf([mqtt]);

function matches(filter: string, layout: Layout, bytes: string, captured?: number): boolean {
  const message = new Message();
  const all = hex(bytes);
  message.assign(all, 0, all.length, captured ?? all.length);
  const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:1883', clientToServer: true };
  const names = { name: layout.name, protocol: 'mqtt', connection: 1, capture: 0, state: '', findings: [] };
  const subject = new MessageSubject({ message, layout, ...ends, ...names }, { seconds: 0, nanoseconds: 0 });
  return makeFilter(filter, catalogue, 'messages')(subject);
}

function complaint(filter: string): string {
  try {
    makeFilter(filter, catalogue, 'messages');
    return 'fine';
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

/** QoS 1, topic a/b, packet 42; payload format 1, user property x=abc. */
const PUBLISHED = '32 17 0003 612f62 002a 0b 0101 26 0001 78 0003 616263 68656c';
/** Topics a/b with QoS 1, and c with QoS 2. */
const SUBSCRIBED = '82 0e 0001 00 0003 612f62 01 0001 63 06';

describe('of a message with fields behind others', () => {
  test.each([
    ['mqtt.qos > 0', true],
    ['mqtt.qos > 1', false],
    ['mqtt.qos == "at least once"', true],
    ['mqtt.head == 0x32', true],
    ['mqtt.topic contains "a/b"', true],
    ['mqtt.topic == "a/b"', true],
    ['mqtt.topic ~ "a/*"', true],
    ['mqtt.topic == "b"', false],
    ['mqtt.packetId == 42', true],
    ['mqtt.packetId', true],
    ['mqtt.payload == 68:65:6c', true],
    ['mqtt.remaining == 23', true],
    ['mqtt.properties', true],
    ['mqtt.topics', false],
    ['mqtt.properties[*].name == "x"', true],
    ['mqtt.properties[*].name == "y"', false],
    ['mqtt.properties[1].name == "x"', true],
    ['mqtt.properties[0].name', false],
    ['mqtt.properties[9].name', false],
    ['mqtt.properties[*].id in {2..40}', true],
    ['mqtt.properties[*].id == "User Property"', true],
    ['mqtt.properties[*].expiry', false],
  ])('%s', (filter, expected) => {
    expect(matches(filter, PUBLISH, PUBLISHED)).toBe(expected);
  });

  test.each([
    ['mqtt.topics[*].filter == "c"', true],
    ['mqtt.topics[0].filter == "c"', false],
    ['mqtt.topics[1].maximumQos == 2', true],
    ['mqtt.topics[*].maximumQos > 2', false],
    ['mqtt.topics[*].filter != "c"', false],
  ])('and of a list: %s', (filter, expected) => {
    expect(matches(filter, SUBSCRIBE, SUBSCRIBED)).toBe(expected);
  });

  test('a field that is absent, or was not captured, has no value', () => {
    expect(matches('mqtt.packetId', PUBLISH, '30 07 0001 61 00 68656c')).toBe(false);
    expect(matches('mqtt.packetId', PUBLISH, PUBLISHED, 8)).toBe(false);
    expect(matches('mqtt.properties[*].name', PUBLISH, PUBLISHED, 14)).toBe(false);
    expect(matches('mqtt.properties[*].payloadFormat == 1', PUBLISH, PUBLISHED, 14)).toBe(true);
  });
});

test.each([
  ['mqtt.serial == 18446744073709551615', true],
  ['mqtt.serial == 18446744073709551614', false],
  ['mqtt.serial > 18446744073709551614', true],
  ['mqtt.parts[*].number == 9007199254740993', true],
  ['mqtt.parts[*].number == 9007199254740992', false],
  ['mqtt.parts[*].body.a == 2', true],
  ['mqtt.parts[0].body.a == 2', false],
  ['mqtt.parts[1].body contains "a"', true],
  ['mqtt.parts[*].mark == "z"', true],
])('64 bits are compared digit by digit, and JSON in a list is looked into: %s', (filter, expected) => {
  const parts = '0000000000000001 07 7b2261223a317d 00 0020000000000001 07 7b2261223a327d 01 7a';
  expect(matches(filter, BIG, `ffffffffffffffff ${parts}`)).toBe(expected);
});

test('a name that there is not is a complaint', () => {
  expect(complaint('mqtt.topics[*].filtre == "c"')).toContain('mqtt.topics[*].filter');
  expect(complaint('mqtt.topics.filter == "c"')).toContain('mqtt.topics[*].filter');
  expect(complaint('mqtt.topics == "c"')).toContain('mqtt.topics is there or not; it has no value to compare');
  expect(complaint('mqtt.topic[0] == "c"')).toContain('mqtt.topic has no members');
  expect(complaint('mqtt.tpic')).toContain('mqtt.topic');
});

test('completion offers what is in lists, and what can be compared with it', () => {
  const at = (text: string) => complete(text, text.length, catalogue).candidates;
  expect(at('mqtt.topics')).toContain('mqtt.topics[*].filter');
  expect(at('mqtt.topics[*].f')).toEqual(['mqtt.topics[*].filter']);
  expect(at('mqtt.topics[*].filter ')).toContain('contains');
  expect(at('mqtt.topics[3].maximumQos ')).toContain('>=');
  expect(at('mqtt.properties[*].id == ')).toContain('"User Property"');
});

test('completion goes on from a bracket that is not closed yet, and keeps the index that was written', () => {
  const at = (text: string) => complete(text, text.length, catalogue);
  expect(at('qos && mqtt.topics[').from).toBe(7);
  expect(at('mqtt.properties[').candidates).toContain('mqtt.properties[*].name');
  expect(at('mqtt.properties[*').candidates).toContain('mqtt.properties[*].name');
  expect(at('mqtt.topics[12').candidates).toContain('mqtt.topics[12].filter');
  expect(at('mqtt.topics[12].f').candidates).toEqual(['mqtt.topics[12].filter']);
  expect(at('mqtt.topics[12].filter == 1 && mqtt.topics[3].f').candidates).toEqual(['mqtt.topics[3].filter']);
  expect(at('mqtt.parts[0].body.list[').candidates).toEqual(['mqtt.parts[0].body.list[*]']);
  expect(at('mqtt.parts[*].body.list[7').candidates).toEqual(['mqtt.parts[*].body.list[7]']);
});

test.each(['mqtt.topic[', 'mqtt.topic == a[', '[', 'mqtt.topic == "a[', 'mqtt.topics["'])(
  'completion offers nothing in the bracket of %j',
  text => {
    expect(complete(text, text.length, catalogue).candidates).toEqual([]);
  },
);
