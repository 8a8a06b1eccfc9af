/** Connections as a whole: whose they are, how they follow each other on a pair of ports, what they may cost. */
import { describe, expect, test } from 'vitest';
import { PIECE_COST, STREAM_COST } from '../../src/net/pending.ts';
import { FIN, SYN } from '../../src/testkit/packet.ts';
import { CLIENT, SERVER, type Segment, TcpTalk } from '../kit/tcp.ts';
import { Reassembled, reported, reportedAt } from './reassembled.ts';

const talk = () => new TcpTalk().open();

/** The segments in another order, by their indices. */
function inOrder(conversation: TcpTalk, ...indices: readonly number[]): TcpTalk {
  return conversation.with(indices.map(index => conversation.segments[index]));
}

describe('who is the client, and whether the start was seen', () => {
  const facts = (segments: readonly Segment[]) => {
    const { streams } = new Reassembled().take(segments);
    return [streams.facts.clientSide(3), streams.facts.fromStart(3), streams.facts.segments(3)];
  };
  const conversation = talk().client('x').server('y');

  test.each([
    ['all was seen', [0, 1, 2, 3, 4], [CLIENT, true, 5]],
    ['only a SYN', [0], [CLIENT, true, 1]],
    ['a SYN, without its answer: the server may have spoken', [0, 2, 3, 4], [CLIENT, false, 4]],
    ['a SYN, then bytes of the server', [0, 4], [CLIENT, false, 2]],
    ['the SYN-ACK came first', [1, 2, 3, 4], [CLIENT, true, 4]],
    ['midstream, the client speaks', [3, 4], [CLIENT, false, 2]],
    ['midstream, the server speaks', [4], [SERVER, false, 1]],
    ['midstream, then a SYN that does not fit', [4, 0], [SERVER, false, 2]],
  ])('%s', (_what, indices, expected) => {
    expect(facts(inOrder(conversation, ...indices).segments)).toEqual(expected);
  });

  test('both sides send a SYN at once', () => {
    const crossing = new TcpTalk()
      .syn()
      .synAck('', { ack: null })
      .syn('', { ack: 0 })
      .synAck('', { ack: 0 })
      .client('x');
    expect(reported(crossing)).toEqual(['client x']);
    expect(facts(crossing.segments)).toEqual([CLIENT, true, 5]);
  });
});

describe('a pair of ports used again', () => {
  const again = () => new TcpTalk({ isns: [700_000, 900_000], seconds: 2_000 });
  const joined = (first: TcpTalk, second: TcpTalk) => first.with([...first.segments, ...second.segments]);

  test.each([
    ['after both FINs', () => talk().client('old').close()],
    ['after a reset', () => talk().client('old').reset(SERVER)],
    ['after a refusal', () => new TcpTalk().syn().reset(SERVER, { at: -50_001 })],
  ])('%s: a SYN opens another connection at once', (_when, first) => {
    const reassembled = new Reassembled().take(first().segments);
    const before = reassembled.reported.length;
    reassembled.take(again().syn().segments);
    expect(reassembled.reported.slice(before)).toEqual(['restart']);
    expect([reassembled.streams.facts.segments(3), reassembled.streams.facts.fromStart(3)]).toEqual([1, true]);
    reassembled.take(again().open().client('new').server('yes').segments.slice(1));
    expect(reassembled.reported.slice(before)).toEqual(['restart', 'client new', 'server yes']);
  });

  test('the other side may be the client then', () => {
    const reassembled = new Reassembled().take(talk().close().segments);
    const swapped = again()
      .open()
      .client('new')
      .segments.map(s => ({ ...s, side: s.side === CLIENT ? SERVER : CLIENT }) as const);
    reassembled.take(swapped);
    expect(reassembled.reported.slice(2)).toEqual(['restart', 'server new']);
    expect(reassembled.streams.facts.clientSide(3)).toBe(SERVER);
  });

  test('while one is open, a SYN is only a candidate', () => {
    const first = talk().client('old');
    const stray = again().syn();
    const conversation = joined(first, stray);
    expect(
      reported(
        joined(
          conversation,
          talk().client('old').client('er').with(talk().client('old').client('er').segments.slice(4)),
        ),
      ),
    ).toEqual(['client old', 'client er']);
  });

  test('a candidate counts when the peer acknowledges it', () => {
    expect(reported(joined(talk().client('old'), again().open().client('new').server('yes')))).toEqual([
      'client old',
      'restart',
      'client new',
      'server yes',
    ]);
  });

  test('a candidate counts when its side goes on behind it', () => {
    const second = again().open().client('new').server('yes');
    const reassembled = new Reassembled().take(joined(talk().client('old'), inOrder(second, 0, 3, 4)).segments);
    expect(reassembled.reported).toEqual(['client old', 'restart', 'client new', 'server yes']);
    expect([reassembled.streams.facts.segments(3), reassembled.streams.facts.clientSide(3)]).toEqual([3, CLIENT]);
  });

  test('the answer to a SYN that was not seen is a candidate as well', () => {
    const second = again().open().server('yes').client('new');
    const reassembled = new Reassembled().take(joined(talk().client('old'), inOrder(second, 1, 3, 4)).segments);
    expect(reassembled.reported).toEqual(['client old', 'restart', 'server yes', 'client new']);
    expect(reassembled.streams.facts.clientSide(3)).toBe(CLIENT);
  });

  test('a SYN that was never answered gives way to the one that is', () => {
    expect(reported(joined(new TcpTalk().syn(), again().open().client('new')))).toEqual(['restart', 'client new']);
  });

  test('the answer to neither SYN is of another connection', () => {
    const stray = new TcpTalk({ isns: [5, 6] }).open().segments[1];
    const conversation = talk().client('x');
    expect(reported(conversation.with(conversation.segments.toSpliced(1, 0, stray)))).toEqual(['client x']);
  });

  test('a SYN once more is no other connection, open or over', () => {
    const conversation = new TcpTalk().syn().again().synAck().again().client('').client('x');
    expect(reported(conversation)).toEqual(['client x']);
    expect(reported(conversation.close().again(0).again(2))).toEqual(['client x', 'client end', 'server end']);
  });

  test('what waited in the old one is delivered before, at its own frame', () => {
    const first = talk().client('b', { at: 1 });
    expect(reportedAt(joined(first, again().open().client('new')))).toEqual([
      '4 client gap 1',
      '4 client b',
      '6 restart',
      '8 client new',
    ]);
  });

  test.each([
    ['long before the new numbers', 600_000 - 2 ** 20],
    ['just before the new numbers', 699_900],
    ['ahead of the new numbers', 700_000 + 2 ** 29],
    ['half a round away', 2 ** 31],
  ])('late segments of the old one do not confuse the new one: %s', (_where, number) => {
    const old = new TcpTalk({ isns: [number, 300_000] })
      .open()
      .client('OLD OLD OLD OLD')
      .server('OLD')
      .fin(CLIENT)
      .fin(SERVER);
    const late = old.segments.slice(3);
    const second = again().open().client('new new new new').server('yes').close().segments;
    const stirred = second.flatMap((segment, index) => (index === 0 || index === 2 ? [segment, ...late] : [segment]));
    const reassembled = new Reassembled().take(talk().close().segments).take(stirred).finish();
    expect(reassembled.reported.slice(2)).toEqual([
      'restart',
      'client new new new new',
      'server yes',
      'client end',
      'server end',
    ]);
  });
});

describe('a connection that nobody wants', () => {
  test('is not delivered, and keeps nothing', () => {
    const reassembled = new Reassembled({
      onReported: ({ streams }, line) => {
        if (line === 'client one') streams.ignore(3);
      },
    });
    const conversation = talk().client('two', { at: 3 }).server('later', { at: 5, ack: 0 });
    conversation.client('one', { at: 0, ack: 0 }).client('four', { ack: 0 });
    reassembled.take(conversation.server('x', { at: 0 }).reset(CLIENT).segments);
    expect(reassembled.reported).toEqual(['client one']);
    expect([reassembled.streams.pendingCost, reassembled.streams.facts.segments(3)]).toEqual([0, 9]);
    expect(reassembled.finish().reported).toEqual(['client one']);
  });

  test('is over as soon as another begins on its ports', () => {
    const reassembled = new Reassembled().take(talk().client('old').segments);
    reassembled.streams.ignore(3);
    reassembled.take(talk().segments);
    expect(reassembled.reported).toEqual(['client old']);
    reassembled.take(new TcpTalk({ isns: [700_000, 900_000] }).open().client('new').segments);
    expect(reassembled.reported).toEqual(['client old', 'restart', 'client new']);
  });

  test('ignored at its SYN, it is not begun again by the answer', () => {
    const reassembled = new Reassembled().take(new TcpTalk().syn().segments);
    reassembled.streams.ignore(3);
    expect(reassembled.take(talk().client('x').segments.slice(1)).reported).toEqual([]);
  });

  test.each(['client resent same', 'client gap 1', 'client end', 'restart'])(
    'may be given up at any word: %s',
    word => {
      const reassembled = new Reassembled({
        onReported: ({ streams }, line) => {
          if (line === word) streams.ignore(3);
        },
      });
      const first = talk()
        .client('one')
        .again()
        .client('two', { at: 4 })
        .server('', { ack: 7 })
        .fin(CLIENT)
        .server('x');
      const second = new TcpTalk({ isns: [700_000, 900_000] }).open().client('new');
      reassembled.take(first.segments);
      const all = ['client one', 'client resent same', 'client gap 1', 'client two', 'client end', 'server x'];
      expect(reassembled.reported).toEqual(all.slice(0, word === 'restart' ? all.length : all.indexOf(word) + 1));
      const before = reassembled.reported.length;
      reassembled.take(second.segments);
      expect(reassembled.reported.slice(before)).toEqual(['restart', 'client new']);
      expect(reassembled.streams.pendingCost).toBe(0);
    },
  );
});

describe('ids of flows', () => {
  test('one that is given out again shows nothing of its earlier owner', () => {
    const reassembled = new Reassembled().take(
      talk().client('b', { at: 1 }).client('x', { at: 5, flags: FIN }).segments,
    );
    reassembled.take(new TcpTalk({ isns: [7, 9] }).open().client('new').segments, 3, true);
    expect(reassembled.reported).toEqual(['client new']);
    expect([reassembled.streams.facts.segments(3), reassembled.streams.pendingCost]).toEqual([4, 0]);
  });

  test('one that is finished is forgotten', () => {
    const reassembled = new Reassembled().take(talk().client('old').segments).finish();
    expect(reassembled.streams.facts.segments(3)).toBe(0);
    expect(reassembled.finish().reported).toEqual(['client old']);
  });

  test('flows do not disturb each other', () => {
    const reassembled = new Reassembled();
    const { segments } = talk().client('b', { at: 1 }).client('a', { at: 0 });
    segments.forEach(segment => {
      for (const flow of [0, 1, 5_000]) reassembled.take([segment], flow, segment === segments[0]);
    });
    expect(reassembled.reported).toEqual(['client a', 'client b', 'client a', 'client b', 'client a', 'client b']);
  });
});

describe('bounds on what waits', () => {
  /** Of a stream of which `pieces` wait, of `bytes` each. */
  const cost = (pieces: number, bytes: number) => STREAM_COST + pieces * (PIECE_COST + bytes);

  test('of a stream: the hole in its way is given up, and counted once a direction', () => {
    const reassembled = new Reassembled({ limits: { streamBytes: cost(2, 2) } });
    const conversation = talk()
      .client('bb', { at: 1 })
      .client('cc', { at: 4 })
      .client('dd', { at: 7 })
      .client('ee', { at: 10 });
    reassembled.take(conversation.segments);
    expect(reassembled.reportedAt).toEqual(['6 client gap 1', '6 client bb', '7 client gap 1', '7 client cc']);
    expect(reassembled.streams.givenUp).toBe(1);
    expect(reassembled.streams.pendingCost).toBe(cost(2, 2));
  });

  test('over all streams: the one that hits it gives up its hole', () => {
    const reassembled = new Reassembled({ limits: { bytes: 2 * cost(1, 2) } });
    const { segments } = talk().client('bb', { at: 1 });
    for (const flow of [1, 2, 3]) reassembled.take(segments, flow, true);
    expect(reassembled.reportedAt).toEqual(['12 client gap 1', '12 client bb']);
    expect([reassembled.streams.givenUp, reassembled.streams.pendingCost]).toEqual([1, 2 * cost(1, 2)]);
  });

  test('a segment that is larger than all room there is, is delivered behind a gap', () => {
    const reassembled = new Reassembled({ limits: { bytes: 10 } });
    reassembled.take(talk().client('hello', { at: 1 }).fin(CLIENT, { at: 8 }).segments);
    expect(reassembled.reported).toEqual(['client gap 1', 'client hello', 'client gap 2', 'client end']);
  });

  test('very many segments of one byte, each behind a hole of one', () => {
    const reassembled = new Reassembled();
    const conversation = talk();
    for (let i = 0; i < 20_000; i++) conversation.client('x', { at: 2 * i + 1 });
    reassembled.take(conversation.segments);
    expect(reassembled.streams.pendingCost).toBeLessThanOrEqual(1024 * 1024);
    const waiting = Math.floor((1024 * 1024 - STREAM_COST) / (PIECE_COST + 1));
    expect(reassembled.reported).toHaveLength(2 * (20_000 - waiting));
    expect(reassembled.finish().reported).toHaveLength(40_000);
  });
});

test('a SYN of a side that was silent does not undo the end of the other', () => {
  const conversation = new TcpTalk().client('x', { ack: null }).fin(CLIENT, { ack: null });
  conversation.synAck('', { ack: null }).client('late', { ack: null }).server('y');
  expect(reported(conversation)).toEqual(['client x', 'client end', 'server y']);
});

test('a SYN that comes again when the numbers have gone once round is no place to go back to', () => {
  const conversation = new TcpTalk().syn().synAck();
  for (let round = 1; round <= 3; round++) conversation.server('', { ack: round * 2 ** 30 });
  const reassembled = new Reassembled().take(conversation.again(0).syn('x').segments).finish();
  expect(reassembled.reported).toEqual(Array(3).fill(`client gap ${2 ** 30}`));
  expect(reassembled.streams.pendingCost).toBe(0);
});

test('flags that make no sense together', () => {
  const odd = talk()
    .client('x', { flags: SYN | FIN })
    .client('y', { at: 0 });
  expect(() => new Reassembled().take(odd.segments).finish()).not.toThrow();
});
