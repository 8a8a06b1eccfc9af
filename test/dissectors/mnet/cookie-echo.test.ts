/** Rules about COOKIE-ECHO. */
import { describe, expect, test } from 'vitest';
import {
  between,
  CONNECTOR,
  type CookieParts,
  handshake,
  judge,
  LISTENER,
  later,
  parties,
  START,
} from '../../kit/mnet.ts';

const { C, L } = parties();
const SILENT: never[] = [];
const OTHER = '10.0.0.3:5000';
const otherInit = between(OTHER, LISTENER, [C.init({ tag: 0x6b1d09 })]);
const altered = { hmac: new Uint8Array(20) };

describe('mnet/echo-unsolicited', () => {
  test('an echo of nothing, which the listener refuses', () => {
    const { broken, findings } = judge([C.init(), C.echo(), L.abort()]);
    expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, relatedFrames: [1], state: 'COOKIE-WAIT' });
  });

  test('its connector goes on all the same: late DATA of it is none of the next connection', () => {
    const R = parties({ tags: 'receiver' });
    const next = parties({ tags: 'receiver', initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken, connections } = judge([
      ...[R.C.init(), R.C.echo(), R.L.abort(), R.C.data(0, 40), R.C.data(40, 80)],
      ...[...handshake(next), next.C.data(0, 40), R.C.data(0, 40), next.L.bare(0, 40)],
    ]);
    expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }]);
    expect(connections.map(({ messages }) => messages)).toEqual([6, 6]);
  });

  test('its refusal answers the INIT as well, with which tag ever', () => {
    for (const tag of [0xb60afb, 0xcf742a]) {
      const { broken } = judge([C.init(), C.echo(), L.abort({ tag }), later(9, C.echo())]);
      expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }]);
    }
  });

  test('a late copy of its refusal, in the next connection', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const talk = [next.C.data(0, 40), next.L.data(0, 40, 40)];
    const { broken, connections } = judge([C.init(), C.echo(), L.abort(), ...handshake(next), L.abort(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }]);
    expect(connections.map(({ messages }) => messages)).toEqual([4, 6]);
  });

  test('the first message, with midstream never', () => {
    const { broken } = judge([C.echo(), L.abort()], { mapped: true, midstream: 'never' });
    expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 1 }]);
  });

  test('the first message of a capture otherwise: the cookie may have come before', () => {
    const { broken } = judge([C.echo(), L.cookieAck(), C.data(0, 40), L.data(0, 40, 40)], { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
  });

  test('an echo before its cookie: the cookie that follows is not reported', () => {
    expect(judge([C.init(), C.echo(), L.cookie()]).broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }]);
  });
});

describe('mnet/echo-mismatch', () => {
  test.each<[string, CookieParts]>([
    ['HMAC', altered],
    ['listener tag', { tag: 0xb60afc }],
    ['peer tag', { peerTag: 0xcf742b }],
    ['Expiration', { expiration: START + 60 }],
  ])('another %s', (_name, parts) => {
    // The listener refuses it with the tag it issued, or with the one it was sent.
    for (const tag of [0xb60afb, parts.tag ?? 0xcf742a]) {
      expect(judge([C.init(), L.cookie(), C.echo(parts), L.abort({ tag })]).broken).toEqual([
        { rule: 'mnet/echo-mismatch', frame: 3 },
      ]);
    }
  });

  test.each([
    ['peer tag', { peerTag: 0xcf742b }],
    ['listener tag', { tag: 0xb60afc }],
  ])('another %s, and a late copy of it in the next connection', (_name, parts) => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const lines = [C.init(), L.cookie(), C.echo(parts), ...handshake(next), C.echo(parts), next.C.data(0, 40)];
    expect(judge(lines).broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 3 }]);
  });

  test('then a proper echo, which is what the listener answers', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(altered), C.echo(), L.cookieAck(), C.data(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 3 }]);
  });

  test('an echo of the first of two cookies', () => {
    const second = { tag: 0x777777, expiration: START + 7 };
    const { broken } = judge([C.init(), L.cookie(), later(0.3, C.init()), L.cookie(second), C.echo(), L.cookieAck()]);
    expect(broken).toEqual(SILENT);
  });

  test('parts of two cookies put together', () => {
    const second = { tag: 0x777777, expiration: START + 7 };
    const mixed = { tag: 0x777777 };
    const { broken } = judge([C.init(), L.cookie(), C.init(), L.cookie(second), C.echo(mixed), L.abort()]);
    expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 5 }]);
  });
});

describe('mnet/echo-address', () => {
  test('the cookie of another port of the same host', () => {
    const { broken } = judge([
      C.init(),
      L.cookie(),
      ...between('10.0.0.1:5001', LISTENER, [C.init({ tag: 0x6b1d09 }), C.echo(), L.abort()]),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/echo-address', frame: 4 }]);
  });

  test('though a cookie was issued to this pair as well', () => {
    const own = { tag: 0x777777, peerTag: 0x6b1d09 };
    const { broken, findings } = judge([
      C.init(),
      L.cookie(),
      ...otherInit,
      ...between(OTHER, LISTENER, [L.cookie(own), C.echo(), L.abort()]),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/echo-address', frame: 5 }]);
    expect(findings[0]).toMatchObject({ atFault: OTHER, bytes: { offset: 1, length: 31 } });
  });

  test('two pairs, each with its own cookie', () => {
    const own = { tag: 0x777777, peerTag: 0x6b1d09 };
    const other = between(OTHER, LISTENER, [L.cookie(own), C.echo(own)]);
    expect(judge([C.init(), L.cookie(), ...otherInit, ...other, C.echo()]).broken).toEqual(SILENT);
  });
});

describe('mnet/echo-expired', () => {
  test.each([
    ['with the cookie still valid', 5, {}, SILENT],
    ['2 s late, as far as clockSkew allows', 8, {}, SILENT],
    ['3 s late', 9, {}, [{ rule: 'mnet/echo-expired', frame: 3 }]],
    ['3 s late, where the clocks may differ by 5 s', 9, { clockSkew: '5s' }, SILENT],
  ])('%s', (_name, seconds, dialect, expected) => {
    const conversation = [C.init(), later(0, L.cookie()), later(seconds, C.echo()), L.abort()];
    expect(judge(conversation, { dialect }).broken).toEqual(expected);
  });

  test('an echo doubled by the network long after', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40), later(60, C.echo())]);
    expect(broken).toEqual(SILENT);
  });

  test('a new echo, of the newer cookie', () => {
    const fresh = { tag: 0x777777, expiration: START + 16 };
    const late = later(9, C.init());
    const acknowledged = L.cookieAck({ tag: 0x777777 });
    expect(judge([C.init(), L.cookie(), late, L.cookie(fresh), C.echo(fresh), acknowledged]).broken).toEqual(SILENT);
  });
});
