import { expect, test } from 'vitest';
import { ageInWords, bytesInWords } from '../../../src/tui/panes/picker.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [48_000_000, '48 MB'],
  [3e9, '3.0 GB'],
  [2e12, '2.0 TB'],
  [5e15, '5,000 TB'],
])('%i bytes: %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});

test.each([
  [0, 'now'],
  [59_999, 'now'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [3_600_000, '1 h ago'],
  [86_400_000 * 3, '3 d ago'],
  [86_400_000 * 366, '1 y ago'],
  [-1, ''],
])('%i ms: %s', (age, words) => {
  expect(ageInWords(0, age)).toBe(words);
});
