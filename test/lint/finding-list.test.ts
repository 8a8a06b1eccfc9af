import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/lint/finding.ts';
import { FindingList } from '../../src/lint/finding-list.ts';
import type { Basis } from '../../src/lint/rule.ts';

function finding(ruleId: string, frame: number): Finding {
  return {
    ruleId,
    severity: 'error',
    message: 'm',
    capture: 0,
    frame,
    time: { seconds: 0, nanoseconds: 0 },
    protocol: 'toy',
    connection: 1,
    from: 'a',
    to: 'b',
    atFault: 'a',
    messageName: 'TEXT',
    state: 'TALKING',
    bytes: null,
    expected: '',
    actual: '',
    restsOn: 'bytes',
    spec: { document: 'd', clause: 'c' },
    relatedFrames: [],
    excerpt: null,
  };
}

/** Adds a finding if there is room for it. */
function offer(list: FindingList, ruleId: string, connection = 1, frame = 1, basis: Basis = 'bytes') {
  const admitted = list.admits(ruleId, connection, basis);
  if (admitted) list.add(finding(ruleId, frame), basis);
  return admitted;
}

describe('the bound for a rule and connection', () => {
  test('holds for each of them apart', () => {
    const list = new FindingList(2, 100);
    expect([1, 2, 3].map(() => offer(list, 'toy/count'))).toEqual([true, true, false]);
    expect([offer(list, 'toy/length'), offer(list, 'toy/count', 2)]).toEqual([true, true]);
    expect([list.take(false).length, list.omitted(false)]).toEqual([4, 1]);
  });

  test('tells rules and connections apart that look alike side by side', () => {
    const list = new FindingList(1, 100);
    expect([offer(list, '1 toy/x', 1), offer(list, 'toy/x', 11), offer(list, 'toy/x', 1)]).toEqual([true, true, true]);
  });
});

describe('the bound for all', () => {
  test('holds whatever the rule, and what is left out is counted', () => {
    const list = new FindingList(100, 3);
    const admitted = [1, 2, 3, 4, 5].map(connection => offer(list, 'toy/count', connection));
    expect(admitted).toEqual([true, true, true, false, false]);
    expect([list.take(false).length, list.omitted(false)]).toEqual([3, 2]);
  });
});

describe('the list', () => {
  test('is in the order of frames, then of discovery', () => {
    const list = new FindingList(100, 100);
    for (const [rule, frame] of [
      ['b', 7],
      ['a', 3],
      ['c', 7],
      ['a', 7],
    ] as const)
      offer(list, rule, 1, frame);
    expect(list.take(false).map(({ ruleId, frame }) => `${ruleId}${frame}`)).toEqual(['a3', 'b7', 'c7', 'a7']);
  });

  test('is without what rests on the history when that was not whole', () => {
    const list = new FindingList(100, 100);
    offer(list, 'a', 1, 1, 'unseen');
    offer(list, 'b', 1, 2, 'bytes');
    expect(list.take(true).map(({ ruleId }) => ruleId)).toEqual(['b']);
    expect(list.take(false).map(({ ruleId }) => ruleId)).toEqual(['a', 'b']);
  });

  test('names as left out only what is not withdrawn', () => {
    const list = new FindingList(1, 100);
    for (const basis of ['unseen', 'unseen', 'bytes', 'bytes'] as const) {
      offer(list, `toy/${basis}`, 1, 1, basis);
    }
    expect([list.omitted(false), list.omitted(true)]).toEqual([2, 1]);
  });
});
