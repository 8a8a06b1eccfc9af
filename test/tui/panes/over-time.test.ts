/** Counts over time: captures that lie far apart stand one after another, and nothing of them is lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overTime, pointsOf, seriesLines } from '../../../src/tui/panes/over-time.ts';
import { statisticsData, statisticsPane } from '../../../src/tui/panes/statistics.ts';
import { historyOf } from '../../kit/history.ts';
import { textsOf } from './lines.ts';

const MNET = 'mnet/faults.pcap';
const YEARS_LATER = 'filestorage/2020-01-02-pipelined.pcap';
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

describe('captures that are years apart', async () => {
  const { history, report } = await historyOf([MNET, YEARS_LATER]);
  const data = overTime(history);

  test('are a part each, the earlier one first', () => {
    expect(data.parts.map(({ messages }) => sum(messages))).toEqual([25, 10]);
  });

  test('are said to be so, above the charts and without them', () => {
    for (const width of [40, 78, 158]) {
      const lines = textsOf(statisticsPane({ data: statisticsData(history, report), top: 0 }, { width, height: 99 }));
      expect(lines.join(' ')).toMatch(/2 captures within \d years: drawn side +by +side/);
    }
  });

  test('have a gap between them, whatever the room, and keep their sums', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 600 }), most => {
        const { points, gaps } = pointsOf(data, 'messages', most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(gaps).toHaveLength(1);
        expect(sum(points.slice(0, gaps[0]))).toBe(25);
        expect(sum(points.slice((gaps[0] ?? 0) + 1))).toBe(10);
      }),
    );
  });

  test('are more than one column each where there is room', () => {
    const [messages = ''] = textsOf(seriesLines(data, 78));
    const [before = '', after = ''] = messages.slice(22).split('|');
    expect([before, after].map(text => text.trim().length > 1)).toEqual([true, true]);
  });
});

test('one capture, or two that follow each other, are one part, and nothing is said', async () => {
  for (const captures of [[MNET], [MNET, MNET]]) {
    const { history } = await historyOf(captures);
    expect(overTime(history)).toMatchObject({ parts: { length: 1 }, words: '' });
  }
});

test('of more captures than have counts of their own there is one part, and it says what the chart shows', async () => {
  const { history } = await historyOf([YEARS_LATER, ...Array.from({ length: 17 }, () => MNET)]);
  const { parts, words } = overTime(history);
  expect(parts).toHaveLength(1);
  expect(words).toContain('in no capture');
});
