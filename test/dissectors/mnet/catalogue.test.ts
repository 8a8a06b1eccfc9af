/**
 * Each rule of the catalogue is broken alone by a conversation of its own (cases.ts); and what holds for all rules: they can
 * be turned off, given another severity, and stay silent where the history that they need was not seen.
 */
import { expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { judge, tally } from '../../kit/mnet.ts';
import { CASES } from './cases.ts';

const mnet = protocols.find(({ id }) => id === 'mnet');
const historical = new Set(
  mnet?.rules.filter(({ restsOn, midstream }) => restsOn === 'unseen' && !midstream).map(({ id }) => id),
);

test('every rule has a conversation that breaks it', () => {
  expect(CASES.map(({ rule }) => rule).sort()).toEqual(mnet?.rules.map(({ id }) => id).sort());
});

for (const { rule, severity, conversation, frame, atFault, bytes, options, beside } of CASES) {
  test(`${rule}: found on its frame, alone, with who is at fault`, () => {
    const judged = judge(conversation, options);
    expect(judged.broken).toEqual([...(beside ? [beside] : []), { rule, frame }]);
    const finding = judged.findings.find(({ ruleId }) => ruleId === rule);
    expect(finding).toMatchObject({ severity, atFault, frame });
    expect(finding?.bytes).toEqual(bytes && { offset: bytes[0], length: bytes[1] });
    expect(tally(judged, rule)).toMatchObject({ broken: 1 });
    const verdict = severity === 'info' ? expect.not.stringMatching('violations') : 'violations';
    expect(judged.report.summary.verdict).toEqual(verdict);
  });

  test(`${rule}: says nothing when it is off, and lets nothing else follow`, () => {
    const judged = judge(conversation, { ...options, severities: { [rule]: 'off' } });
    expect(judged.broken).toEqual(beside ? [beside] : []);
    expect(tally(judged, rule)).toBeUndefined();
  });

  test(`${rule}: reported with the severity the user gives it`, () => {
    const other = severity === 'error' ? 'info' : 'error';
    const judged = judge(conversation, { ...options, severities: { [rule]: other } });
    expect(judged.findings.find(({ ruleId }) => ruleId === rule)).toMatchObject({ severity: other, frame });
    expect(judged.broken).toHaveLength(beside ? 2 : 1);
  });

  test(`${rule}: withdrawn when the capture dropped packets, if it needs the history`, () => {
    const judged = judge(conversation, { ...options, dropped: 1 });
    // One rule may rest on this or that.
    const rests = judge(conversation, options).findings.find(({ ruleId }) => ruleId === rule)?.restsOn;
    const withdrawn = historical.has(rule) && rests === 'unseen';
    expect(judged.broken.some(found => found.rule === rule)).toBe(!withdrawn);
    if (withdrawn) expect(tally(judged, rule)).toMatchObject({ checked: 0, broken: 0 });
    if (withdrawn && !beside) expect(judged.report.summary.verdict).toBe('inconclusive');
  });
}
