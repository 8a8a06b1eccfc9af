import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FollowedStream } from '../../src/history/followed-stream.ts';
import { ChunkRows, type StreamRows, type StreamSides } from '../../src/history/stream-rows.ts';
import { TextRows } from '../../src/history/stream-text-rows.ts';
import { Extents } from '../../src/net/extents.ts';
import { shown, widthOf } from '../../src/tui/text/cells.ts';

type Piece = readonly [side: '>' | '<', content: string | Uint8Array | number];

/** A stream of these chunks; a number stands for as many missing bytes. */
function streamOf(pieces: readonly Piece[], isDatagrams = false): FollowedStream {
  const parts = pieces.map(([, content]) => (typeof content === 'number' ? new Uint8Array(0) : Buffer.from(content)));
  const capture = Buffer.concat(parts);
  const bytes = { read: (_: number, from: number, length: number) => capture.subarray(from, from + length) };
  const stream = new FollowedStream(isDatagrams, 0, new Extents(), bytes);
  let at = 0;
  pieces.forEach(([side, content], index) => {
    const missing = typeof content === 'number';
    stream.add(side === '>' ? 0 : 1, missing ? -1 : at, missing ? content : parts[index]!.length, index + 1);
    at += parts[index]!.length;
  });
  stream.isWhole = true;
  return stream;
}

function textRows(stream: FollowedStream, width = 80, sides: StreamSides = 'both'): TextRows {
  return laidOut(new TextRows(stream, sides, width, { shown, widthOf }));
}

function laidOut<Rows extends StreamRows>(rows: Rows): Rows {
  while (rows.run(0, () => 1));
  return rows;
}

/** Behind `>` or `<`, and a `+` where a row goes on. */
function rowsOf(rows: StreamRows): string[] {
  return Array.from({ length: rows.count }, (_, index) => {
    const { side, continues, lead, text } = rows.row(index);
    return `${side === 0 ? '>' : '<'}${continues ? '+' : ' '}${lead}${text}`;
  });
}

describe('text', () => {
  test('keeps line breaks, joins what one side sent in pieces, and begins a row where the other one speaks', () => {
    const stream = streamOf([
      ['>', 'GET / HTTP/1.1\r\nHost: ex'],
      ['>', 'ample\r\n\r\n'],
      ['<', '200\n\nbody'],
      ['>', 'more'],
    ]);
    expect(rowsOf(textRows(stream))).toEqual([
      '> GET / HTTP/1.1',
      '> Host: example',
      '> ',
      '< 200',
      '< ',
      '< body',
      '> more',
    ]);
  });

  test('begins a row with each datagram', () => {
    expect(
      rowsOf(
        textRows(
          streamOf(
            [
              ['>', 'a'],
              ['>', 'b\n'],
              ['>', 'c'],
            ],
            true,
          ),
        ),
      ),
    ).toEqual(['> a', '> b', '> c']);
  });

  test('of one side goes on across what the other one says', () => {
    const stream = streamOf([
      ['>', 'one '],
      ['<', 'no'],
      ['>', 'two'],
      ['<', 'pe'],
    ]);
    expect(rowsOf(textRows(stream, 80, 'client'))).toEqual(['> one two']);
    expect(rowsOf(textRows(stream, 80, 'server'))).toEqual(['< nope']);
  });

  test('breaks long lines at the edge, by cells', () => {
    expect(rowsOf(textRows(streamOf([['>', '0123456789abc\n0123456789\n字字字字字']]), 10))).toEqual([
      '> 0123456789',
      '>+abc',
      '> 0123456789',
      '> 字字字字字',
    ]);
  });

  test('spells out what is no text, and leaves characters whole that came in two pieces', () => {
    const stream = streamOf([
      ['>', Buffer.from('00ff1b5b324a09c3', 'hex')],
      ['>', Buffer.from('a9e282', 'hex')],
      ['<', Buffer.from('ac0d', 'hex')],
      ['<', '\n\u202e##[x]'],
    ]);
    expect(rowsOf(textRows(stream))).toEqual(['> \\x00\\xff\\x1b[2J\\té\\xe2\\x82', '< \\xac', '< \\u{202e}\\x23#[x]']);
  });

  test('says how many bytes are missing, in a row of their own', () => {
    expect(
      rowsOf(
        textRows(
          streamOf([
            ['>', 'be'],
            ['>', 12],
            ['>', 'hind'],
            ['<', 1],
          ]),
        ),
      ),
    ).toEqual(['> be', '> [12 bytes missing]', '> hind', '< [1 byte missing]']);
  });

  test('does not show the last row before it is known to be over', () => {
    const stream = streamOf([['>', 'one\ntw']]);
    stream.isWhole = false;
    const rows = textRows(stream);
    expect([rowsOf(rows), rows.isDone]).toEqual([['> one'], false]);
    stream.add(0, 0, 3, 2);
    stream.isWhole = true;
    expect([rowsOf(laidOut(rows)), rows.isDone]).toEqual([['> one', '> twone'], true]);
  });

  test('is found by row as it was laid out, and by chunk, whatever the width', () => {
    const piece = fc.tuple(
      fc.constantFrom('>' as const, '<' as const),
      fc.oneof(
        fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '字', '\0'), minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 9 }),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 8, max: 60 }),
        (pieces, width) => {
          const stream = streamOf(pieces);
          const rows = textRows(stream, width);
          const whole = rowsOf(textRows(stream, Number.POSITIVE_INFINITY));
          const lines: string[] = [];
          for (const row of rowsOf(rows)) {
            if (!row.endsWith('missing]')) expect(widthOf(row) - 2).toBeLessThanOrEqual(width);
            if (row[1] === '+') lines[lines.length - 1] += row.slice(2);
            else lines.push(row);
          }
          expect(lines).toEqual(whole);
          for (let chunk = 0; chunk < stream.count; chunk++) {
            const row = rows.rowOf(chunk);
            expect(rows.row(row).chunk >= chunk || row === rows.count - 1).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a hex dump', () => {
  test('begins a row with each chunk, its offset counted for each side', () => {
    const stream = streamOf([
      ['>', '0123456789abcdefgh'],
      ['<', 'ab'],
      ['>', 3],
      ['>', 'z'],
    ]);
    expect(rowsOf(laidOut(new ChunkRows(stream, 'hex', 'both', 80)))).toEqual([
      '> 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef',
      '>+00000010  67 68                                             gh',
      '< 00000000  61 62                                             ab',
      '> [3 bytes missing]',
      '> 00000015  7a                                                z',
    ]);
  });

  test('has 8 or 4 bytes in a row of a narrow pane', () => {
    const stream = streamOf([['>', '0123456789ab']]);
    const narrow = (width: number) => rowsOf(laidOut(new ChunkRows(stream, 'hex', 'both', width)));
    expect(narrow(60)).toEqual([
      '> 00000000  30 31 32 33 34 35 36 37  01234567',
      '>+00000008  38 39 61 62              89ab',
    ]);
    expect(narrow(30)).toHaveLength(3);
  });
});

describe('a C array', () => {
  test('is one for each chunk, numbered for each peer, as Wireshark writes them', () => {
    const stream = streamOf([
      ['>', '0123456789'],
      ['<', 'a'],
      ['<', 2],
      ['<', 'b'],
    ]);
    expect(rowsOf(laidOut(new ChunkRows(stream, 'array', 'both', 80)))).toEqual([
      '> char peer0_0[] = { /* Packet 1 */',
      '>+0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,',
      '>+0x38, 0x39 };',
      '< char peer1_0[] = { /* Packet 2 */',
      '<+0x61 };',
      '< /* [2 bytes missing] */',
      '< char peer1_1[] = { /* Packet 4 */',
      '<+0x62 };',
    ]);
    expect(rowsOf(laidOut(new ChunkRows(stream, 'array', 'server', 80)))[0]).toBe(
      '< char peer1_0[] = { /* Packet 2 */',
    );
  });

  test('finds the row of a chunk, or of the next one that is shown', () => {
    const rows = laidOut(
      new ChunkRows(
        streamOf([
          ['>', 'a'],
          ['<', 'b'],
          ['>', 'c'],
        ]),
        'array',
        'client',
        80,
      ),
    );
    expect([rows.rowOf(0), rows.rowOf(1), rows.rowOf(2)]).toEqual([0, 2, 2]);
  });
});
