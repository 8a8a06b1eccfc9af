/** A line over its axes, cell by cell: where it stands, what it is labelled with, and that it stays in its place. */
import { describe, expect, test } from 'vitest';
import { lineChart } from '../../../src/tui/panes/line-chart.ts';
import { textOf } from './lines.ts';

const chart = (values: readonly number[], top: number, size = { width: 16, height: 7 }) =>
  lineChart({ values, labels: values.map((_, index) => `${index} s`), top, role: 'error' }, size);
const drawn = (values: readonly number[], top: number) => chart(values, top).map(line => textOf(line).trimEnd());

describe('a chart', () => {
  test('rises from its lower axis to the value, with labels at both axes', () => {
    expect(drawn([0, 0, 8, 8], 12)).toEqual([
      ' 8    ⡇     ⣀⣀⣀',
      '      ⡇    ⡰⠁',
      ' 4    ⡇   ⢠⠃',
      ' 0    ⡇⣀⣀⣠⠃',
      '      ⠓⠒⠒⠒⠒⠒⠒⠒⠒⠒',
      '       0 s  2 s',
      '',
    ]);
  });

  test.each([
    [950, '950'],
    [1000, '1k'],
    [8321, '8.3k'],
    [999_999, '999k'],
    [2_500_000, '2.5M'],
  ])('says %i in four characters', (value, label) => {
    // The second label of three.
    const lines = drawn([0, value], value * 3 + 2);
    expect(lines.some(text => text.trimStart().startsWith(`${label} `))).toBe(true);
  });

  test('is as large as its place, whatever the values', () => {
    for (const values of [[0, 0], [1, 1e15], Array.from({ length: 500 }, (_, index) => index)]) {
      const lines = chart(values, Math.max(1, ...values));
      expect(lines).toHaveLength(7);
      for (const line of lines) expect(textOf(line)).toHaveLength(16);
    }
  });

  test('has its role where the line is, and none at its axes and labels', () => {
    const roles = chart([0, 0, 10, 10], 10).map(({ spans }) => spans.map(({ role }) => role));
    expect(roles[0]).toContain('error');
    expect(roles[5]).toEqual(['plain']);
  });
});
