import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Records, recordView, withRoomFor } from '../../src/storage/records.ts';

const View = recordView(['state', 'count', 'last']);

describe('a new row', () => {
  test('is all zeros', () => {
    const records = new Records(View.width);
    const view = new View(records);
    view.base = records.reset(3);
    expect([view.base, view.state, view.count, view.last]).toEqual([9, 0, 0, 0]);
  });

  test('is zeros again when it is used again, and its neighbours stay', () => {
    const records = new Records(View.width);
    const view = new View(records);
    for (const row of [0, 1, 2]) {
      view.base = records.reset(row);
      view.state = view.count = view.last = row + 1;
    }
    view.base = records.reset(1);
    expect(Array.from(records.words.subarray(0, 9))).toEqual([1, 1, 1, 0, 0, 0, 3, 3, 3]);
  });

  test('is zeros when the table grew past rows that were never used', () => {
    const records = new Records(View.width, 1);
    const view = new View(records);
    view.base = records.reset(0);
    view.state = 7;
    view.base = records.reset(100);
    expect([view.state, view.count, view.last]).toEqual([0, 0, 0]);
    view.base = records.reset(50);
    expect([view.state, view.count, view.last]).toEqual([0, 0, 0]);
  });
});

describe('a value', () => {
  test('is an unsigned number of 32 bits', () => {
    const records = new Records(View.width);
    const view = new View(records);
    view.base = records.reset(0);
    view.state = 0xffff_ffff;
    view.count = -1;
    view.last = 2 ** 32 + 5;
    expect([view.state, view.count, view.last]).toEqual([0xffff_ffff, 0xffff_ffff, 5]);
    view.state++;
    expect(view.state).toBe(0);
  });
});

describe('views of one table', () => {
  test('see the same words, each at its own row', () => {
    const records = new Records(View.width);
    const [one, other] = [new View(records), new View(records)];
    one.base = records.reset(0);
    other.base = records.reset(1);
    one.count = 5;
    other.count = 6;
    expect([one.count, other.count]).toEqual([5, 6]);
    other.base = one.base;
    expect(other.count).toBe(5);
  });

  test('follow the table when it grows, whichever asked for it', () => {
    const records = new Records(View.width, 1);
    const [one, other] = [new View(records), new View(records)];
    one.base = other.base = records.reset(0);
    one.state = 1;
    records.reset(1000);
    one.count = 2;
    other.last = 3;
    expect([other.state, other.count, one.last]).toEqual([1, 2, 3]);
  });

  test('of different classes may share a row', () => {
    const Tail = recordView(['x', 'y']);
    const records = new Records(View.width + Tail.width);
    const [head, tail] = [new View(records), new Tail(records)];
    head.base = records.reset(1);
    tail.base = head.base + View.width;
    head.last = 1;
    tail.x = 2;
    expect(Array.from(records.words.subarray(head.base, head.base + 5))).toEqual([0, 0, 1, 2, 0]);
  });

  test('may be extended by what is computed from fields: they follow the table too', () => {
    class Doubling extends View {
      get twice(): number {
        return this.count * 2;
      }
    }
    const records = new Records(View.width, 1);
    const [made, doubling] = [new View(records), new Doubling(records)];
    made.base = doubling.base = records.reset(100);
    made.count = 5;
    expect([doubling.twice, Object.hasOwn(doubling, 'count')]).toEqual([10, false]);
  });

  test('of different tables are apart', () => {
    const [first, second] = [new Records(View.width), new Records(View.width)];
    const [one, other] = [new View(first), new View(second)];
    one.base = first.reset(0);
    other.base = second.reset(0);
    one.count = 5;
    expect(other.count).toBe(0);
  });
});

describe('a name of a field', () => {
  test.each(['', 'a b', '0th', 'State', 'a_b', 'x; }', "x'", 'ä', '__proto__'])(
    'is in camel case, which %j is not',
    name => {
      expect(() => recordView(['first', name])).toThrow(`record view: '${name}' cannot be the name of a field`);
    },
  );

  test.each(['base', 'words', 'constructor', 'toString'])('is not what every view has, as %s', name => {
    expect(() => recordView([name])).toThrow(name);
  });

  test('comes once', () => {
    expect(() => recordView(['state', 'count', 'state'])).toThrow('state');
  });

  test.each(['get', 'set', 'static', 'new', 'delete', 'await'])('may be a word of the language: %s', name => {
    const records = new Records(1);
    const view = new (recordView([name]))(records);
    view.base = records.reset(0);
    view[name] = 7;
    expect([view[name], records.words[0]]).toEqual([7, 7]);
  });
});

test('whatever is written and reset, the table is what a list of rows would be', () => {
  const step = fc.record({ row: fc.nat(200), reset: fc.boolean(), value: fc.nat(0xffff_ffff) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), steps => {
      const records = new Records(View.width, 1);
      const view = new View(records);
      const model = new Map<number, number>();
      for (const { row, reset, value } of steps) {
        if (reset || !model.has(row)) {
          records.reset(row);
          model.set(row, 0);
        }
        view.base = row * View.width;
        expect(view.count).toBe(model.get(row));
        view.count = value;
        model.set(row, value);
      }
    }),
  );
});

test('an array is given room only when it needs it, and keeps what it holds', () => {
  const array = Uint8Array.of(7, 8);
  expect(withRoomFor(array, 1)).toBe(array);
  expect([...withRoomFor(array, 2)]).toEqual([7, 8, 0, 0]);
  expect(withRoomFor(new Uint32Array(2), 9)).toEqual(new Uint32Array(10));
});

describe('fields that share a word', () => {
  const Packed = recordView(['before', ['first', 'second', 'third', 'fourth'], ['alone'], 'after']);

  test('are a byte each, and none spills into another', () => {
    const records = new Records(Packed.width);
    const view = new Packed(records);
    view.base = records.reset(1);
    Object.assign(view, { before: 0xffff_ffff, first: 1, second: 255, third: 0x80, fourth: 0xff, alone: 7, after: 9 });
    view.second = 256 + 3;
    view.third = 0;
    expect([view.first, view.second, view.third, view.fourth]).toEqual([1, 3, 0, 255]);
    expect(Array.from(records.words.subarray(4, 8))).toEqual([0xffff_ffff, 0xff00_0301, 7, 9]);
  });

  test('are four at most, and no two have one name', () => {
    expect(() => recordView([['a', 'b', 'c', 'd', 'e']])).toThrow("'a b c d e' are more than the four bytes of a word");
    expect(() => recordView(['a', ['b', 'a']])).toThrow("'a' cannot be the name of a field");
  });
});
