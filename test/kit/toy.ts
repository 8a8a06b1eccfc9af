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
  defineLayout,
  ifPeerSent,
  type Layout,
  Machine,
  type Message,
  PASS,
  type Protocol,
  type Recognition,
  Records,
  type Rule,
  readUint,
  recordView,
  SKIP,
  Subject,
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
const UNKNOWN_TYPE = LAYOUTS.length;
const NAMES = LAYOUTS.map(layout => layout.name);
const STATES = ['SILENT', 'TALKING', 'OVER'] as const;

const early = breaks('toy/hello-first', 'TALKING');
const late = { others: breaks('toy/after-bye') };
const talking = { BYE: to('OVER'), others: stay };
const unchanged = { others: stay };
const listening = { SILENT: unchanged, TALKING: { BYE: to('OVER'), others: stay }, OVER: unchanged };

export const toyMachine = new Machine({
  roles: ['caller', 'callee'],
  states: STATES,
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

/** What TOY's rules look at: the message, and the type it is judged as. */
export interface ToyExchange {
  message: Message;
  type: number;
}

const length: Rule<ToyExchange> = {
  id: 'toy/length',
  severity: 'error',
  atFault: 'sender',
  evidence: 'message',
  clause: '1',
  summary: 'a message is shorter than its type allows, or of no type at all',
  why: 'Its receiver cannot read it.',
  example: '00 beef cut to 00 be',
  on: [...NAMES, UNKNOWN_MESSAGE],
  phase: 'form',
  check: ({ message, type }) => (message.length < (LAYOUTS[type]?.fixedLength ?? Infinity) ? BROKEN : PASS),
};

const helloFirst: Rule<ToyExchange> = {
  id: 'toy/hello-first',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: '2',
  summary: 'something is said before HELLO',
  why: 'Nobody listens yet.',
  example: 'TEXT as the first message',
};

const afterBye: Rule<ToyExchange> = {
  id: 'toy/after-bye',
  severity: 'error',
  atFault: 'sender',
  evidence: 'history',
  clause: '4',
  summary: 'something is said after BYE',
  why: 'Nobody listens any more.',
  example: 'BYE, TEXT',
};

const count: Rule<ToyExchange> = {
  id: 'toy/count',
  severity: 'warning',
  atFault: 'sender',
  evidence: 'message',
  clause: '3',
  summary: 'the count is not the number of characters',
  why: 'Whoever goes by the count loses some.',
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

const orderSettled: Rule<ToyExchange> = {
  id: 'toy/order-settled',
  severity: 'info',
  atFault: 'none',
  evidence: 'message',
  clause: '3',
  summary: 'the byte order was told from the traffic',
  why: 'The specification leaves it open.',
  example: '01 0001 61',
};

const View = recordView(['callerSide', 'partial', 'state0', 'state1', 'sent0', 'sent1']);

class ToyTracker implements Tracker {
  layout: Layout | undefined = undefined;
  messageName = '';
  readonly #host: TrackerHost<ToyExchange>;
  readonly #exchange: ToyExchange;
  readonly #subject = new Subject();
  readonly #rows = new Records(View.width);
  readonly #row = new View(this.#rows);
  readonly #slots = new Map<number, number>();
  readonly #counts = new Map([...NAMES, UNKNOWN_MESSAGE].map(name => [name, 0]));
  readonly #orders = new Set<string>();

  constructor(host: TrackerHost<ToyExchange>, message: Message) {
    this.#host = host;
    this.#exchange = { message, type: UNKNOWN_TYPE };
  }

  message(flow: number, side: number, message: Message): number {
    const { judge, connections } = this.#host;
    const { [message.byte(0)]: layout } = LAYOUTS;
    const type = layout?.code ?? UNKNOWN_TYPE;
    this.layout = layout;
    this.messageName = layout?.name ?? UNKNOWN_MESSAGE;
    this.#counts.set(this.messageName, (this.#counts.get(this.messageName) ?? 0) + 1);
    const slot = this.#slots.get(flow) ?? this.#open(flow, side, type, message);
    connections.touch(slot, message);
    this.#exchange.message = message;
    this.#exchange.type = type;
    this.#describe(slot, side, message);
    if (judge.judgeForm(type, this.#exchange, this.#subject) || layout === undefined) return slot;
    if (message.captured < layout.fixedLength) {
      this.#row.partial = 1;
      connections.markInconclusive(slot);
      return slot;
    }
    if (type === TEXT.code) this.#settleOrder(message);
    if (this.#step(side, type) === undefined) judge.judgeContent(type, this.#exchange, this.#subject);
    return slot;
  }

  close(flow: number): void {
    const slot = this.#slots.get(flow);
    if (slot === undefined) return;
    this.#slots.delete(flow);
    this.#host.connections.close(slot, this.state(slot));
  }

  state(slot: number): string {
    this.#row.base = slot * View.width;
    return STATES[Math.max(this.#row.state0, this.#row.state1)];
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#orders.size === 0 ? new Map() : new Map([['order', [...this.#orders].sort()]]);
  }

  messageCounts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  #open(flow: number, side: number, type: number, message: Message): number {
    const { connections, midstream } = this.#host;
    const slot = connections.open(flow, side, message);
    this.#slots.set(flow, slot);
    this.#row.base = this.#rows.reset(slot);
    this.#row.callerSide = side;
    if (type !== HELLO.code && midstream === 'auto') {
      this.#row.partial = 1;
      this.#row.state0 = this.#row.state1 = toyMachine.state('TALKING');
      connections.markInconclusive(slot);
    }
    return slot;
  }

  #describe(slot: number, side: number, message: Message): void {
    const subject = this.#subject;
    this.#row.base = slot * View.width;
    subject.connection = slot;
    subject.side = side;
    subject.frame = message.frame;
    subject.seconds = message.seconds;
    subject.nanoseconds = message.nanoseconds;
    subject.messageName = this.messageName;
    subject.state = STATES[side === 0 ? this.#row.state0 : this.#row.state1];
    subject.partial = this.#row.partial === 1;
    subject.message = message;
  }

  /** The rule that sending this broke, if any. */
  #step(side: number, event: number): string | undefined {
    const { judge, machineRun } = this.#host;
    const row = this.#row;
    const role = side === row.callerSide ? 0 : 1;
    const states = [row.state0, row.state1];
    const sent = [row.sent0, row.sent1];
    const judged = row.partial === 0;
    const other = 1 - side;
    states[side] = machineRun.step(role, states[side], event, false, sent[side], sent[other], judged);
    const { brokenRule } = machineRun;
    if (brokenRule !== undefined) judge.enterStep(brokenRule, this.#exchange, this.#subject);
    states[other] = machineRun.step(1 - role, states[other], event, true, sent[other], sent[side], judged);
    sent[side] |= 1 << event;
    [row.state0, row.state1] = states;
    [row.sent0, row.sent1] = sent;
    return brokenRule;
  }

  #settleOrder(message: Message): void {
    const { dialect, judge, once } = this.#host;
    const option = dialect.choice('order');
    const { offset, size } = TEXT.fields.count;
    const characters = message.length - TEXT.fixedLength;
    const little =
      option === 'auto'
        ? readUint(message.bytes, message.start + offset, size, true) === characters && characters !== 0
        : option === 'little';
    message.littleEndian = little;
    if (option !== 'auto') return;
    const order = little ? 'little' : 'big';
    this.#orders.add(order);
    judge.enter('toy/order-settled', once(`toy ${order}`) ? BROKEN : SKIP, this.#subject, () => ({
      message: `integers are read as ${order}-endian`,
      expected: '',
      actual: '',
    }));
  }
}

const isHello = (message: Message) => message.length === HELLO.fixedLength && message.byte(0) === HELLO.code;

/** A HELLO may open TOY; the flow is its when the datagram after it is a HELLO too. */
function recognise(datagrams: readonly Message[]): Recognition {
  if (!datagrams.slice(0, 2).every(isHello)) return 'no';
  return datagrams.length < 2 ? 'more' : 'yes';
}

export const toy: Protocol<ToyExchange> = {
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
  createTracker: (host, message) => new ToyTracker(host, message),
};
