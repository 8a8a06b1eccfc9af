import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ValueCounts } from '../../../src/report/value-counts.ts';
import { type CountRow, type CountsInput, countsPane } from '../../../src/tui/panes/counts.ts';
import { anySize, expectToFit, hostile, NARROW, roleOf, textOf, textsOf, WIDE } from './lines.ts';

function countOf(messages: number, findings: number): CountRow['count'] {
  const counts = new ValueCounts(10);
  const values = new Set(['x']);
  for (let i = 0; i < messages; i++) counts.add(values, { seconds: 1000 + i, nanoseconds: 500_000_000, length: 1234 });
  for (let i = 0; i < findings; i++) counts.addFinding(values);
  return counts.sorted()[0];
}

const value = (text: string, messages = 3, findings = 0): CountRow => ({
  of: 'value',
  value: text,
  count: countOf(messages, findings),
});

const input: CountsInput = {
  field: 'kv.key',
  rows: [
    value('sensors/kitchen', 3, 2),
    value(''),
    { of: 'other values', value: '', count: countOf(1, 0) },
    { of: 'no value', value: '', count: countOf(2, 0) },
  ],
  top: 0,
  selected: 1,
  focused: true,
  time: { format: 'relative', origin: { seconds: 1000, nanoseconds: 0 }, digits: 6 },
  empty: 'nothing',
};

describe('a row', () => {
  test('has the counts, the times of the first and the last message, and the value at its end', () => {
    const lines = textsOf(countsPane(input, WIDE));
    expect(lines[0].trim().split(/ {2,}/)).toEqual(['messages', 'bytes', 'findings', 'first', 'last', 'kv.key']);
    expect(lines[1].trim().split(/ {2,}/)).toEqual(['3', '3,702', '2', '0.500000', '2.500000', 'sensors/kitchen']);
  });

  test('tells an empty value from none, and from those for which there is no room', () => {
    const lines = countsPane(input, WIDE);
    expect(lines.slice(2).map(line => /\S+(?: [^ ]+)*$/.exec(textOf(line))?.[0])).toEqual([
      '""',
      '(other values, more than are counted)',
      '(without kv.key)',
    ]);
    expect([roleOf(lines[2], '""'), roleOf(lines[4], 'without')]).toEqual(['plain', 'dim']);
  });

  test('is set off where it is selected', () => {
    expect(countsPane(input, NARROW).findIndex(({ selected }) => selected === 'focus')).toBe(2);
    expect(countsPane({ ...input, top: 1, focused: false }, NARROW)[1].selected).toBe('other');
  });

  test('gives up times, bytes and findings, in a narrow pane, before the value', () => {
    const [header, first] = textsOf(countsPane(input, { width: 30, height: 5 }));
    expect(header).toBe('messages kv.key');
    expect(first).toBe('       3 sensors/kitchen');
  });
});

test('without rows it says why', () => {
  expect(textsOf(countsPane({ ...input, rows: [] }, NARROW))[1]).toBe('nothing');
});

test('keeps within the pane, whatever the values and the field are', () => {
  fc.assert(
    fc.property(anySize, hostile, hostile, fc.nat(3), (size, text, field, top) => {
      expectToFit(countsPane({ ...input, field, rows: [value(text), ...input.rows], top }, size), size);
    }),
  );
});
