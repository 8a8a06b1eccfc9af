/** Splits between panes: moved by keys, by the mouse and by a command, within bounds, remembered, and brought back. */
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SessionMemory } from '../../../src/tui/model/memory.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import type { PaneKind } from '../../../src/tui/views.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, press } from '../../kit/looking.ts';

let past: PastRun;
let memory: SessionMemory;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  memory = new SessionMemory();
  model = modelOf(past, { memory });
});

const place = (kind: PaneKind, of = model) => compose(of).panes.find(pane => pane.kind === kind);
const widths = (of = model) => compose(of).panes.map(({ kind, width, height }) => `${kind} ${width}x${height}`);

describe('the split of the pane in focus', () => {
  test('goes to the left and the right between panes that stand beside each other', () => {
    press(model, '2');
    const before = place('messages')?.width ?? 0;
    press(model, '> >');
    expect([place('messages')?.width, place('fields')?.x, place('hex')?.x]).toEqual([
      before + 8,
      before + 8,
      before + 8,
    ]);
    press(model, '<');
    expect(place('messages')?.width).toBe(before + 4);
  });

  test('goes up and down between panes that stand above each other', () => {
    press(model, '2 tab');
    const before = place('fields')?.height ?? 0;
    press(model, '>');
    expect(place('fields')?.height).toBe(before + 2);
    expect(place('hex')?.y).toBe((place('fields')?.y ?? 0) + before + 2);
  });

  test('leaves each pane its least size', () => {
    for (const [keys, key] of [
      ['2', '<'],
      ['2', '>'],
      ['2 tab', '<'],
      ['2 tab', '>'],
      ['4', '<'],
      ['5', '>'],
    ] as const) {
      press(model, keys);
      for (let times = 0; times < 60; times++) model.press(key);
      for (const { width, height } of compose(model).panes) {
        expect([width >= 20, height >= 4]).toEqual([true, true]);
      }
      expect(barText(model, 'status')).toContain('no further');
    }
  });

  test('is not there in a view of one pane, nor while a pane has the screen', () => {
    expect(barText(press(model, '6 <'), 'status')).toContain('no split here');
    expect(barText(press(model, '2 \\ <'), 'status')).toContain('the pane is zoomed');
    expect(memory.remembered.splits).toEqual({});
  });
});

test('a split is remembered by its name, and holds on a screen of another size', () => {
  press(model, '2 > >');
  const [share = 0] = Object.values(memory.remembered.splits);
  expect(Object.keys(memory.remembered.splits)).toEqual(['conversation.columns']);
  const other = press(modelOf(past, { memory }), '2');
  expect(widths(other)).toEqual(widths());
  other.resize(200, 60);
  expect(place('messages', other)?.width).toBe(Math.round(200 * share));
  other.resize(80, 24);
  expect(widths(other)).toEqual(widths(sized(press(modelOf(past), '2'), 80, 24)));
});

function sized(of: Model, width: number, height: number): Model {
  of.resize(width, height);
  return of;
}

test(':split takes a share in percent, and brings all back to where they were', () => {
  press(model, '2');
  const before = widths();
  press(model, ': "split 70" enter');
  expect(place('messages')?.width).toBe(112);
  press(model, ': "split default" enter');
  expect([widths(), memory.remembered.splits]).toEqual([before, {}]);
  press(model, ': "split wide" enter');
  expect(barText(model, 'complaint')).toContain('unknown split wide');
});

describe('the mouse', () => {
  test('takes a border with it', () => {
    press(model, '2');
    const { x = 0, y = 0 } = place('fields') ?? {};
    model.click(x, y + 3);
    model.drag(x + 10, y + 5);
    model.drag(x + 20, y + 40);
    expect(place('fields')?.x).toBe(x + 20);
    model.click(x + 40, y + 3);
    model.drag(x - 10, y + 3);
    expect(place('fields')?.x).toBe(x + 20);
  });

  test('does not, where it takes hold of no border', () => {
    press(model, '2');
    const before = widths();
    model.click(10, 10);
    model.drag(40, 10);
    expect(widths()).toEqual(before);
  });
});

test('whatever shares are remembered, the panes cover the screen and nothing lies over anything else', () => {
  const share = fc.double({ min: -1, max: 2 });
  const sizes = fc.record({ width: fc.integer({ min: 40, max: 220 }), height: fc.integer({ min: 10, max: 70 }) });
  const names = ['conversation', 'conversation.bytes', 'message.bytes', 'findings', 'states', 'connections'];
  const splits = fc.dictionary(fc.constantFrom(...names.flatMap(name => [`${name}.rows`, `${name}.columns`])), share);
  fc.assert(
    fc.property(splits, sizes, fc.constantFrom('1', '2', '3', '4', '5'), (remembered, { width, height }, key) => {
      const own = new SessionMemory();
      own.remember({ splits: remembered });
      const looked = press(sized(modelOf(past, { memory: own }), width, height), key);
      const { areas } = looked;
      for (const area of areas) expect(area.x + area.width <= width && area.y + area.height < height).toBe(true);
      for (const [index, one] of areas.entries()) {
        for (const other of areas.slice(index + 1)) {
          const apart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y;
          expect(apart).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});
