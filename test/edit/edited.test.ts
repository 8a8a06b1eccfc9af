/** Fields of messages set to other values: hex in, hex out, and what follows with them. */
import { describe, expect, test } from 'vitest';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { editedIfThere } from '../../src/edit/edited.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { catalogue, complaint, hex, set, target } from './editing.ts';

const SHUTDOWN = target('mnet SHUTDOWN', '05 aabbcc 00000011');
const DATA = target('mnet DATA', '00 aabbcc 00000011 00000000 0003 616263');
/** Topic a/b, no properties, payload pay1. */
const PUBLISH = target('mqtt PUBLISH 5.0', '30 0a 0003 612f62 00 70617931');
const KEYED = target('mqtt PUBLISH 5.0', '30 0d 0003 612f62 06 26 0001 6b 0000 70');
const ERROR = target('filestorage ERROR', '02 00000010 00 7b2261223a 2262222c 202263223a317d');

describe('a field', () => {
  test.each([
    ['a number', SHUTDOWN, 'mnet.acknowledged = 9999', '05 aabbcc 0000270f', 'mnet.acknowledged = 9999 (was 17)'],
    [
      'in hex',
      SHUTDOWN,
      'mnet.acknowledged=0xffffffff',
      '05 aabbcc ffffffff',
      'mnet.acknowledged = 0xffffffff (was 17)',
    ],
    [
      'an identifier as bytes',
      SHUTDOWN,
      'mnet.tag = 01:02:03',
      '05 010203 00000011',
      'mnet.tag = 01:02:03 (was 0xaabbcc)',
    ],
    ['an identifier as a number', SHUTDOWN, 'mnet.tag = 0x1', '05 000001 00000011', 'mnet.tag = 0x1 (was 0xaabbcc)'],
    [
      'bytes of the same length',
      DATA,
      'mnet.data = 0d:0a:00',
      '00 aabbcc 00000011 00000000 0003 0d0a00',
      'mnet.data = 0d:0a:00 (was 61:62:63)',
    ],
    ['some bits of an integer', PUBLISH, 'mqtt.dup = 1', '38 0a 0003 612f62 00 70617931', 'mqtt.dup = 1 (was 0)'],
    [
      'a code point by its name',
      PUBLISH,
      'mqtt.qos = "at least once"',
      '32 0a 0003 612f62 00 70617931',
      'mqtt.qos = "at least once" (was 0)',
    ],
    [
      'two',
      SHUTDOWN,
      'mnet.tag = 0x1, mnet.acknowledged = 2',
      '05 000001 00000002',
      'mnet.tag = 0x1 (was 0xaabbcc), mnet.acknowledged = 2 (was 17)',
    ],
  ])('%s', (_what, of, text, wire, note) => {
    expect(set(of, text)).toEqual({ wire: hex(wire), note });
    expect(set(of, text, { mend: false })).toEqual({ wire: hex(wire), note });
  });

  test('in the byte order of its message', () => {
    const little = { ...SHUTDOWN, message: { length: 8, littleEndian: true } };
    expect(set(little, 'mnet.acknowledged = 9999').wire).toBe(hex('05 aabbcc 0f270000'));
  });

  test('in one of several messages of a datagram, of which the others stay', () => {
    const second = target('mnet SHUTDOWN', '04 aabbcc 05 aabbcc 00000011 08 aabbcc', {
      offset: 4,
      message: { length: 8, littleEndian: false },
    });
    expect(set(second, 'mnet.acknowledged = 1').wire).toBe(hex('04 aabbcc 05 aabbcc 00000001 08 aabbcc'));
  });
});

describe('a field that is not there', () => {
  const CONNECT = target('mqtt CONNECT 5.0', '10 0d 0004 4d515454 05 00 0000 00 0000');

  test.each([
    [
      'is put in where another that is set makes room for it',
      PUBLISH,
      'mqtt.packetIdentifier = 5, mqtt.qos = 1',
      '32 0c 0003 612f62 0005 00 70617931',
      'mqtt.packetIdentifier = 5 (was not there), mqtt.qos = 1 (was 0)',
    ],
    [
      'is put in in its order',
      CONNECT,
      'mqtt.passwordFlag = 1, mqtt.password = 70, mqtt.userNameFlag = 1, mqtt.userName = "u"',
      '10 13 0004 4d515454 05 c0 0000 00 0000 0001 75 0001 70',
      'mqtt.passwordFlag = 1 (was 0), mqtt.password = 70 (was not there), mqtt.userNameFlag = 1 (was 0), mqtt.userName = "u" (was not there)',
    ],
    [
      'comes with the group that it is in',
      CONNECT,
      'mqtt.willFlag = 1, mqtt.willTopic = "t", mqtt.willProperties[0].willDelayInterval = 7',
      '10 18 0004 4d515454 05 04 0000 00 0000 05 18 00000007 0001 74 0000',
      'mqtt.willFlag = 1 (was 0), mqtt.willTopic = "t" (was not there), mqtt.willProperties[0].willDelayInterval = 7 (was not there)',
    ],
  ])('%s', (_what, of, text, wire, note) => {
    expect(set(of, text)).toEqual({ wire: hex(wire), note });
  });

  test('is put in without lengths that follow, where nothing is to be mended', () => {
    const { wire } = set(PUBLISH, 'mqtt.qos = 1, mqtt.packetIdentifier = 5', { mend: false });
    expect(wire).toBe(hex('32 0a 0003 612f62 0005 00 70617931'));
  });

  test('is nothing that a fault could set', () => {
    const wanted = parseAssignments('mqtt.packetIdentifier = 5', catalogue);
    expect(editedIfThere(PUBLISH, wanted)).toBeUndefined();
    expect(editedIfThere(SHUTDOWN, wanted)).toBeUndefined();
    expect(editedIfThere({ ...PUBLISH, layout: undefined }, wanted)).toBeUndefined();
    expect(complaint(() => editedIfThere(PUBLISH, parseAssignments('mqtt.qos = 4', catalogue)))).toBe(
      'EditError: mqtt.qos: 4 does not fit: it takes 0 to 3',
    );
  });
});

describe('what grows', () => {
  test.each([
    [
      'takes the length with it that the protocol alone knows',
      DATA,
      'mnet.data = "hello"',
      '00 aabbcc 00000011 00000000 0005 68656c6c6f',
    ],
    [
      'takes its own length and that of the packet with it',
      PUBLISH,
      'mqtt.topic = "a/bcd"',
      '30 0c 0005 612f626364 00 70617931',
    ],
    [
      'takes the length of the list that it stands in with it',
      KEYED,
      'mqtt.properties[0].name = "key"',
      '30 0f 0003 612f62 08 26 0003 6b6579 0000 70',
    ],
    [
      'takes the length before its JSON with it',
      ERROR,
      'filestorage.payload.a = "bc"',
      '02 00000011 00 7b2261223a 226263222c 202263223a317d',
    ],
    [
      'leaves the rest of the JSON as it was',
      ERROR,
      'filestorage.payload.c = 1.50',
      '02 00000013 00 7b2261223a 2262222c 202263223a312e35307d',
    ],
  ])('%s', (_what, of, text, wire) => {
    expect(set(of, text).wire).toBe(hex(wire));
  });

  test('gives a length of variable size another size', () => {
    const { wire } = set(PUBLISH, `mqtt.payload = "${'x'.repeat(122)}"`);
    expect(wire).toBe(hex(`30 8001 0003 612f62 00 ${'78'.repeat(122)}`));
  });

  test('is all that changes where nothing is to be mended', () => {
    expect(set(PUBLISH, 'mqtt.topic = "a/bcd"', { mend: false }).wire).toBe(hex('30 0a 0003 612f626364 00 70617931'));
    expect(set(DATA, 'mnet.data = "hello"', { mend: false }).wire).toBe(
      hex('00 aabbcc 00000011 00000000 0003 68656c6c6f'),
    );
  });

  test('does not mend what the user has set', () => {
    expect(set(PUBLISH, 'mqtt.remainingLength = 3, mqtt.topic = "x"').wire).toBe(hex('30 03 0001 78 00 70617931'));
    expect(set(DATA, 'mnet.data = "hello", mnet.length = 9').wire).toBe(
      hex('00 aabbcc 00000011 00000000 0009 68656c6c6f'),
    );
  });

  test('does not mend what was wrong before', () => {
    const wrong = target('mnet DATA', '00 aabbcc 00000011 00000000 0009 616263');
    expect(set(wrong, 'mnet.data = "hello"').wire).toBe(hex('00 aabbcc 00000011 00000000 0009 68656c6c6f'));
  });

  test('takes the length before a message of a hidden head with it', () => {
    const tcp = target('ministreaming SYN', '0006 a1 010203 6b65', { offset: 2 });
    const framing = { ...tcp, framing: LENGTH_16 };
    expect(set(framing, 'ministreaming.key = "a key"').wire).toBe(hex('0009 a1 010203 61206b6579'));
    expect(set(framing, 'ministreaming.key = "a key"', { mend: false }).wire).toBe(hex('0006 a1 010203 61206b6579'));
  });
});

describe('in JSON', () => {
  const payload = (text: string) =>
    `02 ${text.length.toString(16).padStart(8, '0')} 00 ${Buffer.from(text).toString('hex')}`;
  const before = target('filestorage ERROR', payload('{ "a" : [1, {"b":"x"}, null], "c":{"d":1e3},"a":2 }'));

  test.each([
    ['an item', 'filestorage.payload.a[0] = 7', '{ "a" : [7, {"b":"x"}, null], "c":{"d":1e3},"a":2 }'],
    [
      'a member of an item',
      'filestorage.payload.a[1].b = true',
      '{ "a" : [1, {"b":true}, null], "c":{"d":1e3},"a":2 }',
    ],
    ['every item', 'filestorage.payload.a[*] = "y"', '{ "a" : ["y", "y", "y"], "c":{"d":1e3},"a":2 }'],
    ['all members of one name', 'filestorage.payload.a = null', '{ "a" : null, "c":{"d":1e3},"a":null }'],
    ['a member of a member', 'filestorage.payload.c.d = 0x10', '{ "a" : [1, {"b":"x"}, null], "c":{"d":16},"a":2 }'],
    [
      'what has to be escaped',
      'filestorage.payload.c.d = "\\"\\n"',
      '{ "a" : [1, {"b":"x"}, null], "c":{"d":"\\"\\n"},"a":2 }',
    ],
    ['a word', 'filestorage.payload.c.d = later', '{ "a" : [1, {"b":"x"}, null], "c":{"d":"later"},"a":2 }'],
    [
      'two',
      'filestorage.payload.c.d = 1, filestorage.payload.a[2] = 3',
      '{ "a" : [1, {"b":"x"}, 3], "c":{"d":1},"a":2 }',
    ],
    ['the whole text, whatever it is', 'filestorage.payload = "{not JSON"', '{not JSON'],
  ])('%s', (_what, text, after) => {
    expect(set(before, text).wire).toBe(hex(payload(after)));
  });
});

test('nothing that a peer has sent acts on the terminal from a note, and no note is long', () => {
  const topic = '\x1b[2J\u202e';
  const bytes = Buffer.from(topic).toString('hex');
  const hostile = target('mqtt PUBLISH 5.0', `30 0a 0007 ${bytes} 00`);
  expect(set(hostile, 'mqtt.topic = "\\x1b"').note).toBe('mqtt.topic = "\\u{1b}" (was "\\u{1b}[2J\\u{202e}")');
  const long = set(PUBLISH, `mqtt.topic = "${'x'.repeat(5_000)}", mqtt.payload = "${'y'.repeat(3_000)}"`);
  expect(long.note.length).toBeLessThan(250);
});

describe('one line says what cannot be set:', () => {
  test.each([
    [
      'a field of another message',
      SHUTDOWN,
      'mnet.sequence = 1',
      'mnet.sequence: SHUTDOWN has no such field; known: type, tag, acknowledged',
    ],
    ['a field of another protocol', SHUTDOWN, 'mqtt.qos = 1', 'mqtt.qos: this is a message of mnet'],
    [
      'a field that is absent',
      PUBLISH,
      'mqtt.packetIdentifier = 1',
      'mqtt.packetIdentifier: this PUBLISH does not have it',
    ],
    [
      'an item that is absent',
      PUBLISH,
      'mqtt.properties[0].name = "x"',
      'mqtt.properties[0].name: this PUBLISH has nothing there',
    ],
    [
      'a member of JSON that is absent',
      ERROR,
      'filestorage.payload.b = 1',
      'filestorage.payload.b: this ERROR has nothing there',
    ],
    [
      'a field that is cut',
      target('mnet SHUTDOWN', '05 aabbcc 0000'),
      'mnet.acknowledged = 1',
      'mnet.acknowledged: it is not whole in this SHUTDOWN',
    ],
    [
      'a number that is too large',
      SHUTDOWN,
      'mnet.acknowledged = 4294967296',
      'mnet.acknowledged: 4294967296 does not fit: it takes 0 to 4294967295',
    ],
    ['bits that are too large', PUBLISH, 'mqtt.qos = 4', 'mqtt.qos: 4 does not fit: it takes 0 to 3'],
    [
      'an identifier that is too long',
      SHUTDOWN,
      'mnet.tag = 01:02:03:04',
      'mnet.tag: it takes 3 bytes, and 01:02:03:04 has 4 bytes',
    ],
    [
      'a text of another size',
      target('mnet INIT', '01 4d4e4554 01 010203'),
      'mnet.magic = "MNETT"',
      'mnet.magic: it takes 4 bytes, and this has 5',
    ],
  ])('%s', (_what, of, text, line) => {
    expect(complaint(() => set(of, text))).toBe(`EditError: ${line}`);
  });
});
