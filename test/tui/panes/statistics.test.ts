/**
 * The numbers of a run as data and as text: what is counted, in which order it stands, and what is said of a capture.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duration, resampled } from '../../../src/tui/panes/over-time.ts';
import {
  type StatisticsData,
  statisticsData,
  statisticsHeight,
  statisticsPane,
  statisticsRows,
} from '../../../src/tui/panes/statistics.ts';
import { fixtureBytes, historyOf } from '../../kit/history.ts';
import { misfits, SIZES, withRole } from './drawn.ts';
import { anySize, hostile, textsOf } from './lines.ts';

async function dataOf(capture: string | Uint8Array): Promise<StatisticsData> {
  const { history, report } = await historyOf(capture);
  return statisticsData(history, report);
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
const pane = (data: StatisticsData, width = 78) => statisticsPane({ data, top: 0 }, { width, height: 1000 });
const lineWith = (lines: readonly string[], text: string) => lines.find(line => line.includes(text)) ?? '';

describe('the data of a run', () => {
  test('counts every message, byte and finding once over time', async () => {
    const { time, summary } = await dataOf('mnet/faults.pcap');
    const [series] = time.parts;
    expect(sum(series.messages)).toBe(summary.messages);
    expect(sum(series.findings)).toBe(summary.errors + summary.warnings + summary.infos);
    expect(sum(series.bytes)).toBeGreaterThan(0);
  });

  test('has the types that were seen, the most frequent first', async () => {
    const { types, summary } = await dataOf('mnet/faults.pcap');
    expect(types.slice(0, 2)).toEqual([
      { protocol: 'mnet', name: 'DATA', count: 8 },
      { protocol: 'mnet', name: 'INIT', count: 5 },
    ]);
    expect(sum(types.map(({ count }) => count))).toBe(summary.messages);
    expect(types.every(({ count }) => count > 0)).toBe(true);
  });

  test('has the rules: broken, inconclusive, held, not exercised', async () => {
    const { rules } = await dataOf('mnet/faults.pcap');
    const kinds = rules.map(({ broken, inconclusive, checked }) =>
      broken > 0 ? 0 : inconclusive > 0 ? 1 : checked > 0 ? 2 : 3,
    );
    expect(kinds).toEqual(kinds.toSorted());
    expect(new Set(kinds)).toEqual(new Set([0, 2, 3]));
    expect(rules.find(({ id }) => id === 'mnet/data-after-shutdown')).toMatchObject({ broken: 1 });
  });
});

describe('points of a chart', () => {
  test('are the slots where there is room for them', () => {
    expect(resampled([1, 2, 3], 0.001, 10)).toEqual({ points: [1, 2, 3], seconds: 0.001 });
  });

  test('stand for several slots where there is not, and lose none', () => {
    expect(resampled([1, 2, 3, 4, 5], 0.5, 2)).toEqual({ points: [6, 9], seconds: 1.5 });
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 512 }), fc.integer({ min: 1, max: 200 }), (counts, room) => {
        const { points } = resampled(counts, 1, room);
        expect(points.length).toBeLessThanOrEqual(room);
        expect(sum(points)).toBe(sum(counts));
      }),
    );
  });

  test.each([
    [0.016, '16 ms'],
    [1.024, '1.024 s'],
    [119, '119 s'],
    [180, '3 min'],
    [7200, '2 h'],
  ])('of %d s are shown as %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});

describe('the text', () => {
  test('begins with the outcome and the captures', async () => {
    const lines = textsOf(pane(await dataOf('mnet/faults.pcap')));
    expect(lines[0]).toMatch(/^violations: 3 errors, 1 warning, 2 infos in 3 connections, 25 messages/);
    expect(lines.slice(1, 4)).toEqual([
      'fixtures/mnet/faults.pcap',
      '  pcap, little-endian, microseconds, 25 packets, 1,631 bytes, 6.521000 s from',
      '  2023-11-14T22:13:20.001000Z',
    ]);
  });

  test('says of each rule how often it was checked, broken and inconclusive, under its column', async () => {
    const lines = textsOf(pane(await dataOf('mnet/faults.pcap')));
    const title = lineWith(lines, 'inconclusive');
    const row = lineWith(lines, 'mnet/data-after-shutdown');
    expect(row).toMatch(/^mnet\/data-after-shutdown +7 +1 +0$/);
    expect([title.length, title.indexOf('checked') + 7]).toEqual([row.length, row.indexOf('7') + 1]);
    expect(lineWith(lines, 'not exercised: ')).toContain('mnet/cookie-mac');
  });

  test('has broken rules in the colour of their severity, and those that held in green', async () => {
    const lines = pane(await dataOf('mnet/faults.pcap'));
    expect(withRole(lines, 'error')).toContain('mnet/data-after-shutdown');
    expect(withRole(lines, 'info')).toContain('mnet/ambiguous-reading');
    expect(withRole(lines, 'good')).toContain('mnet/length');
  });

  test('says that a capture is cut, and where', async () => {
    const whole = fixtureBytes('mnet/echo-small.pcap');
    const lines = pane(await dataOf(whole.subarray(0, whole.length - 10)));
    expect(withRole(lines, 'warning').join(' ')).toMatch(/incomplete: .*\(byte [\d,]+\)/);
  });

  test('has the notes of the report', async () => {
    const lines = textsOf(pane(await dataOf('ministreaming/faults.pcap')));
    expect(lines.slice(lines.indexOf('Notes') + 1).join(' ')).toContain('2 UDP datagrams of no known protocol');
  });

  test('has two columns where it is wide', async () => {
    const lines = textsOf(pane(await dataOf('mnet/faults.pcap'), 158));
    expect(lines.find(line => line.includes('Messages by type'))).toMatch(/^Messages by type +Rules +checked/);
  });

  test('begins at the top line of the window', async () => {
    const data = await dataOf('mnet/faults.pcap');
    expect(textsOf(statisticsPane({ data, top: 1 }, { width: 78, height: 1 }))).toEqual(['fixtures/mnet/faults.pcap']);
    expect(statisticsHeight(data, 78)).toBe(pane(data).length);
  });

  test('can be scrolled to its end, with charts above it and without', async () => {
    const data = await dataOf('mnet/faults.pcap');
    for (const size of [...SIZES, { width: 40, height: 10 }]) {
      const { count, height } = statisticsRows(data, size);
      const top = Math.max(0, count - height);
      expect(top + size.height).toBeGreaterThanOrEqual(statisticsHeight(data, size.width));
    }
  });

  test('of a run that has seen nothing yet is there, too', async () => {
    const { history, report } = await historyOf([]);
    expect(textsOf(pane(statisticsData(history, report)))[0]).toContain('0 messages');
  });
});

test.each(['mnet/faults.pcap', 'ministreaming/faults.pcap', 'filestorage/2019-12-auth.pcap'])('%s fits', async path => {
  const data = await dataOf(path);
  for (const size of [...SIZES, { width: 20, height: 200 }]) {
    expect(misfits(statisticsPane({ data, top: 0 }, size), size)).toEqual([]);
  }
});

test('it fits, whatever files and messages are called', async () => {
  const data = await dataOf('mnet/faults.pcap');
  fc.assert(
    fc.property(hostile, hostile, anySize, (path, name, size) => {
      const captures = data.captures.map(facts => ({ ...facts, path, problem: { offset: 1, message: name } }));
      const types = [{ protocol: 'mnet', name, count: 3 }, ...data.types];
      const given = { ...data, captures, types, notes: [name] };
      expect(misfits(statisticsPane({ data: given, top: 0 }, size), size)).toEqual([]);
      const tall = { ...size, height: 300 };
      expect(misfits(statisticsPane({ data: given, top: 0 }, tall), tall)).toEqual([]);
    }),
  );
});
