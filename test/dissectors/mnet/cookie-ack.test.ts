/** Rules about COOKIE-ACK, and about what a listener accepts by it. */
import { describe, expect, test } from 'vitest';
import { between, judge, LISTENER, later, parties, resized } from '../../kit/mnet.ts';

const { C, L } = parties();
const SILENT: never[] = [];
const altered = { hmac: new Uint8Array(20) };
const talk = [C.data(0, 40), L.data(0, 40, 40)];

describe('mnet/cookie-ack-unsolicited', () => {
  test('after INIT alone', () => {
    expect(judge([C.init(), L.cookieAck()]).broken).toEqual([{ rule: 'mnet/cookie-ack-unsolicited', frame: 2 }]);
  });

  test('before the echo, and then both go on', () => {
    const { broken, findings } = judge([C.init(), L.cookie(), L.cookieAck(), C.echo(), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/cookie-ack-unsolicited', frame: 3 }]);
    expect(findings[0]).toMatchObject({ atFault: LISTENER, relatedFrames: [1, 2] });
  });

  test('the first message, with midstream never', () => {
    const { broken } = judge([L.cookieAck()], { mapped: true, midstream: 'never' });
    expect(broken).toEqual([{ rule: 'mnet/cookie-ack-unsolicited', frame: 1 }]);
  });

  test('an echo that was malformed is an echo', () => {
    const { broken } = judge([C.init(), L.cookie(), resized(31, C.echo()), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 3 }]);
  });

  test('COOKIE-ACK again for a doubled echo', () => {
    expect(judge([C.init(), L.cookie(), C.echo(), L.cookieAck(), C.echo(), L.cookieAck(), ...talk]).broken).toEqual(
      SILENT,
    );
  });
});

/** The finding about the echo stands beside this rule's by necessity: it is what makes the cookie a bad one. */
describe('mnet/bad-cookie-accepted', () => {
  const accepted = (frame: number) => ({ rule: 'mnet/bad-cookie-accepted', frame });

  test('an altered cookie, once, and the connection goes on', () => {
    const { broken, connections } = judge([C.init(), L.cookie(), C.echo(altered), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 3 }, accepted(4)]);
    expect(connections[0].state).toBe('ESTABLISHED');
  });

  test('an unsolicited one', () => {
    const { broken } = judge([C.init(), C.echo(), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/echo-unsolicited', frame: 2 }, accepted(3)]);
  });

  test('an expired one', () => {
    const { broken } = judge([C.init(), L.cookie(), later(9, C.echo()), L.cookieAck(), ...talk]);
    expect(broken).toEqual([{ rule: 'mnet/echo-expired', frame: 3 }, accepted(4)]);
  });

  test("another pair's", () => {
    const other = '10.0.0.3:5000';
    const { broken, findings } = judge([
      C.init(),
      L.cookie(),
      ...between(other, LISTENER, [C.init({ tag: 0x6b1d09 }), C.echo(), L.cookieAck({ tag: 0xb60afb })]),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/echo-address', frame: 4 }, accepted(5)]);
    expect(findings[1]).toMatchObject({ atFault: LISTENER, relatedFrames: [4], to: other });
  });

  test('by DATA, where the COOKIE-ACK itself was malformed', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(altered), resized(5, L.cookieAck()), L.data(0, 40)]);
    expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: 3 }, { rule: 'mnet/length', frame: 4 }, accepted(5)]);
  });

  test('a good echo came besides the bad one: the answer may be to it', () => {
    for (const echoes of [
      [C.echo(altered), C.echo()],
      [C.echo(), C.echo(altered)],
    ]) {
      const { broken } = judge([C.init(), L.cookie(), ...echoes, L.cookieAck()]);
      expect(broken).toEqual([{ rule: 'mnet/echo-mismatch', frame: echoes[0].bytes[12] === 0 ? 3 : 4 }]);
    }
  });

  test('ABORT refuses it', () => {
    expect(judge([C.init(), L.cookie(), C.echo(altered), L.abort()]).broken).toEqual([
      { rule: 'mnet/echo-mismatch', frame: 3 },
    ]);
  });

  test('the echo of a malformed COOKIE cannot be judged bad', () => {
    const { broken } = judge([C.init(), resized(33, L.cookie()), C.echo(), L.cookieAck()]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 2 }]);
  });
});
