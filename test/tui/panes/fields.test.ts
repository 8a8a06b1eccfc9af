/**
 * The field pane: rows that open and close, which row a byte belongs to, and what the pane says of the selected one.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Layout } from '../../../src/sdk.ts';
import {
  commentLines,
  type FieldRow,
  fieldAt,
  fieldRows,
  fieldsHeight,
  fieldsPane,
  parentOf,
  rangeOf,
} from '../../../src/tui/panes/fields.ts';
import { defineLayout } from '../../../src/wire/layout.ts';
import { Message } from '../../../src/wire/message.ts';
import { fieldTree } from '../../../src/wire/tree.ts';
import { historyOf } from '../../kit/history.ts';
import { misfits, SIZES, withRole } from './drawn.ts';
import { textOf, textsOf } from './lines.ts';

const LAYOUT: Layout = defineLayout({
  name: 'POST',
  code: 1,
  meaning: '',
  clause: '',
  fields: [
    { name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'what it is', clause: 'HEADER' },
    {
      name: 'body',
      title: 'Body',
      offset: 1,
      size: 'rest',
      kind: 'json',
      meaning: 'what is said',
      clause: 'BODY, first',
    },
  ],
});

function messageOf(body: string, length = body.length + 1): Message {
  const message = new Message();
  message.assign(Buffer.from(`\x01${body}`), 0, length, body.length + 1);
  return message;
}

const rowsOf = (body: string, closed: readonly string[] = []): FieldRow[] =>
  fieldRows(fieldTree(messageOf(body), LAYOUT), new Set(closed));

const NESTED = '{"a":{"b":[1,22]},"c":3}';
const input = (rows: readonly FieldRow[], selected = 0) => ({
  rows,
  top: 0,
  selected,
  focused: true,
  faults: [],
  comment: '',
});
const SIZE = { width: 40, height: 20 };

describe('rows', () => {
  test('are all fields, members below what holds them', () => {
    expect(rowsOf(NESTED).map(({ path, depth, open }) => [path, depth, open])).toEqual([
      ['/type', 0, undefined],
      ['/body', 0, true],
      ['/body/a', 1, true],
      ['/body/a/b', 2, true],
      ['/body/a/b/0', 3, undefined],
      ['/body/a/b/1', 3, undefined],
      ['/body/c', 1, undefined],
    ]);
  });

  test('below a closed one are not there, and it says that there is more', () => {
    const rows = rowsOf(NESTED, ['/body/a']);
    expect(rows.map(({ path }) => path)).toEqual(['/type', '/body', '/body/a', '/body/c']);
    expect(textsOf(fieldsPane(input(rows), SIZE))[2]).toBe('  + a     {1 member}');
  });

  test('of an empty object have nothing to open', () => {
    expect(rowsOf('{"a":{}}').map(({ open }) => open)).toEqual([undefined, true, undefined]);
  });

  test('of members with one name, and of names that hold a slash, are distinguished', () => {
    const paths = rowsOf('{"a":1,"a":2,"a/b":3,"a~2":4}').map(({ path }) => path);
    expect(paths.slice(2)).toEqual(['/body/a', '/body/a~2', '/body/a~1b', '/body/a~02']);
  });

  test('know the row that holds them', () => {
    const rows = rowsOf(NESTED);
    expect([0, 2, 3, 5, 6].map(index => parentOf(rows, index))).toEqual([-1, 1, 2, 3, 1]);
  });
});

describe('a byte', () => {
  // Offsets:         1    6     12
  // {"a":{"b":[1,22]},"c":3} behind the type
  test('marks the innermost field that holds it', () => {
    const rows = rowsOf(NESTED);
    const at = (offset: number) => rows[fieldAt(rows, offset)]?.path;
    expect([at(0), at(1), at(2), at(12), at(15), at(19), at(25)]).toEqual([
      '/type',
      '/body',
      '/body/a',
      '/body/a/b/0',
      '/body/a/b/1',
      '/body/c',
      undefined,
    ]);
  });

  test('marks the closed field that hides its own', () => {
    const rows = rowsOf(NESTED, ['/body/a']);
    expect(rows[fieldAt(rows, 12)]?.path).toBe('/body/a');
  });

  test('of any field of any message marks a field that holds it', async () => {
    const { history, bytes } = await historyOf('filestorage/2020-01-04-upload.pcap');
    for (let index = 0; index < history.messages.count; index++) {
      const { message, layout } = history.recall(index, bytes);
      const rows = fieldRows(fieldTree(message, layout!), new Set());
      for (let offset = 0; offset < Math.min(message.length, 200); offset++) {
        const range = rangeOf(rows[fieldAt(rows, offset)]);
        expect(offset).toBeGreaterThanOrEqual(range.offset);
        expect(offset).toBeLessThan(range.offset + range.length);
      }
    }
  });
});

describe('the pane', () => {
  test('shows title and value, and the selected row as such', () => {
    const lines = fieldsPane(input(rowsOf('7'), 1), SIZE);
    expect(textsOf(lines).slice(0, 2)).toEqual(['  Type    1', '  Body    7']);
    expect(lines.map(({ selected }) => selected).slice(0, 3)).toEqual([undefined, 'focus', undefined]);
    expect(fieldsPane({ ...input(rowsOf('7')), focused: false }, SIZE)[0].selected).toBe('other');
  });

  test('tells at its bottom what the selected field means and where that is written', () => {
    const note = textsOf(fieldsPane(input(rowsOf('7'), 1), SIZE)).slice(fieldsHeight(SIZE, ''));
    expect(note.slice(1, 3)).toEqual(['Body: byte 1, 1 byte; BODY, first', 'what is said']);
  });

  test('tells the rest of a value that is too long for its row', () => {
    const long = 'x'.repeat(60);
    const lines = textsOf(fieldsPane(input(rowsOf(`"${long}"`), 1), SIZE));
    expect(lines[1]).toBe(`  Body    "${'x'.repeat(28)}…`);
    expect(lines.slice(fieldsHeight(SIZE, '')).join('')).toContain(long.slice(0, 39));
  });

  test('has no note where it is low', () => {
    expect(fieldsPane(input(rowsOf('7')), { width: 40, height: 5 })).toHaveLength(2);
  });

  describe('with a comment on the frame', () => {
    const commented = (comment: string) => ({ ...input(rowsOf(NESTED)), comment });

    test('shows it below, wrapped, each of its lines on its own', () => {
      const lines = textsOf(fieldsPane(commented('look at the tag,\nit is wrong'), { width: 20, height: 20 }));
      expect(lines).toHaveLength(20);
      expect(lines.slice(-3)).toEqual(['comment: look at the', 'tag,', 'it is wrong']);
    });

    test('spells out what must not reach the terminal', () => {
      const lines = textsOf(fieldsPane(commented('\x1b]0;x\x07\u202e'), { width: 60, height: 20 }));
      expect(lines.at(-1)).toBe('comment: \\x1b]0;x\\x07\\u{202e}');
    });

    test('says how the rest is read where there is no room for all of it', () => {
      const comment = 'word '.repeat(5000);
      const lines = textsOf(fieldsPane(commented(comment), { width: 40, height: 9 }));
      expect(lines).toHaveLength(9);
      expect(lines.slice(-3)[0]).toMatch(/^comment: word word/);
      expect(lines.at(-1)).toBe('... :note shows all of it');
      expect(fieldsHeight({ width: 40, height: 9 }, comment)).toBe(3);
      expect(
        textsOf(commentLines(comment, 40, Number.POSITIVE_INFINITY))
          .join(' ')
          .match(/word/g),
      ).toHaveLength(5000);
    });

    test('has none where it is low, and fits everywhere', () => {
      expect(fieldsPane(commented('noted'), { width: 40, height: 5 })).toHaveLength(5);
      for (const size of SIZES) expect(misfits(fieldsPane(commented('noted '.repeat(99)), size), size)).toEqual([]);
    });
  });

  test('shows the rows from the top of the window on', () => {
    const lines = textsOf(fieldsPane({ ...input(rowsOf(NESTED)), top: 5 }, { width: 40, height: 5 }));
    expect(lines).toEqual(['        1  22', '    c      3']);
  });

  test('has the rows in colour whose bytes a finding names, and not those around them', () => {
    const faults = [{ offset: 12, length: 1, severity: 'error' as const }];
    const lines = fieldsPane({ ...input(rowsOf(NESTED)), faults }, SIZE);
    expect(withRole(lines, 'error')).toEqual(['0', '1']);
    const closed = fieldsPane({ ...input(rowsOf(NESTED, ['/body/a'])), faults }, SIZE);
    expect(withRole(closed, 'error')).toEqual(['+ a', '{1 member}']);
  });

  test('has a field in the colour of the worst finding on it', () => {
    const at = { offset: 0, length: 1 };
    const faults = [
      { ...at, severity: 'info' as const },
      { ...at, severity: 'warning' as const },
    ];
    expect(withRole(fieldsPane({ ...input(rowsOf('7')), faults }, SIZE), 'warning')).toEqual(['Type', '1']);
  });

  test('shows a field dim that the capture has cut', () => {
    const rows = fieldRows(fieldTree(messageOf('{"a"', 30), LAYOUT), new Set());
    expect(withRole(fieldsPane(input(rows), { width: 80, height: 5 }), 'dim').join()).toContain(
      'the capture holds no more',
    );
  });

  test.each(['mnet/faults.pcap', 'ministreaming/faults.pcap', 'filestorage/2019-12-auth.pcap'])(
    'fits, for every message of %s',
    async path => {
      const { history, bytes } = await historyOf(path);
      for (let index = 0; index < history.messages.count; index++) {
        const { message, layout } = history.recall(index, bytes);
        if (!layout) continue;
        const rows = fieldRows(fieldTree(message, layout), new Set());
        for (const size of SIZES) {
          const lines = fieldsPane({ ...input(rows), faults: [] }, size);
          expect(misfits(lines, size)).toEqual([]);
          expect(textOf(lines[0])).toContain(rows[0].node.title);
        }
      }
    },
  );

  test('fits, whatever the members are called and hold', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 30 }),
        (json, width, height) => {
          const body = Buffer.from(json);
          const message = new Message();
          message.assign(Buffer.concat([Buffer.from([1]), body]), 0, body.length + 1, body.length + 1);
          const rows = fieldRows(fieldTree(message, LAYOUT), new Set());
          expect(misfits(fieldsPane(input(rows, 1), { width, height }), { width, height })).toEqual([]);
        },
      ),
    );
  });

  test('shows members and values that would move the cursor or turn the line as what they are', () => {
    const rows = rowsOf('{"\\u001b]0;hi\\u0007":"\\u202e\\u009b31m{red-fg}"}');
    const [, , line] = textsOf(fieldsPane(input(rows), { width: 80, height: 3 }));
    expect(line).toBe('    \\x1b]0;hi\\x07  "\\u{202e}\\x9b31m{red-fg}"');
  });
});
