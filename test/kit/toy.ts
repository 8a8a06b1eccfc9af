/**
 * TOY: a protocol small enough to have in one's head, for tests of what is around protocols. Written against the sdk
 * alone, as a third party would.
 *
 * A caller and a callee say HELLO to each other, send TEXTs and end with BYE, each in a datagram:
 *
 *     HELLO  00 id:2          TEXT  01 count:2 characters          BYE  02
 *
 * One HELLO may be chance; only the second datagram tells whether the flow is TOY's.
 */
import {
  BROKEN,
  breaks,
  type Datagram,
  defineLayout,
  type FlowExchange as Exchange,
  FlowTracker,
  ifPeerSent,
  type Layout,
  Machine,
  type Message,
  PASS,
  type Protocol,
  type Recognition,
  type Rule,
  readUint,
  stay,
  type Tracker,
  type TrackerHost,
  to,
  UNKNOWN_MESSAGE,
} from '../../src/sdk.ts';

const type = (code: number, name: string) =>
  ({
    name: 'type',
    title: 'Type',
    offset: 0,
    size: 1,
    kind: 'uint',
    labels: { [code]: name },
    meaning: 'what it is',
    clause: '1',
  }) as const;

export const HELLO = defineLayout({
  name: 'HELLO',
  code: 0,
  meaning: 'opens the conversation',
  clause: '2',
  fields: [
    type(0, 'HELLO'),
    { name: 'id', title: 'Id', offset: 1, size: 2, kind: 'id', meaning: 'who speaks', clause: '2' },
  ],
});

export const TEXT = defineLayout({
  name: 'TEXT',
  code: 1,
  meaning: 'says something',
  clause: '3',
  fields: [
    type(1, 'TEXT'),
    { name: 'count', title: 'Count', offset: 1, size: 2, kind: 'uint', meaning: 'number of characters', clause: '3' },
    { name: 'text', title: 'Text', offset: 3, size: 'rest', kind: 'text', meaning: 'the characters', clause: '3' },
  ],
});

export const BYE = defineLayout({
  name: 'BYE',
  code: 2,
  meaning: 'ends the conversation',
  clause: '4',
  fields: [type(2, 'BYE')],
});

const LAYOUTS: readonly Layout[] = [HELLO, TEXT, BYE];
const NAMES = LAYOUTS.map(layout => layout.name);

const early = breaks('toy/hello-first', 'TALKING');
const late = { others: breaks('toy/after-bye') };
const talking = { BYE: to('OVER'), others: stay };
const unchanged = { others: stay };
const listening = { SILENT: unchanged, TALKING: { BYE: to('OVER'), others: stay }, OVER: unchanged };

export const toyMachine = new Machine({
  roles: ['caller', 'callee'],
  states: ['SILENT', 'TALKING', 'OVER'],
  final: ['OVER'],
  events: ['HELLO', 'TEXT', 'BYE'],
  send: {
    caller: { SILENT: { HELLO: to('TALKING'), others: early }, TALKING: talking, OVER: late },
    callee: {
      SILENT: { HELLO: ifPeerSent('HELLO', to('TALKING'), early), others: early },
      TALKING: talking,
      OVER: late,
    },
  },
  receive: { caller: listening, callee: listening },
  rulesOfStates: ['toy/after-bye'],
});

const length: Rule<Exchange<undefined>> = {
  id: 'toy/length',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '1',
  summary: 'a message is shorter than its type allows, or of no type at all',
  why: 'Its receiver cannot read it.',
  example: '00 beef cut to 00 be',
  on: [...NAMES, UNKNOWN_MESSAGE],
  phase: 'form',
  check: ({ message, layout }) => (layout && message.length >= layout.fixedLength ? PASS : BROKEN),
};

const helloFirst: Rule<Exchange<undefined>> = {
  id: 'toy/hello-first',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '2',
  summary: 'something is said before HELLO',
  why: 'Nobody listens yet.',
  example: 'TEXT as the first message',
};

const afterBye: Rule<Exchange<undefined>> = {
  id: 'toy/after-bye',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '4',
  summary: 'something is said after BYE',
  why: 'Nobody listens any more.',
  example: 'BYE, TEXT',
};

const count: Rule<Exchange<undefined>> = {
  id: 'toy/count',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '3',
  summary: 'the count is not the number of characters',
  why: 'A receiver that goes by the count loses some.',
  example: '01 0002 61',
  on: ['TEXT'],
  check: ({ message }) => (message.uint(TEXT.fields.count) === message.length - TEXT.fixedLength ? PASS : BROKEN),
  describe: ({ message }) => ({
    message: `the count says ${message.uint(TEXT.fields.count)}`,
    expected: String(message.length - TEXT.fixedLength),
    actual: String(message.uint(TEXT.fields.count)),
    bytes: { offset: 1, length: 2 },
  }),
};

const orderSettled: Rule<Exchange<undefined>> = {
  id: 'toy/order-settled',
  severity: 'info',
  atFault: 'none',
  restsOn: 'bytes',
  clause: '3',
  summary: 'the byte order was inferred from the traffic',
  why: 'The specification leaves it open.',
  example: '01 0001 61',
};

/** The byte order of the counts: as the user says, or inferred from a count that only one order makes right. */
function orderOf({ message }: Exchange<undefined>, option: string): 'big' | 'little' {
  const { offset, size } = TEXT.fields.count;
  const characters = message.length - TEXT.fixedLength;
  const little =
    option === 'auto'
      ? readUint(message.bytes, message.start + offset, size, true) === characters && characters !== 0
      : option === 'little';
  return little ? 'little' : 'big';
}

function createTracker(host: TrackerHost<Exchange<undefined>>, message: Message): Tracker {
  const option = host.dialect.choice('order');
  const orders = new Set<string>();
  return new FlowTracker(host, message, {
    layouts: LAYOUTS,
    machine: toyMachine,
    opening: ['HELLO'],
    midstream: 'TALKING',
    typeOf: message => message.byte(0),
    remember: () => undefined,
    prepare: exchange => {
      if (exchange.layout !== TEXT) return;
      const order = orderOf(exchange, option);
      exchange.message.littleEndian = order === 'little';
      if (option !== 'auto') return;
      orders.add(order);
      host.judge.enterOnce(order, 'toy/order-settled', exchange.subject, () => ({
        message: `integers are read as ${order}-endian`,
        expected: '',
        actual: '',
      }));
    },
    settled: () => (orders.size === 0 ? new Map() : new Map([['order', [...orders].sort()]])),
  });
}

const isHello = ({ message }: Datagram) => message.length === HELLO.fixedLength && message.byte(0) === HELLO.code;

/** A HELLO may open TOY; the flow is its when the datagram after it is a HELLO too. */
function recognise(datagrams: readonly Datagram[]): Recognition {
  if (!datagrams.slice(0, 2).every(isHello)) return 'no';
  return datagrams.length < 2 ? 'more' : 'yes';
}

export const toy: Protocol<Exchange<undefined>> = {
  id: 'toy',
  title: 'TOY',
  summary: 'a conversation, for tests',
  specification: 'TOY, edition 1',
  carriers: [{ transport: 'udp', framing: 'datagram' }],
  recognition: 'HELLO, twice',
  dialect: [
    { name: 'order', kind: 'choice', values: ['auto', 'big', 'little'], default: 'auto', meaning: 'byte order' },
    { name: 'patience', kind: 'seconds', default: '2.5s', meaning: 'how long a caller waits' },
    { name: 'secret', kind: 'key', default: '', meaning: 'shared by both' },
  ],
  layouts: LAYOUTS,
  machine: toyMachine,
  rules: [length, helloFirst, afterBye, count, orderSettled],
  recognise,
  createTracker,
};
