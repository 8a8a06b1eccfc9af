/** Filters on packets of MQTT, by the names that their fields have. */
import { expect, test } from 'vitest';
import { LAYOUTS, layoutIndex } from '../../../../dissectors/mqtt/layouts.ts';
import { catalogueOf } from '../../../../src/filter/catalogue.ts';
import { makeFilter } from '../../../../src/filter/filter.ts';
import { MessageSubject } from '../../../../src/filter/message-subject.ts';
import type { AnyProtocol } from '../../../../src/protocol/protocol.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { toy } from '../../../kit/toy.ts';
import { formedOf } from './reading.ts';

const protocol: AnyProtocol = { ...toy, id: 'mqtt', title: 'MQTT', layouts: LAYOUTS };
const catalogue = catalogueOf([protocol]);
const v5 = mqtt(5);
const v311 = mqtt(4);

function matches(filter: string, bytes: Uint8Array, level: number): boolean {
  const { packet, message } = formedOf(bytes, level, true);
  const layout = LAYOUTS[layoutIndex(packet.type, packet.level)];
  const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:1883', clientToServer: true };
  const names = { name: layout.name, protocol: 'mqtt', connection: 1, capture: 0, state: '', findings: [] };
  const subject = new MessageSubject({ message, layout, ...ends, ...names }, { seconds: 0, nanoseconds: 0 });
  return makeFilter(filter, catalogue, 'messages')(subject);
}

const PARTS = { topic: 'plant/a/b', payload: 'hi', qos: 1, id: 7, retain: true } as const;
const PROPERTIES = [
  [35, 3],
  [38, ['unit', 'C']],
] as const;

test.each([
  ['mqtt.topic contains "a/b"', true],
  ['mqtt.topic contains "b/a"', false],
  ['mqtt.qos > 0', true],
  ['mqtt.qos > 1', false],
  ['mqtt.qos == "at least once"', true],
  ['mqtt.retain == 1', true],
  ['mqtt.dup == 1', false],
  ['mqtt.packetIdentifier == 7', true],
  ['mqtt.payload == 68:69', true],
])('%s on a PUBLISH of both versions: %s', (filter, expected) => {
  expect(matches(filter, v311.publish(PARTS), 4)).toBe(expected);
  expect(matches(filter, v5.publish({ ...PARTS, properties: PROPERTIES }), 5)).toBe(expected);
});

test.each([
  ['mqtt.properties[*].name == "unit"', true],
  ['mqtt.properties[*].name == "C"', false],
  ['mqtt.properties[*].value == "C"', true],
  ['mqtt.properties[*].id == "User Property"', true],
  ['mqtt.properties[*].topicAlias == 3', true],
  ['mqtt.properties[*].topicAlias > 3', false],
])('%s: %s', (filter, expected) => {
  expect(matches(filter, v5.publish({ ...PARTS, properties: PROPERTIES }), 5)).toBe(expected);
});

test.each([
  ['mqtt.clientIdentifier == "me"', v5.connect({ clientId: 'me' }), 5],
  ['mqtt.protocolLevel == "MQTT 3.1.1"', v311.connect(), 4],
  ['mqtt.keepAlive >= 60', v311.connect({ keepAlive: 60 }), 4],
  ['mqtt.cleanSession == 1', v311.connect(), 4],
  ['mqtt.willTopic == "gone"', v5.connect({ will: { topic: 'gone' } }), 5],
  ['mqtt.reasonCode == "Not authorized"', v5.connack(0x87), 5],
  ['mqtt.reasonCode == "not authorized"', v311.connack(5), 4],
  ['mqtt.sessionPresent == 1', v311.connack(0, { sessionPresent: true }), 4],
  ['mqtt.filters[*].filter == "b"', v311.subscribe(1, ['a', 'b']), 4],
  ['mqtt.filters[*].qos > 1', v5.subscribe(1, [['a', 2]]), 5],
  ['mqtt.reasonCodes[*].reasonCode == "Failure"', v311.suback(1, [0, 0x80]), 4],
] as const)('%s', (filter, bytes, level) => {
  expect(matches(filter, bytes, level)).toBe(true);
});
