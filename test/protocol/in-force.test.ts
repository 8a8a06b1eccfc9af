/** Rules that hang on a dialect option: whether they are in force, and how grave they are. */
import { describe, expect, test } from 'vitest';
import type { Condition, Severity } from '../../src/lint/rule.ts';
import { parseDialects } from '../../src/settings/words.ts';
import { type Conversation, found, run, tally } from '../../src/testkit/engine.ts';
import { numbered } from '../kit/numbered.ts';

const A = '10.0.0.1:1000 > 10.0.0.2:2000';
const B = '10.0.0.2:2000 > 10.0.0.1:1000';
/** A wrong count in frame 3, TEXT after BYE in frame 5. */
const faulty: Conversation = [
  [A, '00 0001'],
  [B, '00 0002'],
  [A, '01 0009 6869'],
  [A, '02'],
  [A, '01 0001 61'],
];
const under = (...dialect: string[]) => ({
  capture: 'complete' as const,
  dialects: parseDialects(['toy.order=big', ...dialect], [numbered]),
});

describe('a rule that is in force under a dialect only', () => {
  test('finds nothing elsewhere, and has no tally', () => {
    const report = run([numbered], [faulty], under());
    expect(found(report)).toEqual(['toy/count 3']);
    expect(tally(report, 'toy/after-bye')).toBeUndefined();
    expect(report.protocols[0].dormant).toEqual([{ id: 'toy/after-bye', onlyWith: 'toy.sees=both' }]);
  });

  test('is not switched on by a severity', () => {
    const report = run([numbered], [faulty], { ...under(), severities: new Map([['toy/after-bye', 'error']]) });
    expect(found(report)).toEqual(['toy/count 3']);
  });

  test('finds what it finds there', () => {
    const report = run([numbered], [faulty], under('toy.sees=both'));
    expect(found(report)).toEqual(['toy/count 3', 'toy/after-bye 5']);
    expect(tally(report, 'toy/after-bye')).toEqual([3, 1, 0]);
    const off = run([numbered], [faulty], {
      ...under('toy.sees=both'),
      severities: new Map([['toy/after-bye', 'off']]),
    });
    for (const { protocols } of [report, off]) expect(protocols[0]).not.toHaveProperty('dormant');
  });

  test('leaves a malformed message to be followed, if it is one of form', () => {
    const rules = numbered.rules.map(rule =>
      rule.id === 'toy/length' ? { ...rule, onlyIf: { option: 'sees', value: 'both' } } : rule,
    );
    const report = run([{ ...numbered, rules }], [[...faulty.slice(0, 2), [A, '07']]], under());
    expect([found(report), tally(report, 'toy/length')]).toEqual([[], undefined]);
  });
});

describe('a rule whose severity hangs on the dialect', () => {
  const severityIf: Condition & { severity: Severity } = { option: 'sees', value: ['both'], severity: 'error' };
  const protocol = {
    ...numbered,
    rules: numbered.rules.map(rule => (rule.id === 'toy/count' ? { ...rule, severityIf } : rule)),
  };
  const severitiesOf = (dialect: string[], severities = new Map<string, Severity>()) => {
    const report = run([protocol], [faulty], { ...under(...dialect), severities });
    return [
      report.findings.find(({ ruleId }) => ruleId === 'toy/count')?.severity,
      report.protocols[0].rules.find(({ id }) => id === 'toy/count')?.severity,
    ];
  };

  test('has it there, in findings and tallies', () => {
    expect(severitiesOf(['toy.sees=both'])).toEqual(['error', 'error']);
    expect(severitiesOf([])).toEqual(['warning', 'warning']);
  });

  test('has the severity that the user gives, wherever', () => {
    expect(severitiesOf(['toy.sees=both'], new Map([['toy/count', 'info']]))).toEqual(['info', 'info']);
  });
});
