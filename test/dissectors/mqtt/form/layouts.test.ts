/** Reader and layouts are two descriptions of the same packets: they must say the same of all of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LAYOUTS, layoutIndex } from '../../../../dissectors/mqtt/layouts.ts';
import { FAULT, Packet, type Part, versionOf } from '../../../../dissectors/mqtt/packet.ts';
import { PROPERTIES } from '../../../../dissectors/mqtt/properties.ts';
import { TYPE } from '../../../../dissectors/mqtt/terms.ts';
import { formOf } from '../../../../src/wire/form.ts';
import { Message } from '../../../../src/wire/message.ts';
import { mqtt, type PropertyList, type PropertyValue } from '../../../kit/mqtt.ts';
import { messageOf, read } from './reading.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map(all => all.replaceAll('\0', ' '));
const bin = fc.uint8Array({ maxLength: 12 });
const id = fc.integer({ min: 1, max: 0xffff });

/** Right values of a property. */
function rightValue(property: (typeof PROPERTIES)[number]): fc.Arbitrary<PropertyValue> {
  switch (property.type) {
    case 'u8':
      return fc.integer({ min: 0, max: 1 });
    case 'u16':
    case 'var':
      return fc.integer({ min: 1, max: 0xffff });
    case 'u32':
      return fc.integer({ min: 1, max: 0xffff_ffff });
    case 'str':
      return text;
    case 'bin':
      return bin.map(bytes => [...bytes]);
    case 'pair':
      return fc.tuple(text, text);
  }
}

const properties = (type: number): fc.Arbitrary<PropertyList> =>
  fc
    .subarray(PROPERTIES.filter(property => property.in.includes(type)))
    .chain(some => fc.tuple(...some.map(property => rightValue(property).map(value => [property.id, value] as const))));

const code = fc.option(fc.constant(0), { nil: undefined });
const level = fc.constantFrom(4 as const, 5 as const);

/** Well-formed packets of both versions, with the level that they are to be read by. */
const packets: fc.Arbitrary<readonly [bytes: Uint8Array, level: 4 | 5]> = level.chain(own => {
  const encoder = mqtt(own);
  const will = fc.record({
    topic: text,
    payload: bin,
    qos: fc.nat(2),
    retain: fc.boolean(),
    properties: properties(0),
  });
  const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const connect = fc
    .tuple(text, properties(TYPE.CONNECT), perhaps(will), perhaps(text), perhaps(bin))
    .map(([clientId, list, gone, userName, password]) =>
      encoder.connect({
        clientId,
        properties: list,
        ...(gone && { will: gone }),
        ...(userName !== undefined && { userName }),
        ...(password && { password }),
      }),
    );
  const publish = fc
    .record({ topic: text, payload: bin, qos: fc.nat(2), id, dup: fc.boolean(), properties: properties(TYPE.PUBLISH) })
    .map(parts => encoder.publish(parts));
  const answers = fc
    .tuple(fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), id, code, perhaps(properties(TYPE.PUBACK)))
    .map(([name, own, reason, list]) => encoder[name](own, reason, list));
  const filters = fc.array(fc.tuple(text, fc.nat(2)), { minLength: 1, maxLength: 4 });
  const subscribe = fc
    .tuple(id, filters, properties(TYPE.SUBSCRIBE))
    .map(([own, all, list]) => encoder.subscribe(own, all, list));
  const unsubscribe = fc.tuple(id, filters, properties(TYPE.UNSUBSCRIBE)).map(([own, all, list]) =>
    encoder.unsubscribe(
      own,
      all.map(([filter]) => filter),
      list,
    ),
  );
  const codes = fc.array(fc.constantFrom(0, 0x80), { maxLength: 4 });
  const acknowledged = fc
    .tuple(fc.constantFrom('suback', 'unsuback'), id, codes, properties(TYPE.SUBACK))
    .map(([name, own, all, list]) => encoder[name](own, all, list));
  const connack = properties(TYPE.CONNACK).map(list => encoder.connack(0, { properties: list }));
  const reasons = fc
    .tuple(code, perhaps(properties(TYPE.DISCONNECT)))
    .map(([reason, list]) => encoder.disconnect(reason, list));
  const auth = properties(TYPE.AUTH).map(list => (own === 5 ? encoder.auth(0x18, list) : encoder.pingreq()));
  const all = [connect, publish, answers, subscribe, unsubscribe, acknowledged, connack, reasons, auth];
  return fc.oneof(...all).map(bytes => [bytes, own] as const);
});

function layoutFor({ type, level: own }: Packet) {
  return LAYOUTS[layoutIndex(type, own)];
}

/** Where the layout has a field, without what tells its length. */
function placed(bytes: Uint8Array, packet: Packet, name: string): string {
  const field = layoutFor(packet).fields[name];
  const range = field && messageOf(bytes).content(field);
  return range ? `${range.offset}+${range.length}` : 'none';
}

const place = ({ at, length }: Part) => (at < 0 ? 'none' : `${at}+${length}`);

test('they agree on where the parts of well-formed packets lie', () => {
  fc.assert(
    fc.property(packets, ([bytes, own]) => {
      const packet = read(bytes, own, false);
      expect(packet.fault).toBe(FAULT.NONE);
      expect(formOf(messageOf(bytes), layoutFor(packet))).toEqual({ fits: true });
      const of = (name: string) => placed(bytes, packet, name);
      expect(place(packet.topic)).toBe(of('topic'));
      expect(place(packet.payload)).toBe(of('payload'));
      expect(place(packet.properties.range)).toBe(of('properties'));
      expect(place(packet.clientId)).toBe(of('clientIdentifier'));
      expect(place(packet.willProperties.range)).toBe(of('willProperties'));
      expect(place(packet.willTopic)).toBe(of('willTopic'));
      expect(place(packet.willPayload)).toBe(of('willPayload'));
      expect(place(packet.userName)).toBe(of('userName'));
      expect(place(packet.password)).toBe(of('password'));
      expect(place(packet.codes)).toBe(of('reasonCodes'));
      expect(packet.idAt < 0 ? 'none' : `${packet.idAt}+2`).toBe(of('packetIdentifier'));
      expect(packet.codeAt < 0 ? 'none' : `${packet.codeAt}+1`).toBe(of('reasonCode'));
    }),
    { numRuns: 500 },
  );
});

test('they agree on the items of lists', () => {
  fc.assert(
    fc.property(packets, ([bytes, own]) => {
      const packet = read(bytes, own, false);
      const { fields } = layoutFor(packet);
      const message = messageOf(bytes);
      if (fields.filters) {
        const found: string[] = [];
        message.eachItem(fields.filters, (item, scope) => {
          const { offset, length } = item.content(scope.fields.filter)!;
          found.push(`${item.start - message.start + offset}+${length}`);
          return false;
        });
        expect(packet.filters.slice(0, packet.filterCount).map(place)).toEqual(found);
      }
      if (fields.properties && packet.properties.range.at >= 0) {
        const found = new Uint32Array(packet.properties.count.length);
        message.eachItem(fields.properties, (item, scope) => {
          found[item.uint(scope.fields.id)]++;
          return false;
        });
        expect(packet.properties.count).toEqual(found);
      }
    }),
    { numRuns: 500 },
  );
});

/** Faults after which nobody knows where the next field begins. */
const OF_LENGTH: readonly number[] = [
  FAULT.LENGTH,
  FAULT.CONNECT_PAYLOAD,
  FAULT.PROPERTY_LENGTH,
  FAULT.PROPERTY_UNKNOWN,
];

/** Packets with some of their bytes changed, taken away or added, in a frame that is right. */
const damaged = fc
  .tuple(
    packets,
    fc.array(fc.tuple(fc.nat(1000), fc.oneof(fc.nat(8), fc.nat(255))), { maxLength: 3 }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map(([[bytes, own], changes, longer]) => {
    const body = Uint8Array.from({ length: Math.max(0, bytes.length - 2 + longer) }, (_, i) => bytes[i + 2] ?? 0);
    for (const [at, value] of changes) if (body.length > 0) body[at % body.length] = value;
    return [mqtt(own).packet(bytes[0] >> 4, bytes[0] & 15, body), own] as const;
  });

test('they agree on which damaged packets have lengths that lead astray', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(damaged, ([bytes, own]) => {
      const packet = read(bytes, own, false);
      if (packet.type === TYPE.CONNECT && versionOf(packet.nameLevel) < 4) return;
      // A text or a value that is wrong in itself is no affair of the layout, and may hide what is wrong behind it.
      if (packet.fault !== FAULT.NONE && !OF_LENGTH.includes(packet.fault)) return;
      const { fits } = formOf(messageOf(bytes), layoutFor(packet));
      expect(fits).toBe(packet.fault === FAULT.NONE);
      seen.add(packet.fault);
    }),
    { numRuns: 3000 },
  );
  expect([...seen].sort()).toEqual([FAULT.NONE, ...OF_LENGTH].sort());
});

/** All that was read, as text. */
function all(packet: Packet): string {
  return JSON.stringify(packet, (key, value) => {
    if (key === 'filters') return value.slice(0, packet.filterCount);
    if (key !== 'properties' && key !== 'willProperties') return value;
    const { range, count, subscriptionIds, optionalBytes } = value;
    return { range, count: [...count], subscriptionIds, optionalBytes };
  });
}

test('any bytes can be read, and nothing outside them is looked at', () => {
  const levels = fc.constantFrom(3, 4, 5);
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    damaged.map(([bytes]) => bytes),
  );
  // Reused, as by a connection: what one packet leaves behind would show in the next.
  const used = new Packet();
  fc.assert(
    fc.property(any, levels, fc.nat(40), fc.boolean(), (bytes, own, missing, fromClient) => {
      const captured = Math.max(0, bytes.length - missing);
      const readIn = (filling: number, packet: Packet) => {
        const around = new Uint8Array(captured + 12).fill(filling);
        around.set(bytes.subarray(0, captured), 6);
        const message = new Message();
        message.assign(around, 6, bytes.length, captured);
        packet.read(message, own, fromClient);
        return all(packet);
      };
      const first = readIn(0x00, new Packet());
      expect(readIn(0xff, used)).toBe(first);
      const parts = [used.topic, used.clientId, used.willTopic, used.willPayload, used.userName, used.password];
      for (const { at, length } of parts) expect(at + length).toBeLessThanOrEqual(captured);
      if (used.payload.at >= 0) expect(used.payload.at + used.payload.length).toBe(bytes.length);
      expect(used.faulty.at + used.faulty.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 3000 },
  );
});

test('layouts are found by type and version', () => {
  expect(LAYOUTS[layoutIndex(TYPE.PUBACK, 5)].edition).toBe('5.0');
  expect(LAYOUTS[layoutIndex(TYPE.PUBACK, 4)].edition).toBe('3.1.1');
  expect(LAYOUTS[layoutIndex(TYPE.PUBACK, 3)].edition).toBe('3.1.1');
  expect(LAYOUTS[layoutIndex(TYPE.PINGREQ, 5)].name).toBe('PINGREQ');
  expect(layoutIndex(TYPE.AUTH, 4)).toBe(-1);
  expect(layoutIndex(0, 5)).toBe(-1);
});
