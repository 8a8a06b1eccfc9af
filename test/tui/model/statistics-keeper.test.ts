import { expect, test } from 'vitest';
import { StatisticsKeeper } from '../../../src/tui/model/statistics-keeper.ts';
import { historyOf } from '../../kit/history.ts';
import { runOf } from '../../kit/looking.ts';

test('numbers that were not due when the last of them came are taken as soon as they are', async () => {
  const past = await historyOf('mnet/faults.pcap');
  const run = { ...runOf(past), state: 'reading' as 'reading' | 'ended' };
  const keeper = new StatisticsKeeper();
  let time = 0;
  const now = () => time;
  expect(keeper.update(run, now)).toBe(true);
  run.state = 'ended';
  time = 10;
  expect(keeper.update(run, now)).toBe(false);
  time = 1000;
  expect(keeper.update(run, now)).toBe(true);
  expect(keeper.update(run, now)).toBe(false);
});

test('making them takes a small part of the time', async () => {
  const past = await historyOf('mnet/faults.pcap');
  let time = 0;
  const run = {
    ...runOf(past),
    read: 1,
    report: () => {
      time += 1000;
      return past.engine.report();
    },
  };
  const keeper = new StatisticsKeeper();
  keeper.update(run, () => time);
  run.read = 2;
  time += 15_000;
  expect(keeper.update(run, () => time)).toBe(false);
  time += 10_000;
  expect(keeper.update(run, () => time)).toBe(true);
});
