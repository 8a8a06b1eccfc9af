/** Diagrams drawn from small tables: which steps are shown, how they are grouped, and that names cannot break the syntax. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { stateDiagrams } from '../../src/protocol/diagram.ts';
import {
  breaks,
  type Cell,
  ifPeerSent,
  ifSelfSent,
  type MachineTable,
  type Row,
  stay,
  to,
} from '../../src/protocol/machine.ts';
import { toyMachine } from '../kit/toy.ts';

type Rows = Readonly<Record<string, Row<string, string>>>;

interface Sketch {
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly send: Rows;
  readonly final?: readonly string[];
  readonly receive?: Rows;
}

/** A table of one role; arrivals change nothing by default. */
function oneRole({ states, events, send, receive, final = [] }: Sketch): MachineTable<string, string, string> {
  const silent = Object.fromEntries(states.map(state => [state, { others: stay }]));
  return {
    roles: ['peer'],
    states,
    events,
    final,
    send: { peer: send },
    receive: { peer: receive ?? silent },
    rulesOfStates: [],
  };
}

const cell = (made: Cell<string, string>) => made;
const linesOf = (sketch: Sketch) =>
  stateDiagrams(oneRole(sketch))[0]
    .source.split('\n')
    .map(line => line.trim());
const arrowsOf = (sketch: Sketch) => linesOf(sketch).filter(line => line.includes('-->') && !line.includes('[*]'));

test('a conversation from its start to its end; what is illegal or changes nothing is not drawn', () => {
  const lines = linesOf({
    states: ['NEW', 'OPEN', 'CLOSED'],
    final: ['CLOSED'],
    events: ['SYN', 'DATA', 'FIN'],
    send: {
      NEW: { SYN: to('OPEN'), others: breaks('p/too-early', 'OPEN') },
      OPEN: { FIN: to('CLOSED'), others: stay },
      CLOSED: { others: breaks('p/too-late') },
    },
  });
  expect(lines).toEqual([
    'stateDiagram-v2',
    '[*] --> NEW',
    'NEW --> OPEN : sends SYN',
    'OPEN --> CLOSED : sends FIN',
    'CLOSED --> [*]',
  ]);
});

test('several events between two states share an arrow, a line each for sending, arriving and each condition', () => {
  const arrows = arrowsOf({
    states: ['NEW', 'OPEN'],
    events: ['A', 'B', 'C', 'D'],
    send: {
      NEW: {
        A: to('OPEN'),
        B: to('OPEN'),
        C: cell(ifPeerSent('A', to('OPEN'), breaks('p/c'))),
        D: cell(ifPeerSent('A', stay, to('OPEN'))),
      },
      OPEN: { others: stay },
    },
    receive: { NEW: { A: to('OPEN'), others: stay }, OPEN: { others: stay } },
  });
  expect(arrows).toEqual([
    'NEW --> OPEN : sends A or B<br>sends C, if the peer sent A<br>sends D, unless the peer sent A<br>receives A',
  ]);
});

test('a step that everything but the end has in common starts from a node of its own', () => {
  const live = { ABORT: to('ABORTED'), others: stay };
  const lines = linesOf({
    states: ['ONE', 'TWO', 'THREE', 'ABORTED'],
    final: ['ABORTED'],
    events: ['NEXT', 'ABORT'],
    send: {
      ONE: { ...live, NEXT: to('TWO') },
      TWO: { ...live, NEXT: to('THREE') },
      THREE: live,
      ABORTED: { others: breaks('p/after-abort') },
    },
  });
  expect(lines).toEqual([
    'stateDiagram-v2',
    'state "any live state" as any_live_state',
    '[*] --> ONE',
    'ONE --> TWO : sends NEXT',
    'TWO --> THREE : sends NEXT',
    'any_live_state --> ABORTED : sends ABORT',
    'ABORTED --> [*]',
  ]);
});

test('a step that one state lacks is drawn where it is', () => {
  const arrows = arrowsOf({
    states: ['ONE', 'TWO', 'THREE', 'FOUR', 'END'],
    final: ['END'],
    events: ['NEXT', 'STOP'],
    send: {
      ONE: { NEXT: to('TWO'), STOP: to('END') },
      TWO: { NEXT: to('THREE'), STOP: to('END') },
      THREE: { NEXT: to('FOUR'), STOP: to('END') },
      FOUR: { others: stay },
      END: { others: stay },
    },
  });
  expect(arrows.filter(arrow => arrow.includes('STOP'))).toEqual([
    'ONE --> END_ : sends STOP',
    'TWO --> END_ : sends STOP',
    'THREE --> END_ : sends STOP',
  ]);
});

test('a condition that only a malformed message could meet is not drawn; one that a loop can meet is', () => {
  const states = ['NEW', 'OPEN', 'DONE'];
  const events = ['HELLO', 'DATA', 'BACK'];
  const again = cell(ifSelfSent('HELLO', to('DONE'), breaks('p/hello-first')));
  const straight = {
    NEW: { HELLO: to('OPEN'), DATA: again, BACK: stay },
    OPEN: { others: stay },
    DONE: { others: stay },
  };
  expect(arrowsOf({ states, events, send: straight })).toEqual(['NEW --> OPEN : sends HELLO']);
  expect(arrowsOf({ states, events, send: { ...straight, OPEN: { BACK: to('NEW'), others: stay } } })).toEqual([
    'NEW --> OPEN : sends HELLO',
    'NEW --> DONE : sends DATA, if it sent HELLO',
    'OPEN --> NEW : sends BACK',
  ]);
});

test('a state that only illegal steps lead to is not drawn', () => {
  const lines = linesOf({
    states: ['NEW', 'LOST', 'OPEN'],
    events: ['A', 'B'],
    send: {
      NEW: { A: to('OPEN'), B: breaks('p/b', 'LOST') },
      LOST: { A: to('OPEN'), B: stay },
      OPEN: { others: stay },
    },
  });
  expect(lines.join('\n')).not.toContain('LOST');
});

test('names are made legal: ids of letters, labels without what ends them, no two states under one id', () => {
  const lines = linesOf({
    states: ['A-B', 'A_B', 'note', 'x: "y"; <z>'],
    events: ['GO: #1; "now"'],
    send: {
      'A-B': { others: to('A_B') },
      A_B: { others: to('note') },
      note: { others: to('x: "y"; <z>') },
      'x: "y"; <z>': { others: stay },
    },
  });
  expect(lines).toEqual([
    'stateDiagram-v2',
    'state "A-B" as A_B',
    'state "A_B" as A_B_',
    'state "note" as note_',
    'state "x y z" as x___y____z_',
    '[*] --> A_B',
    'A_B --> A_B_ : sends GO 1 now',
    'A_B_ --> note_ : sends GO 1 now',
    'note_ --> x___y____z_ : sends GO 1 now',
  ]);
});

test('roles that may do the same share a diagram, others have their own', () => {
  expect(stateDiagrams(toyMachine.table).map(({ roles }) => roles)).toEqual([['caller'], ['callee']]);
  const { table } = toyMachine;
  const alike = { ...table, send: { ...table.send, callee: table.send.caller } };
  expect(stateDiagrams(alike).map(({ roles }) => roles)).toEqual([['caller', 'callee']]);
});

test("where no arrival changes anything the state is the connection's: one diagram shows what both roles do to it", () => {
  const silent = { NEW: { others: stay }, ASKED: { others: stay }, OPEN: { others: stay } };
  const wrong = breaks('p/wrong-role');
  const [diagram, ...others] = stateDiagrams({
    roles: ['client', 'server'],
    states: ['NEW', 'ASKED', 'OPEN'],
    final: ['OPEN'],
    events: ['SYN', 'ACK'],
    send: {
      client: { NEW: { SYN: to('ASKED'), others: wrong }, ASKED: { others: wrong }, OPEN: { others: stay } },
      server: {
        NEW: { others: wrong },
        ASKED: { SYN: wrong, ACK: cell(ifSelfSent('ACK', stay, to('OPEN'))) },
        OPEN: { others: stay },
      },
    },
    receive: { client: silent, server: silent },
    rulesOfStates: [],
  });
  expect(others).toEqual([]);
  expect(diagram.roles).toEqual(['client', 'server']);
  expect(diagram.source.split('\n').map(line => line.trim())).toEqual([
    'stateDiagram-v2',
    '[*] --> NEW',
    'NEW --> ASKED : client sends SYN',
    'ASKED --> OPEN : server sends ACK, unless it sent ACK',
    'OPEN --> [*]',
  ]);
});

test('a condition on what a side did not send is drawn only where it can not have sent it', () => {
  const once = cell(ifSelfSent('HELLO', stay, to('DONE')));
  const arrows = arrowsOf({
    states: ['NEW', 'OPEN', 'DONE'],
    events: ['HELLO'],
    send: { NEW: { HELLO: to('OPEN') }, OPEN: { HELLO: once }, DONE: { HELLO: stay } },
    receive: { NEW: { HELLO: once }, OPEN: { HELLO: once }, DONE: { HELLO: stay } },
  });
  expect(arrows).toEqual(['NEW --> OPEN : sends HELLO', 'NEW --> DONE : receives HELLO, unless it sent HELLO']);
});

test.each(protocols.map(({ id, machine }) => ({ id, table: machine.table })))(
  'those of $id are of legal lines',
  ({ table }) => {
    const legal = /^(stateDiagram-v2|\s+state "[^":;]+" as \w+|\s+(\[\*\]|\w+) --> (\[\*\]|\w+)( : [^:;#"]+)?)$/;
    const lines = stateDiagrams(table).flatMap(({ source }) => source.split('\n'));
    expect(lines.filter(line => !legal.test(line))).toEqual([]);
  },
);
