/** Rules about DATA: when it may be sent, its counters and its content. */
import { describe, expect, test } from 'vitest';
import { CONNECTOR, cut, handshake, judge, LISTENER, later, parties, resized, tally } from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const SILENT: never[] = [];

describe('mnet/data-length-mismatch', () => {
  test.each([0, 39, 41, 0x2800, 65_535])('40 bytes said to be %i, and the stream goes on', length => {
    const malformed = C.data(0, 40, 0, { length });
    // 0x2800 is 40 in the other byte order, so the order has to be settled before.
    const { broken } = judge([...opened, L.data(0, 40), malformed, C.data(40, 80), L.data(40, 80, 80), C.data(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/data-length-mismatch', frame: 6 }]);
  });

  test('the first DATA fits neither byte order', () => {
    const { broken } = judge([...opened, C.data(0, 40, 0, { length: 44 })]);
    expect(broken).toEqual([{ rule: 'mnet/data-length-mismatch', frame: 5 }]);
  });

  test('0 and 257 read the same in both byte orders', () => {
    const { broken } = judge([C.init(), C.echo(), L.cookieAck(), C.bare(0), C.data(0, 257)], {
      severities: { 'mnet/echo-unsolicited': 'off', 'mnet/bad-cookie-accepted': 'off' },
    });
    expect(broken).toEqual(SILENT);
  });

  test('the datagram was cut by the snap length, not by its sender', () => {
    expect(judge([...opened, cut(20, C.data(0, 40)), C.data(40, 80)]).broken).toEqual(SILENT);
  });

  test('held to the other byte order, a length is wrong', () => {
    const { broken } = judge([...opened, C.data(0, 40)], { dialect: { byteOrder: 'big' } });
    expect(broken).toContainEqual({ rule: 'mnet/data-length-mismatch', frame: 5 });
  });
});

describe('mnet/data-before-echo', () => {
  test('in COOKIE-WAIT; the echo and all that follows stay silent', () => {
    const { broken, findings } = judge([
      C.init(),
      L.cookie(),
      C.data(0, 40),
      C.echo(),
      L.cookieAck(),
      C.data(40, 80),
      L.data(0, 40, 80),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/data-before-echo', frame: 3 }]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, state: 'COOKIE-WAIT', relatedFrames: [1, 2] });
  });

  test('a bare acknowledgement is DATA', () => {
    expect(judge([C.init(), C.bare(0)]).broken).toEqual([{ rule: 'mnet/data-before-echo', frame: 2 }]);
  });

  test('more of it is the same fault', () => {
    expect(judge([C.init(), C.data(0, 40), C.data(40, 80), C.data(0, 40)]).broken).toEqual([
      { rule: 'mnet/data-before-echo', frame: 2 },
    ]);
  });

  test('right behind the echo, before it is acknowledged', () => {
    expect(judge([C.init(), L.cookie(), C.echo(), C.data(0, 40), L.cookieAck()]).broken).toEqual(SILENT);
  });

  test('the first message, with midstream never', () => {
    const { broken } = judge([C.data(0, 40)], { mapped: true, midstream: 'never' });
    expect(broken).toEqual([{ rule: 'mnet/data-before-echo', frame: 1 }]);
  });
});

describe('mnet/data-before-ack', () => {
  test('after the echo; the COOKIE-ACK that follows and the rest stay silent', () => {
    const { broken, findings } = judge([
      C.init(),
      L.cookie(),
      C.echo(),
      L.data(0, 40),
      L.cookieAck(),
      L.data(40, 80),
      C.data(0, 40, 80),
      C.shutdown(80),
      L.shutdownAck(),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/data-before-ack', frame: 4 }]);
    expect(findings[0]).toMatchObject({ atFault: LISTENER, relatedFrames: [3] });
  });

  test('before the echo', () => {
    expect(judge([C.init(), L.cookie(), L.data(0, 40), C.echo(), L.cookieAck()]).broken).toEqual([
      { rule: 'mnet/data-before-ack', frame: 3 },
    ]);
  });

  test.each([0, 40])('the connector goes on from one of %i bytes without a COOKIE-ACK', bytes => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), L.data(0, bytes), C.shutdown(bytes), L.shutdownAck()]);
    expect(broken).toEqual([{ rule: 'mnet/data-before-ack', frame: 4 }]);
  });

  test('right behind the COOKIE-ACK', () => {
    expect(judge([...opened, L.data(0, 40)]).broken).toEqual(SILENT);
  });
});

describe('mnet/sequence-gap', () => {
  test('bytes that are never sent; the stream goes on behind them', () => {
    const { broken, findings } = judge([...opened, C.data(0, 40), C.data(80, 120), C.data(120, 160), L.bare(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 6 }]);
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      expected: 'start at byte 40',
      actual: 'start at byte 80',
      relatedFrames: [5],
    });
  });

  test('the bytes between come later, as a retransmission', () => {
    const { broken } = judge([...opened, C.data(0, 40), C.data(80, 120), C.data(40, 80), C.data(120, 160)]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 6 }]);
  });

  test('the first DATA does not start at 0', () => {
    expect(judge([...opened, C.data(40, 80)]).broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 5 }]);
  });

  test('a bare acknowledgement that counts bytes never seen', () => {
    expect(judge([...opened, C.data(0, 40), C.bare(80), C.data(80, 120)]).broken).toEqual([
      { rule: 'mnet/sequence-gap', frame: 6 },
    ]);
  });

  test('two gaps are two warnings', () => {
    expect(judge([...opened, C.data(40, 80), C.data(120, 160)]).broken).toEqual([
      { rule: 'mnet/sequence-gap', frame: 5 },
      { rule: 'mnet/sequence-gap', frame: 6 },
    ]);
  });

  test('behind a DATA whose length is wrong nothing is known of the counter', () => {
    const { broken } = judge([...opened, C.data(0, 40, 0, { length: 1 }), C.data(100, 140), C.data(140, 150)]);
    expect(broken).toEqual([{ rule: 'mnet/data-length-mismatch', frame: 5 }]);
  });
});

describe('mnet/sequence-underflow', () => {
  test('the sequence counts the bytes before the message only; the next one is right', () => {
    const { broken } = judge([...opened, C.data(0, 40, 0, { sequence: 0 }), C.data(0, 40), L.bare(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-underflow', frame: 5 }]);
  });

  test('one byte too few', () => {
    expect(judge([...opened, C.data(0, 40, 0, { sequence: 39 })]).broken).toEqual([
      { rule: 'mnet/sequence-underflow', frame: 5 },
    ]);
  });

  test('later in the stream', () => {
    const { broken } = judge([...opened, C.data(0, 40), C.data(0, 40, 0, { sequence: 20 }), C.data(40, 80)]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-underflow', frame: 6 }]);
  });

  test('just enough', () => {
    expect(judge([...opened, C.data(0, 1), C.data(1, 40)]).broken).toEqual(SILENT);
  });
});

describe('mnet/retransmit-differs', () => {
  const changed = (first: number, end: number, at: number) =>
    C.content(first, end).map((byte, i) => (first + i === at ? byte ^ 0xff : byte));

  test('one byte of forty, and the stream goes on', () => {
    const again = C.data(0, 40, 0, { content: changed(0, 40, 17) });
    const { broken, findings } = judge([...opened, C.data(0, 40), again, C.data(40, 80), L.bare(0, 80)]);
    expect(broken).toEqual([{ rule: 'mnet/retransmit-differs', frame: 6 }]);
    expect(findings[0]).toMatchObject({ bytes: { offset: 14 + 17, length: 1 }, relatedFrames: [5] });
  });

  test.each([
    ['the same cut', 0, 40],
    ['starts earlier than the last', 10, 80],
    ['shorter, in the middle', 50, 60],
    ['across two', 20, 60],
    ['goes on into new bytes', 20, 120],
  ])('recut, %s: the same bytes are no fault, one changed is', (_name, first, end) => {
    const sent = [...opened, C.data(0, 40), C.data(40, 80)];
    expect(judge([...sent, C.data(first, end)]).broken).toEqual(SILENT);
    const content = changed(first, end, first + 5);
    const judged = judge([...sent, C.data(first, end, 0, { content })]);
    expect(judged.broken).toEqual([{ rule: 'mnet/retransmit-differs', frame: 7 }]);
    expect(judged.findings[0].bytes).toEqual({ offset: 14 + 5, length: 1 });
  });

  test('new bytes that follow old ones may be anything, the first time', () => {
    const content = changed(20, 80, 70);
    expect(judge([...opened, C.data(0, 40), C.data(20, 80, 0, { content })]).broken).toEqual(SILENT);
  });

  test('what was new in a retransmission is held against the next one', () => {
    const { broken } = judge([
      ...opened,
      C.data(0, 40),
      C.data(20, 80),
      C.data(40, 80, 0, { content: changed(40, 80, 79) }),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/retransmit-differs', frame: 7 }]);
  });

  test('the two directions are two streams', () => {
    expect(judge([...opened, C.data(0, 40), L.data(0, 40, 40)]).broken).toEqual(SILENT);
  });

  test('bytes that filled a gap were never seen before', () => {
    const { broken } = judge([...opened, C.data(40, 80), C.data(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 5 }]);
  });

  test('the part that the snap length left is compared, and what it cut is not guessed', () => {
    const same = judge([...opened, C.data(0, 40), cut(14 + 20, C.data(0, 40))]);
    expect(same.broken).toEqual(SILENT);
    expect(tally(same, 'mnet/retransmit-differs')).toMatchObject({ checked: 0, inconclusive: 1 });
    const other = C.data(0, 40, 0, { content: changed(0, 40, 19) });
    expect(judge([...opened, C.data(0, 40), cut(14 + 20, other)]).broken).toEqual([
      { rule: 'mnet/retransmit-differs', frame: 6 },
    ]);
  });

  test('within the last 64 KiB of the direction', () => {
    const chunk = 1024;
    const sent = Array.from({ length: 66 }, (_, i) => C.data(i * chunk, (i + 1) * chunk));
    const again = (first: number) =>
      judge([...opened, ...sent, C.data(first, first + 40, 0, { content: changed(first, first + 40, first) })]).broken;
    expect(again(2 * chunk)).toEqual([{ rule: 'mnet/retransmit-differs', frame: 71 }]);
    expect(again(2 * chunk - 40)).toEqual(SILENT);
  });

  test('proven by the bytes in hand, so a capture that begins later knows it too', () => {
    const again = C.data(40, 80, 0, { content: changed(40, 80, 50) });
    expect(judge([C.data(40, 80), again], { mapped: true, dropped: 3 }).broken).toEqual([
      { rule: 'mnet/unknown-connection', frame: 1 },
      { rule: 'mnet/retransmit-differs', frame: 2 },
    ]);
  });
});

describe('mnet/ack-unsent', () => {
  test('bytes of a side that has sent nothing', () => {
    expect(judge([...opened, C.data(0, 40, 1)]).broken).toEqual([{ rule: 'mnet/ack-unsent', frame: 5 }]);
  });

  test('one byte too many, then a proper acknowledgement', () => {
    const { broken, findings } = judge([
      ...opened,
      L.data(0, 40),
      C.data(0, 40, 41),
      C.data(40, 80, 40),
      L.data(40, 80, 80),
      C.bare(80, 80),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/ack-unsent', frame: 6 }]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, expected: 'at most 40', actual: '41', relatedFrames: [5] });
  });

  test('the same count again is the same fault, another one is not', () => {
    const again = [C.data(0, 40, 80), C.bare(40, 80), C.data(40, 80, 80), C.bare(80, 90)];
    const { broken } = judge([...opened, L.data(0, 40), ...again]);
    expect(broken).toEqual([
      { rule: 'mnet/ack-unsent', frame: 6 },
      { rule: 'mnet/ack-unsent', frame: 9 },
    ]);
  });

  test('in a SHUTDOWN', () => {
    const { broken, findings } = judge([...opened, L.data(0, 40), C.shutdown(80), L.shutdownAck()]);
    expect(broken).toEqual([{ rule: 'mnet/ack-unsent', frame: 6 }]);
    expect(findings[0].bytes).toEqual({ offset: 4, length: 4 });
  });

  test('in a bare acknowledgement', () => {
    expect(judge([...opened, L.bare(0, 40)]).broken).toEqual([{ rule: 'mnet/ack-unsent', frame: 5 }]);
  });

  test('exactly what was sent', () => {
    expect(judge([...opened, L.data(0, 40), C.bare(0, 40), C.shutdown(40)]).broken).toEqual(SILENT);
  });

  test('the bytes may have been in a DATA that was malformed', () => {
    const { broken } = judge([...opened, C.data(0, 40, 0, { length: 1 }), L.data(0, 40, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/data-length-mismatch', frame: 5 }]);
  });
});

describe('mnet/ack-regress', () => {
  const heard = [...opened, L.data(0, 80), C.data(0, 40, 80)];

  test('new bytes with a lower acknowledgement, then the count is right again', () => {
    const { broken, findings } = judge([...heard, C.data(40, 80, 40), C.data(80, 120, 80)]);
    expect(broken).toEqual([{ rule: 'mnet/ack-regress', frame: 7 }]);
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      expected: 'at least 80',
      actual: '40',
      relatedFrames: [6],
    });
  });

  test.each([
    ['a bare acknowledgement', C.bare(40, 40)],
    ['a retransmission', C.data(0, 40, 40)],
  ])('%s with a lower one may be an older datagram', (_name, line) => {
    expect(judge([...heard, line]).broken).toEqual([{ rule: 'mnet/reordered', frame: 7 }]);
  });

  test('in a capture that begins later, bytes that look new may be old ones', () => {
    const { broken } = judge([C.data(142, 211, 32), C.data(183, 212, 27)], { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
  });

  test('the same acknowledgement again', () => {
    expect(judge([...heard, C.data(40, 80, 80)]).broken).toEqual(SILENT);
  });

  test('after an acknowledgement that was too high the right one is no step back', () => {
    const { broken } = judge([...opened, L.data(0, 40), C.data(0, 40, 80), C.data(40, 80, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/ack-unsent', frame: 6 }]);
  });
});

describe('mnet/data-after-shutdown', () => {
  const talk = [...opened, C.data(0, 40), L.data(0, 40, 40)];

  test('new bytes, and the shutdown goes on', () => {
    const { broken, findings } = judge([
      ...talk,
      C.shutdown(40),
      C.data(40, 80, 40),
      L.shutdownAck(),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/data-after-shutdown', frame: 8 }]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, bytes: { offset: 4, length: 4 }, relatedFrames: [7] });
  });

  test('a retransmission that goes on into new bytes', () => {
    const { broken } = judge([...talk, C.shutdown(40), C.data(20, 60, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/data-after-shutdown', frame: 8 }]);
  });

  test.each([
    ['a bare acknowledgement', C.bare(40, 40)],
    ['a retransmission', C.data(0, 40, 40)],
    ['a retransmission in another cut', C.data(20, 40, 40)],
  ])('%s is allowed', (_name, line) => {
    expect(judge([...talk, C.shutdown(40), line, L.shutdownAck(), line, C.shutdownComplete()]).broken).toEqual(SILENT);
  });

  test('a first bare acknowledgement of a side that never sent data', () => {
    expect(judge([...opened, C.data(0, 40), L.shutdown(40), L.bare(0, 40)]).broken).toEqual(SILENT);
  });

  test('the other side may go on until it shuts down too', () => {
    const { broken } = judge([...talk, C.shutdown(40), L.data(40, 80, 40), C.bare(40, 80), L.shutdownAck()]);
    expect(broken).toEqual(SILENT);
  });

  test('a malformed SHUTDOWN has shut down nothing', () => {
    expect(judge([...talk, resized(4, C.shutdown(40)), later(0.1, C.data(40, 80, 40))]).broken).toEqual([
      { rule: 'mnet/length', frame: 7 },
    ]);
  });
});
