/** What becomes of the bytes of one connection. Its life, and that of others on its ports, is in reassembly-connections.test.ts. */
import { describe, expect, test } from 'vitest';
import { FIN } from '../../src/testkit/packet.ts';
import { CLIENT, packetOf, SERVER, TcpTalk } from '../kit/tcp.ts';
import { Reassembled, reported, reportedAt } from './reassembled.ts';

const talk = () => new TcpTalk().open();

/** The segments in another order, by their indices. */
function inOrder(conversation: TcpTalk, ...indices: readonly number[]): TcpTalk {
  return conversation.with(indices.map(index => conversation.segments[index]));
}

describe('in order', () => {
  test('both directions are delivered as they come, and end', () => {
    expect(reportedAt(talk().client('GET').server('200').client('').close())).toEqual([
      '4 client GET',
      '5 server 200',
      '7 client end',
      '8 server end',
    ]);
  });

  test('bytes are handed on where they lie, not copied', () => {
    const segments = talk().client('hello').segments;
    const packets = segments.map(packetOf);
    const handed: Uint8Array[] = [];
    const reassembled = new Reassembled();
    reassembled.data = (_flow, _side, bytes) => handed.push(bytes);
    packets.forEach((packet, index) => {
      reassembled.streams.segment(0, segments[index].side, packet, index === 0);
    });
    expect(handed[0]).toBe(packets[3].bytes);
  });

  test('bytes with a FIN come before the end', () => {
    expect(reported(talk().client('bye', { flags: FIN }))).toEqual(['client bye', 'client end']);
  });

  test('a side goes on after the other has ended', () => {
    expect(reported(talk().fin(CLIENT).server('more').fin(SERVER))).toEqual([
      'client end',
      'server more',
      'server end',
    ]);
  });

  test('nothing comes after the end of both', () => {
    expect(reported(talk().close().client('late').server('late').reset(CLIENT))).toEqual(['client end', 'server end']);
  });

  test('bytes behind a FIN are none', () => {
    expect(reported(talk().fin(CLIENT).client('late'))).toEqual(['client end']);
  });

  test.each([2 ** 32 - 3, 2 ** 32 - 1, 2 ** 32 - 2, 2 ** 31 - 2])('sequence numbers wrap behind ISN %i', isn => {
    const conversation = new TcpTalk({ isns: [isn, isn] }).open().client('abc').client('def').server('ghi').close();
    const expected = ['client abc', 'client def', 'server ghi', 'client end', 'server end'];
    expect(reported(conversation)).toEqual(expected);
    expect(reported(inOrder(conversation, 0, 1, 2, 4, 3, 5, 6, 7, 8))).toEqual(expected);
  });

  test('a SYN may carry bytes, and so may its answer', () => {
    expect(reported(new TcpTalk().syn('early').synAck('data').client('late'))).toEqual([
      'client early',
      'server data',
      'client late',
    ]);
  });

  test('bytes of a SYN that were not taken are sent again', () => {
    const conversation = new TcpTalk().syn('early').synAck('', { ack: 0 }).client('early', { at: 0 });
    expect(reported(conversation)).toEqual(['client early', 'client resent same']);
  });
});

describe('out of order', () => {
  test('what comes early waits, and is delivered at the frame that fills the hole', () => {
    const conversation = talk().client('one').client('two').client('three').server('x');
    expect(reportedAt(inOrder(conversation, 0, 1, 2, 4, 5, 3, 6))).toEqual([
      '6 client one',
      '6 client two',
      '6 client three',
      '7 server x',
    ]);
  });

  test('a FIN that comes early waits too', () => {
    const conversation = talk().client('one').fin(CLIENT);
    expect(reportedAt(inOrder(conversation, 0, 1, 2, 4, 3))).toEqual(['5 client one', '5 client end']);
  });

  test('bytes that wait behind a FIN are not delivered', () => {
    const conversation = talk().client('late', { at: 3 }).client('one', { at: 0, flags: FIN });
    expect(reported(conversation)).toEqual(['client one', 'client end']);
    expect(reported(talk().client('onelate', { at: 2 }).fin(CLIENT, { at: 5 }).client('ab', { at: 0 }))).toEqual([
      'client ab',
      'client one',
      'client end',
    ]);
  });

  test('the first FIN counts, unless it lies before what was delivered', () => {
    expect(reported(talk().client('hello').fin(CLIENT, { at: 3 }).client('!').fin(CLIENT))).toEqual([
      'client hello',
      'client !',
      'client end',
    ]);
    expect(reported(talk().fin(CLIENT, { at: 5 }).fin(CLIENT, { at: 9 }).client('hello', { at: 0 }))).toEqual([
      'client hello',
      'client end',
    ]);
  });

  test('the answer that comes before its question changes nothing for either', () => {
    const conversation = talk().client('question').server('answer', { ack: 0 });
    expect(reported(inOrder(conversation, 0, 1, 2, 4, 3))).toEqual(['server answer', 'client question']);
  });

  test('what lies beyond any window is not of this connection', () => {
    const conversation = talk().client('far', { at: 2 ** 30 + 1 });
    expect(new Reassembled().take(conversation.segments).finish().reported).toEqual([]);
    const near = talk().client('far', { at: 2 ** 30 });
    expect(new Reassembled().take(near.segments).finish().reported).toEqual([`client gap ${2 ** 30}`, 'client far']);
  });
});

describe('sent again', () => {
  test('the same bytes once more', () => {
    expect(reported(talk().client('hello').again())).toEqual(['client hello', 'client resent same']);
  });

  test('in other pieces, and going on', () => {
    const conversation = talk().client('abc').client('def').client('bcdefghi', { at: 1 });
    expect(reported(conversation)).toEqual(['client abc', 'client def', 'client resent same', 'client ghi']);
  });

  test('what waits, once more', () => {
    const conversation = talk().client('def', { at: 3 }).again().client('abc', { at: 0 });
    expect(reported(conversation)).toEqual(['client resent same', 'client abc', 'client def']);
  });

  test('other bytes: the first copy counts, and it is reported once a direction', () => {
    const conversation = talk().client('hello').client('HELlo!', { at: 0 }).client('HELLO', { at: 0 });
    expect(reported(conversation)).toEqual(['client hello', 'client resent differs', 'client !']);
    expect(reported(conversation.server('yes').server('no!', { at: 0 })).slice(3)).toEqual([
      'server yes',
      'server resent differs',
    ]);
  });

  test('other bytes than those that wait', () => {
    const conversation = talk().client('def', { at: 3 }).client('abcDEFgh', { at: 0 });
    expect(reported(conversation)).toEqual(['client resent differs', 'client abc', 'client def', 'client gh']);
  });

  test('a segment around several that wait fills what they left', () => {
    const conversation = talk().client('c', { at: 2 }).client('ef', { at: 4 }).client('bcdefg', { at: 1 }).client('a', {
      at: 0,
    });
    expect(reported(conversation)).toEqual([
      'client resent same',
      ...[...'abcd'].map(c => `client ${c}`),
      'client ef',
      'client g',
    ]);
  });

  test('it is not known any more what was sent', () => {
    const conversation = new TcpTalk({ mss: 1_000 }).open().client('a'.repeat(100_000)).client('b', { at: 0 });
    conversation.client('bb', { at: 0 });
    expect(reported(conversation, { memory: 65_536 }).at(-1)).toBe('client resent unknown');
  });

  test('a FIN once more', () => {
    expect(reported(talk().client('x').fin(CLIENT).again().client('x', { at: 0, flags: FIN }))).toEqual([
      'client x',
      'client end',
      'client resent same',
    ]);
  });

  test('a connection does not know what the one before it sent', () => {
    const first = talk().client('hello').close();
    const second = new TcpTalk({ isns: [1_000 - 5, 90_000] }).open().client('-----HELLO').again();
    expect(reported(first.with([...first.segments, ...second.segments])).slice(3)).toEqual([
      'restart',
      'client -----HELLO',
      'client resent same',
    ]);
  });
});

describe('keep-alives and probes', () => {
  test.each(['', '\0', 'o'])('a keep-alive of %j below the next byte is nothing', garbage => {
    const conversation = talk().client('hello').client(garbage, { at: 4 }).server('').client('!', { at: 5 });
    expect(reported(conversation)).toEqual(['client hello', 'client !']);
  });

  test('before anything was sent, and after the FIN', () => {
    expect(reported(talk().client('\0', { at: -1 }).client('hello', { at: 0 }))).toEqual(['client hello']);
    expect(reported(talk().fin(CLIENT).client('\0', { at: 0 }).server('x'))).toEqual(['client end', 'server x']);
  });

  test('a zero-window probe is the next byte, which is sent again with those behind it', () => {
    const conversation = talk().client('abc').server('', { window: 0 }).client('d').client('def', { at: 3 });
    expect(reported(conversation)).toEqual(['client abc', 'client d', 'client resent same', 'client ef']);
  });
});

describe('bytes that the capture has lost', () => {
  test('are a gap as soon as the receiver acknowledges bytes behind them', () => {
    const conversation = talk().client('abc').client('DEF', { at: 5 }).server('', { ack: 8 }).client('ghi');
    expect(reportedAt(conversation)).toEqual(['4 client abc', '6 client gap 2', '6 client DEF', '7 client ghi']);
  });

  test('are one even when nothing waits behind them', () => {
    expect(reported(talk().server('', { ack: 7 }).client('next', { at: 7 }))).toEqual(['client gap 7', 'client next']);
  });

  test('are one only as far as the acknowledgement goes', () => {
    const conversation = talk()
      .client('e', { at: 4 })
      .client('h', { at: 7 })
      .server('', { ack: 2 })
      .server('', { ack: 5 });
    expect(reportedAt(conversation)).toEqual(['6 client gap 2', '7 client gap 2', '7 client e']);
  });

  test('may be one, and a FIN that was lost is held to be one: an answer to it must not look unasked for', () => {
    expect(reported(talk().server('', { ack: 1 }).client('bc', { at: 1 }))).toEqual(['client gap 1', 'client bc']);
    expect(reported(talk().client('a').server('b', { ack: 2 }))).toEqual(['client a', 'client gap 1', 'server b']);
    expect(reported(talk().server('', { ack: 1 }).server('', { ack: 2 }))).toEqual(['client gap 1', 'client gap 1']);
  });

  test('that come after all, when they were given up, are not delivered and no fault', () => {
    const conversation = talk().server('', { ack: 3 }).client('abc', { at: 0 }).client('def');
    expect(reported(conversation)).toEqual(['client gap 3', 'client def']);
  });

  test('before a FIN that is acknowledged: the FIN counts one', () => {
    const conversation = talk().fin(CLIENT, { at: 3 }).server('', { ack: 4 });
    expect(reported(conversation)).toEqual(['client gap 3', 'client end']);
    expect(reported(talk().fin(CLIENT).server('', { ack: 1 }))).toEqual(['client end']);
  });

  test('are not concluded from a reset, or from an acknowledgement beyond any window', () => {
    expect(reported(talk().reset(SERVER, { ack: 9 }))).toEqual(['server reset']);
    expect(
      reported(
        talk()
          .server('', { ack: 2 ** 30 + 1 })
          .client('x', { at: 0 }),
      ),
    ).toEqual(['client x']);
  });

  test('are gaps at the end, each piece behind them at its own frame', () => {
    const conversation = talk()
      .client('b', { at: 1 })
      .server('y', { at: 3, ack: 0 })
      .client('d', { at: 3, ack: 0 })
      .fin(CLIENT, { at: 6, ack: 0 });
    const reassembled = new Reassembled().take(conversation.segments).finish();
    expect(reassembled.reportedAt).toEqual([
      '4 client gap 1',
      '4 client b',
      '5 server gap 3',
      '5 server y',
      '6 client gap 1',
      '6 client d',
      '7 client gap 2',
      '7 client end',
    ]);
    expect(reassembled.moment).toMatchObject({ frame: 7, seconds: 1_006, nanoseconds: 0 });
  });
});

describe('bytes that the snap length cut off', () => {
  test('are a gap at once', () => {
    const conversation = talk().client('hello', { cut: 2 }).client('world', { cut: 5 }).client('!');
    expect(reportedAt(conversation)).toEqual(['4 client hel', '4 client gap 2', '5 client gap 5', '6 client !']);
  });

  test('are none when they are there already', () => {
    const conversation = talk().client('lo', { at: 3 }).client('hello', { at: 0, cut: 2 });
    expect(reported(conversation)).toEqual(['client hel', 'client lo']);
    expect(reported(talk().client('o', { at: 4 }).client('hello', { at: 0, cut: 3 }))).toEqual([
      'client he',
      'client gap 2',
      'client o',
    ]);
  });

  test('are none when they come before they are needed', () => {
    const conversation = talk().client('two.', { at: 3, cut: 2 }).client('o.', { at: 5 }).client('one', { at: 0 });
    expect(reported(conversation)).toEqual(['client one', 'client tw', 'client o.']);
  });

  test('of a segment that waits, are a gap in their turn', () => {
    const conversation = talk()
      .client('two', { at: 3, cut: 1 })
      .client('six', { at: 6, cut: 3 })
      .client('one', { at: 0 });
    expect(reported(conversation)).toEqual(['client one', 'client tw', 'client gap 1', 'client gap 3']);
  });

  test('of a segment whose captured bytes wait already', () => {
    const conversation = talk()
      .client('cdef', { at: 2 })
      .client('defgh', { at: 3, cut: 2 })
      .client('xyz', { at: 4, cut: 3 });
    conversation.client('ab', { at: 0 });
    expect(reported(conversation)).toEqual(['client resent same', 'client ab', 'client cdef', 'client gap 2']);
  });

  test('of bytes sent again are reported where they were new', () => {
    const conversation = talk().client('hello').client('hello world', { at: 0, cut: 8 });
    expect(reported(conversation)).toEqual(['client hello', 'client resent same', 'client gap 6']);
  });

  test('before a FIN', () => {
    expect(reported(talk().client('hello', { cut: 2, flags: FIN }))).toEqual([
      'client hel',
      'client gap 2',
      'client end',
    ]);
  });
});

describe('a reset', () => {
  test('ends both directions, once', () => {
    const conversation = talk().client('x').reset(SERVER).reset(CLIENT).server('late').client('late');
    expect(reported(conversation)).toEqual(['client x', 'server reset']);
  });

  test('answers a SYN', () => {
    expect(reported(new TcpTalk().syn().reset(SERVER, { at: -50_001 }))).toEqual(['server reset']);
  });

  test('that answers a SYN must acknowledge it', () => {
    const conversation = new TcpTalk().syn().reset(SERVER, { at: -50_001, ack: 5 }).reset(SERVER, { ack: null });
    expect(reported(conversation)).toEqual([]);
  });

  test('after the FIN of its own side', () => {
    expect(reported(talk().fin(CLIENT).reset(CLIENT))).toEqual(['client end', 'client reset']);
  });

  test.each([
    ['at the next byte', 5, true],
    ['in the window', 5 + 1_000, true],
    ['where its receiver stands, when not all has arrived', 2, true],
    ['beyond the window', 5 + 1_001, false],
    ['before what was acknowledged', 1, false],
  ])('counts only where its receiver would take it: %s', (_where, at, counts) => {
    const conversation = talk().client('hello').server('', { ack: 2, window: 1_000 }).reset(CLIENT, { at });
    expect(reported(conversation).includes('client reset')).toBe(counts);
  });

  test.each([
    ['of its own side are missing, up to its number', 7, ['client hello', 'client gap 2', 'client reset']],
    ['are missing where it has the number of the next byte: none', 5, ['client hello', 'client reset']],
    ['are missing where its receiver stands behind: none', 2, ['client hello', 'client reset']],
  ])('shows which bytes before it %s', (_which, at, expected) => {
    const conversation = talk().client('hello').server('', { ack: 2, window: 1_000 }).reset(CLIENT, { at });
    expect(reported(conversation)).toEqual(expected);
  });

  test('shows that bytes before the FIN of its side are missing', () => {
    const conversation = talk().client('hello').fin(CLIENT, { at: 7 }).reset(CLIENT, { at: 8 });
    expect(reported(conversation)).toEqual(['client hello', 'client gap 2', 'client end', 'client reset']);
  });

  test('counts behind bytes that wait, which are delivered first, at their own frames', () => {
    const conversation = talk().client('b', { at: 2_000, window: 0 }).server('', { window: 0, ack: 0 }).reset(CLIENT);
    expect(reportedAt(conversation)).toEqual(['4 client gap 2000', '4 client b', '6 client reset']);
  });
});

describe('a connection picked up midstream', () => {
  const later = (conversation: TcpTalk, from = 3) => conversation.with(conversation.segments.slice(from));

  test('begins with its first bytes, in the other direction at what these acknowledge', () => {
    const reassembled = new Reassembled().take(later(talk().client('one').server('two').client('three')).segments);
    expect(reassembled.reported).toEqual(['client one', 'server two', 'client three']);
    expect(reassembled.streams.facts.fromStart(3)).toBe(false);
  });

  test('what was lost before the other side is heard is a gap', () => {
    expect(reported(later(talk().client('one').server('two', { at: 4 }).client('', { ack: 7 })))).toEqual([
      'client one',
      'server gap 4',
      'server two',
    ]);
  });

  test('what lies before is not looked at', () => {
    const conversation = talk().client('one').client('two').client('?????four', { at: 1 });
    expect(reported(later(conversation, 4))).toEqual(['client two', 'client resent differs', 'client four']);
    expect(reported(later(talk().client('one').client('two').client('e', { at: 2 }), 4))).toEqual(['client two']);
  });

  test('its SYN may have been overtaken by its first bytes', () => {
    const conversation = talk().client('one');
    const reassembled = new Reassembled().take(inOrder(conversation, 3, 0, 1).segments);
    expect(reassembled.reported).toEqual(['client one']);
    expect(reassembled.streams.facts.fromStart(3)).toBe(true);
  });

  test('segments without bytes are not worth a flow, nor are resets', () => {
    const { streams } = new Reassembled();
    const conversation = new TcpTalk().syn().synAck().client('').client('x').fin(CLIENT).reset(CLIENT);
    expect(conversation.segments.map(segment => streams.opens(packetOf(segment)))).toEqual([
      true,
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(streams.opens(packetOf({ ...conversation.segments[3], flags: 0x04 }))).toBe(false);
  });
});
