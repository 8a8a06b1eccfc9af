import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Packet } from '../../../../dissectors/mqtt/packet.ts';
import { plainRemarks, remarksOf } from '../../../../dissectors/mqtt/remarks.ts';
import { unasked } from '../../../../src/lint/rule-group.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { damaged, packets } from './arbitraries.ts';
import { BROKEN_CASES, RIGHT_CASES, type RightCase } from './cases.ts';
import { formedOf, messageOf, rulesFor } from './reading.ts';

/** Rules that would not be asked about a packet, though they would say something else than is taken for granted. */
function overlooked(bytes: Uint8Array, level: number, fromClient: boolean, captured = bytes.length): string[] {
  const formed = formedOf(bytes, level, fromClient, captured);
  const remarks = remarksOf(formed);
  return rulesFor(formed)
    .filter(rule => ![undefined, rule.check!(formed)].includes(unasked({ rule }, remarks)))
    .map(({ id }) => id);
}

const CASES: readonly RightCase[] = [
  ...BROKEN_CASES.map(([situation, level, packet, from]): RightCase => [situation, level, packet, from]),
  ...RIGHT_CASES,
];

test.each(CASES)('no rule overlooks %s, level %i', (_, level, packet, from) => {
  expect(overlooked(packet, level, from === 'client')).toEqual([]);
});

test('no rule overlooks anything in packets at random, damaged and cut', () => {
  const any = fc.oneof(packets, damaged);
  fc.assert(
    fc.property(any, fc.constantFrom(3, 4, 5), fc.boolean(), fc.nat(20), ([bytes], level, fromClient, missing) => {
      expect(overlooked(bytes, level, fromClient, Math.max(0, bytes.length - missing))).toEqual([]);
      expect(overlooked(bytes, level, fromClient)).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

test('most packets of 3.1.1 are not remarkable at all', () => {
  const v311 = mqtt(4);
  const remarks = (bytes: Uint8Array, fromClient = true) => remarksOf(formedOf(bytes, 4, fromClient));
  expect(remarks(v311.publish({ topic: 'a/b', payload: 'hi' }))).toBe(0);
  expect(remarks(v311.pingreq())).toBe(0);
  expect(remarks(v311.pingresp(), false)).toBe(0);
});

test('what is read of a plain packet is what is read of any, and its remarks are the same', () => {
  const plainest = fc.tuple(
    fc.constantFrom(0x30, 0x32, 0x34, 0x38, 0x40, 0xc0, 0xd0),
    fc.constantFrom('a/b', '$SYS/x', 'a/#', 'a\u0007', 'ä', ''),
    fc.uint8Array({ maxLength: 200 }),
  );
  let plain = 0;
  fc.assert(
    fc.property(
      plainest,
      fc.constantFrom(4, 5),
      fc.boolean(),
      fc.nat(3),
      ([first, topic, rest], level, fromClient, at) => {
        const name = Buffer.from(topic);
        const body =
          first < 0x40 ? [name.length >> 8, name.length & 0xff, ...name, ...rest] : [...rest].slice(0, 2 * at);
        const bytes = Uint8Array.from(
          body.length < 0x80
            ? [first, body.length, ...body]
            : [first, 0x80 | (body.length & 0x7f), body.length >> 7, ...body],
        );
        const packet = new Packet();
        if (!packet.readPlain(messageOf(bytes), level, fromClient)) return;
        plain++;
        const formed = formedOf(bytes, level, fromClient);
        expect(JSON.stringify(packet)).toBe(JSON.stringify(formed.packet));
        if (packet.qos === 0 || packet.id > 0) expect(plainRemarks(packet)).toBe(remarksOf(formed));
      },
    ),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(300);
});
