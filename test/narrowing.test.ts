/** A report narrowed to some findings: what was induced, and counts nowhere, is narrowed as the findings are. */
import { expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import { cappedAt, findingFilter, narrowed } from '../src/narrowing.ts';
import { finding, report } from './report/sample.ts';

const induced = [
  finding({ frame: 1, severity: 'warning' }),
  finding({ frame: 2 }),
  finding({ frame: 3 }),
  finding({ frame: 4, connection: 5 }),
];
const frames = (findings: readonly { readonly frame: number }[] | undefined) => findings?.map(({ frame }) => frame);

function filtered(text: string, maxFindings: number) {
  const matches = findingFilter(text, protocols);
  return narrowed(report({ induced }), { text, matches, maxFindings, allConnections: false });
}

test('a filter leaves the induced findings that match, the first of each rule and connection', () => {
  expect(frames(filtered('severity >= error', 100).induced)).toEqual([2, 3, 4]);
  expect(frames(filtered('severity >= error', 1).induced)).toEqual([2, 4]);
  expect(frames(filtered('severity < info', 1).induced)).toEqual([]);
});

test('a bound leaves the first of each rule and connection', () => {
  expect(frames(cappedAt(report({ induced }), 2).induced)).toEqual([1, 2, 4]);
});

test('there are none where there were none', () => {
  const matches = findingFilter('severity >= error', protocols);
  const narrow = narrowed(report(), { text: '', matches, maxFindings: 1, allConnections: false });
  expect(narrow).not.toHaveProperty('induced');
  expect(cappedAt(report(), 1)).not.toHaveProperty('induced');
});
