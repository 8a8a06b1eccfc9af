/** Whatever keys, clicks and sizes come, in whatever order: nothing throws, and what is chosen is there and fits. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Intercepting } from '../../src/tui/intercepting.ts';
import { KEYS } from '../../src/tui/keys.ts';
import type { Model } from '../../src/tui/model/model.ts';
import { ProxyLog } from '../../src/tui/model/proxy-log.ts';
import { compose } from '../../src/tui/plan/compose.ts';
import type { ScreenPlan } from '../../src/tui/plan/screen-plan.ts';
import { widthOf } from '../../src/tui/text/cells.ts';
import type { Line } from '../../src/tui/text/line.ts';
import { historyOf, type PastRun } from '../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../kit/holds.ts';
import { modelOf, runOf, settle, textOf } from '../kit/looking.ts';
import { casesOf, placesOf } from '../kit/portion.ts';

const FIXTURES = ['mnet/faults.pcap', 'filestorage/2019-12-auth.pcap', 'captures/empty.pcap'];
const FILTERS = [
  'type == DATA',
  'frame > 3 && finding',
  'mnet.sequence == 40',
  'severity',
  'nothing == 1',
  'port == 1',
];

type Step =
  | { readonly do: 'key'; readonly key: string }
  | { readonly do: 'type' | 'paste'; readonly text: string }
  | { readonly do: 'click' | 'wheel' | 'resize'; readonly x: number; readonly y: number }
  | { readonly do: 'tick' | 'settle' | 'adopt' };

const keys = fc.constantFrom(
  ...KEYS.flatMap(row => row.keys),
  'a',
  'y',
  'f',
  'backspace',
  'C-w',
  'Z',
  'f1',
  '😀',
  '\x1b',
);
const texts = fc.oneof(
  fc.constantFrom(
    ...FILTERS,
    'find data',
    'find 00:01',
    'find frame > 3',
    'goto 7',
    'connection 0',
    'sort -state',
    'mark q',
    'time utc',
  ),
  fc.string(),
);
const cells = fc.record({ x: fc.integer({ min: -2, max: 170 }), y: fc.integer({ min: -2, max: 60 }) });
const sizes = fc.record({ x: fc.integer({ min: 20, max: 300 }), y: fc.integer({ min: 5, max: 100 }) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: keys.map(key => ({ do: 'key', key }) as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('type' as const, 'paste' as const), text: texts }) },
  { weight: 2, arbitrary: cells.map(cell => ({ do: 'click', ...cell }) as const) },
  { weight: 1, arbitrary: cells.map(cell => ({ do: 'wheel', ...cell }) as const) },
  { weight: 1, arbitrary: sizes.map(size => ({ do: 'resize', ...size }) as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('tick' as const, 'settle' as const, 'adopt' as const).map(what => ({ do: what })),
  },
);

let runs: readonly PastRun[];

beforeAll(async () => {
  runs = await Promise.all(FIXTURES.map(fixture => historyOf(fixture)));
});

function take(model: Model, what: Step, past: PastRun): void {
  switch (what.do) {
    case 'key':
      model.press(what.key);
      break;
    case 'type':
      for (const character of what.text) model.press(character);
      break;
    case 'paste':
      model.paste(what.text);
      break;
    case 'click':
      model.click(what.x, what.y, what.x % 3 === 0);
      break;
    case 'wheel':
      model.wheel(what.x, what.y, (what.y % 7) - 3);
      break;
    case 'resize':
      model.resize(what.x, what.y);
      break;
    case 'tick':
      model.tick(0, () => 0);
      break;
    case 'settle':
      settle(model);
      break;
    case 'adopt':
      model.adopt(runOf(past), model.settings, 'x');
  }
}

/** A proxy that holds messages of a capture: something comes or goes after each step, and what is asked for is done. */
class Holding {
  readonly model: Model;
  readonly #past: PastRun;
  readonly #controls = new FakeControls();
  readonly #intercepting: Intercepting;
  #held = 0;

  constructor(past: PastRun) {
    this.#past = past;
    const now = () => 1_700_000_000_000 + this.#held;
    this.#intercepting = new Intercepting({
      controls: this.#controls,
      editing: new FakeEditing(),
      now,
      hasOthers: true,
    });
    this.#intercepting.watch(() => this.#intercepting.catchUp());
    const own = { proxy: new ProxyLog(['udp:127.0.0.1:27000']), interception: this.#intercepting.model };
    this.model = modelOf(past, own, { state: 'waiting', live: true });
  }

  step(): void {
    for (const effect of this.model.takeEffects()) {
      if (effect.kind !== 'intercept') continue;
      const { line, isDone } = this.#intercepting.perform(effect.act);
      if (isDone) this.model.notify(line);
      else this.model.refuse(line);
    }
    this.#intercepting.catchUp();
    const number = this.#held++;
    const { count } = this.#past.history.messages;
    const messages = [number, number + 1].slice(0, number % 3).filter(message => message < count);
    if (number % 2 === 0) this.#controls.gate.hold(heldUnit(this.#past, 100 + number, messages, { wire: BYTES }));
    else if (number % 5 === 0) this.#controls.gate.drop(this.#controls.gate.units[0]?.id ?? 0);
  }
}

const BYTES = Uint8Array.from({ length: 300 }, (_, at) => at);

function expectWhole(model: Model): void {
  const { history, lists, connection, message } = model;
  expect(connection === 0 || history.connections.has(connection)).toBe(true);
  expect(message).toBeGreaterThanOrEqual(-1);
  expect(message).toBeLessThan(Math.max(1, history.messages.count));
  if (message >= 0) expect(history.messages.connection(message)).toBe(connection);
  for (const { kind } of model.areas) {
    const { top, selected, count, height } = model.window(kind);
    expect(selected).toBeLessThan(Math.max(1, count));
    expect(top).toBeLessThanOrEqual(Math.max(0, count - height));
    if (kind === 'messages' && !model.filter && count > 0) expect(lists.messages[selected]).toBe(message);
    if (kind === 'connections' && !model.filter && count > 0) expect(lists.connections[selected]).toBe(connection);
  }
  expect(model.areas.some(({ kind }) => kind === model.focus)).toBe(true);
  expect(misfits(compose(model))).toEqual([]);
}

/** What leaves the screen or its pane, or is there twice: collected, for there are thousands of things to fit. */
function misfits({ width, height, bars, panes, cursor }: ScreenPlan): string[] {
  const widest = (lines: readonly Line[]) => Math.max(0, ...lines.map(line => widthOf(textOf(line))));
  const wrong = bars
    .filter(({ line, y }) => widest([line]) > width || y < 0 || y >= height)
    .map(({ kind }) => `the bar ${kind} leaves the screen`);
  if (new Set(bars.map(({ kind }) => kind)).size < bars.length) wrong.push('a bar is there twice');
  if (new Set(bars.map(({ y }) => y)).size < bars.length) wrong.push('a bar lies over another');
  for (const pane of panes) {
    const [right, bottom] = [pane.x + pane.width, pane.y + pane.height];
    if (pane.x < 0 || pane.y < 0 || right > width || bottom > height) wrong.push(`${pane.kind} leaves the screen`);
    if (pane.lines.length > pane.height - 2) wrong.push(`${pane.kind} has more lines than room`);
    if (widest(pane.lines) > pane.width - 2) wrong.push(`a line of ${pane.kind} is too wide`);
    if (widthOf(pane.title) > pane.width - 2) wrong.push(`the title ${pane.title} is too wide`);
  }
  if (cursor && (cursor.x >= width || cursor.y >= height)) wrong.push('the cursor is outside');
  return wrong;
}

/** Over each capture an ordinary run takes other ones. */
const SIZES = [
  [20, 5],
  [40, 10],
  [41, 11],
  [78, 24],
  [80, 24],
  [100, 30],
  [120, 40],
  [160, 50],
  [300, 100],
] as const;

describe.each(FIXTURES.map((fixture, index) => [fixture, index] as const))('over %s', (_, index) => {
  test('nothing throws, what is chosen is there, and every line fits', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const model = modelOf(runs[index]);
        for (const what of steps) {
          take(model, what, runs[index]);
          expectWhole(model);
        }
      }),
      { numRuns: casesOf(60) },
    );
  });

  test('nor where a proxy holds messages back', () => {
    const act = fc.oneof(
      { weight: 2, arbitrary: step },
      {
        weight: 1,
        arbitrary: fc.constantFrom('H', 'i', ...'aAdeBVDX', 'enter').map(key => ({ do: 'key', key }) as const),
      },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), steps => {
        const stage = new Holding(runs[index]);
        take(stage.model, { do: 'key', key: 'H' }, runs[index]);
        for (const what of steps) {
          take(stage.model, what, runs[index]);
          stage.step();
          take(stage.model, { do: 'tick' }, runs[index]);
          expectWhole(stage.model);
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each(placesOf(SIZES.length, FIXTURES.length, index).map(place => SIZES[place]!))(
    'every view and every line fits on %ix%i',
    (width, height) => {
      for (const key of ['1', '2', '3', '4', '5', '6', '7', '?', 'H']) {
        const stage = key === 'H' ? new Holding(runs[index]) : undefined;
        const model = stage?.model ?? modelOf(runs[index]);
        model.resize(width, height);
        for (let holds = 0; holds < 9; holds++) stage?.step();
        model.press(key);
        for (const other of [
          'n',
          '/',
          'escape',
          ':',
          'escape',
          'y',
          'f',
          'C-f',
          'escape',
          '\\',
          'tab',
          '\\',
          'x',
          'enter',
        ]) {
          model.press(other);
          settle(model);
          expectWhole(model);
        }
      }
    },
  );
});
