import { describe, expect, test } from 'vitest';
import { MessageFiltering } from '../../../src/tui/model/filtering.ts';
import { type ListRequest, Lists, search } from '../../../src/tui/model/lists.ts';
import { BY_NUMBER, nextColumn, sorted } from '../../../src/tui/model/sorting.ts';
import { historyOf } from '../../kit/history.ts';

async function requestOver(capture: string): Promise<ListRequest> {
  const { history } = await historyOf(capture);
  return { history, filter: undefined, narrowing: undefined, sorting: BY_NUMBER, connection: 0, pinned: -1 };
}

describe('a list', () => {
  test('is rebuilt at once by choice, and when data comes only after twenty times as long as it took', async () => {
    const request = await requestOver('mnet/faults.pcap');
    const { history } = request;
    let version = 1;
    const growing = Object.create(history, { version: { get: () => version } });
    const sorting = { column: 'state', reverse: false } as const;
    const lists = new Lists();
    let time = 0;
    const update = (more: Partial<ListRequest> = {}) =>
      lists.updateConnections({ ...request, history: growing, sorting, ...more }, () => time++);
    expect(update()).toBe(true);
    version++;
    expect(update()).toBe(false);
    time += 20;
    expect(update()).toBe(true);
    expect(update({ sorting: { ...sorting, reverse: true } })).toBe(true);
    time += 100;
    expect(update({ sorting: { ...sorting, reverse: true } })).toBe(false);
  });

  test('keeps a pinned message in its place, whether it matches or not', async () => {
    const request = await requestOver('mnet/faults.pcap');
    const { history } = request;
    const filter = new MessageFiltering('type == INIT', history, { read: () => new Uint8Array(0) }, 0);
    filter.run([], Number.POSITIVE_INFINITY, () => 0);
    const lists = new Lists();
    lists.updateMessages({ ...request, filter });
    expect([...lists.messages]).toEqual([0, 11, 22, 23, 24]);
    lists.updateMessages({ ...request, filter, pinned: 15 });
    expect([...lists.messages]).toEqual([0, 11, 15, 22, 23, 24]);
    lists.updateMessages({ ...request, filter, pinned: 11 });
    expect([...lists.messages]).toEqual([0, 11, 22, 23, 24]);
  });
});

describe('the order of connections', () => {
  test('is that of a column, equal ones by their numbers, either way', async () => {
    const { history } = await historyOf('mnet/faults.pcap');
    const all = Uint32Array.of(1, 2, 3);
    const order = (column: Parameters<typeof nextColumn>[0], reverse: boolean) =>
      [...sorted(history, all, { column, reverse })].join(' ');
    expect([order('protocol', false), order('protocol', true)]).toEqual(['1 2 3', '1 2 3']);
    expect([order('messages', false), order('messages', true)]).toEqual(['3 1 2', '1 2 3']);
    expect([order('client', true), order('number', true)]).toEqual(['3 2 1', '3 2 1']);
  });

  test('goes round the columns', () => {
    const shown = ['number', 'protocol', 'finding'];
    expect([nextColumn('number', shown), nextColumn('finding', shown)]).toEqual(['protocol', 'number']);
  });
});

test.each([
  [[], 5, -1],
  [[1, 3, 5], 3, 1],
  [[1, 3, 5], 4, -3],
  [[1, 3, 5], 9, -4],
  [[1, 3, 5], 0, -1],
])('a search in %j for %i', (rows, wanted, place) => {
  expect(search(rows, wanted)).toBe(place);
});
