import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../src/storage/key-table.ts';

function setKey(table: KeyTable, words: readonly number[]): void {
  table.key.set(words);
}

function add(table: KeyTable, words: readonly number[]): number {
  setKey(table, words);
  return table.insert();
}

function look(table: KeyTable, words: readonly number[]): number {
  setKey(table, words);
  return table.find();
}

describe('key table', () => {
  test('an absent key has no id, a present one keeps its own', () => {
    const table = new KeyTable(2, 1, 100);
    expect(look(table, [1, 2])).toBe(-1);
    expect(add(table, [1, 2])).toBe(0);
    expect(add(table, [2, 1])).toBe(1);
    expect(add(table, [1, 2])).toBe(0);
    expect(look(table, [2, 1])).toBe(1);
    expect(table.size).toBe(2);
  });

  test('is full where the next id would make it grow, or is refused', () => {
    const table = new KeyTable(1, 1, 20);
    const grows = (key: number) => {
      const { records } = table;
      return add(table, [key]) < 0 || table.records !== records;
    };
    for (let key = 1; key <= 22; key++) expect([key, grows(key)]).toEqual([key, key === 17 || key > 20]);
    expect(table.isFull).toBe(true);
    table.remove(3);
    expect(table.isFull).toBe(false);
    for (const key of [30, 31]) {
      const { isFull } = table;
      expect(grows(key)).toBe(isFull);
    }
  });

  test('the key of an id can be read back', () => {
    const table = new KeyTable(3, 1, 10);
    const id = add(table, [7, 0xffff_ffff, 0]);
    expect([table.read(id, 0), table.read(id, 1), table.read(id, 2)]).toEqual([7, 0xffff_ffff, 0]);
  });

  test('keys that differ only in trailing zero words are different keys', () => {
    const table = new KeyTable(3, 1, 10);
    expect([add(table, [0, 0, 0]), add(table, [5, 0, 0]), add(table, [5, 5, 0]), add(table, [5, 5, 5])]).toEqual([
      0, 1, 2, 3,
    ]);
    expect(look(table, [5, 0, 0])).toBe(1);
    expect(look(table, [0, 0, 0])).toBe(0);
  });

  test('four words find what they and zeros behind them are the key of, however the table grew', () => {
    const word = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
    const four = fc.tuple(word, word, word, fc.integer({ min: 1, max: 0xffff_ffff }));
    fc.assert(
      fc.property(fc.array(four, { minLength: 1, maxLength: 60 }), four, fc.nat(), (keys, another, seed) => {
        const table = new KeyTable(7, seed, 100, 1);
        for (const key of keys) add(table, [...key, 0, 0, 0]);
        for (const key of [...keys, another]) {
          const [first, second, third, fourth] = key.map(part => part | 0);
          expect(table.findFour(first, second, third, fourth)).toBe(look(table, [...key, 0, 0, 0]));
        }
      }),
    );
  });

  test('so do two words', () => {
    const two = fc.tuple(fc.nat(9), fc.constantFrom(1, 2, 0x8000_0000, 0xffff_ffff));
    fc.assert(
      fc.property(fc.array(two, { minLength: 1, maxLength: 60 }), two, fc.nat(), (keys, another, seed) => {
        const table = new KeyTable(2, seed, 100, 1);
        for (const key of keys) add(table, key);
        for (const key of [...keys, another]) expect(table.findTwo(key[0], key[1] | 0)).toBe(look(table, key));
      }),
    );
  });

  test('at the limit a new key gets no id, an old one still does', () => {
    const table = new KeyTable(1, 1, 3);
    expect([1, 2, 3, 4, 2].map(word => add(table, [word]))).toEqual([0, 1, 2, -1, 1]);
    table.remove(1);
    expect(look(table, [2])).toBe(-1);
    expect(add(table, [4])).toBe(1);
  });

  test("the owner's words behind the key survive growth and are cleared for the next key", () => {
    const table = new KeyTable(1, 1, 1_000, 2);
    const id = add(table, [9]);
    table.records[id * table.stride + 2] = 77;
    for (let word = 100; word < 900; word++) add(table, [word]);
    expect(table.read(id, 2)).toBe(77);
    table.remove(id);
    expect(add(table, [10])).toBe(id);
    expect(table.read(id, 2)).toBe(0);
  });

  test('an id that is not held cannot be removed', () => {
    const table = new KeyTable(1, 1, 10);
    expect(() => table.remove(0)).toThrow('id 0 is not held');
  });

  test('a limit outside of 1..2^24 - 1 is refused', () => {
    expect(() => new KeyTable(1, 1, 0)).toThrow(RangeError);
    expect(() => new KeyTable(1, 1, 2 ** 24)).toThrow(RangeError);
  });

  test('40,000 clients with sequential addresses and ports are all found again', () => {
    const table = new KeyTable(4, 12_345, 50_000);
    for (let client = 0; client < 40_000; client++) {
      add(table, [0x0a00_0000 + (client >>> 4), 0x0a63_0001, 0x0400_6977 + (client & 15), 0x1104]);
    }
    for (let client = 0; client < 40_000; client++) {
      expect(look(table, [0x0a00_0000 + (client >>> 4), 0x0a63_0001, 0x0400_6977 + (client & 15), 0x1104])).toBe(
        client,
      );
    }
  });

  test('behaves as a Map does under any sequence of insertions and removals', () => {
    const word = fc.constantFrom(0, 1, 2, 3, 0x8000_0000, 0xffff_ffff);
    const step = fc.record({ insert: fc.boolean(), key: fc.tuple(word, word, word) });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 400 }), (seed, steps) => {
        const limit = 60;
        const table = new KeyTable(3, seed, limit);
        const model = new Map<string, { id: number; key: readonly number[] }>();
        for (const { insert, key } of steps) {
          const name = key.join();
          const held = model.get(name);
          expect(look(table, key)).toBe(held?.id ?? -1);
          if (insert) {
            const id = add(table, key);
            if (held !== undefined) expect(id).toBe(held.id);
            else if (model.size === limit) expect(id).toBe(-1);
            else model.set(name, { id, key });
          } else if (held !== undefined) {
            table.remove(held.id);
            model.delete(name);
          }
          expect(table.size).toBe(model.size);
        }
        for (const { id, key } of model.values()) expect(look(table, key)).toBe(id);
        expect(new Set([...model.values()].map(entry => entry.id)).size).toBe(model.size);
        expect(table.idsUsed).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('a guess by the hash alone is the id of nearly every key that is there, and keys that are not are left out', () => {
    const table = new KeyTable(4, 7, 5_000);
    for (let key = 0; key < 4_000; key++) add(table, [key, 1, 2, 3]);
    const hashes = Int32Array.from({ length: 4_000 }, (_, key) => table.hashOfFour(key, 1, 2, 3));
    expect(table.guessAll(hashes, 4_000)).toBe(4_000);
    expect(hashes.filter((id, key) => id === key).length).toBeGreaterThan(3_900);
    const some = Int32Array.of(5_000, 9, 6_000).map(key => table.hashOfFour(key, 1, 2, 3));
    expect([table.guessAll(some, 3), some[0]]).toEqual([1, 9]);
    expect(new KeyTable(4, 7, 10).guessAll(Int32Array.of(5), 1)).toBe(0);
  });

  test('the hash of four words is that of the key which they begin and zeros complete', () => {
    const table = new KeyTable(6, 7, 10);
    setKey(table, [1, 0xffff_ffff, 3, 4, 0, 0]);
    expect(table.hashOfFour(1, -1, 3, 4) >>> 0).toBe(table.hashOfKey());
  });
});

describe('a key whose last words stand apart', () => {
  const TAIL = 2;

  test('costs nothing for them until a key has them', () => {
    const [apart, within] = [new KeyTable(4, 1, 100, 0, TAIL), new KeyTable(4, 1, 100)];
    for (let word = 0; word < 100; word++) for (const table of [apart, within]) add(table, [word, 1, 0, 0]);
    expect(within.byteLength - apart.byteLength).toBe(100 * TAIL * 4);
    apart.remove(0);
    add(apart, [0, 1, 0, 9]);
    expect(apart.byteLength).toBe(within.byteLength);
    expect([apart.readTail(0, 0), apart.readTail(0, 1), apart.readTail(1, 1)]).toEqual([0, 9, 0]);
  });

  test('is the same key, with the same hash and the same id, under any sequence of insertions and removals', () => {
    const word = fc.constantFrom(0, 0, 1, 0x8000_0000, 0xffff_ffff);
    const step = fc.record({ insert: fc.boolean(), key: fc.tuple(word, word, word, word) });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 300 }), (seed, steps) => {
        const apart = new KeyTable(4, seed, 60, 1, TAIL);
        const within = new KeyTable(4, seed, 60, 1);
        for (const { insert, key } of steps) {
          expect(look(apart, key)).toBe(look(within, key));
          expect(apart.hashOfKey()).toBe(within.hashOfKey());
          if (insert) expect(add(apart, key)).toBe(add(within, key));
          else if (within.find() >= 0) for (const table of [apart, within]) table.remove(table.find());
        }
        for (const { key } of steps) {
          const id = look(apart, key);
          expect(id).toBe(look(within, key));
          if (id >= 0) expect([0, 1].map(at => apart.readTail(id, at))).toEqual(key.slice(2));
        }
      }),
    );
  });
});
