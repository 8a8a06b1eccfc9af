/** Ids: what is the same, and what becomes of them when there are too many. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitsOfDigest, bitsOfId } from '../../../dissectors/filestorage/bits.ts';
import { CHUNK, MESSAGE } from '../../../dissectors/filestorage/identifiers.ts';
import { MARK } from '../../../dissectors/filestorage/row.ts';
import { remembering } from './remembering.ts';

describe('an id', () => {
  test.each([
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-AABBCCDDEEFF', true],
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-aabbccddeefe', false],
    ['00112233-4455-6677-8899-aabbccddeeff', '00112233445566778899aabbccddeeff', false],
    ['00112233-4455-6677-8899-aabbccddeefg', '00112233-4455-6677-8899-aabbccddeefg', true],
    ['', 'a', false],
    ['1', '1', true],
  ])('%s and %s: %s', (one, other, same) => {
    expect(bitsOfId(one).join() === bitsOfId(other).join()).toBe(same);
  });

  test('of a UUID is its 128 bits', () => {
    const words = [0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff];
    expect([...bitsOfId('00112233-4455-6677-8899-aabbccddeeff')]).toEqual(words);
  });
});

describe('a digest', () => {
  const digits = '00112233445566778899aabbccddeeff'.repeat(2);

  test.each([
    [digits, digits.toUpperCase(), true],
    [digits, `1${digits.slice(1)}`, false],
    [digits, `${digits.slice(1)}g`, false],
    [`é${digits.slice(1)}`, `é${digits.slice(1)}`, true],
    [`é${digits.slice(2)}`, digits, false],
    ['A', 'a', true],
    ['', 'a', false],
  ])('%s and %s: %s', (one, other, same) => {
    expect(bitsOfDigest(one).join() === bitsOfDigest(other).join()).toBe(same);
  });

  test('is its first 128 bits', () => {
    expect([...bitsOfDigest(digits)]).toEqual([0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff]);
  });
});

describe('the table', () => {
  test('knows connections and uses apart', () => {
    const { identifiers, open } = remembering();
    const [one, other] = [open(), open()];
    identifiers.add(one, MESSAGE, bitsOfId('a'), 7);
    expect(identifiers.frameOf(one, MESSAGE, bitsOfId('a'))).toBe(7);
    expect(identifiers.frameOf(one, CHUNK, bitsOfId('a'))).toBe(0);
    expect(identifiers.frameOf(other, MESSAGE, bitsOfId('a'))).toBe(0);
  });

  test('keeps the first frame of an id that comes twice, and still forgets it', () => {
    const { identifiers, open } = remembering();
    const connection = open();
    identifiers.add(connection, CHUNK, bitsOfId('a'), 7);
    identifiers.add(connection, CHUNK, bitsOfId('b'), 8);
    identifiers.add(connection, CHUNK, bitsOfId('a'), 9);
    expect(identifiers.frameOf(connection, CHUNK, bitsOfId('a'))).toBe(7);
    identifiers.forget(connection);
    expect(['a', 'b'].map(text => identifiers.frameOf(connection, CHUNK, bitsOfId(text)))).toEqual([0, 0]);
  });

  test('takes no more than its bound, and has room again for what it forgets', () => {
    const { identifiers, open, hits } = remembering({ 'message-ids': 2 });
    const [one, other] = [open(), open()];
    identifiers.add(one, MESSAGE, bitsOfId('a'), 1);
    identifiers.add(one, MESSAGE, bitsOfId('b'), 2);
    identifiers.add(other, MESSAGE, bitsOfId('a'), 3);
    expect(hits).toEqual(['message-ids']);
    expect([one, other].map(connection => connection.has(MARK.FORGOT_IDENTIFIERS))).toEqual([false, true]);
    identifiers.forget(one);
    identifiers.add(other, MESSAGE, bitsOfId('a'), 3);
    expect(identifiers.frameOf(other, MESSAGE, bitsOfId('a'))).toBe(3);
    expect(identifiers.frameOf(one, MESSAGE, bitsOfId('a'))).toBe(0);
  });

  test('holds what connections use that come and go, up to its bound, and nothing of those that are gone', () => {
    const CONNECTIONS = 3;
    const text = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz');
    const use = fc.constantFrom(MESSAGE, CHUNK);
    const steps = fc.array(
      fc.record({ of: fc.nat(CONNECTIONS - 1), text, use, step: fc.constantFrom('add', 'addNew', 'look', 'go') }),
      {
        minLength: 20,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 40 }), (all, most) => {
        const { identifiers, open } = remembering({ 'message-ids': most });
        const connections = Array.from({ length: CONNECTIONS }, open);
        const known = connections.map(() => new Map<string, number>());
        for (const [index, { of, text: id, use: its, step }] of all.entries()) {
          const own = known[of];
          const key = `${its}${id}`;
          const earlier = own.get(key) ?? 0;
          const isTaken = earlier === 0 && known.reduce((sum, { size }) => sum + size, 0) < most;
          const [connection, bits, frame] = [connections[of], bitsOfId(id), index + 1];
          if (step === 'look') expect(identifiers.frameOf(connection, its, bits)).toBe(earlier);
          else if (step === 'add') expect(identifiers.add(connection, its, bits, frame)).toBe(earlier);
          else if (step === 'addNew') expect(identifiers.addNew(connection, its, bits, frame)).toBe(isTaken);
          else identifiers.forget(connection);
          if (step === 'go') own.clear();
          else if (step !== 'look' && isTaken) own.set(key, frame);
        }
      }),
    );
  });
});
