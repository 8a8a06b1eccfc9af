import { expect, test } from 'vitest';
import { MOST_FILTERS, Packet } from '../../../../dissectors/mqtt/packet.ts';
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { faultText, hexOf, messageOf, read, textOf, unhex } from './reading.ts';

const v5 = mqtt(5);
const v311 = mqtt(4);
const v31 = mqtt(3);

test('a CONNECT of 5.0 with all that it may have is read', () => {
  const bytes = v5.connect({
    clientId: 'me',
    clean: false,
    keepAlive: 60,
    properties: [[PROPERTY.SESSION_EXPIRY, 300]],
    will: { topic: 'gone', payload: 'bye', qos: 1, properties: [[PROPERTY.WILL_DELAY, 5]] },
    userName: 'u',
    password: 'p',
  });
  const packet = read(bytes, 4);
  expect(faultText(packet)).toBe('NONE');
  expect(packet.level).toBe(5);
  expect(packet.nameLevel).toBe(5);
  expect(packet.connectFlags).toBe(0xcc);
  expect(packet.keepAlive).toBe(60);
  expect(packet.properties.value[PROPERTY.SESSION_EXPIRY]).toBe(300);
  expect(packet.willProperties.value[PROPERTY.WILL_DELAY]).toBe(5);
  expect(textOf(bytes, packet.name)).toBe('MQTT');
  expect(textOf(bytes, packet.clientId)).toBe('me');
  expect(textOf(bytes, packet.willTopic)).toBe('gone');
  expect(textOf(bytes, packet.willPayload)).toBe('bye');
  expect(textOf(bytes, packet.userName)).toBe('u');
  expect(textOf(bytes, packet.password)).toBe('p');
});

test('a CONNECT of a bridge is read by the version behind the high bit', () => {
  const packet = read(v311.connect({ level: 0x84 }), 5);
  expect(packet.level).toBe(4);
  expect(packet.nameLevel).toBe(0x84);
  expect(faultText(packet)).toBe('NONE');
});

test('of a CONNECT of an unknown level only name and level are read', () => {
  const packet = read(unhex('13 07 00044d515454 09'), 4);
  expect(faultText(packet)).toBe('NONE');
  expect(packet.nameLevel).toBe(9);
  expect(packet.connectFlagsAt).toBe(-1);
});

test('a CONNECT leaves nothing behind for the packet that is read after it', () => {
  const packet = new Packet();
  packet.read(messageOf(v5.connect({ properties: [[PROPERTY.RECEIVE_MAXIMUM, 3]], userName: 'u' })), 5, true);
  packet.read(messageOf(v5.pingreq()), 5, true);
  expect(packet.nameLevel).toBe(-1);
  expect(packet.userName.at).toBe(-1);
  expect(packet.properties.has(PROPERTY.RECEIVE_MAXIMUM)).toBe(false);
});

test.each([
  ['QoS 0', 0, -1],
  ['QoS 1', 1, 7],
  ['QoS 2', 2, 7],
])('a PUBLISH of %s is read in both versions', (_, qos, id) => {
  for (const encoder of [v311, v5]) {
    const bytes = encoder.publish({ topic: 'a/b', payload: 'hi', qos, id: 7 });
    const packet = read(bytes, encoder.version);
    expect(textOf(bytes, packet.topic)).toBe('a/b');
    expect(textOf(bytes, packet.payload)).toBe('hi');
    expect(packet.id).toBe(id);
    expect(packet.qos).toBe(qos);
  }
});

test('Subscription Identifiers of a PUBLISH are kept in their order', () => {
  const id = PROPERTY.SUBSCRIPTION_IDENTIFIER;
  const packet = read(
    v5.publish({
      properties: [
        [id, 300],
        [id, 2],
      ],
    }),
    5,
    false,
  );
  expect(faultText(packet)).toBe('NONE');
  expect(packet.properties.subscriptionIds).toEqual([300, 2]);
  expect(packet.properties.count[id]).toBe(2);
});

test.each([
  ['PUBACK of 5.0 without a code', '40 02 0007', 5, 0, -1],
  ['PUBACK of 5.0 without properties', '40 03 0007 10', 5, 0x10, 4],
  ['PUBACK of 5.0 with all', '40 04 0007 10 00', 5, 0x10, 4],
  ['PUBACK of 3.1.1', '40 02 0007', 4, -1, -1],
  ['DISCONNECT of 5.0 without a code', 'e0 00', 5, 0, -1],
  ['DISCONNECT of 5.0 without properties', 'e0 01 04', 5, 4, 2],
  ['DISCONNECT of 3.1.1', 'e0 00', 4, -1, -1],
  ['AUTH without a code', 'f0 00', 5, 0, -1],
  ['CONNACK of 3.1.1', '20 02 01 00', 4, 0, 3],
  ['the refusal of a 3.1.1 server', '20 02 00 01', 5, 1, 3],
])('the code of a %s', (_, hex, level, code, codeAt) => {
  const packet = read(unhex(hex), level);
  expect(faultText(packet)).toBe('NONE');
  expect(packet.code).toBe(code);
  expect(packet.codeAt).toBe(codeAt);
});

test('filters and codes of both versions', () => {
  for (const encoder of [v311, v5]) {
    const bytes = encoder.subscribe(3, [
      ['a', 1],
      ['b/#', 2],
    ]);
    const packet = read(bytes, encoder.version);
    const filters = packet.filters.slice(0, packet.filterCount);
    expect(filters.map(filter => `${textOf(bytes, filter)} ${filter.options}`)).toEqual(['a 1', 'b/# 2']);
    const suback = encoder.suback(3, [1, 0x80]);
    expect(hexOf(suback, read(suback, encoder.version).codes)).toBe('0180');
  }
  expect(hexOf(v5.unsuback(3, [0]), read(v5.unsuback(3, [0]), 5).codes)).toBe('00');
  expect(read(v311.unsuback(3), 4).codes.at).toBe(-1);
});

test.each([
  ['type 0', '00 00', 4, 'RESERVED_TYPE 0+1'],
  ['type 15 in 3.1.1', 'f0 00', 4, 'RESERVED_TYPE 0+1'],
  ['flags of PUBREL', '60 02 0001', 4, 'HEADER_FLAGS 0+1'],
  ['flags of PINGREQ', 'c1 00', 5, 'HEADER_FLAGS 0+1'],
  ['flags of a PUBREL sent again in MQTT 3.1', '6a 02 0001', 3, 'NONE'],
  ['both QoS bits', '36 05 0001 61 0001', 4, 'PUBLISH_QOS 0+1'],
  ['a topic that runs beyond the packet', '30 04 0005 61 62', 4, 'LENGTH 2+4'],
  ['a PUBLISH without the identifier it needs', '32 03 0001 61', 4, 'LENGTH 5+0'],
  ['bytes behind PUBACK of 3.1.1', '40 03 0001 00', 4, 'LENGTH 4+1'],
  ['bytes behind UNSUBACK of 3.1.1', 'b0 03 0001 00', 4, 'LENGTH 4+1'],
  ['a PINGREQ with a body', 'c0 01 00', 4, 'LENGTH 2+1'],
  ['a filter without options', '82 05 0001 0001 61', 4, 'LENGTH 7+0'],
  ['a topic that is no UTF-8', '30 05 0003 61 ff 62', 4, 'UTF8 5+1'],
  ['a surrogate', '30 05 0003 eda080', 4, 'UTF8 4+2'],
  ['an overlong form', '30 04 0002 c080', 5, 'UTF8 4+1'],
  ['beyond U+10FFFF', '30 06 0004 f4908080', 4, 'UTF8 4+2'],
  ['a sequence that the length cuts', '30 04 0002 61 c3', 4, 'UTF8 5+1'],
  ['no UTF-8 in MQTT 3.1', '30 04 0002 61 ff', 3, 'NONE'],
  ['U+0000', '30 04 0002 61 00', 4, 'UTF8_NULL 5+1'],
  ['a Property Length in two bytes', '30 05 0001 61 8000', 5, 'VARINT_NOT_MINIMAL 5+2'],
  ['a Remaining Length in two bytes', 'c0 8000', 5, 'VARINT_NOT_MINIMAL 1+2'],
  ['a Remaining Length in two bytes in 3.1.1', 'c0 8000', 4, 'NONE'],
  ['a property identifier in two bytes', '30 07 0001 61 03 8100 01', 5, 'VARINT_NOT_MINIMAL 6+2'],
  ['no Property Length', '30 03 0001 61', 5, 'PROPERTY_LENGTH 5+0'],
  ['a Property Length beyond the packet', '30 04 0001 61 05', 5, 'PROPERTY_LENGTH 5+1'],
  ['a Property Length that ends inside a property', '30 06 0001 61 02 23 00', 5, 'PROPERTY_LENGTH 6+2'],
  ['an unknown property', '30 07 0001 61 02 04 00 68', 5, 'PROPERTY_UNKNOWN 6+1'],
  ['a property of another packet', '30 09 0001 61 05 11 00000001', 5, 'PROPERTY_NOT_ALLOWED 6+5'],
  ['a property twice', '30 08 0001 61 04 0100 0101', 5, 'PROPERTY_REPEATED 8+2'],
  ['Maximum QoS 2', '20 05 00 00 02 24 02', 5, 'PROPERTY_VALUE 5+2'],
  ['Subscription Identifier 0', '82 09 0001 02 0b00 0001 61 00', 5, 'PROPERTY_VALUE 5+2'],
  ['Receive Maximum 0', '20 06 00 00 03 21 0000', 5, 'PROPERTY_VALUE 5+3'],
  ['a user name that the flags announce', '10 0d 00044d515454 04 82 0000 0001 61', 4, 'CONNECT_PAYLOAD 15+0'],
  ['that in MQTT 3.1', '10 0f 00064d5149736470 03 82 0000 0001 61', 3, 'NONE'],
  ['bytes behind the fields of CONNECT', '10 0e 00044d515454 04 02 0000 0001 61 00', 4, 'CONNECT_PAYLOAD 15+1'],
  ['a Will without its properties', '10 0f 00044d515454 05 06 0000 00 0001 61 00', 5, 'CONNECT_PAYLOAD 17+0'],
  [
    'a Remaining Length of CONNECT in two bytes',
    '10 8d00 00044d515454 05 02 0000 00 0000',
    5,
    'VARINT_NOT_MINIMAL 1+2',
  ],
])('%s', (_, hex, level, fault) => {
  expect(faultText(read(unhex(hex), level))).toBe(fault);
});

test('what stands behind a text that is no UTF-8 is read', () => {
  const packet = read(unhex('32 08 0002 61ff 0007 6869'), 4);
  expect(faultText(packet)).toBe('UTF8 5+1');
  expect(packet.id).toBe(7);
  expect(packet.payload.length).toBe(2);
});

test('what stands behind an unknown property is read, but no property is', () => {
  const bytes = unhex('30 08 0001 61 04 04 00 01 01');
  const packet = read(bytes, 5);
  expect(faultText(packet)).toBe('PROPERTY_UNKNOWN 6+1');
  expect(packet.properties.has(PROPERTY.PAYLOAD_FORMAT)).toBe(false);
  expect(packet.payload).toEqual(expect.objectContaining({ at: 10, length: 0 }));
});

test('a payload that was not captured is no fault, and its head is read', () => {
  const packet = read(v5.publish({ topic: 'a/b', payload: 'a long one', qos: 1, id: 7 }), 5, true, 12);
  expect(faultText(packet)).toBe('NONE');
  expect(packet.isCut).toBe(true);
  expect(packet.isHeadCut).toBe(false);
  expect(packet.id).toBe(7);
  expect(packet.payload.length).toBe(10);
});

test.each([
  ['topic', '30 04 0005', 4, 6],
  ['filter', '82 08 0001 0003 61', 4, 10],
])('a %s that was not captured is no fault unless its length says too much', (_, hex, level, whole) => {
  const head = unhex(hex);
  const long = new Uint8Array(whole + 20);
  long.set(head);
  expect(read(long, level, true, head.length).isHeadCut).toBe(true);
  expect(faultText(read(long, level, true, head.length))).toBe('NONE');
  const short = long.subarray(0, head.length + 1);
  expect(faultText(read(short, level, true, head.length))).toMatch(/^LENGTH/);
});

test.each([
  ['a control character', '61 01', 5],
  ['U+0085', '61 c285', 5],
  ['a noncharacter', 'efb790', 4],
  ['a noncharacter beyond the basic plane', 'f09fbfbe', 4],
])('%s is remarked and is no fault', (_, text, at) => {
  const topic = unhex(text);
  const packet = read(v311.publish({ topic }), 4);
  expect(faultText(packet)).toBe('NONE');
  expect(packet.control).toBe(at);
  expect(read(v31.publish({ topic }), 3).control).toBe(-1);
});

test('of a SUBSCRIBE with more filters than are read it is not known how many it has', () => {
  const most = v311.subscribe(1, new Array(MOST_FILTERS).fill('a'));
  expect(read(most, 4)).toMatchObject({ filterCount: MOST_FILTERS, isCut: false, fault: 0 });
  const more = v311.subscribe(1, new Array(MOST_FILTERS + 1).fill('a'));
  expect(read(more, 4)).toMatchObject({ filterCount: MOST_FILTERS, isCut: true, fault: 0 });
});

test('properties are counted beyond what is kept of them', () => {
  const id = PROPERTY.SUBSCRIPTION_IDENTIFIER;
  const { properties } = read(v5.publish({ properties: new Array(1025).fill([id, 7]) }), 5, false);
  expect(properties.count[id]).toBe(1025);
  expect(properties.subscriptionIds.length).toBe(1024);
  const pairs = read(v5.publish({ properties: new Array(256).fill([PROPERTY.USER_PROPERTY, ['a', 'b']]) }), 5);
  expect(pairs.properties.has(PROPERTY.USER_PROPERTY)).toBe(true);
  expect(pairs.properties.optionalBytes).toBe(256 * 7);
});
