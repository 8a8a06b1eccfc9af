/** Ids: what is the same, and what becomes of them when there are too many. */
import { describe, expect, test } from 'vitest';
import {
  CHUNK,
  IDENTIFIER_WORDS,
  Identifiers,
  MESSAGE,
  sameIdentifier,
  writeIdentifier,
} from '../../../dissectors/filestorage/identifiers.ts';

function identifier(text: string) {
  const id = new Uint32Array(IDENTIFIER_WORDS);
  writeIdentifier(text, id);
  return id;
}

describe('an id', () => {
  test.each([
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-AABBCCDDEEFF', true],
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-aabbccddeefe', false],
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233445566778899aabbccddeeff', false],
    ['00112233-4455-6677-8899-aabbccddeefg', '00112233-4455-6677-8899-aabbccddeefg', true],
    ['', 'a', false],
    ['1', '1', true],
  ])('%s and %s: %s', (one, other, same) => {
    expect(sameIdentifier(identifier(one), identifier(other))).toBe(same);
  });

  test('of a UUID is its 128 bits', () => {
    const words = [0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff];
    expect([...identifier('00112233-4455-6677-8899-aabbccddeeff')]).toEqual(words);
  });
});

describe('the table', () => {
  test('knows connections and uses apart', () => {
    const ids = new Identifiers(1);
    ids.add(5, MESSAGE, identifier('a'), 7, 0);
    expect(ids.frameOf(5, MESSAGE, identifier('a'))).toBe(7);
    expect(ids.frameOf(5, CHUNK, identifier('a'))).toBe(0);
    expect(ids.frameOf(6, MESSAGE, identifier('a'))).toBe(0);
  });

  test('keeps the first frame of an id that comes twice, and still forgets it', () => {
    const ids = new Identifiers(1);
    let chain = ids.add(5, CHUNK, identifier('a'), 7, 0);
    chain = ids.add(5, CHUNK, identifier('b'), 8, chain);
    chain = ids.add(5, CHUNK, identifier('a'), 9, chain);
    expect(ids.frameOf(5, CHUNK, identifier('a'))).toBe(7);
    ids.forget(chain);
    expect(['a', 'b'].map(text => ids.frameOf(5, CHUNK, identifier(text)))).toEqual([0, 0]);
  });

  test('takes no more than its bound, and has room again for what it forgets', () => {
    const ids = new Identifiers(1, 2);
    const chain = ids.add(1, MESSAGE, identifier('b'), 2, ids.add(1, MESSAGE, identifier('a'), 1, 0));
    expect(ids.add(2, MESSAGE, identifier('a'), 3, 0)).toBe(-1);
    ids.forget(chain);
    expect(ids.add(2, MESSAGE, identifier('a'), 3, 0)).toBeGreaterThan(0);
    expect(ids.frameOf(2, MESSAGE, identifier('a'))).toBe(3);
    expect(ids.frameOf(1, MESSAGE, identifier('a'))).toBe(0);
  });
});
