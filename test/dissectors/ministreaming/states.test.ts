/** The state machine by its table alone, without a byte: what sending a message leads to, and which rule it breaks. */
import { describe, expect, test } from 'vitest';
import { machine } from '../../../dissectors/ministreaming/machine.ts';
import { STATES } from '../../../dissectors/ministreaming/states.ts';
import { MachineRun } from '../../../src/protocol/machine.ts';

type State = (typeof STATES)[number];
const EVENTS = machine.table.events;
type Event = (typeof EVENTS)[number];
type Role = 'client' | 'server';

const bits = (events: readonly Event[]) => events.reduce((mask, event) => mask | (1 << machine.event(event)), 0);

/** `[next state, rule broken]`; `sent` says what the sender and its peer have sent before. */
function step(
  role: Role,
  state: State,
  event: Event,
  sent: { readonly self?: readonly Event[]; readonly peer?: readonly Event[] } = {},
): [State, string | undefined] {
  const run = new MachineRun(machine);
  const { self = [], peer = [] } = sent;
  const from = machine.state(state);
  const next = run.step(machine.role(role), from, machine.event(event), false, bits(self), bits(peer), true);
  return [STATES[next], run.brokenRule?.replace('ministreaming/', '')];
}

const OF_CLIENTS = ['DATA (client)', 'SYN', 'CLOSE (client)'] as const;
const OF_SERVERS = ['DATA (server)', 'ACK', 'CLOSE (server)'] as const;

/** For DATA, SYN and CLOSE of the client: next state and rule. */
const CLIENT: Readonly<Record<State, readonly (readonly [State, string?])[]>> = {
  NONE: [['OPEN', 'data-unknown-id'], ['SYN-SENT'], ['CLIENT-CLOSED', 'close-unknown-id']],
  'SYN-SENT': [
    ['SYN-SENT', 'data-unknown-id'],
    ['SYN-SENT', 'syn-id-in-use'],
    ['SYN-SENT', 'close-unknown-id'],
  ],
  OPEN: [['OPEN'], ['OPEN', 'syn-id-in-use'], ['CLIENT-CLOSED']],
  'CLIENT-CLOSED': [
    ['CLIENT-CLOSED', 'data-after-close'],
    ['SYN-SENT', 'syn-id-in-use'],
    ['CLIENT-CLOSED', 'close-duplicate'],
  ],
  'SERVER-CLOSED': [['SERVER-CLOSED', 'data-crossing-close'], ['SYN-SENT', 'syn-id-in-use'], ['CLOSED']],
  CLOSED: [['CLOSED', 'data-after-close'], ['CLOSED'], ['CLOSED', 'close-duplicate']],
  REFUSED: [['REFUSED', 'data-unknown-id'], ['REFUSED'], ['REFUSED', 'close-unknown-id']],
};

/** For DATA, ACK and CLOSE of the server. */
const closed = (state: State): readonly (readonly [State, string?])[] => [
  [state, 'data-after-close'],
  [state, 'ack-after-close'],
  [state, 'close-duplicate'],
];
const SERVER: Readonly<Record<State, readonly (readonly [State, string?])[]>> = {
  NONE: [
    ['OPEN', 'data-unknown-id'],
    ['OPEN', 'ack-unexpected'],
    ['SERVER-CLOSED', 'close-unknown-id'],
  ],
  'SYN-SENT': [['SYN-SENT', 'data-before-ack'], ['OPEN'], ['REFUSED']],
  OPEN: [['OPEN'], ['OPEN', 'ack-duplicate'], ['SERVER-CLOSED']],
  'CLIENT-CLOSED': [['CLIENT-CLOSED', 'data-crossing-close'], ['CLIENT-CLOSED', 'ack-duplicate'], ['CLOSED']],
  'SERVER-CLOSED': closed('SERVER-CLOSED'),
  CLOSED: closed('CLOSED'),
  REFUSED: [
    ['REFUSED', 'data-after-refusal'],
    ['REFUSED', 'ack-after-close'],
    ['REFUSED', 'close-duplicate'],
  ],
};

describe.each(STATES)('in %s', state => {
  test.each(OF_CLIENTS.map((event, i) => ({ event, i })))('the client sends $event', ({ event, i }) => {
    const [next, rule] = CLIENT[state][i];
    expect(step('client', state, event)).toEqual([next, rule]);
  });

  test.each(OF_SERVERS.map((event, i) => ({ event, i })))('the server sends $event', ({ event, i }) => {
    const [next, rule] = SERVER[state][i];
    expect(step('server', state, event)).toEqual([next, rule]);
  });

  test("nobody sends the other's messages", () => {
    for (const event of OF_SERVERS) expect(step('client', state, event)).toEqual([state, 'wrong-direction']);
    for (const event of OF_CLIENTS) expect(step('server', state, event)).toEqual([state, 'wrong-direction']);
  });
});

test('DATA before the ACK is said once', () => {
  expect(step('server', 'SYN-SENT', 'DATA (server)', { self: ['DATA (server)'] })).toEqual(['SYN-SENT', undefined]);
});

test('an ACK after the refusal has given the client an id, and its server takes the connection for open', () => {
  for (const event of ['DATA (client)', 'CLOSE (client)'] as const) {
    expect(step('client', 'REFUSED', event, { peer: ['ACK'] })).toEqual(['REFUSED', undefined]);
  }
  for (const event of ['DATA (server)', 'CLOSE (server)'] as const) {
    expect(step('server', 'REFUSED', event, { self: ['ACK'] })).toEqual(['REFUSED', undefined]);
  }
});
