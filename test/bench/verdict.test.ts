/** `npm run bench -- --gate`: what it decides, from figures. */
import { describe, expect, test } from 'vitest';
import { isSettled, verdictOf } from '../../bench/verdict.ts';

describe('beside the older build, the median of the turns decides', () => {
  test.each([
    ['six percent more', [1.06, 1.06, 1.06], 'slower'],
    ['four percent more', [1.04, 1.04, 1.04], 'as before'],
    ['six percent more, and one turn on a busy machine', [1.06, 0.7, 1.07], 'slower'],
    ['the same, and one turn on a busy machine', [1.0, 1.4, 0.99], 'as before'],
    ['a third less', [0.66, 0.67, 0.68], 'faster'],
  ] as const)('%s', (_, beside, verdict) => {
    expect(verdictOf({ units: 1, before: 1, beside })).toBe(verdict);
  });

  test('whichever way the unit moved: another machine, another Node, another load', () => {
    expect(verdictOf({ units: 1.63, before: 1, beside: [1.01, 1.0, 1.02] })).toBe('as before');
    expect(verdictOf({ units: 1.01, before: 1.63, beside: [1.09, 1.08, 1.07] })).toBe('slower');
  });
});

describe('without the older build, the unit decides, as finely as it can', () => {
  test.each([
    [1.2, 'as before'],
    [1.3, 'slower'],
    [0.7, 'faster'],
  ])('%f times what the entry says: %s', (units, verdict) => {
    expect(verdictOf({ units, before: 1, beside: [] })).toBe(verdict);
  });
});

test('a scenario that no entry has cannot be slower', () => {
  expect(verdictOf({ units: 9, before: undefined, beside: [] })).toBe('no entry');
});

describe('more turns are run', () => {
  test('of fewer than six, whatever they say', () => {
    expect(isSettled([])).toBe(false);
    expect(isSettled([1, 1, 1, 1, 1])).toBe(false);
    expect(isSettled([1, 1, 1, 1, 1, 1])).toBe(true);
  });

  test('until all but the outermost are on one side of the tolerance', () => {
    expect(isSettled([1.2, 1.1, 1.1, 1.1, 1.1, 1.0])).toBe(false);
    expect(isSettled([1.2, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.0])).toBe(true);
    expect(isSettled([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.3])).toBe(true);
    expect(isSettled([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 1.3])).toBe(false);
  });
});
