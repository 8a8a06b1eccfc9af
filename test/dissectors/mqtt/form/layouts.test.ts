/** Reader and layouts are two descriptions of the same packets: they must say the same of all of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LAYOUTS, layoutIndex } from '../../../../dissectors/mqtt/layouts.ts';
import { FAULT, Packet, type Part, versionOf } from '../../../../dissectors/mqtt/packet.ts';
import { TYPE } from '../../../../dissectors/mqtt/terms.ts';
import { formOf } from '../../../../src/wire/form.ts';
import { Message } from '../../../../src/wire/message.ts';
import { damaged, packets } from './arbitraries.ts';
import { messageOf, read } from './reading.ts';

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
