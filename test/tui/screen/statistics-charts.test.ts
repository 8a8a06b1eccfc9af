/** The charts on a real screen of blessed that writes to memory: what they show, and that nothing a capture holds steers them. */
import { PassThrough } from 'node:stream';
import blessed from 'blessed';
import { afterEach, describe, expect, test } from 'vitest';
import { type StatisticsData, statisticsData, statisticsRows } from '../../../src/tui/panes/statistics.ts';
import { type Area, StatisticsCharts } from '../../../src/tui/screen/statistics-charts.ts';
import type { Span } from '../../../src/tui/text/line.ts';
import { visible } from '../../../src/wire/escape.ts';
import { historyOf } from '../../kit/history.ts';
import { textOf } from '../panes/lines.ts';

const open: blessed.Widgets.Screen[] = [];

afterEach(() => {
  for (const screen of open.splice(0)) screen.destroy();
});

/** A terminal that nobody sees. */
function screenOf(columns: number, rows: number): blessed.Widgets.Screen {
  const output = Object.assign(new PassThrough(), { columns, rows, isTTY: true });
  output.resume();
  const screen = blessed.screen({
    input: new PassThrough(),
    output,
    terminal: 'xterm',
    forceUnicode: true,
  } as unknown as blessed.Widgets.IScreenOptions);
  open.push(screen);
  return screen;
}

interface Cell extends Array<number | string> {
  readonly 0: number;
  readonly 1: string;
}

/** From the cells as blessed has them: attributes and characters. */
const textsOn = (screen: blessed.Widgets.Screen): string[] =>
  (screen as unknown as { lines: Cell[][] }).lines.map(cells => Array.from(cells, cell => cell[1]).join(''));

const charts = () =>
  new StatisticsCharts({ colours: true, text: lines => lines.map(line => visible(textOf(line))).join('\n') });

async function dataOf(path: string): Promise<StatisticsData> {
  const { history, report } = await historyOf(path);
  return statisticsData(history, report);
}

const SMALL: Area = { top: 1, left: 0, width: 80, height: 22 };
const LARGE: Area = { top: 1, left: 0, width: 160, height: 48 };

function shownOn(columns: number, rows: number, area: Area, data: StatisticsData, top = 0) {
  const screen = screenOf(columns, rows);
  const drawn = charts();
  drawn.mount(screen, area);
  drawn.update(data, top);
  screen.render();
  return { screen, drawn, lines: textsOn(screen) };
}

/** Braille, which lines are drawn with. */
const hasLine = (text: string) => /[\u2801-\u28ff]/.test(text);

describe('charts', () => {
  test('on 80x24 are two, with the text below', async () => {
    const { lines } = shownOn(80, 24, SMALL, await dataOf('mnet/echo-large.pcap'));
    expect(lines[1]).toMatch(/Messages, each point 15 ms.*Findings, each point 15 ms/);
    expect(lines[1]).not.toContain('Bytes');
    expect(lines.slice(2, 8).filter(hasLine).length).toBeGreaterThan(4);
    expect(lines.join('\n')).toContain('conformant: 0 errors');
  });

  test('on 160x50 are three', async () => {
    const { lines } = shownOn(160, 50, LARGE, await dataOf('mnet/echo-large.pcap'));
    expect(lines[1]).toMatch(/Messages, .*Bytes, .*Findings, /);
    expect(lines.join('\n')).toMatch(/Messages by type +Rules +checked/);
  });

  test('have room, or say that they have none', () => {
    expect([SMALL, LARGE, { width: 59, height: 40 }, { width: 80, height: 12 }].map(StatisticsCharts.fits)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('are redrawn after a resize, and leave nothing behind when they go', async () => {
    const data = await dataOf('mnet/echo-large.pcap');
    const { screen, drawn } = shownOn(160, 50, SMALL, data);
    drawn.mount(screen, LARGE);
    drawn.update(data);
    screen.render();
    expect(textsOn(screen).filter(text => text.includes('Findings, each'))).toHaveLength(1);
    drawn.unmount();
    screen.render();
    expect(textsOn(screen).join('').trim()).toBe('');
    expect(screen.children).toEqual([]);
  });

  test('scroll their text', async () => {
    const data = await dataOf('mnet/echo-large.pcap');
    const { count, height } = statisticsRows(data, SMALL);
    const { lines } = shownOn(80, 24, SMALL, data, count - height);
    expect(lines[SMALL.top + SMALL.height - 1]).toContain('mnet SHUTDOWN-COMPLETE');
  });

  test('draw a run that has seen nothing, or but one message', async () => {
    const data = await dataOf('mnet/echo-large.pcap');
    for (const counts of [[], [0], [1], [0, 0, 0]]) {
      const series = { secondsPerSlot: 0.001, messages: counts, bytes: counts, findings: counts };
      const { lines } = shownOn(80, 24, SMALL, { ...data, time: { parts: [series], words: '' } });
      expect(lines[1]).toContain('Messages, each point 1 ms');
    }
  });

  test('have no colour where none is wanted', async () => {
    const data = await dataOf('mnet/echo-large.pcap');
    const rolesOfLines = (colours: boolean) => {
      const spans: Span[] = [];
      const drawn = new StatisticsCharts({
        colours,
        text: lines => {
          spans.push(...lines.flatMap(line => line.spans));
          return '';
        },
      });
      drawn.mount(screenOf(80, 24), SMALL);
      drawn.update(data);
      return new Set(spans.filter(({ text }) => hasLine(text)).map(({ role }) => role));
    };
    expect(rolesOfLines(true)).toEqual(new Set(['plain', 'client', 'error']));
    expect(rolesOfLines(false)).toEqual(new Set(['plain']));
  });

  test('show names that hold tags and escape sequences as what they are', async () => {
    const data = await dataOf('mnet/echo-large.pcap');
    const path = 'a{red-fg}b\x1b]0;owned\x07\x9b31m\u202ec';
    const given = { ...data, captures: [{ ...data.captures[0], path }] };
    const { lines } = shownOn(160, 50, LARGE, given);
    expect(lines.join('\n')).toContain('a{red-fg}b\\x1b]0;owned\\x07\\x9b31m\\u{202e}c');
  });
});
