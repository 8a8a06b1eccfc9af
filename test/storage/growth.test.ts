import { describe, expect, test } from 'vitest';
import { grownLength, wordsFromLine } from '../../src/storage/growth.ts';
import { KeyTable } from '../../src/storage/key-table.ts';
import { Records, recordView } from '../../src/storage/records.ts';

describe('an array that has become too short', () => {
  test('becomes twice as long, a large one four times', () => {
    expect([grownLength(8, 9), grownLength(2 ** 12 - 1, 2 ** 12), grownLength(2 ** 12, 2 ** 12 + 1)]).toEqual([
      16,
      2 ** 13 - 2,
      2 ** 14,
    ]);
  });

  test('becomes as long as it must, and no longer than it ever needs', () => {
    expect([grownLength(8, 100), grownLength(0, 1), grownLength(8, 9, 12)]).toEqual([100, 1, 12]);
  });
});

test('words from a line on are so many zeros, 16 bytes short of a line into their buffer', () => {
  const words = wordsFromLine(5);
  expect([...words]).toEqual([0, 0, 0, 0, 0]);
  expect([words.byteOffset, words.buffer.byteLength]).toEqual([48, 48 + 20]);
});

test('rows keep what they hold when a large table grows, and new ones are zeros', () => {
  const View = recordView(['first', 'second', 'third', 'fourth']);
  const records = new Records(View.width);
  const view = new View(records);
  const rows = 2 ** 12;
  for (let row = 0; row < rows; row++) {
    view.base = records.reset(row);
    view.first = row + 1;
    view.fourth = ~row;
  }
  expect(records.words.length).toBeGreaterThan(2 ** 12);
  const wrong = Array.from({ length: rows }, (_, row) => row).filter(row => {
    view.base = row * View.width;
    return view.first !== row + 1 || view.second !== 0 || view.third !== 0 || view.fourth !== ~row >>> 0;
  });
  expect(wrong).toEqual([]);
});

test('a key table that has become large finds all, takes no more than its limit, and gives free ids again', () => {
  const limit = 90_000;
  const table = new KeyTable(4, 7, limit);
  const idOf = (number: number) => {
    table.key.set([number, 1, 2, 3]);
    return table.find();
  };
  const ids = Array.from({ length: limit }, (_, number) => {
    idOf(number);
    return table.insert();
  });
  expect(ids.filter((id, number) => id !== number)).toEqual([]);
  expect(table.records.length).toBeLessThanOrEqual(limit * table.stride);
  expect([table.size, idOf(0), idOf(65_535), idOf(65_536), idOf(limit - 1), idOf(limit)]).toEqual([
    limit,
    0,
    65_535,
    65_536,
    limit - 1,
    -1,
  ]);
  table.remove(65_536);
  idOf(limit);
  expect([table.insert(), idOf(65_536), idOf(limit)]).toEqual([65_536, -1, 65_536]);
});
