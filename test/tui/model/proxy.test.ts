/** The proxy whose traffic is looked at, as the model knows it: its log, whether it runs, and leaving it. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { ProxyLog } from '../../../src/tui/model/proxy-log.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import type { ProxyEventKind } from '../../../src/tui/watched-proxy.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, settle, textOf } from '../../kit/looking.ts';

let past: PastRun;
let proxy: ProxyLog;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  proxy = new ProxyLog(['udp:127.0.0.1:27000']);
  model = modelOf(past, { proxy }, { state: 'waiting', live: true });
});

/** The capture's first frame is at 1700000000.001 s. */
function happens(text: string, kind: ProxyEventKind = 'state', seconds = 1_700_000_000): void {
  proxy.add({ time: { seconds, nanoseconds: 1_000_000 }, kind, text });
}

const log = () => paneText(model, 'log');
const title = () => compose(model).panes[0].title;
const quits = () => model.takeEffects().filter(({ kind }) => kind === 'quit');

describe('the log', () => {
  test('L shows it, and L or Esc go back to where one was', () => {
    press(model, '2 L');
    expect([model.view, model.focus]).toEqual(['log', 'log']);
    expect(press(model, 'L').view).toBe('conversation');
    expect(press(model, 'L escape').view).toBe('conversation');
    expect(press(model, 'L ? escape').view).toBe('log');
    expect(press(model, 'n').view).toBe('conversation');
  });

  test('finding goes through its lines, and shows which one it is', () => {
    for (let number = 1; number <= 100; number++) happens(`event ${number}`);
    press(model, 'L g C-f "EVENT 9" escape C-f "event 9" enter');
    const found = () =>
      compose(model)
        .panes[0].lines.filter(({ selected }) => selected)
        .map(textOf);
    expect(found()).toEqual([expect.stringMatching(/event 9$/)]);
    expect(press(model, ';') && found()).toEqual([expect.stringMatching(/event 90$/)]);
    expect(press(model, ', ,') && found()).toEqual([expect.stringMatching(/event 99$/)]);
    expect(barText(model, 'status')).toContain('found in line 99, from the bottom');
  });

  test('a capture has none, and says so', () => {
    const capture = modelOf(past);
    expect(press(capture, 'L').view).toBe('connections');
    expect(barText(capture, 'status')).toContain('only a proxy has a log');
    expect(barText(capture, 'filter')).not.toContain('L log');
  });

  test('has a line an event, with its time as the other views have it', () => {
    happens('listening on udp:127.0.0.1:27000', 'state', 1_699_999_998);
    happens('client 1 connected', 'client-came', 1_700_000_001);
    press(model, 'L');
    expect(log()).toEqual(['-2.000000  listening on udp:127.0.0.1:27000', ' 1.000000  client 1 connected']);
    expect(title()).toBe('Log of the proxy: 1 client, 1 connected now');
    happens('client 1 left', 'client-gone', 1_700_000_004);
    press(model, 't');
    expect(log().at(-1)).toBe('3.000000  client 1 left');
    expect(title()).toBe('Log of the proxy: 1 client, 0 connected now');
    expect(press(model, 't') && log()[0]).toMatch(/^2023-11-14T22:13:18\.0\S+Z {2}listening/);
  });

  test('follows what comes until somebody scrolls, G follows again, p holds', () => {
    model.resize(80, 24);
    for (let number = 1; number <= 50; number++) happens(`event ${number}`);
    press(model, 'L');
    expect(log().at(-1)).toContain('event 50');
    happens('event 51');
    expect(settle(model) && log().at(-1)).toContain('event 51');
    press(model, 'k k');
    happens('event 52');
    expect(settle(model) && log().at(-1)).toContain('event 49');
    press(model, 'G');
    happens('event 53');
    expect(settle(model) && log().at(-1)).toContain('event 53');
    press(model, 'p');
    happens('event 54');
    expect(settle(model) && log().at(-1)).toContain('event 53');
    press(model, 'p');
    expect(press(model, 'G') && log().at(-1)).toContain('event 54');
    expect(press(model, 'g') && log()[0]).toContain('event 1');
  });

  test('scrolling in it does not stop the messages from being followed', () => {
    happens('one');
    expect(press(model, 'L k g').following).toBe(true);
  });

  test('keeps a bounded number of events, the newest', () => {
    for (let number = 1; number <= 5_000; number++) happens(`event ${number}`);
    expect(proxy.events.length).toBeLessThanOrEqual(1_200);
    expect(proxy.events.length + proxy.dropped).toBe(5_000);
    expect(press(model, 'L') && log().at(-1)).toContain('event 5000');
  });

  test('what is long goes on under itself, and what a peer or a program says is shown as it is', () => {
    model.resize(40, 12);
    happens('client 1 connected: [2001:db8::1]:50000 to tcp:example.org:9000');
    happens('out| \x1b[31mred', 'output');
    const lines = press(model, 'L') && log();
    expect(lines.every(text => text.length <= 38)).toBe(true);
    expect(lines.at(-2)).toMatch(/^ {10}\S/);
    expect(lines.at(-1)).toContain('out| \\x1b[31mred');
  });

  test('warnings that nobody has seen are counted beside the filter', () => {
    happens('client 1 connected', 'client-came');
    expect(barText(model, 'filter')).toContain('  L log');
    happens('tcp:127.0.0.1:1: connection refused', 'refused');
    happens('too many clients', 'limit');
    expect(barText(model, 'filter')).toContain('  L 2 warnings');
    press(model, 'L');
    expect(barText(model, 'filter')).toContain('  L back');
    press(model, 'L');
    expect(barText(model, 'filter')).toContain('  L log');
  });

  test('is drawn again when something has happened', () => {
    settle(model);
    const { version } = model;
    happens('one');
    expect(settle(model).version).toBeGreaterThan(version);
  });
});

describe('the status line', () => {
  test('says where it listens as far as there is room, and always that it runs', () => {
    expect(barText(model, 'status')).toMatch(/proxy on udp:127\.0\.0\.1:27000 $/);
    press(model, 'n');
    model.resize(80, 24);
    expect(barText(model, 'status')).toMatch(/^ \d of 6: .* proxy $/);
    expect(barText(model, 'status')).toHaveLength(80);
  });

  test('says that it has ended, and why', () => {
    proxy.end('nothing has passed for 5000 ms');
    expect(barText(model, 'status')).toMatch(/proxy ended: nothing has passed for 5000 ms $/);
    press(model, 'n');
    model.resize(80, 24);
    expect(barText(model, 'status')).toMatch(/ proxy ended $/);
  });

  test('of a capture it has none of that', () => {
    expect(barText(modelOf(past), 'status')).not.toContain('proxy');
  });
});

describe('leaving', () => {
  const question = () => barText(model, 'prompt').trim();

  test.each(['Q', 'Z Z', 'C-c', ': "q" enter'])('%s is done at once while nobody has come', keys => {
    press(model, keys);
    expect(quits()).toEqual([{ kind: 'quit' }]);
  });

  test.each(['Q', 'Z Z', 'C-c', ': "q" enter', 'q', 'escape'])('%s asks once somebody has come', keys => {
    happens('client 1', 'client-came');
    happens('client 1', 'client-gone');
    press(model, keys);
    expect(question()).toBe('stop the proxy?  y yes  n no  k keep it running without this screen');
    expect(quits()).toEqual([]);
    press(model, 'n');
    expect([model.mode.kind, quits()]).toEqual(['browse', []]);
  });

  test('y stops it, k keeps it running, Esc goes back, and no other key answers', () => {
    happens('client 1', 'client-came');
    press(model, 'q y');
    expect(quits()).toEqual([{ kind: 'quit' }]);
    press(model, 'Q k');
    expect(quits()).toEqual([{ kind: 'quit', keepProxy: true }]);
    press(model, 'Q j');
    expect([model.mode.kind, quits()]).toEqual(['choice', []]);
    press(model, 'escape');
    expect([model.mode.kind, quits()]).toEqual(['browse', []]);
  });

  test.each(['Q Q', 'Z Z Z Z', 'C-c C-c', 'q Q'])('%s means it', keys => {
    happens('client 1', 'client-came');
    press(model, keys);
    expect(quits()).toEqual([{ kind: 'quit' }]);
  });

  test('says how many are there', () => {
    happens('client 1', 'client-came');
    expect(press(model, 'q') && question()).toMatch(/^stop the proxy \(1 client\)\?/);
  });

  test('what has ended is left as a capture is', () => {
    happens('client 1', 'client-came');
    proxy.end('stopped');
    expect(press(model, 'q') && question()).toBe('quit?  y yes  n no');
    press(model, 'n Q');
    expect(quits()).toEqual([{ kind: 'quit' }]);
  });
});
