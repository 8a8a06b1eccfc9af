/** What holds for all conversations and all bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, type Judged, judge, judgeStream, type Line, states } from '../../kit/ministreaming.ts';
import { casesOf } from '../../kit/portion.ts';
import { conversation } from './endpoints.ts';

const decisions = fc.array(fc.nat(9_999), { minLength: 40, maxLength: 800, size: 'max' });
/** Conversations are long: the first that fails is reported as it is. */
const runs = (all: number) => ({ numRuns: casesOf(all), endOnFailure: true });

function accused({ findings }: Judged): string[] {
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ frame, ruleId, message }) => `${frame} ${ruleId}: ${message}`);
}

describe('two correct ends with many connections in both roles, observed anywhere on the path', () => {
  test('are never accused, and what was seen whole is not inconclusive', () => {
    let messages = 0;
    fc.assert(
      fc.property(decisions, numbers => {
        const lines = conversation(numbers);
        const found = judge(lines);
        expect(accused(found)).toEqual([]);
        const unsettled = found.connections.filter(({ verdict }) => verdict !== 'conformant');
        expect(unsettled.map(({ state }) => state).filter(state => state !== 'SYN-SENT')).toEqual([]);
        expect(states(found).filter(state => state === 'NONE')).toEqual([]);
        messages += lines.length;
      }),
      runs(300),
    );
    expect(messages).toBeGreaterThan(33 * casesOf(300));
  });

  test('are never accused where the capture begins late', () => {
    fc.assert(
      fc.property(decisions, fc.nat(40), (numbers, missed) => {
        const lines = conversation(numbers).slice(missed);
        // A session that begins with a SYN counts as whole.
        while (lines.length > 0 && lines[0].bytes[0] === 0xa1) lines.shift();
        const found = judge(lines);
        expect(accused(found)).toEqual([]);
        expect(found.report.summary.messages).toBe(lines.length);
      }),
      runs(200),
    );
  });

  test('are never accused whatever the snap length leaves of some of their messages', () => {
    fc.assert(
      fc.property(decisions, fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }), (numbers, lengths) => {
        const lines = conversation(numbers).map((line, i) => {
          const captured = lengths[i % lengths.length];
          return captured === 9 ? line : cut(captured, line);
        });
        expect(accused(judge(lines))).toEqual([]);
      }),
      runs(200),
    );
  });

  test('are judged the same over TCP', () => {
    fc.assert(
      fc.property(decisions, numbers => {
        const lines = conversation(numbers);
        const [datagrams, stream] = [judge(lines), judgeStream(lines)];
        expect(accused(stream)).toEqual([]);
        expect(states(stream)).toEqual(states(datagrams));
      }),
      runs(30),
    );
  });
});

describe('any bytes at all', () => {
  const id = fc.nat(3);
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .tuple(fc.constantFrom(0xa0, 0xa1, 0xa2, 0x50, 0x51, 0x52, 0x51, 0xa1, 0xa3, 0xff), id, id, fc.nat(5))
      .map(([type, own, other, length]) => Uint8Array.from([type, 0, 0, own, 0, 0, other, 7, 7].slice(0, 4 + length))),
  );
  const line: fc.Arbitrary<Line> = fc
    .record({
      from: fc.constantFrom('ann' as const, 'bob' as const),
      bytes: message,
      ann: fc.constantFrom('10.0.0.1:7001', '10.0.0.1:7002'),
      after: fc.constantFrom(0, 0.001, 3, 29, 61),
      captured: fc.constantFrom(0, 3, 5, 60, 60, 60, 60, 60),
    })
    .map(given => ({ ...given, captured: Math.min(given.captured, given.bytes.length) }));
  const anything = fc.array(line, { maxLength: 80, size: 'max' });
  const settings = fc.record({
    midstream: fc.constantFrom('auto' as const, 'never' as const),
    dropped: fc.nat(1),
    dialect: fc.constantFrom({}, { chaff: 'ignore' }, { key: 'i2p-destination', answerTimeout: '1s' }),
    limits: fc.constantFrom({}, { 'session-connections': 2 }, { flows: 1 }),
    severities: fc.constantFrom({}, { 'left-open': 'info' } as const),
  });

  test('are read without a throw, and the counts are those of the findings', () => {
    fc.assert(
      fc.property(anything, settings, (lines, options) => {
        const { report } = judge(lines, options);
        const { summary, findings, connections, protocols } = report;
        const rules = protocols.flatMap(({ rules: own }) => own);
        const listed = (rule: string) => findings.filter(({ ruleId }) => ruleId === rule).length;
        expect(rules.map(({ id: rule, broken }) => [rule, broken])).toEqual(
          rules.map(({ id: rule }) => [rule, listed(rule)]),
        );
        expect(summary.errors + summary.warnings + summary.infos).toBe(findings.length);
        expect(summary.messages).toBe(lines.length);
        expect(connections.reduce((sum, { messages }) => sum + messages, 0)).toBe(lines.length);
        expect(rules.every(({ checked, broken }) => checked >= broken)).toBe(true);
        // At most one fault a message, but for the SYN, which besides may stay without an answer.
        const faults = findings.filter(({ severity, ruleId }) => severity !== 'info' && !ruleId.endsWith('unanswered'));
        expect(new Set(faults.map(({ frame }) => frame)).size).toBe(faults.length);
      }),
      { numRuns: casesOf(500) },
    );
  });

  test('are judged the same twice, and whatever the seed', () => {
    fc.assert(
      fc.property(anything, settings, (lines, options) => {
        const once = judge(lines, options);
        expect(judge(lines, { ...options, seed: 0x5eed }).findings).toEqual(once.findings);
      }),
      { numRuns: 50 },
    );
  });
});
