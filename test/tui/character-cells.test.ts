/**
 * Every view of every protocol at four sizes, cell by cell: nothing leaves the screen or lies over anything else, borders are
 * whole, no name is cut beside blank cells, and no column is left out while its place is blank in every row.
 */
import { beforeAll, expect, test } from 'vitest';
import { Intercepting } from '../../src/tui/intercepting.ts';
import type { Model } from '../../src/tui/model/model.ts';
import { ProxyLog } from '../../src/tui/model/proxy-log.ts';
import type { ColumnList } from '../../src/tui/panes/columns.ts';
import { CONNECTION_COLUMNS, connectionColumns } from '../../src/tui/panes/connections.ts';
import { COUNT_COLUMNS } from '../../src/tui/panes/counts.ts';
import { FINDING_COLUMNS } from '../../src/tui/panes/findings.ts';
import { HELD_COLUMNS } from '../../src/tui/panes/held.ts';
import { MESSAGE_COLUMNS, messageColumns } from '../../src/tui/panes/message-list.ts';
import { compose } from '../../src/tui/plan/compose.ts';
import type { PlacedPane, ScreenPlan } from '../../src/tui/plan/screen-plan.ts';
import { widthOf } from '../../src/tui/text/cells.ts';
import { historyOf, type PastRun } from '../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../kit/holds.ts';
import { modelOf, press, settle, textOf } from '../kit/looking.ts';
import { placesOf } from '../kit/portion.ts';
import { cutsBesideBlanks, spareCells } from './panes/blank-cells.ts';

const SIZES = [
  [80, 24],
  [100, 30],
  [120, 40],
  [200, 60],
] as const;

const CAPTURES: Readonly<Record<string, readonly string[]>> = {
  mnet: ['mnet/faults.pcap'],
  ministreaming: ['ministreaming/faults.pcap'],
  filestorage: ['filestorage/2020-01-02-pipelined.pcap'],
  libipc: ['filestorage/libipc-pong.pcap'],
  mqtt: ['mqtt/mosquitto-paho-5-request-response.pcap'],
  several: ['mnet/faults.pcap', 'filestorage/2020-01-02-pipelined.pcap', 'ministreaming/faults.pcap'],
};

/** How one gets to each view, and to the forms that lists have in it. */
const VIEWS: Readonly<Record<string, (model: Model) => void>> = {
  connections: model => press(model, '1'),
  'connections at their dates': model => press(model, '1 t t'),
  'a ladder': model => press(model, '2'),
  'a ladder at its dates': model => press(model, '2 t t'),
  'a list': model => press(model, '2 c'),
  'a list at its dates': model => press(model, '2 c t t'),
  'all messages': model => press(model, ': "connection 0" enter'),
  'all messages since 1970': model => press(model, ': "connection 0" enter t t t'),
  'a message': model => press(model, '3'),
  findings: model => press(model, '4'),
  'findings at their dates': model => press(model, '4 t t'),
  states: model => press(model, '5'),
  statistics: model => press(model, '6'),
  'counts by type': model => press(model, ': "count type" enter'),
  'counts at their dates': model => press(model, ': "count type" enter t t'),
  help: model => press(model, '?'),
  log: model => press(model, ': "columns default" enter').goTo('log'),
  held: model => model.goTo('held'),
  columns: model => press(model, '1 W'),
};

const pasts = new Map<string, PastRun>();

beforeAll(async () => {
  for (const [name, captures] of Object.entries(CAPTURES)) pasts.set(name, await historyOf(captures));
});

/** Looked at through a proxy that holds the last messages, so that there is something in each view. */
function modelAt(past: PastRun, [width, height]: readonly [number, number]): Model {
  const controls = new FakeControls();
  const intercepting = new Intercepting({
    controls,
    editing: new FakeEditing(),
    now: () => 1_700_000_012_300,
    hasOthers: true,
  });
  const { count } = past.history.messages;
  controls.gate.hold(heldUnit(past, 1, [count - 1]), heldUnit(past, 2, [count - 2]));
  intercepting.catchUp();
  const proxy = new ProxyLog(['tcp:127.0.0.1:27000']);
  const time = past.history.origin(0);
  proxy.add({ time, kind: 'state', text: `listening on ${'a long address, '.repeat(9)}and on` });
  const model = modelOf(past, { proxy, interception: intercepting.model }, { state: 'waiting' });
  model.resize(width, height);
  return model;
}

// The cells of a screen

/** What leaves the screen or its pane, and where panes leave a cell free or lie over each other. */
function misplaced({ width, height, bars, panes }: ScreenPlan): string[] {
  const wrong: string[] = [];
  for (const { y, kind, line } of bars) {
    if (y < 0 || y >= height || widthOf(textOf(line)) > width) wrong.push(`the bar ${kind} leaves the screen`);
  }
  const owners = new Uint8Array(width * height);
  for (const { kind, x, y, width: own, height: high, title, lines } of panes) {
    if (x < 0 || y < 2 || x + own > width || y + high > height - 1) wrong.push(`${kind} lies over a bar, or beyond`);
    if (widthOf(title) > own - 4) wrong.push(`the title ${title} breaks the border`);
    if (title.includes('…') && widthOf(title) < own - 5) wrong.push(`the title ${title} is cut beside blank cells`);
    if (lines.length > high - 2) wrong.push(`${kind} has more lines than room`);
    for (const line of lines) if (widthOf(textOf(line)) > own - 2) wrong.push(`${kind} breaks its border`);
    // What lies over the others has a place of its own.
    if (kind === 'notice') continue;
    for (let row = y; row < y + high; row++) owners.fill(1, row * width + x, row * width + x + own);
  }
  const tiled = panes.filter(({ kind }) => kind !== 'notice');
  const cells = tiled.reduce((sum, pane) => sum + pane.width * pane.height, 0);
  const covered = owners.reduce((sum, owner) => sum + owner, 0);
  if (cells !== covered) wrong.push('panes lie over each other');
  if (covered !== width * (height - 3)) wrong.push('no pane has some of the cells');
  return wrong;
}

// Tables

/** Lists that a pane may be, with the columns it would have if there were room. */
function columnsIn(model: Model, pane: PlacedPane) {
  const all = model.listed === 0;
  switch (pane.kind) {
    case 'connections':
      return { list: 'connections' as const, known: CONNECTION_COLUMNS, names: connectionColumns(model.history) };
    case 'findings':
      return { list: 'findings' as const, known: FINDING_COLUMNS, names: FINDING_COLUMNS };
    case 'counts':
      return { list: 'counts' as const, known: COUNT_COLUMNS, names: COUNT_COLUMNS };
    case 'held':
      return { list: 'held' as const, known: HELD_COLUMNS, names: HELD_COLUMNS };
    case 'messages': {
      if (!all && model.form === 'ladder') return undefined;
      const wanted = messageColumns(model.listed, pane.width - 2);
      const names = wanted.flatMap(name => MESSAGE_COLUMNS.find(({ id }) => id === name) ?? []);
      return { list: all ? ('all-messages' as const) : ('messages' as const), known: MESSAGE_COLUMNS, names };
    }
    default:
      return undefined;
  }
}

/** Columns that are left out though the cells they need are blank in every line. */
function droppedBesideBlanks(model: Model, pane: PlacedPane): string[] {
  const found = columnsIn(model, pane);
  const header = pane.lines[0] && textOf(pane.lines[0]);
  if (!found || header === undefined) return [];
  const titles = new Set(header.split(/ +/).map(word => word.replace(/\^$/, '')));
  const room = spareCells(pane.lines, pane.width - 2);
  return found.names
    .filter(({ title, id }) => id !== 'value' && title !== '' && !titles.has(title.split(' ')[0]))
    .filter(({ id, least }) => Math.min(least, widestOf(model, pane, found.list, id)) + 1 <= room)
    .map(({ title }) => `${title}, with ${room} blank cells`);
}

/** Cells that a column takes when it has the pane to itself. */
function widestOf(model: Model, { kind }: PlacedPane, list: ColumnList, name: string): number {
  const { memory } = model;
  const { columns } = memory.remembered;
  memory.remember({ columns: { ...columns, [list]: [name] } });
  const alone = compose(model).panes.find(pane => pane.kind === kind);
  memory.remember({ columns });
  return (alone?.lines ?? []).reduce((most, line) => Math.max(most, widthOf(textOf(line).trim())), 0);
}

/** Of the sizes an ordinary run takes every second one, for the next capture the others. */
const STAGES = Object.keys(CAPTURES).flatMap((name, turn) =>
  placesOf(SIZES.length, 2, turn).map(place => [name, ...SIZES[place]!] as const),
);

test.each(STAGES)('%s at %ix%i', (name, width, height) => {
  const wrong = Object.entries(VIEWS).flatMap(([view, go]) => {
    const model = modelAt(pasts.get(name)!, [width, height]);
    go(model);
    model.fit();
    settle(model);
    const plan = compose(model);
    const complaints = plan.panes.flatMap(pane => [
      ...cutsBesideBlanks(pane.lines, pane.width - 2, pane.kind === 'fields' ? 2 : 1).map(
        text => `${pane.kind} is cut beside blank cells: ${text}`,
      ),
      ...droppedBesideBlanks(model, pane).map(title => `${pane.kind} has no column ${title}`),
    ]);
    return [...misplaced(plan), ...complaints].map(complaint => `${view}: ${complaint}`);
  });
  expect(wrong).toEqual([]);
});
