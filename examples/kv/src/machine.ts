/**
 * Who may say what, when: clause 3 of the specification in the README. Every message has a cell in every state, for
 * sending it and for seeing it arrive; a table with a hole is refused when the protocol is loaded.
 *
 * A cell that breaks a rule also says in which state to go on, so that one fault is reported once: a side that forgets
 * the HELLO is treated as if it had sent it.
 */
import { breaks, Machine, stay, to } from 'wirelint/sdk';

const outOfTurn = breaks('kv/out-of-turn');
const tooEarly = breaks('kv/out-of-turn', 'OPEN');

export const machine = new Machine({
  roles: ['client', 'server'],
  states: ['NEW', 'OPEN', 'DONE'],
  final: ['DONE'],
  events: ['HELLO', 'GET', 'VALUE', 'ERROR', 'BYE'],
  send: {
    client: {
      NEW: { HELLO: to('OPEN'), others: tooEarly },
      OPEN: { GET: stay, BYE: to('DONE'), others: outOfTurn },
      DONE: { others: outOfTurn },
    },
    server: {
      NEW: { others: tooEarly },
      OPEN: { VALUE: stay, ERROR: stay, others: outOfTurn },
      // What was asked before the BYE is still answered.
      DONE: { VALUE: stay, ERROR: stay, others: outOfTurn },
    },
  },
  receive: {
    client: { NEW: { others: to('OPEN') }, OPEN: { others: stay }, DONE: { others: stay } },
    server: {
      NEW: { BYE: to('DONE'), others: to('OPEN') },
      OPEN: { BYE: to('DONE'), others: stay },
      DONE: { others: stay },
    },
  },
  rulesOfStates: [],
});
