/** Conversations that conform: whatever the network does to them, nobody is accused. */
import { describe, expect, test } from 'vitest';
import type { ByteOrder } from '../../../src/testkit/bytes.ts';
import { ethernet, ipv4 } from '../../../src/testkit/packet.ts';
import {
  between,
  cut,
  frameBytes,
  handshake,
  type Judged,
  judge,
  LISTENER,
  type Line,
  later,
  Observer,
  parties,
  START,
  type Tags,
  tally,
} from '../../kit/mnet.ts';
import { placesOf } from '../../kit/portion.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const closing = [C.shutdown(40), L.shutdownAck(), C.shutdownComplete()];
/** A whole conversation of every message but ABORT. */
const whole: readonly Line[] = [
  ...opened,
  C.data(0, 40),
  L.data(0, 40, 40),
  C.data(40, 80, 40),
  L.bare(40, 80),
  L.data(40, 60, 80),
  C.bare(80, 60),
  C.shutdown(60),
  L.shutdownAck(),
  C.shutdownComplete(),
];
const SILENT: never[] = [];
const reordered = (frame: number) => ({ rule: 'mnet/reordered', frame });
/** The conversations that follow on a pair, with tags of their own. */
const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
const third = parties({ initTag: 0x5e0a76, listenerTag: 0x2d4411 });

function accused({ findings }: Judged): string[] {
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ frame, ruleId, message }) => `${frame} ${ruleId}: ${message}`);
}

describe('readings', () => {
  const orders: ByteOrder[] = ['little', 'big'];
  const readings: Tags[] = ['initiator', 'receiver', 'sender'];
  const dialects = orders.flatMap(order => readings.map(tags => ({ order, tags })));
  const ambiguous = (frame: number) => ({ rule: 'mnet/ambiguous-reading', frame });

  function talk(terms: { order: ByteOrder; tags: Tags }): Line[] {
    const P = parties(terms);
    return [
      ...handshake(P),
      P.C.data(0, 40),
      P.L.data(0, 40, 40),
      P.C.data(40, 80, 40),
      P.L.shutdown(80),
      P.C.shutdownAck(),
      P.L.shutdownComplete(),
    ];
  }

  test.each(dialects)('$order-endian integers, $tags tags: recognised, settled, named once', terms => {
    const { broken, report, connections } = judge(talk(terms), { readings: true });
    expect(broken).toEqual([ambiguous(2), ambiguous(5)]);
    expect(report.protocols[0].dialect).toMatchObject({ byteOrder: terms.order, tags: terms.tags });
    expect(connections).toMatchObject([{ state: 'CLOSED', verdict: 'conformant' }]);
  });

  test.each(dialects)('$order-endian integers, $tags tags, settled by the user', ({ order, tags }) => {
    const { broken, report } = judge(talk({ order, tags }), { readings: true, dialect: { byteOrder: order, tags } });
    expect(broken).toEqual(SILENT);
    expect(report.summary.verdict).toBe('conformant');
  });

  test('all of them in one capture, each named once', () => {
    const lines = dialects.flatMap((terms, n) => between(`10.0.0.1:${5001 + n}`, `10.0.1.${n}:26999`, talk(terms)));
    const { broken, connections } = judge([...lines, ...between('10.0.0.9:1', '10.0.1.9:2', talk(dialects[0]))], {
      readings: true,
    });
    // little and initiator, receiver, sender, big: the orders at the cookies, the tags at the connector's first DATA.
    expect(broken).toEqual([2, 5, 15, 25, 32].map(ambiguous));
    expect(connections.every(({ verdict }) => verdict === 'conformant')).toBe(true);
  });
});

describe('messages sent again', () => {
  test('INIT every 300 ms, each answered by a fresh cookie; the last but one is echoed', () => {
    const cookie = (n: number) => ({ tag: 0xb60afb + n * 0x1357, expiration: START + 6 + n });
    const lines = [0, 1, 2, 3, 4, 5].flatMap(n => [later(0.3, C.init()), L.cookie(cookie(n))]);
    const P = parties({ listenerTag: cookie(4).tag });
    const judged = judge([...lines, P.C.echo(cookie(4)), P.L.cookieAck(), P.C.data(0, 40), P.L.data(0, 40, 40)]);
    expect(judged.broken).toEqual(SILENT);
    expect(judged.connections[0].verdict).toBe('conformant');
  });

  test('INIT more often than its cookies are remembered', () => {
    const cookie = (n: number) => ({ tag: 0xb60afb + n * 0x1357, expiration: START + 6 });
    const lines = Array.from({ length: 20 }, (_, n) => [C.init(), L.cookie(cookie(n))]).flat();
    for (const n of [0, 7, 8, 19]) {
      const P = parties({ listenerTag: cookie(n).tag });
      const judged = judge([...lines, P.C.echo(cookie(n)), P.L.cookieAck(), P.C.data(0, 40), P.L.data(0, 40, 40)]);
      expect(judged.broken).toEqual(SILENT);
    }
  });

  test('COOKIE-ECHO every 300 ms, each acknowledged', () => {
    const again = [1, 2, 3, 4].flatMap(() => [later(0.3, C.echo()), L.cookieAck()]);
    expect(judge([C.init(), L.cookie(), C.echo(), ...again, C.data(0, 40)]).broken).toEqual(SILENT);
  });

  test('COOKIE-ECHO every 300 ms, the last acknowledged', () => {
    const again = [1, 2, 3, 4].map(() => later(0.3, C.echo()));
    expect(judge([C.init(), L.cookie(), C.echo(), ...again, L.cookieAck(), C.data(0, 40)]).broken).toEqual(SILENT);
  });

  test('SHUTDOWN and SHUTDOWN-ACK every 300 ms', () => {
    const again = (line: Line) => [line, later(0.3, line), later(0.3, line)];
    const lines = [...opened, ...again(C.shutdown()), ...again(L.shutdownAck()), ...again(C.shutdownComplete())];
    expect(judge(lines).broken).toEqual(SILENT);
  });

  test('SHUTDOWN again that acknowledges more: data came in between', () => {
    const { broken } = judge([...opened, C.shutdown(), L.data(0, 40), later(0.4, C.shutdown(40)), L.shutdownAck()]);
    expect(broken).toEqual(SILENT);
  });

  test('DATA from the first unacknowledged byte on, in other cuts', () => {
    const { broken } = judge([
      ...opened,
      C.data(0, 40),
      C.data(40, 80),
      later(0.2, C.data(0, 60)),
      C.data(0, 20),
      C.data(20, 80),
      later(0.2, C.data(30, 120)),
      C.data(120, 130),
      C.data(0, 130),
      L.bare(0, 130),
    ]);
    expect(broken).toEqual(SILENT);
  });

  test('bare acknowledgements everywhere they are allowed', () => {
    const { broken } = judge([
      ...opened.slice(0, 3),
      C.bare(0),
      L.cookieAck(),
      L.bare(0),
      C.data(0, 40),
      L.bare(0, 40),
      L.bare(0, 40),
      C.shutdown(),
      C.bare(40),
      L.bare(0, 40),
      L.shutdownAck(),
      L.bare(0, 40),
      C.bare(40),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual(SILENT);
  });
});

describe('endings', () => {
  const both = [...opened, C.shutdown(), L.shutdown()];

  test.each([
    ['the connector completes', [C.shutdownAck(), L.shutdownAck(), C.shutdownComplete()]],
    ['the listener completes', [C.shutdownAck(), L.shutdownAck(), L.shutdownComplete()]],
    ['both complete', [L.shutdownAck(), C.shutdownAck(), C.shutdownComplete(), L.shutdownComplete()]],
    ['one is quicker', [L.shutdownAck(), C.shutdownComplete(), C.shutdownAck(), L.shutdownComplete()]],
  ])('both shut down at once, %s', (_name, lines) => {
    const { broken, connections } = judge([...both, ...lines]);
    expect(broken).toEqual(SILENT);
    expect(connections).toMatchObject([{ state: 'CLOSED', verdict: 'conformant' }]);
  });

  test('DATA that crosses a SHUTDOWN, and its acknowledgement', () => {
    const { broken } = judge([
      ...opened,
      C.data(0, 40),
      C.shutdown(),
      L.data(0, 40),
      L.data(40, 80, 40),
      C.bare(40, 80),
      L.shutdownAck(),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual(SILENT);
  });

  test('whatever crosses an ABORT', () => {
    const crossing = [L.data(0, 40), L.bare(0, 40), L.shutdown(40), L.shutdownAck(), L.abort()];
    for (const line of crossing) {
      const lines = [...opened, C.data(0, 40), C.shutdown(), C.abort(), line];
      expect(judge(lines).broken).toEqual(SILENT);
    }
  });

  test('COOKIE-ACK and DATA that cross an ABORT of the connector', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), C.abort(), L.cookieAck(), L.data(0, 40)]);
    expect(broken).toEqual(SILENT);
  });

  test('ABORT in answer to every datagram of a connection that the listener has forgotten', () => {
    const stray = [C.data(40, 80), L.abort(), C.data(80, 120), L.abort({ tag: 0xcf742a }), C.abort()];
    const { broken, connections } = judge([...opened, C.data(0, 40), ...stray]);
    expect(broken).toEqual(SILENT);
    expect(connections[0].state).toBe('ABORTED');
  });

  test('ABORT in answer to a datagram after the close', () => {
    expect(judge([...opened, C.data(0, 40), ...closing.map(zero), C.data(0, 40), L.abort()]).broken).toEqual(SILENT);
  });
});

describe('old datagrams', () => {
  /** Every datagram of a conversation arrives once more, at every later point of it. */
  function doubled(conversation: readonly Line[]): { lines: Line[]; name: string; frame: number }[] {
    return conversation.flatMap((line, first) =>
      conversation.slice(first).map((_, distance) => {
        const at = first + distance + 1;
        const lines = [...conversation.slice(0, at), line, ...conversation.slice(at)];
        return { lines, name: `frame ${first + 1} again after frame ${at}`, frame: at + 1 };
      }),
    );
  }

  const aborted = [...opened, C.data(0, 40), L.data(0, 40, 40), C.data(40, 80, 40), L.abort(), C.abort()];

  test.each([
    ['shutdown', whole],
    ['abort', aborted],
  ])('each datagram of a conversation with %s doubled, at every distance', (_name, conversation) => {
    for (const { lines, name, frame } of doubled(conversation)) {
      const judged = judge(lines);
      const others = judged.broken.filter(found => found.rule !== 'mnet/reordered' || found.frame !== frame);
      expect([name, others]).toEqual([name, SILENT]);
      expect([name, judged.report.summary.verdict]).toEqual([name, 'conformant']);
    }
  });

  test('a whole conversation once more, after its end', () => {
    const judged = judge([...whole, ...whole]);
    expect(accused(judged)).toEqual(SILENT);
  });

  test('its handshake once more after its end, and then nothing for long', () => {
    const judged = judge([...whole, C.init(), L.cookie(), C.echo(), L.cookieAck(), later(9, L.shutdownAck())]);
    expect(accused(judged)).toEqual(SILENT);
  });

  test('where they are out of order, and where they are not', () => {
    const old = [C.init(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40), L.data(0, 40, 40), C.shutdown(60)];
    const { broken } = judge([...whole, ...old]);
    // Only the side that completed may send nothing new except SHUTDOWN-ACK and SHUTDOWN-COMPLETE.
    expect(broken).toEqual([14, 16, 18, 19, 20].map(reordered));
  });
});

describe('connections in turn on one pair', () => {
  const { length } = whole;

  test('three, with other tags', () => {
    const lines = [...whole, ...handshake(next), next.C.data(0, 40), next.C.abort(), ...handshake(third)];
    const { broken, connections } = judge([...lines, third.C.data(0, 40)]);
    expect(broken).toEqual(SILENT);
    expect(connections.map(({ state }) => state)).toEqual(['CLOSED', 'ABORTED', 'ESTABLISHED']);
  });

  test('the connector gives up a handshake without a word and tries again with another tag', () => {
    const lines = [C.init(), later(0.3, C.init()), later(0.3, next.C.init()), next.L.cookie(), next.C.echo()];
    expect(judge([...lines, next.L.cookieAck(), next.C.data(0, 40)]).broken).toEqual(SILENT);
  });

  test('the same tag again after the close, with a fresh cookie', () => {
    const again = parties({ listenerTag: 0x90d2a4, expiration: START + 8 });
    const lines = [...handshake(again), again.C.data(0, 10), again.L.data(0, 10, 10), again.C.shutdown(10)];
    const judged = judge([...whole, ...lines, again.L.shutdownAck(), again.C.shutdownComplete()]);
    expect(accused(judged)).toEqual(SILENT);
    expect(judged.connections.map(({ state }) => state)).toEqual(['CLOSED', 'CLOSED']);
  });

  test.each(whole.map((line, index) => ({ line, frame: index + 1 })))(
    'frame $frame of the connection before, late, at each point of the next',
    ({ line }) => {
      const second = [...handshake(next), next.C.data(0, 40), next.L.data(0, 40, 40), next.C.shutdown(40)];
      second.forEach((_, at) => {
        const judged = judge([...whole, ...second.slice(0, at + 1), line, ...second.slice(at + 1)]);
        const others = judged.broken.filter(
          found => found.rule !== 'mnet/reordered' || found.frame !== length + at + 2,
        );
        expect([at, others]).toEqual([at, SILENT]);
        expect(judged.connections.map(({ state }) => state)).toEqual(['CLOSED', 'SHUTDOWN-SENT']);
      });
    },
  );

  test('in both directions, one after the other', () => {
    const turned = handshake(next).map(turn);
    const { broken, connections } = judge([
      ...whole,
      ...turned,
      turn(next.C.data(0, 40)),
      turn(next.L.data(0, 40, 40)),
    ]);
    expect(broken).toEqual(SILENT);
    expect(connections.map(({ client }) => client)).toEqual(['10.0.0.1:5000', LISTENER]);
  });

  test('in both directions at once, on two pairs', () => {
    const back = between('10.0.0.2:5000', '10.0.0.1:26999', [...handshake(next), next.C.data(0, 40)]);
    const { broken } = judge(back.flatMap((line, i) => [opened[i] ?? C.data(0, 40), line]));
    expect(broken).toEqual(SILENT);
  });

  test('the old connection goes on after an INIT that led to nothing', () => {
    const lines = [...opened, C.data(0, 40), next.C.init(), L.data(0, 40, 40), C.data(40, 80, 40), C.shutdown(40)];
    expect(judge(lines).broken).toEqual(SILENT);
  });
});

describe('counters that wrap', () => {
  const LARGEST = 65_493;
  const WRAP = 2 ** 32;

  test('past 2^32, and the acknowledgements with them', () => {
    const observer = new Observer();
    for (const line of opened) observer.see(line);
    let sent = 0;
    for (let count = 1; sent < WRAP + 10 * LARGEST; count++) {
      observer.see(later(0, C.headerOfData(sent % WRAP, (sent + LARGEST) % WRAP)));
      sent += LARGEST;
      if (count % 1000 === 0) observer.see(later(0, L.bare(0, sent % WRAP)));
    }
    const now = sent % WRAP;
    observer
      .see(L.bare(0, now))
      .see(C.data(now, now + 40))
      .see(C.data(now, now + 40))
      .see(L.data(0, 40, now + 40));
    observer.see(C.shutdown(40)).see(L.shutdownAck()).see(C.shutdownComplete());
    const judged = observer.judged();
    expect(judged.broken).toEqual(SILENT);
    expect(judged.connections).toMatchObject([{ state: 'CLOSED', verdict: 'conformant' }]);
    expect(tally(judged, 'mnet/sequence-gap')).toMatchObject({ broken: 0, inconclusive: 0 });
  });
});

describe('captures that do not see all', () => {
  test.each(whole.map((_, index) => ({ index })))('begins after frame $index', ({ index }) => {
    const judged = judge(whole.slice(index), { mapped: true });
    const unknown = { rule: 'mnet/unknown-connection', frame: 1 };
    expect(judged.broken).toEqual(index === 0 ? SILENT : [unknown]);
    expect(judged.connections[0].verdict).toBe(index === 0 ? 'conformant' : 'inconclusive');
  });

  test.each(whole.map((_, index) => ({ end: index + 1 })))('ends after frame $end', ({ end }) => {
    const judged = judge(whole.slice(0, end));
    expect(judged.broken).toEqual(SILENT);
    const waiting = [1, 3, 11, 12].includes(end);
    expect(judged.connections[0].verdict).toBe(waiting ? 'inconclusive' : 'conformant');
  });

  test.each(whole.map((_, index) => ({ lost: index })))(
    'lacks frame $lost (from 0), and says that it dropped',
    ({ lost }) => {
      const lines = whole.filter((_, index) => index !== lost);
      const judged = judge(lines, { mapped: true, dropped: 1 });
      expect(accused(judged)).toEqual(SILENT);
      expect(judged.report.summary.verdict).toBe('inconclusive');
    },
  );

  test('a fault that the bytes prove stays, though packets were dropped', () => {
    const other = C.data(0, 40, 0, { content: new Uint8Array(40) });
    const judged = judge([...opened, C.data(0, 40), other, C.data(80, 120)], { dropped: 1 });
    expect(judged.broken).toEqual([{ rule: 'mnet/retransmit-differs', frame: 6 }]);
    expect(judged.report.summary.verdict).toBe('violations');
  });

  describe('an INIT that arrives late', () => {
    const unknown = { rule: 'mnet/unknown-connection', frame: 1 };
    const begun = [C.data(40, 80, 40), L.data(40, 60, 80)];
    const R = parties({ tags: 'receiver' });
    const lateHandshake = [R.C.data(40, 80, 40), ...handshake(R), R.L.data(40, 60, 80), R.C.bare(80, 60)];

    test.each<[string, readonly Line[]]>([
      ['of a connection whose both ends were heard', [...begun, C.init(), C.bare(80, 60), L.bare(60, 80)]],
      ['of which the connector was heard', [C.data(40, 80, 40), C.init(), L.data(40, 60, 80), C.bare(80, 60)]],
      ['of which the listener was heard', [L.data(40, 60, 80), C.init(), C.bare(80, 60), L.bare(60, 80)]],
      ['of which an ABORT was heard', [L.abort(), C.init(), L.cookie(), C.bare(80, 60), L.bare(60, 80)]],
      [
        'of which the ABORT of a listener without state was heard',
        [L.abort({ tag: 0xcf742a }), C.init(), C.bare(80, 60)],
      ],
      ['whose connector speaks with the tag of the COOKIE', lateHandshake],
      ['of which the COOKIE was heard', [L.cookie(), C.init(), C.echo(), L.cookieAck(), C.data(0, 40)]],
      ['of which the COOKIE-ECHO was heard', [C.echo(), C.init(), L.cookieAck(), C.data(0, 40)]],
    ])('%s begins no other', (_name, lines) => {
      expect(judge(lines, { mapped: true }).broken).toEqual([unknown]);
    });

    test('and one that begins another: an ABORT with the tag of an end that was not heard belongs to the first', () => {
      const lines = [
        C.data(40, 80, 40),
        ...handshake(next).slice(0, 1),
        C.abort({ tag: 0xb60afb }),
        ...handshake(next),
      ];
      const judged = judge([...lines, next.C.shutdown(), next.L.shutdownAck()], { mapped: true });
      expect(judged.broken).toEqual([unknown]);
      expect(judged.connections.map(({ messages }) => messages)).toEqual([2, 7]);
    });

    test('and one that begins another: late datagrams of the first belong to the first', () => {
      const lines = [...begun, ...handshake(next), C.bare(80, 60), L.bare(60, 80), next.C.data(0, 40)];
      const judged = judge(lines, { mapped: true });
      expect(judged.broken).toEqual([unknown]);
      expect(judged.connections.map(({ messages, verdict }) => [messages, verdict])).toEqual([
        [4, 'inconclusive'],
        [5, 'conformant'],
      ]);
    });
  });

  const longest = Math.max(...whole.map(({ bytes }) => bytes.length));
  test.each(Array.from({ length: longest }, (_, captured) => ({ captured })))(
    'cut by the snap length to $captured bytes of each datagram',
    ({ captured }) => {
      const lines = whole.map(line => cut(Math.min(captured, line.bytes.length), line));
      expect(accused(judge(lines, { mapped: true }))).toEqual(SILENT);
      expect(accused(judge(lines))).toEqual(SILENT);
    },
  );

  test.each(whole.map((line, index) => ({ index, length: line.bytes.length })))(
    'frame $index (from 0) alone cut, at every length',
    ({ index, length }) => {
      for (const captured of placesOf(length, 4, index)) {
        const lines = whole.map((line, i) => (i === index ? cut(captured, line) : line));
        expect([captured, accused(judge(lines, { mapped: true }))]).toEqual([captured, SILENT]);
      }
    },
  );

  test('cut inside the headers', () => {
    for (let snapLength = 0; snapLength < 42; snapLength++) {
      const observer = new Observer({ mapped: true });
      for (const line of whole) {
        const { bytes, wireLength } = frameBytes(line);
        observer.frame(bytes.subarray(0, snapLength), wireLength);
      }
      expect(accused(observer.judged())).toEqual(SILENT);
    }
  });
});

/**
 * A datagram lost before the capture point was sent, but never seen, and its receiver did not get it either. What the
 * peers then do conforms; a few rules cannot tell it from a fault.
 */
describe('a datagram lost on its way to the capture point', () => {
  const talk = [C.data(0, 40), L.data(0, 40, 40)];
  const again = { tag: 0x777777, expiration: START + 7 };
  const P = parties({ listenerTag: again.tag });

  test.each<[string, readonly Line[]]>([
    ['INIT', [later(0.3, C.init()), L.cookie(), C.echo(), L.cookieAck(), ...talk]],
    ['COOKIE', [C.init(), later(0.3, C.init()), L.cookie(again), C.echo(again), P.L.cookieAck(), P.C.data(0, 40)]],
    ['COOKIE-ECHO', [C.init(), L.cookie(), later(0.3, C.echo()), L.cookieAck(), ...talk]],
    ['COOKIE-ACK', [C.init(), L.cookie(), C.echo(), later(0.3, C.echo()), L.cookieAck(), ...talk]],
    ['DATA, the last of several', [...opened, C.data(0, 40), later(0.2, C.data(40, 80)), L.bare(0, 80)]],
    ['an acknowledgement', [...opened, C.data(0, 40), later(0.2, C.data(0, 40)), L.bare(0, 40)]],
    ['SHUTDOWN', [...opened, ...talk, later(0.4, C.shutdown(40)), L.shutdownAck(), C.shutdownComplete()]],
    ['SHUTDOWN-ACK', [...opened, C.shutdown(), later(0.4, C.shutdown()), L.shutdownAck(), C.shutdownComplete()]],
    [
      'SHUTDOWN-COMPLETE',
      [...opened, C.shutdown(), L.shutdownAck(), later(0.4, L.shutdownAck()), C.shutdownComplete()],
    ],
    ['ABORT', [...opened, ...talk, L.bare(40, 40), L.data(40, 80, 40)]],
  ])('%s: nothing is reported', (_name, lines) => {
    expect(judge(lines).broken).toEqual(SILENT);
  });

  test('DATA that others follow: a warning, mnet/sequence-gap', () => {
    const lines = [...opened, C.data(0, 40), C.data(80, 120), later(0.2, C.data(40, 120)), L.bare(0, 120)];
    const { broken, findings } = judge(lines);
    expect(broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 6 }]);
    expect(findings[0].severity).toBe('warning');
  });

  test('COOKIE-ECHO with DATA right behind it: mnet/data-before-echo', () => {
    const lines = [C.init(), L.cookie(), C.data(0, 40), later(0.3, C.echo()), L.cookieAck(), C.data(0, 40)];
    expect(judge(lines).broken).toEqual([{ rule: 'mnet/data-before-echo', frame: 3 }]);
  });

  test('DATA whose retransmission comes behind SHUTDOWN: mnet/data-after-shutdown', () => {
    const lines = [...opened, C.shutdown(), later(0.2, C.data(0, 40)), L.bare(0, 40), L.shutdownAck()];
    expect(judge(lines).broken).toEqual([{ rule: 'mnet/data-after-shutdown', frame: 6 }]);
  });

  test('COOKIE-ACK with DATA right behind it: mnet/data-before-ack', () => {
    const lines = [C.init(), L.cookie(), C.echo(), L.data(0, 40), C.data(0, 40, 40), L.bare(40, 40), C.shutdown(40)];
    expect(judge(lines).broken).toEqual([{ rule: 'mnet/data-before-ack', frame: 4 }]);
  });
});

describe('carriers', () => {
  test('IPv6', () => {
    const judged = judge(between('[2001:db8::1]:5000', '[2001:db8::2]:26999', whole));
    expect(judged.broken).toEqual(SILENT);
    expect(judged.connections).toMatchObject([
      { client: '[2001:db8::1]:5000', state: 'CLOSED', verdict: 'conformant' },
    ]);
  });

  test('a DATA in two fragments, either first', () => {
    const { bytes } = frameBytes(C.data(0, 40));
    const datagram = bytes.subarray(34);
    const header = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, identification: 7 };
    const head = ethernet({}, ipv4({ ...header, moreFragments: true }, datagram.subarray(0, 24)));
    const tail = ethernet({}, ipv4({ ...header, fragmentOffset: 24 }, datagram.subarray(24)));
    for (const [one, two] of [
      [head, tail],
      [tail, head],
    ]) {
      const observer = new Observer();
      for (const line of opened) observer.see(line);
      observer
        .frame(one)
        .frame(two)
        .see(C.data(0, 40, 0, { content: new Uint8Array(40) }));
      const judged = observer.judged();
      expect(judged.broken).toEqual([{ rule: 'mnet/retransmit-differs', frame: 7 }]);
      expect(judged.report.summary.messages).toBe(6);
    }
  });

  test('other UDP traffic on the pair before the INIT belongs to nobody', () => {
    const { broken, report } = judge([C.raw(Uint8Array.of(1, 2, 3)), L.raw(Uint8Array.of(9, 9, 9, 9)), ...whole]);
    expect(broken).toEqual(SILENT);
    expect(report.summary).toMatchObject({ packets: whole.length + 2, messages: whole.length });
  });
});

/** The same message from the other end. */
function turn(line: Line): Line {
  return { ...line, from: line.from === 'connector' ? 'listener' : 'connector' };
}

/** SHUTDOWN that acknowledges nothing, in place of one that does. */
function zero(line: Line): Line {
  return line.bytes[0] === 5 ? { ...line, bytes: line.bytes.slice().fill(0, 4) } : line;
}
