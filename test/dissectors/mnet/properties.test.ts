/** What holds for all conversations and all bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteOrder } from '../../../src/testkit/bytes.ts';
import { between, cut, type Judged, judge, type Line, later, type Tags } from '../../kit/mnet.ts';
import { casesOf } from '../../kit/portion.ts';
import { conversation } from './endpoints.ts';

const orders: ByteOrder[] = ['little', 'big'];
const readings: Tags[] = ['initiator', 'receiver', 'sender'];
const decisions = fc.array(fc.nat(9_999), { minLength: 30, maxLength: 600, size: 'max' });
const terms = fc.record({ order: fc.constantFrom(...orders), tags: fc.constantFrom(...readings) });
const [FIRST, SECOND] = [
  { initTag: 0xcf742a, listenerTag: 0xb60afb },
  { initTag: 0x31c5e7, listenerTag: 0x90d2a4 },
];
/** Conversations are long: the first that fails is reported as it is. */
const runs = (all: number) => ({ numRuns: casesOf(all), endOnFailure: true });

function accused({ findings }: Judged): string[] {
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ frame, ruleId, message }) => `${frame} ${ruleId}: ${message}`);
}

/** Up to two connections in turn. */
function talk(numbers: readonly number[], both: { order: ByteOrder; tags: Tags }): Line[] {
  return conversation(numbers, [
    { ...both, ...FIRST },
    { ...both, ...SECOND },
  ]);
}

describe('two correct endpoints over a network that doubles, delays, reorders and loses', () => {
  test('are never accused', () => {
    fc.assert(
      fc.property(decisions, terms, (numbers, both) => {
        expect(accused(judge(talk(numbers, both)))).toEqual([]);
      }),
      runs(300),
    );
  });

  test('are never accused where the capture begins late', () => {
    fc.assert(
      fc.property(decisions, terms, fc.nat(60), (numbers, both, missed) => {
        const all = conversation(numbers, [{ ...both, ...FIRST }]);
        // An INIT counts as a beginning, so none may come that is a copy of one missed.
        const begun = all.slice(0, missed).some(isInit);
        const seen = all.slice(missed).filter(line => !begun || !isInit(line));
        expect(accused(judge(seen, { mapped: true }))).toEqual([]);
      }),
      runs(200),
    );
  });

  test('are never accused whatever the snap length leaves of their datagrams', () => {
    fc.assert(
      fc.property(decisions, terms, fc.nat(60), (numbers, both, snapLength) => {
        const lines = talk(numbers, both).map(line => cut(Math.min(snapLength, line.bytes.length), line));
        expect(accused(judge(lines, { mapped: true }))).toEqual([]);
      }),
      runs(200),
    );
  });

  test('are never accused beside others', () => {
    fc.assert(
      fc.property(decisions, decisions, terms, (one, other, both) => {
        const first = talk(one, both);
        const second = between('10.0.0.3:5000', '10.0.0.4:26999', talk(other, both));
        const longest = Math.max(first.length, second.length);
        const mixed = Array.from({ length: longest }, (_, i) => [...first.slice(i, i + 1), ...second.slice(i, i + 1)]);
        expect(accused(judge(mixed.flat().map(line => later(0.001, line))))).toEqual([]);
      }),
      runs(50),
    );
  });
});

describe('any bytes at all', () => {
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    // With a type that exists, and often the length it prescribes.
    fc
      .tuple(fc.nat(8), fc.constantFrom(4, 8, 9, 14, 18, 32), fc.uint8Array({ minLength: 40, maxLength: 40 }))
      .map(([type, length, bytes]) => Uint8Array.from([type, 0, 0, bytes[3] & 1, ...bytes.subarray(4, length)])),
  );
  const line: fc.Arbitrary<Line> = fc
    .record({
      from: fc.constantFrom('connector' as const, 'listener' as const),
      bytes: datagram,
      connector: fc.constantFrom('10.0.0.1:5000', '10.0.0.1:5001', '10.0.0.3:5000'),
      after: fc.constantFrom(0, 0.001, 3),
      captured: fc.constantFrom(3, 13, 31, 60, 60, 60),
    })
    .map(given => ({ ...given, captured: Math.min(given.captured, given.bytes.length) }));
  const anything = fc.array(line, { maxLength: 60, size: 'max' });

  test('are read without a throw, and the counts are those of the findings', () => {
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom('auto' as const, 'never' as const),
        fc.nat(1),
        (lines, midstream, dropped) => {
          const { report } = judge(lines, { mapped: true, midstream, dropped, readings: true });
          const { summary, findings, connections, protocols } = report;
          const rules = protocols.flatMap(({ rules }) => rules);
          const listed = (id: string) => findings.filter(({ ruleId }) => ruleId === id).length;
          expect(rules.map(({ id, broken }) => [id, broken])).toEqual(rules.map(({ id }) => [id, listed(id)]));
          expect(summary.errors + summary.warnings + summary.infos).toBe(findings.length);
          expect(summary.messages).toBe(lines.length);
          expect(connections.reduce((sum, { messages }) => sum + messages, 0)).toBe(lines.length);
          expect(rules.every(({ checked, broken }) => checked >= broken)).toBe(true);
        },
      ),
      { numRuns: casesOf(500) },
    );
  });

  test('are judged the same twice', () => {
    fc.assert(
      fc.property(anything, lines => {
        const [once, twice] = [judge(lines, { mapped: true }), judge(lines, { mapped: true })];
        expect(twice.findings).toEqual(once.findings);
      }),
      { numRuns: 50 },
    );
  });
});

function isInit({ bytes }: Line): boolean {
  return bytes[0] === 1;
}
