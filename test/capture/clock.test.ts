import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clock, isResolution, MAX_SECONDS } from '../../src/capture/clock.ts';

const NANOSECONDS = 10n ** 9n;

const resolution = fc.oneof(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0x80, max: 0x80 | 63 }));

function unitsPerSecond(code: number): bigint {
  return code & 0x80 ? 1n << BigInt(code & 0x7f) : 10n ** BigInt(code);
}

/** By the book: the count divided by the units of a second, in integers of any length. */
function byTheBook(code: number, count: bigint): [seconds: number, nanoseconds: number] {
  const units = unitsPerSecond(code);
  const seconds = Number(count / units);
  return [Math.min(seconds, MAX_SECONDS), Number(((count % units) * NANOSECONDS) / units)];
}

function read(code: number, count: bigint): [seconds: number, nanoseconds: number] {
  const clock = new Clock(code, 0);
  clock.read(Number(count >> 32n), Number(count & 0xffffffffn));
  return [clock.seconds, clock.nanoseconds];
}

test('any count in any resolution is read exactly', () => {
  const property = fc.property(resolution, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (code, count) => {
    expect(read(code, count)).toEqual(byTheBook(code, count));
  });
  fc.assert(property, { numRuns: 20_000 });
});

test('the last unit of a second and the first of the next are distinguished, however far the time', () => {
  const property = fc.property(resolution, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (code, count) => {
    const second = count - (count % unitsPerSecond(code));
    for (const near of [second - 1n, second, second + 1n]) {
      if (near >= 0n && near < 2n ** 64n) expect(read(code, near)).toEqual(byTheBook(code, near));
    }
  });
  fc.assert(property, { numRuns: 20_000 });
});

test.each([
  [6, true],
  [19, true],
  [20, false],
  [127, false],
  [0x80, true],
  [0x80 | 63, true],
  [0x80 | 64, false],
  [0xff, false],
])('if_tsresol %i can be read: %s', (code, expected) => {
  expect(isResolution(code)).toBe(expected);
});
