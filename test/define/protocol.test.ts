/** What follows from a protocol's tables: types, roles, recognition, words; and which tables are refused. */
import { describe, expect, test } from 'vitest';
import {
  breaks,
  bytes,
  defineMessages,
  defineProtocol,
  type Exchange,
  from,
  malformed,
  rule,
  stay,
  tcp,
  text,
  udp,
  uint,
} from '../../src/sdk.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { tally } from '../../src/testkit/engine.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { check, contractProblems, Traffic } from '../../src/testkit.ts';
import { Message } from '../../src/wire/message.ts';

const CLIENT = '10.0.0.1:1000';
const SERVER = '10.0.0.2:2000';

/** READ 03 address:2 of the client, DATA 03 bytes of the server: one code, a message a direction. */
const messages = defineMessages([uint('unit', 1), uint('type', 1)], {
  READ: from('client', [3, '1', 'asks for what is at an address', uint('address', 2)]),
  DATA: from('server', [3, '2', 'brings it', bytes('data', 'rest')]),
  STOP: ['S', '3', 'ends it', text('words', 'rest')],
});

type Reading = Exchange<typeof messages>;

const badForm = malformed<Reading>({ id: 'reading/malformed', clause: '1' });

const outOfTurn = rule<Reading>({
  id: 'reading/out-of-turn',
  severity: 'error',
  restsOn: 'unseen',
  clause: '3',
  summary: 'a message comes after STOP',
  why: 'Nobody listens any more.',
  example: 'STOP, READ',
});

const lowAddress = rule<Reading>({
  id: 'reading/low-address',
  severity: 'warning',
  restsOn: 'bytes',
  clause: '1',
  summary: 'an address is below 16',
  why: 'The first 16 are reserved.',
  example: '01 03 0001',
  on: ['READ'],
  check: ({ get }) => get('address') >= 16,
  describe: ({ get, name, state }) => ({
    message: `${name} of ${get('address')} in ${state}`,
    expected: '16 or more',
    at: 'address',
  }),
});

const reading = defineProtocol({
  id: 'reading',
  title: 'READING',
  summary: 'reads, for tests',
  specification: 'READING, edition 1',
  carriers: [tcp('length16', { longest: 100 }), udp()],
  opensWith: { client: '.. 03 .... | 01 53' },
  messages,
  machine: {
    states: ['OPEN', 'OVER'],
    client: { OPEN: { READ: stay, STOP: 'OVER' } },
    server: { OPEN: { DATA: stay, STOP: 'OVER' } },
    otherwise: breaks(outOfTurn),
    midstream: 'OPEN',
  },
  opening: ['READ'],
  rules: [badForm, outOfTurn, lowAddress],
});

const talk = (...lines: readonly string[]) => {
  const traffic = new Traffic();
  for (const line of lines) {
    if (line.startsWith('>')) traffic.datagram(CLIENT, SERVER, line.slice(1));
    else traffic.datagram(SERVER, CLIENT, line.slice(1));
  }
  return traffic;
};

test('a defined protocol fulfils the contract', () => {
  expect(contractProblems(reading)).toEqual([]);
});

test('a message of one code is another one when the other side sends it, with fields of its own', async () => {
  const { messages: seen, findings } = await check(reading, talk('> 01 03 0010', '< 01 03 cafe', '> 01 53 6279'));
  expect(seen.map(({ name, fields }) => ({ name, fields }))).toEqual([
    { name: 'READ', fields: { unit: 1, type: 3, address: 16 } },
    { name: 'DATA', fields: { unit: 1, type: 3, data: 'cafe' } },
    { name: 'STOP', fields: { unit: 1, type: 0x53, words: 'by' } },
  ]);
  expect(findings).toEqual([]);
});

test('each rule is broken at its frame, with the bytes of the field that is named', async () => {
  const { report, findings } = await check(
    reading,
    talk('> 01 03 0001', '> 01 03 00', '< 01 53', '> 01 03 0011', '> 01 77'),
  );
  expect(findings).toEqual([
    'reading/low-address 1',
    'reading/malformed 2',
    'reading/out-of-turn 4',
    'reading/malformed 5',
  ]);
  expect(report.findings[0]).toMatchObject({
    message: 'READ of 1 in OPEN',
    actual: '1',
    bytes: { offset: 2, length: 2 },
  });
  expect(report.findings[2]).toMatchObject({
    message: 'the client may not send READ in OVER',
    expected: 'nothing',
    bytes: { offset: 1, length: 1 },
  });
});

test('a table may be that of an edition, and its code stand in a field of another name', () => {
  const head = [uint('type', 1, { labels: { 9: 'carried' } }), uint('kind', 1)] as const;
  const of = (edition: string, rows: Parameters<typeof defineMessages>[1]) =>
    defineMessages(head, rows, { edition, code: 'kind' });
  const [old, recent] = [of('1', { A: [1, '1', 'a'] }), of('2', { B: [1, '2', 'b'], A: [2, '1', 'a'] })];
  const [a, b] = [old.layouts[0], recent.layouts[0]];
  expect([a, b].map(({ name, edition, code, fields }) => [name, edition, code, fields.kind.labels])).toEqual([
    ['A', '1', 1, { 1: 'A' }],
    ['B', '2', 1, { 1: 'B' }],
  ]);
  expect(a.fields.type.labels).toEqual({ 9: 'carried' });
  const message = new Message();
  message.assign(hex('09 02'), 0, 2, 2);
  expect([old.find(message, true), recent.find(message, true)]).toEqual([-1, 1]);
  expect(() => defineMessages(head, { A: [1, '1', 'a'] }, { code: 'sort' })).toThrow('the head has no field sort');
});

test('what no field can describe of a message is told by its author, behind the fields', async () => {
  const told = (at: number) => ({
    name: `byte${at}`,
    title: 'Byte',
    offset: at,
    length: 1,
    value: at,
    meaning: '',
    clause: '1',
  });
  const rows = { A: [1, '1', 'holds bytes'], B: [2, '2', 'holds nothing'] } as const;
  const own = defineMessages(uint('type', 1), rows, {
    describe: { A: ({ length }) => [{ ...told(length - 1), display: 'the last', cut: false }] },
  });
  const machine = { states: ['ON'], client: {}, server: {}, otherwise: stay } as const;
  const form = malformed<Exchange<typeof own>>({ id: 'reading/malformed', clause: '1' });
  const protocol = defineProtocol({
    ...spec,
    waits: {},
    opening: ['A'],
    carriers: [udp()],
    messages: own,
    machine,
    rules: [form],
  });
  expect(contractProblems(protocol)).toEqual([]);
  const { messages: seen, findings } = await check(protocol, talk('> 01 aa bb', '> 02 aa'), {
    decodeAs: ['udp.port==2000,reading'],
  });
  expect(seen.map(({ fields }) => fields)).toEqual([
    { type: 1, byte2: 2 },
    { type: 2, trailing: 'aa' },
  ]);
  expect(findings).toEqual(['reading/malformed 2']);
});

describe('recognition', () => {
  const known = async (traffic: Traffic) => (await check(reading, traffic)).messages.length;

  test('goes by the first bytes, any of the alternatives', async () => {
    expect(await known(talk('> 07 03 0011'))).toBe(1);
    expect(await known(talk('> 01 53'))).toBe(1);
    expect(await known(talk('> 02 53'))).toBe(0);
    expect(await known(talk('> 07 03 00'))).toBe(0);
  });

  test('on a stream waits for enough of them', async () => {
    const traffic = new Traffic();
    traffic.connect(CLIENT, SERVER).client('0004', { cut: 1 }).client('07 03 0011', { cut: 1 });
    const protocol = defineProtocol({ ...spec, opensWith: { client: '0004 .. 03' } });
    expect((await check(protocol, traffic)).messages.map(({ name }) => name)).toEqual(['READ']);
  });

  test('is told in words', () => {
    expect(reading.recognition).toBe('.. 03 .... | 01 53 as the first bytes of the client');
  });
});

const spec = {
  id: 'reading',
  title: 'READING',
  summary: 'reads, for tests',
  specification: 'READING, edition 1',
  carriers: [tcp('length16')],
  messages,
  machine: {
    states: ['OPEN', 'OVER'],
    client: { OPEN: { READ: stay, STOP: 'OVER' } },
    server: { OPEN: { DATA: stay, STOP: 'OVER' } },
    otherwise: breaks(outOfTurn),
    midstream: 'OPEN',
  },
  opening: ['READ'],
  rules: [badForm, outOfTurn],
} as const;

test('after bytes were lost, goes on with a segment that is nothing but whole messages', async () => {
  const traffic = new Traffic();
  const conversation = traffic.connect(CLIENT, SERVER).client('0004 01 03 0011');
  conversation.client('0004 01 03 0012', { captured: false }).client('0004 01 03 0013 0004 01 03 0014');
  const { messages: seen, connections } = await check(defineProtocol(spec), traffic, {
    decodeAs: ['tcp.port==2000,reading'],
  });
  expect(seen.map(({ fields }) => fields.address)).toEqual([0x11, 0x13, 0x14]);
  expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
});

test('a rule may go by what the user settled', async () => {
  const longest = rule<Reading>({
    id: 'reading/words',
    severity: 'warning',
    restsOn: 'bytes',
    clause: '3',
    summary: 'words where there are to be none',
    why: 'They are not read.',
    example: 'STOP by',
    on: ['STOP'],
    check: ({ dialect, get }) => dialect.choice('words') === 'yes' || get('words') === '',
  });
  const words = {
    name: 'words',
    kind: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    meaning: 'are there any',
  } as const;
  const protocol = defineProtocol({ ...spec, carriers: [udp()], dialect: [words], rules: [...spec.rules, longest] });
  const settled = (value: string) =>
    check(protocol, talk('> 01 03 0011', '> 01 53 6279'), {
      decodeAs: ['udp.port==2000,reading'],
      dialect: [`reading.words=${value}`],
    });
  expect((await settled('no')).findings).toEqual(['reading/words 2']);
  expect((await settled('yes')).findings).toEqual([]);
});

test('a rule that needs what was not captured is inconclusive', async () => {
  const cut = new Traffic();
  const whole = udpFrame(CLIENT, SERVER, hex('01 53 6162636465'));
  cut.datagram(CLIENT, SERVER, '01 03 0011').frame(whole.subarray(0, whole.length - 3));
  const loud = rule<Reading>({
    id: 'reading/loud',
    severity: 'warning',
    restsOn: 'bytes',
    clause: '3',
    summary: 'words in capitals',
    why: 'It is loud.',
    example: 'STOP BY',
    on: ['STOP'],
    check: ({ get }) => get('words') !== get('words').toUpperCase(),
  });
  const protocol = defineProtocol({ ...spec, carriers: [udp()], rules: [...spec.rules, loud] });
  const { report } = await check(protocol, cut, { decodeAs: ['udp.port==2000,reading'] });
  expect(tally(report, 'reading/loud')).toEqual([0, 0, 1]);
  expect(report.connections).toMatchObject([{ verdict: 'inconclusive', reasons: [{ kind: 'cut' }] }]);
});

test('a message whose type was not captured may have been any: it has no fault, and what follows is not held against it', async () => {
  const whole = udpFrame(CLIENT, SERVER, hex('01 53 6162'));
  const cut = whole.subarray(0, whole.length - 3);
  const traffic = new Traffic()
    .datagram(CLIENT, SERVER, '01 03 0011')
    .frame(cut)
    .datagram(CLIENT, SERVER, '01 03 0012');
  const protocol = defineProtocol({ ...spec, carriers: [udp()] });
  const { report } = await check(protocol, traffic, { decodeAs: ['udp.port==2000,reading'] });
  expect(report.findings).toEqual([]);
  expect(tally(report, 'reading/malformed')).toEqual([2, 0, 1]);
  expect(report.connections).toMatchObject([{ verdict: 'inconclusive', reasons: [{ kind: 'cut' }] }]);
});

test('a memory that cannot take what was not captured makes its connection inconclusive', async () => {
  const whole = udpFrame(CLIENT, SERVER, hex('01 53 6162636465'));
  const cut = new Traffic().datagram(CLIENT, SERVER, '01 03 0011').frame(whole.subarray(0, whole.length - 3));
  const protocol = defineProtocol({
    ...spec,
    carriers: [udp()],
    rules: [],
    remember: () => ({ words: '' }),
    take: ({ name, get, memory }) => {
      if (name === 'STOP') memory.words = get('words');
    },
  });
  const { connections, findings } = await check(protocol, cut, { decodeAs: ['udp.port==2000,reading'] });
  expect(findings).toEqual([]);
  expect(connections).toMatchObject([{ verdict: 'inconclusive', reasons: [{ kind: 'cut' }] }]);
});

describe('a typo does not compile:', () => {
  const head = { severity: 'error', restsOn: 'bytes', clause: '1', summary: 's', why: 'W.', example: 'e' } as const;

  test('a message, a field, a state, a wait that there is not', () => {
    // @ts-expect-error: no message has this name
    rule<Reading>({ ...head, id: 'reading/a', on: ['REED'] });
    // @ts-expect-error: no message has this field
    rule<Reading>({ ...head, id: 'reading/b', on: ['READ'], check: ({ get }) => get('adress') > 0 });
    // @ts-expect-error: text is no number
    rule<Reading>({ ...head, id: 'reading/c', on: ['STOP'], check: ({ get }) => get('words') + 1 === 2 });
    // @ts-expect-error: no message has this field
    rule<Reading>({ ...head, id: 'reading/d', describe: () => ({ message: 'm', expected: 'e', at: 'adress' }) });
    // @ts-expect-error: there is no wait
    rule<Reading>({ ...head, id: 'reading/e', on: ['READ'], check: ({ waits }) => waits.lookup.free });
    const { machine } = spec;
    // @ts-expect-error: no state is called so
    expect(() => defineProtocol({ ...spec, machine: { ...machine, client: { OPENED: { READ: stay } } } })).toThrow();
    // @ts-expect-error: no message is called so
    expect(() => defineProtocol({ ...spec, machine: { ...machine, client: { OPEN: { REED: stay } } } })).toThrow();
    // @ts-expect-error: no message is called so
    expect(() => defineProtocol({ ...spec, waits: { w: { asks: 'REED', answers: 'DATA' } } })).toThrow();
    const wait = { asks: 'READ', answers: 'DATA' } as const;
    // @ts-expect-error: no state is called so
    expect(() => defineProtocol({ ...spec, waits: { w: { ...wait, in: 'OPENED' } } })).toThrow();
  });
});

describe('tables that do not fit are refused:', () => {
  test.each([
    [
      'two messages of one code',
      () => defineMessages(uint('type', 1), { A: [1, '1', 'a'], B: [1, '1', 'b'] }),
      /A and B|B and A/,
    ],
    [
      'a code of too many letters',
      () => defineMessages(uint('type', 1), { A: ['HELLO', '1', 'a'] }),
      /1 to 4 characters/,
    ],
    [
      'a description of a message that there is not',
      () => defineMessages(uint('type', 1), { A: [1, '1', 'a'] }, { describe: { B: () => [] } as never }),
      /B is no message/,
    ],
    ['bytes that are none', () => defineProtocol({ ...spec, opensWith: { client: '0x01' } }), /not bytes in hex/],
    [
      'a wait for a message that there is not',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'REED' as 'READ', answers: 'DATA' } } }),
      /REED is no message/,
    ],
    [
      'a wait in a state that there is not',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'READ', answers: 'DATA', in: ['OPENED' as 'OPEN'] } } }),
      /wait w: OPENED is no state/,
    ],
    [
      'a key that a message has not',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'READ', answers: 'DATA', by: 'address' } } }),
      /DATA has no field address/,
    ],
    [
      'a key of no fixed size',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'STOP', answers: 'STOP', by: 'words' } } }),
      /no fixed size/,
    ],
    [
      'a rule for what is overdue, and no time',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'READ', answers: 'DATA', overdue: outOfTurn } } }),
      /no time/,
    ],
    [
      'a note that no request has',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'READ', answers: 'DATA', notes: 'words' } } }),
      /no message that asks has a field words/,
    ],
    [
      'a note that is no integer',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'STOP', answers: 'DATA', notes: 'words' } } }),
      /words is no integer/,
    ],
    [
      'requests that come again, and no key',
      () => defineProtocol({ ...spec, waits: { w: { asks: 'READ', answers: 'DATA', resent: true } } }),
      /say by what/,
    ],
    [
      'a machine with a hole',
      () => defineProtocol({ ...spec, machine: { ...spec.machine, otherwise: undefined } as never }),
      /no cell for client, OPEN, receives READ/,
    ],
  ])('%s', (_, define, words) => {
    expect(define).toThrow(words);
  });
});
