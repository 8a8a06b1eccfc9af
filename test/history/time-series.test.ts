/** Counts over time keep their sums, whatever span they come to stand for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeSeries } from '../../src/history/time-series.ts';

const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);

test('a message a millisecond has a slot of its own', () => {
  const series = new TimeSeries();
  for (let i = 0; i < 3; i++) series.message(100, 500_000 + i * 1_000_000, 10);
  expect([series.slots, series.secondsPerSlot, [...series.messages.subarray(0, 4)]]).toEqual([3, 0.001, [1, 1, 1, 0]]);
  expect(series.start).toEqual({ seconds: 100, nanoseconds: 500_000 });
});

test('when time goes on, slots are joined in pairs', () => {
  const series = new TimeSeries();
  series.message(0, 0, 1);
  series.message(0, 1_000_000, 2);
  series.finding({ seconds: 0, nanoseconds: 3_000_000 });
  series.message(0, 600_000_000, 4);
  expect([series.secondsPerSlot, series.messages[0], series.bytes[0], series.findings[1]]).toEqual([0.002, 2, 3, 1]);
  expect([series.slots, series.bytes[300]]).toEqual([301, 4]);
});

test('what lies before the first message counts at the beginning', () => {
  const series = new TimeSeries();
  series.message(50, 0, 1);
  series.message(10, 0, 1);
  expect([series.slots, series.messages[0]]).toEqual([1, 2]);
});

test('nothing is lost and nothing is counted twice, for any times', () => {
  const time = fc.record({ seconds: fc.nat(0xffff_ffff), nanoseconds: fc.nat(999_999_999) });
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 50 }), times => {
      const series = new TimeSeries();
      for (const { seconds, nanoseconds } of times) series.message(seconds, nanoseconds, 3);
      expect([sum(series.messages), sum(series.bytes)]).toEqual([times.length, times.length * 3]);
      expect(series.slots).toBeLessThanOrEqual(512);
    }),
  );
});
