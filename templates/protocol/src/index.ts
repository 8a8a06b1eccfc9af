/**
 * MY-PROTOCOL: a small protocol that works, to be changed piece by piece into yours. The specification is in the README.
 * Comments that begin with "Yours" say what to change; `npm test` says after each step whether it still holds together.
 */
import { breaks, defineMessages, defineProtocol, type Exchange, malformed, rule, stay, text, uint } from 'wirelint/sdk';

/** Yours: whatever stands in several messages. A number of two bytes is `uint('id', 2, '...')`. */
const id = text('id', 4, 'tells which answer belongs to which request');

/**
 * Clause 2: a row a message, with its code, its clause, what it does, and the fields behind the code. The code is the field
 * `type`, which each message begins with.
 * Yours: `uint('type', 1, '...')` with the codes 1, 2, 3; or all fields of a header in a list, one of them called `type`.
 */
const messages = defineMessages(uint('type', 4, 'what kind of message this is'), {
  OPEN: ['OPEN', '2.1', 'opens the conversation', text('version', 1, 'always 1')],
  FIND: ['FIND', '2.2', 'asks for something', id, text('key', 'rest', 'what is looked for')],
  GIVE: ['GIVE', '2.3', 'answers', id, text('value', 'rest', 'what was found; nothing if there is none')],
  DONE: ['DONE', '2.4', 'says that no request will follow'],
});

/** What a rule looks at: these messages, and the waits by name. */
type Here = Exchange<typeof messages, 'request'>;

/** Yours: the clause. Its check are the fields above. */
const badForm = malformed<Here>({
  id: 'my-protocol/malformed',
  clause: '2',
  example: 'FIND00, which ends inside its id',
});

/** Its check is the state machine below. */
const outOfTurn = rule<Here>({
  id: 'my-protocol/out-of-turn',
  severity: 'error',
  // A message that the capture missed could excuse it: 'unseen'. Another order of what was seen: 'seen'. Nothing: 'bytes'.
  restsOn: 'unseen',
  clause: '3',
  summary: 'a message comes before OPEN, after DONE, twice, or from the wrong side',
  why: 'Yours: what goes wrong in practice when somebody does this.',
  example: 'FIND as the first message of a conversation',
});

const unsolicited = rule<Here>({
  id: 'my-protocol/unsolicited',
  severity: 'error',
  restsOn: 'unseen',
  clause: '4',
  summary: 'an answer has an id that no waiting request has',
  why: 'Its receiver drops it, or takes it for the answer to something else.',
  example: 'FIND with id 0001, GIVE with id 0002',
  // Yours: a check reads fields with get('name'), waits, and what the protocol remembers; true is right.
  on: ['GIVE'],
  check: ({ waits }) => waits.request.answered,
  describe: ({ get, waits }) => ({
    message: `no request with id ${get('id')} waits for an answer`,
    expected: waits.request.waiting === 0 ? 'no answer: no request waits' : 'the id of a waiting request',
    at: 'id',
  }),
});

export default defineProtocol({
  id: 'my-protocol',
  title: 'MY-PROTOCOL',
  // Yours: one line, and the specification's name as findings are to cite it.
  summary: 'asks for something by a key',
  specification: 'MY-PROTOCOL, version 1',
  // Yours: the longest message in bytes.
  carriers: [{ transport: 'tcp', framing: 'length16', longest: 4096 }],
  // By what a conversation is recognised without a port. Yours: bytes in hex, `..` for any; leave it out if there are none.
  opensWith: { client: '0005 4f50454e 31' },
  messages,
  // Who may send what in which state, and the state that it leads to. The first state is where both sides begin.
  machine: {
    states: ['NEW', 'READY', 'OVER'],
    client: { NEW: { OPEN: 'READY' }, READY: { FIND: stay, DONE: 'OVER' } },
    server: { READY: { GIVE: stay }, OVER: { GIVE: stay } },
    // Who forgets OPEN is treated as if it had come: one fault, one finding.
    otherwise: breaks(outOfTurn, { NEW: 'READY' }),
  },
  // Yours: without `by`, answers come in the order of their requests. Over datagrams, `resent: true` lets both come again.
  waits: { request: { asks: 'FIND', answers: 'GIVE', by: 'id' } },
  rules: [badForm, outOfTurn, unsolicited],
});
