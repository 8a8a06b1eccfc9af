import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remarksOf } from '../../../../dissectors/mqtt/remarks.ts';
import { unasked } from '../../../../src/lint/rule-group.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { damaged, packets } from './arbitraries.ts';
import { BROKEN_CASES, RIGHT_CASES, type RightCase } from './cases.ts';
import { formedOf, rulesFor } from './reading.ts';

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
