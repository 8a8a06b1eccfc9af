import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { align } from '../../../src/tui/model/alignment.ts';

/** `=a -b +c`: what both have, what the left alone has, what the right alone has. */
function aligned(left: string, right: string): string {
  const codes = (text: string) => Array.from(text, character => character.codePointAt(0)!);
  return align(codes(left), codes(right))
    .map(([l, r]) => (l < 0 ? `+${right[r]}` : r < 0 ? `-${left[l]}` : `=${left[l]}`))
    .join(' ');
}

describe('two sequences', () => {
  test.each([
    ['abc', 'abc', '=a =b =c'],
    ['abc', 'axc', '=a -b +x =c'],
    ['abcd', 'bd', '-a =b -c =d'],
    ['bd', 'abcd', '+a =b +c =d'],
    ['', 'ab', '+a +b'],
    ['ab', '', '-a -b'],
    ['ab', 'xy', '-a -b +x +y'],
    ['', '', ''],
  ])('%s and %s', (left, right, expected) => {
    expect(aligned(left, right)).toBe(expected);
  });

  test('each place stands there once, in order, and beside one of the same', () => {
    const codes = fc.array(fc.nat(3), { maxLength: 40 });
    fc.assert(
      fc.property(codes, codes, (left, right) => {
        const pairs = align(left, right);
        expect(pairs.map(([l]) => l).filter(l => l >= 0)).toEqual(left.map((_, index) => index));
        expect(pairs.map(([, r]) => r).filter(r => r >= 0)).toEqual(right.map((_, index) => index));
        for (const [l, r] of pairs) if (l >= 0 && r >= 0) expect(left[l]).toBe(right[r]);
      }),
    );
  });

  test('longer than a block are aligned across its end', () => {
    const left = Array.from({ length: 2500 }, (_, index) => index);
    const right = left.filter(number => number % 7 !== 3);
    const alone = align(left, right).filter(([l, r]) => l < 0 || r < 0);
    expect(alone.every(([l, r]) => r < 0 && l % 7 === 3)).toBe(true);
    expect(alone).toHaveLength(left.length - right.length);
  });

  test('that have nothing in common for longer than a block still end', () => {
    const left = Array.from({ length: 2200 }, () => 1);
    const right = Array.from({ length: 1500 }, () => 2);
    expect(align(left, right)).toHaveLength(3700);
  });
});
