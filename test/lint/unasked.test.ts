import { expect, test } from 'vitest';
import { PASS, SKIP } from '../../src/lint/rule.ts';
import { type Askable, RuleGroup } from '../../src/lint/rule-group.ts';
import { Unasked } from '../../src/lint/unasked.ts';

const group = (...rules: Askable['rule'][]) =>
  new RuleGroup(
    rules.map(rule => ({ rule })),
    1,
  );

test('a message is passed unless a rule of its form or of its content must be asked', () => {
  const form = [group({ when: 1, otherwise: PASS }), group()];
  const content = [group({ when: 2, otherwise: SKIP }), group({})];
  const unasked = new Unasked(form, content);
  // Twice, as what was found once is at hand.
  for (const _ of [1, 2]) {
    expect([0, 1, 2, 3, 4].map(remarks => unasked.of(0, remarks) !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
    expect(unasked.of(1, 0)).toBeUndefined();
  }
});

test('each is counted where its type and remarks are, however many there are', () => {
  const rule = { when: 1, otherwise: PASS } as const;
  const [one, other] = [group(rule), group(rule)];
  const unasked = new Unasked([one, other], [group(), group()]);
  for (const _ of [1, 2]) {
    for (let remarks = 2; remarks < 200; remarks += 2)
      for (const type of [0, 0, 1]) unasked.of(type, remarks)?.form.fill(7);
  }
  const counted = (of: typeof one) => Array.from({ length: 99 }, (_, at) => of.planOf(2 * at + 2)?.judged[0]);
  expect(counted(one)).toEqual(Array(99).fill(7));
  unasked.of(1, 6)?.form.fill(9);
  expect([one, other].map(of => of.planOf(6)?.judged[1])).toEqual([7, 9]);
});
