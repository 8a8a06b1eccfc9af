import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExtentPlace, Extents, positionOf, UNKNOWN_POSITION, UNPLACED, VIRTUAL } from '../../src/net/extents.ts';

/** What is in the places, of a capture whose byte at an offset is that offset. */
function offsets(places: readonly ExtentPlace[]): number[] {
  return places.flatMap(({ position, length }) => Array.from({ length }, (_, index) => position + index));
}

describe('a range of the capture', () => {
  test('lies where it says', () => {
    expect(new Extents().resolve(1_000, 20)).toEqual([{ position: 1_000, length: 20 }]);
  });

  test('of which nothing is known lies nowhere, nor does one of no bytes', () => {
    const extents = new Extents();
    expect([extents.resolve(UNKNOWN_POSITION, 20), extents.resolve(1_000, 0)]).toEqual([[], []]);
  });
});

describe('bytes put together from several places', () => {
  test('lie in these, whole and in part', () => {
    const extents = new Extents();
    const base = extents.begin();
    extents.append(500, 10);
    extents.append(100, 5);
    expect(base).toBe(VIRTUAL);
    expect(extents.resolve(base, 15)).toEqual([
      { position: 500, length: 10 },
      { position: 100, length: 5 },
    ]);
    expect(extents.resolve(base + 8, 4)).toEqual([
      { position: 508, length: 2 },
      { position: 100, length: 2 },
    ]);
    expect(extents.resolve(base + 10, 5)).toEqual([{ position: 100, length: 5 }]);
  });

  test('begin where those before them end', () => {
    const extents = new Extents();
    extents.append(500, 10);
    const base = extents.begin();
    extents.append(100, 5);
    expect([base, extents.resolve(base, 5)]).toEqual([VIRTUAL + 10, [{ position: 100, length: 5 }]]);
  });

  test('take one piece where they lie one behind the other', () => {
    const extents = new Extents();
    extents.append(500, 10);
    extents.append(510, 10);
    extents.append(521, 10);
    extents.append(531, 0);
    expect(extents.pieces).toBe(2);
    expect(extents.resolve(VIRTUAL, 30)).toEqual([
      { position: 500, length: 20 },
      { position: 521, length: 10 },
    ]);
  });

  test('end where nothing was appended any more', () => {
    const extents = new Extents();
    extents.append(500, 10);
    expect(extents.resolve(VIRTUAL + 5, 100)).toEqual([{ position: 505, length: 5 }]);
    expect(extents.resolve(VIRTUAL + 10, 1)).toEqual([]);
    expect(new Extents().resolve(VIRTUAL, 1)).toEqual([]);
  });

  test('may have places that are themselves put together', () => {
    const extents = new Extents();
    const first = extents.enter([700, 4, 200, 4]);
    const second = extents.enter([900, 4, 300, 4]);
    const message = extents.enter([first + 2, 6, second, 6]);
    expect(extents.resolve(message, 12)).toEqual([
      { position: 702, length: 2 },
      { position: 200, length: 4 },
      { position: 900, length: 4 },
      { position: 300, length: 2 },
    ]);
  });

  test('have no place if some of their pieces have none', () => {
    const extents = new Extents();
    expect([extents.enter([700, 4, UNKNOWN_POSITION, 4]), extents.enter([])]).toEqual([UNPLACED, UNPLACED]);
    expect([extents.enter([UNKNOWN_POSITION, 4]), extents.pieces]).toEqual([UNPLACED, 0]);
  });

  test('of one piece alone lie there, and take nothing', () => {
    const extents = new Extents();
    expect([extents.enter([700, 4]), extents.pieces]).toEqual([700, 0]);
  });

  test('are found among thousands, each in its own places', () => {
    const piece = fc.tuple(fc.nat(1_000), fc.integer({ min: 1, max: 20 }));
    const messages = fc.array(fc.array(piece, { minLength: 1, maxLength: 6 }), { maxLength: 600, size: 'max' });
    fc.assert(
      fc.property(messages, fc.nat(5), fc.nat(40), (all, skipped, length) => {
        const extents = new Extents();
        const bases = all.map(pieces => extents.enter(pieces.flat()));
        all.forEach((pieces, index) => {
          const whole = offsets(pieces.map(([position, count]) => ({ position, length: count })));
          const wanted = whole.slice(skipped, skipped + length);
          expect(offsets(extents.resolve(bases[index] + skipped, wanted.length))).toEqual(wanted);
        });
      }),
      { numRuns: 30 },
    );
  });
});

test('a base places the bytes of its buffer, and none where nothing is known', () => {
  expect([positionOf(1_000, 24), positionOf(-10, 24), positionOf(VIRTUAL, 3)]).toEqual([1_024, 14, VIRTUAL + 3]);
  expect([positionOf(UNPLACED, 0), positionOf(UNPLACED, 2 ** 30)]).toEqual([UNKNOWN_POSITION, UNKNOWN_POSITION]);
});
