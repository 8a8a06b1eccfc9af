import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONNECTION_COLUMNS,
  type ConnectionColumn,
  type ConnectionsInput,
  connectionsPane,
} from '../../../src/tui/panes/connections.ts';
import { historyOf } from '../../kit/history.ts';
import { anySize, expectToFit, NARROW, roleOf, textOf, textsOf, WIDE } from './lines.ts';

const { history } = await historyOf(['mnet/faults.pcap', 'ministreaming/faults.pcap']);
const order = Array.from({ length: history.connections.count }, (_, index) => index + 1);
const input: ConnectionsInput = {
  history,
  order,
  top: 0,
  selected: 1,
  focused: true,
  empty: 'nothing',
  sort: 'number',
  reverse: false,
  time: 'relative',
  marked: new Set(),
};

/** Numbers of all connections in the order of a column. */
function sortedBy(column: ConnectionColumn): number[] {
  const { key } = CONNECTION_COLUMNS.find(({ id }) => id === column)!;
  const keys = new Map(order.map(connection => [connection, key(history, connection)]));
  return [...order].sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : keys.get(a)! > keys.get(b)! ? 1 : a - b));
}

describe('a row', () => {
  test('of a narrow pane says who talks to whom, how much, and what is wrong', () => {
    const [header, first, , third] = textsOf(connectionsPane(input, NARROW));
    expect(header.split(/ +/)).toEqual([
      '#^',
      'cap',
      'proto',
      'client',
      'server',
      'msgs',
      'verdict',
      'worst',
      'finding',
    ]);
    expect(first).toMatch(/^ +1 +1 mnet +10\.0\.0\.1:5000 +10\.0\.0\.9:26999 +11 violations +error retr/);
    expect(third).toMatch(/^ +3 +1 mnet +10\.0\.0\.3:5000 .* 3 violations +warn handsha/);
  });

  test('of a wide pane has the times, the state and all of the finding, too', () => {
    const [header, first] = textsOf(connectionsPane(input, WIDE));
    for (const title of ['start', 'duration', 'state']) expect(header).toContain(title);
    expect(first).toMatch(/ 0\.000000 +0\.209000 +CLOSED +11 +violations +error retransmit-differs \+2 +faults\.pcap$/);
  });

  test('of a connection without findings ends in its verdict', () => {
    const text = textsOf(connectionsPane({ ...input, order: [4] }, NARROW))[1];
    expect(text).toMatch(/ministreaming .* conformant$/);
  });

  test('shows verdict and finding in their colours', () => {
    const lines = connectionsPane(input, WIDE);
    expect(roleOf(lines[1], 'violations')).toBe('error');
    expect(roleOf(lines[3], 'handshake-incomplete')).toBe('warning');
    expect(roleOf(lines[4], 'conformant')).toBe('good');
  });

  test('that is marked has a star', () => {
    expect(textsOf(connectionsPane({ ...input, marked: new Set([2]) }, NARROW))[2]).toMatch(/^\*2 +1 mnet/);
  });
});

describe('the window', () => {
  test('shows as many rows as fit from the first one on, below the header', () => {
    const lines = connectionsPane({ ...input, top: 2 }, { width: 78, height: 3 });
    expect(lines).toHaveLength(3);
    expect(textOf(lines[1])).toMatch(/^ +3 /);
  });

  test.each([
    [true, 'focus'],
    [false, 'other'],
  ])('sets off the selected row, focused %s', (focused, selected) => {
    const lines = connectionsPane({ ...input, focused, top: 1, selected: 2 }, NARROW);
    expect(lines.map(line => line.selected)).toEqual(lines.map((_, index) => (index === 2 ? selected : undefined)));
  });

  test('says that there are none', () => {
    expect(textsOf(connectionsPane({ ...input, order: [] }, NARROW))[1]).toBe('nothing');
  });

  test('marks the column and the direction of the order', () => {
    const header = (sort: ConnectionColumn, reverse: boolean) => connectionsPane({ ...input, sort, reverse }, WIDE)[0];
    expect(textOf(header('messages', true))).toContain('msgsv');
    expect(textOf(header('finding', false))).toContain('worst finding^');
    expect(roleOf(header('client', false), 'client')).toBe('key');
  });
});

describe('the columns sort', () => {
  test('by the worst finding and how many there are, the worst first', () => {
    const { connections } = history;
    const severities = sortedBy('finding').map(connection => connections.severity(connection));
    expect(severities).toEqual([...severities].sort((a, b) => b - a));
    expect(sortedBy('finding').indexOf(1)).toBeLessThan(sortedBy('finding').indexOf(2));
  });

  test('by verdict, from bad to good', () => {
    expect(history.connections.verdict(sortedBy('verdict')[0])).toBe('violations');
    expect(history.connections.verdict(sortedBy('verdict').at(-1)!)).toBe('conformant');
  });

  test('by numbers as numbers', () => {
    const messages = sortedBy('messages').map(connection => history.connections.messages(connection));
    expect(messages).toEqual([...messages].sort((a, b) => a - b));
    expect(sortedBy('duration').at(-1)).toBe(longest());
  });
});

function longest(): number {
  const { connections } = history;
  const duration = (connection: number) => {
    const [start, end] = [connections.start(connection), connections.end(connection)];
    return end.seconds - start.seconds + (end.nanoseconds - start.nanoseconds) * 1e-9;
  };
  return order.reduce((best, connection) => (duration(connection) > duration(best) ? connection : best));
}

test('no line leaves the pane, whatever its size', () => {
  fc.assert(
    fc.property(anySize, fc.nat(12), fc.constantFrom('relative', 'utc', 'epoch', 'delta'), (size, top, time) => {
      expectToFit(connectionsPane({ ...input, top, time }, size), size);
    }),
  );
});
