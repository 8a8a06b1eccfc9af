/** Packets at random: well-formed ones of both versions, and damaged ones. */
import fc from 'fast-check';
import { PROPERTIES } from '../../../../dissectors/mqtt/properties.ts';
import { TYPE } from '../../../../dissectors/mqtt/terms.ts';
import { mqtt, type PropertyList, type PropertyValue } from '../../../kit/mqtt.ts';

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
export const packets: fc.Arbitrary<readonly [bytes: Uint8Array, level: 4 | 5]> = level.chain(own => {
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

/** Packets with some of their bytes changed, taken away or added, in a frame that is right. */
export const damaged = fc
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
