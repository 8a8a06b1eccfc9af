import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIFFERS, SAME, StreamMemory, UNKNOWN, UNSEEN } from '../../src/storage/stream-memory.ts';
import { concat } from '../../src/testkit/bytes.ts';

const CAPACITY = 65_536;

/** A stream in a memory: keeps the head of its chain, as a tracker does. */
class Stream {
  readonly memory: StreamMemory;
  readonly owner: number;
  newest = 0;

  constructor(memory = new StreamMemory(CAPACITY), owner = 1) {
    this.memory = memory;
    this.owner = owner;
  }

  /** Sends new bytes at an offset. */
  append(start: number, content: string | Uint8Array): this {
    const bytes = among(content);
    this.newest = this.memory.append(this.owner, this.newest, start >>> 0, bytes, 3, bytes.length - 5);
    return this;
  }

  /** Holds bytes at an offset against what was sent. */
  compare(start: number, content: string | Uint8Array): number {
    const bytes = among(content);
    return this.memory.compare(this.owner, this.newest, start >>> 0, bytes, 3, bytes.length - 5);
  }
}

/** The content as it lies in a packet: other bytes before and behind. */
function among(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const packet = new Uint8Array(bytes.length + 5).fill(0xee);
  packet.set(bytes, 3);
  return packet;
}

describe('bytes sent again', () => {
  test('are the same, in the cut they were sent in', () => {
    expect(new Stream().append(0, 'hello').compare(0, 'hello')).toBe(SAME);
  });

  test.each([
    [0, 'hello world'],
    [3, 'lo wo'],
    [5, ' '],
    [6, 'world'],
    [4, 'o w'],
  ])('are the same in another cut: %d "%s"', (start, content) => {
    const stream = new Stream().append(0, 'hel').append(3, 'lo ').append(6, 'world');
    expect(stream.compare(start, content)).toBe(SAME);
  });

  test('are the same, and differ in any byte, whatever their number', () => {
    for (let length = 1; length <= 200; length++) {
      const content = Uint8Array.from({ length }, (_, at) => at + 1);
      const stream = new Stream().append(0, 'other packet').append(12, content);
      expect(stream.compare(12, content)).toBe(SAME);
      for (let at = 0; at < length; at++) {
        expect(stream.compare(12, content.with(at, 0xff))).toBe(DIFFERS);
        expect(stream.memory.differsAt).toBe(12 + at);
      }
    }
  });

  test('are the same when they lie in a part of a buffer', () => {
    const buffer = new TextEncoder().encode('.....hello world.....');
    const memory = new StreamMemory(CAPACITY);
    const first = memory.append(1, 0, 0, buffer.subarray(5), 0, 6);
    const second = memory.append(1, first, 6, buffer.subarray(1, 16), 10, 5);
    const content = new TextEncoder().encode('hello world');
    expect(memory.compare(1, second, 0, content, 0, content.length)).toBe(SAME);
  });

  test('differ: the first different byte is named', () => {
    const stream = new Stream().append(0, 'hello ').append(6, 'world');
    expect(stream.compare(0, 'hellO world')).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(4);
    expect(stream.compare(4, 'o worLD')).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(9);
  });

  test('differ in two records: the earliest byte is named', () => {
    const stream = new Stream().append(0, 'hello ').append(6, 'world');
    expect(stream.compare(0, 'Hello World')).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(0);
  });

  test('of no length are the same as anything', () => {
    expect(new Stream().compare(0, '')).toBe(SAME);
  });

  test('long ones are the same, and differ in their last byte', () => {
    const long = Uint8Array.from({ length: 1_400 }, (_, i) => i & 0xff);
    const stream = new Stream().append(0, long);
    expect(stream.compare(0, long)).toBe(SAME);
    expect(stream.compare(0, long.with(1_399, 0))).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(1_399);
  });
});

describe('bytes that were not sent before', () => {
  test('of a stream that has sent nothing', () => {
    expect(new Stream().compare(0, 'hello')).toBe(UNSEEN);
  });

  test.each([
    ['before all that was sent', 5, 'world'],
    ['beyond all that was sent', 20, 'world'],
    ['some of them beyond', 13, 'lo!'],
    ['some of them before', 9, '_hell'],
    ['in a gap', 15, '??'],
  ])('%s', (_where, start, content) => {
    const stream = new Stream().append(10, 'hello').append(17, 'you');
    expect(stream.compare(start, content)).toBe(UNSEEN);
  });

  test('do not hide one beside them that differs', () => {
    const stream = new Stream().append(10, 'hello').append(17, 'you');
    expect(stream.compare(13, 'lO  you')).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(14);
  });
});

describe('streams', () => {
  test('are kept apart by their owners', () => {
    const memory = new StreamMemory(CAPACITY);
    const [one, other] = [new Stream(memory, 1), new Stream(memory, 2)];
    one.append(0, 'hello');
    other.append(0, 'world');
    expect([one.compare(0, 'hello'), other.compare(0, 'world'), one.compare(0, 'world')]).toEqual([
      SAME,
      SAME,
      DIFFERS,
    ]);
  });

  test('a chain that leads to a record of another is not followed', () => {
    const memory = new StreamMemory(CAPACITY);
    const one = new Stream(memory, 1).append(0, 'hello');
    const other = new Stream(memory, 2);
    other.newest = one.newest;
    expect(other.compare(0, 'world')).toBe(UNKNOWN);
  });
});

describe('what the memory has no room for', () => {
  const block = (seed: number) => Uint8Array.from({ length: 1_000 }, (_, i) => (i * 7 + seed) & 0xff);

  test('is forgotten, oldest first, and what is left is known', () => {
    const stream = new Stream();
    for (let i = 0; i < 100; i++) stream.append(i * 1_000, block(i));
    expect(stream.compare(99_000, block(99))).toBe(SAME);
    expect(stream.compare(60_000, block(60))).toBe(SAME);
    expect(stream.compare(0, block(0))).toBe(UNKNOWN);
    expect(stream.compare(0, block(1))).toBe(UNKNOWN);
  });

  test('does not make unknown what goes on behind all that was sent', () => {
    const stream = new Stream();
    for (let i = 0; i < 100; i++) stream.append(i * 1_000, block(i));
    expect(stream.compare(100_000, 'hello')).toBe(UNSEEN);
  });

  test('still shows a difference in the part that is left', () => {
    const stream = new Stream();
    for (let i = 0; i < 100; i++) stream.append(i * 1_000, block(i));
    const all = concat(...Array.from({ length: 100 }, (_, i) => block(i)));
    expect(stream.compare(0, all)).toBe(UNKNOWN);
    expect(stream.compare(0, all.with(99_999, 0))).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(99_999);
  });

  test('is forgotten of a silent stream when others speak', () => {
    const memory = new StreamMemory(CAPACITY);
    const silent = new Stream(memory, 1).append(0, 'hello');
    const loud = new Stream(memory, 2);
    for (let i = 0; i < 100; i++) loud.append(i * 1_000, block(i));
    expect(silent.compare(0, 'hello')).toBe(UNKNOWN);
    expect(silent.append(5, ' world').compare(5, ' world')).toBe(SAME);
    expect(silent.compare(0, 'hello world')).toBe(UNKNOWN);
  });

  test('a message too large to keep is not known, and not called unseen', () => {
    const huge = new Uint8Array(20_000).fill(0x61);
    const stream = new Stream().append(0, 'hello').append(5, huge);
    expect(stream.compare(5, huge)).toBe(UNKNOWN);
    stream.append(20_005, 'world');
    expect([stream.compare(20_005, 'world'), stream.compare(5, 'aaa')]).toEqual([SAME, UNKNOWN]);
  });

  test('the capacity is never less than 64 KiB, whatever is asked for', () => {
    const stream = new Stream(new StreamMemory(1));
    for (let i = 0; i < 50; i++) stream.append(i * 1_000, block(i));
    expect(stream.compare(0, block(0))).toBe(SAME);
  });
});

describe('a stream of very many small messages', () => {
  test('is followed back over a bounded number of them', () => {
    const stream = new Stream(new StreamMemory(1024 * 1024));
    for (let i = 0; i < 1_500; i++) stream.append(i, 'x');
    expect(stream.compare(1_499 - 1_000, 'x')).toBe(SAME);
    expect(stream.compare(1_499 - 1_023, 'x')).toBe(SAME);
    expect(stream.compare(1_499 - 1_024, 'x')).toBe(UNKNOWN);
    expect(stream.compare(0, 'y')).toBe(UNKNOWN);
  });
});

describe('offsets that pass 2^32', () => {
  const NEAR = 2 ** 32 - 3;

  test('within a message', () => {
    const stream = new Stream().append(NEAR, 'hello').append(2, ' world');
    expect(stream.compare(NEAR, 'hello world')).toBe(SAME);
    expect(stream.compare(0, 'lo w')).toBe(SAME);
    expect(stream.compare(NEAR, 'helLo')).toBe(DIFFERS);
    expect(stream.memory.differsAt).toBe(0);
  });

  test('between messages', () => {
    const stream = new Stream().append(2 ** 32 - 5, 'hello').append(0, 'world');
    expect(stream.compare(2 ** 32 - 5, 'helloworld')).toBe(SAME);
    expect(stream.compare(2 ** 32 - 9, 'hey')).toBe(UNSEEN);
  });
});

test('the answer is that of a plain model that forgets nothing, as far as the memory reaches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 600 });
  const flips = fc.array(fc.nat(600), { maxLength: 3 });
  const step = fc.record({ owner: fc.nat(2), gap: fc.nat(3), text: letters, back: fc.nat(2_000), flips });
  const origin = fc.constantFrom(0, 2 ** 31, 2 ** 32 - 100);
  fc.assert(
    fc.property(origin, fc.array(step, { maxLength: 150 }), (origin, steps) => {
      const memory = new StreamMemory(CAPACITY);
      const streams = [1, 2, 3].map(owner => new Stream(memory, owner));
      const models = streams.map((): string[] => []);
      let used = 0;
      for (const { owner, gap, text, back, flips } of steps) {
        const [stream, model] = [streams[owner], models[owner]];
        const start = Math.max(0, model.length - back);
        const again = Array.from(text, (letter, i) => model[start + i] ?? letter);
        for (const flip of flips) again[flip % again.length] = 'c';
        const wrong = again.findIndex((letter, i) => model[start + i] !== undefined && model[start + i] !== letter);
        const whole = again.every((_, i) => model[start + i] !== undefined);
        const answer = stream.compare(origin + start, again.join(''));
        const remembered = used < CAPACITY - 1_000;
        if (remembered || answer !== UNKNOWN) expect(answer).toBe(wrong >= 0 ? DIFFERS : whole ? SAME : UNSEEN);
        if (remembered && answer === DIFFERS) expect(memory.differsAt).toBe((origin + start + wrong) >>> 0);
        stream.append(origin + model.length + gap, text);
        model.length += gap;
        model.push(...text);
        // A record has a header of 16 bytes and is filled up to whole words.
        used += 16 + text.length + 3;
      }
    }),
  );
});
