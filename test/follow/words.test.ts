/** Words of findings. */
import { expect, test } from 'vitest';
import { bytesText, frames, hex } from '../../src/follow/words.ts';

test('a number has two digits for each of its bytes; one that was not captured is said to be so', () => {
  expect([hex(0xa, 1), hex(0xabc, 3), hex(0xffff_ffff, 4), hex(-1, 1)]).toEqual([
    '0x0a',
    '0x000abc',
    '0xffffffff',
    '(not captured)',
  ]);
});

test('one byte is no plural', () => {
  expect([0, 1, 2].map(bytesText)).toEqual(['0 bytes', '1 byte', '2 bytes']);
});

test('frames stand in order, each once, without those that there are not', () => {
  expect(frames(12, 0, 3, 12)).toEqual([3, 12]);
  expect(frames(0)).toEqual([]);
});
