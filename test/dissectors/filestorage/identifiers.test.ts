/** Ids: what is the same, and what becomes of them when there are too many. */
import { describe, expect, test } from 'vitest';
import {
  CHUNK,
  IDENTIFIER_WORDS,
  MESSAGE,
  sameIdentifier,
  writeIdentifier,
} from '../../../dissectors/filestorage/identifiers.ts';
import { MARK } from '../../../dissectors/filestorage/row.ts';
import { remembering } from './remembering.ts';

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
    const { identifiers, open } = remembering();
    const [one, other] = [open(), open()];
    identifiers.add(one, MESSAGE, identifier('a'), 7);
    expect(identifiers.frameOf(one, MESSAGE, identifier('a'))).toBe(7);
    expect(identifiers.frameOf(one, CHUNK, identifier('a'))).toBe(0);
    expect(identifiers.frameOf(other, MESSAGE, identifier('a'))).toBe(0);
  });

  test('keeps the first frame of an id that comes twice, and still forgets it', () => {
    const { identifiers, open } = remembering();
    const connection = open();
    identifiers.add(connection, CHUNK, identifier('a'), 7);
    identifiers.add(connection, CHUNK, identifier('b'), 8);
    identifiers.add(connection, CHUNK, identifier('a'), 9);
    expect(identifiers.frameOf(connection, CHUNK, identifier('a'))).toBe(7);
    identifiers.forget(connection);
    expect(['a', 'b'].map(text => identifiers.frameOf(connection, CHUNK, identifier(text)))).toEqual([0, 0]);
  });

  test('takes no more than its bound, and has room again for what it forgets', () => {
    const { identifiers, open, hits } = remembering({ 'message-ids': 2 });
    const [one, other] = [open(), open()];
    identifiers.add(one, MESSAGE, identifier('a'), 1);
    identifiers.add(one, MESSAGE, identifier('b'), 2);
    identifiers.add(other, MESSAGE, identifier('a'), 3);
    expect(hits).toEqual(['message-ids']);
    expect([one, other].map(connection => connection.has(MARK.FORGOT_IDENTIFIERS))).toEqual([false, true]);
    identifiers.forget(one);
    identifiers.add(other, MESSAGE, identifier('a'), 3);
    expect(identifiers.frameOf(other, MESSAGE, identifier('a'))).toBe(3);
    expect(identifiers.frameOf(one, MESSAGE, identifier('a'))).toBe(0);
  });
});
