import { describe, expect, test } from 'vitest';
import { Traffic } from '../../src/testkit.ts';
import { compose } from '../../src/tui/compose.ts';
import { visible } from '../../src/wire/escape.ts';
import { historyOf } from '../kit/history.ts';
import { barText, modelOf, modelOver, paneText, press, settle, textOf } from '../kit/looking.ts';

describe('the screen', () => {
  test('too small a one says how large it must be, in one line', async () => {
    const model = await modelOver('mnet/faults.pcap');
    for (const [width, height] of [
      [39, 24],
      [80, 9],
    ] as const) {
      model.resize(width, height);
      const { bars, panes } = compose(model);
      expect(panes).toEqual([]);
      expect(bars.map(({ line }) => textOf(line).slice(0, 9))).toEqual(['too small']);
    }
  });

  test('of 80x24 has every tab by its name, and how far the run is', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'), {}, { state: 'reading', read: 34, total: 100 });
    model.resize(80, 24);
    expect(barText(model, 'tabs')).toMatch(/1 Connections.*2 Conversation.*6 Statistics/);
    expect(barText(model, 'filter')).toContain('reading 34 %, 25 messages');
  });

  test('has the panes of a wide one side by side, of a narrow one above each other', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2');
    const places = () => compose(model).panes.map(({ kind, x, y }) => `${kind} ${x > 0} ${y > 2}`);
    expect(places()).toEqual(['messages false false', 'fields true false', 'hex true true']);
    model.resize(80, 24);
    expect(places()).toEqual(['messages false false', 'fields false true', 'hex true true']);
    model.resize(60, 24);
    expect(places()).toEqual(['messages false false', 'fields false true']);
  });

  test('composing changes nothing', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2 n');
    settle(model);
    expect(compose(model)).toEqual(compose(model));
  });
});

describe('hostile text', () => {
  const EVIL = '\x1b]0;title\x07\x9b31m\u202e{red-fg}';

  test('of a filter, a file and a notice is shown as visible marks', async () => {
    const model = await modelOver('mnet/faults.pcap');
    press(model, '/');
    model.paste(`"${EVIL}"`);
    model.notify(`no such file: ${EVIL}`);
    model.showNotice(EVIL, []);
    for (const { line } of compose(model).bars) expect(textOf(line)).toBe(visible(textOf(line)));
    for (const { title } of compose(model).panes) expect(title).toBe(visible(title));
  });

  test('of messages reaches no line unescaped', async () => {
    const bytes = Array.from(Buffer.from(EVIL, 'utf8'), byte => byte.toString(16).padStart(2, '0')).join('');
    const ends = ['10.0.0.1:7654', '10.0.0.2:7654'] as const;
    const traffic = new Traffic().datagram(ends[0], ends[1], '01 4d4e4554 01 cf742a').datagram(ends[0], ends[1], bytes);
    const model = modelOf(await historyOf(traffic.pcap()));
    for (const key of ['1', '2', 'G', '3', '4', '5', '6']) {
      press(model, key);
      settle(model);
      for (const { lines } of compose(model).panes)
        for (const line of lines) expect(textOf(line)).toBe(visible(textOf(line)));
    }
    expect(paneText(model, 'statistics').length).toBeGreaterThan(0);
  });
});
