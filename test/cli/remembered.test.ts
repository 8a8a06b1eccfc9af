import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ForeignMemory,
  MOST_KEPT,
  merged,
  NOTHING_KEPT,
  parseRemembered,
  printRemembered,
} from '../../src/cli/remembered.ts';
import type { Remembered } from '../../src/tui/model/memory.ts';

const remembering = (more: Partial<Remembered>): Remembered => ({ ...NOTHING_KEPT, ...more });
const parsed = (more: object) => parseRemembered(JSON.stringify({ version: 1, ...more }));

const FULL = remembering({
  filters: ['type == DATA', 'frame > 3'],
  savedFilters: { data: 'type == DATA' },
  searches: ['aa:bb'],
  captures: [{ path: '/tmp/a.pcap', opened: 1_700_000_000_000 }],
  splits: { conversation: 0.4 },
  columns: { connections: ['number', 'client'] },
});

describe('the text of the file', () => {
  test('is read as it was written', () => {
    expect(parseRemembered(printRemembered(FULL))).toEqual(FULL);
  });

  test('may lack what an earlier version did not have', () => {
    expect(parsed({})).toEqual(NOTHING_KEPT);
  });

  test.each([
    ['', false],
    ['hello', false],
    ['[]', false],
    ['null', false],
    ['{}', false],
    ['{"version":"1"}', false],
    ['{"version":0}', false],
    ['{"version":1,"filters":{}}', false],
    ['{"version":1,"savedFilters":[]}', false],
    ['{"version":1,"captures":"x"}', false],
    ['{"version":2,"filters":{}}', true],
  ])('%s is not it', (text, isLater) => {
    try {
      parseRemembered(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ForeignMemory);
      expect((error as ForeignMemory).isLater).toBe(isLater);
    }
  });

  test('loses what is no filter, no path, no share and no column', () => {
    const hostile = parsed({
      filters: ['a', 'b\x1b[2J', '', 'x'.repeat(5000), 7, null, 'a', 'c\nd'],
      savedFilters: { good: 'a', 'bad\x07': 'a', long: 'x'.repeat(5000), number: 3, ['n'.repeat(65)]: 'a' },
      captures: [
        { path: '/a', opened: 1 },
        { path: 'relative', opened: 1 },
        { path: '/nul\0', opened: 1 },
        { path: '/later', opened: 1e300 },
        { path: '/no' },
        'text',
        null,
      ],
      splits: { a: 0.5, b: 2, c: -1, d: 'x' },
      columns: { a: ['x'], b: 'x', c: [1], d: Array.from({ length: 100 }, () => 'x') },
    });
    expect(hostile).toEqual(
      remembering({
        filters: ['a'],
        savedFilters: { good: 'a' },
        captures: [{ path: '/a', opened: 1 }],
        splits: { a: 0.5 },
        columns: { a: ['x'] },
      }),
    );
  });

  test('is kept whole or refused, whatever it is, and what is kept is written and read as it is', () => {
    const names = ['filters', 'savedFilters', 'searches', 'captures', 'splits', 'columns'];
    const lists = fc.oneof(fc.array(fc.oneof(fc.string(), fc.double(), fc.constant(null))), fc.jsonValue());
    const texts = fc.dictionary(fc.constantFrom(...names), lists).map(json => JSON.stringify({ version: 1, ...json }));
    fc.assert(
      fc.property(fc.oneof(texts, fc.json(), fc.string()), text => {
        try {
          const remembered = parseRemembered(text);
          expect(parseRemembered(printRemembered(remembered))).toEqual(remembered);
        } catch (error) {
          expect(error).toBeInstanceOf(ForeignMemory);
        }
      }),
    );
  });

  test('changes no prototype', () => {
    const { savedFilters } = parseRemembered('{"version":1,"savedFilters":{"__proto__":"a","constructor":"b"}}');
    expect(Object.getPrototypeOf(savedFilters)).toBe(Object.prototype);
    expect(Object.keys(savedFilters).toSorted()).toEqual(['__proto__', 'constructor']);
  });

  test('is bounded, and keeps the latest', () => {
    const many = Array.from({ length: 200 }, (_, index) => `frame == ${index}`);
    const { filters, captures, savedFilters } = parsed({
      filters: many,
      captures: many.map((name, opened) => ({ path: `/${name}`, opened })),
      savedFilters: Object.fromEntries(many.map((filter, index) => [`f${index}`, filter])),
    });
    expect([filters.length, filters.at(-1)]).toEqual([MOST_KEPT.filters, 'frame == 199']);
    expect([captures.length, captures.at(-1)?.opened]).toEqual([MOST_KEPT.captures, 199]);
    expect(Object.keys(savedFilters)).toHaveLength(MOST_KEPT.savedFilters);
  });
});

describe('two sessions', () => {
  const filters = (theirs: string, base: string, ours: string) => {
    const list = (text: string) => remembering({ filters: [...text] });
    return merged(list(theirs), list(base), list(ours)).filters.join('');
  };

  test.each([
    // theirs, base, ours: together
    ['', '', 'ab', 'ab'],
    ['xy', '', 'ab', 'xyab'],
    ['abx', 'ab', 'abc', 'abxc'],
    ['abx', 'ab', 'ba', 'bxa'],
    ['abx', 'ab', 'b', 'bx'],
    ['abx', 'ab', 'ab', 'abx'],
    ['b', 'ab', 'abc', 'bc'],
    ['abxc', 'ab', 'abc', 'abxc'],
  ])('lists %s, %s, %s: %s', (theirs, base, ours, together) => {
    expect(filters(theirs, base, ours)).toBe(together);
  });

  test('of a name the latest value holds, and what one has taken away is gone', () => {
    const splits = (values: Record<string, number>) => remembering({ splits: values });
    const together = merged(
      splits({ same: 0.1, theirs: 0.9, both: 0.8, gone: 0.2 }),
      splits({ same: 0.1, theirs: 0.2, both: 0.2, gone: 0.2 }),
      splits({ same: 0.1, theirs: 0.2, both: 0.3, ours: 0.4 }),
    ).splits;
    expect(together).toEqual({ same: 0.1, theirs: 0.9, both: 0.3, ours: 0.4 });
  });

  test('a capture that was opened again is there once, with its last time', () => {
    const captures = (...entries: readonly (readonly [string, number])[]) =>
      remembering({ captures: entries.map(([path, opened]) => ({ path, opened })) });
    const together = merged(captures(['/a', 1], ['/b', 5]), captures(['/a', 1]), captures(['/a', 7])).captures;
    expect(together).toEqual([
      { path: '/b', opened: 5 },
      { path: '/a', opened: 7 },
    ]);
  });
});
