import { describe, expect, test } from 'vitest';
import { CHUNK, writePieces } from '../../src/cli/pieces.ts';

/** What is written, copied as it is taken, as a file takes it; nobody reads after so many writes. */
async function written(pieces: Iterable<string>, most = Number.POSITIVE_INFINITY): Promise<Buffer[]> {
  const taken: Buffer[] = [];
  const output = {
    get closed() {
      return taken.length >= most;
    },
    write: async (data: string | Uint8Array) => {
      taken.push(Buffer.from(data));
    },
  };
  await writePieces(output, pieces);
  return taken;
}

describe('pieces of text', () => {
  test.each([
    ['short ones', Array.from({ length: 30_000 }, (_, place) => `line ${place}\n`)],
    ['one that is longer than several chunks', ['x'.repeat(3 * CHUNK + 5), 'y']],
    ['empty ones among them', ['', 'a', '', 'b', '']],
    ['as long as a chunk', ['z'.repeat(CHUNK), 'a']],
    [
      'characters of two to four bytes where chunks end',
      ['a'.repeat(CHUNK - 1), '\u00e9\u20ac\u{1f600}', '\u{1f600}'.repeat(CHUNK / 2)],
    ],
    ['half of a character', ['a\ud83d', 'b']],
  ])('%s: come out as they are, in chunks', async (_, pieces) => {
    const taken = await written(pieces);
    expect(Buffer.concat(taken).equals(Buffer.concat(pieces.map(piece => Buffer.from(piece))))).toBe(true);
    expect(taken.filter(({ length }) => length > CHUNK || length < CHUNK - 3).length).toBeLessThanOrEqual(1);
  });

  test('are asked for no more when nobody reads them', async () => {
    let asked = 0;
    function* endless() {
      for (;;) {
        asked++;
        yield 'x'.repeat(CHUNK);
      }
    }
    expect((await written(endless(), 2)).length).toBe(2);
    expect(asked).toBeLessThan(5);
  });
});
