import { describe, expect, test } from 'vitest';
import {
  breaks,
  ifPeerSent,
  ifSelfSent,
  Machine,
  MachineRun,
  type MachineTable,
  type Row,
  stay,
  to,
} from '../../src/protocol/machine.ts';
import { toyMachine } from '../kit/toy.ts';

type Table = MachineTable<string, string, string>;

/** A door: the side inside opens and shuts it, a guest knocks. */
function door(change: Partial<Table> = {}, open: Row<string, string> = {}): Table {
  return {
    roles: ['host', 'guest'],
    states: ['SHUT', 'OPEN'],
    final: [],
    events: ['KNOCK', 'OPENS', 'SHUTS'],
    send: {
      host: {
        SHUT: { KNOCK: breaks('door/who'), OPENS: to('OPEN'), SHUTS: breaks('door/twice') },
        OPEN: { KNOCK: breaks('door/who'), OPENS: breaks('door/twice'), SHUTS: to('SHUT'), ...open },
      },
      guest: {
        SHUT: { KNOCK: stay, others: breaks('door/not-yours') },
        OPEN: { others: breaks('door/not-yours') },
      },
    },
    receive: {
      host: { SHUT: { others: stay }, OPEN: { others: stay } },
      guest: { SHUT: { OPENS: to('OPEN'), others: stay }, OPEN: { SHUTS: to('SHUT'), others: stay } },
    },
    rulesOfStates: [],
    ...change,
  };
}

/** The same with other cells for what the host sends when the door is open. */
const withCells = (cells: Row<string, string>) => door({}, cells);

describe('a table that is not whole is refused at load', () => {
  test('a cell is missing: role, state and message are named', () => {
    const table = door();
    const rows = { ...table.send.host, OPEN: { KNOCK: stay, OPENS: stay } };
    expect(() => new Machine({ ...table, send: { ...table.send, host: rows } })).toThrow(
      'state machine: no cell for host, OPEN, sends SHUTS',
    );
  });

  test('so for what arrives', () => {
    const table = door();
    const rows = { ...table.receive.guest, SHUT: { OPENS: to('OPEN') } };
    expect(() => new Machine({ ...table, receive: { ...table.receive, guest: rows } })).toThrow(
      'state machine: no cell for guest, SHUT, receives KNOCK',
    );
  });

  test('a state has no row', () => {
    const table = door();
    const { SHUT } = table.send.guest;
    expect(() => new Machine({ ...table, send: { ...table.send, guest: { SHUT } } })).toThrow(
      'state machine: no cell for guest, OPEN, sends KNOCK',
    );
  });

  test('a role has no rows', () => {
    const { send, ...table } = door();
    expect(() => new Machine({ ...table, send: { host: send.host } })).toThrow(
      'state machine: no cell for guest, SHUT, sends KNOCK',
    );
  });
});

describe('a table that names what is not declared is refused at load', () => {
  test.each<[situation: string, table: Table, problem: string]>([
    [
      'a step leads to no state',
      withCells({ SHUTS: to('LOCKED') }),
      'state machine: LOCKED is not declared: host, OPEN, sends SHUTS',
    ],
    [
      'an illegal step leads to no state',
      withCells({ SHUTS: breaks('door/twice', 'LOCKED') }),
      'state machine: LOCKED is not declared: host, OPEN, sends SHUTS',
    ],
    [
      'a condition asks for no message',
      withCells({ SHUTS: ifPeerSent('RING', stay, stay) }),
      'state machine: RING is not declared: host, OPEN, sends SHUTS',
    ],
    [
      'a row has a cell for no message',
      withCells({ SHUT: stay }),
      'state machine: SHUT is not declared: host, OPEN, sends',
    ],
    ['a final state is none', door({ final: ['LOCKED'] }), 'state machine: LOCKED is not declared: final'],
    [
      'a rule of states stands in no cell',
      door({ rulesOfStates: ['door/locked'] }),
      'state machine: door/locked is named as a rule of states, but no cell names it',
    ],
  ])('%s', (_situation, table, problem) => {
    expect(() => new Machine(table)).toThrow(problem);
  });

  test('there are rows for no state, or for no role', () => {
    const table = door();
    const rows = { ...table.send.host, LOCKED: { others: stay } };
    expect(() => new Machine({ ...table, send: { ...table.send, host: rows } })).toThrow(
      'state machine: LOCKED is not declared: host, sends',
    );
    expect(() => new Machine({ ...table, receive: { ...table.receive, thief: {} } })).toThrow(
      'state machine: thief is not declared: receives',
    );
  });
});

describe('a table that cannot be compiled is refused at load', () => {
  test('a condition stands inside a condition', () => {
    const nested = ifSelfSent('KNOCK', stay, ifPeerSent('KNOCK', stay, stay));
    expect(() => new Machine(withCells({ SHUTS: nested }))).toThrow(
      'state machine: a condition inside a condition: host, OPEN, sends SHUTS',
    );
  });

  test('there are more messages than a mask has bits', () => {
    const events = Array.from({ length: 32 }, (_, number) => `E${number}`);
    expect(() => new Machine(door({ events }))).toThrow('a machine has at most 31 events');
  });
});

const [CALLER, CALLEE] = [toyMachine.role('caller'), toyMachine.role('callee')];
const [SILENT, TALKING, OVER] = [toyMachine.state('SILENT'), toyMachine.state('TALKING'), toyMachine.state('OVER')];
const [HELLO, TEXT, BYE] = [toyMachine.event('HELLO'), toyMachine.event('TEXT'), toyMachine.event('BYE')];

/** Takes a judged step that sends; returns the state after it and the rule it broke. */
function send(run: MachineRun, role: number, state: number, event: number, self = 0, peer = 0) {
  const next = run.step(role, state, event, false, self, peer, true);
  return [next, run.brokenRule];
}

describe('a step', () => {
  test('is legal: it leads on, or changes nothing', () => {
    const run = new MachineRun(toyMachine);
    expect(send(run, CALLER, SILENT, HELLO)).toEqual([TALKING, undefined]);
    expect(send(run, CALLER, TALKING, TEXT)).toEqual([TALKING, undefined]);
    expect(send(run, CALLER, TALKING, BYE)).toEqual([OVER, undefined]);
  });

  test('is illegal: it names the rule and leads to where the table says', () => {
    const run = new MachineRun(toyMachine);
    expect(send(run, CALLER, SILENT, TEXT)).toEqual([TALKING, 'toy/hello-first']);
    expect(send(run, CALLER, OVER, TEXT)).toEqual([OVER, 'toy/after-bye']);
  });

  test('the step after an illegal one is judged by itself', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, OVER, TEXT);
    expect(send(run, CALLER, SILENT, HELLO)).toEqual([TALKING, undefined]);
  });

  test('what arrives has a table of its own', () => {
    const run = new MachineRun(toyMachine);
    expect(run.step(CALLEE, TALKING, BYE, true, 0, 0, true)).toBe(OVER);
    expect(run.step(CALLEE, SILENT, TEXT, true, 0, 0, true)).toBe(SILENT);
    expect(run.brokenRule).toBeUndefined();
  });
});

describe('a condition', () => {
  test('looks at what the peer has sent', () => {
    const run = new MachineRun(toyMachine);
    expect(send(run, CALLEE, SILENT, HELLO, 0, 1 << HELLO)).toEqual([TALKING, undefined]);
    expect(send(run, CALLEE, SILENT, HELLO, 1 << HELLO, 1 << TEXT)).toEqual([TALKING, 'toy/hello-first']);
  });

  test('looks at what this side has sent', () => {
    const machine = new Machine(withCells({ SHUTS: ifSelfSent('OPENS', to('SHUT'), breaks('door/twice')) }));
    const run = new MachineRun(machine);
    const sent = 1 << machine.event('OPENS');
    expect(send(run, 0, 1, machine.event('SHUTS'), sent, 0)).toEqual([0, undefined]);
    expect(send(run, 0, 1, machine.event('SHUTS'), 0, sent)).toEqual([1, 'door/twice']);
  });

  test('holds for the last message that a mask has a bit for', () => {
    const events = Array.from({ length: 31 }, (_, number) => `E${number}`);
    const rows = { ON: { E0: ifPeerSent<string, string>('E30', stay, breaks('r')), others: stay } };
    const machine = new Machine({
      roles: ['one'],
      states: ['ON'],
      final: [],
      events,
      send: { one: rows },
      receive: { one: { ON: { others: stay } } },
      rulesOfStates: [],
    });
    const run = new MachineRun(machine);
    expect(send(run, 0, 0, 0, 0, (1 << 30) >>> 0)).toEqual([0, undefined]);
    expect(send(run, 0, 0, 0, 0, 0x3fffffff)).toEqual([0, 'r']);
  });
});

test('asking what a step would break counts nothing', () => {
  const run = new MachineRun(toyMachine);
  expect(run.peek(CALLER, SILENT, TEXT, 0, 0)).toBe('toy/hello-first');
  expect(run.peek(CALLER, SILENT, HELLO, 0, 0)).toBeUndefined();
  expect(run.tally('toy/hello-first')).toEqual({ checked: 0, broken: 0, withheld: { checked: 0, broken: 0 } });
  expect(run.coverage().states).toEqual([]);
});

describe('a step that leads nowhere', () => {
  test('is counted as the same step is when it is taken', () => {
    const [one, other] = [new MachineRun(toyMachine), new MachineRun(toyMachine)];
    for (const received of [false, true]) {
      one.step(CALLER, TALKING, TEXT, received, 0, 0, true);
      other.stays(other.staying(CALLER, TALKING, TEXT, received));
    }
    expect(other.steps()).toEqual(one.steps());
    expect(other.steps()).toHaveLength(2);
  });

  test('is none that leads on, breaks a rule or has a condition', () => {
    const run = new MachineRun(toyMachine);
    const none = 'a side does not simply stay in state';
    expect(() => run.staying(CALLER, TALKING, BYE, false)).toThrow(none);
    expect(() => run.staying(CALLER, OVER, TEXT, false)).toThrow(none);
    expect(() => run.staying(CALLEE, SILENT, HELLO, false)).toThrow(none);
    expect(run.isEmpty).toBe(true);
  });
});

describe('the tally', () => {
  test('of a rule of messages: with each message whose column names it for this role', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, SILENT, HELLO);
    expect(run.tally('toy/hello-first')).toMatchObject({ checked: 0, broken: 0 });
    send(run, CALLEE, SILENT, HELLO, 0, 1 << HELLO);
    send(run, CALLER, TALKING, TEXT);
    expect(run.tally('toy/hello-first')).toMatchObject({ checked: 2, broken: 0 });
    send(run, CALLER, SILENT, TEXT);
    expect(run.tally('toy/hello-first')).toEqual({ checked: 3, broken: 1, withheld: { checked: 0, broken: 0 } });
  });

  test('of a rule of states: when a side enters such a state, and with each message it sends there', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, TALKING, TEXT);
    expect(run.tally('toy/after-bye').checked).toBe(0);
    send(run, CALLER, TALKING, BYE);
    run.step(CALLEE, TALKING, BYE, true, 0, 0, true);
    expect(run.tally('toy/after-bye')).toMatchObject({ checked: 2, broken: 0 });
    send(run, CALLEE, OVER, TEXT);
    run.step(CALLER, OVER, TEXT, true, 0, 0, true);
    expect(run.tally('toy/after-bye')).toEqual({ checked: 3, broken: 1, withheld: { checked: 0, broken: 0 } });
  });

  test('of a rule of roles: with each such message, whichever role sends it', () => {
    const run = new MachineRun(new Machine(door()));
    const KNOCK = 0;
    send(run, 1, 0, KNOCK);
    expect(run.tally('door/who')).toMatchObject({ checked: 1, broken: 0 });
    send(run, 0, 0, KNOCK);
    expect(run.tally('door/who')).toMatchObject({ checked: 2, broken: 1 });
    send(run, 0, 0, 1);
    expect(run.tally('door/who')).toMatchObject({ checked: 2, broken: 1 });
  });

  test('counts what could not be judged apart, and it breaks nothing', () => {
    const run = new MachineRun(toyMachine);
    run.step(CALLER, SILENT, TEXT, false, 0, 0, false);
    expect(run.brokenRule).toBe('toy/hello-first');
    expect(run.tally('toy/hello-first')).toEqual({ checked: 0, broken: 0, withheld: { checked: 1, broken: 1 } });
  });

  test('of a rule that no cell names is nothing', () => {
    expect(new MachineRun(toyMachine).tally('toy/length')).toEqual({
      checked: 0,
      broken: 0,
      withheld: { checked: 0, broken: 0 },
    });
  });
});

describe('the coverage', () => {
  /** Legal sending steps of TOY: caller HELLO, the conditional one of the callee, and three a role when talking. */
  const total = 1 + 1 + 3 + 3;

  test('of nothing', () => {
    expect(new MachineRun(toyMachine).coverage()).toMatchObject({ states: [], transitions: { exercised: 0, total } });
  });

  test('counts a legal step once, however often it is taken', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, SILENT, HELLO);
    send(run, CALLER, SILENT, HELLO);
    expect(run.coverage()).toMatchObject({ states: ['SILENT', 'TALKING'], transitions: { exercised: 1, total } });
  });

  test('counts steps that could not be judged, and no illegal ones', () => {
    const run = new MachineRun(toyMachine);
    run.step(CALLER, TALKING, BYE, false, 0, 0, false);
    send(run, CALLER, OVER, TEXT);
    expect(run.coverage()).toMatchObject({ states: ['TALKING', 'OVER'], transitions: { exercised: 1, total } });
  });

  test('names each legal step, and says how often it was taken', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, SILENT, HELLO);
    send(run, CALLER, SILENT, HELLO);
    const { steps } = run.coverage();
    expect(steps).toHaveLength(total);
    expect(steps).toContainEqual({
      ...{ role: 'caller', state: 'SILENT', event: 'HELLO' },
      ...{ condition: null, next: 'TALKING', taken: 2 },
    });
    expect(steps.filter(({ taken }) => taken > 0)).toHaveLength(1);
  });

  test('counts the ways from one state to another, by sending and by receiving', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, SILENT, HELLO);
    expect(run.coverage().moves).toEqual([{ role: 'caller', from: 'SILENT', to: 'TALKING', taken: 1 }]);
    send(run, CALLER, TALKING, TEXT);
    expect(run.coverage().moves).toHaveLength(1);
  });

  test('counts what was sent in a state, legal or not', () => {
    const run = new MachineRun(toyMachine);
    send(run, CALLER, OVER, TEXT);
    run.step(CALLER, OVER, TEXT, true, 0, 0, true);
    expect(run.coverage().sentIn).toEqual({ SILENT: 0, TALKING: 0, OVER: 1 });
  });

  test('counts each way of a condition', () => {
    const machine = new Machine(withCells({ SHUTS: ifSelfSent('OPENS', to('SHUT'), stay) }));
    const run = new MachineRun(machine);
    const { total } = run.coverage().transitions;
    expect(total).toBe(new MachineRun(new Machine(door())).coverage().transitions.total + 1);
    send(run, 0, 1, machine.event('SHUTS'), 0, 0);
    expect(run.coverage().transitions.exercised).toBe(1);
    send(run, 0, 1, machine.event('SHUTS'), 1 << machine.event('OPENS'), 0);
    expect(run.coverage().transitions.exercised).toBe(2);
    const conditions = run.coverage().steps.flatMap(({ condition, taken }) => (taken > 0 ? [condition] : []));
    expect(conditions.toSorted()).toEqual(['it has not sent OPENS', 'it has sent OPENS']);
  });
});

test('the counts of two runs add up, and the other stays as it was', () => {
  const [one, other] = [new MachineRun(toyMachine), new MachineRun(toyMachine)];
  send(one, CALLER, SILENT, TEXT);
  send(other, CALLER, SILENT, TEXT);
  other.step(CALLER, SILENT, TEXT, false, 0, 0, false);
  one.add(other);
  expect(one.tally('toy/hello-first')).toEqual({ checked: 2, broken: 2, withheld: { checked: 1, broken: 1 } });
  expect(other.tally('toy/hello-first')).toEqual({ checked: 1, broken: 1, withheld: { checked: 1, broken: 1 } });
});
