/** KV: look-ups over TCP, each message behind its length in two bytes. The specification is in the README. */
import {
  breaks,
  defineMessages,
  defineProtocol,
  type Exchange,
  malformed,
  rule,
  stay,
  tcp,
  text,
  uint,
} from 'wirelint/sdk';

const id = uint('id', 2, 'tells which answer belongs to which request');
const reasons = { 1: 'no such key', 2: 'busy' };

/** Clause 2: code, clause, what it does, and the fields behind the type. */
const messages = defineMessages(uint('type', 1, 'what kind of message this is'), {
  HELLO: [1, '2.1', 'opens the conversation', text('magic', 2, 'the letters KV'), uint('version', 1, 'always 1')],
  GET: [2, '2.2', 'asks for the value of a key', id, text('key', 'rest', 'what is looked up')],
  VALUE: [3, '2.3', 'answers with the value', id, text('value', 'rest', 'what was found')],
  ERROR: [
    4,
    '2.4',
    'answers that there is no value',
    id,
    uint('reason', 1, { meaning: 'why there is none', labels: reasons }),
  ],
  BYE: [5, '2.5', 'says that no request will follow'],
});

type Kv = Exchange<typeof messages, 'lookup'>;

const badForm = malformed<Kv>({
  id: 'kv/malformed',
  clause: '2',
  says: 'A message begins with its type, one of five, and has the fields of that type after it.',
  example: '02 00, a GET that ends inside its id',
});

/** Its check is the state machine below. */
const outOfTurn = rule<Kv>({
  id: 'kv/out-of-turn',
  severity: 'error',
  restsOn: 'unseen',
  clause: '3',
  says: 'The client begins with HELLO, once, then sends requests and at last BYE; the server sends answers alone.',
  summary: 'a message comes before HELLO, after BYE, twice, or from the wrong side',
  why: 'A server may close the connection on it, and has every right to.',
  example: 'GET as the first message of a connection',
});

const idInUse = rule<Kv>({
  id: 'kv/id-in-use',
  severity: 'error',
  restsOn: 'unseen',
  clause: '4',
  says: 'An id may be used again once its request was answered.',
  summary: 'a request has the id of one that is not answered yet',
  why: 'Nobody can tell any more which of the two an answer belongs to.',
  example: 'GET with id 1, GET with id 1, VALUE with id 1',
  on: ['GET'],
  check: ({ waits }) => waits.lookup.free,
  describe: ({ get, waits }) => ({
    message: `id ${get('id')} is in use: its request waits for an answer`,
    expected: 'an id that no waiting request has',
    at: 'id',
    related: [waits.lookup.frame],
  }),
});

const unsolicited = rule<Kv>({
  id: 'kv/unsolicited',
  severity: 'error',
  restsOn: 'unseen',
  clause: '4',
  says: 'Each request is answered by one VALUE or ERROR with its id.',
  summary: 'an answer has an id that no waiting request has',
  why: 'Its receiver drops it, or takes it for the answer to something else.',
  example: 'GET with id 1, VALUE with id 2',
  on: ['VALUE', 'ERROR'],
  check: ({ waits }) => waits.lookup.answered,
  describe: ({ get, waits }) => ({
    message: `no request with id ${get('id')} waits for an answer`,
    expected: waits.lookup.waiting === 0 ? 'no answer: no request waits' : 'the id of a waiting request',
    at: 'id',
  }),
});

const answer = { VALUE: stay, ERROR: stay };

export default defineProtocol({
  id: 'kv',
  title: 'KV',
  summary: 'look-ups of values by key, many at a time over one connection',
  specification: 'KV, version 1',
  carriers: [tcp('length16', { longest: 4096 })],
  opensWith: { client: '0004 01 4b56' },
  messages,
  machine: {
    states: ['NEW', 'OPEN', 'DONE'],
    client: { NEW: { HELLO: 'OPEN' }, OPEN: { GET: stay, BYE: 'DONE' } },
    // What was asked before the BYE is still answered.
    server: { OPEN: answer, DONE: answer },
    // Who forgets the HELLO is treated as if it had come: one fault, one finding.
    otherwise: breaks(outOfTurn, { NEW: 'OPEN' }),
  },
  waits: { lookup: { asks: 'GET', answers: ['VALUE', 'ERROR'], by: 'id', most: 65_536 } },
  countBy: 'key',
  rules: [badForm, outOfTurn, idInUse, unsolicited],
  provocations: [
    { rule: 'kv/id-in-use', faults: ['repeat if type == GET nth=1'] },
    { rule: 'kv/unsolicited', faults: ['set kv.id = 0xfffe if type == VALUE nth=1'], needs: 'a key that is there' },
  ],
  refusals: { isOne: ({ name }) => name === 'ERROR' },
});
