import { describe, expect, test } from 'vitest';
import { ValueCounts } from '../../src/report/value-counts.ts';
import { finding } from '../filter/post.ts';

const at = (seconds: number, length = 10) => ({ seconds, nanoseconds: 0, length });
const of = (...values: readonly string[]) => new Set(values);

const rows = (counts: ValueCounts) => counts.sorted().map(({ value, messages }) => [value, messages]);

describe('messages by value', () => {
  test('are the most frequent first, then in the order of their values', () => {
    const counts = new ValueCounts(100);
    for (const value of ['b', 'c', 'a', 'c']) counts.add(of(value), at(1));
    expect(rows(counts)).toEqual([
      ['c', 2],
      ['a', 1],
      ['b', 1],
    ]);
  });

  test('have their bytes and the times of the earliest and the latest, in whatever order they come', () => {
    const counts = new ValueCounts(100);
    for (const [second, length] of [
      [5, 1],
      [3, 20],
      [9, 300],
      [4, 4000],
    ])
      counts.add(of('a'), at(second, length));
    expect(counts.sorted()).toMatchObject([{ bytes: 4321, first: { seconds: 3 }, last: { seconds: 9 } }]);
  });

  test('count for each of their values, and in all once', () => {
    const counts = new ValueCounts(100);
    counts.add(of('a', 'b'), at(1));
    counts.add(of(), at(1));
    expect([counts.messages, rows(counts), counts.without?.messages]).toEqual([
      2,
      [
        ['a', 1],
        ['b', 1],
      ],
      1,
    ]);
  });
});

describe('beyond the bound', () => {
  test('values are counted together, each message once, and those that are known go on', () => {
    const counts = new ValueCounts(2);
    for (const values of [of('a'), of('b'), of('c'), of('c', 'd'), of('a', 'e')]) counts.add(values, at(1));
    expect([rows(counts), counts.others?.messages]).toEqual([
      [
        ['a', 2],
        ['b', 1],
      ],
      3,
    ]);
  });

  test('of characters, too: a long value has no room, a short one may have', () => {
    const counts = new ValueCounts(100);
    for (const value of ['x'.repeat(3 << 20), 'y'.repeat(3 << 20), 'z']) counts.add(of(value), at(1));
    expect([counts.sorted().map(({ value }) => value[0]), counts.others?.messages]).toEqual([['x', 'z'], 1]);
  });
});

describe('findings', () => {
  test('count for the values of their message, known or not', () => {
    const counts = new ValueCounts(1);
    for (const values of [of('a'), of('b'), of()]) counts.add(values, at(1));
    for (const values of [of('a'), of('b'), of(), of()]) counts.addFinding(values);
    expect([counts.sorted()[0].findings, counts.others?.findings, counts.without?.findings]).toEqual([1, 1, 2]);
    counts.forgetFindings();
    expect([counts.sorted()[0].findings, counts.others?.findings, counts.without?.findings]).toEqual([0, 0, 0]);
  });

  test('that are held count once they stand', () => {
    const counts = new ValueCounts(10);
    counts.add(of('a'), at(1));
    counts.hold(finding, of('a'));
    counts.stands({ ...finding });
    expect(counts.sorted()[0].findings).toBe(0);
    counts.stands(finding);
    counts.stands(finding);
    expect(counts.sorted()[0].findings).toBe(1);
  });
});
