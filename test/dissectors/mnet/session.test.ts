/** What is watched over a whole session: what never came, what began earlier, and what had to be inferred. */
import { describe, expect, test } from 'vitest';
import { between, CONNECTOR, handshake, judge, LISTENER, later, parties, START, tally } from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const SILENT: never[] = [];
/** Traffic of another pair, which carries the time of the capture on. */
const elsewhere = (seconds: number) => between('10.0.0.3:5000', LISTENER, [later(seconds, C.init({ tag: 0x6b1d09 }))]);
const long = { dialect: { clockSkew: '1000s' } };

describe('mnet/handshake-incomplete', () => {
  const incomplete = (frame: number) => ({ rule: 'mnet/handshake-incomplete', frame });

  test('INIT six times, and nothing comes: on the first of them, the listener is at fault', () => {
    const again = Array.from({ length: 5 }, () => later(0.3, C.init()));
    const { broken, findings } = judge([C.init(), ...again, ...elsewhere(4)]);
    expect(broken).toEqual([incomplete(1)]);
    expect(findings[0]).toMatchObject({ atFault: LISTENER, messageName: 'INIT', from: CONNECTOR });
  });

  test('COOKIE-ECHO three times', () => {
    const again = [later(0.3, C.echo()), later(0.3, C.echo())];
    expect(judge([C.init(), L.cookie(), C.echo(), ...again, ...elsewhere(6)]).broken).toEqual([incomplete(3)]);
  });

  test('INIT, then again without an answer after a COOKIE was not echoed: it was answered', () => {
    expect(judge([C.init(), L.cookie(), later(0.3, C.init()), ...elsewhere(6)]).broken).toEqual(SILENT);
  });

  test.each([
    ['COOKIE after 5 s', [later(5, L.cookie({ expiration: START + 11 }))], SILENT],
    ['ABORT after 5 s', [later(5, L.abort({ tag: 0xcf742a }))], SILENT],
    ['COOKIE after 5.001 s', [later(5.001, L.cookie({ expiration: START + 11 }))], [incomplete(1)]],
  ])('%s', (_name, lines, expected) => {
    expect(judge([C.init(), ...lines]).broken).toEqual(expected);
  });

  test('COOKIE-ECHO answered by DATA: the COOKIE-ACK was lost, or is late', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), L.data(0, 40), ...elsewhere(6)]);
    expect(broken).toEqual([{ rule: 'mnet/data-before-ack', frame: 4 }]);
  });

  test('the time that the user allows', () => {
    const conversation = [C.init(), ...elsewhere(6)];
    expect(judge(conversation, { dialect: { answerTimeout: '7s' } }).broken).toEqual(SILENT);
    expect(judge([C.init(), ...elsewhere(0.4)], { dialect: { answerTimeout: '300ms' } }).broken).toEqual([
      incomplete(1),
    ]);
  });

  test('the capture ends before the time is over: that is inconclusive', () => {
    const judged = judge([C.init(), later(4, C.init())]);
    expect(judged.broken).toEqual(SILENT);
    expect(judged.connections[0].verdict).toBe('inconclusive');
    expect(tally(judged, 'mnet/handshake-incomplete')).toMatchObject({ checked: 0, inconclusive: 1 });
  });

  test('the connector gives up: nothing was left waiting', () => {
    expect(judge([C.init(), C.abort(), ...elsewhere(6)]).broken).toEqual(SILENT);
  });

  test('a capture that began with the COOKIE-ECHO saw the whole wait, but not the history', () => {
    const { broken } = judge([C.echo(), ...elsewhere(6)], { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
  });
});

describe('mnet/shutdown-incomplete', () => {
  const incomplete = (frame: number) => ({ rule: 'mnet/shutdown-incomplete', frame });

  test('SHUTDOWN five times: on the first, the other side is at fault', () => {
    const again = Array.from({ length: 4 }, () => later(0.4, L.shutdown()));
    const { broken, findings } = judge([...opened, L.shutdown(), ...again, ...elsewhere(6)], long);
    expect(broken).toEqual([incomplete(5)]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, messageName: 'SHUTDOWN' });
  });

  test('SHUTDOWN-ACK five times', () => {
    const again = Array.from({ length: 4 }, () => later(0.4, L.shutdownAck()));
    const { broken } = judge([...opened, C.shutdown(), L.shutdownAck(), ...again, ...elsewhere(6)], long);
    expect(broken).toEqual([incomplete(6)]);
  });

  test('both shut down and acknowledge, and neither completes', () => {
    const both = [C.shutdown(), L.shutdown(), C.shutdownAck(), L.shutdownAck()];
    expect(judge([...opened, ...both, ...elsewhere(6)], long).broken).toEqual([incomplete(7), incomplete(8)]);
  });

  test('DATA is no answer to SHUTDOWN', () => {
    const { broken } = judge([...opened, C.shutdown(), L.data(0, 40), later(6, L.data(40, 80))], long);
    expect(broken).toEqual([incomplete(5)]);
  });

  test('the answer comes just in time', () => {
    const { broken } = judge(
      [...opened, C.shutdown(), later(5, L.shutdownAck()), later(5, C.shutdownComplete())],
      long,
    );
    expect(broken).toEqual(SILENT);
  });

  test('SHUTDOWN-COMPLETE of one side ends the waits of both', () => {
    const both = [C.shutdown(), L.shutdown(), C.shutdownAck(), L.shutdownAck(), L.shutdownComplete()];
    expect(judge([...opened, ...both, ...elsewhere(6)], long).broken).toEqual(SILENT);
  });

  test('ABORT ends it', () => {
    expect(judge([...opened, C.shutdown(), L.abort(), ...elsewhere(6)], long).broken).toEqual(SILENT);
  });

  test('an old SHUTDOWN after the end waits for nothing', () => {
    const closed = [C.shutdown(), L.shutdownAck(), C.shutdownComplete(), C.shutdown()];
    expect(judge([...opened, ...closed, ...elsewhere(6)], long).broken).toEqual([{ rule: 'mnet/reordered', frame: 8 }]);
  });
});

describe('mnet/unknown-connection', () => {
  const whole = [...opened, C.data(0, 40), L.data(0, 40, 40), C.shutdown(40), L.shutdownAck(), C.shutdownComplete()];

  test.each(whole.slice(1).map((line, i) => ({ line, frame: i + 2 })))('begins with frame $frame', ({ frame }) => {
    const { broken, findings, connections } = judge(whole.slice(frame - 1), { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-connection', frame: 1 }]);
    expect(findings[0].atFault).toBeNull();
    expect(connections[0].verdict).toBe('inconclusive');
  });

  test('a capture that begins with the INIT', () => {
    expect(judge(whole, { mapped: true }).broken).toEqual(SILENT);
  });

  test('a datagram that is no MNET message is not the middle of a connection', () => {
    const { broken } = judge([C.raw(Uint8Array.of(0x77, 1, 2, 3, 4))], { mapped: true });
    expect(broken).toEqual([{ rule: 'mnet/unknown-type', frame: 1 }]);
  });

  test('an INIT after it begins a connection that is seen whole', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken, connections } = judge([C.data(0, 40), ...handshake(next), next.L.data(0, 40, 1)], { mapped: true });
    expect(broken).toEqual([
      { rule: 'mnet/unknown-connection', frame: 1 },
      { rule: 'mnet/ack-unsent', frame: 6 },
    ]);
    expect(connections.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'violations']);
  });

  test('with midstream never every capture counts as complete', () => {
    const options = { mapped: true, midstream: 'never' } as const;
    expect(judge([C.data(0, 40)], options).broken).toEqual([{ rule: 'mnet/data-before-echo', frame: 1 }]);
    expect(judge([L.shutdown()], options).broken).toHaveLength(1);
    expect(judge([C.shutdownAck()], options).broken).toEqual([{ rule: 'mnet/shutdown-ack-unsolicited', frame: 1 }]);
    expect(judge([C.shutdownComplete()], options).broken).toEqual([
      { rule: 'mnet/shutdown-complete-unsolicited', frame: 1 },
    ]);
  });
});

describe('mnet/ambiguous-reading', () => {
  const ambiguous = (frame: number) => ({ rule: 'mnet/ambiguous-reading', frame });
  const readings = { readings: true };
  const other = parties({ initTag: 0x6b1d09, listenerTag: 0x777777 });
  const again = between('10.0.0.3:5000', LISTENER, [...handshake(other), other.C.data(0, 40)]);

  test('the byte order by the Expiration, the tags by the first message of the connector after COOKIE-ACK', () => {
    expect(judge([...opened, C.data(0, 40)], readings).broken).toEqual([ambiguous(2), ambiguous(5)]);
  });

  test('once a run and reading', () => {
    expect(judge([...opened, C.data(0, 40), ...again], readings).broken).toEqual([ambiguous(2), ambiguous(5)]);
  });

  test('another reading of another connection is named too', () => {
    const big = parties({ order: 'big', tags: 'receiver', initTag: 0x6b1d09, listenerTag: 0x777777 });
    const lines = between('10.0.0.3:5000', LISTENER, [...handshake(big), big.C.data(0, 40)]);
    const { broken, report } = judge([...opened, C.data(0, 40), ...lines], readings);
    expect(broken).toEqual([ambiguous(2), ambiguous(5), ambiguous(7), ambiguous(10)]);
    expect(report.protocols[0].dialect).toMatchObject({ byteOrder: ['big', 'little'], tags: ['receiver', 'sender'] });
  });

  test('the byte order by a length, where the Expiration is no time', () => {
    const C9 = parties({ expiration: 9 });
    const { broken } = judge([...handshake(C9), C9.C.data(0, 40)], readings);
    expect(broken).toEqual([ambiguous(5), ambiguous(5)]);
  });

  test('what the user has settled is not inferred', () => {
    const dialect = { byteOrder: 'little', tags: 'sender' };
    expect(judge([...opened, C.data(0, 40)], { ...readings, dialect }).broken).toEqual(SILENT);
  });
});
