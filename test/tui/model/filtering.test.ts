import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { catalogueOf } from '../../../src/filter/catalogue.ts';
import type { CaptureBytes } from '../../../src/history/recall.ts';
import { filterProblem, MessageFiltering } from '../../../src/tui/model/filtering.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, framesListed, modelOf, press, settle } from '../../kit/looking.ts';

let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  model = modelOf(past);
});

/** Frames that match, and how many reads of the capture it took. */
function matching(text: string, start = 0): { frames: number[]; reads: number } {
  let reads = 0;
  const bytes: CaptureBytes = {
    read: (...place) => {
      reads++;
      return past.bytes.read(...place);
    },
  };
  const filtering = new MessageFiltering(text, past.history, bytes, start);
  filtering.run([], Number.POSITIVE_INFINITY, () => 0);
  const { messages } = past.history;
  const all = Array.from({ length: messages.count }, (_, message) => message);
  const frames = all.filter(message => filtering.isMatch(message)).map(message => messages.frame(message));
  expect(filtering.matched).toBe(frames.length);
  expect(filtering.isDone).toBe(true);
  return { frames, reads };
}

describe('a filter over the index', () => {
  test.each([
    ['frame in {1, 24..30}', [1, 24, 25]],
    ['connection == 3', [23, 24, 25]],
    ['addr == 10.0.0.3', [23, 24, 25]],
    ['type == INIT && direction == client', [1, 12, 23, 24, 25]],
    ['severity >= warning', [7, 17, 20, 23]],
    ['rule ~ "mnet/*" && !(severity == info)', [7, 17, 20, 23]],
    ['time < 0.002', [1, 2]],
    ['length > 100 && mnet && srcport == 5000', [16, 20]],
    ['state == CLOSED', [11, 22]],
  ])('that names no bytes reads none: %s', (text, frames) => {
    const { frames: found, reads } = matching(text);
    expect(reads).toBe(0);
    if (!text.startsWith('length')) expect(found).toEqual(frames);
  });

  test('reads only the messages whose bytes it comes to ask for', () => {
    const { frames, reads } = matching('frame < 7 && mnet.sequence == 40');
    expect(frames).toEqual([5]);
    expect(reads).toBeLessThan(7);
  });

  test('finds the same from wherever it begins', () => {
    for (const start of [0, 1, 12, 25, 99]) expect(matching('type == DATA', start).frames).toHaveLength(8);
  });

  test('asks the messages first that are looked at, then the rest a slice at a time', async () => {
    const { history, bytes } = await historyOf(['mnet/echo-large.pcap', 'mnet/lossy.pcap']);
    const { count } = history.messages;
    const filtering = new MessageFiltering('frame > 0', history, bytes, 0);
    const last = Uint32Array.of(count - 1);
    const steps: number[] = [];
    let time = 0;
    while (filtering.run(last, time, () => time++)) steps.push(filtering.asked);
    expect(filtering.isMatch(count - 1)).toBe(true);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps[0]).toBeLessThan(count);
    expect([filtering.asked, filtering.matched, filtering.progress]).toEqual([count, count, 1]);
  });

  test.each([
    ['type == DATTA', 9],
    ['frame = 3', 7],
    ['mnet.seq > 1', 1],
  ])('what is wrong with one, and where: %s', (text, column) => {
    expect(filterProblem(text, catalogueOf(past.history.protocols))?.column).toBe(column);
  });
});

describe('the filter of the views', () => {
  test('hides messages, and connections without any', () => {
    press(model, '/ "mnet.acknowledged == 160" enter');
    settle(model);
    expect([...model.lists.connections]).toEqual([2]);
    press(model, 'enter');
    expect(framesListed(model)).toEqual([17]);
  });

  test('shows findings that match themselves, where it names only what findings have', () => {
    press(model, '4 / "rule == mnet/ack-unsent" enter');
    settle(model);
    const { list } = model.history.findings;
    expect([...model.lists.findings].map(index => list[index].ruleId)).toEqual(['mnet/ack-unsent']);
  });

  test('and else the findings on messages that match', () => {
    press(model, '4 / "mnet.sequence >= 0" enter');
    settle(model);
    const { list } = model.history.findings;
    expect([...model.lists.findings].map(index => list[index].messageName)).toEqual(['DATA', 'DATA', 'DATA', 'DATA']);
  });

  test('an empty one shows all again', () => {
    press(model, '/ "connection == 3" enter');
    settle(model);
    expect(model.lists.connections).toHaveLength(1);
    press(model, '/ C-u enter');
    expect(model.filter).toBeUndefined();
    expect(model.lists.connections).toHaveLength(3);
  });

  test('Esc leaves the one there was', () => {
    press(model, '/ "connection == 3" enter / C-u escape');
    expect(model.filter?.text).toBe('connection == 3');
  });

  test('the chosen message gives way to the next that matches', () => {
    press(model, '2 j / "type == DATA" enter');
    settle(model);
    expect(model.history.messages.frame(model.message)).toBe(5);
  });

  test('and where none does, none is chosen', () => {
    press(model, '2 / "frame == 20" enter');
    settle(model);
    expect([model.message, framesListed(model)]).toEqual([-1, []]);
    expect(press(model, 'enter').said?.text).toContain('no message');
  });

  test('n goes through the findings that it shows, and shows a message that it hides', () => {
    press(model, '/ "state == NEW" enter');
    settle(model);
    press(model, 'n');
    expect(model.finding?.state).toBe('NEW');
    expect([...model.lists.messages]).toContain(model.message);
    expect(model.said?.text).toMatch(/^1 of \d+: /);
  });

  test('no finding that matches is distinguished from no finding', () => {
    press(model, '/ "frame == 1" enter');
    settle(model);
    expect(press(model, 'n').said?.text).toBe('no finding matches the filter');
  });

  test('counts matches, and how far it is while it runs', () => {
    press(model, '/ "type == DATA" enter');
    expect(barText(model, 'filter')).toContain('0 of ..., 0 %');
    settle(model);
    expect(barText(model, 'filter')).toContain('8 of 25');
  });
});

describe('the bar while one types', () => {
  const toneOf = () => compose(model).bars.find(({ kind }) => kind === 'filter')?.tone;

  test('is plain when empty, red while wrong, green when right', () => {
    press(model, '/');
    expect(toneOf()).toBe('plain');
    press(model, '"type == DAT"');
    expect(toneOf()).toBe('error');
    press(model, 'A');
    expect(toneOf()).toBe('good');
  });

  test('points at the column under the line', () => {
    press(model, '/ "frame == 1 && typ == X"');
    const bar = barText(model, 'filter');
    expect(barText(model, 'complaint').indexOf('^')).toBe(bar.indexOf('typ =='));
    expect(barText(model, 'complaint')).toContain('did you mean type?');
  });

  test('shows what may stand there, and completes it', () => {
    press(model, '/ "ru"');
    expect(barText(model, 'candidates').trim()).toBe('rule');
    press(model, 'tab "== mnet/ack-" tab enter'.replace('"==', '" =='));
    expect(model.filter?.text).toBe('rule == mnet/ack-unsent');
  });

  test('does not take one that is wrong', () => {
    press(model, '/ "type ==" enter');
    expect(model.filter).toBeUndefined();
    expect(model.mode.kind).toBe('line');
    expect(barText(model, 'complaint')).not.toBe('');
  });

  test('has the cursor where it is typed, in a line longer than the screen too', () => {
    model.resize(60, 20);
    press(model, '/ "text contains"');
    expect(compose(model).cursor).toEqual({ x: ' Filter: text contains'.length, y: 1 });
    for (let i = 0; i < 100; i++) press(model, 'x');
    expect(compose(model).cursor).toEqual({ x: 58, y: 1 });
  });
});
