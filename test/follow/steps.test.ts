/** The step of a message on both sides, over a small machine: HELLO opens, BYE ends what was opened, PUSH is the server's. */
import { describe, expect, test } from 'vitest';
import { type SideState, Steps } from '../../src/follow/steps.ts';
import { breaks, ifPeerSent, ifSelfSent, Machine, MachineRun, stay, to } from '../../src/protocol/machine.ts';

const wrong = breaks('toy/wrong-direction');
const machine = new Machine({
  roles: ['client', 'server'],
  states: ['NEW', 'OPEN', 'OVER'],
  final: ['OVER'],
  events: ['HELLO', 'BYE', 'PUSH'],
  send: {
    client: {
      NEW: { HELLO: to('OPEN'), BYE: breaks('toy/early', 'OVER'), PUSH: wrong },
      OPEN: { HELLO: ifSelfSent('HELLO', breaks('toy/again'), stay), BYE: to('OVER'), PUSH: wrong },
      OVER: { PUSH: wrong, others: stay },
    },
    server: {
      NEW: { HELLO: wrong, others: stay },
      OPEN: { HELLO: wrong, BYE: ifPeerSent('BYE', to('OVER'), breaks('toy/first')), PUSH: stay },
      OVER: { HELLO: wrong, others: stay },
    },
  },
  receive: {
    client: { NEW: { others: stay }, OPEN: { others: stay }, OVER: { others: stay } },
    server: { NEW: { HELLO: to('OPEN'), others: stay }, OPEN: { others: stay }, OVER: { others: stay } },
  },
  rulesOfStates: [],
});
const HELLO = machine.event('HELLO');
const BYE = machine.event('BYE');
const PUSH = machine.event('PUSH');

function talk(unmoving?: string) {
  const run = new MachineRun(machine);
  const steps = new Steps(run, unmoving);
  const client: SideState = { state: 0, sent: 0 };
  const server: SideState = { state: 0, sent: 0 };
  return {
    run,
    client: (event: number, judged = true) => steps.take(event, true, client, server, judged),
    server: (event: number, judged = true) => steps.take(event, false, server, client, judged),
    states: () => [client, server].map(({ state }) => machine.table.states[state]),
    sent: () => [client.sent, server.sent],
  };
}

describe('a message', () => {
  test('moves its sender and its receiver, and counts as sent', () => {
    const { client, states, sent } = talk();
    expect(client(HELLO)).toBeUndefined();
    expect(states()).toEqual(['OPEN', 'OPEN']);
    expect(sent()).toEqual([1 << HELLO, 0]);
  });

  test('that breaks a rule goes on where its cell says', () => {
    const { client, states } = talk();
    expect(client(BYE)).toBe('toy/early');
    expect(states()).toEqual(['OVER', 'NEW']);
  });

  test('is judged by what was sent before it, not by itself', () => {
    const { client, server, states } = talk();
    client(HELLO);
    expect(client(HELLO)).toBe('toy/again');
    expect(server(BYE)).toBe('toy/first');
    client(BYE);
    expect(server(BYE)).toBeUndefined();
    expect(states()).toEqual(['OVER', 'OVER']);
  });

  test('that has no place in the conversation moves nobody and was not sent, where the protocol says so', () => {
    const { client, states, sent } = talk('toy/wrong-direction');
    expect(client(PUSH)).toBe('toy/wrong-direction');
    expect(states()).toEqual(['NEW', 'NEW']);
    expect(sent()).toEqual([0, 0]);
    const lenient = talk();
    expect(lenient.client(PUSH)).toBe('toy/wrong-direction');
    expect(lenient.sent()).toEqual([1 << PUSH, 0]);
  });

  test('of a connection that was not seen whole breaks its rule without being counted', () => {
    const { client, run } = talk();
    expect(client(BYE, false)).toBe('toy/early');
    expect(run.tally('toy/early')).toMatchObject({ broken: 0, withheld: { broken: 1 } });
  });
});

test('a machine of one role has it on both sides', () => {
  const one = new Machine({
    roles: ['peer'],
    states: ['NEW', 'OPEN'],
    final: [],
    events: ['HELLO'],
    send: { peer: { NEW: { HELLO: to('OPEN') }, OPEN: { HELLO: stay } } },
    receive: { peer: { NEW: { HELLO: to('OPEN') }, OPEN: { HELLO: stay } } },
    rulesOfStates: [],
  });
  const sides: readonly SideState[] = [
    { state: 0, sent: 0 },
    { state: 0, sent: 0 },
  ];
  expect(new Steps(new MachineRun(one)).take(0, false, sides[1], sides[0], true)).toBeUndefined();
  expect(sides.map(({ state }) => state)).toEqual([1, 1]);
});
