import { describe, expect, test } from 'vitest';
import { formatElapsed, formatTime, type TimeFormat } from '../../../src/tui/text/time-format.ts';

const ORIGIN = { seconds: 1_600_000_000, nanoseconds: 999_999_000 };
const TIME = { seconds: 1_600_000_001, nanoseconds: 250_000 };
const PREVIOUS = { seconds: 1_600_000_001, nanoseconds: 0 };

describe('a time', () => {
  test.each<[TimeFormat, string]>([
    ['relative', '0.000251'],
    ['delta', '0.000250'],
    ['utc', '2020-09-13T12:26:41.000250Z'],
    ['epoch', '1600000001.000250'],
  ])('as %s', (format, expected) => {
    expect(formatTime(TIME, { format, origin: ORIGIN, previous: PREVIOUS, digits: 6 })).toBe(expected);
  });

  test('of the first row is no time away from itself', () => {
    expect(formatTime(TIME, { format: 'delta', origin: ORIGIN, digits: 3 })).toBe('0.000');
  });

  test('has the digits that were measured', () => {
    expect(formatTime(TIME, { format: 'epoch', origin: ORIGIN, digits: 0 })).toBe('1600000001');
    expect(formatTime(TIME, { format: 'relative', origin: ORIGIN, digits: 9 })).toBe('0.000251000');
  });

  test('before the origin is negative', () => {
    expect(formatElapsed(TIME, ORIGIN, 6)).toBe('-0.000251');
  });
});
