/** How a table shares its width: what it leaves out, what it cuts, and what it must not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, Table } from '../../../src/tui/panes/table.ts';
import { span } from '../../../src/tui/text/line.ts';
import { cutsBesideBlanks, spareCells } from './blank-cells.ts';
import { textOf, textsOf } from './lines.ts';

/** Columns named a, b, c ... and the lines of a table of rows of texts. */
function linesOf(columns: readonly Column[], rows: readonly (readonly string[])[], width: number) {
  const cells = rows.map(row => row.map(text => span(text)));
  const table = new Table(columns, cells, width);
  return [table.header(), ...cells.map(row => table.row(row))];
}

const titlesIn = (lines: ReturnType<typeof linesOf>) =>
  textsOf(lines.slice(0, 1))[0]?.split(/ +/).filter(Boolean) ?? [];

const NARROW: Column = { title: 'a', least: 4 };

describe('a column that has no room', () => {
  test('goes in the order of the ranks', () => {
    const columns: Column[] = [NARROW, { title: 'b', least: 4, rank: 2 }, { title: 'c', least: 4, rank: 1 }];
    const rows = [['aaaa', 'bbbb', 'cccc']];
    expect(titlesIn(linesOf(columns, rows, 14))).toEqual(['a', 'b', 'c']);
    expect(titlesIn(linesOf(columns, rows, 13))).toEqual(['a', 'b']);
    expect(titlesIn(linesOf(columns, rows, 8))).toEqual(['a']);
  });

  test('of one rank is the one that needs most', () => {
    const columns: Column[] = [NARROW, { title: 'b', least: 9, rank: 1 }, { title: 'c', least: 4, rank: 1 }];
    expect(titlesIn(linesOf(columns, [['aaaa', 'bbbbbbbb', 'cccc']], 17))).toEqual(['a', 'c']);
    expect(titlesIn(linesOf(columns, [['aaaa', 'bb', 'cccc']], 10))).toEqual(['a', 'b']);
  });

  test('comes back into the room that a wider one has left', () => {
    const columns: Column[] = [NARROW, { title: 'b', least: 3, rank: 1 }, { title: 'c', least: 20, rank: 2 }];
    expect(titlesIn(linesOf(columns, [['aaaa', 'bbb', 'c'.repeat(20)]], 20))).toEqual(['a', 'b']);
  });

  test('needs no more than its widest cell, whatever it usually needs', () => {
    const columns: Column[] = [NARROW, { title: 'b', least: 30, rank: 1 }];
    expect(titlesIn(linesOf(columns, [['aaaa', 'bb']], 7))).toEqual(['a', 'b']);
  });
});

test('short names are whole before a sentence is', () => {
  const columns: Column[] = [
    { title: 'a', least: 2 },
    { title: 'b', least: 5, grows: true },
  ];
  expect(textsOf(linesOf(columns, [['aaaa', 'b'.repeat(50)]], 12))[1]).toBe(`aaaa ${'b'.repeat(6)}…`);
});

const text = fc.integer({ min: 1, max: 24 }).map(length => 'x'.repeat(length));
const column = fc.record({
  least: fc.integer({ min: 1, max: 20 }),
  rank: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  keeps: fc.constantFrom('start' as const, 'end' as const, 'both' as const),
});
const tables = fc.integer({ min: 1, max: 8 }).chain(count =>
  fc.record({
    columns: fc.array(column, { minLength: count, maxLength: count }),
    rows: fc.array(fc.array(text, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 5 }),
    width: fc.integer({ min: 1, max: 160 }),
    grower: fc.nat(count - 1),
  }),
);

test('no column is left out, and no text is cut, beside cells that are blank in every row', () => {
  fc.assert(
    fc.property(tables, ({ columns, rows, width, grower }) => {
      const named = columns.map(({ rank, ...own }, index): Column => {
        const title = String.fromCharCode('a'.charCodeAt(0) + index);
        return { ...own, title, grows: index === grower, ...(rank !== undefined && { rank }) };
      });
      const lines = linesOf(named, rows, width);
      for (const line of lines) expect(textOf(line).length).toBeLessThanOrEqual(width);
      expect(cutsBesideBlanks(lines, width)).toEqual([]);
      const shown = titlesIn(lines);
      const room = spareCells(lines, width);
      named.forEach(({ title, least, rank }, index) => {
        if (shown.includes(title) || rank === undefined) return;
        const need = Math.max(...rows.map(row => row[index].length));
        expect(Math.min(least, need) + 1, `${title} has no place`).toBeGreaterThan(room);
      });
    }),
    { numRuns: 500 },
  );
});
