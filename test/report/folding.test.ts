import { describe, expect, test } from 'vitest';
import { fold } from '../../src/report/folding.ts';
import { textReport } from '../../src/report/text.ts';
import { finding, report } from './sample.ts';

/** Findings that differ in what changes from message to message, on these frames. */
const alike = (frames: readonly number[]) =>
  frames.map(frame => finding({ frame, message: `tag ${frame} is not that of frame ${frame - 1}` }));

describe('findings that say the same', () => {
  test('are shown up to the third, in their places among others', () => {
    const other = finding({ frame: 3, ruleId: 'mnet/length' });
    const [one, two, four, five, six] = alike([1, 2, 4, 5, 6]);
    const { shown, folded } = fold([one, two, other, four, five, six]);
    expect(shown).toEqual([one, two, other, four]);
    expect(folded).toEqual(new Map([[four, [five, six]]]));
  });

  test('are all shown where hiding one would take the same room', () => {
    const four = alike([1, 2, 3, 4]);
    expect(fold(four).shown).toEqual(four);
  });

  test('are others where somebody else is at fault, or where they count as something else', () => {
    const five = alike([1, 2, 3, 4, 5]);
    const theirs = five.map(each => ({ ...each, atFault: '10.0.0.9:1' }));
    const milder = five.map(each => ({ ...each, severity: 'warning' as const }));
    expect(fold([...five, ...theirs, ...milder]).shown).toHaveLength(9);
  });
});

test('the report says how many there are, and on which frames', () => {
  const frames = Array.from({ length: 20 }, (_, index) => index + 1);
  const text = textReport(report({ findings: alike(frames) }), { color: false, width: 120 });
  expect(text.match(/ {2}error {4}/g)).toHaveLength(3);
  expect(text).toContain('  17 more like it, in frames 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 7 more\n');
});
