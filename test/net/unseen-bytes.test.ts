/**
 * Acknowledgements of bytes that no segment brought: what is a sign that the capture missed something, and what is not.
 * Each conversation is played twice, to a sink that wants its bytes and to one that does not; both see the same.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIN, RST } from '../../src/testkit/packet.ts';
import { CLIENT, SERVER, type Segment, TcpTalk } from '../kit/tcp.ts';
import { Reassembled } from './reassembled.ts';

const talk = () => new TcpTalk().open();

/** Frames of the acknowledgements reported, by the time the flow is over. */
function unseen(segments: readonly Segment[]): number[] {
  const wanted = new Reassembled({ memory: 65_536 }).take(segments).finish();
  const passed = new Reassembled({ memory: 65_536 });
  passed.take(segments.slice(0, 1));
  passed.streams.ignore(3);
  passed.take(segments.slice(1)).finish();
  expect(passed.unseen).toEqual(wanted.unseen);
  return wanted.unseen;
}

const without = ({ segments }: TcpTalk, ...lost: readonly number[]) => segments.filter((_, at) => !lost.includes(at));

/** Segments at other times: seconds behind the first one. */
const at = (segments: readonly Segment[], ...times: readonly number[]) =>
  segments.map((segment, index) => ({ ...segment, seconds: 1_000 + times[index] }));

describe('is a sign', () => {
  test('a segment was not captured, the other side acknowledges it', () => {
    expect(unseen(without(talk().client('lost').server('yes').server('more'), 3))).toEqual([4]);
  });

  test('once a connection, however much is missing', () => {
    const conversation = talk().client('a').server('b').client('c').server('d').client('e').server('f');
    expect(unseen(without(conversation, 3, 5, 6))).toEqual([4]);
  });

  test('a hole between two segments', () => {
    const conversation = talk().client('abc').client('def').client('ghi').server('yes');
    expect(unseen(without(conversation, 4))).toEqual([6]);
  });

  test('a FIN that was not captured', () => {
    expect(unseen(without(talk().client('a').fin(CLIENT).server('b').fin(SERVER).client(''), 4))).toEqual([5]);
  });

  test('the first bytes of a side whose SYN was seen, or was answered', () => {
    const conversation = talk().client('lost').server('yes');
    expect(unseen(without(conversation, 3))).toEqual([4]);
    expect(unseen(without(conversation, 0, 3))).toEqual([3]);
  });

  test('in the middle, once all that was seen was acknowledged', () => {
    const conversation = talk().client('old').server('b').client('c').server('d').client('lost').server('f');
    expect(unseen(conversation.segments.slice(3).toSpliced(4, 1))).toEqual([5]);
  });

  test('where the bytes come again, but long after', () => {
    const conversation = talk().client('lost').server('').client('lost', { at: 0 });
    expect(unseen(at(without(conversation, 3), 0, 0, 0, 1, 1.3))).toEqual([4]);
  });

  test('as soon as it is certain, and not only when the connection is over', () => {
    const reassembled = new Reassembled();
    const segments = at(without(talk().client('lost').server('').server('a').server('b'), 3), 0, 0, 0, 1, 1.05, 1.2);
    reassembled.take(segments.slice(0, 5));
    expect(reassembled.unseen).toEqual([]);
    reassembled.take(segments.slice(5));
    expect(reassembled.unseen).toEqual([4]);
  });

  test('before both sides have ended, and before a reset', () => {
    for (const rest of [talk().client('lost').server('').close(), talk().client('lost').server('').reset(CLIENT)]) {
      const reassembled = new Reassembled({
        onReported: ({ unseen: frames, reported }) => void reported.push(`${frames.length}`),
      });
      reassembled.take(at(without(rest, 3), ...Array(20).fill(0)));
      expect(reassembled.reported.slice(-2)).toEqual([expect.stringMatching('end|reset'), '1']);
    }
  });

  test('a part of what was acknowledged', () => {
    const conversation = talk().client('abcdef').server('').client('ab', { at: 0 }).client('ef', { at: 4 });
    expect(unseen(at(without(conversation, 3), 0, 0, 0, 1, 1, 1))).toEqual([4]);
  });

  test.each([2 ** 32 - 4, 2 ** 32 - 6, 2 ** 31 - 4])('where the numbers wrap, ISN %i', isn => {
    const conversation = new TcpTalk({ isns: [isn, isn] })
      .open()
      .client('abc')
      .client('def')
      .client('ghi')
      .server('yes');
    expect(unseen(without(conversation, 4))).toEqual([6]);
    expect(unseen(conversation.segments)).toEqual([]);
  });
});

describe('is none', () => {
  test('a whole conversation', () => {
    expect(unseen(talk().client('a').server('b').client('c').close().segments)).toEqual([]);
  });

  test('bytes and FIN in one segment, and what comes again', () => {
    const conversation = talk()
      .client('a', { flags: FIN })
      .again()
      .server('b', { flags: FIN })
      .again()
      .client('')
      .again(4);
    expect(unseen(conversation.segments)).toEqual([]);
  });

  test('an acknowledgement captured a little before what it acknowledges', () => {
    const { segments } = talk().client('abc').client('def').server('');
    const [a, b, c, one, two, acknowledgement] = segments;
    for (const order of [
      [acknowledgement, one, two],
      [one, acknowledgement, two],
      [acknowledgement, two, one],
    ]) {
      expect(unseen(at([a, b, c, ...order], 0, 0, 0, 1, 1.004, 1.009))).toEqual([]);
    }
  });

  test('nor its FIN', () => {
    const [a, b, c, fin, acknowledgement] = talk().fin(CLIENT).server('').segments;
    expect(unseen(at([a, b, c, acknowledgement, fin], 0, 0, 0, 1, 1.01))).toEqual([]);
  });

  test('segments out of order', () => {
    const [a, b, c, one, two, three, rest] = talk().client('abc').client('def').client('ghi').server('').segments;
    expect(unseen([a, b, c, three, one, two, rest])).toEqual([]);
    expect(unseen([a, b, c, two, three, one, rest])).toEqual([]);
  });

  test('a hole that nobody acknowledges', () => {
    const conversation = talk().client('a').client('b').server('', { ack: 1 }).server('', { ack: 1 });
    expect(unseen(without(conversation, 3).slice(0, 4))).toEqual([]);
  });

  test('bytes that the snap length has cut', () => {
    expect(unseen(talk().client('hello', { cut: 3 }).server('').client('x', { cut: 1 }).server('').segments)).toEqual(
      [],
    );
    const early = talk().client('abc').client('hello', { cut: 3 }).server('');
    const [a, b, c, first, second, third] = early.segments;
    expect(unseen([a, b, c, second, first, third])).toEqual([]);
  });

  test('keep-alives, with a byte or without, and their answers', () => {
    const conversation = talk()
      .client('abc')
      .server('')
      .client('', { at: 2 })
      .server('')
      .client('x', { at: 2 })
      .server('');
    expect(unseen(conversation.segments)).toEqual([]);
  });

  test('what was sent before the capture', () => {
    const conversation = talk().client('abc').client('def').server('', { ack: 3 }).server('', { ack: 6 }).client('g');
    for (let first = 1; first < 7; first++) expect(unseen(conversation.segments.slice(first))).toEqual([]);
  });

  test('a retransmission when the capture begins, and an acknowledgement of what had come before it', () => {
    const { segments } = talk().client('abc').client('defghi').client('abc', { at: 0 }).server('', { ack: 9 });
    expect(unseen(segments.slice(5))).toEqual([]);
  });

  test('a side of which nothing was ever seen', () => {
    const conversation = talk().client('a').server('b').client('c').server('d').client('e');
    expect(unseen(conversation.segments.filter(({ side }) => side === CLIENT))).toEqual([]);
    expect(unseen(conversation.segments.slice(3).filter(({ side }) => side === CLIENT))).toEqual([]);
  });

  test('the acknowledgement in a reset, and what comes behind it', () => {
    const conversation = talk().client('a').server('', { ack: 500, flags: RST }).server('', { ack: 500 });
    expect(unseen(conversation.segments)).toEqual([]);
  });

  test('another connection on the same ports', () => {
    const first = talk().client('a').close();
    const second = new TcpTalk({ isns: [700_000, 900_000], seconds: 2_000 }).open().client('b').server('c');
    expect(unseen([...first.segments, ...second.segments])).toEqual([]);
    expect(unseen([...first.segments, ...without(second, 3)])).toEqual([11]);
  });
});

test('who has spoken is known of each connection', () => {
  const { segments } = talk().client('a').server('b');
  const spoke = (those: readonly Segment[]) => new Reassembled().take(those).streams.facts.spoke(3);
  expect(spoke(segments)).toBe(3);
  expect(spoke(segments.filter(({ side }) => side === CLIENT))).toBe(1);
  expect(spoke(segments.filter(({ side }) => side === SERVER))).toBe(2);
  const again = new TcpTalk({ isns: [700_000, 900_000] }).syn().segments;
  expect(spoke([...talk().close().segments, ...again])).toBe(1);
});

/** Two sides that take turns at random, each segment acknowledging all that has come. */
const turns = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 5 })), { maxLength: 30 });

test('any conversation with one segment missing: the next acknowledgement that passes it is reported, if there is one', () => {
  fc.assert(
    fc.property(turns, fc.nat(40), fc.nat(2 ** 32 - 1), fc.boolean(), (said, lost, isn, ends) => {
      const conversation = new TcpTalk({ isns: [isn, (isn * 3) >>> 0] }).open();
      for (const [client, length] of said) conversation.send(client ? CLIENT : SERVER, 'x'.repeat(length));
      if (ends) conversation.close();
      const { segments } = conversation;
      const index = 3 + (lost % Math.max(1, segments.length - 3));
      const missing = segments[index];
      const isSpace = missing === undefined || (missing.payload.length === 0 && (missing.flags & FIN) === 0);
      const next = segments.findIndex((segment, at) => at > index && segment.side !== missing.side);
      expect(unseen(segments)).toEqual([]);
      expect(unseen(segments.toSpliced(index, 1))).toEqual(isSpace || next < 0 ? [] : [next]);
    }),
    { numRuns: 300 },
  );
});
