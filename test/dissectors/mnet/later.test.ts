/** What a capture that is only presumed complete proves: findings that rest on something unseen stand, or are excused. */
import { describe, expect, test } from 'vitest';
import { handshake, judge, type Line, later, parties } from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
/** Another connection of the same pair. */
const again = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
const without = (frame: number, lines: readonly Line[]) => lines.filter((_, index) => index !== frame - 1);
const found = (lines: readonly Line[]) => {
  const { broken, connections } = judge(lines, { capture: 'auto' });
  return [broken, connections[0].verdict];
};
const whole = [
  ...opened,
  C.data(0, 40),
  L.bare(0, 40),
  C.data(40, 80),
  L.data(0, 40, 80),
  C.bare(80, 40),
  C.shutdown(40),
  L.shutdownAck(),
  C.shutdownComplete(),
];

describe('a message that was not captured accuses nobody', () => {
  test.each([
    [2, 'COOKIE'],
    [3, 'COOKIE-ECHO'],
    [5, 'DATA, acknowledged, and its sender goes on behind it'],
    [7, 'DATA, the last of its sender'],
    [8, 'DATA, acknowledged by the last message before the end'],
    [10, 'SHUTDOWN'],
    [11, 'SHUTDOWN-ACK'],
  ])('frame %i, %s', frame => {
    expect(found(without(frame, whole))).toEqual([[], 'inconclusive']);
  });

  test.each<[string, readonly Line[]]>([
    [
      'DATA that is counted, where nothing else came that could be',
      [...opened, L.data(0, 40), C.bare(0, 40), C.bare(0, 80)],
    ],
    ['the same, before an ABORT', [...opened, L.data(0, 40), C.bare(0, 40), C.bare(0, 80), L.abort()]],
    ['DATA that its sender counts, without sending more', [...opened, C.data(0, 40), C.bare(80, 0)]],
    [
      'DATA of one that has sent bytes again, and does so here',
      [...opened, C.data(0, 40), C.data(0, 20), C.data(80, 120), C.data(40, 80)],
    ],
    [
      'DATA that its receiver lacks as well, until it is sent again',
      [
        ...opened,
        C.data(0, 40),
        L.bare(0, 40),
        C.data(80, 120),
        later(0.3, L.data(0, 10, 40)),
        later(0.2, C.data(40, 80)),
      ],
    ],
    [
      'DATA that its receiver lacks for a while, and counts then',
      [
        ...opened,
        C.data(0, 40),
        L.bare(0, 40),
        C.data(80, 120),
        later(0.3, L.data(0, 10, 40)),
        later(0.3, L.data(10, 20, 120)),
      ],
    ],
    [
      'DATA that is counted, of which only the end is sent again, with new bytes',
      [...opened, C.data(0, 40), L.data(0, 10, 80), C.data(60, 100)],
    ],
    [
      'DATA, of which a part is sent again before the ABORT, and comes late',
      [...opened, C.data(0, 40), C.abort(), C.data(60, 80)],
    ],
    [
      'DATA, of which a part is sent again before the SHUTDOWN-COMPLETE, and comes late',
      [...opened, C.shutdown(), L.shutdownAck(), C.shutdownComplete(), C.data(20, 40)],
    ],
    ['all but an INIT and the ABORT, and DATA comes late', [C.init(), C.abort(), C.data(0, 40), L.abort()]],
    ['all but an INIT and the ABORT, and a SHUTDOWN comes late', [C.init(), C.abort(), C.shutdown(), L.abort()]],
    [
      'SHUTDOWN, of which a late copy comes when all is over',
      [...opened, L.shutdownAck(), C.shutdownComplete(), later(0.5, C.shutdown())],
    ],
    [
      'COOKIE-ECHO, of which a late copy comes after the ABORT',
      [C.init(), L.cookie(), L.cookieAck(), C.data(0, 40), C.abort(), later(0.5, C.echo())],
    ],
    [
      'SHUTDOWN-ACK, of which a late copy comes after the ABORT',
      [...opened, C.shutdown(), C.shutdownComplete(), L.abort(), later(0.5, L.shutdownAck())],
    ],
    [
      'the cookie that is echoed, of a handshake of which an INIT comes late',
      [C.init(), parties({ listenerTag: 0x90d2a4 }).L.cookie(), C.data(0, 40), C.echo(), L.cookieAck()],
    ],
    [
      'DATA, of which a part is sent again after the SHUTDOWN',
      [...opened, C.shutdown(), C.data(20, 40), L.shutdownAck()],
    ],
    [
      'DATA, whose receiver has not counted what came before it, either',
      [...opened, C.data(0, 40), C.data(80, 120), later(0.3, L.data(0, 10)), C.bare(120, 10)],
    ],
    ['a handshake, of which an INIT comes late', [C.init(), C.data(0, 40), L.bare(0, 40)]],
    [
      'a handshake, of which an INIT comes late and DATA counts bytes of its sender',
      [C.init(), L.cookie(), C.bare(40), C.data(40, 80)],
    ],
    [
      'a handshake, of which an INIT comes late and DATA counts bytes of its receiver',
      [C.init(), L.cookie(), C.data(0, 40, 80)],
    ],
    [
      'a handshake, of which INIT and COOKIE-ECHO come late, and DATA counts bytes of its sender',
      [...opened.slice(0, 3), L.bare(40)],
    ],
    [
      'a handshake, of which an INIT comes late and SHUTDOWN counts bytes of its receiver',
      [C.init(), L.cookie(), C.shutdown(40)],
    ],
    [
      'a handshake, of which an INIT comes late, and the listener that speaks first aborts',
      [C.init(), L.data(0, 40), C.bare(0, 40), L.abort()],
    ],
    ['a handshake of the listener that speaks first', [C.init(), L.data(0, 40), L.cookieAck()]],
    [
      "a connection, whose last DATA comes behind the next one's INIT",
      [again.C.init(), again.L.cookie(), C.bare(40, 40)],
    ],
    ['COOKIE-ECHO, from which both go on', [C.init(), L.cookie(), C.data(0, 40), L.cookieAck(), C.echo()]],
    ['COOKIE-ECHO, the other way round', [C.init(), L.cookie(), L.cookieAck(), C.data(0, 40), C.echo()]],
    [
      'COOKIE-ECHO of a connector that asks again before long',
      [C.init(), later(0.005, C.init()), L.cookie(), C.data(0, 40), later(0.01, C.echo())],
    ],
    [
      'COOKIE-ACK of an echo that was sent twice, and so has two answers',
      [C.init(), L.cookie(), C.echo(), C.echo(), L.data(0, 40), L.cookieAck()],
    ],
    ['COOKIE, of which both ends take the echo', [C.init(), C.echo(), L.cookieAck()]],
    ['the same, and the connector aborts', [C.init(), C.echo(), L.cookieAck(), C.abort()]],
    ['INIT with the tag of the cookie', [C.init(), L.cookie(), again.L.cookie(), again.C.init()]],
    ['all of the handshake that its tag is of', [C.init(), L.cookie(), again.C.shutdown()]],
    ['SHUTDOWN, which is sent again at once', [...opened, L.shutdownAck(), C.shutdown()]],
    [
      'the cookie of an older connection, whose last messages come late',
      [C.init(), again.C.init(), again.C.echo(), C.init(), L.cookie(), C.echo()],
    ],
  ])('%s', (_name, lines) => {
    expect(found(lines)[0]).toEqual([]);
  });

  test('an echo, of an older connection whose INIT and COOKIE-ACK come late', () => {
    const I = parties({ tags: 'initiator' });
    const older = parties({ tags: 'initiator', initTag: 0x31c5e7 });
    const late = [older.C.init(), older.L.cookieAck()];
    const lines = [I.C.data(40, 80, 40), I.L.data(40, 60, 80), ...late, I.C.data(80, 120, 60)];
    const { broken } = judge(lines, { capture: 'auto', mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
    // Where the connector goes on with neither, nothing says that they were late.
    expect(judge(lines.slice(0, 4), { capture: 'auto', mapped: true }).broken).toHaveLength(2);
  });

  test('COOKIE-ACK, where the connector acknowledges what follows on it', () => {
    expect(found([...opened.slice(0, 3), L.data(0, 40), C.bare(0, 40)])).toEqual([[], 'inconclusive']);
  });
});

describe('a finding stands', () => {
  test.each<[string, readonly Line[], string, number]>([
    ['the echo comes after all, at once', [...opened.slice(0, 2), C.data(0, 40), C.echo()], 'data-before-echo', 3],
    ['the listener ignores an echo', [C.init(), C.echo(), L.cookie()], 'echo-unsolicited', 2],
    ['the listener refuses it', [C.init(), C.echo(), L.abort()], 'echo-unsolicited', 2],
    [
      'COOKIE-ACK comes at once',
      [...opened.slice(0, 3), C.shutdown(), L.cookieAck()],
      'shutdown-before-established',
      4,
    ],
    ['the other side goes on', [...opened, L.shutdownAck(), C.data(0, 40)], 'shutdown-ack-unsolicited', 5],
    [
      'the other side acknowledges later',
      [...opened, C.shutdown(), C.shutdownComplete(), L.shutdownAck()],
      'shutdown-complete-unsolicited',
      6,
    ],
    [
      'the skipped bytes come next and alone',
      [...opened, C.data(40, 80), C.data(0, 40), L.bare(0, 0)],
      'sequence-gap',
      5,
    ],
    [
      'the receiver still lacks them later',
      [...opened, C.data(0, 40), L.bare(0, 40), C.data(80, 120), later(0.3, L.data(0, 10, 40))],
      'sequence-gap',
      7,
    ],
    [
      'the receiver still lacks them later, and their sender goes on without them',
      [...opened, C.data(0, 40), L.bare(0, 40), C.data(80, 120), later(0.3, L.data(0, 10, 40)), C.data(120, 160)],
      'sequence-gap',
      7,
    ],
    [
      'more is counted than was sent, and its sender goes on from what was seen',
      [...opened, C.data(0, 40), L.data(0, 10, 80), C.data(20, 100)],
      'ack-unsent',
      6,
    ],
    [
      'a second SHUTDOWN comes when all is over',
      [...opened, L.data(0, 40), C.shutdown(), L.shutdownAck(), C.shutdownComplete(), later(0.5, C.shutdown(40))],
      'after-close',
      9,
    ],
    ['new bytes come after the ABORT', [...opened, C.data(0, 40), C.abort(), C.data(40, 80)], 'after-abort', 7],
    [
      'an echo comes after the ABORT of one that nobody has taken',
      [C.init(), L.cookie(), C.abort(), later(0.5, C.echo())],
      'after-abort',
      4,
    ],
    [
      'what came before may have been counted twice',
      [...opened, L.data(0, 40), C.bare(0, 40), L.data(0, 40), C.bare(0, 80)],
      'ack-unsent',
      8,
    ],
    [
      'more is counted than one DATA carries, and refused',
      [...opened, L.data(0, 40), C.bare(0, 40), C.bare(0, 70_000), L.abort()],
      'ack-unsent',
      7,
    ],
    [
      'COOKIE-ACK comes at once, and can only answer the one echo',
      [...opened.slice(0, 3), L.data(0, 40), L.cookieAck()],
      'data-before-ack',
      4,
    ],
    [
      'the echo comes sooner than its connector asks again',
      [C.init(), later(0.1, C.init()), L.cookie(), C.data(0, 40), later(0.05, C.echo())],
      'data-before-echo',
      4,
    ],
    ['the sender counts on from less', [...opened, L.bare(0, 500), later(0.3, C.data(0, 40))], 'ack-unsent', 5],
  ])('%s', (_name, lines, rule, frame) => {
    expect(found(lines)[0]).toEqual([{ rule: `mnet/${rule}`, frame }]);
  });

  test('an echo with another HMAC was altered, whatever is missing, and who takes it is at fault', () => {
    const lines = [C.init(), L.cookie(), C.echo({ hmac: new Uint8Array(20) }), L.cookieAck(), C.data(0, 40)];
    expect(found(lines)[0]).toEqual([
      { rule: 'mnet/echo-mismatch', frame: 3 },
      { rule: 'mnet/bad-cookie-accepted', frame: 4 },
    ]);
  });
});

test('that a cookie was too old depends on two clocks: accepting its echo is only a warning', () => {
  const { findings } = judge([C.init(), L.cookie(), later(20, C.echo()), L.cookieAck()]);
  expect(findings.map(({ ruleId, severity }) => [ruleId, severity])).toEqual([
    ['mnet/echo-expired', 'warning'],
    ['mnet/bad-cookie-accepted', 'warning'],
  ]);
});
