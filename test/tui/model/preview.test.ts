/** The conversation beside the connections: it follows the choice, and looks at no more than it shows. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { CaptureBytes } from '../../../src/history/recall.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { modelOf, paneText, press, runOf, settle } from '../../kit/looking.ts';

let past: PastRun;
let model: Model;
let reads: number;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  reads = 0;
  const read: CaptureBytes['read'] = (...place) => {
    reads++;
    return past.bytes.read(...place);
  };
  model = modelOf({ ...past, bytes: { read } });
  settle(model);
});

const frames = () => paneText(model, 'preview').flatMap(line => /^ *(\d+) /.exec(line)?.[1] ?? []);
const title = () => compose(model).panes.find(({ kind }) => kind === 'preview')?.title;

test('it shows the first messages of the chosen connection, and follows the choice', () => {
  expect(frames()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
  settle(press(model, 'j j'));
  expect(frames()).toEqual(['23', '24', '25']);
  expect(title()).toBe('Preview of connection 3: mnet; Enter opens it');
  expect(press(model, 'enter').view).toBe('conversation');
});

test('it is there on wide screens only, and not while the list has the screen', () => {
  expect(press(model, '\\').areas.map(({ kind }) => kind)).toEqual(['connections']);
  expect(press(model, '\\').areas).toHaveLength(2);
  model.resize(139, 50);
  expect(model.areas).toHaveLength(1);
});

test('it is never in focus, and a click on it goes in', () => {
  press(model, 'tab l');
  expect(model.focus).toBe('connections');
  const { x = 0, y = 0 } = model.areas.find(({ kind }) => kind === 'preview') ?? {};
  model.click(x + 5, y + 3);
  expect(model.view).toBe('conversation');
});

test('going over connections reads nothing of the capture; staying on one reads what is shown', () => {
  model.takeUp(model.run, model.settings);
  model.fit();
  reads = 0;
  for (const key of ['j', 'j', 'k', 'k', 'j']) {
    model.press(key);
    model.tick(0, () => 0);
  }
  expect([reads, frames()]).toEqual([0, ['12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22']]);
  settle(model);
  expect(reads).toBe(11);
});

test('of another run nothing is shown until it was looked up', async () => {
  const { history, ...other } = await historyOf('ministreaming/faults.pcap');
  model.adopt(runOf({ history, ...other }), model.settings, 'mnet.tags=sender');
  expect(paneText(model, 'preview')).toEqual([]);
  settle(model);
  const own = history.connections.messagesOf(model.connection);
  expect(frames()).toEqual(Array.from(own, message => String(history.messages.frame(message))));
});

test('it shows what matches, where there is a filter', () => {
  settle(press(model, '/ "type == DATA" enter'));
  settle(press(model, 'g'));
  expect(frames()).toEqual(['5', '6', '7', '8']);
});
