/** Each rule of `sees: broker` is broken alone by conversations of its own, in each version that demands it. */
import { describe, expect, test } from 'vitest';
import { BROKER_RULES } from '../../../../dissectors/mqtt/rules/broker.ts';
import { clausesOf } from '../../../../src/lint/clause.ts';
import { tallyOf } from '../../../kit/mqtt-judge.ts';
import { MQTT_SERVER } from '../../../kit/mqtt-net.ts';
import { judgeCase } from '../cases/case.ts';
import { DELIVERING, FORWARDING, RETAINING, WILLS } from './cases.ts';

const CASES = [...FORWARDING, ...DELIVERING, ...RETAINING, ...WILLS];
const edition = (level: number) => (level === 5 ? '5.0' : '3.1.1');

test('there are 15 rules, and each has a conversation that breaks it, in each version that demands it', () => {
  expect(BROKER_RULES).toHaveLength(15);
  const demanded = BROKER_RULES.flatMap(rule => clausesOf(rule).map(each => `${rule.id} ${each.edition}`));
  const broken = CASES.map(({ rule, level }) => `mqtt/${rule} ${edition(level)}`);
  expect([...new Set(broken)].sort()).toEqual(demanded.sort());
});

const named = CASES.map(one => ({ ...one, title: `${one.rule}, ${edition(one.level)}: ${one.what}` }));

describe.each(named)('$title', one => {
  const { rule, frame, bytes, clause, level } = one;

  test('is found on its frame, alone, and the server is at fault', () => {
    const judged = judgeCase(one);
    expect(judged.broken).toEqual([`${rule} ${frame}`]);
    const [finding] = judged.findings;
    expect(finding).toMatchObject({ severity: 'warning', atFault: MQTT_SERVER, restsOn: 'unseen' });
    expect(finding.bytes).toEqual(bytes && { offset: bytes[0], length: bytes[1] });
    expect(finding.spec.clause.split(/[,;] | \(/)).toContain(`MQTT-${clause}`);
    expect(finding.spec.clause).toContain(`(${edition(level)})`);
    expect(tallyOf(judged, rule)).toMatchObject({ broken: 1 });
  });

  test('is not judged where the capture is complete for clients alone', () => {
    const judged = judgeCase(one, { dialect: { sees: 'client' } });
    expect(judged.broken).toEqual([]);
    expect(tallyOf(judged, rule)).toBeUndefined();
  });

  test('is withdrawn when the capture dropped packets', () => {
    expect(judgeCase(one, { dropped: 1 }).broken).toEqual([]);
  });
});
