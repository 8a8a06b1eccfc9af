/**
 * Each rule of the catalogue is broken alone by a conversation of its own, in each version that demands it (cases/); and what
 * holds for all rules: they can be turned off, given another severity, and stay silent where the history that they need was
 * not seen.
 */
import { describe, expect, test } from 'vitest';
import { framing } from '../../../dissectors/mqtt/framing.ts';
import mqtt from '../../../dissectors/mqtt/index.ts';
import { clausesOf } from '../../../src/lint/clause.ts';
import { type Judged, tallyOf } from '../../kit/mqtt-judge.ts';
import { MQTT_SERVER } from '../../kit/mqtt-net.ts';
import { CASES } from './cases/all.ts';
import { judgeCase } from './cases/case.ts';

/** Rules that need a capture of all that the broker received and sent. */
const OF_BROKERS: readonly string[] = [
  'forward-altered',
  'forward-qos',
  'forward-retain',
  'forward-expiry',
  'forward-order',
  'forward-duplicate',
  'delivery-missing',
  'delivery-after-unsubscribe',
  'no-local',
  'retained-missing',
  'retained-unexpected',
  'will-missing',
  'will-unexpected',
  'will-altered',
  'shared-duplicate',
];
const edition = (level: number) => (level === 5 ? '5.0' : '3.1.1');
const own = [...mqtt.rules, ...framing.rules]
  .map(rule => ({ rule, name: rule.id.replace('mqtt/', '') }))
  .filter(({ rule, name }) => rule.id.startsWith('mqtt/') && !OF_BROKERS.includes(name));
const midstream = new Set(own.filter(({ rule }) => rule.midstream).map(({ name }) => name));

test('there are 123 rules, and each has a conversation that breaks it, in each version that demands it', () => {
  expect(own).toHaveLength(123);
  const demanded = own.flatMap(({ rule, name }) => clausesOf(rule).map(({ edition = '' }) => `${name} ${edition}`));
  const broken = CASES.map(({ rule, level, clause }) => `${rule} ${clause === '' ? '' : edition(level)}`);
  expect([...new Set(broken)].sort()).toEqual(demanded.sort());
});

const named = CASES.map(one => ({ ...one, title: `${one.rule}, ${one.level === 3 ? '3.1' : edition(one.level)}` }));

describe.each(named)('$title', one => {
  const { rule, severity, frame, atFault, bytes, clause, beside, level } = one;
  const found = `${rule} ${frame}`;
  let first: Judged | undefined;
  /** As it is. */
  const whole = () => {
    first ??= judgeCase(one);
    return first;
  };

  test('is found on its frame, alone, with who is at fault and what it breaks', () => {
    const judged = whole();
    expect([...judged.broken].sort()).toEqual([...beside, found].sort());
    const finding = judged.findings.find(({ ruleId }) => ruleId === `mqtt/${rule}`)!;
    const isServer = finding.atFault === MQTT_SERVER;
    expect({ severity: finding.severity, atFault: finding.atFault && (isServer ? 'server' : 'client') }).toEqual({
      severity,
      atFault,
    });
    expect(finding.bytes).toEqual(bytes && { offset: bytes[0], length: bytes[1] });
    if (clause !== '') {
      const numbers = finding.spec.clause.split(/[,;] | \(| and /);
      expect(numbers).toContain(clause.startsWith('§') ? clause : `MQTT-${clause}`);
      expect(finding.spec.clause).toContain(`(${edition(level)})`);
    }
    expect(tallyOf(judged, rule)).toMatchObject({ broken: 1 });
    const verdict = severity === 'info' ? expect.not.stringMatching('violations') : 'violations';
    expect(judged.report.summary.verdict).toEqual(verdict);
  });

  test('is not found when it is off, and nothing else is instead', () => {
    const judged = judgeCase(one, { severities: { [rule]: 'off' } });
    expect(judged.broken).toEqual(beside);
    expect(tallyOf(judged, rule)).toBeUndefined();
  });

  test('is found with the severity that the user gives it', () => {
    const other = severity === 'error' ? 'info' : 'error';
    const judged = judgeCase(one, { severities: { [rule]: other } });
    expect(judged.findings.find(({ ruleId }) => ruleId === `mqtt/${rule}`)).toMatchObject({ severity: other, frame });
    expect(judged.broken).toHaveLength(1 + beside.length);
  });

  test('is withdrawn when the capture dropped packets, if it rests on what was not seen', () => {
    const rests = whole().findings.find(({ ruleId }) => ruleId === `mqtt/${rule}`)?.restsOn;
    const judged = judgeCase(one, { dropped: 1 });
    const isWithdrawn = rests === 'unseen' && !midstream.has(rule);
    expect(judged.broken.includes(found)).toBe(!isWithdrawn);
    if (isWithdrawn) expect(tallyOf(judged, rule)).toMatchObject({ checked: 0, broken: 0 });
    if (isWithdrawn && beside.length === 0) expect(judged.report.summary.verdict).toBe('inconclusive');
  });
});
