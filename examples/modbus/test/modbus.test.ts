import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, contractProblems, Traffic } from 'wirelint/testkit';
import modbus from '../src/index.ts';
import { CLIENT, conversation, faulty, message, SERVER, SOUND, type Turn } from './conversations.ts';

const PORT = { decodeAs: ['tcp.port==502,modbus'] };

test('Modbus/TCP is a protocol', () => {
  assert.deepEqual(contractProblems(modbus), []);
});

describe('a sound conversation', () => {
  test('breaks no rule, however it is cut, and is recognised without a port', async () => {
    for (const cut of [undefined, 1, 5, 7]) {
      const { findings, connections } = await check(modbus, conversation(SOUND, cut));
      assert.deepEqual(findings, []);
      assert.deepEqual(
        connections.map(({ messages, verdict }) => [messages, verdict]),
        [[20, 'conformant']],
      );
    }
  });

  test('is dissected: one code is a message a direction', async () => {
    const { messages } = await check(modbus, conversation(SOUND));
    assert.deepEqual(
      messages.map(({ name }) => name),
      [
        ...['READ-COILS', 'READ-HOLDING-REGISTERS', 'HOLDING-REGISTERS', 'COILS'],
        ...['READ-DISCRETE-INPUTS', 'DISCRETE-INPUTS', 'READ-INPUT-REGISTERS', 'INPUT-REGISTERS'],
        ...['WRITE-COIL', 'WRITE-REGISTER', 'COIL-WRITTEN', 'REGISTER-WRITTEN'],
        ...['WRITE-COILS', 'WRITE-REGISTERS', 'COILS-WRITTEN', 'REGISTERS-WRITTEN'],
        ...['REQUEST', 'READ-HOLDING-REGISTERS', 'RESPONSE', 'EXCEPTION'],
      ],
    );
    const { transaction, unit, type, byteCount, data } = messages[2].fields;
    assert.deepEqual(
      { transaction, unit, type, byteCount, data },
      {
        transaction: 2,
        unit: 1,
        type: 3,
        byteCount: 4,
        data: '000a000b',
      },
    );
    assert.equal(messages[19].fields.code, 2);
  });
});

interface Case {
  readonly rule: string;
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly frame: number;
}

const READ: Turn = ['client', message(1, '03 0000 0002')];

/** Conversations that break one rule, once. Frames 1 to 3 are the handshake; each turn takes the next one. */
const CASES: readonly Case[] = [
  { rule: 'modbus/malformed', name: 'too short', turns: [['client', message(1, '03 00')]], frame: 4 },
  { rule: 'modbus/malformed', name: 'too long', turns: [['client', message(1, '03 0000 0002 00')]], frame: 4 },
  { rule: 'modbus/malformed', name: 'function 0', turns: [['client', message(1, '00')]], frame: 4 },
  { rule: 'modbus/malformed', name: 'an exception of the client', turns: [['client', message(1, '83 01')]], frame: 4 },
  { rule: 'modbus/malformed', name: 'no function', turns: [['client', message(1, '')]], frame: 4 },
  {
    rule: 'modbus/protocol-id',
    name: 'another protocol',
    turns: [['client', message(1, '03 0000 0002', { protocol: 1 })]],
    frame: 4,
  },
  { rule: 'modbus/quantity', name: 'no coil', turns: [['client', message(1, '01 0000 0000')]], frame: 4 },
  { rule: 'modbus/quantity', name: '2001 coils', turns: [['client', message(1, '01 0000 07d1')]], frame: 4 },
  { rule: 'modbus/quantity', name: '126 registers', turns: [['client', message(1, '03 0000 007e')]], frame: 4 },
  { rule: 'modbus/quantity', name: 'nothing to write', turns: [['client', message(1, '10 0000 0000 00')]], frame: 4 },
  {
    rule: 'modbus/byte-count',
    name: 'more than there is, in a request',
    turns: [['client', message(1, '10 0000 0002 04 1234')]],
    frame: 4,
  },
  {
    rule: 'modbus/byte-count',
    name: 'another one than the quantity takes',
    turns: [['client', message(1, '0f 0000 0009 01 ff')]],
    frame: 4,
  },
  {
    rule: 'modbus/byte-count',
    name: 'less than was asked for',
    turns: [READ, ['server', message(1, '03 02 0001')]],
    frame: 5,
  },
  {
    rule: 'modbus/byte-count',
    name: 'more than there is, in a response',
    turns: [READ, ['server', message(1, '03 04 0001')]],
    frame: 5,
  },
  {
    rule: 'modbus/unsolicited',
    name: 'another transaction',
    turns: [READ, ['server', message(2, '03 04 0001 0002')]],
    frame: 5,
  },
  {
    rule: 'modbus/unsolicited',
    name: 'another unit',
    turns: [READ, ['server', message(1, '83 02', { unit: 2 })]],
    frame: 5,
  },
  {
    rule: 'modbus/unsolicited',
    name: 'a second response',
    turns: [READ, ['server', message(1, '83 02'), message(1, '83 02')]],
    frame: 5,
  },
  { rule: 'modbus/other-function', name: 'inputs', turns: [READ, ['server', message(1, '04 02 0001')]], frame: 5 },
  { rule: 'modbus/other-function', name: 'its exception', turns: [READ, ['server', message(1, '84 02')]], frame: 5 },
  { rule: 'modbus/exception-code', name: '9', turns: [READ, ['server', message(1, '83 09')]], frame: 5 },
];

describe('a conversation that breaks one rule', () => {
  for (const { rule, name, turns, frame } of CASES) {
    test(`${rule}: ${name}`, async () => {
      for (const cut of [undefined, 2]) {
        const { findings } = await check(modbus, conversation(turns, cut), PORT);
        if (cut === undefined) assert.deepEqual(findings, [`${rule} ${frame}`]);
        else
          assert.deepEqual(
            findings.map(id => id.split(' ')[0]),
            [rule],
          );
      }
    });
  }

  test('is there for each rule', () => {
    const rules = modbus.rules.map(({ id }) => id);
    assert.deepEqual(
      rules.filter(id => !CASES.some(({ rule }) => rule === id)),
      [],
    );
  });
});

test('a finding says where and who, and which request it looks back to', async () => {
  const { report } = await check(modbus, faulty());
  assert.deepEqual(
    report.findings.map(({ ruleId, frame, atFault, bytes, relatedFrames }) => {
      return { ruleId, frame, atFault, bytes, relatedFrames };
    }),
    [
      { ruleId: 'modbus/unsolicited', frame: 6, atFault: SERVER, bytes: { offset: 0, length: 2 }, relatedFrames: [] },
      { ruleId: 'modbus/byte-count', frame: 8, atFault: SERVER, bytes: { offset: 8, length: 1 }, relatedFrames: [7] },
    ],
  );
});

test('what was not seen is not judged: a connection met in the middle, and one with a hole', async () => {
  const late = new Traffic();
  late.join(CLIENT, SERVER).server(message(7, '03 02 0001')).client(message(8, '03 0000 0001'));
  const holed = new Traffic();
  const talk = holed.connect(CLIENT, SERVER).client(message(1, '03 0000 0001'), { captured: false });
  talk.server(message(1, '03 02 0001'));
  for (const traffic of [late, holed]) {
    const { findings, connections } = await check(modbus, traffic, PORT);
    assert.deepEqual([findings, connections.map(({ verdict }) => verdict)], [[], ['inconclusive']]);
  }
});
