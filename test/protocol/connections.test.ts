import { describe, expect, test } from 'vitest';
import type { Basis, Severity } from '../../src/lint/rule.ts';
import { ConnectionLog, ROW_START } from '../../src/protocol/connections.ts';
import { Message } from '../../src/wire/message.ts';

const whole = { isKnown: false, isDropping: false };
const dropped = { isKnown: false, isDropping: true };

function log(listLimit = 10, nextNumber = counter(), words = 0): ConnectionLog {
  const names = { protocol: 'toy', endpoint: (flow: number, side: number) => `flow ${flow} end ${side}` };
  return new ConnectionLog(0, names, nextNumber, listLimit, words);
}

function counter(): () => number {
  let number = 0;
  return () => ++number;
}

function at(seconds: number, nanoseconds = 0): Message {
  const message = new Message();
  message.seconds = seconds;
  message.nanoseconds = nanoseconds;
  return message;
}

type Mark = 'inconclusive' | readonly [Severity, Basis];

/** Opens a connection, marks it and closes it. */
function connection(connections: ConnectionLog, ...marks: Mark[]): void {
  const slot = connections.open(0, 0, at(1));
  for (const mark of marks) {
    if (mark === 'inconclusive') connections.markInconclusive(slot, 'midstream');
    else connections.markFinding(slot, ...mark);
  }
  connections.close(slot, 'OVER');
}

describe('a connection', () => {
  test('whose ends are kept has them until it is closed, even if its flow belongs to another', () => {
    let pair = 'first';
    const names = { protocol: 'toy', endpoint: (_flow: number, side: number) => `${pair} ${side}` };
    const connections = new ConnectionLog(0, names, counter(), 10);
    const slot = connections.open(0, 1, at(1));
    connections.keepEnds(slot);
    pair = 'second';
    const other = connections.open(0, 0, at(2));
    expect([connections.endpoint(slot, 0), connections.endpoint(other, 0)]).toEqual(['first 0', 'second 0']);
    connections.close(slot, 'OVER');
    const next = connections.open(0, 0, at(3));
    expect(next).toBe(slot);
    expect(connections.endpoint(next, 1)).toBe('second 1');
    connections.close(other, 'OVER');
    connections.close(next, 'OVER');
    expect(connections.outcome(whole, true).listed.map(({ client, server }) => [client, server])).toEqual([
      ['first 1', 'first 0'],
      ['second 0', 'second 1'],
      ['second 0', 'second 1'],
    ]);
  });

  test('is reported with its ends, its life span and its messages', () => {
    const connections = log();
    const slot = connections.open(7, 1, at(10, 5));
    connections.touch(slot, at(10, 5));
    connections.touch(slot, at(12, 999_999_999));
    connections.close(slot, 'OVER');
    expect(connections.outcome(whole, true).listed).toEqual([
      {
        id: 1,
        protocol: 'toy',
        capture: 0,
        client: 'flow 7 end 1',
        server: 'flow 7 end 0',
        start: { seconds: 10, nanoseconds: 5 },
        end: { seconds: 12, nanoseconds: 999_999_999 },
        state: 'OVER',
        messages: 2,
        verdict: 'conformant',
        reasons: [],
      },
    ]);
  });

  test('has its roles the other way round when that turns out', () => {
    const connections = log();
    const slot = connections.open(7, 1, at(1));
    connections.markInconclusive(slot, 'midstream');
    connections.setClientSide(slot, 0);
    expect(connections.clientSide(slot)).toBe(0);
    connections.close(slot, 'OVER');
    expect(connections.outcome(whole, false).listed[0]).toMatchObject({
      client: 'flow 7 end 0',
      verdict: 'inconclusive',
    });
  });

  test('leaves nothing behind in the slot that the next one gets', () => {
    const connections = log();
    connection(connections, 'inconclusive', ['error', 'bytes']);
    const slot = connections.open(3, 0, at(2));
    expect([slot, connections.number(slot), connections.flow(slot), connections.clientSide(slot)]).toEqual([
      0, 2, 3, 0,
    ]);
    connections.close(slot, 'OVER');
    expect(connections.outcome(whole, true).listed[1]).toMatchObject({ verdict: 'conformant', messages: 0 });
  });

  test('keeps its slot while others come and go', () => {
    const connections = log();
    const slots = [1, 2, 3].map(flow => connections.open(flow, 0, at(1)));
    connections.close(slots[1], 'OVER');
    expect(connections.open(4, 0, at(1))).toBe(slots[1]);
    expect(slots.map(slot => connections.flow(slot))).toEqual([1, 4, 3]);
  });
});

describe('the verdict', () => {
  test.each<[situation: string, marks: Mark[], verdict: string, whenPacketsWereDropped: string]>([
    ['nothing was found', [], 'conformant', 'inconclusive'],
    ['something could not be judged', ['inconclusive'], 'inconclusive', 'inconclusive'],
    ['an error that the bytes prove', [['error', 'bytes']], 'violations', 'violations'],
    ['a warning that the bytes prove', [['warning', 'bytes']], 'violations', 'violations'],
    ['an error that rests on the history', [['error', 'unseen']], 'violations', 'inconclusive'],
    [
      'both kinds',
      [
        ['error', 'unseen'],
        ['warning', 'bytes'],
      ],
      'violations',
      'violations',
    ],
    [
      'an error, and something could not be judged',
      ['inconclusive', ['error', 'unseen']],
      'violations',
      'inconclusive',
    ],
    ['an information', [['info', 'bytes']], 'conformant', 'inconclusive'],
    [
      'an information, and something could not be judged',
      [['info', 'unseen'], 'inconclusive'],
      'inconclusive',
      'inconclusive',
    ],
  ])('%s', (_situation, marks, verdict, whenPacketsWereDropped) => {
    const connections = log();
    connection(connections, ...marks);
    expect(connections.outcome(whole, true).listed[0].verdict).toBe(verdict);
    expect(connections.outcome(dropped, true).listed[0].verdict).toBe(whenPacketsWereDropped);
  });

  test('is counted for every connection', () => {
    const connections = log();
    connection(connections);
    connection(connections, 'inconclusive');
    connection(connections, ['error', 'unseen']);
    connection(connections, ['warning', 'bytes']);
    expect(connections.outcome(whole, false)).toMatchObject({ total: 4, violations: 2, inconclusive: 1 });
    expect(connections.outcome(dropped, false)).toMatchObject({ total: 4, violations: 1, inconclusive: 3 });
  });
});

describe('the listing', () => {
  test('has those with a finding or an inconclusive verdict, by number', () => {
    const connections = log();
    const first = connections.open(0, 0, at(1));
    connection(connections);
    connection(connections, ['info', 'bytes']);
    connection(connections, 'inconclusive');
    connections.markFinding(first, 'error', 'bytes');
    connections.close(first, 'OVER');
    const { listed, omitted } = connections.outcome(whole, false);
    expect([listed.map(({ id }) => id), omitted]).toEqual([[1, 3, 4], 0]);
  });

  test('has all when asked for, and all when packets were dropped', () => {
    const connections = log();
    connection(connections);
    connection(connections, ['error', 'bytes']);
    expect(connections.outcome(whole, true).listed.map(({ id }) => id)).toEqual([1, 2]);
    expect(connections.outcome(dropped, false).listed.map(({ id }) => id)).toEqual([1, 2]);
  });

  test('is bounded for each kind, and says how many it left out', () => {
    const connections = log(2);
    for (let i = 0; i < 3; i++) connection(connections, 'inconclusive');
    for (let i = 0; i < 5; i++) connection(connections);
    const some = connections.outcome(whole, false);
    const all = connections.outcome(whole, true);
    expect([some.total, some.inconclusive, some.listed.length, some.omitted]).toEqual([8, 3, 2, 1]);
    expect([all.listed.map(({ id }) => id), all.omitted]).toEqual([[1, 2, 4, 5], 4]);
  });
});

test('numbers go on from one capture to the next', () => {
  const numbers = counter();
  const [first, second] = [log(10, numbers), log(10, numbers)];
  connection(first);
  connection(first);
  connection(second);
  expect(second.outcome(whole, true).listed.map(({ id }) => id)).toEqual([3]);
  expect([first.total, second.total]).toEqual([2, 1]);
});

describe('a row', () => {
  test.each([
    [0, 8],
    [1, 16],
    [8, 16],
    [9, 32],
    [22, 32],
    [40, 48],
  ])('of a protocol that keeps %i words is %i, half a cache line or whole ones', (words, width) => {
    const { rows, hotWords } = log(10, counter(), words);
    expect([rows.width, hotWords]).toEqual([width, 4 + words]);
  });

  test("holds the protocol's words between those of the log, which stay apart from them", () => {
    const connections = log(10, counter(), 3);
    const slots = [connections.open(5, 1, at(10)), connections.open(6, 0, at(20))];
    const { rows } = connections;
    const words = (slot: number) => rows.words.subarray(slot * rows.width).subarray(ROW_START, ROW_START + 3);
    for (const slot of slots) words(slot).fill(0xffff_ffff);
    connections.touch(slots[0], at(30));
    expect(slots.map(slot => [connections.number(slot), connections.flow(slot), connections.clientSide(slot)])).toEqual(
      [
        [1, 5, 1],
        [2, 6, 0],
      ],
    );
    expect(slots.map(slot => Array.from(words(slot)))).toEqual([
      Array(3).fill(0xffff_ffff),
      Array(3).fill(0xffff_ffff),
    ]);
    connections.close(slots[0], '');
    expect(connections.open(7, 0, at(40))).toBe(slots[0]);
    expect(Array.from(words(slots[0]))).toEqual([0, 0, 0]);
  });

  test('tells whoever reads ahead of each connection that is opened', () => {
    const connections = log();
    const opened: number[][] = [];
    connections.onOpened = (slot, flow) => opened.push([slot, flow]);
    connections.open(5, 0, at(1));
    connections.open(9, 0, at(1));
    expect(opened).toEqual([
      [0, 5],
      [1, 9],
    ]);
  });
});
