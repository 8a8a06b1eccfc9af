/** A protocol whose tracker is its own: what stands beside it in the definition, and what may not. */
import { describe, expect, test } from 'vitest';
import {
  BROKEN,
  bytes,
  defineMessages,
  defineProtocol,
  Machine,
  type Message,
  PASS,
  type Rule,
  rule,
  Subject,
  stay,
  type Tracker,
  type TrackerHost,
  tcp,
  udp,
  uint,
} from '../../src/sdk.ts';
import { check, contractProblems, Traffic } from '../../src/testkit.ts';

const CLIENT = '10.0.0.1:1000';
const SERVER = '10.0.0.2:2000';

/** What the tracker hands to the judge: nothing that the common one has but the message and how often it came. */
interface Counted {
  readonly message: Message;
  readonly count: number;
}

const document = {
  id: 'count/too-often',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '1',
  summary: 'a third message',
  why: 'Two are enough.',
  example: '01, 01, 01',
  on: ['ONE'],
} as const;

const tooOften: Rule<Counted> = {
  ...document,
  check: ({ count }) => (count > 2 ? BROKEN : PASS),
  describe: ({ count }) => ({ message: `message ${count}`, expected: '2', actual: `${count}` }),
};

const messages = defineMessages(uint('type', 1), { ONE: [1, '1', 'is one', bytes('data', 'rest')] });

const machine = new Machine({
  roles: ['end'],
  states: ['ON'],
  final: [],
  events: ['ONE'],
  send: { end: { ON: { others: stay } } },
  receive: { end: { ON: { others: stay } } },
  rulesOfStates: [],
});

/** Counts messages over all flows. */
function counting(host: TrackerHost<Counted>, message: Message): Tracker {
  const subject = new Subject();
  let count = 0;
  return {
    layout: messages.layouts[0],
    messageName: 'ONE',
    message: (flow, side) => {
      const slot = count === 0 ? host.connections.open(flow, side, message) : 0;
      count++;
      host.connections.touch(slot, message);
      subject.hold(slot, side, message);
      subject.messageName = 'ONE';
      subject.state = 'ON';
      host.judge.judgeContent(0, { message, count }, subject);
      return slot;
    },
    close: () => {},
    state: () => 'ON',
    settled: () => new Map(),
    messageCounts: () => new Map([['ONE', count]]),
  };
}

const spec = {
  id: 'count',
  title: 'COUNT',
  summary: 'counts, for tests',
  specification: 'COUNT, edition 1',
  carriers: [udp(), tcp('length16')],
  messages: messages.layouts,
  machine,
  rules: [tooOften],
} as const;

const counted = defineProtocol({
  ...spec,
  createTracker: (host: TrackerHost<Counted>, message: Message) => counting(host, message),
});

const twice = () => {
  const traffic = new Traffic();
  for (const data of ['01', '01 aa', '01 bb']) traffic.datagram(CLIENT, SERVER, data);
  return traffic;
};
const mapped = { decodeAs: ['udp.port==2000,count'] };

test('layouts, a whole machine and a tracker make a protocol', async () => {
  expect(contractProblems(counted)).toEqual([]);
  const { findings, messages: seen } = await check(counted, twice(), mapped);
  expect(findings).toEqual(['count/too-often 3']);
  expect(seen.map(({ fields }) => fields)).toEqual([
    { type: 1, data: '' },
    { type: 1, data: 'aa' },
    { type: 1, data: 'bb' },
  ]);
});

test('the tables stay what they were when a tracker is put beside them', async () => {
  const tables = {
    ...spec,
    messages,
    machine: { states: ['ON'], client: { ON: { ONE: stay } }, server: { ON: { ONE: stay } }, otherwise: stay },
    createTracker: (host: TrackerHost<Counted>, message: Message) => counting(host, message),
  } as const;
  const protocol = defineProtocol(tables);
  expect(contractProblems(protocol)).toEqual([]);
  expect((await check(protocol, twice(), mapped)).findings).toEqual(['count/too-often 3']);
});

describe('rules are asked with what the tracker hands to the judge, and', () => {
  test('one that looks at something else does not compile', () => {
    const other: Rule<{ readonly cookie: string }> = { ...document, check: ({ cookie }) => (cookie ? PASS : BROKEN) };
    // @ts-expect-error: the tracker hands no cookie to the judge
    expect(defineProtocol({ ...spec, rules: [other], createTracker: counting }).rules).toEqual([other]);
  });

  test('without a tracker of its own a rule for one does not compile', () => {
    const machine = { states: ['ON'], client: {}, server: {}, otherwise: stay } as const;
    const tables = { ...spec, messages, machine };
    expect(defineProtocol({ ...tables, rules: [rule({ ...document, check: () => true })] }).rules).toHaveLength(1);
    // @ts-expect-error: the exchange of the tables has no count
    expect(defineProtocol(tables).rules).toHaveLength(1);
  });
});

describe('recognition that first bytes of a side do not tell is a function of its own:', () => {
  test('of the first datagrams of both sides', async () => {
    const protocol = defineProtocol({
      ...spec,
      createTracker: counting,
      recognition: 'two messages of one byte',
      recognise: datagrams => (datagrams.length < 2 ? 'more' : datagrams[1].message.length === 1 ? 'yes' : 'no'),
    });
    const traffic = new Traffic();
    traffic.datagram(CLIENT, SERVER, '01').datagram(SERVER, CLIENT, '01');
    expect((await check(protocol, traffic)).messages).toHaveLength(2);
    expect((await check(protocol, twice())).messages).toHaveLength(0);
  });

  test('of the first bytes of both directions, in place of what opensWith says', async () => {
    const protocol = defineProtocol({
      ...spec,
      createTracker: counting,
      opensWith: { client: 'ff' },
      recogniseStream: ({ client, server }) => (client.length > 0 && server.length > 0 ? 'yes' : 'more'),
    });
    const traffic = new Traffic();
    traffic.connect(CLIENT, SERVER).client('0001 01').server('0001 01').close();
    expect((await check(protocol, traffic)).messages).toHaveLength(2);
  });
});

describe('what nobody would ask for is refused:', () => {
  const table = { states: ['ON'], client: {}, server: {}, otherwise: stay } as const;

  test.each([
    ['a memory beside a tracker of its own', { createTracker: counting, remember: () => ({}) }, /asks for no remember/],
    ['waits beside it', { createTracker: counting, waits: {}, take: () => {} }, /asks for no waits, no take/],
    ['layouts without one', { machine: table }, /layouts in place of a table of messages need a tracker/],
    ['a whole machine without one', { messages }, /a machine that is no table/],
  ])('%s', (_, more, words) => {
    expect(() => defineProtocol({ ...spec, ...more } as never)).toThrow(words);
  });
});
