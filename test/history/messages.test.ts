/** The index gives back what was entered, across blocks, and at the edges of its bit fields. */
import { expect, test } from 'vitest';
import { type MessageFacts, MessageIndex } from '../../src/history/messages.ts';
import { VIRTUAL } from '../../src/net/extents.ts';
import { Message } from '../../src/wire/message.ts';

const FACTS: MessageFacts = { connection: 1, side: 0, kind: 0, states: 0, repeated: false };

function message(given: Partial<Message>): Message {
  return Object.assign(new Message(), given);
}

test('what is entered comes out again, to the last bit of each field', () => {
  const index = new MessageIndex();
  const kind = index.kinds.number('PING', undefined);
  const largest = message({
    frame: 0xffff_ffff,
    seconds: 0xffff_ffff,
    nanoseconds: 999_999_999,
    position: VIRTUAL + 2 ** 46,
    length: 0xffff_ffff,
    captured: 7,
    littleEndian: true,
  });
  index.add(largest, { connection: 0xffff_ffff, side: 1, kind, states: 0xff_03_02_01, repeated: true });
  expect([index.frame(0), index.connection(0), index.seconds(0), index.nanoseconds(0)]).toEqual([
    0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 999_999_999,
  ]);
  expect([index.side(0), index.repeated(0), index.littleEndian(0)]).toEqual([1, true, true]);
  expect([index.position(0), index.length(0), index.captured(0)]).toEqual([VIRTUAL + 2 ** 46, 0xffff_ffff, 7]);
  expect([index.name(0), index.layout(0), index.severity(0)]).toEqual(['PING', undefined, 0]);
  expect([index.stateBefore(0, 0), index.stateBefore(0, 1)]).toEqual([1, 2]);
  expect([index.stateAfter(0, 0), index.stateAfter(0, 1)]).toEqual([3, 255]);
});

test('an unknown position is none, and byte 4,294,967,295 of a capture is one', () => {
  const index = new MessageIndex();
  for (const position of [-1, 0, 2 ** 32 - 1, 2 ** 32, VIRTUAL]) index.add(message({ position }), FACTS);
  expect([0, 1, 2, 3, 4].map(at => index.position(at))).toEqual([-1, 0, 2 ** 32 - 1, 2 ** 32, VIRTUAL]);
});

test('the severity of a message can be raised and taken back without touching its neighbours in the word', () => {
  const index = new MessageIndex();
  index.add(message({ position: 2 ** 40, littleEndian: true, length: 4, captured: 4 }), FACTS);
  for (const severity of [3, 1, 2, 0]) {
    index.setSeverity(0, severity);
    expect([index.severity(0), index.position(0), index.littleEndian(0)]).toEqual([severity, 2 ** 40, true]);
  }
});

test('messages beyond a block, cut ones among them', () => {
  const index = new MessageIndex();
  const count = 200_000;
  for (let i = 0; i < count; i++) {
    index.add(message({ frame: i + 1, length: 1_000, captured: i % 1000 === 0 ? i / 1000 : 1_000 }), {
      ...FACTS,
      connection: 1 + (i % 3),
    });
  }
  expect(index.count).toBe(count);
  for (const i of [0, 1000, 65_535, 65_536, 131_000, 199_999]) {
    expect([i, index.frame(i), index.connection(i), index.captured(i)]).toEqual([
      i,
      i + 1,
      1 + (i % 3),
      i % 1000 === 0 ? i / 1000 : 1_000,
    ]);
  }
});

test('a frame is found by its number, wherever its messages were entered', () => {
  const index = new MessageIndex();
  // Frame 3 was handed on late, behind thousands of later ones; frame 7 holds two messages of connection 1.
  const frames = [1, 2, 7, 7, ...Array.from({ length: 10_000 }, (_, i) => 10 + i), 3];
  for (const frame of frames) index.add(message({ frame }), FACTS);
  expect(index.inFrame(7, 0, index.count, 1)).toEqual([2, 3]);
  expect(index.inFrame(7, 3, index.count, 1)).toEqual([3]);
  expect(index.inFrame(7, 0, index.count, 2)).toEqual([]);
  expect(index.inFrame(3, 0, index.count, 1)).toEqual([frames.length - 1]);
  expect([index.atFrame(3), index.atFrame(4), index.atFrame(9_000)]).toEqual([frames.length - 1, 2, 8_994]);
  expect(index.atFrame(99_999)).toBe(-1);
});

test('names from the wire are bounded: beyond the bound they share one', () => {
  const index = new MessageIndex();
  const numbers = Array.from({ length: 5_000 }, (_, i) => index.kinds.number(`unknown type ${i}`, undefined));
  expect(new Set(numbers).size).toBe(4_096);
  expect(index.kinds.name(numbers[4_999])).toBe('unknown type');
  expect(index.kinds.number('unknown type 17', undefined)).toBe(numbers[17]);
});
