import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FolderListing, refuseCapture, showFolder } from '../../../src/tui/model/capture-picker.ts';
import { SessionMemory } from '../../../src/tui/model/memory.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { ProxyLog } from '../../../src/tui/model/proxy-log.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { widthOf } from '../../../src/tui/text/cells.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, runOf, textOf } from '../../kit/looking.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

const CAPTURES = [
  { path: '/old/gone.pcap', opened: NOW - 48 * HOUR },
  { path: '/old/trace.pcap', opened: NOW - 2 * HOUR },
];

const LISTING: FolderListing = {
  path: '/home',
  parent: '/',
  omitted: 0,
  now: NOW,
  recent: [
    { ...CAPTURES[1]!, name: 'trace.pcap', folder: '/old', size: 1234 },
    { ...CAPTURES[0]!, name: 'gone.pcap', folder: '/old' },
  ],
  entries: [
    { name: '.git', path: '/home/.git', kind: 'folder' },
    { name: 'traces', path: '/home/traces', kind: 'folder' },
    { name: 'a.pcapng', path: '/home/a.pcapng', kind: 'capture', size: 4_800_000, modified: NOW - HOUR },
    { name: 'notes.txt', path: '/home/notes.txt', kind: 'file', size: 5, modified: NOW },
  ],
};

let past: PastRun;
let memory: SessionMemory;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  memory = new SessionMemory();
  memory.remember({ captures: CAPTURES });
  model = modelOf(past, { memory });
});

const opened = () => {
  press(model, 'O');
  expect(model.takeEffects()).toEqual([{ kind: 'browse', folder: undefined }]);
  showFolder(model, LISTING);
  model.fit();
};
const rows = () => paneText(model, 'notice').slice(1);
const names = () => rows().map(row => row.trim().split(/\s+/).slice(0, 2).join(' '));

describe('the list', () => {
  beforeEach(opened);

  test('has the recent captures with size and age, then the folder without hidden files', () => {
    expect(names()).toEqual([
      'recent trace.pcap',
      'gone gone.pcap',
      'folder ../',
      'folder traces/',
      'capture a.pcapng',
      'file notes.txt',
    ]);
    expect(rows()[0]).toMatch(/trace\.pcap +1\.2 kB +2 h ago +\/old/);
    expect(rows()[1]).toMatch(/gone\.pcap +2 d ago +\/old/);
    expect(rows()[4]).toMatch(/a\.pcapng +4\.8 MB +1 h ago/);
  });

  test('Enter opens what is selected', () => {
    press(model, 'enter');
    expect(model.takeEffects()).toEqual([{ kind: 'open', path: '/old/trace.pcap', from: '/home' }]);
    press(model, 'down down down down enter');
    expect(model.takeEffects()).toEqual([{ kind: 'open', path: '/home/a.pcapng', from: '/home' }]);
  });

  test('letters narrow it, whatever they do elsewhere, and Backspace takes them back', () => {
    press(model, 'Q backspace "PCAPNG"');
    expect(names()).toEqual(['capture a.pcapng']);
    press(model, 'enter');
    expect(model.takeEffects()).toEqual([{ kind: 'open', path: '/home/a.pcapng', from: '/home' }]);
    press(model, 'C-u "nothing of that name"');
    expect(rows()).toEqual(['nothing here by that name']);
    press(model, 'enter');
    expect(model.takeEffects()).toEqual([]);
  });

  test('a dot shows hidden ones', () => {
    press(model, '"."');
    expect(names()).toContain('folder .git/');
  });

  test('folders are entered by Enter and Right, and left by Backspace and Left', () => {
    press(model, '"traces/" backspace enter');
    press(model, 'C-u backspace left');
    expect(model.takeEffects()).toEqual([
      { kind: 'browse', folder: '/home/traces' },
      { kind: 'browse', folder: '/' },
      { kind: 'browse', folder: '/' },
    ]);
  });

  test('a path that is typed or pasted is opened', () => {
    model.paste('~/b.pcap\n');
    press(model, 'enter');
    expect(model.takeEffects()).toEqual([{ kind: 'open', path: '~/b.pcap', from: '/home' }]);
  });

  test('what is no capture is answered in place, and the answer goes with the next key', () => {
    press(model, 'end enter');
    expect(model.takeEffects()).toMatchObject([{ path: '/home/notes.txt' }]);
    refuseCapture(model, 'cannot read notes.txt: not a capture');
    expect(barText(model, 'status')).toContain('cannot read notes.txt: not a capture');
    press(model, 'up');
    expect([barText(model, 'status').includes('notes.txt'), model.mode.kind]).toEqual([false, 'picker']);
  });

  test('Delete forgets a recent one, and no file', () => {
    press(model, 'down delete');
    expect(memory.remembered.captures.map(({ path }) => path)).toEqual(['/old/trace.pcap']);
    press(model, 'end delete');
    expect(names()).toContain('file notes.txt');
  });

  test('Esc clears what is typed, then goes back to the capture', () => {
    press(model, '"tr" escape');
    expect(names()).toHaveLength(6);
    press(model, 'escape');
    expect([model.mode.kind, model.view, model.takeEffects()]).toEqual(['browse', 'connections', []]);
  });

  test('a click selects, a second one opens', () => {
    model.click(10, 8);
    model.click(10, 8);
    expect(model.takeEffects()).toMatchObject([{ kind: 'open', path: '/home/a.pcapng' }]);
    model.click(10, 40);
    model.click(10, 0);
    expect(model.takeEffects()).toEqual([]);
  });
});

test('without a capture Esc quits, and so does C-c', () => {
  model = modelOf(past, { memory, captures: 0 });
  opened();
  press(model, 'escape');
  expect(model.takeEffects()).toEqual([{ kind: 'quit' }]);
  opened();
  press(model, 'C-c');
  expect(model.takeEffects()).toEqual([{ kind: 'quit' }]);
});

test('over a proxy nothing else is opened', () => {
  model = modelOf(past, { proxy: new ProxyLog(['udp:1']) });
  press(model, 'O');
  expect([model.mode.kind, model.takeEffects()]).toEqual(['browse', []]);
  press(model, ': "open x.pcap" enter');
  expect(barText(model, 'complaint')).toContain('another wirelint inspect');
});

test('a listing that comes while something else is done is no interruption', () => {
  press(model, 'O escape /');
  showFolder(model, LISTING);
  expect(model.mode.kind).toBe('line');
});

test(':open names a capture, and without one offers the list', () => {
  press(model, ': "open b.pcap" enter');
  expect(model.takeEffects()).toEqual([{ kind: 'open', path: 'b.pcap' }]);
  press(model, ': "open" enter');
  expect([model.mode.kind, model.takeEffects()]).toEqual(['picker', [{ kind: 'browse', folder: undefined }]]);
});

test('another capture begins at the top, with nothing of the one before but the filter', async () => {
  press(model, '/ "type == TRANSFER" enter 2 M 4 j');
  const other = await historyOf('filestorage/2020-01-02-pipelined.pcap');
  press(model, 'O');
  model.begin(runOf(other));
  expect([model.view, model.mode.kind, model.filter?.text]).toEqual(['connections', 'browse', 'type == TRANSFER']);
  expect(model.marks.letters).toEqual([]);
  expect(model.finding).toBeUndefined();
  press(model, 'q');
  expect(model.mode.kind).toBe('choice');
});

test.each([
  [40, 10],
  [80, 24],
  [200, 60],
])('at %i by %i all fits, whatever the names hold', (width, height) => {
  opened();
  const name = '\x1b[31m\u202e日本\n'.repeat(20);
  showFolder(model, {
    ...LISTING,
    path: `/${name}`,
    omitted: 3,
    entries: [{ name, path: `/${name}`, kind: 'capture', size: 1, modified: NOW }],
  });
  model.resize(width, height);
  const { panes, bars } = compose(model);
  for (const { lines, title } of panes) {
    expect(Math.max(...lines.map(line => widthOf(textOf(line))))).toBeLessThanOrEqual(width - 2);
    expect(lines.length).toBeLessThanOrEqual(height - 5);
    expect(`${title}${lines.map(textOf).join('')}`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
  for (const { line } of bars) expect(widthOf(textOf(line))).toBeLessThanOrEqual(width);
});
