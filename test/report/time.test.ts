import { expect, test } from 'vitest';
import { captureDigits, isoTime } from '../../src/report/time.ts';
import { capture } from './sample.ts';

test.each([
  [0, '2023-11-14T22:13:20Z'],
  [3, '2023-11-14T22:13:20.007Z'],
  [6, '2023-11-14T22:13:20.007008Z'],
  [9, '2023-11-14T22:13:20.007008009Z'],
])('a time is printed with the %i digits that were measured', (digits, text) => {
  expect(isoTime({ seconds: 1_700_000_000, nanoseconds: 7_008_009 }, digits)).toBe(text);
});

test('a year of five digits has a sign, as ISO 8601 wants', () => {
  expect(isoTime({ seconds: 253_402_300_800, nanoseconds: 0 }, 0)).toBe('+010000-01-01T00:00:00Z');
});

test('a time beyond the calendar is printed as seconds since the epoch', () => {
  expect(isoTime({ seconds: 18_446_744_073_709, nanoseconds: 551_615_000 }, 6)).toBe('@18446744073709.551615');
});

test('a capture without a packet has no precision', () => {
  const { firstTime: _first, lastTime: _last, ...facts } = capture();
  expect(captureDigits(facts)).toBe(0);
});
