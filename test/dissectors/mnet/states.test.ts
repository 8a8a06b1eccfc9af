/**
 * The state machine by its table alone, without a byte: who may send what in which state, what that leads to, and which
 * rule an illegal step names. `sent` says which messages the sender and its peer have sent before.
 */
import { describe, expect, test } from 'vitest';
import { BARE_DATA, machine } from '../../../dissectors/mnet/machine.ts';
import { STATES } from '../../../dissectors/mnet/states.ts';
import { MachineRun } from '../../../src/protocol/machine.ts';

type Role = 'connector' | 'listener';
type State = (typeof STATES)[number];
const EVENTS = machine.table.events;
type Event = (typeof EVENTS)[number];

const bits = (events: readonly Event[]) => events.reduce((mask, event) => mask | (1 << machine.event(event)), 0);

/** `[next state, rule broken]` for sending (or the arrival of) a message. */
function step(
  role: Role,
  state: State,
  event: Event,
  sent: { readonly self?: readonly Event[]; readonly peer?: readonly Event[] } = {},
  received = false,
): [State, string | undefined] {
  const run = new MachineRun(machine);
  const { self = [], peer = [] } = sent;
  const from = machine.state(state);
  const next = run.step(machine.role(role), from, machine.event(event), received, bits(self), bits(peer), true);
  return [STATES[next], run.brokenRule];
}

/** Walks both sides through a conversation; returns the states after each message and all rules broken. */
function walk(conversation: readonly string[]): { states: string[]; broken: string[] } {
  const run = new MachineRun(machine);
  const side = { connector: { state: 0, sent: 0 }, listener: { state: 0, sent: 0 } };
  const states: string[] = [];
  const broken: string[] = [];
  for (const line of conversation) {
    const role: Role = line.startsWith('C') ? 'connector' : 'listener';
    const other: Role = role === 'connector' ? 'listener' : 'connector';
    const event = machine.event(line.slice(3) as Event);
    const sender = side[role];
    const receiver = side[other];
    sender.state = run.step(machine.role(role), sender.state, event, false, sender.sent, receiver.sent, true);
    if (run.brokenRule) broken.push(`${line}: ${run.brokenRule}`);
    receiver.state = run.step(machine.role(other), receiver.state, event, true, receiver.sent, sender.sent, true);
    sender.sent |= 1 << event;
    states.push(`${STATES[side.connector.state]} | ${STATES[side.listener.state]}`);
  }
  return { states, broken };
}

const HANDSHAKE = ['C> INIT', 'L> COOKIE', 'C> COOKIE-ECHO', 'L> COOKIE-ACK'];

describe('legal paths', () => {
  test('handshake, data, shutdown by the connector', () => {
    const { states, broken } = walk([
      ...HANDSHAKE,
      'C> DATA',
      'L> DATA',
      'C> SHUTDOWN',
      'L> SHUTDOWN-ACK',
      'C> SHUTDOWN-COMPLETE',
    ]);
    expect(broken).toEqual([]);
    expect(states).toEqual([
      'COOKIE-WAIT | NEW',
      'COOKIE-WAIT | NEW',
      'COOKIE-ECHOED | COOKIE-ECHOED',
      'ESTABLISHED | ESTABLISHED',
      'ESTABLISHED | ESTABLISHED',
      'ESTABLISHED | ESTABLISHED',
      'SHUTDOWN-SENT | SHUTDOWN-RECEIVED',
      'SHUTDOWN-SENT | SHUTDOWN-ACK-SENT',
      'CLOSED | CLOSED',
    ]);
  });

  test('shutdown by the listener', () => {
    const { states, broken } = walk([...HANDSHAKE, 'L> SHUTDOWN', 'C> SHUTDOWN-ACK', 'L> SHUTDOWN-COMPLETE']);
    expect(broken).toEqual([]);
    expect(states.slice(4)).toEqual([
      'SHUTDOWN-RECEIVED | SHUTDOWN-SENT',
      'SHUTDOWN-ACK-SENT | SHUTDOWN-SENT',
      'CLOSED | CLOSED',
    ]);
  });

  test.each(['C', 'L'])('simultaneous shutdown, completed by %s', last => {
    const both = ['C> SHUTDOWN', 'L> SHUTDOWN', 'L> SHUTDOWN-ACK', 'C> SHUTDOWN-ACK', `${last}> SHUTDOWN-COMPLETE`];
    const { states, broken } = walk([...HANDSHAKE, ...both]);
    expect(broken).toEqual([]);
    expect(states.slice(4)).toEqual([
      'SHUTDOWN-SENT | SHUTDOWN-RECEIVED',
      'SHUTDOWN-SENT | SHUTDOWN-SENT',
      'SHUTDOWN-SENT | SHUTDOWN-ACK-SENT',
      'SHUTDOWN-ACK-SENT | SHUTDOWN-ACK-SENT',
      'CLOSED | CLOSED',
    ]);
  });

  test('data of the connector before its echo is acknowledged', () => {
    expect(walk([...HANDSHAKE.slice(0, 3), 'C> DATA', 'L> COOKIE-ACK', 'C> DATA']).broken).toEqual([]);
  });

  test('ABORT in every state, which ends the side that sends it and not the one that receives it', () => {
    for (const role of ['connector', 'listener'] as const) {
      for (const state of STATES) {
        const [next, rule] = step(role, state, 'ABORT');
        expect([state, next, rule]).toEqual([state, state === 'CLOSED' ? 'CLOSED' : 'ABORTED', undefined]);
        expect(step(role, state, 'ABORT', {}, true)).toEqual([state, undefined]);
      }
    }
  });

  test('messages of the handshake and the shutdown sent again', () => {
    const { broken } = walk([
      'C> INIT',
      'C> INIT',
      'L> COOKIE',
      'L> COOKIE',
      'C> COOKIE-ECHO',
      'C> COOKIE-ECHO',
      'L> COOKIE-ACK',
      'L> COOKIE-ACK',
      'C> SHUTDOWN',
      'C> SHUTDOWN',
      'L> SHUTDOWN-ACK',
      'L> SHUTDOWN-ACK',
      'C> SHUTDOWN-COMPLETE',
      'L> SHUTDOWN-ACK',
      'C> SHUTDOWN-COMPLETE',
    ]);
    expect(broken).toEqual([]);
  });
});

describe('illegal steps', () => {
  const beforeEcho: readonly State[] = ['NEW', 'COOKIE-WAIT'];
  const beforeAck: readonly State[] = ['NEW', 'COOKIE-WAIT', 'COOKIE-ECHOED'];

  test.each(STATES)(
    'in %s a listener sends neither INIT nor COOKIE-ECHO, a connector neither COOKIE nor COOKIE-ACK',
    s => {
      const everything = { self: EVENTS, peer: EVENTS };
      for (const event of ['INIT', 'COOKIE-ECHO'] as const) {
        expect(step('listener', s, event, everything)).toEqual([s, 'mnet/wrong-role']);
      }
      for (const event of ['COOKIE', 'COOKIE-ACK'] as const) {
        expect(step('connector', s, event, everything)).toEqual([s, 'mnet/wrong-role']);
      }
    },
  );

  test.each(beforeEcho)('the connector sends DATA in %s', state => {
    for (const event of ['DATA', 'DATA (bare)'] as const) {
      expect(step('connector', state, event)).toEqual(['COOKIE-ECHOED', 'mnet/data-before-echo']);
      expect(step('connector', state, event, { self: ['COOKIE-ECHO'] })).toEqual(['COOKIE-ECHOED', undefined]);
    }
  });

  test.each(beforeAck)('the listener sends DATA in %s', state => {
    for (const event of ['DATA', 'DATA (bare)'] as const) {
      expect(step('listener', state, event)).toEqual(['ESTABLISHED', 'mnet/data-before-ack']);
      expect(step('listener', state, event, { self: ['COOKIE-ACK'] })).toEqual(['ESTABLISHED', undefined]);
    }
  });

  test.each(beforeAck)('SHUTDOWN in %s', state => {
    for (const role of ['connector', 'listener'] as const) {
      expect(step(role, state, 'SHUTDOWN')).toEqual([state, 'mnet/shutdown-before-established']);
    }
  });

  test('SHUTDOWN of a connector whose COOKIE-ACK has come, of a listener that has sent it', () => {
    expect(step('connector', 'COOKIE-ECHOED', 'SHUTDOWN', { peer: ['COOKIE-ACK'] })[1]).toBeUndefined();
    expect(step('listener', 'COOKIE-ECHOED', 'SHUTDOWN', { self: ['COOKIE-ACK'] })[1]).toBeUndefined();
  });

  test('COOKIE without INIT, COOKIE-ACK without COOKIE-ECHO', () => {
    for (const state of beforeAck) {
      expect(step('listener', state, 'COOKIE')).toEqual([state, 'mnet/cookie-unsolicited']);
      expect(step('listener', state, 'COOKIE', { peer: ['INIT'] })).toEqual([state, undefined]);
      expect(step('listener', state, 'COOKIE-ACK')).toEqual(['ESTABLISHED', 'mnet/cookie-ack-unsolicited']);
      expect(step('listener', state, 'COOKIE-ACK', { peer: ['COOKIE-ECHO'] })).toEqual(['ESTABLISHED', undefined]);
    }
  });

  const alive = STATES.filter(state => state !== 'CLOSED' && state !== 'ABORTED');

  test.each(alive)('answers of the shutdown that nothing asked for, in %s', state => {
    for (const role of ['connector', 'listener'] as const) {
      if (state !== 'SHUTDOWN-ACK-SENT') {
        expect(step(role, state, 'SHUTDOWN-ACK')).toEqual([state, 'mnet/shutdown-ack-unsolicited']);
        expect(step(role, state, 'SHUTDOWN-ACK', { peer: ['SHUTDOWN'] })).toEqual(['SHUTDOWN-ACK-SENT', undefined]);
      }
      const complete = 'SHUTDOWN-COMPLETE';
      expect(step(role, state, complete)).toEqual([state, 'mnet/shutdown-complete-unsolicited']);
      expect(step(role, state, complete, { self: ['SHUTDOWN-ACK'] })[1]).toBe('mnet/shutdown-complete-unsolicited');
      expect(step(role, state, complete, { peer: ['SHUTDOWN-ACK'] })).toEqual(['CLOSED', undefined]);
    }
  });

  test.each(['connector', 'listener'] as const)('new DATA of a %s that has sent SHUTDOWN', role => {
    expect(step(role, 'SHUTDOWN-SENT', 'DATA')[1]).toBe('mnet/data-after-shutdown');
    expect(step(role, 'SHUTDOWN-SENT', 'DATA (bare)')[1]).toBeUndefined();
    expect(step(role, 'SHUTDOWN-ACK-SENT', 'DATA', { self: ['SHUTDOWN'] })[1]).toBe('mnet/data-after-shutdown');
    expect(step(role, 'SHUTDOWN-ACK-SENT', 'DATA')[1]).toBeUndefined();
  });

  test.each(['connector', 'listener'] as const)('what a %s may not send in CLOSED and ABORTED', role => {
    for (const event of ['DATA', 'SHUTDOWN'] as const) {
      expect(step(role, 'CLOSED', event)).toEqual(['CLOSED', 'mnet/after-close']);
    }
    for (const event of ['DATA (bare)', 'SHUTDOWN-ACK', 'SHUTDOWN-COMPLETE'] as const) {
      expect(step(role, 'CLOSED', event)).toEqual(['CLOSED', undefined]);
    }
    for (const event of ['DATA', 'SHUTDOWN', 'SHUTDOWN-ACK', 'SHUTDOWN-COMPLETE'] as const) {
      expect(step(role, 'ABORTED', event)).toEqual(['ABORTED', 'mnet/after-abort']);
    }
    expect(step(role, 'ABORTED', 'DATA (bare)')).toEqual(['ABORTED', undefined]);
    const ofHandshake = role === 'connector' ? 'COOKIE-ECHO' : 'COOKIE-ACK';
    expect(step(role, 'ABORTED', ofHandshake)).toEqual(['ABORTED', 'mnet/after-abort']);
    expect(step(role, 'CLOSED', ofHandshake, { self: ['SHUTDOWN-COMPLETE'] })).toEqual(['CLOSED', 'mnet/after-close']);
  });

  test('an INIT of the connector in a later state can only be an old one', () => {
    for (const state of STATES.filter(name => name !== 'NEW' && name !== 'COOKIE-WAIT')) {
      expect(step('connector', state, 'INIT')).toEqual([state, 'mnet/reordered']);
    }
  });

  test('an illegal step leads to where the peers evidently are: the next one is legal', () => {
    expect(walk(['C> INIT', 'C> DATA', 'C> DATA', 'C> COOKIE-ECHO']).broken).toEqual([
      'C> DATA: mnet/data-before-echo',
    ]);
    expect(walk([...HANDSHAKE.slice(0, 3), 'L> DATA', 'L> DATA', 'L> COOKIE-ACK', 'L> SHUTDOWN']).broken).toEqual([
      'L> DATA: mnet/data-before-ack',
    ]);
  });
});

describe('what arrives', () => {
  test('COOKIE-ACK or DATA establishes the connector, COOKIE-ECHO brings the listener on', () => {
    expect(step('connector', 'COOKIE-ECHOED', 'COOKIE-ACK', {}, true)[0]).toBe('ESTABLISHED');
    expect(step('connector', 'COOKIE-ECHOED', 'DATA', {}, true)[0]).toBe('ESTABLISHED');
    expect(step('connector', 'COOKIE-WAIT', 'DATA', {}, true)[0]).toBe('COOKIE-WAIT');
    expect(step('listener', 'NEW', 'COOKIE-ECHO', {}, true)[0]).toBe('COOKIE-ECHOED');
  });

  test('SHUTDOWN and SHUTDOWN-COMPLETE change the side that hears them once', () => {
    for (const role of ['connector', 'listener'] as const) {
      expect(step(role, 'ESTABLISHED', 'SHUTDOWN', {}, true)[0]).toBe('SHUTDOWN-RECEIVED');
      expect(step(role, 'SHUTDOWN-SENT', 'SHUTDOWN', {}, true)[0]).toBe('SHUTDOWN-SENT');
      for (const state of ['SHUTDOWN-SENT', 'SHUTDOWN-ACK-SENT'] as const) {
        expect(step(role, state, 'SHUTDOWN-COMPLETE', {}, true)[0]).toBe('CLOSED');
      }
    }
  });

  test('nothing that arrives breaks a rule', () => {
    for (const role of ['connector', 'listener'] as const) {
      for (const state of STATES) {
        for (const event of EVENTS) expect(step(role, state, event, {}, true)[1]).toBeUndefined();
      }
    }
  });
});

test('the event of a bare acknowledgement is no message of its own', () => {
  expect(EVENTS[BARE_DATA]).toBe('DATA (bare)');
});
