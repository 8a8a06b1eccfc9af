/** Messages of one's own: what they look like on the wire, and that all fields of all layouts come back. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import kv from '../../examples/kv/src/index.ts';
import modbus from '../../examples/modbus/src/index.ts';
import resp from '../../examples/resp/src/index.ts';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { composed, type Sample } from '../../src/edit/composed.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { framingOf } from '../../src/protocol/carrier.ts';
import { complaint, hex } from './editing.ts';

const ALL = [...protocols, kv, modbus, resp];
const catalogue = catalogueOf(ALL);

/** `mnet SHUTDOWN`, as the wire has it. */
function made(what: string, values = '', sample: Sample = {}): string {
  const [id, ...name] = what.split(' ');
  const protocol = ALL.find(known => known.id === id)!;
  const [carrier] = protocol.carriers;
  const framing = carrier.transport === 'udp' ? undefined : framingOf(carrier, ALL);
  const assignments = values === '' ? [] : parseAssignments(values, catalogue);
  return Buffer.from(composed(protocol, name.join(' '), assignments, { framing, ...sample })).toString('hex');
}

describe('a message is made', () => {
  test.each<[string, string, string, Sample?]>([
    ['mnet SHUTDOWN', '', '05 000000 00000000'],
    ['mnet SHUTDOWN', 'mnet.tag = 0xaabbcc, mnet.acknowledged = 9999', '05 aabbcc 0000270f'],
    ['mnet SHUTDOWN', 'mnet.acknowledged = 9999', '05 000000 0f270000', { littleEndian: true }],
    ['mnet DATA', 'mnet.data = "abc"', '00 000000 00000000 00000000 0003 616263'],
    ['mnet DATA', 'mnet.data = "abc", mnet.length = 9', '00 000000 00000000 00000000 0009 616263'],
    ['ministreaming CLOSE (server)', 'ministreaming.id = 01:02:03', '52 010203'],
    [
      'filestorage ERROR',
      'filestorage.payload.error = "no", filestorage.payload.codes[1] = 5',
      '02 0000001f 00 7b226572726f72223a226e6f222c22636f646573223a5b6e756c6c2c355d7d',
    ],
    ['filestorage TRANSFER', '', '02 00000002 03 7b7d', { edition: '2019-12' }],
    ['filestorage TRANSFER', '', '02 00000002 06 7b7d', { edition: '2020-01' }],
    ['libipc DATA', 'libipc.payload = 01:02, libipc.userType = 7', '02 00000002 07 0102'],
    ['mqtt PINGREQ', '', 'c0 00'],
    ['mqtt PUBLISH', 'mqtt.topic = "a/b", mqtt.payload = "x"', '30 06 0003 612f62 78', { edition: '3.1.1' }],
    [
      'mqtt PUBLISH',
      'mqtt.topic = "a/b", mqtt.qos = 1, mqtt.packetIdentifier = 5',
      '32 08 0003 612f62 0005 00',
      { edition: '5.0' },
    ],
    [
      'mqtt PUBLISH',
      'mqtt.properties[0].id = 11, mqtt.properties[0].subscriptionIdentifier = 300',
      '30 06 0000 03 0b ac02',
      { edition: '5.0' },
    ],
    ['mqtt PUBLISH', 'mqtt.properties[0].subscriptionIdentifier = 300', '30 06 0000 03 0b ac02', { edition: '5.0' }],
    [
      'mqtt SUBSCRIBE',
      'mqtt.flags = 2, mqtt.filters[1].filter = "b", mqtt.filters[0].qos = 1',
      '82 09 0000 0000 01 0001 62 00',
      { edition: '3.1.1' },
    ],
    ['mqtt PUBACK', '', '40 02 0000', { edition: '5.0' }],
    ['mqtt PUBACK', 'mqtt.properties[0].reasonString = "x"', '40 08 0000 00 04 1f 0001 78', { edition: '5.0' }],
    [
      'mqtt CONNECT',
      'mqtt.protocolName = "MQTT", mqtt.protocolLevel = 4, mqtt.userNameFlag = 1, mqtt.userName = "u"',
      '10 0f 0004 4d515454 04 82 0000 0000 0001 75',
      { edition: '3.1.1' },
    ],
    ['mqtt CONNECT', '', '10 0c 0004 4d515454 04 02 0000 0000', { edition: '3.1.1' }],
    ['mqtt CONNECT', '', '10 0d 0004 4d515454 05 02 0000 00 0000', { edition: '5.0' }],
    ['mqtt CONNECT', 'mqtt.connectFlags = 0', '10 0c 0004 4d515454 04 00 0000 0000', { edition: '3.1.1' }],
    [
      'mqtt CONNECT',
      'mqtt.protocolName = "", mqtt.protocolLevel = 9',
      '10 08 0000 09 02 0000 0000',
      { edition: '3.1.1' },
    ],
    ['mqtt PUBREL', 'mqtt.packetIdentifier = 7', '62 02 0007', { edition: '3.1.1' }],
    ['mqtt SUBSCRIBE', 'mqtt.filters[0].filter = "b"', '82 06 0000 0001 62 00', { edition: '3.1.1' }],
    ['mqtt UNSUBSCRIBE', 'mqtt.flags = 0', 'a0 02 0000', { edition: '3.1.1' }],
    ['mqtt SUBSCRIBE', 'mqtt.header = 0x80', '80 02 0000', { edition: '3.1.1' }],
    ['mnet INIT', 'mnet.tag = 0x010203', '01 4d4e4554 01 010203'],
    ['mnet INIT', 'mnet.magic = "MNEX", mnet.version = 2', '01 4d4e4558 02 000000'],
    ['kv HELLO', 'kv.magic = "KV", kv.version = 1', '0004 01 4b56 01'],
    ['modbus READ-COILS', 'modbus.transaction = 1, modbus.quantity = 8', '0001 0000 0006 00 01 0000 0008'],
    ['modbus COILS', 'modbus.data = ff:00', '0000 0000 0005 00 01 02 ff00'],
    ['resp SIMPLE-STRING', 'resp.value = "OK"', '2b 4f4b 0d0a'],
    ['resp BULK-STRING', 'resp.data = "hello"', '24 35 0d0a 68656c6c6f 0d0a'],
    ['resp SWITCH', 'resp.type = 0x2a, resp.command = "MONITOR"', '2a 310d0a 24370d0a 4d4f4e49544f52 0d0a'],
    ['resp EMPTY', 'resp.type = 0x2a, resp.rest = "0"', '2a 300d0a'],
    ['resp COMMAND', 'resp.command = "PING"', '2a 310d0a 24340d0a 50494e47 0d0a'],
  ])('%s: %s', (what, values, wire, sample) => {
    expect(made(what, values, sample)).toBe(hex(wire));
  });
});

describe('one line says what cannot be made:', () => {
  test.each<[string, string, string]>([
    ['mnet SHUTDWN', '', 'mnet: unknown message SHUTDWN; did you mean SHUTDOWN?'],
    ['mnet SHUTDOWN', 'mqtt.qos = 1', 'mqtt.qos: this is a message of mnet'],
    ['mnet SHUTDOWN', 'mnet.sequence = 1', 'mnet.sequence: unknown field sequence; known: type, tag, acknowledged'],
    ['mnet SHUTDOWN', 'mnet.acknowledged = -1', 'mnet.acknowledged: -1 does not fit: it takes 0 to 4294967295'],
    ['mqtt PUBLISH', 'mqtt.qos = 4', 'mqtt.qos: 4 does not fit: it takes 0 to 3'],
    ['mnet INIT', 'mnet.magic = "MNETS"', 'mnet.magic: it takes 4 bytes, and this has 5'],
    ['mqtt PUBLISH', 'mqtt.packetIdentifier = 1', 'mqtt.packetIdentifier: it is there only if QoS is above 0'],
    [
      'mqtt SUBSCRIBE',
      'mqtt.filters[*].qos = 1',
      'mqtt.filters[*].qos: an item of a message that is made is named by its number, such as [0]',
    ],
    ['mqtt SUBSCRIBE', 'mqtt.filters[999999].qos = 1', 'mqtt.filters[999999].qos: filters has at most 65536 items'],
    [
      'mqtt PUBLISH',
      'mqtt.properties[0].name = "x", mqtt.properties[0].id = 11',
      'mqtt.properties[0].name: unknown field name; known: id, subscriptionIdentifier',
    ],
    [
      'filestorage ERROR',
      'filestorage.payload.a = 1, filestorage.payload.a.b = 2',
      'filestorage.payload.a: what has a value has no members and no items',
    ],
  ])('%s: %s', (what, values, line) => {
    expect(complaint(() => made(what, values, { edition: what.startsWith('mqtt') ? '5.0' : undefined }))).toBe(
      `EditError: ${line}`,
    );
  });
});
