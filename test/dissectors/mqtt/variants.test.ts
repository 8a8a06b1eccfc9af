/** Each rule whose text names several ways to break it is broken in those, too, alone (cases/variants.ts). */
import { expect, test } from 'vitest';
import { MQTT_SERVER } from '../../kit/mqtt-net.ts';
import { judgeCase } from './cases/case.ts';
import { OF_PACKETS, OF_SIDES, OF_TIMES_AND_LIMITS } from './cases/variants.ts';

const named = [...OF_SIDES, ...OF_PACKETS, ...OF_TIMES_AND_LIMITS].map((one, place) => ({
  ...one,
  title: `${one.rule} on ${one.frame}, ${one.level === 5 ? '5.0' : '3.1.1'}, variant ${place + 1}`,
}));

test.each(named)('$title', one => {
  const { rule, frame, beside, severity, atFault, clause } = one;
  const judged = judgeCase(one);
  expect([...judged.broken].sort()).toEqual([...beside, `${rule} ${frame}`].sort());
  const finding = judged.findings.find(({ ruleId }) => ruleId === `mqtt/${rule}`)!;
  expect(finding.severity).toBe(severity);
  expect(finding.atFault === MQTT_SERVER ? 'server' : 'client').toBe(atFault);
  expect(finding.spec.clause).toContain(clause);
});
