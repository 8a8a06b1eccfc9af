/** Rules about how a connection ends: SHUTDOWN and its answers, ABORT, and what comes after. */
import { describe, expect, test } from 'vitest';
import { CONNECTOR, handshake, judge, LISTENER, type Line, parties, resized } from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const talk = [...opened, C.data(0, 40), L.data(0, 40, 40)];
const SILENT: never[] = [];

describe('mnet/shutdown-before-established', () => {
  test.each([
    ['after INIT', [C.init(), C.shutdown()], 2, CONNECTOR],
    ['after COOKIE-ECHO', [C.init(), L.cookie(), C.echo(), C.shutdown()], 4, CONNECTOR],
    ['by the listener, before its COOKIE-ACK', [C.init(), L.cookie(), C.echo(), L.shutdown()], 4, LISTENER],
    ['by the listener, before any echo', [C.init(), L.cookie(), L.shutdown()], 3, LISTENER],
  ])('%s', (_name, conversation, frame, atFault) => {
    const { broken, findings } = judge(conversation);
    expect(broken).toEqual([{ rule: 'mnet/shutdown-before-established', frame }]);
    expect(findings[0].atFault).toBe(atFault);
  });

  test('the shutdown is then carried out: nothing follows', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), C.shutdown(), L.shutdownAck(), C.shutdownComplete()]);
    expect(broken).toEqual([{ rule: 'mnet/shutdown-before-established', frame: 4 }]);
  });

  test('the handshake is completed after it', () => {
    const { broken } = judge([C.init(), L.cookie(), C.echo(), C.shutdown(), L.cookieAck(), L.shutdownAck()]);
    expect(broken).toEqual([{ rule: 'mnet/shutdown-before-established', frame: 4 }]);
  });

  test('the connector has the COOKIE-ACK, the listener has sent it', () => {
    expect(judge([...opened, C.shutdown()]).broken).toEqual(SILENT);
    expect(judge([...opened, L.shutdown()]).broken).toEqual(SILENT);
  });

  test('ABORT is the way to give up a handshake', () => {
    expect(judge([C.init(), L.cookie(), C.abort()]).broken).toEqual(SILENT);
  });
});

describe('mnet/shutdown-ack-unsolicited', () => {
  test('in an established connection, which goes on', () => {
    const { broken, findings } = judge([
      ...talk,
      L.shutdownAck(),
      C.data(40, 80, 40),
      L.data(40, 80, 80),
      C.shutdown(80),
      L.shutdownAck(),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/shutdown-ack-unsolicited', frame: 7 }]);
    expect(findings[0]).toMatchObject({ atFault: LISTENER, state: 'ESTABLISHED' });
  });

  test('in answer to its own SHUTDOWN', () => {
    expect(judge([...talk, C.shutdown(40), C.shutdownAck()]).broken).toEqual([
      { rule: 'mnet/shutdown-ack-unsolicited', frame: 8 },
    ]);
  });

  test('during the handshake', () => {
    expect(judge([C.init(), L.shutdownAck()]).broken).toEqual([{ rule: 'mnet/shutdown-ack-unsolicited', frame: 2 }]);
  });

  test('the SHUTDOWN it answers was malformed', () => {
    const { broken } = judge([...talk, resized(9, C.shutdown(40)), L.shutdownAck(), C.shutdownComplete()]);
    expect(broken).toEqual([{ rule: 'mnet/length', frame: 7 }]);
  });
});

describe('mnet/shutdown-complete-unsolicited', () => {
  test('at once, in an established connection', () => {
    expect(judge([...talk, C.shutdownComplete()]).broken).toEqual([
      { rule: 'mnet/shutdown-complete-unsolicited', frame: 7 },
    ]);
  });

  test('in answer to SHUTDOWN; the shutdown then goes on properly', () => {
    const { broken, findings } = judge([
      ...talk,
      C.shutdown(40),
      L.shutdownComplete(),
      L.shutdownAck(),
      C.shutdownComplete(),
    ]);
    expect(broken).toEqual([{ rule: 'mnet/shutdown-complete-unsolicited', frame: 8 }]);
    expect(findings[0].atFault).toBe(LISTENER);
  });

  test('by the side that has sent the SHUTDOWN-ACK itself', () => {
    expect(judge([...talk, C.shutdown(40), L.shutdownAck(), L.shutdownComplete()]).broken).toEqual([
      { rule: 'mnet/shutdown-complete-unsolicited', frame: 9 },
    ]);
  });
});

describe('mnet/after-close', () => {
  const closed = [...talk, C.shutdown(40), L.shutdownAck(), C.shutdownComplete()];

  test.each([
    ['new DATA of the side that completed', C.data(40, 80, 40), CONNECTOR],
    ['new DATA of the other', L.data(40, 80, 40), LISTENER],
    ['another SHUTDOWN of the side that completed', C.shutdown(39), CONNECTOR],
    ['SHUTDOWN of the other', L.shutdown(40), LISTENER],
  ])('%s', (_name, line, atFault) => {
    const { broken, findings } = judge([...closed, line]);
    expect(broken).toEqual([{ rule: 'mnet/after-close', frame: 10 }]);
    expect(findings[0]).toMatchObject({ atFault, state: 'CLOSED' });
  });

  test('a bare acknowledgement of a side that never sent data is never too late', () => {
    const lines = [...opened, C.data(0, 40), C.shutdown(), L.shutdownAck(), C.shutdownComplete(), L.bare(0, 40)];
    expect(judge(lines).broken).toEqual(SILENT);
  });

  test.each<[string, readonly Line[]]>([
    ['SHUTDOWN-ACK and SHUTDOWN-COMPLETE sent again', [L.shutdownAck(), C.shutdownComplete()]],
    ['a retransmission that acknowledges as much as before', [L.data(0, 40, 40)]],
    ['a bare acknowledgement of what was sent', [L.bare(40, 40)]],
    ['the other side completes too', [L.shutdownComplete()]],
  ])('%s', (_name, lines) => {
    const simultaneous = [
      ...talk,
      C.shutdown(40),
      L.shutdown(40),
      C.shutdownAck(),
      L.shutdownAck(),
      C.shutdownComplete(),
    ];
    expect(judge([...simultaneous, ...lines]).broken).toEqual(SILENT);
  });

  test('an INIT with another tag opens a connection', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken, connections } = judge([...closed, ...handshake(next), next.C.data(0, 40)]);
    expect(broken).toEqual(SILENT);
    expect(connections.map(({ state }) => state)).toEqual(['CLOSED', 'ESTABLISHED']);
  });
});

describe('mnet/after-abort', () => {
  test.each([
    ['new DATA', C.data(40, 80, 40)],
    ['SHUTDOWN', C.shutdown(40)],
  ])('%s from the side that aborted', (_name, line) => {
    const { broken, findings } = judge([...talk, C.abort(), line]);
    expect(broken).toEqual([{ rule: 'mnet/after-abort', frame: 8 }]);
    expect(findings[0]).toMatchObject({ atFault: CONNECTOR, state: 'ABORTED', relatedFrames: [7] });
  });

  test.each([
    ['COOKIE-ECHO', [C.init(), L.cookie(), C.abort(), C.echo()]],
    ['COOKIE-ACK', [C.init(), L.cookie(), C.echo(), L.abort(), L.cookieAck()]],
  ])('the handshake goes on with %s', (_name, conversation) => {
    expect(judge(conversation).broken).toEqual([{ rule: 'mnet/after-abort', frame: conversation.length }]);
  });

  test('each of them', () => {
    expect(judge([...talk, C.abort(), C.data(40, 80, 40), C.data(80, 120, 40)]).broken).toEqual([
      { rule: 'mnet/after-abort', frame: 8 },
      { rule: 'mnet/after-abort', frame: 9 },
    ]);
  });

  test.each<[string, readonly Line[]]>([
    ['a retransmission', [C.data(0, 40, 0)]],
    ['ABORT again, for a datagram that crossed it', [L.data(40, 80, 40), C.abort()]],
    ['the other side goes on: it crosses', [L.data(40, 80, 40), L.shutdown(40), L.abort()]],
  ])('%s', (_name, lines) => {
    expect(judge([...talk, C.abort(), ...lines]).broken).toEqual(SILENT);
  });

  test('an INIT with another tag opens a connection', () => {
    const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
    const { broken, connections } = judge([...talk, C.abort(), ...handshake(next), next.C.data(0, 40)]);
    expect(broken).toEqual(SILENT);
    expect(connections.map(({ state }) => state)).toEqual(['ABORTED', 'ESTABLISHED']);
  });
});
