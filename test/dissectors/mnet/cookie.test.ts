/** Rules about COOKIE. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/testkit/bytes.ts';
import { between, handshake, judge, LISTENER, later, parties, START } from '../../kit/mnet.ts';

const { C, L } = parties();
const SILENT: never[] = [];

describe('mnet/cookie-unsolicited', () => {
  test('the first message of a capture: its INIT may have come before', () => {
    expect(judge([L.cookie(), C.echo(), L.cookieAck()], { mapped: true }).broken).toEqual([
      { rule: 'mnet/unknown-connection', frame: 1 },
    ]);
  });

  test('with midstream never, and the handshake goes on', () => {
    const { broken, findings } = judge([L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40)], {
      mapped: true,
      midstream: 'never',
    });
    expect(broken).toEqual([{ rule: 'mnet/cookie-unsolicited', frame: 1 }]);
    expect(findings[0].atFault).toBe(LISTENER);
  });

  test('two cookies for one INIT: the network may have doubled it', () => {
    expect(judge([C.init(), L.cookie(), L.cookie({ tag: 0x777777 })]).broken).toEqual(SILENT);
  });
});

describe('mnet/unsupported-version-accepted', () => {
  test('no cookie for another version, an ABORT instead', () => {
    expect(judge([C.init({ version: 2 }), L.abort({ tag: 0xcf742a })]).broken).toEqual([
      { rule: 'mnet/unsupported-version', frame: 1 },
    ]);
  });

  test('the listener goes on with it: the handshake is not reported further', () => {
    const { broken } = judge([C.init({ version: 2 }), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 40)]);
    expect(broken).toEqual([
      { rule: 'mnet/unsupported-version', frame: 1 },
      { rule: 'mnet/unsupported-version-accepted', frame: 2 },
    ]);
  });

  test('the connector asks again with version 1, and gets a cookie', () => {
    expect(judge([C.init({ version: 2 }), C.init(), L.cookie()]).broken).toEqual([
      { rule: 'mnet/unsupported-version', frame: 1 },
    ]);
  });
});

describe('mnet/unsupported-version-accepted, where a connection began unseen', () => {
  const other = C.init({ version: 3 });
  const R = parties({ tags: 'receiver' });
  const ofReceiver = R.C.data(40, 80, 40);
  const rest = [C.echo(), L.cookieAck(), C.data(80, 120, 40), L.bare(40, 120)];

  test.each([
    ['its connector speaks with the tag of the INIT', [C.data(40, 80, 40), other, L.cookie(), ...rest], 2],
    ['with the tag of the cookie', [ofReceiver, other, R.L.cookie(), R.C.echo(), R.L.cookieAck()], 2],
    ['and does so behind the INIT only', [other, C.data(40, 80, 40), L.cookie(), ...rest], 1],
    ['its echo names the INIT', [ofReceiver, other, R.C.echo(), L.cookie({ tag: 0x777777 }), R.L.cookieAck()], 2],
    ['nobody knows the tags of its ends', [L.abort(), C.init({ version: 3 }), L.cookie({ tag: 0x777777 })], 2],
  ])('the cookie may answer its own INIT: %s', (_name, lines, frame) => {
    const { broken } = judge(lines, { mapped: true });
    expect(broken.filter(({ rule }) => rule !== 'mnet/unknown-connection')).toEqual([
      { rule: 'mnet/unsupported-version', frame },
    ]);
  });

  test('of which both ends were heard, with other tags: the cookie answers the INIT that was seen', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const lines = [C.data(40, 80, 40), L.data(40, 60, 80), next.C.init({ version: 3 }), next.L.cookie()];
    expect(judge(lines, { mapped: true }).broken).toEqual([
      { rule: 'mnet/unknown-connection', frame: 1 },
      { rule: 'mnet/unsupported-version', frame: 3 },
      { rule: 'mnet/unsupported-version-accepted', frame: 4 },
    ]);
  });
});

describe('mnet/cookie-peer-tag', () => {
  test('a cookie for another tag; the echo copies it and is not reported again', () => {
    const peerTag = 0x111111;
    const { broken, findings } = judge([C.init(), L.cookie({ peerTag }), C.echo({ peerTag }), L.cookieAck()]);
    expect(broken).toEqual([{ rule: 'mnet/cookie-peer-tag', frame: 2 }]);
    expect(findings[0]).toMatchObject({ expected: '0xcf742a', actual: '0x111111', relatedFrames: [1] });
  });

  test.each([
    ['cookie', L.cookie({ peerTag: 0x111111 })],
    ['echo', C.echo({ peerTag: 0x111111 })],
  ])('a late copy of its %s at each point of the next: either connection keeps its tags', (_name, copy) => {
    const peerTag = 0x111111;
    const first = [C.init(), L.cookie({ peerTag }), C.echo({ peerTag }), L.cookieAck(), C.data(0, 40)];
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const second = [...handshake(next), next.C.data(0, 40), next.L.data(0, 40, 40)];
    second.forEach((_, at) => {
      const end = [...second.slice(at + 1), C.shutdownAck(), L.shutdownComplete(), next.L.data(40, 80, 40)];
      const judged = judge([...first, ...second.slice(0, at + 1), copy, L.shutdown(40), ...end]);
      expect([at, judged.broken]).toEqual([at, [{ rule: 'mnet/cookie-peer-tag', frame: 2 }]]);
      expect(judged.connections.map(({ state }) => state)).toEqual(['CLOSED', 'ESTABLISHED']);
    });
  });

  test('a late cookie of the connection before, on the same pair', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken } = judge([C.init(), L.cookie(), C.abort(), next.C.init(), L.cookie(), next.L.cookie()]);
    expect(broken).toEqual(SILENT);
  });
});

describe('mnet/cookie-expired', () => {
  test.each([
    ['2 s before its capture time: as far as clockSkew allows', START - 2, {}, SILENT],
    ['3 s before', START - 3, {}, [{ rule: 'mnet/cookie-expired', frame: 2 }]],
    ['3 s before, where the clocks may differ by 5 s', START - 3, { clockSkew: '5s' }, SILENT],
    [
      '1 s before, where they may not differ',
      START - 1,
      { clockSkew: '0s' },
      [{ rule: 'mnet/cookie-expired', frame: 2 }],
    ],
    ['still 6 s to go', START + 6, {}, SILENT],
  ])('%s', (_name, expiration, dialect, expected) => {
    // The frames share one second, so that times are exact.
    expect(judge([C.init(), later(0, L.cookie({ expiration }))], { dialect }).broken).toEqual(expected);
  });

  test.each([0, 1, 10, 100_000])(
    '%s s late: by that clock nobody can tell how old its echo is, or blame who takes it',
    seconds => {
      const expiration = START - seconds;
      const lines = [
        C.init(),
        L.cookie({ expiration }),
        later(9, C.echo({ expiration })),
        L.cookieAck(),
        C.data(0, 40),
      ];
      const { broken, connections } = judge(lines, { dialect: { byteOrder: 'little' } });
      expect(broken).toEqual(seconds > 2 ? [{ rule: 'mnet/cookie-expired', frame: 2 }] : []);
      expect(connections[0].verdict).toBe(seconds > 2 ? 'violations' : 'inconclusive');
    },
  );

  test('an Expiration that is no time in either byte order cannot be read', () => {
    const judged = judge([C.init(), L.cookie({ expiration: 0 })]);
    expect(judged.broken).toEqual(SILENT);
    expect(judged.connections[0].verdict).toBe('inconclusive');
  });

  test('the same with the byte order given', () => {
    const { broken } = judge([C.init(), L.cookie({ expiration: 0 })], { dialect: { byteOrder: 'little' } });
    expect(broken).toEqual([{ rule: 'mnet/cookie-expired', frame: 2 }]);
  });

  test('a doubled cookie that arrives after its time was not sent then', () => {
    expect(judge([C.init(), L.cookie(), C.echo(), L.cookieAck(), later(9, L.cookie())]).broken).toEqual(SILENT);
  });
});

describe('mnet/cookie-mac', () => {
  const key = hex('00112233445566778899');
  const dialect = { cookieMac: 'spec', cookieKey: '00112233445566778899' };
  // Expiration as it stands on the wire, then the connector's address, the listener's port, both tags.
  const expiration = hex('06f15365');
  const signed = concat(expiration, [10, 0, 0, 1], [0x69, 0x77], hex('b60afb'), hex('cf742a'));
  const mac = (over: Uint8Array) => createHmac('sha1', key).update(over).digest();

  test('the bytes above are those of the cookie', () => {
    expect(L.cookie().bytes.slice(8, 12)).toEqual(expiration);
  });

  test('verifies as the specification has it', () => {
    expect(judge([C.init(), L.cookie({ hmac: mac(signed) })], { dialect }).broken).toEqual(SILENT);
  });

  test.each([
    ['under another key', createHmac('sha1', 'other').update(signed).digest()],
    ['over another address', mac(concat(expiration, [10, 0, 0, 9], [0x69, 0x77], hex('b60afb cf742a')))],
    ['with one bit changed', mac(signed).map((byte, i) => (i === 19 ? byte ^ 1 : byte))],
  ])('does not verify %s, and its echo is not reported again', (_name, hmac) => {
    const { broken } = judge([C.init(), L.cookie({ hmac }), C.echo({ hmac }), L.cookieAck()], { dialect });
    expect(broken).toEqual([{ rule: 'mnet/cookie-mac', frame: 2 }]);
  });

  test('over IPv6 all 16 bytes of the address are signed', () => {
    const address = hex('20010db8 00000000 00000000 00000001');
    const hmac = mac(concat(expiration, address, [0x69, 0x77], hex('b60afb cf742a')));
    const lines = between('[2001:db8::1]:5000', '[2001:db8::2]:26999', [C.init(), L.cookie({ hmac })]);
    expect(judge(lines, { dialect }).broken).toEqual(SILENT);
  });

  // Adler-32 (RFC 1950) of the texts, as Python's zlib gives it, in little-endian.
  test.each([
    ['10.0.0.2:26999', 'cb 02 32 14'],
    ['0.0.0.0:26999', '98 02 75 11'],
    ['[::]:26999', '7a 02 81 0e'],
  ])('as the Go implementation computes it, printing its address as %s', (_text, adler32) => {
    const hmac = mac(concat(L.cookie().bytes.slice(1, 12), hex(adler32)));
    const options = { dialect: { ...dialect, cookieMac: 'gomnet' } };
    expect(judge([C.init(), L.cookie({ hmac })], options).broken).toEqual(SILENT);
  });

  test('without a key nothing is checked', () => {
    expect(judge([C.init(), L.cookie({ hmac: new Uint8Array(20) })]).broken).toEqual(SILENT);
  });
});
