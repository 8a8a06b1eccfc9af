/**
 * WORD: a protocol on TCP of which there is almost nothing. Either side sends words, each behind its length in two bytes, and no
 * word twice. Met in the middle, it goes on with a segment that is one word.
 */
import {
  BROKEN,
  defineLayout,
  type FlowExchange as Exchange,
  FlowTracker,
  Machine,
  PASS,
  type Protocol,
  type Rule,
  readUint,
  stay,
} from '../../src/sdk.ts';

const WORD = defineLayout({
  name: 'WORD',
  code: 0,
  meaning: 'a word',
  clause: '1',
  fields: [{ name: 'text', title: 'Text', offset: 0, size: 'rest', kind: 'text', meaning: 'its letters', clause: '1' }],
});

const machine = new Machine({
  roles: ['client', 'server'],
  states: ['OPEN'],
  final: [],
  events: ['WORD'],
  send: { client: { OPEN: { WORD: stay } }, server: { OPEN: { WORD: stay } } },
  receive: { client: { OPEN: { WORD: stay } }, server: { OPEN: { WORD: stay } } },
  rulesOfStates: [],
});

/** Frame of each word that was said in the connection. */
type Said = Map<string, number>;

const textOf = ({ message }: Exchange<Said>) => Buffer.from(message.copy()).toString('latin1');

const repeated: Rule<Exchange<Said>> = {
  id: 'word/repeated',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '2',
  summary: 'a word is said twice',
  why: 'It was heard the first time.',
  example: 'hi, hi',
  on: ['WORD'],
  check: exchange => (exchange.memory.has(textOf(exchange)) ? BROKEN : PASS),
};

export const word: Protocol<Exchange<Said>> = {
  id: 'word',
  title: 'WORD',
  summary: 'words, for tests',
  specification: 'WORD, edition 1',
  carriers: [{ transport: 'tcp', framing: 'length16' }],
  recognition: 'not at all',
  dialect: [],
  layouts: [WORD],
  machine,
  rules: [repeated],
  resync: (bytes, at, end) => end - at > 2 && end - at === 2 + readUint(bytes, at, 2, false),
  createTracker: (host, message) =>
    new FlowTracker(host, message, {
      layouts: [WORD],
      machine,
      typeOf: () => 0,
      remember: (): Said => new Map(),
      take: exchange => exchange.memory.set(textOf(exchange), exchange.message.frame),
      opening: [],
      midstream: 'OPEN',
    }),
};
