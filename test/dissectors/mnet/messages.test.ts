/** Rules about any message: its length, its type, its sender and its tag, and what is old. */
import { describe, expect, test } from 'vitest';
import { hex } from '../../../src/testkit/bytes.ts';
import { between, cut, handshake, judge, LISTENER, type Line, parties, resized, type Tags } from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const closing = [C.shutdown(40), L.shutdownAck(), C.shutdownComplete()];
const talk = [C.data(0, 40), L.data(0, 40, 40)];

const SILENT: never[] = [];

describe('mnet/truncated-header', () => {
  test.each([0, 1, 2, 3])('a datagram of %i bytes, and the connection goes on', length => {
    const { broken } = judge([...opened, resized(length, L.cookieAck()), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/truncated-header', frame: 5 }]);
  });

  test('four bytes are a header', () => {
    expect(judge([...opened, resized(4, L.cookieAck())]).broken).toEqual(SILENT);
  });

  test('a long datagram cut to three bytes by the snap length is no fault of its sender', () => {
    expect(judge([...opened, cut(3, C.data(0, 40)), ...closing]).broken).toEqual(SILENT);
  });
});

describe('mnet/unknown-type', () => {
  test.each(['09', '0a', '7f', '80', 'ff'])('type %s, and the connection goes on', type => {
    const { broken, connections } = judge([...opened, ...talk, L.raw(hex(`${type} b6 0a fb`)), ...closing]);
    expect(broken).toEqual([{ rule: 'mnet/unknown-type', frame: 7 }]);
    expect(connections[0].state).toBe('CLOSED');
  });

  test('shorter than a header too: the length is what is reported', () => {
    expect(judge([...opened, L.raw(hex('09'))]).broken).toEqual([{ rule: 'mnet/truncated-header', frame: 5 }]);
  });

  test('the name in the finding is the type as it stands on the wire', () => {
    expect(judge([...opened, L.raw(hex('0a b6 0a fb'))]).findings[0].messageName).toBe('unknown type 0x0a');
  });
});

describe('mnet/length', () => {
  const whole: readonly Line[] = [...opened, ...talk, ...closing];
  const control = whole.map((line, index) => ({ line, index })).filter(({ line }) => line.bytes[0] !== 0);

  test.each(control)('frame $index (from 0) a byte too long or too short: one finding, nothing follows', entry => {
    for (const length of [entry.line.bytes.length - 1, entry.line.bytes.length + 1]) {
      if (length < 4) continue;
      const faulty = whole.map((line, index) => (index === entry.index ? resized(length, line) : line));
      expect(judge(faulty, { mapped: true }).broken).toEqual([{ rule: 'mnet/length', frame: entry.index + 1 }]);
    }
  });

  test('an echo too short: late DATA of its connection is none of the next, though another cookie was issued since', () => {
    const R = parties({ tags: 'receiver' });
    const next = parties({ tags: 'receiver', initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken, connections } = judge([
      ...[R.C.init(), R.L.cookie(), resized(28, R.C.echo()), R.L.cookie({ tag: 0x777777 }), R.C.data(0, 40)],
      ...[...handshake(next), next.C.bare(0), next.C.abort(), R.C.data(0, 40)],
    ]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 3 }]);
    expect(connections.map(({ messages }) => messages)).toEqual([6, 6]);
  });

  test('ABORT a byte too long', () => {
    expect(judge([...opened, resized(5, C.abort())]).broken).toEqual([{ rule: 'mnet/length', frame: 5 }]);
  });

  test.each([4, 13])('DATA of %i bytes: what follows it stays silent', length => {
    const { broken } = judge([...opened, resized(length, C.data(0, 40)), C.data(40, 80), L.data(0, 40, 80)]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 5 }]);
  });

  test('DATA of 14 bytes is a bare acknowledgement', () => {
    expect(judge([...opened, C.bare(0)]).broken).toEqual(SILENT);
  });

  test('a malformed COOKIE, then its echo: the handshake goes on', () => {
    const { broken } = judge([C.init(), resized(31, L.cookie()), C.echo(), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 2 }]);
  });

  test('a malformed ABORT aborts nothing', () => {
    const { broken, connections } = judge([...opened, resized(8, C.abort()), ...talk, ...closing]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 5 }]);
    expect(connections[0].state).toBe('CLOSED');
  });

  test('the bytes beyond the end are what is shown of a message that is too long', () => {
    expect(judge([...opened, resized(10, L.shutdown())]).findings[0]).toMatchObject({
      bytes: { offset: 8, length: 2 },
      expected: '8 bytes',
      actual: '10 bytes',
      atFault: LISTENER,
    });
  });
});

describe('mnet/wrong-role', () => {
  test.each([
    ['INIT with the tag of its peer', L.init()],
    ['INIT with another tag', L.init({ tag: 0x111111 })],
    ['COOKIE-ECHO', L.echo()],
    ['COOKIE', C.cookie()],
    ['COOKIE-ACK', C.cookieAck()],
  ])('%s from the wrong side, and the connection goes on', (_name, line) => {
    const { broken, connections } = judge([...opened, line, ...talk, ...closing]);
    expect(broken).toEqual([{ rule: 'mnet/wrong-role', frame: 5 }]);
    expect(connections.map(({ state }) => state)).toEqual(['CLOSED']);
  });

  test.each([1, 2, 3])('COOKIE-ACK from the connector after frame %i of the handshake', frame => {
    const { broken } = judge([...opened.slice(0, frame), C.cookieAck(), ...opened.slice(frame), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/wrong-role', frame: frame + 1 }]);
  });

  test('the listener shuts down and goes on to abort: no role is wrong there', () => {
    expect(judge([...opened, L.shutdown(), C.shutdownAck(), L.abort()]).broken).toEqual(SILENT);
  });

  test('INIT from the former listener once the connection is over opens another one', () => {
    const back = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const turned = handshake(back).map(line => ({
      ...line,
      from: line.from === 'connector' ? ('listener' as const) : ('connector' as const),
    }));
    const { broken, connections } = judge([...opened, ...talk, ...closing, ...turned]);
    expect(broken).toEqual(SILENT);
    expect(connections.map(({ client }) => client)).toEqual(['10.0.0.1:5000', LISTENER]);
  });
});

describe('mnet/tag-mismatch', () => {
  const whole = [...opened, ...talk, L.shutdown(40), C.shutdownAck(), L.shutdownComplete()];
  const tagged = whole.map((line, index) => ({ line, index })).filter(({ line }) => !isHandshake(line));

  test.each(tagged)('a foreign tag in frame $index (from 0): one finding, and it closes nothing by itself', entry => {
    const foreign = { ...entry.line, bytes: entry.line.bytes.slice() };
    foreign.bytes.set([0, 0, 0], 1);
    const faulty = whole.map((line, index) => (index === entry.index ? foreign : line));
    for (const dialect of [{}, { tags: 'sender' }]) {
      const { broken, connections } = judge(faulty, { dialect });
      expect(broken).toEqual([{ rule: 'mnet/tag-mismatch', frame: entry.index + 1 }]);
      const last = entry.index === whole.length - 1;
      expect(connections[0].state).toBe(last ? 'SHUTDOWN-ACK-SENT' : 'CLOSED');
    }
  });

  test.each<[Tags, number[]]>([
    ['sender', []],
    ['initiator', [4, 6, 7, 9]],
    ['receiver', [4, 5, 6, 7, 8, 9]],
  ])('sender tags held to the %s reading', (tags, wrong) => {
    const { broken } = judge(whole, { dialect: { tags } });
    expect(broken).toEqual(wrong.map(frame => ({ rule: 'mnet/tag-mismatch', frame })));
  });

  test('COOKIE-ACK with the listener tag and DATA with the same: no reading fits both', () => {
    const { broken } = judge([...opened, C.data(0, 40, 0, { tag: 0xb60afb })]);
    expect(broken).toEqual([{ rule: 'mnet/tag-mismatch', frame: 5 }]);
  });

  test('a reading once found is in force: the initiator tag from the connector, then its peer tag', () => {
    const I = parties({ tags: 'initiator' });
    const { broken } = judge([...handshake(I), I.C.data(0, 40), I.C.data(40, 80, 0, { tag: 0xb60afb })]);
    expect(broken).toEqual([{ rule: 'mnet/tag-mismatch', frame: 6 }]);
  });

  test('when both sides have chosen the same tag, every reading fits', () => {
    const same = parties({ initTag: 0x444444, listenerTag: 0x444444 });
    for (const tags of ['auto', 'initiator', 'receiver', 'sender']) {
      expect(judge([...handshake(same), same.C.data(0, 40)], { dialect: { tags } }).broken).toEqual(SILENT);
    }
  });

  test('ABORT may carry either tag: a host that has forgotten the connection returns the tag it was sent', () => {
    for (const tag of [0xcf742a, 0xb60afb]) {
      expect(judge([...opened, C.data(0, 40), L.abort({ tag })]).broken).toEqual(SILENT);
    }
  });

  test('ABORT that answers an INIT carries its tag', () => {
    expect(judge([C.init(), L.abort({ tag: 0xcf742a })]).broken).toEqual(SILENT);
  });

  test('ABORT with a foreign tag', () => {
    expect(judge([...opened, L.abort({ tag: 0 })]).broken).toEqual([{ rule: 'mnet/tag-mismatch', frame: 5 }]);
  });

  test('the finding names the tag that was expected', () => {
    expect(
      judge([...opened, C.data(0, 40, 0, { tag: 0x123456 })], { dialect: { tags: 'sender' } }).findings[0],
    ).toMatchObject({
      expected: '0xcf742a',
      actual: '0x123456',
      messageName: 'DATA',
      relatedFrames: [1, 3],
    });
  });

  test('a capture that begins after the handshake does not know the tags', () => {
    const { broken, connections } = judge([C.data(0, 40), L.data(0, 40, 40, { tag: 0 })], { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
    expect(connections[0].verdict).toBe('inconclusive');
  });
});

describe('mnet/reordered', () => {
  test('a DATA doubled on the spot is not out of order', () => {
    expect(judge([...opened, C.data(0, 40), C.data(0, 40)]).broken).toEqual(SILENT);
  });

  test('a retransmission that acknowledges as much as before is not out of order', () => {
    const { broken } = judge([...opened, ...talk, C.data(40, 80, 40), C.data(0, 40, 40)]);
    expect(broken).toEqual(SILENT);
  });

  test('an old DATA with its old acknowledgement', () => {
    const { broken, findings } = judge([...opened, ...talk, C.data(40, 80, 40), C.data(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/reordered', frame: 8 }]);
    expect(findings[0].atFault).toBeNull();
  });

  test.each([
    ['INIT after COOKIE-ECHO', [C.init(), L.cookie(), C.echo(), C.init()], 4],
    ['INIT in an established connection', [...opened, C.init()], 5],
    ['SHUTDOWN after SHUTDOWN-COMPLETE', [...opened, ...talk, ...closing, C.shutdown(40)], 10],
    ['COOKIE-ECHO after ABORT', [...opened, C.abort(), C.echo()], 6],
    ['COOKIE-ACK after ABORT', [...opened, L.abort(), L.cookieAck()], 6],
  ])('an old %s', (_name, conversation, frame) => {
    expect(judge(conversation).broken).toEqual([{ rule: 'mnet/reordered', frame }]);
  });

  test('an old INIT that broke a rule when it came first is not said to be DATA', () => {
    const same = parties({ listenerTag: 0x1d096b });
    const second = [...handshake(same), same.C.data(0, 40), same.L.data(0, 40, 40), same.C.init()];
    const { broken, findings } = judge([...opened, ...between('10.0.0.3:5000', LISTENER, second)]);
    expect(broken).toEqual([
      { rule: 'mnet/init-tag-reused', frame: 5 },
      { rule: 'mnet/reordered', frame: 11 },
    ]);
    expect(findings[1].actual).toBe('INIT');
  });

  test('an old datagram of another pair is not old here', () => {
    const other = between('10.0.0.3:5000', LISTENER, [C.init({ tag: 0x6b1d09 }), C.echo()]);
    expect(judge([C.init(), L.cookie(), C.echo(), ...other]).broken).toEqual([{ rule: 'mnet/echo-address', frame: 5 }]);
  });
});

function isHandshake(line: Line): boolean {
  return line.bytes[0] >= 1 && line.bytes[0] <= 3;
}
