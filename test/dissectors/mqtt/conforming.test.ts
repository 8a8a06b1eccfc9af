/** Conversations that break nothing, beside those of cases/: for each rule the nearest that is right, and what it spares. */
import { describe, expect, test } from 'vitest';
import { tallyOf } from '../../kit/mqtt-judge.ts';
import { CASES } from './cases/all.ts';
import { TWINS } from './conforming/all.ts';
import { judgeTwin } from './conforming/twin.ts';

const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;

test('each rule has a conversation beside it, in each version that demands it', () => {
  const there = new Set(TWINS.map(({ rule, level }) => `${rule} ${level}`));
  expect(CASES.map(({ rule, level }) => `${rule} ${level}`).filter(wanted => !there.has(wanted))).toEqual([]);
});

describe.each(Object.entries(VERSIONS))('%s', (level, version) => {
  const own = TWINS.filter(twin => twin.level === Number(level)).map(twin => ({ ...twin, version }));

  test.each(own)('$rule: $what', twin => {
    const { found = [], verdict = 'conformant' } = twin.choice;
    const judged = judgeTwin(twin);
    expect(judged.broken.filter(one => one !== 'legacy-version 4')).toEqual(found);
    if (twin.isAsked) expect(tallyOf(judged, twin.rule)?.checked).toBeGreaterThan(0);
    expect([...new Set(judged.verdicts)]).toEqual([verdict]);
  });
});
